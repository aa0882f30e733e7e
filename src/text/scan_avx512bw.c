/* SPDX-License-Identifier: BSD-3-Clause */
/* Scan kernel for AVX-512 without VBMI2 (Skylake-SP, Cascade Lake): the mask as in scan_avx512.c;
 * positions are compressed as 32-bit numbers, sixteen at a time, which AVX512F can do. */
#if defined(__x86_64__)
#include "text/scan.h"

#include <immintrin.h>

#define TARGET __attribute__((target("avx2,bmi,popcnt,avx512f,avx512bw")))

TARGET size_t scan_avx512bw(const uint8_t *bytes, size_t from, size_t len, uint32_t *edges,
                            uint64_t *gap_bytes)
{
    const __m512i table = _mm512_broadcast_i32x4(
        _mm_setr_epi8(' ', -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', '\v', '\f', '\r', -1, -1));
    const __m512i first = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    uint64_t before = 1;
    uint64_t gaps = 0;
    uint32_t *edge = edges;
    for (size_t i = 0; i < len; i += 64) {
        uint64_t inside = len - i < 64 ? UINT64_MAX >> (64 - (len - i)) : UINT64_MAX;
        __m512i text = _mm512_loadu_si512(bytes + from + i);
        uint64_t gap = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(table, text), text);
        uint64_t change = (gap ^ (gap << 1 | before)) & inside;
        gaps += (uint64_t)__builtin_popcountll(gap & inside);
        before = gap >> 63;

        __m512i at = _mm512_add_epi32(first, _mm512_set1_epi32((int)(from + i)));
        for (int part = 0; part < 4; part++) {
            __mmask16 some = (__mmask16)(change >> 16 * part);
            _mm512_storeu_si512(edge, _mm512_maskz_compress_epi32(some, at));
            edge += __builtin_popcount(some);
            at = _mm512_add_epi32(at, _mm512_set1_epi32(16));
        }
    }
    *gap_bytes += gaps;
    return (size_t)(edge - edges);
}
#endif
