/* SPDX-License-Identifier: BSD-3-Clause */
/* scan: the kernels that find words, first of two passes.
 *
 * A kernel looks at 64 bytes at a time, makes a mask of the delimiters (space, \t, \n, \v, \f, \r)
 * and writes the position of every change between delimiter and word: a start, an end, a start, ...
 * The second pass walks that list without a branch on the text. (Two passes measured 20 % faster
 * than taking words out of the mask at once, and 2.5 times a byte loop.) */
#ifndef SCAN_H
#define SCAN_H

#include "text/find.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SCAN_MAX_BYTES = 4096, /* longest stretch in one call: its edges stay in L1 */
    SCAN_MAX_EDGES =
        SCAN_MAX_BYTES + 64, /* room that `edges` must have: kernels write whole vectors */
};

/* Local. Writes the edges of bytes[from, from + len) into `edges`, as offsets from `bytes`, and
 * returns how many. The byte before counts as a delimiter; an odd number of edges means that the
 * last word is still open at the end. Adds the number of delimiters to *gap_bytes. Reads up to 63
 * bytes more and ignores them. len <= SCAN_MAX_BYTES; from + len < 2^32. */
typedef size_t scan_kernel(const uint8_t *bytes, size_t from, size_t len, uint32_t *edges,
                           uint64_t *gap_bytes);

struct scan {
    const char *name;
    scan_kernel *kernel;
    find_kernel *find;
};

/* Local. The fastest kernel of this processor, or the one called `name`; NULL when there is none,
 * or not on this processor. */
const struct scan *scan_choose(const char *name);

/* Local. Kernel number i this processor can run, fastest first; NULL past the last. */
const struct scan *scan_at(size_t i);

/* Local. Whether a byte separates words. */
static inline bool scan_is_gap(uint8_t byte)
{
    return byte == ' ' || (uint8_t)(byte - '\t') < 5;
}

/* Local. Offset of the first delimiter in bytes[from, end), or end. */
size_t scan_gap(const uint8_t *bytes, size_t from, size_t end);

/* Local. Offset of the byte after the last delimiter in bytes[0, len), or 0 where there is none. */
size_t scan_last_gap(const uint8_t *bytes, size_t len);

scan_kernel scan_swar;
#if defined(__x86_64__)
scan_kernel scan_sse2, scan_avx2, scan_avx512bw, scan_avx512;
#endif
#if defined(__aarch64__)
scan_kernel scan_neon;
#endif

#endif
