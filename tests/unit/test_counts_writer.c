/* SPDX-License-Identifier: BSD-3-Clause */
/* Count files are read as they were written, and the same records are the same bytes. */
#include "counts/counts_writer.h"

#include "counted.h"

static void expect_records(struct world *world, const char *path, const struct counted *list)
{
    struct counts_reader reader;
    size_t at = 0;
    if (!counts_reader_open(&reader, &world->mem, path, &world->fail))
        fail_msg("%s", world->fail.text);
    for (; counts_reader_next(&reader, &world->fail); at++) {
        assert_true(at < list->len);
        const struct counted_record *due = &list->records[at];
        assert_int_equal(reader.key_len, due->len);
        assert_memory_equal(reader.key, due->key, due->len);
        assert_true(reader.count == due->count);
    }
    if (world->fail.code != FAIL_NONE)
        fail_msg("%s", world->fail.text);
    assert_int_equal(at, list->len);
    assert_int_equal(reader.path.footer.totals.records, list->len);
    counts_reader_close(&reader);
}

static void expect_round_trip(struct world *world, struct counted *list)
{
    counted_sort(list);
    expect_records(world, counted_file(world, "usual", list, &counted_usual), list);
    expect_records(world, counted_file(world, "tiny", list, &counted_tiny), list);
    counted_free(list);
}

static void what_was_written_is_read(void **state)
{
    struct world *world = *state;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        struct counted list = counted_draw(6000, seed % 2 ? 40 : 3000, seed);
        expect_round_trip(world, &list);
    }
}

static void the_edges_are_read(void **state)
{
    struct world *world = *state;
    struct counted list = {0};
    expect_round_trip(world, &list);
    counted_add(&list, "", 0, UINT64_MAX);
    expect_round_trip(world, &list);
    counted_add(&list, "", 0, 0);
    counted_add(&list, "\0", 1, 1);
    counted_add(&list, "\0\0", 2, 127);
    counted_add(&list, "\xff", 1, 128);
    counted_add(&list, "\xff\xff", 2, UINT64_MAX - 1);
    expect_round_trip(world, &list);
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 257; b++) {
            const uint8_t key[] = {(uint8_t)a, (uint8_t)b};
            counted_add(&list, key, b < 256 ? 2 : 1, a * b);
        }
    expect_round_trip(world, &list);
    uint8_t *key = calloc(1, 70001);
    for (size_t len = 69980; len <= 70001; len++)
        counted_add(&list, key, len, len);
    for (size_t len = 0; len < 300; len++)
        counted_add(&list, key, len, len);
    key[69000] = 1;
    counted_add(&list, key, 70000, 1);
    expect_round_trip(world, &list);
    free(key);
}

static void the_same_records_are_the_same_bytes(void **state)
{
    struct world *world = *state;
    const struct counts_meta none = {0};
    struct counted list = {0};
    for (unsigned i = 0; i < 400000; i++) {
        char key[16];
        counted_add(&list, key, (size_t)snprintf(key, sizeof key, "%06u", i), i);
    }
    size_t chapters = 0;
    for (size_t i = 0; i < list.len; i++)
        chapters += counts_writer_ends_chapter(list.records[i].key, list.records[i].len);
    assert_in_range(chapters, 2, 40);
    struct counted_bytes whole = counted_write(world, &list, &counted_usual, &none, 1);
    for (size_t parts = 2; parts <= 7; parts++) {
        struct counted_bytes other = counted_write(world, &list, &counted_usual, &none, parts);
        assert_int_equal(other.len, whole.len);
        assert_memory_equal(other.bytes, whole.bytes, whole.len);
        free(other.bytes);
    }
    free(whole.bytes);
    counted_free(&list);
}

static void totals_are_those_of_the_records(void **state)
{
    struct world *world = *state;
    struct counted list = counted_draw(20000, 100, 5);
    unsigned __int128 sum = 0;
    uint64_t key_bytes = 0, longest = 0, largest = 0, of[COUNTS_SPECTRUM] = {0};
    for (size_t i = 0; i < list.len; i++) {
        const struct counted_record *record = &list.records[i];
        sum += record->count;
        key_bytes += record->len;
        longest = record->len > longest ? record->len : longest;
        largest = record->count > largest ? record->count : largest;
        if (record->count >= 1 && record->count <= COUNTS_SPECTRUM)
            of[record->count - 1]++;
    }
    struct counts_reader reader;
    const char *path = counted_file(world, "file", &list, &counted_tiny);
    assert_true(counts_reader_open(&reader, &world->mem, path, &world->fail));
    const struct counts_totals *totals = &reader.path.footer.totals;
    assert_true(totals->sum == sum);
    assert_true(sum >> 64 > 0);
    assert_int_equal(totals->key_bytes, key_bytes);
    assert_int_equal(totals->longest, longest);
    assert_true(totals->largest == largest);
    assert_memory_equal(totals->of, of, sizeof of);
    assert_true(totals->blocks > 100 && reader.path.depth >= 2);
    counts_reader_close(&reader);
    counted_free(&list);
}

static void keys_out_of_order_are_refused(void **state)
{
    struct world *world = *state;
    static const char *const pairs[][2] = {
        {"b", "a"}, {"a", "a"}, {"ab", "a"}, {"", ""}, {"\xff", "z"}};
    for (size_t i = 0; i < LEN(pairs); i++) {
        struct counted_bytes out = {0};
        struct counts_writer writer;
        struct fail fail = {0};
        uint8_t keys[2][KEY_SLACK_BYTES] = {{0}};
        assert_true(counts_writer_init(&writer, &world->mem,
                                       (struct counts_sink){counted_put, &out}, &fail));
        for (int k = 0; k < 2; k++) {
            memcpy(keys[k], pairs[i][k], strlen(pairs[i][k]));
            assert_true(counts_writer_add(&writer, keys[k], strlen(pairs[i][k]), 1, &fail)
                        == (k == 0));
        }
        assert_int_equal(fail.code, FAIL_VERIFY);
        counts_writer_free(&writer);
        free(out.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_was_written_is_read),
        folder_test(the_edges_are_read),
        folder_test(the_same_records_are_the_same_bytes),
        folder_test(totals_are_those_of_the_records),
        folder_test(keys_out_of_order_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
