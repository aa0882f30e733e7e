/* SPDX-License-Identifier: BSD-3-Clause */
/* The reader, as others see it. Only what the public header declares is visible in the library. */
#pragma GCC visibility push(default)
#include "mpiwc/counts.h"
#pragma GCC visibility pop

#include "counts/counts_reader.h"

#include <stdlib.h>

struct mpiwc_counts {
    struct mem mem;
    struct fail fail;
    struct counts_reader reader;
    char path[]; /* the reader borrows it */
};

_Static_assert(sizeof(((struct mpiwc_counts_totals *)0)->of)
                   == sizeof(((struct counts_totals *)0)->of),
               "both know the same counts of counts");

int mpiwc_counts_open(struct mpiwc_counts **counts, const char *path)
{
    const size_t len = strlen(path) + 1;
    struct mpiwc_counts *made = calloc(1, sizeof *made + len);
    *counts = made;
    if (!made)
        return -1;
    made->mem.limit_bytes = SIZE_MAX;
    memcpy(made->path, path, len);
    return counts_reader_open(&made->reader, &made->mem, made->path, &made->fail) ? 0 : -1;
}

static bool is_sound(const struct mpiwc_counts *counts)
{
    return counts && counts->fail.code == FAIL_NONE;
}

int mpiwc_counts_next(struct mpiwc_counts *counts, const uint8_t **key, size_t *len,
                      uint64_t *count)
{
    if (!is_sound(counts))
        return -1;
    if (!counts_reader_next(&counts->reader, &counts->fail))
        return is_sound(counts) ? 0 : -1;
    *key = counts->reader.key;
    *len = counts->reader.key_len;
    *count = counts->reader.count;
    return 1;
}

int mpiwc_counts_seek(struct mpiwc_counts *counts, const void *key, size_t len)
{
    const bool ok =
        is_sound(counts) && counts_reader_seek(&counts->reader, key ? key : "", len, &counts->fail);
    return ok ? 0 : -1;
}

int mpiwc_counts_get(struct mpiwc_counts *counts, const void *key, size_t len, uint64_t *count)
{
    bool found;
    *count = 0;
    if (!is_sound(counts)
        || !counts_reader_get(&counts->reader, key ? key : "", len, &found, count, &counts->fail))
        return -1;
    return found;
}

void mpiwc_counts_totals(const struct mpiwc_counts *counts, struct mpiwc_counts_totals *totals)
{
    const struct counts_totals *all = &counts->reader.path.footer.totals;
    *totals = (struct mpiwc_counts_totals){.keys = all->records,
                                           .sum = (uint64_t)all->sum,
                                           .sum_high = (uint64_t)(all->sum >> 64),
                                           .key_bytes = all->key_bytes,
                                           .longest_key = all->longest,
                                           .largest_count = all->largest};
    memcpy(totals->of, all->of, sizeof totals->of);
}

const char *mpiwc_counts_rule(const struct mpiwc_counts *counts, const char *name, size_t *len)
{
    return counts_meta_get(&counts->reader.meta, name, len);
}

const char *mpiwc_counts_error(const struct mpiwc_counts *counts)
{
    return counts ? counts->fail.text : "not enough memory";
}

void mpiwc_counts_close(struct mpiwc_counts *counts)
{
    if (!counts)
        return;
    counts_reader_close(&counts->reader);
    free(counts);
}
