/* SPDX-License-Identifier: BSD-3-Clause */
/* Sizes, each a part of the memory between a least and a most. */
#include "budget.h"

enum {
    MAX_BUCKETS = 4096, /* of all ranks together: each has its own open cache line while mapping */
    MIN_BUCKETS = 16,   /* of one rank, so that partitions fit its cache */
    BUCKET_BYTES = 64 << 10, /* no more buckets than memory for this much in each */
    OUTBOX_MAX_BYTES = 64 << 20,
    ROUND_MAX_BYTES = 64 << 20,
    SLAB_MIN_BYTES = 64 << 10,
    SLAB_MAX_BYTES = 2 << 20,
    SPARE_MAX_BYTES = 8 << 20,
};

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t buckets_of(size_t memory_bytes, size_t ranks)
{
    size_t all = least(memory_bytes / BUCKET_BYTES, MAX_BUCKETS);
    size_t each = all / ranks > MIN_BUCKETS ? all / ranks : MIN_BUCKETS;
    return each * ranks * BUCKET_BYTES / 16 > memory_bytes ? 1 : each;
}

struct budget budget_of(size_t memory_bytes, size_t ranks, size_t block_bytes)
{
    size_t slab = least(memory_bytes / 64, SLAB_MAX_BYTES);
    return (struct budget){
        .memory_bytes = memory_bytes,
        .buckets = buckets_of(memory_bytes, ranks),
        .outbox_bytes = least(memory_bytes / 16, OUTBOX_MAX_BYTES),
        .round_bytes = least(memory_bytes / 16, ROUND_MAX_BYTES),
        .block_bytes = least(block_bytes, memory_bytes / 8),
        .slab_bytes = slab < SLAB_MIN_BYTES ? SLAB_MIN_BYTES : slab,
        .spare_bytes = least(memory_bytes / 8, SPARE_MAX_BYTES),
        .records_bytes = memory_bytes,
    };
}
