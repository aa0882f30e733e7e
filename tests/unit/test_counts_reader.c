/* SPDX-License-Identifier: BSD-3-Clause */
/* What is looked up is what is there, in whatever order it is asked for. */
#include "counts/counts_reader.h"

#include "counted.h"

/* The first record that is not before a key; list->len: none. */
static size_t due_at(const struct counted *list, const uint8_t *key, size_t len)
{
    const struct counted_record asked = {(uint8_t *)(uintptr_t)key, len, 0};
    size_t at = 0;
    while (at < list->len && counted_compare(&list->records[at], &asked) < 0)
        at++;
    return at;
}

static void expect_sought(struct world *world, struct counts_reader *reader,
                          const struct counted *list, const uint8_t *key, size_t len, size_t onward)
{
    size_t at = due_at(list, key, len);
    if (!counts_reader_seek(reader, key, len, &world->fail))
        fail_msg("%s", world->fail.text);
    for (size_t i = 0; i <= onward; i++, at++) {
        const bool found = counts_reader_next(reader, &world->fail);
        assert_int_equal(found, at < list->len);
        if (!found)
            return;
        assert_int_equal(reader->key_len, list->records[at].len);
        assert_memory_equal(reader->key, list->records[at].key, reader->key_len);
        assert_true(reader->count == list->records[at].count);
    }
}

/* A key that is there, one beside it, or any. */
static size_t draw_key(struct seeded *seeded, const struct counted *list, uint8_t *key)
{
    const size_t how = seeded_below(seeded, 8);
    if (how == 0 || list->len == 0) {
        const size_t len = seeded_below(seeded, 6);
        seeded_fill(seeded, key, len);
        return len;
    }
    const struct counted_record *record = &list->records[seeded_below(seeded, list->len)];
    size_t len = record->len;
    memcpy(key, record->key, len);
    if (how == 1 && len > 0)
        len = seeded_below(seeded, len);
    if (how == 2)
        key[len++] = (uint8_t)seeded_next(seeded);
    if (how == 3 && len > 0)
        key[seeded_below(seeded, len)] ^= 1;
    return len;
}

static void any_key_is_found(void **state)
{
    struct world *world = *state;
    static const size_t sizes[] = {0, 1, 3, 5, 700, 9000};
    uint8_t key[4000];
    for (size_t i = 0; i < 2 * LEN(sizes); i++) {
        struct counted list = counted_draw(sizes[i / 2], 2000, i + 1);
        struct seeded seeded = {i};
        struct counts_reader reader;
        const char *path =
            counted_file(world, "file", &list, i % 2 ? &counted_usual : &counted_tiny);
        assert_true(counts_reader_open(&reader, &world->mem, path, &world->fail));
        for (int round = 0; round < 400; round++)
            expect_sought(world, &reader, &list, key, draw_key(&seeded, &list, key),
                          seeded_below(&seeded, 3) ? 0 : seeded_below(&seeded, 300));
        counts_reader_close(&reader);
        counted_free(&list);
    }
}

static void keys_in_their_order_are_found(void **state)
{
    struct world *world = *state;
    struct counted list = counted_draw(5000, 60, 3), asked = {0};
    struct seeded seeded = {4};
    struct counts_reader reader;
    uint8_t key[4000];
    const char *path = counted_file(world, "file", &list, &counted_tiny);
    for (int i = 0; i < 3000; i++)
        counted_add(&asked, key, draw_key(&seeded, &list, key), 0);
    counted_sort(&asked);
    assert_true(counts_reader_open(&reader, &world->mem, path, &world->fail));
    size_t hits = 0;
    for (size_t i = 0; i < asked.len; i++) {
        bool found;
        uint64_t count;
        const size_t at = due_at(&list, asked.records[i].key, asked.records[i].len);
        const bool due =
            at < list.len && counted_compare(&list.records[at], &asked.records[i]) == 0;
        assert_true(counts_reader_get(&reader, asked.records[i].key, asked.records[i].len, &found,
                                      &count, &world->fail));
        assert_int_equal(found, due);
        assert_true(count == (due ? list.records[at].count : 0));
        hits += due;
    }
    assert_in_range(hits, asked.len / 4, asked.len - asked.len / 4);
    counts_reader_close(&reader);
    counted_free(&asked);
    counted_free(&list);
}

