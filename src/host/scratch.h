/* SPDX-License-Identifier: BSD-3-Clause */
/* scratch: a file without a name, for what is needed again in this run and by nobody else. Nothing
 * of it is left when its process ends, however it ends. */
#ifndef SCRATCH_H
#define SCRATCH_H

#include "host/fail.h"

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

struct scratch {
    int fd;                /* -1: not open */
    char folder[PATH_MAX]; /* for messages; of a log its name */
    bool log;              /* it has a name, and stays */
};

/* Local. Opens a file in the first of the folders of a list, separated by commas, that takes one;
 * without a list, in $TMPDIR, else in `beside`, which may be NULL, else in /var/tmp. False with
 * fail set to FAIL_OUTPUT. */
bool scratch_open(struct scratch *scratch, const char *folders, const char *beside,
                  struct fail *fail);

/* Local. Opens a file in that folder, of which nothing is read but what was asked for or expected.
 * False with fail set to FAIL_OUTPUT. */
bool scratch_open_in(struct scratch *scratch, const char *folder, struct fail *fail);

/* Local. Creates a log, a file that has a name and stays, or opens one to read it. False with fail
 * set, to FAIL_OUTPUT or FAIL_INPUT. */
bool scratch_create_log(struct scratch *scratch, const char *name, struct fail *fail);
bool scratch_open_log(struct scratch *scratch, const char *name, struct fail *fail);

/* Local. What was written of it is on the disk. False with fail set to FAIL_OUTPUT. */
bool scratch_sync(struct scratch *scratch, struct fail *fail);

/* Local. Takes `len` bytes at `offset` of the disk, so that they can be written, where the file
 * system can do that. False with errno set where they are not to be had: ENOSPC, EDQUOT, EFBIG. */
bool scratch_reserve(struct scratch *scratch, uint64_t offset, uint64_t len);

/* Local. What lies behind `len` bytes is gone. */
void scratch_cut(struct scratch *scratch, uint64_t len);

/* Local. These bytes are not needed soon: they are sent on their way to the disk, and those before
 * them, which were, leave the page cache. */
void scratch_put_by(struct scratch *scratch, uint64_t offset, uint64_t len);

/* Local. These bytes are needed soon. */
void scratch_expect(struct scratch *scratch, uint64_t offset, uint64_t len);

/* Local. Writes all bytes at `offset`. False with fail set to FAIL_OUTPUT. */
bool scratch_write(struct scratch *scratch, const void *bytes, size_t len, uint64_t offset,
                   struct fail *fail);

/* Local. Reads back what was written there. False with fail set to FAIL_OUTPUT. */
bool scratch_read(struct scratch *scratch, void *bytes, size_t len, uint64_t offset,
                  struct fail *fail);

/* Local. These bytes are not needed any more: their place on the disk is given back, where the file
 * system can do that. */
void scratch_forget(struct scratch *scratch, uint64_t offset, uint64_t len);

/* Local. Nothing in it is needed any more. */
void scratch_empty(struct scratch *scratch);

/* Local. Idempotent; of one that was never open, too, if its fd is -1. */
void scratch_close(struct scratch *scratch);

#endif
