/* SPDX-License-Identifier: BSD-3-Clause */
/* Scan kernel for AVX2. A delimiter is the byte that a table, looked up by the low half of the
 * byte, holds at that place: one shuffle and one compare. (Place 0 holds the space; bytes from 0x80
 * look up 0, which they are not.) */
#if defined(__x86_64__)
#include "text/scan_core.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx2,bmi,popcnt")))

TARGET static inline uint64_t mask(const uint8_t *bytes)
{
    const __m256i table = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(' ', -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', '\v', '\f', '\r', -1, -1));
    uint64_t gap = 0;
    for (int i = 0; i < 2; i++) {
        __m256i text = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32 * i));
        __m256i same = _mm256_cmpeq_epi8(_mm256_shuffle_epi8(table, text), text);
        gap |= (uint64_t)(uint32_t)_mm256_movemask_epi8(same) << 32 * i;
    }
    return gap;
}

TARGET size_t scan_avx2(const uint8_t *bytes, size_t from, size_t len, uint32_t *edges,
                        uint64_t *gap_bytes)
{
    return scan_core(bytes, from, len, edges, gap_bytes, mask);
}
#endif
