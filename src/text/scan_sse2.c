/* SPDX-License-Identifier: BSD-3-Clause */
/* Scan kernel for every x86-64 processor. */
#if defined(__x86_64__)
#include "text/scan_core.h"

#include <emmintrin.h>

static inline uint64_t mask(const uint8_t *bytes)
{
    uint64_t gap = 0;
    for (int i = 0; i < 4; i++) {
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
        __m128i from_tab = _mm_sub_epi8(text, _mm_set1_epi8('\t'));
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(from_tab, _mm_set1_epi8(4)), from_tab);
        __m128i space = _mm_cmpeq_epi8(text, _mm_set1_epi8(' '));
        gap |= (uint64_t)(uint32_t)_mm_movemask_epi8(_mm_or_si128(control, space)) << 16 * i;
    }
    return gap;
}

size_t scan_sse2(const uint8_t *bytes, size_t from, size_t len, uint32_t *edges,
                 uint64_t *gap_bytes)
{
    return scan_core(bytes, from, len, edges, gap_bytes, mask);
}
#endif
