/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows and blocks. The hash is compiled in: most keys are shorter than a call of it. */
#define XXH_INLINE_ALL
#include "counts/counts_writer.h"

#include "counts/counts_block.h"
#include "counts/counts_entry.h"

#include <xxhash.h>

/* All of a row but its key. */
enum { ROW_BYTES = 1 + 3 * COUNTS_VARINT_BYTES };

bool counts_writer_ends_chapter(const uint8_t *key, size_t len)
{
    const uint64_t zeros = ((uint64_t)1 << COUNTS_CHAPTER_BITS) - 1;
    return (XXH3_64bits(key, len) & zeros) == 0;
}

static void begin_block(struct counts_writer *writer)
{
    writer->len = COUNTS_HEAD_BYTES;
    writer->rows = writer->plain = 0;
    writer->sum = 0;
    writer->restarts.len = 0;
}

bool counts_writer_init(struct counts_writer *writer, struct mem *mem, struct counts_sink sink,
                        struct fail *fail)
{
    *writer = (struct counts_writer){
        .form = {COUNTS_TARGET_BYTES, COUNTS_RESTART}, .mem = mem, .sink = sink, .chapter = true};
    writer->block =
        mem_reserve(mem, NULL, &writer->cap, COUNTS_TARGET_BYTES + COUNTS_INDEX_BYTES, fail);
    begin_block(writer);
    return writer->block != NULL;
}

/* At which byte two words differ that do. */
static inline size_t first_byte(uint64_t differ)
{
    return (size_t)__builtin_ctzll(differ) / 8;
}

/* How many bytes two keys share at their beginning; behind the first there is slack. Of a short one
 * 16 are compared, because a branch for each byte costs more. */
static inline size_t shared_bytes(const uint8_t *last, size_t last_len, const uint8_t *key,
                                  size_t key_len)
{
    const size_t len = last_len < key_len ? last_len : key_len;
    if (len <= 16) {
        const uint64_t low = key_word(last) ^ key_word(key),
                       high = key_word(last + 8) ^ key_word(key + 8);
        const size_t shared = low ? first_byte(low) : high ? 8 + first_byte(high) : 16;
        return shared < len ? shared : len;
    }
    for (size_t i = 0; i < len - 8; i += 8) {
        const uint64_t differ = key_word(last + i) ^ key_word(key + i);
        if (differ)
            return i + first_byte(differ);
    }
    const uint64_t differ = key_word(last + len - 8) ^ key_word(key + len - 8);
    return differ ? len - 8 + first_byte(differ) : len;
}

static bool end_block(struct counts_writer *writer, struct fail *fail)
{
    const size_t restarts = writer->restarts.len / sizeof(uint32_t);
    const size_t rows_bytes = writer->len - COUNTS_HEAD_BYTES;
    const size_t bytes = writer->len + writer->restarts.len + COUNTS_CHECKSUM_BYTES;
    uint8_t *block = mem_reserve(writer->mem, writer->block, &writer->cap, bytes, fail);
    if (!block)
        return false;
    writer->block = block;
    memcpy(block + writer->len, writer->restarts.bytes, writer->restarts.len);
    struct counts_block head = {.what = COUNTS_DATA,
                                .rows = writer->rows,
                                .sum = writer->sum,
                                .part = (uint32_t)restarts,
                                .payload_bytes = rows_bytes + writer->restarts.len};
    counts_block_seal(block, &head);
    /* The first key stands in the first row, behind its tag and at most one varint. */
    const uint8_t *first = block + COUNTS_HEAD_BYTES + 1;
    uint64_t beyond;
    if ((first[-1] & COUNTS_NIBBLE) == COUNTS_NIBBLE)
        first = counts_layout_get(first, block + writer->len, &beyond);
    const struct counts_entry entry = {.key = first,
                                       .key_len = writer->separator,
                                       .bytes = bytes,
                                       .rows = writer->rows,
                                       .sum = writer->sum,
                                       .checksum = head.checksum};
    struct buffer *entries = &writer->entries;
    const size_t before = entries->len;
    if (!buffer_append(entries, writer->mem, NULL, COUNTS_ENTRY_BYTES + entry.key_len, fail))
        return false;
    entries->len = (size_t)(counts_entry_put(entries->bytes + before, &entry) - entries->bytes);
    writer->totals.blocks++;
    writer->totals.block_bytes += bytes;
    begin_block(writer);
    return writer->sink.put(writer->sink.context, block, bytes, fail);
}

/* The key of the next row, which is to be behind the last one: it shares `shared` bytes with it. */
static bool follows(const struct counts_writer *writer, const uint8_t *key, size_t len,
                    size_t shared)
{
    return !writer->begun
        || (shared < len && (shared == writer->last_len || writer->last[shared] < key[shared]));
}

