/* SPDX-License-Identifier: BSD-3-Clause */
/* The window that moves over a split of the input: it must show every byte of it, in order, and
 * read little beyond. */
#include "input/window.h"

#include "world_in_folder.h"

enum { BEHIND_MAX = 16 };

/* Where a viewer stands: it takes what the window shows and compares it with the text. */
struct viewer {
    struct window window;
    const uint8_t *text; /* of the file being read */
    size_t len;          /* of it */
    uint64_t at;         /* next byte expected */
};

/* Everything the header says about the window. */
static void check_window(const struct viewer *viewer, const struct window_range *range)
{
    const struct block *block = &viewer->window.block;
    size_t parked = block->end - block->begin;
    assert_true(block->begin <= block->end && block->end < (uint64_t)1 << 32);
    assert_int_equal(window_offset(&viewer->window, block->begin), viewer->at);
    assert_true(viewer->at + parked <= viewer->len);
    assert_memory_equal(block->bytes + block->begin, viewer->text + viewer->at, parked);
    assert_int_equal(block->ends_file, viewer->at + parked == range->file_bytes);
    assert_int_equal(block->starts_file, viewer->at == 0);
    assert_int_equal(block->own - block->begin, range->end - viewer->at);
    size_t behind = viewer->window.behind_bytes;
    behind = behind < viewer->at ? behind : (size_t)viewer->at;
    assert_memory_equal(block->bytes + block->begin - behind, viewer->text + viewer->at - behind,
                        behind);
    assert_true(block->end + WINDOW_SLACK_BYTES <= viewer->window.buffer_bytes);
    volatile uint8_t slack = 0; /* may be read: it would end the test if not */
    for (size_t i = 0; i < WINDOW_SLACK_BYTES; i++)
        slack = slack ^ block->bytes[block->end + i];
}

/* Reads the ranges of one file, each beginning where the one before ends. How much is dealt with at
 * a time is random, from nothing on. */
static void read_ranges(struct world *world, struct seeded *seeded, const uint8_t *text, size_t len,
                        struct window_range *ranges, size_t ranges_len, const char *name,
                        size_t block_bytes)
{
    struct viewer viewer = {.text = text, .len = len};
    struct window *window = &viewer.window;
    size_t appetite = 1 + seeded_below(seeded, 3 * block_bytes);
    assert_true(window_init(window, &world->mem, block_bytes, 1 + seeded_below(seeded, BEHIND_MAX),
                            &world->fail));
    assert_true(window_left(window));
    window_set(window, ranges, ranges_len, name, true);
    for (size_t i = 0; i < ranges_len; i++) {
        viewer.at = ranges[i].begin;
        assert_true(window_left(window));
        while (viewer.at < ranges[i].end) {
            assert_int_equal(window_more(window, &world->fail), WINDOW_READY);
            check_window(&viewer, &ranges[i]);
            const struct block *block = &window->block;
            size_t stop = block->own < block->end ? block->own : block->end;
            size_t step = seeded_below(seeded, appetite + 1);
            step = step < stop - block->begin ? step : stop - block->begin;
            block_advance(&window->block, block->begin + step, 0);
            viewer.at += step;
        }
    }
    assert_int_equal(window_more(window, &world->fail), WINDOW_END);
    assert_int_equal(window_more(window, &world->fail), WINDOW_END);
    assert_false(window_left(window));
    window_free(window);
    window_free(window);
}

static void every_byte_of_the_ranges_is_shown_once_in_order(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    static uint8_t text[20000];
    static const size_t blocks[] = {1, 2, 7, 63, 64, 100, 4096, 100000};
    for (int round = 0; round < 200; round++) {
        struct window_range ranges[20];
        size_t len = 1 + seeded_below(&seeded, round % 10 ? 300 : sizeof text), ranges_len = 0;
        seeded_fill(&seeded, text, len);
        const char *path = folder_put("text", text, len);
        for (uint64_t begin = 0; begin < len && ranges_len < LEN(ranges);) {
            uint64_t end = begin + 1 + seeded_below(&seeded, len - begin);
            ranges[ranges_len++] =
                (struct window_range){.begin = begin, .end = end, .file_bytes = len};
            begin = end + seeded_below(&seeded, 3); /* some bytes are left to others */
        }
        read_ranges(world, &seeded, text, len, ranges, ranges_len, path,
                    blocks[seeded_below(&seeded, LEN(blocks))]);
    }
}

