/* SPDX-License-Identifier: BSD-3-Clause */
/* verify: the sums that every run checks itself by. */
#ifndef VERIFY_H
#define VERIFY_H

#include "data/tally.h"

#include <stdbool.h>
#include <stdint.h>

struct job;

/* What this rank saw of the input: every byte is counted once, by the rank that owns its record.
 *
 * Every range adds a hash of the place where it ends and subtracts that of the place where it
 * begins. Where two meet both vanish, whoever saw them and in whatever order; what remains over all
 * ranks must be the sum of the ends and beginnings of the files themselves. A place is known by its
 * offset; in an encoded file by a name that all give it who see it. How much text that has nobody
 * knows before: those who decode it say so. */
struct verify_input {
    uint64_t record_bytes, gap_bytes;
    uint64_t decoded_bytes;
    uint64_t boundary_sum; /* of these hashes, modulo 2^64, but for the end of the last range */
    uint64_t file, place;  /* of that end */
};

struct verify {
    struct verify_input input;
    struct tally mapped; /* of the pass at hand */
    struct tally kept;   /* of what was counted, and --min-count leaves: what the result holds */
    bool keys_known;     /* a vocabulary says how many keys all ranks have: */
    uint64_t keys;
};

/* Local. The hash of a place in file number `file`. */
uint64_t verify_place(uint64_t file, uint64_t place);

/* Local. This rank has seen these bytes of a file; what goes on where the last left off costs
 * nothing. */
static inline void verify_add(struct verify_input *seen, uint64_t file, uint64_t begin,
                              uint64_t end)
{
    if (file != seen->file || begin != seen->place)
        seen->boundary_sum += verify_place(seen->file, seen->place) - verify_place(file, begin);
    seen->file = file;
    seen->place = end;
}

/* Collective: Iallreduce. The input was seen once, whole: bytes add up to `input_bytes`, and
 * the boundaries to `boundary_sum`, known to rank 0, unless rank 0 read for all. False, agreed,
 * with FAIL_VERIFY. */
bool verify_input(struct job *job, uint64_t input_bytes, uint64_t boundary_sum);

/* Collective. Two sums over all ranks agree; `from` and `to` name the phases in the error. */
bool verify_tally(struct job *job, const char *from, const struct tally *before, const char *to,
                  const struct tally *after);

#endif