/* Where a number in a row takes one more byte, and beside it. */
static void rows_of_all_lengths_are_read(void **state)
{
    struct world *world = *state;
    static const size_t lengths[] = {0, 1, 14, 15, 16, 17, 33, 142, 143, 144, 400};
    static const uint64_t counts[] = {0, 1, 127, 128, 300, UINT64_MAX};
    struct counted list = {0};
    struct counts_reader reader;
    uint8_t key[1200];
    for (size_t i = 0; i < LEN(lengths) * LEN(lengths) * LEN(lengths); i++) {
        const size_t a = lengths[i % LEN(lengths)], b = lengths[i / LEN(lengths) % LEN(lengths)],
                     c = lengths[i / LEN(lengths) / LEN(lengths)];
        memset(key, 'b', a);
        memset(key + a, 'a', b);
        memset(key + a + b, 'c', c);
        counted_add(&list, key, a + b + c, counts[i % LEN(counts)]);
    }
    counted_sort(&list);
    const char *path = counted_file(world, "file", &list, &counted_usual);
    assert_true(counts_reader_open(&reader, &world->mem, path, &world->fail));
    expect_sought(world, &reader, &list, key, 0, list.len);
    counts_reader_close(&reader);
    counted_free(&list);
}

struct walked {
    uint64_t entries, rows;
};

static bool visit(void *context, const struct counts_entry *entry, struct fail *fail)
{
    struct walked *walked = context;
    (void)fail;
    walked->entries++;
    walked->rows += entry->rows;
    return true;
}

static void the_index_is_walked_as_fine_as_is_wanted(void **state)
{
    struct world *world = *state;
    struct counted list = counted_draw(20000, 60, 3);
    struct counts_path path;
    const char *name = counted_file(world, "file", &list, &counted_tiny);
    assert_true(counts_path_open(&path, &world->mem, name, &world->fail));
    uint64_t before = 0;
    static const uint64_t wants[] = {1, 100, UINT64_MAX};
    for (size_t i = 0; i < LEN(wants); i++) {
        struct walked walked = {0};
        assert_true(counts_path_walk(&path, wants[i], visit, &walked, &world->fail));
        assert_int_equal(walked.rows, list.len);
        assert_true(walked.entries >= before);
        before = walked.entries;
    }
    assert_int_equal(before, path.footer.totals.blocks);
    counts_path_close(&path);
    counted_free(&list);
}

/* What the keys of several rules say of each other. */
static void rules_are_compared(void **state)
{
    struct world *world = *state;
    struct counts_meta a = {0}, b = {0}, read = {0};
    struct fail fail = {0};
    size_t len;
    assert_true(counts_meta_set_number(&a, &world->mem, "input-bytes", 70, &fail));
    assert_true(counts_meta_set(&a, &world->mem, "count", "words", &fail));
    assert_true(counts_meta_set(&a, &world->mem, "case", "fold", &fail));
    assert_true(counts_meta_set(&a, &world->mem, "case", "lower", &fail));
    assert_int_equal(a.lines, 3);
    assert_memory_equal(a.text.bytes, "case=lower\ncount=words\ninput-bytes=70\n", a.text.len);
    assert_true(counts_meta_read(&b, &world->mem, a.text.bytes, a.text.len, 3, "b", &fail));
    assert_true(counts_meta_add(&a, &world->mem, "a", &b, "b", &fail));
    assert_memory_equal(counts_meta_get(&a, "input-bytes", &len), "140", 3);
    assert_int_equal(len, 3);
    assert_null(counts_meta_get(&a, "cas", &len));
    assert_true(counts_meta_set_number(&a, &world->mem, "input-files", 2, &fail));
    assert_true(counts_meta_add(&a, &world->mem, "a", &b, "b", &fail));
    assert_null(counts_meta_get(&a, "input-files", &len)); /* b does not know */
    assert_int_equal(a.lines, 3);
    assert_true(counts_meta_set(&b, &world->mem, "case", "fold", &fail));
    assert_false(counts_meta_add(&a, &world->mem, "a.mwc", &b, "b.mwc", &fail));
    assert_string_equal(fail.text,
                        "b.mwc: was counted by other rules than a.mwc: case=fold, "
                        "and case=lower");
    assert_int_equal(fail.code, FAIL_USAGE);
    counts_meta_free(&b, &world->mem);
    fail = (struct fail){0};
    assert_false(counts_meta_add(&a, &world->mem, "a", &b, "b", &fail));
    assert_string_equal(fail.text, "b: was counted by other rules than a: no case, and case=lower");
    static const char *const malformed[] = {"a",    "a\n", "b=1\na=1\n", "a=1\na=1\n",
                                            "=1\n", "a=1", "a=\x1b[1m\n"};
    for (size_t i = 0; i < LEN(malformed); i++) {
        uint32_t lines = 0;
        for (const char *at = malformed[i]; *at; at++)
            lines += *at == '\n';
        fail = (struct fail){0};
        assert_false(counts_meta_read(&read, &world->mem, (const uint8_t *)malformed[i],
                                      strlen(malformed[i]), lines, "f", &fail));
        assert_int_equal(fail.code, FAIL_INPUT);
        counts_meta_free(&read, &world->mem);
    }
    counts_meta_free(&a, &world->mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(any_key_is_found),
        folder_test(keys_in_their_order_are_found),
        folder_test(rows_of_all_lengths_are_read),
        folder_test(the_index_is_walked_as_fine_as_is_wanted),
        folder_test(rules_are_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
