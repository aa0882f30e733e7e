/* verify: the sums that every run checks itself by. */
#ifndef VERIFY_H
#define VERIFY_H

#include "tally.h"

#include <stdbool.h>
#include <stdint.h>

struct job;

/* Where a rank's records begin and end in the input: the seams to its neighbours. */
struct verify_seam {
    uint64_t known; /* 0: the stretch lies inside one record of another rank, or is empty */
    uint64_t first_file, first_offset;
    uint64_t last_file, last_offset;
    uint64_t last_file_bytes;
};

/* What this rank saw of the input: every byte is counted once, by the rank that owns its record. */
struct verify_input {
    uint64_t record_bytes, gap_bytes;
    struct verify_seam seam;
};

struct verify {
    struct verify_input input;
    struct tally mapped, reduced, kept, sorted; /* kept: what --min-count leaves */
    uint64_t fingerprint; /* sum over words of a hash with a fixed key, of word and count: two runs
                             can compare it */
};

/* Collective. The input was seen once, whole: bytes add up to `input_bytes` and neighbours meet.
 * False, agreed, with FAIL_VERIFY. */
bool verify_input(struct job *job, uint64_t input_bytes);

/* Collective. Two sums over all ranks agree; `from` and `to` name the phases in the error. */
bool verify_tally(struct job *job, const char *from, const struct tally *before, const char *to,
                  const struct tally *after);

#endif
