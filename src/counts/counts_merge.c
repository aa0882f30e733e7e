/* SPDX-License-Identifier: BSD-3-Clause */
/* A tree of losers (Knuth 5.4.1): a step plays one game on each level, whatever came before. */
#include "counts/counts_merge.h"

#include "data/order.h"

#include <string.h>

enum { AHEAD_BYTES = 16 << 10 }; /* of long keys; one may be longer */

static const size_t nobody = SIZE_MAX;

static inline bool is_long(const struct counts_merge_row *row)
{
    return (row->low & 0xff) == KEY_LONG;
}

static inline bool has_ended(const struct counts_merge_file *file)
{
    return file->next->low == UINT64_MAX;
}

static inline const uint8_t *long_key(const struct counts_merge_file *file)
{
    return file->keys + file->next->place;
}

/* Who reads ahead in a file. */
struct reading {
    struct counts_merge *merge;
    struct counts_merge_file *file;
    struct fail *fail;
};

static bool keep_long(const struct reading *reading, const uint8_t *key, size_t len)
{
    struct counts_merge_file *file = reading->file;
    uint8_t *keys = mem_reserve(reading->merge->mem, file->keys, &file->keys_cap,
                                file->keys_len + len + KEY_SLACK_BYTES, reading->fail);
    if (!keys)
        return false;
    for (size_t i = 0; i < len; i += 16)
        memcpy(keys + file->keys_len + i, key + i, 16);
    file->keys = keys;
    file->keys_len += len;
    return true;
}

/* Takes a record; false where there should be no more. */
static inline bool take_row(void *context, const uint8_t *bytes, size_t len, uint64_t count)
{
    const struct reading *reading = context;
    struct counts_merge_file *file = reading->file;
    const bool is_short = len <= KEY_SHORT_MAX;
    const struct key key = is_short ? key_short(bytes, len) : key_long(bytes);
    *file->end++ = (struct counts_merge_row){.high = __builtin_bswap64(key.lo),
                                             .low = __builtin_bswap64(key.hi),
                                             .count = count,
                                             .len = len,
                                             .place = file->keys_len};
    return (is_short || keep_long(reading, bytes, len))
        && file->end < file->rows + COUNTS_MERGE_ROWS && file->keys_len < AHEAD_BYTES;
}

/* Reads on in a file. False with fail set. */
static bool read_ahead(struct counts_merge *merge, size_t i, struct fail *fail)
{
    struct counts_merge_file *file = &merge->ahead[i];
    struct reading reading = {merge, file, fail};
    file->next = file->end = file->rows;
    file->keys_len = 0;
    counts_reader_each(&merge->readers[i], true, take_row, &reading, fail);
    if (file->end == file->rows)
        *file->end++ = (struct counts_merge_row){.high = UINT64_MAX, .low = UINT64_MAX};
    return fail->code == FAIL_NONE;
}

static bool is_before_long(const struct counts_merge_file *a, const struct counts_merge_file *b)
{
    return order_compare_bytes(long_key(a), a->next->len, long_key(b), b->next->len) < 0;
}

static inline bool is_before(const struct counts_merge_file *a, const struct counts_merge_file *b)
{
    const struct counts_merge_row *x = a->next, *y = b->next;
    if (x->high != y->high)
        return x->high < y->high;
    if (__builtin_expect((x->low == y->low) & is_long(x), 0))
        return is_before_long(a, b);
    return x->low < y->low;
}

/* File `i` plays its way up, from the bottom, until nobody is there to play with. */
static inline void play(struct counts_merge *merge, size_t i)
{
    size_t winner = i;
    for (size_t node = (i + merge->len) / 2; node > 0; node /= 2) {
        const size_t other = merge->tree[node];
        if (other == nobody) {
            merge->tree[node] = winner;
            return;
        }
        if (is_before(&merge->ahead[other], &merge->ahead[winner])) {
            merge->tree[node] = winner;
            winner = other;
        }
    }
    merge->tree[0] = winner;
}

bool counts_merge_init(struct counts_merge *merge, struct mem *mem, struct counts_reader *readers,
                       size_t len, struct fail *fail)
{
    *merge = (struct counts_merge){.mem = mem, .readers = readers, .len = len};
    merge->ahead = mem_alloc(mem, len * sizeof *merge->ahead, fail);
    merge->tree = mem_alloc(mem, len * sizeof *merge->tree, fail);
    bool ok = merge->ahead && merge->tree;
    for (size_t i = 0; ok && i < len; i++) {
        merge->tree[i] = nobody;
        ok = read_ahead(merge, i, fail);
    }
    for (size_t i = 0; ok && i < len; i++)
        play(merge, i);
    return ok;
}

/* A file whose keys include the one at hand reads on. False with fail set. */
static bool read_on(struct counts_merge *merge, size_t i, struct fail *fail)
{
    if (is_long(&merge->row) && merge->bytes != merge->key.bytes) {
        merge->key.len = 0;
        if (!buffer_append(&merge->key, merge->mem, merge->bytes, merge->row.len + KEY_SLACK_BYTES,
                           fail))
            return false;
        merge->bytes = merge->key.bytes;
    }
    return read_ahead(merge, i, fail);
}

/* Whether a file has the key at hand. */
static inline bool has_key(const struct counts_merge *merge, const struct counts_merge_file *file)
{
    const struct counts_merge_row *row = file->next, *due = &merge->row;
    return row->high == due->high && row->low == due->low
        && (!is_long(row)
            || (row->len == due->len && memcmp(long_key(file), merge->bytes, row->len) == 0));
}

bool counts_merge_next(struct counts_merge *merge, uint64_t *counts, struct fail *fail)
{
    struct counts_merge_file *file = &merge->ahead[merge->tree[0]];
    if (has_ended(file))
        return false;
    merge->row = *file->next;
    merge->bytes = long_key(file);
    uint64_t sum = 0;
    size_t files = 0;
    if (counts)
        memset(counts, 0, merge->len * sizeof *counts);
    do {
        const size_t i = merge->tree[0];
        const uint64_t count = file->next->count;
        if (__builtin_add_overflow(sum, count, &sum))
            return fail_set(fail, FAIL_MEMORY,
                            "%s: a count goes beyond 64 bits with those of the "
                            "other files",
                            merge->readers[i].path.name);
        if (counts)
            counts[i] = count;
        files++;
        if (++file->next == file->end && !read_on(merge, i, fail))
            return false;
        play(merge, i);
        file = &merge->ahead[merge->tree[0]];
    } while (has_key(merge, file));
    const struct counts_merge_row *row = &merge->row;
    merge->files = files;
    merge->record =
        (struct record){.key = {__builtin_bswap64(row->high), __builtin_bswap64(row->low)},
                        .count = sum,
                        .bytes = is_long(row) ? merge->bytes : NULL,
                        .len = row->len};
    return true;
}

void counts_merge_free(struct counts_merge *merge)
{
    if (!merge->mem)
        return;
    for (size_t i = 0; merge->ahead && i < merge->len; i++)
        mem_free(merge->mem, merge->ahead[i].keys, merge->ahead[i].keys_cap);
    mem_free(merge->mem, merge->ahead, merge->len * sizeof *merge->ahead);
    mem_free(merge->mem, merge->tree, merge->len * sizeof *merge->tree);
    buffer_free(&merge->key, merge->mem);
    *merge = (struct counts_merge){0};
}
