/* SPDX-License-Identifier: BSD-3-Clause */
/* mapped: what mappers found in ranges of an encoded file, in all of them together. */
#ifndef MAPPED_H
#define MAPPED_H

#include "mapper/mapper.h"

#include "membered.h"

#include <xxhash.h>

/* What all ranges of a file came to. */
struct mapped {
    struct naive naive;
    uint8_t copies[2 * MEMBERED_TEXT_MAX]; /* of its words */
    size_t copied;
    uint64_t bytes, decoded_bytes, places;
};

static inline uint64_t mapped_hash(uint64_t place)
{
    return XXH3_64bits(&place, sizeof place);
}

static inline void mapped_take(struct mapped *mapped, const struct window *window,
                               const struct cut *cut)
{
    const size_t begin = window->block.begin + cut->skipped_bytes;
    for (size_t i = 0; i < cut->batch.len; i++) {
        const uint32_t *edges = cut->batch.edges + 2 * i;
        const size_t len = edges[1] - edges[0];
        uint8_t *copy = mapped->copies + mapped->copied;
        assert_true(len <= sizeof mapped->copies - mapped->copied);
        memcpy(copy, cut->batch.base + edges[0], len);
        naive_add(&mapped->naive, copy, len, 1);
        mapped->copied += len;
    }
    mapped->bytes += cut->record_bytes + cut->gap_bytes;
    mapped->places +=
        mapped_hash(window_place(window, cut->next)) - mapped_hash(window_place(window, begin));
}

#endif
