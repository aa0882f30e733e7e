/* parcel: records in the form in which they are stored and sent, and lists of chunks of them.
 *
 *   short key, count 1   16 bytes   the normal form (key.h)
 *   short key            24 bytes   the normal form with PARCEL_COUNTED in its tag, count
 *   long key             16 bytes + the key, padded to 8: count, length | PARCEL_LONG << 56
 *
 * A record says where it ends, never straddles two chunks, and keeps everything aligned to 8. Most
 * keys of a large text are short and occur once: 16 bytes is all they ever cost. */
#ifndef PARCEL_H
#define PARCEL_H

#include "arena.h"
#include "hash.h"
#include "tally.h"

enum {
    PARCEL_COUNTED = 0x20,
    PARCEL_LONG = 0x40,
};

/* A record taken apart. */
struct record {
    struct key key; /* normal form */
    uint64_t count;
    const uint8_t *bytes; /* of a long key; NULL when the key is short */
    size_t len;           /* of the key */
};

/* A list of chunks; {0} is empty. The last chunk's fill is `at`, kept here so that adding touches
 * two cache lines, not three. */
struct parcel {
    uint8_t *at, *end;
    struct chunk *head, *tail;
    uint64_t records;
};

static inline size_t parcel_long_bytes(size_t len)
{
    return 16 + ((len + 7) & ~(size_t)7);
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
    uint8_t *at = parcel_room(arena, parcel, count == 1 ? 16 : 24, fail);
    if (!at)
        return false;
    if (count != 1) {
        key.hi |= (uint64_t)PARCEL_COUNTED << 56;
        memcpy(at + 16, &count, 8);
    }
    memcpy(at, &key, 16);
    parcel->records++;
    return true;
}

/* Local. Adds a long key. False with fail set. */
bool parcel_add_long(struct arena *arena, struct parcel *parcel, const uint8_t *bytes, size_t len,
                     uint64_t count, struct fail *fail);

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
 * returns NULL. */
static inline const uint8_t *parcel_next(const uint8_t *at, const uint8_t *end,
                                         struct record *record)
{
    struct key key = {key_word(at), key_word(at + 8)};
    unsigned tag = key_tag(key);
    size_t bytes = 16;
    if (tag <= KEY_SHORT_MAX + 1 && tag != 0) {
        *record = (struct record){.key = key, .count = 1, .len = tag - 1};
    } else if (tag > PARCEL_COUNTED && tag <= PARCEL_COUNTED + KEY_SHORT_MAX + 1) {
        key.hi &= ~((uint64_t)PARCEL_COUNTED << 56);
        *record = (struct record){
            .key = key, .count = key_word(at + 16), .len = tag - PARCEL_COUNTED - 1};
        bytes = 24;
    } else {
        size_t len = key.hi & (UINT64_MAX >> 8);
        if (tag != PARCEL_LONG || len <= KEY_SHORT_MAX || len > (size_t)(end - at))
            return NULL;
        *record = (struct record){
            .key = key_long(at + 16), .count = key.lo, .bytes = at + 16, .len = len};
        bytes = parcel_long_bytes(len);
    }
    return bytes <= (size_t)(end - at) ? at + bytes : NULL;
}

#endif
