/* SPDX-License-Identifier: BSD-3-Clause */
/* sum-squares: the sum of the squares of a range, one after another, as an example of a value that
 * grows over all tasks. The loop is short: the sum of six million squares no longer fits 64 bits.
 */
#include "task/builtin.h"
#include "task/interval.h"

static int sum(void *state, const struct task_call *call, const void *data, size_t len)
{
    (void)state;
    struct interval range;
    int64_t total = 0;
    if (interval_parse(call, data, len, &range) != 0)
        return -1;
    for (int64_t n = range.first;; n++) {
        int64_t square;
        if (__builtin_mul_overflow(n, n, &square) || __builtin_add_overflow(total, square, &total))
            return call->fail(call, "the sum does not fit 64 bits from %lld on", (long long)n);
        if (n == range.last) /* before n + 1, which may not exist */
            return call->sum(call, "", 0, total);
    }
}

const struct task sum_squares_task = {.abi = TASK_ABI, .name = "sum-squares", .run = sum};
