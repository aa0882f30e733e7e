/* SPDX-License-Identifier: BSD-3-Clause */
/* The total order, and runs in it. A run holds bare words beside each other, not pointers to
 * records: sorting never leaves the cache to look at a key, except where two long keys agree in
 * count and in their first 15 bytes. */
#include "data/ranking.h"

#include "data/radix.h"
#include "data/records.h"

static size_t prefix_len(size_t len)
{
    return len < RANKING_PREFIX_BYTES ? len : RANKING_PREFIX_BYTES;
}

void ranking_mark(enum order order, const struct record *record, struct ranking_mark *mark)
{
    memset(mark, 0, sizeof *mark);
    order_words(order, record, mark->word);
    if (record->bytes) {
        mark->len = prefix_len(record->len);
        memcpy(mark->bytes, record->bytes, mark->len);
    }
}

int ranking_compare_marks(const void *a, const void *b)
{
    const struct ranking_mark *left = a, *right = b;
    int order = order_compare_words(left->word, right->word);
    return order ? order : order_compare_bytes(left->bytes, left->len, right->bytes, right->len);
}

/* Negative, zero or positive: a mark and a record with this rank. */
static inline int compare_mark(const struct ranking_mark *mark, const uint64_t mark_word[3],
                               const struct record *record, const uint64_t word[3])
{
    const int order = order_compare_words(mark_word, word);
    return order || !record->bytes
             ? order
             : order_compare_bytes(mark->bytes, mark->len, record->bytes, prefix_len(record->len));
}

bool ranking_reaches(const struct ranking_mark *mark, enum order order, const struct record *record)
{
    uint64_t word[3];
    order_words(order, record, word);
    return compare_mark(mark, mark->word, record, word) <= 0;
}

struct record ranking_mark_key(enum order order, const struct ranking_mark *mark)
{
    const struct key key = order_key(order, mark->word);
    const unsigned tag = key_tag(key);
    struct record record = {.key = key};
    if (tag == KEY_LONG)
        record = (struct record){.key = key, .bytes = mark->bytes, .len = (size_t)mark->len};
    else if (tag > 0) /* of an empty mark it is 0 */
        record.len = tag - 1;
    return record;
}

/* By count, counts up to 3, 0 included, have a cell for each beginning of two bytes, because most
 * words of a large text are rare; larger counts have one each, up to 65535, and share the first
 * beyond that.
 * By key there is a cell for each beginning of 18 bits. Ascending, as ranks are. */
enum {
    CELLS_OF_COUNT = 1 << 16,
    FINE_COUNTS = 3,
    CELLS = CELLS_OF_COUNT * (FINE_COUNTS + 2),
    INDEX_BYTES = (CELLS + 1) * sizeof(uint32_t),
    INDEX_SHARE = 32, /* at most this part of the memory; without the index a search is by halves */
};

static size_t cell(enum order order, const uint64_t word[3])
{
    if (order == ORDER_KEY)
        return (size_t)(word[0] / (UINT64_MAX / CELLS + 1));
    uint64_t count = ~word[0];
    if (count > FINE_COUNTS)
        return count < CELLS_OF_COUNT ? CELLS_OF_COUNT - 1 - (size_t)count : 0;
    return (size_t)(FINE_COUNTS + 1 - count) * CELLS_OF_COUNT + (size_t)(word[1] >> 48);
}

bool ranking_reserve(struct ranking_splitters *splitters, enum order order, struct mem *mem,
                     size_t len, struct fail *fail)
{
    bool indexed = mem->limit_bytes / INDEX_SHARE >= INDEX_BYTES;
    *splitters = (struct ranking_splitters){.order = order, .mem = mem, .len = len};
    splitters->marks = mem_alloc(mem, len * sizeof *splitters->marks, fail);
    splitters->words = mem_alloc(mem, len * sizeof *splitters->words, fail);
    splitters->first = indexed ? mem_alloc(mem, INDEX_BYTES, fail) : NULL;
    return splitters->marks && splitters->words && (splitters->first || !indexed);
}

void ranking_index(struct ranking_splitters *splitters)
{
    size_t next = 0;
    for (size_t i = 0; i < splitters->len; i++)
        memcpy(splitters->words[i], splitters->marks[i].word, sizeof *splitters->words);
    if (!splitters->first)
        return;
    for (size_t i = 0; i < splitters->len; i++)
        for (size_t last = cell(splitters->order, splitters->marks[i].word); next <= last; next++)
            splitters->first[next] = (uint32_t)i;
    for (; next <= CELLS; next++)
        splitters->first[next] = (uint32_t)splitters->len;
}

