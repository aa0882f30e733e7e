/* SPDX-License-Identifier: BSD-3-Clause */
/* counted: count files for tests. What is to be in them is a list of records, drawn and sorted by
 * code that is none of the program's. */
#ifndef COUNTED_H
#define COUNTED_H

#include "counts/counts_file.h"
#include "counts/counts_reader.h"

#include "world_in_folder.h"

struct counted_record {
    uint8_t *key; /* KEY_SLACK_BYTES more may be read */
    size_t len;
    uint64_t count;
};

struct counted {
    struct counted_record *records;
    size_t len, cap;
};

static inline void counted_add(struct counted *list, const void *key, size_t len, uint64_t count)
{
    if (list->len == list->cap) {
        list->cap = list->cap ? 2 * list->cap : 64;
        list->records = realloc(list->records, list->cap * sizeof *list->records);
    }
    uint8_t *copy = calloc(1, len + KEY_SLACK_BYTES);
    memcpy(copy, key, len);
    list->records[list->len++] = (struct counted_record){copy, len, count};
}

static inline int counted_compare(const void *a, const void *b)
{
    const struct counted_record *x = a, *y = b;
    const size_t len = x->len < y->len ? x->len : y->len;
    const int order = memcmp(x->key, y->key, len);
    return order ? order : x->len < y->len ? -1 : x->len > y->len;
}

/* Sorts the records, and leaves one of each key. */
static inline void counted_sort(struct counted *list)
{
    size_t kept = 0;
    if (list->len > 0)
        qsort(list->records, list->len, sizeof *list->records, counted_compare);
    for (size_t i = 0; i < list->len; i++) {
        if (kept > 0 && counted_compare(&list->records[kept - 1], &list->records[i]) == 0)
            free(list->records[i].key);
        else
            list->records[kept++] = list->records[i];
    }
    list->len = kept;
}

static inline void counted_free(struct counted *list)
{
    for (size_t i = 0; i < list->len; i++)
        free(list->records[i].key);
    free(list->records);
    *list = (struct counted){0};
}

/* Random records: many with a common beginning, of few letters or of all bytes, some long. */
static inline struct counted counted_draw(size_t records, size_t longest, uint64_t seed)
{
    struct seeded seeded = {seed};
    struct counted list = {0};
    uint8_t *key = malloc(longest + 1);
    size_t len = 0;
    for (size_t i = 0; i < records; i++) {
        const size_t kept = seeded_below(&seeded, len + 1);
        const size_t most = seeded_below(&seeded, 50) == 0 ? longest : 12;
        len = kept + seeded_below(&seeded, (most > kept ? most - kept : 0) + 1);
        for (size_t at = kept; at < len; at++)
            key[at] = seeded_below(&seeded, 4) ? seeded_of(&seeded, "aeinrst", 7)
                                               : (uint8_t)seeded_next(&seeded);
        const size_t bits = seeded_below(&seeded, 20) == 0 ? 64 : 6;
        counted_add(&list, key, len, seeded_next(&seeded) >> (64 - bits));
    }
    free(key);
    counted_sort(&list);
    return list;
}

/* The bytes of a file, in memory. */
struct counted_bytes {
    uint8_t *bytes;
    size_t len, cap;
};

static inline bool counted_put(void *context, const void *bytes, size_t len, struct fail *fail)
{
    struct counted_bytes *to = context;
    (void)fail;
    if (to->len + len > to->cap) {
        to->cap = 2 * (to->len + len);
        to->bytes = realloc(to->bytes, to->cap);
    }
    memcpy(to->bytes + to->len, bytes, len);
    to->len += len;
    return true;
}

/* Writes a file of these records, in so many parts at most: each begins where a chapter does. */
static inline struct counted_bytes counted_write(struct world *world, const struct counted *list,
                                                 const struct counts_ends_header *form,
                                                 const struct counts_meta *meta, size_t parts)
{
    struct counted_bytes out = {0};
    const struct counts_sink sink = {counted_put, &out};
    struct counts_totals totals = {0};
    struct buffer entries = {0};
    uint64_t bytes;
    size_t at = 0;
    assert_true(counts_file_begin(sink, form, &world->fail));
    for (size_t part = 0; part < parts; part++) {
        struct counts_writer writer;
        bool ended = false;
        assert_true(counts_writer_init(&writer, &world->mem, sink, &world->fail));
        writer.form = *form;
        for (; at < list->len && !(ended && at * parts >= (part + 1) * list->len); at++) {
            const struct counted_record *record = &list->records[at];
            if (!counts_writer_add(&writer, record->key, record->len, record->count, &world->fail))
                fail_msg("%s", world->fail.text);
            ended = part + 1 < parts && counts_writer_ends_chapter(record->key, record->len);
        }
        assert_true(counts_writer_end(&writer, &world->fail));
        counts_totals_add(&totals, &writer.totals);
        assert_true(buffer_append(&entries, &world->mem, writer.entries.bytes, writer.entries.len,
                                  &world->fail));
        counts_writer_free(&writer);
    }
    assert_true(counts_file_end(sink, &world->mem, &entries, &totals, meta, &bytes, &world->fail));
    assert_int_equal(bytes, out.len);
    buffer_free(&entries, &world->mem);
    return out;
}

static const struct counts_ends_header counted_usual = {COUNTS_TARGET_BYTES, COUNTS_RESTART},
                                       counted_tiny = {200, 4};

/* The same, as a file of the folder; returns its path. */
static inline const char *counted_file(struct world *world, const char *name,
                                       const struct counted *list,
                                       const struct counts_ends_header *form)
{
    const struct counts_meta none = {0};
    struct counted_bytes bytes = counted_write(world, list, form, &none, 1);
    const char *path = folder_put(name, bytes.bytes, bytes.len);
    free(bytes.bytes);
    return path;
}

/* Reads a whole file and closes it; how many records came, and whether it was sound. */
static inline bool counted_read(struct world *world, const char *path, size_t *records)
{
    struct counts_reader reader;
    bool ok = counts_reader_open(&reader, &world->mem, path, &world->fail);
    for (*records = 0; ok && counts_reader_next(&reader, &world->fail);)
        ++*records;
    counts_reader_close(&reader);
    return ok && world->fail.code == FAIL_NONE;
}

#endif
