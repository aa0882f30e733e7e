/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_layout: the numbers of a count file, as mpiwc-counts(5) tells them, and how numbers are
 * stored: little endian, or as varints, seven bits a byte, the lowest first, with the highest bit
 * set in all bytes but the last.
 *
 *     header, data blocks, index blocks level by level, meta block, footer
 *
 * Each block is a head, a payload and a checksum of both; nothing lies between blocks. What points
 * to a block holds its checksum, too, so the footer vouches for all bytes of the file. */
#ifndef COUNTS_LAYOUT_H
#define COUNTS_LAYOUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    COUNTS_MAJOR = 1,
    COUNTS_MINOR = 0,
    COUNTS_HEADER_BYTES = 64,
    COUNTS_HEAD_BYTES = 40, /* of a block */
    COUNTS_CHECKSUM_BYTES = 8,
    COUNTS_FOOTER_BYTES = 256,
    COUNTS_TARGET_BYTES = 32 << 10, /* rows of a data block: where they reach it, it ends */
    COUNTS_INDEX_BYTES = 4 << 10,   /* entries of an index block, likewise */
    COUNTS_INDEX_ENTRIES = 2,       /* but no fewer, so that each level is half the one below */
    COUNTS_RESTART = 128,           /* every such row holds its whole key */
    COUNTS_LEVELS_MAX = 48,
    COUNTS_CHAPTER_BITS = 16, /* zero in the hash of a key behind which a chapter ends */
    COUNTS_SPECTRUM = 8,      /* how many keys have a count of 1 to 8 is in the footer */
    COUNTS_VARINT_BYTES = 10,
    COUNTS_NIBBLE = 15, /* in a tag: a varint follows, of what goes beyond */
};

#define COUNTS_MAGIC "\x89MWC\r\n\x1a\n"
enum { COUNTS_MAGIC_BYTES = 8 };

/* What a block is, as four letters. */
#define COUNTS_WORD(a, b, c, d)                                                                    \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)
#define COUNTS_DATA COUNTS_WORD('M', 'W', 'C', 'b')
#define COUNTS_INDEX COUNTS_WORD('M', 'W', 'C', 'i')
#define COUNTS_META COUNTS_WORD('M', 'W', 'C', 'm')
#define COUNTS_FOOTER COUNTS_WORD('M', 'W', 'C', 'f')

static inline uint32_t counts_layout_get32(const uint8_t *at)
{
    uint32_t number;
    memcpy(&number, at, sizeof number);
    return number;
}

static inline uint64_t counts_layout_get64(const uint8_t *at)
{
    uint64_t number;
    memcpy(&number, at, sizeof number);
    return number;
}

static inline void counts_layout_put32(uint8_t *at, uint32_t number)
{
    memcpy(at, &number, sizeof number);
}

static inline void counts_layout_put64(uint8_t *at, uint64_t number)
{
    memcpy(at, &number, sizeof number);
}

/* Local. Writes COUNTS_VARINT_BYTES at most; returns the end. */
static inline uint8_t *counts_layout_put(uint8_t *at, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *at++ = (uint8_t)(number | 0x80);
    *at++ = (uint8_t)number;
    return at;
}

/* Local. Reads a varint; returns its end. NULL where it goes beyond `end`, beyond 64 bits, or is
 * longer than it need be. */
static inline const uint8_t *counts_layout_get(const uint8_t *at, const uint8_t *end,
                                               uint64_t *number)
{
    uint64_t sum = 0;
    for (unsigned shift = 0; at < end && shift < 64; shift += 7) {
        const uint8_t byte = *at++;
        if (shift == 63 && byte > 1)
            return NULL;
        sum |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *number = sum;
            return byte == 0 && shift > 0 ? NULL : at;
        }
    }
    return NULL;
}

#endif
