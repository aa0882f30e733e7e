/* SPDX-License-Identifier: BSD-3-Clause */
/* An archive to files, wherever it is cut. */
#include "output/unpack.h"

#include "data/box.h"
#include "data/ranking.h"
#include "format/format.h"
#include "task/collect.h"

#include "world_in_folder.h"

#include <dirent.h>
#include <errno.h>

struct archive {
    uint8_t bytes[512];
    size_t len;
};

/* Bytes of an entry that may hold NULs. */
static void add(struct archive *archive, enum unpack_kind kind, const char *bytes, size_t len)
{
    uint64_t head = unpack_head(kind, len);
    memcpy(archive->bytes + archive->len, &head, sizeof head);
    memcpy(archive->bytes + archive->len + sizeof head, bytes, len);
    archive->len += sizeof head + len;
}

#define ADD(archive, kind, text) add(archive, kind, text, sizeof(text) - 1)

/* Six tasks, the third of which failed, and lines before, between and after them. */
static struct archive sample(void)
{
    struct archive archive = {0};
    ADD(&archive, UNPACK_LINE, "often\t3\n");
    ADD(&archive, UNPACK_FIRST, "one");
    ADD(&archive, UNPACK_FIRST, "");
    ADD(&archive, UNPACK_FAILED, "");
    ADD(&archive, UNPACK_FIRST, "a\0b\n\n");
    ADD(&archive, UNPACK_MORE, "");
    ADD(&archive, UNPACK_MORE, "\0");
    ADD(&archive, UNPACK_MORE, "more");
    ADD(&archive, UNPACK_FIRST, "");
    ADD(&archive, UNPACK_MORE, "late");
    ADD(&archive, UNPACK_LINE, "7\n");
    ADD(&archive, UNPACK_FIRST, "a last one, which is longer than a head");
    ADD(&archive, UNPACK_LINE, "rare\t1\n");
    return archive;
}

static int open_folder(void)
{
    int fd = open(folder_name, O_RDONLY | O_DIRECTORY);
    assert_true(fd >= 0);
    return fd;
}

static void expect(const char *name, const char *bytes, size_t len)
{
    size_t got;
    uint8_t *there = folder_get(folder_path(name), &got);
    assert_non_null(there);
    assert_int_equal(got, len);
    assert_memory_equal(there, bytes, len);
    free(there);
}

#define EXPECT(name, text) expect(name, text, sizeof(text) - 1)

/* Removes all files; returns how many there were. */
static int clear_folder(void)
{
    int count = 0;
    DIR *folder = opendir(folder_name);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += unlink(folder_path(entry->d_name)) == 0;
    closedir(folder);
    return count;
}

static void expect_sample(void)
{
    EXPECT("1", "one");
    EXPECT("2", "");
    assert_int_equal(access(folder_path("3"), F_OK), -1);
    EXPECT("4", "a\0b\n\n\0more");
    EXPECT("5", "late");
    EXPECT("6", "a last one, which is longer than a head");
    EXPECT("combined", "often\t3\n7\nrare\t1\n");
    assert_int_equal(clear_folder(), 6);
}

static void unpack_in_parts(struct world *world, const struct archive *archive, size_t first,
                            size_t second)
{
    struct unpack unpack;
    int fd = open_folder();
    unpack_init(&unpack, fd, "out");
    assert_true(unpack_add(&unpack, archive->bytes, first, &world->fail));
    assert_true(unpack_add(&unpack, archive->bytes + first, second - first, &world->fail));
    assert_true(unpack_add(&unpack, archive->bytes + second, archive->len - second, &world->fail));
    assert_true(unpack_end(&unpack, &world->fail));
    assert_int_equal(unpack.tasks, 6);
    assert_int_equal(unpack.failed, 1);
    assert_int_equal(unpack.all_bytes, 3 + 10 + 4 + 39 + 17);
    unpack_free(&unpack);
    unpack_free(&unpack);
    close(fd);
}

static void any_two_cuts_give_the_same_files(void **state)
{
    struct archive archive = sample();
    for (size_t first = 0; first <= archive.len; first++)
        for (size_t second = first; second <= archive.len; second += 1 + second % 7) {
            unpack_in_parts(*state, &archive, first, second);
            expect_sample();
        }
}

static void byte_by_byte_gives_the_same_files(void **state)
{
    struct world *world = *state;
    struct archive archive = sample();
    struct unpack unpack;
    int fd = open_folder();
    unpack_init(&unpack, fd, "out");
    for (size_t i = 0; i < archive.len; i++)
        assert_true(unpack_add(&unpack, archive.bytes + i, 1, &world->fail));
    assert_true(unpack_end(&unpack, &world->fail));
    unpack_free(&unpack);
    close(fd);
    expect_sample();
}

