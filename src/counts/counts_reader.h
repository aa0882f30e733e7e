/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_reader: the records of a count file, in the order of their keys, from any key on. The
 * order, and what a block says of its rows, is checked as they come.
 *
 *     while (counts_reader_next(&reader, fail))
 *         ... reader.key, reader.key_len, reader.count ...
 *     return fail->code == FAIL_NONE; */
#ifndef COUNTS_READER_H
#define COUNTS_READER_H

#include "counts/counts_meta.h"
#include "counts/counts_path.h"
#include "data/record.h"

struct counts_reader {
    struct counts_path path;
    struct counts_meta meta;
    uint8_t *key; /* of the record at hand; KEY_SLACK_BYTES more may be read */
    size_t key_len;
    uint64_t count;

    /* Private. */
    const uint8_t *at, *end; /* the next row, and the end of all rows */
    uint32_t plain;          /* rows that come before one that is a restart, or in another block */
    uint32_t row;            /* of the block: the next one behind those */
    uint64_t sum;            /* of the counts of rows that were read */
    size_t key_cap;
    bool loaded; /* there is a block of data, where the path leads */
    bool begun;  /* there is a record at hand */
    bool waits;  /* it was sought, and is the next */
    uint8_t *block;
    size_t block_cap;
    uint8_t *sought; /* the key that led to a record that waits */
    size_t sought_len, sought_cap;
    uint64_t block_at; /* the place of the block */
    const uint8_t *rows, *restarts;
    uint32_t rows_due, restarts_len;
    uint32_t held; /* rows that are plain, while a record waits */
    uint64_t sum_due;
    bool whole; /* it was read from its first row on: the sum must be right */
};

/* Local. Opens a count file; `name` stays the caller's, until it is closed. counts_reader_close is
 * due, also where it is false with fail set. */
bool counts_reader_open(struct counts_reader *reader, struct mem *mem, const char *name,
                        struct fail *fail);

/* Local. The same as counts_reader_next, for all rows. */
bool counts_reader_next_any(struct counts_reader *reader, struct fail *fail);

/* Local. counts_reader_next and counts_reader_next_whole. Nearly all rows are read here: those that
 * share what they should with the key at hand, in numbers of one byte. */
static inline bool counts_reader_read(struct counts_reader *reader, bool whole, struct fail *fail)
{
    if (__builtin_expect(reader->plain == 0, 0))
        return counts_reader_next_any(reader, fail);
    const uint8_t *at = reader->at, *end = reader->end;
    size_t shared = *at >> 4, fresh = *at & COUNTS_NIBBLE, beyond = 0, more = 0;
    at++;
    if (shared == COUNTS_NIBBLE || fresh == COUNTS_NIBBLE) {
        /* Which of the two it is nobody could predict. Behind a block there is slack. */
        const size_t far = shared == COUNTS_NIBBLE, longer = fresh == COUNTS_NIBBLE;
        beyond = at[0] & (0 - far);
        more = at[far] & (0 - longer);
        shared += beyond;
        fresh += more;
        at += far + longer;
    }
    const uint8_t *key = at, *count = key + fresh;
    const size_t len = shared + fresh;
    const uint8_t *last = reader->key;
    if (__builtin_expect(((beyond | more) & 0x80) || fresh == 0 || shared > reader->key_len
                             || ((shared < reader->key_len) & (*key <= last[shared]))
                             || len + KEY_SLACK_BYTES > reader->key_cap || count >= end
                             || *count >= 0x80,
                         0))
        return counts_reader_next_any(reader, fail);
    size_t i = 0;
    if (whole && shared < sizeof(key_vector)) {
        key_vector first, next; /* before a row there is the head of its block, at least */
        memcpy(&first, reader->key, sizeof first);
        memcpy(&next, key - shared, sizeof next);
        first = (first & key_forms[shared].mask) | (next & ~key_forms[shared].mask);
        memcpy(reader->key, &first, sizeof first);
        i = sizeof first - shared;
    }
    for (; i < fresh; i += 16)
        memcpy(reader->key + shared + i, key + i, 16);
    reader->key_len = len;
    reader->count = *count;
    reader->sum += *count;
    reader->at = count + 1;
    reader->plain--;
    return true;
}

/* Local. Moves to the next record. False at the end, or with fail set. */
static inline bool counts_reader_next(struct counts_reader *reader, struct fail *fail)
{
    return counts_reader_read(reader, false, fail);
}

/* Local. The same, for those who take the first 16 bytes of the key at once: they are stored at
 * once, because a load of bytes from several stores waits until these are done. */
static inline bool counts_reader_next_whole(struct counts_reader *reader, struct fail *fail)
{
    return counts_reader_read(reader, true, fail);
}

/* Local. The next record will be the first whose key is not before this one. False with fail set.
 */
bool counts_reader_seek(struct counts_reader *reader, const uint8_t *key, size_t len,
                        struct fail *fail);

/* Local. Looks a key up; *found says whether it is there, and *count is 0 where it is not. Keys
 * that come in their order are found sooner. False with fail set. */
bool counts_reader_get(struct counts_reader *reader, const uint8_t *key, size_t len, bool *found,
                       uint64_t *count, struct fail *fail);

/* Local. The record at hand; its bytes are the reader's. */
static inline struct record counts_reader_record(const struct counts_reader *reader)
{
    const bool is_short = reader->key_len <= KEY_SHORT_MAX;
    return (struct record){.key = is_short ? key_short(reader->key, reader->key_len)
                                           : key_long(reader->key),
                           .count = reader->count,
                           .bytes = is_short ? NULL : reader->key,
                           .len = reader->key_len};
}

/* Local. Idempotent; also of {0}. */
void counts_reader_close(struct counts_reader *reader);

#endif
