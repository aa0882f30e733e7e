/* SPDX-License-Identifier: BSD-3-Clause */
/* Reads the count files of mpiwc, whose layout is in mpiwc-counts(5). Needs no MPI:
 *
 *     cc mine.c -lmpiwc-counts -lxxhash
 *
 * A file that is harmed, cut or hostile is an error with a text, never a wrong count: each block is
 * looked at when its checksum held. What is open belongs to one thread at a time. */
#ifndef MPIWC_COUNTS_H
#define MPIWC_COUNTS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mpiwc_counts;

struct mpiwc_counts_totals {
    uint64_t keys;
    uint64_t sum, sum_high; /* of all counts, 128 bits */
    uint64_t key_bytes;
    uint64_t longest_key; /* bytes */
    uint64_t largest_count;
    uint64_t of[8]; /* how many keys have a count of 1, 2, ... 8 */
};

/* Opens a file, before its first key. 0; or -1, and mpiwc_counts_error says why. *counts is to be
 * closed either way. */
int mpiwc_counts_open(struct mpiwc_counts **counts, const char *path);

/* The next key, in the order of their bytes, and its count. The key is good until the next call. 1;
 * 0 at the end; -1 is an error, from which there is no way on. */
int mpiwc_counts_next(struct mpiwc_counts *counts, const uint8_t **key, size_t *len,
                      uint64_t *count);

/* The next key will be the first that does not come before this one. 0 or -1. */
int mpiwc_counts_seek(struct mpiwc_counts *counts, const void *key, size_t len);

/* Looks a key up. 1; 0, and a count of 0, where it is not in the file; -1. Many keys are found
 * sooner in their order. */
int mpiwc_counts_get(struct mpiwc_counts *counts, const void *key, size_t len, uint64_t *count);

/* What is known of all keys. */
void mpiwc_counts_totals(const struct mpiwc_counts *counts, struct mpiwc_counts_totals *totals);

/* By which rules it was counted: the value of a name, such as "count"; *len bytes, not ended by a
 * NUL. NULL: there is none. */
const char *mpiwc_counts_rule(const struct mpiwc_counts *counts, const char *name, size_t *len);

/* What went wrong, in one line; an empty text: nothing. */
const char *mpiwc_counts_error(const struct mpiwc_counts *counts);

/* NULL is fine. */
void mpiwc_counts_close(struct mpiwc_counts *counts);

#ifdef __cplusplus
}
#endif

#endif
