/* SPDX-License-Identifier: BSD-3-Clause */
/* quoted: where the fields and records of CSV end (RFC 4180), in 64 bytes at a time.
 *
 * A byte lies within quotes where the number of quotes before it is odd: doubled ones cancel each
 * other. So one word holds the answer for all 64, and what the RFC does not allow shows from the
 * bytes beside a quote. The vectors that every processor of a kind has are enough. */
#ifndef QUOTED_H
#define QUOTED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#endif
#if defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { QUOTED_STEP_BYTES = 64 }; /* that are looked at in one go, and read, too */

/* Where the next byte stands. */
enum quoted_state {
    QUOTED_BEGINS,   /* a field begins with it */
    QUOTED_FIELD,    /* within a field without quotes */
    QUOTED_INSIDE,   /* within quotes */
    QUOTED_CLOSED,   /* behind the quote that closes them, or the first of two that mean one */
    QUOTED_RETURNED, /* behind that and a carriage return */
};

/* Bit i: byte i is one. */
struct quoted_marks {
    uint64_t newlines; /* all of them */
    uint64_t ends;     /* separators and newlines that end a field: none within quotes */
    uint64_t bad;      /* must not stand there; behind the first one nothing else is known */
};

/* Eight bytes in a word, exact in each because no sum leaves its byte. */
static inline uint64_t quoted_equal_swar(const uint8_t *bytes, uint8_t byte)
{
    const uint64_t each = 0x0101010101010101u, low = each * 0x7f;
    uint64_t found = 0;
    for (int i = 0; i < 8; i++) {
        uint64_t word;
        memcpy(&word, bytes + 8 * i, sizeof word);
        uint64_t differ = word ^ each * byte;
        uint64_t here = ~(((differ & low) + low) | differ | low);
        found |= ((here >> 7) * 0x0102040810204080u >> 56) << 8 * i;
    }
    return found;
}

#if defined(__x86_64__)
static inline uint64_t quoted_equal_sse2(const uint8_t *bytes, uint8_t byte)
{
    uint64_t found = 0;
    for (int i = 0; i < 4; i++) {
        __m128i text = _mm_loadu_si128((const __m128i *)(const void *)(bytes + 16 * i));
        __m128i here = _mm_cmpeq_epi8(text, _mm_set1_epi8((char)byte));
        found |= (uint64_t)(uint32_t)_mm_movemask_epi8(here) << 16 * i;
    }
    return found;
}
#endif

#if defined(__aarch64__)
static inline uint64_t quoted_equal_neon(const uint8_t *bytes, uint8_t byte)
{
    static const uint8_t bits[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t part[4];
    for (int i = 0; i < 4; i++)
        part[i] = vandq_u8(vceqq_u8(vld1q_u8(bytes + 16 * i), vdupq_n_u8(byte)), vld1q_u8(bits));
    uint8x16_t sum = vpaddq_u8(vpaddq_u8(part[0], part[1]), vpaddq_u8(part[2], part[3]));
    return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
}
#endif

/* Bit i: byte i of 64 is `byte`. */
static inline uint64_t quoted_equal(const uint8_t *bytes, uint8_t byte)
{
#if defined(__x86_64__)
    return quoted_equal_sse2(bytes, byte);
#elif defined(__aarch64__)
    return quoted_equal_neon(bytes, byte);
#else
    return quoted_equal_swar(bytes, byte);
#endif
}

/* Bit i: the number of quotes up to and with byte i is odd. */
static inline uint64_t quoted_odd(uint64_t quotes)
{
    for (int shift = 1; shift < 64; shift *= 2)
        quotes ^= quotes << shift;
    return quotes;
}

/* Local. Looks at bytes[0, len), 1 to 64 of them, and moves *state on to what follows; reads up to
 * 63 bytes more and ignores them. `separator` is no quote, newline or carriage return. At the end
 * of the text QUOTED_INSIDE and QUOTED_RETURNED are wrong, too. */
static inline struct quoted_marks quoted_step(enum quoted_state *state, const uint8_t *bytes,
                                              size_t len, uint8_t separator)
{
    const uint64_t valid = UINT64_MAX >> (64 - len), last = (uint64_t)1 << (len - 1);
    const uint64_t quotes = quoted_equal(bytes, '"') & valid;
    const uint64_t newlines = quoted_equal(bytes, '\n') & valid;
    uint64_t inside = *state == QUOTED_INSIDE ? UINT64_MAX : 0, closes = 0, bad = 0, returned = 0;
    if (quotes)
        inside ^= quoted_odd(quotes);
    const uint64_t ends = (newlines | (quoted_equal(bytes, separator) & valid)) & ~inside;
    if (quotes || *state >= QUOTED_CLOSED) {
        const uint64_t begins = ends << 1 | (*state == QUOTED_BEGINS);
        closes = quotes & ~inside;
        const uint64_t behind = closes << 1 | (*state == QUOTED_CLOSED);
        const uint64_t others = behind & ~quotes & ~ends & valid;
        returned = others ? others & quoted_equal(bytes, '\r') : 0;
        bad = (quotes & inside & ~begins & ~behind) | (others & ~returned)
            | ((returned << 1 | (*state == QUOTED_RETURNED)) & ~newlines & valid);
    }
    *state = inside & last   ? QUOTED_INSIDE
           : ends & last     ? QUOTED_BEGINS
           : closes & last   ? QUOTED_CLOSED
           : returned & last ? QUOTED_RETURNED
                             : QUOTED_FIELD;
    return (struct quoted_marks){newlines, ends, bad};
}

#endif