/* 40 MB out of the page cache: blocks that have to wait for the disk, and what is asked for ahead.
 * Where the file system has no disk below it they come from memory all the same. */
static void a_file_that_is_not_in_memory_is_shown_whole(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {7};
    enum { LEN_BYTES = 40 << 20 };
    uint8_t *text = malloc(LEN_BYTES);
    assert_non_null(text);
    seeded_fill(&seeded, text, LEN_BYTES);
    const char *path = folder_put("large", text, LEN_BYTES);
    struct window_range ranges[] = {
        {.begin = 0, .end = 3000000, .file_bytes = LEN_BYTES},
        {.begin = 3000001, .end = 30000000, .file_bytes = LEN_BYTES},
        {.begin = 30000000, .end = LEN_BYTES, .file_bytes = LEN_BYTES},
    };
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0 && fsync(fd) == 0);
    assert_int_equal(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0);
    close(fd);
    read_ranges(world, &seeded, text, LEN_BYTES, ranges, LEN(ranges), path, 256 << 10);
    free(text);
}

/* A mapper that finds no end of a record gets more and more, beyond its range, until the file ends.
 */
static void a_window_grows_until_the_record_is_whole(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {2};
    static uint8_t text[300000];
    seeded_fill(&seeded, text, sizeof text);
    const char *path = folder_put("text", text, sizeof text);
    for (size_t begin = 0; begin < 5; begin++) {
        struct viewer viewer = {.text = text, .len = sizeof text, .at = begin};
        struct window_range range = {.begin = begin, .end = begin + 10, .file_bytes = sizeof text};
        assert_true(window_init(&viewer.window, &world->mem, 16, 1, &world->fail));
        window_set(&viewer.window, &range, 1, path, true);
        int steps = 0;
        do {
            size_t before =
                viewer.window.open ? viewer.window.block.end - viewer.window.block.begin : 0;
            assert_int_equal(window_more(&viewer.window, &world->fail), WINDOW_READY);
            check_window(&viewer, &range);
            assert_true(viewer.window.block.end - viewer.window.block.begin > before);
            steps++;
        } while (!viewer.window.block.ends_file);
        assert_true(steps < 30); /* twice as much each time, not a block at a time */
        block_advance(&viewer.window.block, viewer.window.block.own, 0);
        assert_int_equal(window_more(&viewer.window, &world->fail), WINDOW_END);
        window_free(&viewer.window);
    }
}

static void little_is_read_past_the_end_of_a_range(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {3};
    static uint8_t text[300000];
    seeded_fill(&seeded, text, sizeof text);
    struct window_range range = {.begin = 0, .end = 100, .file_bytes = sizeof text};
    struct window window;
    assert_true(window_init(&window, &world->mem, 256 << 10, 1, &world->fail));
    window_set(&window, &range, 1, folder_put("text", text, sizeof text), true);
    assert_int_equal(window_more(&window, &world->fail), WINDOW_READY);
    assert_true(window.block.end - window.block.begin >= 100);
    assert_true(window.block.end - window.block.begin <= 10000);
    window_free(&window);
}

/* The window says so at the first look at the file, at its beginning alone, and not where bytes are
 * bytes. */
static void a_byte_order_mark_is_seen_where_a_file_begins(void **state)
{
    struct world *world = *state;
    static const char text[] = "\xef\xbb\xbf\xef\xbb\xbf text";
    const uint64_t len = sizeof text - 1;
    const char *path = folder_put("text", text, len);
    for (int any_bytes = 0; any_bytes < 2; any_bytes++)
        for (uint64_t begin = 0; begin < len; begin++) {
            struct window_range range = {.begin = begin, .end = len, .file_bytes = len};
            struct window window;
            assert_true(window_init(&window, &world->mem, 1, 1, &world->fail));
            window.any_bytes = any_bytes;
            window_set(&window, &range, 1, path, true);
            while (window_more(&window, &world->fail) == WINDOW_READY) {
                const struct block *block = &window.block;
                const bool first = window_offset(&window, block->begin) == 0;
                assert_int_equal(block->mark_bytes, first && !any_bytes ? 3 : 0);
                block_advance(&window.block, block->begin, 0);
                assert_int_equal(block->mark_bytes, first && !any_bytes ? 3 : 0);
                block_advance(&window.block, block->end, 0);
                assert_int_equal(block->mark_bytes, 0);
            }
            window_free(&window);
        }
}

