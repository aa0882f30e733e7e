/* SPDX-License-Identifier: BSD-3-Clause */
/* outdir: a result that is a folder, there whole or not at all.
 *
 * It is written as `.NAME.wc-XXXXXX.d` beside its final name, see temporary.h, and renamed when it
 * is complete and on the disk. */
#ifndef OUTDIR_H
#define OUTDIR_H

#include "host/fail.h"
#include "output/cleaner.h"

#include <limits.h>
#include <sys/types.h>

struct outdir {
    bool created;           /* what follows is there, and removed on failure */
    int fd;                 /* of the folder, to write files into; -1: there is none yet */
    int lock;               /* of the temporary file */
    mode_t mode;            /* of the final folder */
    struct cleaner cleaner; /* of the temporary file */
    char name[PATH_MAX];    /* for messages: as the user gave it */
    char path[PATH_MAX];    /* final, symbolic links resolved */
    char temporary[PATH_MAX];
    char folder[PATH_MAX]; /* temporary.d */
};

/* Local. Opens a new folder that will be `path`, where nothing or an empty folder may be. Removes
 * what killed runs left, and refuses when another run is writing the same result. False with fail
 * set to FAIL_OUTPUT. */
bool outdir_create(struct outdir *outdir, const char *path, struct fail *fail);

/* Local. Brings all files in the folder to the disk. False with fail set. */
bool outdir_sync(struct outdir *outdir, struct fail *fail);

/* Local. Sets the mode, renames, syncs the folder above. False with fail set. */
bool outdir_commit(struct outdir *outdir, struct fail *fail);

/* Local. Closes, and removes the folder if it was created and not committed. Idempotent. */
void outdir_close(struct outdir *outdir);

#endif
