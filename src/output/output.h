/* SPDX-License-Identifier: BSD-3-Clause */
/* output: the result, written so that it is there whole or not at all.
 *
 * A regular file is written beside its final name, in a temporary `.NAME.wc-XXXXXX` that one writer
 * holds a lock on, and renamed when it is complete and on the disk (see temporary.h). Devices,
 * pipes and standard output are written directly, in order. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "host/mem.h"
#include "output/cleaner.h"

#include <limits.h>
#include <sys/types.h>

struct output {
    int fd;
    bool direct;            /* written in order, nothing to rename */
    bool standard;          /* standard output, by whatever name */
    bool created;           /* what has the temporary name is ours to remove */
    bool committed;         /* it has its final name */
    struct cleaner cleaner; /* of the temporary file */
    mode_t mode;            /* of the final file */
    char name[PATH_MAX];    /* for messages: as the user gave it */
    char path[PATH_MAX];    /* final, symbolic links resolved; empty when direct */
    char temporary[PATH_MAX];
};

/* Local, on the creating rank. Opens `path` for a new result; NULL is standard output. Removes
 * temporary files that killed runs left, and refuses when another run is writing the same result.
 * False with fail set to FAIL_OUTPUT. */
bool output_create(struct output *output, const char *path, struct fail *fail);

/* Local, on the other ranks. Opens the temporary file that the creating rank made, after its struct
 * was copied here. False with fail set. */
bool output_join(struct output *output, struct fail *fail);

/* Local. Writes all bytes; at `offset` unless the output is direct. False with fail set. */
bool output_write(struct output *output, const void *bytes, size_t len, uint64_t offset,
                  struct fail *fail);

/* Local. Brings what this rank wrote to the disk. False with fail set. */
bool output_sync(struct output *output, struct fail *fail);

/* Local, on the creating rank, when all ranks have synced: checks the size, sets the mode, renames,
 * syncs the folder. False with fail set. */
bool output_commit(struct output *output, uint64_t bytes, struct fail *fail);

/* Local, on the creating rank. The same for a file that comes beside the result: until it is closed
 * it can be taken back. */
bool output_commit_beside(struct output *output, uint64_t bytes, struct fail *fail);

/* Local. Undoes output_commit_beside, if there was one: what had the name has it again. */
void output_take_back(struct output *output);

/* Local. Closes, and removes the temporary file if we created it and it was not committed.
 * Idempotent. */
void output_close(struct output *output);

#endif
