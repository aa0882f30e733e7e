/* SPDX-License-Identifier: BSD-3-Clause */
/* Scan kernel for arm64: the table look-up of scan_avx2.c, and pairwise adds that gather one bit of
 * each byte into a mask. */
#if defined(__aarch64__)
#include "text/scan_core.h"

#include <arm_neon.h>

static inline uint64_t mask(const uint8_t *bytes)
{
    static const uint8_t delimiters[16] = {' ', 255,  255,  255,  255,  255,  255, 255,
                                           255, '\t', '\n', '\v', '\f', '\r', 255, 255};
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    const uint8x16_t table = vld1q_u8(delimiters);
    uint8x16_t part[4];
    for (int i = 0; i < 4; i++) {
        uint8x16_t text = vld1q_u8(bytes + 16 * i);
        uint8x16_t found = vqtbl1q_u8(table, vandq_u8(text, vdupq_n_u8(0x8f)));
        part[i] = vandq_u8(vceqq_u8(found, text), vld1q_u8(bits));
    }
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(part[0], part[1]), vpaddq_u8(part[2], part[3]));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

size_t scan_neon(const uint8_t *bytes, size_t from, size_t len, uint32_t *edges,
                 uint64_t *gap_bytes)
{
    return scan_core(bytes, from, len, edges, gap_bytes, mask);
}
#endif
