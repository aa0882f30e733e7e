/* SPDX-License-Identifier: BSD-3-Clause */
/* Scan kernel for AVX-512 with VBMI2: the mask is one shuffle and one compare of 64 bytes (as in
 * scan_avx2.c), and vpcompressb writes the positions of all its edges at once: twice the speed of
 * taking them out one by one. */
#if defined(__x86_64__)
#include "text/scan.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx2,bmi,popcnt,avx512f,avx512bw,avx512vbmi2")))

/* Sixteen offsets within 64 bytes, widened and moved to `at`. */
TARGET static inline void put(uint32_t *edge, __m128i offsets, __m512i at)
{
    _mm512_storeu_si512(edge, _mm512_add_epi32(_mm512_cvtepu8_epi32(offsets), at));
}

TARGET size_t scan_avx512(const uint8_t *bytes, size_t from, size_t len, uint32_t *edges,
                          uint64_t *gap_bytes)
{
    static const uint8_t offsets[64] __attribute__((aligned(64))) = {
        0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
        22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43,
        44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63,
    };
    const __m512i table = _mm512_broadcast_i32x4(
        _mm_setr_epi8(' ', -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', '\v', '\f', '\r', -1, -1));
    const __m512i all = _mm512_load_si512(offsets);
    uint64_t before = 1;
    uint64_t gaps = 0;
    uint32_t *edge = edges;
    for (size_t i = 0; i < len; i += 64) {
        uint64_t inside = len - i < 64 ? UINT64_MAX >> (64 - (len - i)) : UINT64_MAX;
        __m512i text = _mm512_loadu_si512(bytes + from + i);
        uint64_t gap = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(table, text), text);
        uint64_t change = (gap ^ (gap << 1 | before)) & inside;
        int changes = __builtin_popcountll(change);
        gaps += (uint64_t)__builtin_popcountll(gap & inside);
        before = gap >> 63;

        __m512i found = _mm512_maskz_compress_epi8(change, all);
        __m512i at = _mm512_set1_epi32((int)(from + i));
        put(edge, _mm512_castsi512_si128(found), at);
        put(edge + 16, _mm512_extracti32x4_epi32(found, 1), at);
        if (__builtin_expect(changes > 32, 0)) {
            put(edge + 32, _mm512_extracti32x4_epi32(found, 2), at);
            put(edge + 48, _mm512_extracti32x4_epi32(found, 3), at);
        }
        edge += changes;
    }
    *gap_bytes += gaps;
    return (size_t)(edge - edges);
}
#endif