static void an_empty_archive_is_no_file(void **state)
{
    struct world *world = *state;
    struct unpack unpack;
    unpack_init(&unpack, -1, "out");
    assert_true(unpack_end(&unpack, &world->fail));
    assert_int_equal(unpack.tasks, 0);
    unpack_free(&unpack);
}

/* Where an entry ends, and only there. */
static void an_archive_ends_where_an_entry_ends(void **state)
{
    struct world *world = *state;
    struct archive archive = sample();
    int ends = 0;
    for (size_t len = 0; len <= archive.len; len++) {
        struct unpack unpack;
        int fd = open_folder();
        world->fail = (struct fail){0};
        unpack_init(&unpack, fd, "out");
        assert_true(unpack_add(&unpack, archive.bytes, len, &world->fail));
        bool ok = unpack_end(&unpack, &world->fail);
        ends += ok;
        assert_int_equal(world->fail.code, ok ? FAIL_NONE : FAIL_VERIFY);
        unpack_free(&unpack);
        close(fd);
        clear_folder();
    }
    assert_int_equal(ends, 13 + 1);
}

static void what_is_no_archive_is_refused(void **state)
{
    struct world *world = *state;
    struct archive archives[3] = {0};
    ADD(&archives[0], UNPACK_MORE, "of nothing");
    ADD(&archives[1], UNPACK_FIRST, "1");
    ADD(&archives[1], UNPACK_FAILED, "");
    ADD(&archives[1], UNPACK_MORE, "of what failed");
    ADD(&archives[2], UNPACK_FAILED, "with a result");
    for (size_t i = 0; i < LEN(archives); i++) {
        struct unpack unpack;
        int fd = open_folder();
        world->fail = (struct fail){0};
        unpack_init(&unpack, fd, "out");
        assert_false(unpack_add(&unpack, archives[i].bytes, archives[i].len, &world->fail));
        assert_int_equal(world->fail.code, FAIL_VERIFY);
        unpack_free(&unpack);
        close(fd);
        clear_folder();
    }
}

/* A file that is there already stands for all that open(2) refuses. */
static void a_file_that_cannot_be_made_is_named(void **state)
{
    struct world *world = *state;
    struct archive archive = sample();
    static const char *const names[] = {"4", "combined"};
    for (size_t i = 0; i < LEN(names); i++) {
        struct unpack unpack;
        char expected[100];
        int fd = open_folder();
        folder_put(names[i], "", 0);
        world->fail = (struct fail){0};
        unpack_init(&unpack, fd, "some/out");
        assert_false(unpack_add(&unpack, archive.bytes, archive.len, &world->fail));
        assert_int_equal(world->fail.code, FAIL_OUTPUT);
        snprintf(expected, sizeof expected, "some/out/%s: %s", names[i], strerror(EEXIST));
        assert_string_equal(world->fail.text, expected);
        unpack_free(&unpack);
        close(fd);
        clear_folder();
    }
}

static void a_large_result_passes_through(void **state)
{
    struct world *world = *state;
    enum { LARGE = 5000000, PART = 70001 };
    uint8_t *bytes = malloc(LARGE);
    uint64_t head = unpack_head(UNPACK_FIRST, LARGE);
    struct seeded seeded = {1};
    struct unpack unpack;
    int fd = open_folder();
    assert_non_null(bytes);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = (uint8_t)seeded_next(&seeded);
    unpack_init(&unpack, fd, "out");
    assert_true(unpack_add(&unpack, (const uint8_t *)&head, sizeof head, &world->fail));
    for (size_t at = 0; at < LARGE; at += PART)
        assert_true(
            unpack_add(&unpack, bytes + at, LARGE - at < PART ? LARGE - at : PART, &world->fail));
    assert_true(unpack_end(&unpack, &world->fail));
    unpack_free(&unpack);
    expect("1", (const char *)bytes, LARGE);
    free(bytes);
    close(fd);
}

/* Frames of a task in the form in which a worker sends them. */
struct frames {
    uint8_t bytes[256];
    size_t len;
};

static void add_frame(struct frames *frames, enum value_kind kind, const char *bytes, size_t len,
                      int64_t value)
{
    uint64_t head[3] = {kind, (uint64_t)value, len};
    memcpy(frames->bytes + frames->len, head, sizeof head);
    memcpy(frames->bytes + frames->len + sizeof head, bytes, len);
    frames->len += sizeof head + len;
}

