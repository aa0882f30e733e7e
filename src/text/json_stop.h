/* SPDX-License-Identifier: BSD-3-Clause */
/* json_stop: which of 32 bytes end a plain stretch of a JSON string: a quote, a backslash or a
 * control character. The vectors that every processor of a kind has are enough: the copy of the
 * text costs as much as the search. */
#ifndef JSON_STOP_H
#define JSON_STOP_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { JSON_STOP_BYTES = 32 }; /* that are looked at in one go */

/* Bit i: byte i of 32 is one. Eight bytes in a word, exact in each because no sum leaves its
 * byte. */
static inline uint32_t json_stop_swar(const uint8_t *bytes)
{
    const uint64_t each = 0x0101010101010101u, low = each * 0x7f;
    uint32_t found = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t word;
        memcpy(&word, bytes + 8 * i, sizeof word);
        uint64_t quote = word ^ each * '"', backslash = word ^ each * '\\';
        uint64_t other = (((quote & low) + low) | quote) & (((backslash & low) + low) | backslash);
        uint64_t here = ~(other & (((word & low) + each * (0x80 - ' ')) | word)) & ~low;
        found |= (uint32_t)((here >> 7) * 0x0102040810204080u >> 56) << 8 * i;
    }
    return found;
}

#if defined(__x86_64__)
static inline uint32_t json_stop_sse2(const uint8_t *bytes)
{
    uint32_t found = 0;
    for (int i = 0; i < 2; i++) {
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
        __m128i quote = _mm_cmpeq_epi8(text, _mm_set1_epi8('"'));
        __m128i backslash = _mm_cmpeq_epi8(text, _mm_set1_epi8('\\'));
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(text, _mm_set1_epi8(' ' - 1)), text);
        __m128i any = _mm_or_si128(_mm_or_si128(quote, backslash), control);
        found |= (uint32_t)_mm_movemask_epi8(any) << 16 * i;
    }
    return found;
}
#endif

#if defined(__aarch64__)
static inline uint32_t json_stop_neon(const uint8_t *bytes)
{
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t part[2];
    for (int i = 0; i < 2; i++) {
        uint8x16_t text = vld1q_u8(bytes + 16 * i);
        uint8x16_t any =
            vorrq_u8(vceqq_u8(text, vdupq_n_u8('"')), vceqq_u8(text, vdupq_n_u8('\\')));
        any = vorrq_u8(any, vcltq_u8(text, vdupq_n_u8(' ')));
        part[i] = vandq_u8(any, vld1q_u8(bits));
    }
    uint8x16_t sum = vpaddq_u8(part[0], part[1]);
    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u32(vreinterpretq_u32_u8(vpaddq_u8(sum, sum)), 0);
}
#endif

static inline uint32_t json_stop(const uint8_t *bytes)
{
#if defined(__x86_64__)
    return json_stop_sse2(bytes);
#elif defined(__aarch64__)
    return json_stop_neon(bytes);
#else
    return json_stop_swar(bytes);
#endif
}

#endif
