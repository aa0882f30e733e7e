/* scan_core: what the scan kernels have in common. A kernel is a function that makes the delimiter
 * mask of 64 bytes; this is the loop around it, inlined into each kernel. */
#ifndef SCAN_CORE_H
#define SCAN_CORE_H

#include "scan.h"

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
        int changes = __builtin_popcountll(change);
        uint32_t at = (uint32_t)(from + i);
        gaps += (uint64_t)__builtin_popcountll(gap & inside);
        before = gap >> 63;
        /* Eight at a time without asking how many are left: one branch a group, not one a word. */
        for (int done = 0; done < changes; done += 8) {
            for (int j = 0; j < 8; j++) {
                edge[done + j] = at + (uint32_t)__builtin_ctzll(change | (uint64_t)1 << 63);
                change &= change - 1;
            }
        }
        edge += changes;
    }
    *gap_bytes += gaps;
    return (size_t)(edge - edges);
}

#endif
