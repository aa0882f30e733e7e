/* SPDX-License-Identifier: BSD-3-Clause */
/* hash: one seeded 64-bit hash of a key, for everything: owner, partition, slot, and the keyed sum
 * of the verification.
 *
 * A folded 64x64 -> 128 bit multiply, the step of wyhash (Wang Yi, public domain): as fast as the
 * CRC or AES instructions, and the same on every processor. The seed is random in each run and the
 * same on all ranks, so nobody can prepare words that collide. The high bits choose owner and
 * bucket (hash_bucket), the low bits the slot in a table. */
#ifndef HASH_H
#define HASH_H

#include "text/key.h"

struct hash_seed {
    uint64_t word[4];
};

/* Local. Expands one number into a seed of odd words (splitmix64, Steele et al. 2014). */
struct hash_seed hash_seed_from(uint64_t number);

static inline uint64_t hash_fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* Local. Hash of a key in its short normal form. */
static inline uint64_t hash_short(const struct hash_seed *seed, struct key key)
{
    return hash_fold(key.lo ^ seed->word[0], key.hi ^ seed->word[1]);
}

/* Local. The same, of a key that is still in a vector register: one exclusive or of both halves.
 * (kjv: map 4 % faster.) */
static inline uint64_t hash_short_vector(const struct hash_seed *seed, key_vector key)
{
    key_vector words;
    memcpy(&words, seed->word, sizeof words);
    words ^= key;
    return hash_fold(words[0], words[1]);
}

/* Local. Hash of a key of more than 15 bytes. */
uint64_t hash_long(const struct hash_seed *seed, const uint8_t *bytes, size_t len);

/* Local. Which of `buckets` equal parts of the hash space a hash belongs to. Parts nest:
 * hash_bucket(h, n * m) / m is hash_bucket(h, n). */
static inline size_t hash_bucket(uint64_t hash, size_t buckets)
{
    return (size_t)((unsigned __int128)hash * buckets >> 64);
}

#endif
