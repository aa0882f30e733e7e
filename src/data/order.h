/* SPDX-License-Identifier: BSD-3-Clause */
/* order: how the records of a result follow each other: most frequent first and equal counts by
 * key, or all by key. Keys are ordered by their bytes.
 *
 * A record's rank in it is three words, compared as numbers: the inverted count, the first eight
 * bytes of the key, the next seven and the tag of its normal form; by key the inverted count is
 * left out. Between short keys, and between a short and a long one, that is the whole comparison,
 * because a short key whose 15 zero-padded bytes equal those of a longer key is a prefix of it. Two
 * long keys that tie are compared by all their bytes. */
#ifndef ORDER_H
#define ORDER_H

#include "data/parcel.h"

enum order { ORDER_COUNT, ORDER_KEY }; /* as `--sort` names them */

/* Local. The rank of a record. */
static inline void order_words(enum order order, const struct record *record, uint64_t word[3])
{
    const uint64_t low = __builtin_bswap64(record->key.lo);
    const uint64_t high = __builtin_bswap64(record->key.hi);
    const bool by_count = order == ORDER_COUNT;
    word[0] = by_count ? ~record->count : low;
    word[1] = by_count ? low : high;
    word[2] = by_count ? high : 0;
}

/* Local. The key that a rank is of. */
static inline struct key order_key(enum order order, const uint64_t word[3])
{
    const uint64_t *bytes = word + (order == ORDER_COUNT);
    return (struct key){__builtin_bswap64(bytes[0]), __builtin_bswap64(bytes[1])};
}

/* Local. Negative, zero or positive, as in qsort. */
static inline int order_compare_words(const uint64_t a[3], const uint64_t b[3])
{
    for (int w = 0; w < 3; w++)
        if (a[w] != b[w])
            return a[w] < b[w] ? -1 : 1;
    return 0;
}

/* Local. The same of two strings of bytes. */
static inline int order_compare_bytes(const uint8_t *a, size_t a_len, const uint8_t *b,
                                      size_t b_len)
{
    int order = memcmp(a, b, a_len < b_len ? a_len : b_len);
    return order ? order : (a_len > b_len) - (a_len < b_len);
}

#endif
