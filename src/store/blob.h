/* SPDX-License-Identifier: BSD-3-Clause */
/* blob: what is too large for a row of a database: a folder of files beside it. */
#ifndef BLOB_H
#define BLOB_H

#include "host/fail.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

struct blob {
    char folder[PATH_MAX];
    bool unsynced; /* files were put there, and the folder is not on the disk with their names */
    void *mapped;  /* the file that was read last */
    size_t mapped_bytes;
};

/* Local. Names the folder, which is made when the first file is put there. False with fail set. */
bool blob_init(struct blob *blob, const char *folder, struct fail *fail);

/* Local. Writes a file, over what a crash may have left of it, and brings its bytes to the disk.
 * False with fail set to FAIL_OUTPUT, and no such file. */
bool blob_put(struct blob *blob, const char *name, const uint8_t *bytes, size_t len,
              struct fail *fail);

/* Local. Brings the names of the files to the disk. False with fail set to FAIL_OUTPUT. */
bool blob_sync(struct blob *blob, struct fail *fail);

/* Local. The bytes of a file that must have `len` of them; they belong to the page cache, not to
 * the memory of this rank, and are good until the next call. NULL with fail set to FAIL_INPUT. */
const uint8_t *blob_get(struct blob *blob, const char *name, size_t len, struct fail *fail);

/* Local. Removes the files that `unwanted` says true to. False with fail set. */
bool blob_clear(struct blob *blob, bool (*unwanted)(void *context, const char *name), void *context,
                struct fail *fail);

/* Local. Removes a folder with its files, as far as they are there. */
void blob_remove(const char *folder);

/* Local. Keeps the files. Idempotent. */
void blob_close(struct blob *blob);

#endif
