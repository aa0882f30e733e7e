/* SPDX-License-Identifier: BSD-3-Clause */
/* interval: a task that is a range of integers. */
#ifndef INTERVAL_H
#define INTERVAL_H

#include "task.h"

struct interval {
    int64_t first, last; /* both belong to it; first <= last */
};

/* Local. Reads `A B`. 0, or not 0 after call->fail. */
int interval_parse(const struct task_call *call, const void *data, size_t len,
                   struct interval *range);

#endif
