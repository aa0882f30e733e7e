/* SPDX-License-Identifier: BSD-3-Clause */
/* Seeds, and the hash of long keys: 16 bytes a step, the last 16 overlapping, the length mixed in
 * first. */
#include "text/hash.h"

struct hash_seed hash_seed_from(uint64_t number)
{
    struct hash_seed seed;
    for (int i = 0; i < 4; i++) {
        uint64_t z = number += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        seed.word[i] = (z ^ z >> 31) | 1;
    }
    return seed;
}

uint64_t hash_long(const struct hash_seed *seed, const uint8_t *bytes, size_t len)
{
    uint64_t hash = seed->word[2] ^ len;
    for (size_t i = 0; i + 16 < len; i += 16)
        hash = hash_fold(key_word(bytes + i) ^ seed->word[0] ^ hash,
                         key_word(bytes + i + 8) ^ seed->word[1]);
    return hash_fold(key_word(bytes + len - 16) ^ seed->word[2] ^ hash,
                     key_word(bytes + len - 8) ^ seed->word[3]);
}
