/* SPDX-License-Identifier: BSD-3-Clause */
/* find: where bytes of up to three kinds are, for mappers whose records end at a few bytes.
 *
 * The kernels are those of scan.h in other clothes: a mask of 64 bytes at a time, then the
 * positions of its bits. */
#ifndef FIND_H
#define FIND_H

#include <stddef.h>
#include <stdint.h>

enum {
    FIND_MAX_BYTES = 512,           /* longest stretch in one call: what is found fits the stack */
    FIND_ROOM = FIND_MAX_BYTES + 8, /* that `at` must have: kernels write eight at a time */
};

/* Which bytes to find; those that are not needed repeat others. */
struct find_set {
    uint8_t bytes[3];
};

/* Local. Writes the offsets from `bytes` of those in bytes[from, from + len) that are in the set,
 * in order, and returns how many. Reads up to 63 bytes more and ignores them. len <=
 * FIND_MAX_BYTES; from + len < 2^32. */
typedef size_t find_kernel(const uint8_t *bytes, size_t from, size_t len, struct find_set set,
                           uint32_t *at);

find_kernel find_swar;
#if defined(__x86_64__)
find_kernel find_sse2, find_avx2, find_avx512;
#endif
#if defined(__aarch64__)
find_kernel find_neon;
#endif

#endif