static bool make_room(struct counts_writer *writer, size_t block_bytes, size_t key_bytes,
                      struct fail *fail)
{
    uint8_t *block = mem_reserve(writer->mem, writer->block, &writer->cap, block_bytes, fail);
    writer->block = block ? block : writer->block;
    uint8_t *last = mem_reserve(writer->mem, writer->last, &writer->last_cap, key_bytes, fail);
    writer->last = last ? last : writer->last;
    return block && last;
}

/* Room for a row with a key of `len` bytes, here and as the last key. */
static inline bool has_room(struct counts_writer *writer, size_t len, struct fail *fail)
{
    const size_t block_bytes = writer->len + len + ROW_BYTES + KEY_SLACK_BYTES;
    const size_t key_bytes = len + KEY_SLACK_BYTES;
    return __builtin_expect(block_bytes <= writer->cap && key_bytes <= writer->last_cap, 1)
        || make_room(writer, block_bytes, key_bytes, fail);
}

static bool begin_restart(struct counts_writer *writer, struct fail *fail)
{
    const uint32_t at = (uint32_t)(writer->len - COUNTS_HEAD_BYTES);
    return buffer_append(&writer->restarts, writer->mem, &at, sizeof at, fail);
}

/* Copies a key of which 16 bytes may be read: most are short, and of 16 bytes whatever the length
 * the copy takes less than a call. */
static inline void copy_key(uint8_t *to, const uint8_t *from, size_t len)
{
    for (size_t i = 16; i < len; i += 16)
        memcpy(to + i - 16, from + i - 16, 16);
    const size_t rest = len > 16 ? len - 16 : 0;
    memcpy(to + rest, from + rest, 16);
}

/* Writes the last key, the one of a row, but for what it shares; returns the end. */
static inline uint8_t *put_key(const struct counts_writer *writer, uint8_t *at, size_t shared)
{
    const uint8_t *key = writer->last;
    const size_t fresh = writer->last_len - shared;
    if (__builtin_expect(writer->last_len < COUNTS_NIBBLE, 1)) {
        /* Shifted, because a load of bytes of two stores that were just made waits for both. */
        unsigned __int128 bytes;
        memcpy(&bytes, key, sizeof bytes);
        bytes >>= 8 * shared;
        *at++ = (uint8_t)(shared << 4 | fresh);
        memcpy(at, &bytes, sizeof bytes);
        return at + fresh;
    }
    const unsigned high = shared < COUNTS_NIBBLE ? (unsigned)shared : COUNTS_NIBBLE;
    const unsigned low = fresh < COUNTS_NIBBLE ? (unsigned)fresh : COUNTS_NIBBLE;
    *at++ = (uint8_t)(high << 4 | low);
    if (high == COUNTS_NIBBLE)
        at = counts_layout_put(at, shared - COUNTS_NIBBLE);
    if (low == COUNTS_NIBBLE)
        at = counts_layout_put(at, fresh - COUNTS_NIBBLE);
    copy_key(at, key + shared, fresh);
    return at + fresh;
}

bool counts_writer_add(struct counts_writer *writer, const uint8_t *key, size_t len, uint64_t count,
                       struct fail *fail)
{
    size_t shared = writer->begun ? shared_bytes(writer->last, writer->last_len, key, len) : 0;
    if (!follows(writer, key, len, shared))
        return fail_set(fail, FAIL_VERIFY, "verification failed: two keys are out of order");
    if (!has_room(writer, len, fail))
        return false;
    if (writer->rows == 0)
        writer->separator = writer->chapter ? len : shared + 1;
    if (writer->plain == 0) {
        if (!begin_restart(writer, fail))
            return false;
        shared = 0;
        writer->plain = writer->form.restart;
    }
    writer->plain--;
    copy_key(writer->last, key, len);
    writer->last_len = len;
    uint8_t *at = put_key(writer, writer->block + writer->len, shared);
    writer->len = (size_t)(counts_layout_put(at, count) - writer->block);
    writer->begun = true;
    writer->rows++;
    writer->sum += count;
    counts_totals_count(&writer->totals, len, count);
    writer->chapter = counts_writer_ends_chapter(key, len);
    return (writer->len - COUNTS_HEAD_BYTES < writer->form.target_bytes && !writer->chapter)
        || end_block(writer, fail);
}

bool counts_writer_end(struct counts_writer *writer, struct fail *fail)
{
    return writer->rows == 0 || end_block(writer, fail);
}

void counts_writer_free(struct counts_writer *writer)
{
    if (!writer->mem)
        return;
    mem_free(writer->mem, writer->block, writer->cap);
    mem_free(writer->mem, writer->last, writer->last_cap);
    buffer_free(&writer->restarts, writer->mem);
    buffer_free(&writer->entries, writer->mem);
    writer->mem = NULL;
}
