/* SPDX-License-Identifier: BSD-3-Clause */
/* Rows and blocks. The hash is compiled in: most keys are shorter than a call of it. */
#define XXH_INLINE_ALL
#include "counts/counts_writer.h"

#include "counts/counts_block.h"
#include "counts/counts_entry.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif
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
    writer->last = mem_reserve(mem, NULL, &writer->last_cap, KEY_SLACK_BYTES, fail);
    begin_block(writer);
    return writer->block && writer->last;
}

/* How many of their first 16 bytes two keys share, or more than they have. */
static inline size_t shared_of_16(const uint8_t *a, const uint8_t *b)
{
#ifdef __SSE2__
    const __m128i same =
        _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)a), _mm_loadu_si128((const __m128i *)b));
    return (size_t)__builtin_ctz(~(unsigned)_mm_movemask_epi8(same));
#else
    const uint64_t low = key_word(a) ^ key_word(b), high = key_word(a + 8) ^ key_word(b + 8);
    return low  ? (size_t)__builtin_ctzll(low) / 8
         : high ? 8 + (size_t)__builtin_ctzll(high) / 8
                : 16;
#endif
}

/* How many bytes two keys share at their beginning; 16 may be read of both. A branch for what is
 * beyond is all there is: others cost more, because nobody could predict them. */
static inline size_t shared_bytes(const uint8_t *last, size_t last_len, const uint8_t *key,
                                  size_t key_len)
{
    const size_t len = last_len < key_len ? last_len : key_len;
    size_t shared = shared_of_16(last, key);
    if (__builtin_expect(shared == 16 && len > 16, 0)) {
        size_t at = 0;
        do {
            at = at + 32 <= len ? at + 16 : len - 16;
            shared = shared_of_16(last + at, key + at);
        } while (shared == 16 && at + 16 < len);
        shared += at;
    }
    return shared < len ? shared : len;
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
                                .sum = (uint64_t)writer->sum,
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
                                       .sum = (uint64_t)writer->sum,
                                       .checksum = head.checksum};
    struct buffer *entries = &writer->entries;
    const size_t before = entries->len;
    if (!buffer_append(entries, writer->mem, NULL, COUNTS_ENTRY_BYTES + entry.key_len, fail))
        return false;
    entries->len = (size_t)(counts_entry_put(entries->bytes + before, &entry) - entries->bytes);
    counts_totals_block(&writer->totals, bytes, writer->rows, writer->sum, &writer->of_rows);
    begin_block(writer);
    return writer->sink.put(writer->sink.context, block, bytes, fail);
}

/* Whether the key of the next row, which shares `shared` bytes with the last one, is behind it. */
static inline bool follows(const struct counts_writer *writer, const uint8_t *key, size_t len,
                           size_t shared)
{
    if (__builtin_expect(shared == len, 0))
        return !writer->begun;
    /* Where the last key has no more than they share nothing else matters: no branch, because that
     * would be a guess. */
    const int64_t left = (int64_t)(writer->last_len - shared);
    const int64_t rises = (int64_t)writer->last[shared] - (int64_t)key[shared];
    return (-left & ~rises) >= 0;
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

/* The next row holds its whole key; of the first one of a block the index keeps as much as tells it
 * from the one before. */
static bool begin_restart(struct counts_writer *writer, size_t len, size_t shared,
                          struct fail *fail)
{
    const uint32_t at = (uint32_t)(writer->len - COUNTS_HEAD_BYTES);
    if (writer->rows == 0)
        writer->separator = writer->chapter ? len : shared + 1;
    writer->plain = writer->form.restart;
    writer->begun = true;
    return buffer_append(&writer->restarts, writer->mem, &at, sizeof at, fail);
}

/* Copies a key of which 16 bytes may be read. Most have no more than 32, and of these two
 * copies that overlap take less than a branch. */
static inline void copy_key(uint8_t *to, const uint8_t *from, size_t len)
{
    const size_t rest = len > 16 ? len - 16 : 0;
    memcpy(to, from, 16);
    for (size_t i = 16; i < rest; i += 16)
        memcpy(to + i, from + i, 16);
    memcpy(to + rest, from + rest, 16);
}

/* Copies what a key does not share, and no byte behind it is read: of a few, its last 16 bytes are
 * shifted. */
static inline void copy_fresh(uint8_t *to, const uint8_t *key, size_t len, size_t shared)
{
    const size_t from = len > 16 ? len - 16 : 0;
    unsigned __int128 bytes;
    if (shared < from) {
        copy_key(to, key + shared, len - shared);
        return;
    }
    memcpy(&bytes, key + from, sizeof bytes);
    bytes >>= 8 * (shared - from);
    memcpy(to, &bytes, sizeof bytes);
}

/* Writes the key of a row, but for what it shares; returns the end. */
static inline uint8_t *put_key(uint8_t *at, const uint8_t *key, size_t len, size_t shared)
{
    enum { ONE_BYTE = COUNTS_NIBBLE + 0x80 };
    const size_t fresh = len - shared;
    if (__builtin_expect(len < COUNTS_NIBBLE, 1)) {
        unsigned __int128 bytes;
        memcpy(&bytes, key, sizeof bytes);
        bytes >>= 8 * shared;
        *at++ = (uint8_t)(shared << 4 | fresh);
        memcpy(at, &bytes, sizeof bytes);
        return at + fresh;
    }
    const size_t far = shared >= COUNTS_NIBBLE, longer = fresh >= COUNTS_NIBBLE;
    const size_t high = far ? COUNTS_NIBBLE : shared, low = longer ? COUNTS_NIBBLE : fresh;
    *at++ = (uint8_t)(high << 4 | low);
    if (__builtin_expect(shared < ONE_BYTE && fresh < ONE_BYTE, 1)) {
        /* Which of them go beyond is no branch: what is written in vain is written over. */
        *at = (uint8_t)(shared - COUNTS_NIBBLE);
        at += far;
        *at = (uint8_t)(fresh - COUNTS_NIBBLE);
        at += longer;
    } else {
        if (far)
            at = counts_layout_put(at, shared - COUNTS_NIBBLE);
        if (longer)
            at = counts_layout_put(at, fresh - COUNTS_NIBBLE);
    }
    copy_fresh(at, key, len, shared);
    return at + fresh;
}

bool counts_writer_add(struct counts_writer *writer, const uint8_t *key, size_t len, uint64_t count,
                       struct fail *fail)
{
    size_t shared = shared_bytes(writer->last, writer->last_len, key, len);
    if (!follows(writer, key, len, shared))
        return fail_set(fail, FAIL_VERIFY, "verification failed: two keys are out of order");
    if (!has_room(writer, len, fail))
        return false;
    if (__builtin_expect(writer->plain == 0, 0)) {
        if (!begin_restart(writer, len, shared, fail))
            return false;
        shared = 0;
    }
    writer->plain--;
    uint8_t *block = writer->block, *at = put_key(block + writer->len, key, len, shared);
    copy_key(writer->last, key, len);
    writer->last_len = len;
    const size_t end = (size_t)(counts_layout_put(at, count) - block);
    writer->len = end;
    writer->rows++;
    writer->sum += count;
    counts_totals_row(&writer->of_rows, len, count);
    writer->chapter = counts_writer_ends_chapter(key, len);
    return (end - COUNTS_HEAD_BYTES < writer->form.target_bytes && !writer->chapter)
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
