/* SPDX-License-Identifier: BSD-3-Clause */
/* parcel: records in the form in which they are stored and sent, and lists of chunks of them.
 *
 *   short key   1 + length + 0, 1, 4 or 8 bytes   tag, key, count
 *   long key   17 + length bytes                  PARCEL_LONG, count, length, key
 *
 * The tag of a short key is its length + 1, and in bits 5 and 6 how its count is stored: not at
 * all, being 1, or in 1, 4 or 8 bytes, as a count of 0 is in one. A record says where it ends and
 * never straddles two chunks. Most keys of a large text are short and occur once: a byte more than
 * their length is all they cost, and fresh memory, or the network, is what they cost most of. */
#ifndef PARCEL_H
#define PARCEL_H

#include "data/arena.h"
#include "data/record.h"
#include "data/tally.h"

enum {
    PARCEL_LEN_BITS = 5,
    PARCEL_LONG = 0x80,
    PARCEL_LONG_HEAD_BYTES = 17,
    PARCEL_SHORT_MAX_BYTES = 24, /* the longest short record; written, whatever its length */
};

/* A list of chunks; {0} is empty. The last chunk's fill is `at`, kept here so that adding touches
 * two cache lines, not three. */
struct parcel {
    uint8_t *at, *end;
    struct chunk *head, *tail;
    uint64_t records;
};

/* How many bytes of eight the count takes, by the class in the tag, and which bits those are. */
static const struct {
    uint8_t bytes;
    uint64_t mask;
} parcel_count[4] = {{0, 0}, {1, UINT8_MAX}, {4, UINT32_MAX}, {8, UINT64_MAX}};

static inline unsigned parcel_count_class(uint64_t count)
{
    return (count != 1) + (count > UINT8_MAX) + (count > UINT32_MAX);
}

/* Local. Room for `bytes` contiguous bytes at the end of the parcel, in a new chunk if need be.
 * NULL with fail set. The caller fills them and counts the record. */
uint8_t *parcel_reserve(struct arena *arena, struct parcel *parcel, size_t bytes,
                        struct fail *fail);

static inline uint8_t *parcel_room(struct arena *arena, struct parcel *parcel, size_t bytes,
                                   struct fail *fail)
{
    uint8_t *at = parcel->at;
    if (__builtin_expect((size_t)(parcel->end - at) < bytes, 0))
        return parcel_reserve(arena, parcel, bytes, fail);
    parcel->at = at + bytes;
    return at;
}

/* Local. Adds a short key. False with fail set. */
static inline bool parcel_add_short(struct arena *arena, struct parcel *parcel, struct key key,
                                    uint64_t count, struct fail *fail)
{
    uint8_t *at = parcel_room(arena, parcel, PARCEL_SHORT_MAX_BYTES, fail);
    if (!at)
        return false;
    unsigned tag = key_tag(key), class = parcel_count_class(count);
    at[0] = (uint8_t)(tag | class << PARCEL_LEN_BITS);
    memcpy(at + 1, &key, 16);
    memcpy(at + tag, &count, 8);
    parcel->at = at + tag + parcel_count[class].bytes;
    parcel->records++;
    return true;
}

/* Local. Adds a long key. False with fail set. */
bool parcel_add_long(struct arena *arena, struct parcel *parcel, const uint8_t *bytes, size_t len,
                     uint64_t count, struct fail *fail);

/* Local. The count of a long key, given where its bytes lie in a parcel. */
static inline uint64_t parcel_long_count(const uint8_t *bytes)
{
    return key_word(bytes - PARCEL_LONG_HEAD_BYTES + 1);
}

/* Local. Adds a record as parcel_next returned it. */
bool parcel_add(struct arena *arena, struct parcel *parcel, const struct record *record,
                struct fail *fail);

/* Local. Adds all of `from`, which becomes empty: by pointer, or by copying what fits the last
 * chunk. The order of the records is not kept. */
void parcel_join(struct arena *arena, struct parcel *parcel, struct parcel *from);

/* Local. Appends a filled chunk, which the parcel takes, with its number of records. */
void parcel_join_chunk(struct arena *arena, struct parcel *parcel, struct chunk *chunk,
                       uint64_t records);

/* Local. Stores the fill of the last chunk in it, so that all chunks can be read by their
 * used_bytes. */
static inline void parcel_settle(struct parcel *parcel)
{
    if (parcel->tail)
        parcel->tail->used_bytes = (size_t)(parcel->at - parcel->tail->bytes);
}

/* Local. Detaches the first chunk of a settled parcel, NULL when it is empty. The caller gives it
 * back to the arena. */
struct chunk *parcel_shift(struct parcel *parcel);

/* Local. Adds all records of a settled parcel to a tally. */
void parcel_tally(const struct parcel *parcel, const struct hash_seed *seed, struct tally *tally);

/* Local. Gives all chunks back. */
void parcel_clear(struct arena *arena, struct parcel *parcel);

/* Local. Takes the record at `at` apart and returns where the next one begins. A malformed one
 * returns NULL. Reads ARENA_SLACK_BYTES behind `end` at most. */
static inline const uint8_t *parcel_next(const uint8_t *at, const uint8_t *end,
                                         struct record *record)
{
    unsigned tag = at[0] & ((1 << PARCEL_LEN_BITS) - 1), class = at[0] >> PARCEL_LEN_BITS;
    size_t bytes;
    if (__builtin_expect(at[0] < PARCEL_LONG, 1)) {
        if (tag == 0 || tag > KEY_SHORT_MAX + 1)
            return NULL;
        uint64_t count = (key_word(at + tag) & parcel_count[class].mask) | (class == 0);
        *record =
            (struct record){.key = key_short(at + 1, tag - 1), .count = count, .len = tag - 1};
        bytes = tag + parcel_count[class].bytes;
    } else {
        size_t len = key_word(at + 9);
        if (at[0] != PARCEL_LONG || len <= KEY_SHORT_MAX || len > (size_t)(end - at))
            return NULL;
        const uint8_t *key = at + PARCEL_LONG_HEAD_BYTES;
        *record = (struct record){
            .key = key_long(key), .count = key_word(at + 1), .bytes = key, .len = len};
        bytes = PARCEL_LONG_HEAD_BYTES + len;
    }
    return bytes <= (size_t)(end - at) ? at + bytes : NULL;
}

#endif
