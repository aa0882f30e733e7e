/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_writer: records in the order of their keys become data blocks and what the index says of
 * them.
 *
 * A row is a tag, what of its key the key before does not have, and its count:
 *
 *     tag       bytes shared with the key before, in the high four bits; new bytes, in the low four
 *     varints   for either of them that is 15: what goes beyond it
 *               new bytes; varint count
 *
 * Each 128th row of a block, beginning with the first, shares nothing; behind the rows stand where
 * these are, in four bytes each. A block ends where its rows reach the target, and behind each key
 * whose XXH3 ends in 16 zero bits. What lies between two such keys is a chapter, 65,536 records on
 * average: its blocks, and what the index says of them, follow from its records alone. So a file
 * can be written in parts that begin and end where chapters do, by whoever has the records, and its
 * bytes are the same. */
#ifndef COUNTS_WRITER_H
#define COUNTS_WRITER_H

#include "counts/counts_ends.h"
#include "counts/counts_sink.h"
#include "data/record.h"
#include "host/buffer.h"

struct counts_writer {
    struct counts_ends_header form;
    struct counts_totals totals; /* of whole blocks */
    bool chapter;                /* the next record begins one: at the beginning, too */
    struct buffer entries;       /* of the index, see counts_entry.h; those of whole blocks */

    /* Private. */
    struct mem *mem;
    struct counts_sink sink;
    uint8_t *block; /* room for its head, and its rows */
    size_t len, cap;
    uint32_t rows, plain; /* in the block; before the next restart */
    unsigned __int128 sum;
    struct counts_totals_rows of_rows; /* of the block */
    struct buffer restarts;
    uint64_t separator; /* bytes of its first key that the index keeps */
    uint8_t *last;      /* key */
    size_t last_len, last_cap;
    bool begun; /* there is a last key */
};

/* Local. Whether a record was added. */
static inline bool counts_writer_begun(const struct counts_writer *writer)
{
    return writer->begun;
}

/* Local. Whether a chapter ends behind this key. */
bool counts_writer_ends_chapter(const uint8_t *key, size_t len);

/* Local. Begins a part: of a file, or at the beginning of a chapter. counts_writer_free is due,
 * also where it is false with fail set. */
bool counts_writer_init(struct counts_writer *writer, struct mem *mem, struct counts_sink sink,
                        struct fail *fail);

/* Local. Adds a record; 16 bytes may be read of its key. False with fail set: FAIL_VERIFY where
 * it does not come behind the one before, FAIL_MEMORY, or what the sink says. */
bool counts_writer_add(struct counts_writer *writer, const uint8_t *key, size_t len, uint64_t count,
                       struct fail *fail);

static inline bool counts_writer_add_record(struct counts_writer *writer,
                                            const struct record *record, struct fail *fail)
{
    return counts_writer_add(writer, record_bytes(record), record->len, record->count, fail);
}

/* Local. The key that was added last; there is one, and it is the writer's. */
static inline struct record counts_writer_last(const struct counts_writer *writer)
{
    const bool is_short = writer->last_len <= KEY_SHORT_MAX;
    return (struct record){.key = is_short ? key_short(writer->last, writer->last_len)
                                           : key_long(writer->last),
                           .bytes = is_short ? NULL : writer->last,
                           .len = writer->last_len};
}

/* Local. The part is complete: its last block leaves. False with fail set. */
bool counts_writer_end(struct counts_writer *writer, struct fail *fail);

/* Local. Idempotent. */
void counts_writer_free(struct counts_writer *writer);

#endif