size_t ranking_find(const struct ranking_splitters *splitters, const struct record *record)
{
    uint64_t word[3];
    if (splitters->len == 0)
        return 0;
    order_words(splitters->order, record, word);
    size_t from = 0, len = splitters->len;
    if (splitters->first) {
        const uint32_t *first = &splitters->first[cell(splitters->order, word)];
        from = first[0];
        len = first[1] - from;
    }
    while (len > 0) {
        size_t half = len / 2;
        const size_t middle = from + half;
        if (compare_mark(&splitters->marks[middle], splitters->words[middle], record, word) <= 0) {
            from += half + 1;
            len -= half + 1;
        } else {
            len = half;
        }
    }
    return from;
}

void ranking_free_splitters(struct ranking_splitters *splitters)
{
    if (splitters->mem) {
        mem_free(splitters->mem, splitters->marks, splitters->len * sizeof *splitters->marks);
        mem_free(splitters->mem, splitters->words, splitters->len * sizeof *splitters->words);
        mem_free(splitters->mem, splitters->first, INDEX_BYTES);
    }
    *splitters = (struct ranking_splitters){0};
}

static const uint8_t *long_bytes(const uint64_t *item)
{
    return (const uint8_t *)(uintptr_t)item[3];
}

static int compare_longs(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    return order_compare_bytes(long_bytes(left), left[4], long_bytes(right), right[4]);
}

/* Room for `bytes` in *block, whose contents are not kept. */
static bool room(struct mem *mem, void **block, size_t *have_bytes, size_t bytes, struct fail *fail)
{
    if (bytes <= *have_bytes)
        return true;
    mem_free(mem, *block, *have_bytes);
    *have_bytes = 0;
    *block = mem_alloc(mem, bytes, fail);
    if (*block)
        *have_bytes = bytes;
    return *block != NULL;
}

/* Room for one more long record. */
static bool more_longs(struct ranking_run *run, struct fail *fail)
{
    void *longs = mem_reserve(run->mem, run->longs, &run->longs_bytes,
                              (run->longs_len + 1) * sizeof *run->longs, fail);
    if (!longs)
        return false;
    run->longs = longs;
    return true;
}

static bool take(struct ranking_run *run, const struct record *record, struct fail *fail)
{
    if (!record->bytes) {
        uint64_t *item = run->shorts[run->shorts_len++];
        order_words(run->order, record, item);
        if (run->order == ORDER_KEY)
            item[2] = ~record->count;
        return true;
    }
    if (!more_longs(run, fail))
        return false;
    uint64_t *item = run->longs[run->longs_len++];
    order_words(run->order, record, item);
    item[3] = (uint64_t)(uintptr_t)record->bytes;
    item[4] = record->len;
    return true;
}

static bool take_all(struct ranking_run *run, const struct parcel *parcel, struct fail *fail)
{
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record))
        if (!take(run, &record, fail))
            return false;
    return records_end(&records, "sort", fail);
}

bool ranking_load(struct ranking_run *run, enum order order, struct mem *mem,
                  const struct parcel *parcel, struct fail *fail)
{
    run->order = order;
    run->mem = mem;
    run->shorts_len = run->longs_len = run->next_short = run->next_long = 0;
    void *block = run->shorts;
    bool ok = room(mem, &block, &run->shorts_bytes, parcel->records * sizeof *run->shorts, fail);
    run->shorts = block;
    if (!ok || !take_all(run, parcel, fail))
        return false;
    size_t spare = run->shorts_bytes > run->longs_bytes ? run->shorts_bytes : run->longs_bytes;
    if (!room(mem, &run->spare, &run->spare_bytes, spare, fail))
        return false;
    radix_sort3(run->shorts, run->spare, run->shorts_len);
    radix_sort5(run->longs, run->spare, run->longs_len, compare_longs);
    return true;
}

bool ranking_next(struct ranking_run *run, struct record *record)
{
    bool more_shorts = run->next_short < run->shorts_len;
    bool more_longs = run->next_long < run->longs_len;
    if (more_shorts
        && (!more_longs
            || order_compare_words(run->shorts[run->next_short], run->longs[run->next_long]) < 0)) {
        const uint64_t *item = run->shorts[run->next_short++];
        record->count = ~item[run->order == ORDER_COUNT ? 0 : 2];
        record->key = order_key(run->order, item);
        record->len = key_tag(record->key) - 1;
        record->bytes = NULL;
        return true;
    }
    if (!more_longs)
        return false;
    const uint64_t *item = run->longs[run->next_long++];
    record->bytes = long_bytes(item);
    record->count = run->order == ORDER_COUNT ? ~item[0] : parcel_long_count(record->bytes);
    record->key = order_key(run->order, item);
    record->len = item[4];
    return true;
}

void ranking_free(struct ranking_run *run)
{
    if (run->mem) {
        mem_free(run->mem, run->shorts, run->shorts_bytes);
        mem_free(run->mem, run->longs, run->longs_bytes);
        mem_free(run->mem, run->spare, run->spare_bytes);
    }
    *run = (struct ranking_run){0};
}
