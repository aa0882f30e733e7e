/* SPDX-License-Identifier: BSD-3-Clause */
/* Sizes, each a part of the memory between a least and a most. */
#include "budget.h"

enum {
    MAX_BUCKETS = 4096, /* of all ranks together: each has its own open cache line while mapping */
    MIN_BUCKETS = 16,   /* of one rank, so that partitions fit its cache */
    BUCKET_BYTES = 64 << 10,  /* no more buckets than memory for this much in each; */
    SPILLED_BYTES = 32 << 10, /* for this much where they come back from a disk, with more than
                                 memory holds: in few pieces each (with 3 ranks of 6M and 400 MB
                                 of text 40 % less time) */
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

static size_t buckets_of(size_t memory_bytes, size_t ranks, size_t bucket_bytes)
{
    size_t all = least(memory_bytes / bucket_bytes, MAX_BUCKETS);
    size_t each = all / ranks > MIN_BUCKETS ? all / ranks : MIN_BUCKETS;
    return each * ranks * bucket_bytes / 16 > memory_bytes ? 1 : each;
}

struct budget budget_of(size_t memory_bytes, size_t ranks, size_t block_bytes, bool spills)
{
    size_t slab = least(memory_bytes / 64, SLAB_MAX_BYTES);
    return (struct budget){
        .memory_bytes = memory_bytes,
        .buckets = buckets_of(memory_bytes, ranks, spills ? SPILLED_BYTES : BUCKET_BYTES),
        .outbox_bytes = least(memory_bytes / 16, OUTBOX_MAX_BYTES),
        .round_bytes = least(memory_bytes / 16, ROUND_MAX_BYTES),
        .block_bytes = least(block_bytes, memory_bytes / 8),
        .slab_bytes = slab < SLAB_MIN_BYTES ? SLAB_MIN_BYTES : slab,
        /* What comes from the disk is large when it is sorted. */
        .spare_bytes = spills ? memory_bytes / 8 : least(memory_bytes / 8, SPARE_MAX_BYTES),
        .records_bytes = memory_bytes,
    };
}

/* Beside the records: the table of the combiner, what is collected and what arrives meanwhile, what
 * is needed to sort, blocks of text, chunks that are not full; and a twentieth, because ranks
 * do not have the same. */
uint64_t budget_holds(uint64_t memory_bytes, size_t ranks)
{
    enum { FIXED_BYTES = 2 << 20, TABLE_MAX_BYTES = 16 << 20, FULL_PERCENT = 90 };
    const struct budget budget = budget_of(memory_bytes, ranks, 256 << 10, false);
    const uint64_t beside = FIXED_BYTES + least(memory_bytes / 16, TABLE_MAX_BYTES)
                          + budget.spare_bytes + budget.outbox_bytes * 5 / 2
                          + (ranks > 1 ? budget.round_bytes : 0);
    return memory_bytes > beside ? (memory_bytes - beside) / 105 * FULL_PERCENT : 0;
}

uint64_t budget_needed(uint64_t record_bytes, size_t ranks)
{
    uint64_t low = 0, high = 1; /* in MB; the first is too little, the second enough */
    while (budget_holds(high << 20, ranks) < record_bytes && high < UINT64_C(1) << 43)
        high *= 2;
    while (low + 1 < high) {
        const uint64_t middle = low + (high - low) / 2;
        if (budget_holds(middle << 20, ranks) < record_bytes)
            low = middle;
        else
            high = middle;
    }
    return high << 20;
}
