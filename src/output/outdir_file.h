/* SPDX-License-Identifier: BSD-3-Clause */
/* outdir_file: one of the files of a result that is a folder. */
#ifndef OUTDIR_FILE_H
#define OUTDIR_FILE_H

#include "output/outdir.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { OUTDIR_FILE_NAME_BYTES = 24 };

struct outdir_file {
    const struct outdir *outdir; /* borrowed */
    char name[OUTDIR_FILE_NAME_BYTES];
    FILE *stream; /* NULL: not open */
    uint64_t bytes;
};

/* Local. Creates a file, which is not there yet, of that name in the folder. False with fail set to
 * FAIL_OUTPUT. */
bool outdir_file_open(struct outdir_file *file, const struct outdir *outdir, const char *name,
                      struct fail *fail);

/* Local. Appends to it. False with fail set to FAIL_OUTPUT. */
bool outdir_file_add(struct outdir_file *file, const void *bytes, size_t len, struct fail *fail);

/* Local. Closes it when all of it has been written; of one that is not open, nothing. False with
 * fail set to FAIL_OUTPUT. */
bool outdir_file_close(struct outdir_file *file, struct fail *fail);

/* Local. Closes it, whatever has become of it. Idempotent. */
void outdir_file_free(struct outdir_file *file);

#endif