static void add_task(struct world *world, struct outcome *outcome, uint32_t file, uint64_t offset,
                     const struct frames *frames, struct box *outbox)
{
    const struct outcome_place place = {.file = file, .offset = offset};
    const struct collect_form form = {.marked = true, .whole = true};
    assert_true(
        collect_add(&form, outcome, place, frames->bytes, frames->len, outbox, &world->fail));
}

/* Sorts what is in the box and writes it to an archive, entry by entry. */
static void archive_box(struct world *world, struct box *box, bool escape, struct archive *archive)
{
    struct ranking_run run = {0};
    struct record record;
    struct format format = results_archive_format;
    format.escape = escape;
    parcel_settle(&box->parcels[0]);
    assert_true(ranking_load(&run, ORDER_COUNT, &world->mem, &box->parcels[0], &world->fail));
    while (ranking_next(&run, &record)) {
        uint8_t *at = archive->bytes + archive->len;
        size_t entry = (size_t)(format.write(&format, at, &record, NULL) - at);
        assert_int_equal(entry, format.bytes(&format, &record));
        archive->len += entry;
    }
    ranking_free(&run);
}

/* In the order of the tasks, whatever that of their ends; sums and counts before, between and after
 * the results of a task make no difference to its file. */
static void what_tasks_leave_comes_to_their_files(void **state)
{
    struct world *world = *state;
    struct hash_seed seed = hash_seed_from(1);
    for (int escape = 0; escape < 2; escape++) {
        struct outcome outcome;
        struct box box = {0};
        struct archive archive = {0};
        struct unpack unpack;
        struct frames nothing = {0}, sums = {0}, mixed = {0}, simple = {0};
        int fd = open_folder();
        add_frame(&sums, VALUE_KIND_SUM, "", 0, 40);
        add_frame(&mixed, VALUE_KIND_COUNT, "tab\there", 8, 2);
        add_frame(&mixed, VALUE_KIND_RESULT, "a\0\n", 3, 0);
        add_frame(&mixed, VALUE_KIND_SUM, "", 0, 2);
        add_frame(&mixed, VALUE_KIND_RESULT, "", 0, 0);
        add_frame(&mixed, VALUE_KIND_RESULT, "\\b", 2, 0);
        add_frame(&mixed, VALUE_KIND_MAX, "key", 3, -7);
        add_frame(&simple, VALUE_KIND_RESULT, "simple", 6, 0);
        outcome_init(&outcome, &world->arena, &seed);
        assert_true(box_init(&box, &world->arena, 1, &world->fail));
        add_task(world, &outcome, 1, 5, &simple, &box);
        add_task(world, &outcome, 0, 300, &mixed, &box);
        add_task(world, &outcome, 0, 7, &nothing, &box);
        add_task(world, &outcome, 1, 0, &sums, &box);
        const struct outcome_place failed = {0, OUTCOME_FAILED, 299};
        assert_true(outcome_add_result(&outcome, &failed, NULL, 0, &box, &world->fail));
        assert_true(outcome_flush(&outcome, &box, &world->fail));
        archive_box(world, &box, escape, &archive);
        unpack_init(&unpack, fd, "out");
        assert_true(unpack_add(&unpack, archive.bytes, archive.len, &world->fail));
        assert_true(unpack_end(&unpack, &world->fail));
        assert_int_equal(unpack.tasks, 5);
        EXPECT("1", "");
        assert_int_equal(access(folder_path("2"), F_OK), -1);
        EXPECT("3", "a\0\n\\b");
        EXPECT("4", "");
        EXPECT("5", "simple");
        if (escape)
            EXPECT("combined", "tab\\x09here\t2\n42\nkey\t-7\n");
        else
            EXPECT("combined", "tab\there\t2\n42\nkey\t-7\n");
        assert_int_equal(clear_folder(), 5);
        unpack_free(&unpack);
        outcome_free(&outcome);
        parcel_clear(&world->arena, &box.parcels[0]);
        box_free(&box);
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(any_two_cuts_give_the_same_files),
        folder_test(byte_by_byte_gives_the_same_files),
        folder_test(an_empty_archive_is_no_file),
        folder_test(an_archive_ends_where_an_entry_ends),
        folder_test(what_is_no_archive_is_refused),
        folder_test(a_file_that_cannot_be_made_is_named),
        folder_test(a_large_result_passes_through),
        folder_test(what_tasks_leave_comes_to_their_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