static void several_files_follow_each_other(void **state)
{
    struct world *world = *state;
    static const char names[] = "one\0two\0three";
    static const char *const texts[] = {"the first file", "2", "and the last"};
    struct window_range ranges[3];
    char table[3 * 300];
    size_t used = 0, at = 0;
    for (size_t i = 0; i < 3; i++) {
        const char *path = folder_put(names + at, texts[i], strlen(texts[i]));
        at += strlen(names + at) + 1;
        ranges[i] = (struct window_range){.end = strlen(texts[i]),
                                          .file_bytes = strlen(texts[i]),
                                          .file = (uint32_t)i,
                                          .name_off = (uint32_t)used};
        used += (size_t)snprintf(table + used, sizeof table - used, "%s", path) + 1;
    }
    struct window window;
    assert_true(window_init(&window, &world->mem, 100, 1, &world->fail));
    window_set(&window, ranges, 3, table, true);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(window_more(&window, &world->fail), WINDOW_READY);
        assert_int_equal(window.range.file, i);
        assert_true(window.block.starts_file && window.block.ends_file);
        assert_int_equal(window.block.end - window.block.begin, strlen(texts[i]));
        assert_memory_equal(window.block.bytes + window.block.begin, texts[i], strlen(texts[i]));
        block_advance(&window.block, window.block.end, 0);
    }
    assert_int_equal(window_more(&window, &world->fail), WINDOW_END);
    window_free(&window);
}

/* As the plan saw it the file had 1000 bytes; now it has fewer. */
static void a_file_that_shrank_is_a_failure_that_says_where(void **state)
{
    struct world *world = *state;
    static const char text[600];
    const char *path = folder_put("short", text, sizeof text);
    struct window_range range = {.begin = 100, .end = 900, .file_bytes = 1000};
    struct window window;
    enum window_state got;
    assert_true(window_init(&window, &world->mem, 64, 1, &world->fail));
    window_set(&window, &range, 1, path, true);
    while ((got = window_more(&window, &world->fail)) == WINDOW_READY)
        block_advance(&window.block, window.block.end, 0);
    assert_int_equal(got, WINDOW_FAILED);
    assert_int_equal(world->fail.code, FAIL_INPUT);
    assert_non_null(strstr(world->fail.text, "short"));
    assert_non_null(strstr(world->fail.text, "600"));
    window_free(&window);
}

static void a_missing_file_is_a_failure_that_names_it(void **state)
{
    struct world *world = *state;
    struct window_range range = {.end = 10, .file_bytes = 10};
    struct window window;
    assert_true(window_init(&window, &world->mem, 64, 1, &world->fail));
    window_set(&window, &range, 1, folder_path("nowhere"), true);
    assert_int_equal(window_more(&window, &world->fail), WINDOW_FAILED);
    assert_int_equal(world->fail.code, FAIL_INPUT);
    assert_non_null(strstr(world->fail.text, "nowhere: No such file"));
    window_free(&window);
}

static void a_record_that_does_not_fit_the_memory_is_a_failure(void **state)
{
    struct world *world = *state;
    static uint8_t text[300000];
    struct window_range range = {.end = sizeof text, .file_bytes = sizeof text};
    struct window window;
    enum window_state got;
    world->mem.limit_bytes = 100000;
    assert_true(window_init(&window, &world->mem, 1000, 1, &world->fail));
    window_set(&window, &range, 1, folder_put("text", text, sizeof text), true);
    while ((got = window_more(&window, &world->fail)) == WINDOW_READY)
        continue; /* never deals with anything */
    assert_int_equal(got, WINDOW_FAILED);
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_non_null(strstr(world->fail.text, "/text: at byte 0: "));
    window_free(&window);
}

