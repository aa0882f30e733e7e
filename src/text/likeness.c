/* SPDX-License-Identifier: BSD-3-Clause */
/* Wagner and Fischer's table, with the step for two neighbours that changed their places. */
#include "text/likeness.h"

#include <stdint.h>
#include <string.h>

enum { LEN_MAX = 63, LONG_LEN = 6 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

size_t likeness_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t rows[3][LEN_MAX + 1], *last = rows[0], *this = rows[1], *before = rows[2];
    if (a_len > LEN_MAX || b_len > LEN_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_len; j++)
        last[j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        this[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            this[j] = least(last[j - 1] + (a[i - 1] != b[j - 1]), least(last[j], this[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                this[j] = least(this[j], before[j - 2] + 1);
        }
        size_t *oldest = before;
        before = last;
        last = this;
        this = oldest;
    }
    return last[b_len];
}

void likeness_try(struct likeness *likeness, const char *name)
{
    const size_t distance =
        likeness_distance(likeness->given, likeness->given_len, name, strlen(name));
    const size_t most = likeness->given_len < LONG_LEN ? 1 : 2;
    if (distance <= most && (!likeness->best || distance < likeness->distance)) {
        likeness->best = name;
        likeness->distance = distance;
    }
}
