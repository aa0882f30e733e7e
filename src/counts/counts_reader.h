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

/* What changes with every row. A loop that has it in a variable of its own has it in registers. */
struct counts_reader_run {
    const uint8_t *at, *end;
    uint8_t *key;
    size_t key_len;
    uint64_t count, sum;
    uint32_t plain;
};

static inline struct counts_reader_run counts_reader_run(const struct counts_reader *reader)
{
    return (struct counts_reader_run){.at = reader->at,
                                      .end = reader->end,
                                      .key = reader->key,
                                      .key_len = reader->key_len,
                                      .count = reader->count,
                                      .sum = reader->sum,
                                      .plain = reader->plain};
}

static inline void counts_reader_end_run(struct counts_reader *reader,
                                         const struct counts_reader_run *run)
{
    reader->at = run->at;
    reader->key_len = run->key_len;
    reader->count = run->count;
    reader->sum = run->sum;
    reader->plain = run->plain;
}

/* Reads the next row, if it is as nearly all are: it shares what it should with the key at hand, in
 * numbers of one byte. Otherwise nothing changes. Behind a block there is slack for what such a row
 * has at most, and behind the key for what it may be. */
static inline bool counts_reader_run_on(struct counts_reader_run *run, bool whole)
{
    if (__builtin_expect(run->plain == 0, 0))
        return false;
    const uint8_t *key = run->at + 1;
    const size_t tag = *run->at;
    size_t shared = tag >> 4, fresh = tag & COUNTS_NIBBLE;
    if (shared == COUNTS_NIBBLE || fresh == COUNTS_NIBBLE) {
        /* Which of the two it is nobody could predict. */
        const size_t far = shared == COUNTS_NIBBLE, longer = fresh == COUNTS_NIBBLE;
        const size_t beyond = key[0] & (0 - far), more = key[far] & (0 - longer);
        if (__builtin_expect((beyond | more) & 0x80, 0))
            return false;
        shared += beyond;
        fresh += more;
        key += far + longer;
    }
    const uint8_t *count = key + fresh;
    /* Nor whether it shares all of the key before: then both are out of order only where there is
     * nothing new. */
    const int64_t left = (int64_t)run->key_len - (int64_t)shared;
    const int64_t rises = (int64_t)run->key[shared] - (int64_t)key[0];
    if (__builtin_expect(
            fresh == 0 || (left | (-left & ~rises)) < 0 || count >= run->end || *count >= 0x80, 0))
        return false;
    uint8_t *to = run->key + shared;
    size_t i = sizeof(key_vector);
    if (whole && shared < sizeof(key_vector)) {
        key_vector first, next; /* before a row there is the head of its block, at least */
        memcpy(&first, run->key, sizeof first);
        memcpy(&next, key - shared, sizeof next);
        first = (first & key_forms[shared].mask) | (next & ~key_forms[shared].mask);
        memcpy(run->key, &first, sizeof first);
        i -= shared;
    } else {
        memcpy(to, key, sizeof(key_vector));
    }
    /* Whether there is more of this one is not worth a guess. */
    do {
        memcpy(to + i, key + i, sizeof(key_vector));
        i += sizeof(key_vector);
    } while (i < fresh);
    run->key_len = shared + fresh;
    run->count = *count;
    run->sum += *count;
    run->at = count + 1;
    run->plain--;
    return true;
}

/* Local. counts_reader_next and counts_reader_next_whole. */
static inline bool counts_reader_read(struct counts_reader *reader, bool whole, struct fail *fail)
{
    struct counts_reader_run run = counts_reader_run(reader);
    if (__builtin_expect(!counts_reader_run_on(&run, whole), 0))
        return counts_reader_next_any(reader, fail);
    counts_reader_end_run(reader, &run);
    return true;
}

/* Takes a record whose key is borrowed, with slack behind it. False ends the walk. */
typedef bool counts_reader_visit(void *context, const uint8_t *key, size_t len, uint64_t count);

/* Local. Shows the next records until there are none, or `visit` says so, which is compiled in: the
 * quickest way to read them. False with fail set. */
static inline __attribute__((always_inline)) bool
counts_reader_each(struct counts_reader *reader, bool whole, counts_reader_visit *visit,
                   void *context, struct fail *fail)
{
    for (bool more = true; more;) {
        struct counts_reader_run run = counts_reader_run(reader);
        while (more && counts_reader_run_on(&run, whole))
            more = visit(context, run.key, run.key_len, run.count);
        counts_reader_end_run(reader, &run);
        if (!more)
            break;
        if (!counts_reader_next_any(reader, fail))
            return fail->code == FAIL_NONE;
        more = visit(context, reader->key, reader->key_len, reader->count);
    }
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
