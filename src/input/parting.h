/* SPDX-License-Identifier: BSD-3-Clause */
/* parting: where bytes may be parted that are read in order, a stretch after another. */
#ifndef PARTING_H
#define PARTING_H

#include <stddef.h>
#include <stdint.h>

/* How far a record has come: all zero where one begins, otherwise for those to know who part. */
struct parting_state {
    uint64_t words[10];
};

struct parting {
    /* Local. The largest offset at or before len where the bytes may be parted without cutting a
     * record; 0 when there is none. *state says how far the record has come before them, and then,
     * if there is no such offset, behind them. */
    size_t (*part)(const void *context, const uint8_t *bytes, size_t len,
                   struct parting_state *state);
    const void *context; /* borrowed */
};

#endif
