/* SPDX-License-Identifier: BSD-3-Clause */
/* scan_core: what the scan kernels have in common. A kernel is a function that makes the delimiter
 * mask of 64 bytes; this is the loop around it, inlined into each kernel. */
#ifndef SCAN_CORE_H
#define SCAN_CORE_H

#include "text/scan.h"

/* Where the bits of a byte are, and how many. */
struct scan_bits {
    uint16_t at[8];
    uint64_t len;
};
extern const struct scan_bits scan_bits[256];

/* How many bits are set. Without the instruction for it, __builtin_popcountll is a call. */
static inline uint64_t scan_count(uint64_t bits)
{
    bits -= bits >> 1 & 0x5555555555555555u;
    bits = (bits & 0x3333333333333333u) + (bits >> 2 & 0x3333333333333333u);
    return ((bits + (bits >> 4)) & 0x0f0f0f0f0f0f0f0fu) * 0x0101010101010101u >> 56;
}

/* Bit i: byte i of 64 is a delimiter. */
typedef uint64_t scan_mask(const uint8_t *bytes);

static inline __attribute__((always_inline)) size_t scan_core(const uint8_t *bytes, size_t from,
                                                              size_t len, uint32_t *edges,
                                                              uint64_t *gap_bytes, scan_mask *mask)
{
    uint64_t before = 1; /* is the byte before these 64 a delimiter? */
    uint64_t gaps = 0;
    uint32_t *edge = edges;
    for (size_t i = 0; i < len; i += 64) {
        uint64_t inside = len - i < 64 ? UINT64_MAX >> (64 - (len - i)) : UINT64_MAX;
        uint64_t gap = mask(bytes + from + i);
        uint64_t change = (gap ^ (gap << 1 | before)) & inside;
        uint32_t at = (uint32_t)(from + i);
        gaps += scan_count(gap & inside);
        before = gap >> 63;
        /* A byte at a time out of a table: no branch depends on the text, and the eight numbers are
         * one vector. (avx2: 0.55 ns a word, against 1.23 ns taking out bit by bit.) */
        for (int part = 0; part < 8; part++) {
            const struct scan_bits *bits = &scan_bits[(uint8_t)(change >> 8 * part)];
            for (int j = 0; j < 8; j++)
                edge[j] = at + (uint32_t)(8 * part) + bits->at[j];
            edge += bits->len;
        }
    }
    *gap_bytes += gaps;
    return (size_t)(edge - edges);
}

#endif
