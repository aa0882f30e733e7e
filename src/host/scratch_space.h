/* SPDX-License-Identifier: BSD-3-Clause */
/* scratch_space: the folders on the disks of this host where a rank may put what its memory does
 * not hold, and how much of it. Only folders that somebody named: nobody's disk is filled by
 * surprise, and what lies in memory itself (tmpfs) is no help. */
#ifndef SCRATCH_SPACE_H
#define SCRATCH_SPACE_H

#include "host/fail.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

enum { SCRATCH_SPACE_FOLDERS = 16 };

struct scratch_space {
    char folders[SCRATCH_SPACE_FOLDERS][PATH_MAX];
    size_t len;           /* 0: there is none */
    uint64_t limit_bytes; /* of this rank */
    uint64_t used_bytes, peak_bytes;
    uint64_t written_bytes;      /* so far, all that was ever there */
    uint64_t expected_bytes;     /* given: that will be written in all, about; 0: nobody knows */
    void (*step)(void *context); /* given: called now and then while a disk is at work; NULL: nobody
                                    waits */
    void *context;               /* of it, borrowed */
};

/* Local. The folders of a list, separated by commas, that can be written to; without a list that of
 * $TMPDIR, if there is one. `limit_bytes` of the host, 0 for 90 % of what is free, are shared by
 * `ranks` ranks. False with fail set to FAIL_OUTPUT when of those that were named none will do. */
bool scratch_space_init(struct scratch_space *space, const char *folders, uint64_t limit_bytes,
                        int ranks, struct fail *fail);

/* Local. The folders in the order in which to try them for `bytes`: most free space first. Returns
 * how many there are; 0: the limit is reached. */
size_t scratch_space_order(const struct scratch_space *space, uint64_t bytes,
                           size_t order[SCRATCH_SPACE_FOLDERS]);

/* Local. So much more is there, or less. */
void scratch_space_took(struct scratch_space *space, uint64_t bytes);
void scratch_space_gave(struct scratch_space *space, uint64_t bytes);

/* Local. Calls step. */
static inline void scratch_space_step(const struct scratch_space *space)
{
    if (space->step)
        space->step(space->context);
}

/* Local. What is free for this process in all folders, in different file systems. */
uint64_t scratch_space_free(const struct scratch_space *space);

#endif
