/* SPDX-License-Identifier: BSD-3-Clause */
/* `A B`: two decimal integers with blanks around them. */
#include "task/interval.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 64 };

static bool parse_number(const char **at, int64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoll(*at, &end, 10);
    bool ok = end > *at && errno == 0 && (*end == '\0' || isspace((unsigned char)*end));
    *at = end;
    return ok;
}

int interval_parse(const struct task_call *call, const void *data, size_t len,
                   struct interval *range)
{
    char text[TEXT_BYTES + 1] = "";
    const char *at = text;
    if (len > TEXT_BYTES)
        return call->fail(call, "two integers are expected, not %zu bytes", len);
    memcpy(text, data, len);
    bool ok = strlen(text) == len && parse_number(&at, &range->first)
           && parse_number(&at, &range->last) && at[strspn(at, " \t\r")] == '\0';
    if (!ok)
        return call->fail(call, "two integers are expected, not: %s", text);
    if (range->first > range->last)
        return call->fail(call, "the range ends before it begins: %s", text);
    return 0;
}
