/* SPDX-License-Identifier: BSD-3-Clause */
/* A plug-in with arguments: tasks are numbers in columns, one result for each task and the least
 * and the greatest number of each column over all tasks. The argument is what parts the columns.
 *
 *     cc -O2 -Wall -shared -fPIC -Iinclude -o build/columns.so src/task/template/columns.c
 */
#include "task.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct columns {
    char separator;
    char line[4096]; /* a copy of the task that ends with a NUL */
};

/* Called once in each process that runs tasks; what it cannot use ends the whole run. */
static int init(const struct task_call *call, const char *arguments, void **state)
{
    if (arguments && strlen(arguments) != 1)
        return call->fail(call, "one character that parts columns is expected: %s", arguments);
    struct columns *columns = malloc(sizeof *columns);
    if (!columns)
        return call->fail(call, "no memory");
    columns->separator = arguments ? *arguments : ' ';
    *state = columns;
    return 0;
}

static int run(void *state, const struct task_call *call, const void *data, size_t len)
{
    struct columns *columns = state;
    char *at = columns->line, *end, key[32], result[64];
    int64_t total = 0;
    int number = 0, status = 0;
    if (len >= sizeof columns->line)
        return call->fail(call, "%zu bytes are more than a line may have", len);
    memcpy(columns->line, data, len);
    columns->line[len] = '\0';

    for (;; at = end + 1) {
        errno = 0;
        int64_t value = strtoll(at, &end, 10);
        if (end == at || errno != 0 || (*end && *end != columns->separator))
            return call->fail(call, "column %d is no number: %s", number + 1, at);
        if (__builtin_add_overflow(total, value, &total))
            return call->fail(call, "the sum does not fit 64 bits");
        size_t key_len = (size_t)snprintf(key, sizeof key, "column %d", ++number);
        status |= call->minimum(call, key, key_len, value);
        status |= call->maximum(call, key, key_len, value);
        if (!*end)
            break;
    }

    size_t result_len = (size_t)snprintf(result, sizeof result, "%lld", (long long)total);
    return status | call->result(call, result, result_len);
}

TASK_EXPORT const struct task task_plugin = {
    .abi = TASK_ABI,
    .name = "columns",
    .init = init,
    .run = run,
    .free = free,
};
