/* SPDX-License-Identifier: BSD-3-Clause */
/* The kernels of find: for each level a mask of the 64 bytes at hand, and one loop that takes out
 * its bits.
 *
 * Eight positions are written whether there are so many or not, and only where there are more does
 * a branch ask: lines of a log and lines of one byte alike never mispredict it. */
#include "text/find.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

/* Bit i: byte i of 64 is in the set. */
typedef uint64_t find_mask(const uint8_t *bytes, struct find_set set);

static inline __attribute__((always_inline)) size_t find_core(const uint8_t *bytes, size_t from,
                                                              size_t len, struct find_set set,
                                                              uint32_t *at, find_mask *mask)
{
    uint32_t *next = at;
    for (size_t i = 0; i < len; i += 64) {
        uint64_t inside = len - i < 64 ? UINT64_MAX >> (64 - (len - i)) : UINT64_MAX;
        uint64_t found = mask(bytes + from + i, set) & inside;
        uint32_t base = (uint32_t)(from + i);
        int bits = __builtin_popcountll(found);
        for (int done = 0; done == 0 || __builtin_expect(done < bits, 0); done += 8)
            for (int j = 0; j < 8; j++, found &= found - 1) /* of no bits: any number */
                next[done + j] = base + (uint32_t)__builtin_ctzll(found | (uint64_t)1 << 63);
        next += bits;
    }
    return (size_t)(next - at);
}

/* Eight bytes in a word, exact in each because no sum leaves its byte. */
static inline uint64_t swar_eight(uint64_t word, uint8_t byte)
{
    const uint64_t each = 0x0101010101010101u, low = each * 0x7f;
    uint64_t differ = word ^ each * byte;
    return ~(((differ & low) + low) | differ | low);
}

static inline uint64_t swar_mask(const uint8_t *bytes, struct find_set set)
{
    uint64_t found = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t word;
        memcpy(&word, bytes + 8 * i, sizeof word);
        uint64_t here = swar_eight(word, set.bytes[0]) | swar_eight(word, set.bytes[1])
                      | swar_eight(word, set.bytes[2]);
        found |= ((here >> 7) * 0x0102040810204080u >> 56) << 8 * i;
    }
    return found;
}

size_t find_swar(const uint8_t *bytes, size_t from, size_t len, struct find_set set, uint32_t *at)
{
    return find_core(bytes, from, len, set, at, swar_mask);
}

#if defined(__x86_64__)
static inline uint64_t sse2_mask(const uint8_t *bytes, struct find_set set)
{
    uint64_t found = 0;
    for (int i = 0; i < 4; i++) {
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
        __m128i a = _mm_cmpeq_epi8(text, _mm_set1_epi8((char)set.bytes[0]));
        __m128i b = _mm_cmpeq_epi8(text, _mm_set1_epi8((char)set.bytes[1]));
        __m128i c = _mm_cmpeq_epi8(text, _mm_set1_epi8((char)set.bytes[2]));
        __m128i any = _mm_or_si128(_mm_or_si128(a, b), c);
        found |= (uint64_t)(uint32_t)_mm_movemask_epi8(any) << 16 * i;
    }
    return found;
}

size_t find_sse2(const uint8_t *bytes, size_t from, size_t len, struct find_set set, uint32_t *at)
{
    return find_core(bytes, from, len, set, at, sse2_mask);
}

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 static inline uint64_t avx2_mask(const uint8_t *bytes, struct find_set set)
{
    uint64_t found = 0;
    for (int i = 0; i < 2; i++) {
        __m256i text = _mm256_loadu_si256((const __m256i *)(const void *)(bytes + 32 * i));
        __m256i a = _mm256_cmpeq_epi8(text, _mm256_set1_epi8((char)set.bytes[0]));
        __m256i b = _mm256_cmpeq_epi8(text, _mm256_set1_epi8((char)set.bytes[1]));
        __m256i c = _mm256_cmpeq_epi8(text, _mm256_set1_epi8((char)set.bytes[2]));
        __m256i any = _mm256_or_si256(_mm256_or_si256(a, b), c);
        found |= (uint64_t)(uint32_t)_mm256_movemask_epi8(any) << 32 * i;
    }
    return found;
}

AVX2 size_t find_avx2(const uint8_t *bytes, size_t from, size_t len, struct find_set set,
                      uint32_t *at)
{
    return find_core(bytes, from, len, set, at, avx2_mask);
}

#define AVX512 __attribute__((target("avx2,bmi,popcnt,avx512f,avx512bw")))

AVX512 static inline uint64_t avx512_mask(const uint8_t *bytes, struct find_set set)
{
    __m512i text = _mm512_loadu_si512(bytes);
    return _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8((char)set.bytes[0]))
         | _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8((char)set.bytes[1]))
         | _mm512_cmpeq_epi8_mask(text, _mm512_set1_epi8((char)set.bytes[2]));
}

AVX512 size_t find_avx512(const uint8_t *bytes, size_t from, size_t len, struct find_set set,
                          uint32_t *at)
{
    return find_core(bytes, from, len, set, at, avx512_mask);
}
#endif

#if defined(__aarch64__)
static inline uint64_t neon_mask(const uint8_t *bytes, struct find_set set)
{
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t part[4];
    for (int i = 0; i < 4; i++) {
        uint8x16_t text = vld1q_u8(bytes + 16 * i);
        uint8x16_t any = vorrq_u8(vceqq_u8(text, vdupq_n_u8(set.bytes[0])),
                                  vceqq_u8(text, vdupq_n_u8(set.bytes[1])));
        any = vorrq_u8(any, vceqq_u8(text, vdupq_n_u8(set.bytes[2])));
        part[i] = vandq_u8(any, vld1q_u8(bits));
    }
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(part[0], part[1]), vpaddq_u8(part[2], part[3]));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}

size_t find_neon(const uint8_t *bytes, size_t from, size_t len, struct find_set set, uint32_t *at)
{
    return find_core(bytes, from, len, set, at, neon_mask);
}
#endif
