/* SPDX-License-Identifier: BSD-3-Clause */
/* parting: where bytes may be parted that are read in order, a stretch after another. */
#ifndef PARTING_H
#define PARTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What must be known of a file where the bytes begin. */
struct parting_state {
    bool begins;        /* it begins with them */
    uint64_t head;      /* what its beginning says, 0 until it is seen; see window_range */
    bool lost;          /* the bytes do not hold all that must be seen of it */
    uint64_t words[10]; /* how far a record has come: all zero where one begins, otherwise for those
                          to know who part */
};

struct parting {
    /* Local. The largest offset at or before len where the bytes may be parted without cutting a
     * record; 0 when there is none. *state is that before them, and then, if there is no such
     * offset, that behind them. WINDOW_SLACK_BYTES behind them can be read. */
    size_t (*part)(const void *context, const uint8_t *bytes, size_t len,
                   struct parting_state *state);
    const void *context; /* borrowed */
};

#endif
