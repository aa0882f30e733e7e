/* SPDX-License-Identifier: BSD-3-Clause */
/* Several files are one, against sums made by sorting; and what a check finds that no checksum
 * shows. */
#include "counts/counts_merge.h"

#include "counts/counts_check.h"

#include "counted.h"

#include <xxhash.h>

enum { FILES_MAX = 9 };

/* What files of these records have of each key. */
static void expect_merged(struct world *world, struct counted *lists, size_t len, bool with_counts)
{
    struct counts_reader readers[FILES_MAX];
    struct counts_merge merge;
    struct counted all = {0};
    uint64_t counts[FILES_MAX];
    for (size_t i = 0; i < len; i++) {
        char name[32];
        snprintf(name, sizeof name, "file%zu", i);
        for (size_t k = 0; k < lists[i].len; k++)
            counted_add(&all, lists[i].records[k].key, lists[i].records[k].len, 0);
        assert_true(counts_reader_open(&readers[i], &world->mem,
                                       counted_file(world, name, &lists[i], &counted_tiny),
                                       &world->fail));
    }
    counted_sort(&all);
    assert_true(counts_merge_init(&merge, &world->mem, readers, len, &world->fail));
    for (size_t at = 0; at < all.len; at++) {
        uint64_t sum = 0;
        size_t files = 0;
        assert_true(counts_merge_next(&merge, with_counts ? counts : NULL, &world->fail));
        assert_int_equal(merge.record.len, all.records[at].len);
        assert_memory_equal(record_bytes(&merge.record), all.records[at].key, merge.record.len);
        for (size_t i = 0; i < len; i++) {
            const struct counted_record *found =
                lists[i].len == 0 ? NULL
                                  : bsearch(&all.records[at], lists[i].records, lists[i].len,
                                            sizeof *lists[i].records, counted_compare);
            if (with_counts)
                assert_true(counts[i] == (found ? found->count : 0));
            sum += found ? found->count : 0;
            files += found != NULL;
        }
        assert_true(merge.record.count == sum);
        assert_int_equal(merge.files, files);
    }
    assert_false(counts_merge_next(&merge, NULL, &world->fail));
    assert_int_equal(world->fail.code, FAIL_NONE);
    counts_merge_free(&merge);
    for (size_t i = 0; i < len; i++)
        counts_reader_close(&readers[i]);
    counted_free(&all);
}

static void files_are_added_up(void **state)
{
    struct world *world = *state;
    for (size_t len = 1; len <= FILES_MAX; len++) {
        struct counted lists[FILES_MAX] = {{0}};
        for (size_t i = 0; i < len; i++) {
            lists[i] = counted_draw(i % 4 == 3 ? 0 : 300 * (i + 1), i % 3 ? 60 : 20000, i / 2);
            for (size_t k = 0; k < lists[i].len; k++)
                lists[i].records[k].count /= FILES_MAX;
        }
        expect_merged(world, lists, len, len % 2);
        for (size_t i = 0; i < len; i++)
            counted_free(&lists[i]);
    }
}

static void a_sum_beyond_64_bits_is_refused(void **state)
{
    struct world *world = *state;
    struct counted list = {0};
    struct counts_reader readers[2];
    struct counts_merge merge;
    counted_add(&list, "a", 1, UINT64_MAX / 2 + 1);
    const char *path = counted_file(world, "file", &list, &counted_usual);
    for (int i = 0; i < 2; i++)
        assert_true(counts_reader_open(&readers[i], &world->mem, path, &world->fail));
    assert_true(counts_merge_init(&merge, &world->mem, readers, 2, &world->fail));
    assert_false(counts_merge_next(&merge, NULL, &world->fail));
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_non_null(strstr(world->fail.text, "/file: a count goes beyond 64 bits"));
    counts_merge_free(&merge);
    counts_reader_close(&readers[0]);
    counts_reader_close(&readers[1]);
    counted_free(&list);
}

static bool is_sound(struct world *world, const char *path, struct fail *fail)
{
    struct counts_reader reader;
    *fail = (struct fail){0};
    const bool ok =
        counts_reader_open(&reader, &world->mem, path, fail) && counts_check(&reader, fail);
    counts_reader_close(&reader);
    return ok;
}

/* Each number of the footer is changed, and its checksum holds. */
static void a_check_adds_up_the_totals(void **state)
{
    struct world *world = *state;
    struct counted list = counted_draw(3000, 60, 1);
    const char *path = counted_file(world, "sound", &list, &counted_tiny);
    struct fail fail;
    size_t len = 0;
    assert_true(is_sound(world, path, &fail));
    assert_true(is_sound(world, counted_file(world, "usual", &list, &counted_usual), &fail));
    uint8_t *bytes = folder_get(path, &len), *footer = bytes + len - COUNTS_FOOTER_BYTES;
    for (size_t at = 4; at < 240; at++) {
        footer[at] ^= 1;
        counts_layout_put64(footer + 240, XXH3_64bits(footer, 240));
        const bool sound = is_sound(world, folder_put("harmed", bytes, len), &fail);
        if (sound)
            fail_msg("byte %zu of the footer", at);
        assert_true(fail.code == FAIL_INPUT || fail.code == FAIL_VERIFY
                    || fail.code == FAIL_MEMORY);
        footer[at] ^= 1;
    }
    free(bytes);
    counted_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(files_are_added_up),
        folder_test(a_sum_beyond_64_bits_is_refused),
        folder_test(a_check_adds_up_the_totals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
