/* SPDX-License-Identifier: BSD-3-Clause */
/* key: the 16-byte normal form of a key.
 *
 * A key of up to 15 bytes is its bytes, zero-padded, and `length + 1` in byte 15: two loads, one
 * compare, and keys that end in NULs stay different. A longer key keeps its bytes elsewhere; its
 * normal form is the first 15 bytes and KEY_LONG in byte 15, which is enough to order it against
 * every short key. All zero is no key, so it marks an empty slot. */
#ifndef KEY_H
#define KEY_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the normal form of keys is written for little-endian machines"
#endif

enum {
    KEY_SHORT_MAX = 15, /* longest key that is held in its normal form */
    KEY_LONG = 17,      /* tag of a longer one: after `length + 1` of all short ones */
    KEY_SLACK_BYTES =
        64, /* bytes after the end of every input buffer that may be read and are ignored */
};

struct key {
    uint64_t lo; /* bytes 0 to 7 */
    uint64_t hi; /* bytes 8 to 14, and the tag in the highest byte */
};

static inline uint64_t key_word(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

typedef uint64_t key_vector __attribute__((vector_size(16)));

/* What is kept of 16 bytes, and what is added, for each length: a table, because a branch on the
 * length costs more than the hash. */
struct key_form {
    key_vector mask, tag;
};
extern const struct key_form key_forms[KEY_SHORT_MAX + 1];

/* Local. The normal form of `len` <= 15 bytes, still in a register. Reads 16 bytes whatever the
 * length. */
static inline key_vector key_short_vector(const uint8_t *bytes, size_t len)
{
    key_vector vector;
    memcpy(&vector, bytes, sizeof vector);
    return (vector & key_forms[len].mask) | key_forms[len].tag;
}

static inline struct key key_from_vector(key_vector vector)
{
    struct key key;
    memcpy(&key, &vector, sizeof key);
    return key;
}

/* Local. The normal form of `len` <= 15 bytes. Reads 16 bytes whatever the length. */
static inline struct key key_short(const uint8_t *bytes, size_t len)
{
    return key_from_vector(key_short_vector(bytes, len));
}

/* Local. The normal form of a long key: its first 15 bytes. */
static inline struct key key_long(const uint8_t *bytes)
{
    return (struct key){
        .lo = key_word(bytes),
        .hi = (key_word(bytes + 8) & UINT64_MAX >> 8) | (uint64_t)KEY_LONG << 56,
    };
}

static inline unsigned key_tag(struct key key)
{
    return (unsigned)(key.hi >> 56);
}

#endif
