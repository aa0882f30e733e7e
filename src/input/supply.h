/* SPDX-License-Identifier: BSD-3-Clause */
/* supply: who gives a window its next ranges when it has come to the end of the last. A list that
 * is known from the start needs none; others are asked: the queue of splits on rank 0, or a reader
 * that makes the next part. */
#ifndef SUPPLY_H
#define SUPPLY_H

#include "host/fail.h"

struct window;

enum supply_answer {
    SUPPLY_GIVEN, /* the window has more ranges, or knows that there are none */
    SUPPLY_LATER, /* nothing now: somebody has to do something else first */
    SUPPLY_FAILED /* with fail set */
};

struct supply {
    void *context; /* borrowed */
    /* Gives by window_set or window_feed. NULL: nothing comes but what is set or fed unasked. May
     * ask other ranks, but is no collective. */
    enum supply_answer (*next)(void *context, struct window *window, struct fail *fail);
};

#endif
