/* SPDX-License-Identifier: BSD-3-Clause */
/* slow: limits of time in tests hold on a quiet machine; on a busy one they are stretched by
 * WC_TEST_SLOW, a whole number that tests/run and tests/repeat set by the load. */
#ifndef SLOW_H
#define SLOW_H

#include <stdlib.h>

static inline unsigned slow(void)
{
    const char *text = getenv("WC_TEST_SLOW");
    int times = text ? atoi(text) : 1;
    return times > 1 ? (unsigned)times : 1;
}

#endif
