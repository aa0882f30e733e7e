/* SPDX-License-Identifier: BSD-3-Clause */
/* The window over ranges that come one list after another, and over bytes that rank 0 has read. */
#include "input/input.h"

#include "world_in_folder.h"

/* A record that says that it goes on is followed past the end of the range, and what follows it is
 * left to others, however far the window has moved. */
static void a_record_that_goes_on_is_followed_past_the_range(void **state)
{
    struct world *world = *state;
    static const char text[20000];
    const char *path = folder_put("long", text, sizeof text);
    struct input_range range = {.begin = 100, .end = 200, .file_bytes = sizeof text};
    struct input input;
    size_t seen = 100;
    assert_true(input_init(&input, &world->mem, 64, 1, &world->fail));
    input_set(&input, &range, 1, path, true);
    for (; seen < 15000; seen = (size_t)input_offset(&input, input.block.begin)) {
        assert_int_equal(input_more(&input, &world->fail), INPUT_READY);
        assert_int_equal(input_offset(&input, input.block.begin), seen);
        size_t own = seen < 200 ? input.block.begin + 200 - seen : input.block.begin;
        assert_true(seen < 200 ? input.block.own == own : input.block.own <= own);
        input_advance(&input, input.block.end, 1);
    }
    input_advance(&input, input.block.end, 0);
    assert_int_equal(input_more(&input, &world->fail), INPUT_END);
    input_free(&input);
}

/* Ranges that come one list after another, and between them nothing. */
static void an_input_runs_dry_until_the_next_ranges_are_set(void **state)
{
    struct world *world = *state;
    static const uint8_t text[] = "one two three four";
    const char *path = folder_put("text", text, sizeof text);
    struct input input;
    assert_true(input_init(&input, &world->mem, 100, 1, &world->fail));
    input_set(&input, NULL, 0, NULL, false);
    for (uint64_t begin = 0; begin < 3; begin++) {
        assert_int_equal(input_more(&input, &world->fail), INPUT_DRY);
        assert_int_equal(input_more(&input, &world->fail), INPUT_DRY);
        assert_true(input.dry);
        struct input_range range = {.begin = begin, .end = begin + 5, .file_bytes = sizeof text};
        input_set(&input, &range, 1, path, false);
        assert_false(input.dry);
        assert_int_equal(input_more(&input, &world->fail), INPUT_READY);
        assert_int_equal(input_offset(&input, input.block.begin), begin);
        input_advance(&input, input.block.own, 0);
    }
    input_set(&input, NULL, 0, NULL, true);
    assert_int_equal(input_more(&input, &world->fail), INPUT_END);
    input_free(&input);
}

/* Rank 0's side is played here: text is cut into feeds, and feeds into ranges, some of which end
 * inside a record. */
static void fed_ranges_are_shown_as_files_are(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {4};
    static uint8_t text[2000];
    for (int round = 0; round < 500; round++) {
        size_t len = 1 + seeded_below(&seeded, sizeof text), at = 0, whole_to = 0;
        struct input input;
        seeded_fill(&seeded, text, len);
        assert_true(
            input_init(&input, &world->mem, 1 + seeded_below(&seeded, 100), 1, &world->fail));
        input_feed(&input, NULL, 0, NULL, false);
        assert_int_equal(input_more(&input, &world->fail), INPUT_DRY);
        while (at < len) {
            struct input_range ranges[5];
            size_t begin = at, ranges_len = 0;
            bool open = false;
            while (ranges_len < LEN(ranges) && at < len && !open) {
                size_t end = at + 1 + seeded_below(&seeded, len - at);
                open = end < len && seeded_below(&seeded, 2);
                ranges[ranges_len++] = (struct input_range){
                    .begin = at, .end = end, .file_bytes = end, .continues = open};
                at = end;
                if (!open && seeded_below(&seeded, 2))
                    break;
            }
            input_feed(&input, ranges, ranges_len, text + begin, at == len);
            for (size_t i = 0; i < ranges_len; i++) {
                /* The whole range, behind what is left of the record that is open, must come into
                 * the window. */
                do {
                    assert_int_equal(input_more(&input, &world->fail), INPUT_READY);
                    assert_int_equal(input_offset(&input, input.block.begin), whole_to);
                    assert_memory_equal(input.block.bytes + input.block.begin, text + whole_to,
                                        input.block.end - input.block.begin);
                    assert_int_equal(input.block.ends_file,
                                     !ranges[i].continues
                                         && input_offset(&input, input.block.end) == ranges[i].end);
                    if (seeded_below(&seeded, 3) == 0) { /* a record ended on the way */
                        size_t step =
                            seeded_below(&seeded, input.block.end - input.block.begin + 1);
                        input_advance(&input, input.block.begin + step, 0);
                        whole_to += step;
                    }
                } while (input_offset(&input, input.block.end) < ranges[i].end);
                if (!ranges[i].continues) {
                    input_advance(&input, input.block.end, 0);
                    whole_to = ranges[i].end;
                }
            }
            assert_int_equal(input_more(&input, &world->fail), at == len ? INPUT_END : INPUT_DRY);
            assert_int_equal(input_left(&input), at < len);
        }
        input_free(&input);
    }
}

/* What rank 0 sends when a file ends with its last part already sent as `continues`: an empty range
 * that closes the record. */
static void an_empty_fed_range_ends_an_open_record(void **state)
{
    struct world *world = *state;
    struct input input;
    struct input_range open = {.end = 4, .file_bytes = 4, .continues = 1};
    struct input_range rest = {.begin = 4, .end = 4, .file_bytes = 4};
    static const uint8_t text[] = "word";
    assert_true(input_init(&input, &world->mem, 100, 1, &world->fail));
    input_feed(&input, &open, 1, text, false);
    assert_int_equal(input_more(&input, &world->fail), INPUT_READY);
    assert_false(input.block.ends_file);
    assert_int_equal(input_more(&input, &world->fail), INPUT_DRY);
    input_feed(&input, &rest, 1, text, true);
    assert_int_equal(input_more(&input, &world->fail), INPUT_READY);
    assert_true(input.block.ends_file);
    assert_int_equal(input.block.end - input.block.begin, 4);
    assert_memory_equal(input.block.bytes + input.block.begin, text, 4);
    input_advance(&input, input.block.end, 0);
    assert_int_equal(input_more(&input, &world->fail), INPUT_END);
    input_free(&input);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_record_that_goes_on_is_followed_past_the_range),
        folder_test(an_input_runs_dry_until_the_next_ranges_are_set),
        world_test(fed_ranges_are_shown_as_files_are),
        world_test(an_empty_fed_range_ends_an_open_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
