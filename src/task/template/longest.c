/* SPDX-License-Identifier: BSD-3-Clause */
/* A plug-in to begin with: how long tasks are. Copy it, then build your copy as this is built:
 *
 *     cc -O2 -Wall -shared -fPIC -Iinclude -o build/longest.so src/task/template/longest.c
 *
 * task.h is all that it needs; where mpiwc is installed it lies in PREFIX/include/mpiwc. */
#include "task.h"

/* Called once for each task. Whatever goes through `call` is kept only if this returns 0. */
static int run(void *state, const struct task_call *call, const void *data, size_t len)
{
    (void)state; /* what init stored; this plug-in has none */
    (void)data;  /* `len` bytes, any of 256 values, and no NUL behind them */
    if (len == 0)
        return call->fail(call, "the task is empty"); /* this task fails, the others go on */

    /* Over all tasks: how many bytes they are together, and how many the longest has. */
    if (call->sum(call, "bytes", 5, (int64_t)len) != 0)
        return -1;
    return call->maximum(call, "longest", 7, (int64_t)len);
}

/* The one symbol that is looked for. */
TASK_EXPORT const struct task task_plugin = {
    .abi = TASK_ABI,
    .name = "longest",
    .run = run,
};
