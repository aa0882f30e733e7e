/* SPDX-License-Identifier: BSD-3-Clause */
/* Scan kernel for any 64-bit machine: eight bytes in a word, exact in each byte because every sum
 * stays below its bit 7. */
#include "text/scan_core.h"

#include <string.h>

#define EACH(byte) (0x0101010101010101u * (byte))

static inline uint64_t eight(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    uint64_t low = word & EACH(0x7f);
    uint64_t not_space = (low ^ EACH(' ')) + EACH(0x7f);
    uint64_t from_tab = low + EACH(0x80 - '\t');
    uint64_t past_cr = low + EACH(0x80 - '\r' - 1);
    uint64_t gap = (~not_space | (from_tab & ~past_cr)) & ~word & EACH(0x80);
    return (gap >> 7) * 0x0102040810204080u >> 56; /* the eight flags side by side */
}

static inline uint64_t mask(const uint8_t *bytes)
{
    uint64_t gap = 0;
    for (int i = 0; i < 8; i++)
        gap |= eight(bytes + 8 * i) << 8 * i;
    return gap;
}

size_t scan_swar(const uint8_t *bytes, size_t from, size_t len, uint32_t *edges,
                 uint64_t *gap_bytes)
{
    return scan_core(bytes, from, len, edges, gap_bytes, mask);
}