static void lines_before_an_offset_are_those_of_the_whole_file(void **state)
{
    struct world *world = *state;
    static char text[10000];
    struct seeded seeded = {6};
    struct window window;
    uint64_t bytes, lines, expected = 0;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)seeded_of(&seeded, "ab\n", 3);
    struct window_range range = {.begin = 5000, .end = 6000, .file_bytes = sizeof text};
    assert_true(window_init(&window, &world->mem, 64, 1, &world->fail));
    window_set(&window, &range, 1, folder_put("text", text, sizeof text), true);
    assert_int_equal(window_more(&window, &world->fail), WINDOW_READY);
    for (size_t at = 0; at <= sizeof text; at++) {
        if (at % 997 < 2 || at % 4096 < 2 || at == sizeof text) {
            assert_true(window_before(&window, at, &bytes, &lines));
            assert_int_equal(bytes, at);
            assert_int_equal(lines, expected);
        }
        expected += at < sizeof text && text[at] == '\n';
    }
    assert_false(window_before(&window, sizeof text + 1, &bytes, &lines));
    assert_int_equal(world->fail.code, FAIL_NONE);
    window_free(&window);
}

/* To count them would take long, and the other ranks would take this one for dead. */
static void lines_before_an_offset_beyond_4_gb_are_not_counted(void **state)
{
    struct world *world = *state;
    const uint64_t file_bytes = UINT64_C(5) << 30;
    const char *path = folder_put("sparse", "", 0);
    struct window_range range = {.end = 10, .file_bytes = file_bytes};
    struct window window;
    uint64_t bytes, lines;
    assert_int_equal(truncate(path, (off_t)file_bytes), 0);
    assert_true(window_init(&window, &world->mem, 64, 1, &world->fail));
    window_set(&window, &range, 1, path, true);
    assert_int_equal(window_more(&window, &world->fail), WINDOW_READY);
    assert_false(window_before(&window, file_bytes, &bytes, &lines));
    window_free(&window);
}

static void exactly_the_bytes_asked_for_are_read(void **state)
{
    struct world *world = *state;
    static uint8_t text[100000], got[100001];
    struct seeded seeded = {5};
    seeded_fill(&seeded, text, sizeof text);
    int fd = open(folder_put("text", text, sizeof text), O_RDONLY);
    for (int round = 0; round < 100; round++) {
        size_t from = seeded_below(&seeded, sizeof text),
               len = seeded_below(&seeded, sizeof text - from + 1);
        got[len] = 0x5a;
        assert_true(window_read_at(fd, "text", got, len, from, &world->fail));
        assert_memory_equal(got, text + from, len);
        assert_int_equal(got[len], 0x5a);
    }
    assert_false(window_read_at(fd, "text", got, 11, sizeof text - 10, &world->fail));
    assert_int_equal(world->fail.code, FAIL_INPUT);
    world->fail = (struct fail){0};
    close(fd);
    assert_false(window_read_at(fd, "gone", got, 1, 0, &world->fail));
    assert_string_equal(world->fail.text, "gone: at byte 0: Bad file descriptor");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(every_byte_of_the_ranges_is_shown_once_in_order),
        folder_test(a_file_that_is_not_in_memory_is_shown_whole),
        folder_test(a_window_grows_until_the_record_is_whole),
        folder_test(little_is_read_past_the_end_of_a_range),
        folder_test(a_byte_order_mark_is_seen_where_a_file_begins),
        folder_test(several_files_follow_each_other),
        folder_test(a_file_that_shrank_is_a_failure_that_says_where),
        folder_test(a_missing_file_is_a_failure_that_names_it),
        folder_test(a_record_that_does_not_fit_the_memory_is_a_failure),
        folder_test(lines_before_an_offset_are_those_of_the_whole_file),
        folder_test(lines_before_an_offset_beyond_4_gb_are_not_counted),
        folder_test(exactly_the_bytes_asked_for_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
