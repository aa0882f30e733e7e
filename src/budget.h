/* SPDX-License-Identifier: BSD-3-Clause */
/* budget: every size that follows from the memory of a rank. All ranks have the same, that of the
 * rank with the least memory. */
#ifndef BUDGET_H
#define BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct budget {
    size_t memory_bytes;  /* of a rank, beyond MPI's own */
    size_t buckets;       /* parts of the hash space that a rank owns */
    size_t outbox_bytes;  /* what a rank collects before it shuffles */
    size_t round_bytes;   /* of an exchange round, in or out */
    size_t block_bytes;   /* of input, read at once */
    size_t slab_bytes;    /* of an arena, taken at once */
    size_t spare_bytes;   /* beside all records: to sort a bin of them and to write text */
    size_t records_bytes; /* of records in memory, at most */
};

/* Local. `block_bytes` is what was asked for; `spills`: there is a disk for what memory does not
 * hold. */
struct budget budget_of(size_t memory_bytes, size_t ranks, size_t block_bytes, bool spills);

/* Local. How many bytes of records of different keys a rank can hold at the end of a count, at
 * least; and in how much memory, whole megabytes, it can hold so many. */
uint64_t budget_holds(uint64_t memory_bytes, size_t ranks);
uint64_t budget_needed(uint64_t record_bytes, size_t ranks);

#endif
