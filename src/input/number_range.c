/* SPDX-License-Identifier: BSD-3-Clause */
/* Stretch i of n numbers in p parts begins at i n / p, counted in 128 bits. */
#include "input/number_range.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* A number, and that `then` follows it, which is skipped. */
static bool number(const char **text, const char *then, int64_t *value)
{
    char *end;
    errno = 0;
    *value = strtoll(*text, &end, 10);
    if (errno || end == *text || **text == ' ' || **text == '+')
        return false;
    for (*text = end; *then; then++)
        if (*(*text)++ != *then)
            return false;
    return true;
}

static uint64_t numbers(const struct number_range *range)
{
    return (uint64_t)range->last - (uint64_t)range->first + 1;
}

bool number_range_parse(const char *text, struct number_range *range)
{
    int64_t parts;
    if (!number(&text, "..", &range->first) || !number(&text, "", &range->last)
        || range->last < range->first || numbers(range) == 0)
        return false;
    range->parts = numbers(range);
    if (*text == '\0')
        return true;
    if (*text++ != '/' || !number(&text, "", &parts) || *text || parts < 1)
        return false;
    range->parts = (uint64_t)parts;
    return range->parts <= numbers(range);
}

/* The first number of part i, modulo 2^64: behind the largest number comes the smallest. */
static uint64_t begin(const struct number_range *range, uint64_t i)
{
    unsigned __int128 before = (unsigned __int128)numbers(range) * i / range->parts;
    return (uint64_t)range->first + (uint64_t)before;
}

size_t number_range_read(const struct number_range *range, uint64_t *next, char *into, size_t room)
{
    size_t len = 0;
    for (; *next < range->parts && room - len >= NUMBER_RANGE_LINE_BYTES; ++*next) {
        int64_t first = (int64_t)begin(range, *next), last = (int64_t)(begin(range, *next + 1) - 1);
        len += (size_t)snprintf(into + len, NUMBER_RANGE_LINE_BYTES, "%" PRId64 " %" PRId64 "\n",
                                first, last);
    }
    return len;
}
