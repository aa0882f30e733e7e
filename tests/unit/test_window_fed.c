/* SPDX-License-Identifier: BSD-3-Clause */
/* The window over ranges that come one list after another, and over bytes that rank 0 has read. */
#include "input/window.h"

#include "world_in_folder.h"

/* A record that says that it goes on is followed past the end of the range, and what follows it is
 * left to others, however far the window has moved. */
static void a_record_that_goes_on_is_followed_past_the_range(void **state)
{
    struct world *world = *state;
    static const char text[20000];
    const char *path = folder_put("long", text, sizeof text);
    struct window_range range = {.begin = 100, .end = 200, .file_bytes = sizeof text};
    struct window window;
    size_t seen = 100;
    assert_true(window_init(&window, &world->mem, 64, 1, &world->fail));
    window_set(&window, &range, 1, path, true);
    for (; seen < 15000; seen = (size_t)window_offset(&window, window.block.begin)) {
        assert_int_equal(window_more(&window, &world->fail), WINDOW_READY);
        assert_int_equal(window_offset(&window, window.block.begin), seen);
        size_t own = seen < 200 ? window.block.begin + 200 - seen : window.block.begin;
        assert_true(seen < 200 ? window.block.own == own : window.block.own <= own);
        block_advance(&window.block, window.block.end, 1);
    }
    block_advance(&window.block, window.block.end, 0);
    assert_int_equal(window_more(&window, &world->fail), WINDOW_END);
    window_free(&window);
}

/* Ranges that come one list after another, and between them nothing. */
static void nothing_comes_until_the_next_ranges_are_set(void **state)
{
    struct world *world = *state;
    static const uint8_t text[] = "one two three four";
    const char *path = folder_put("text", text, sizeof text);
    struct window window;
    assert_true(window_init(&window, &world->mem, 100, 1, &world->fail));
    for (uint64_t begin = 0; begin < 3; begin++) {
        assert_int_equal(window_more(&window, &world->fail), WINDOW_LATER);
        assert_int_equal(window_more(&window, &world->fail), WINDOW_LATER);
        struct window_range range = {.begin = begin, .end = begin + 5, .file_bytes = sizeof text};
        window_set(&window, &range, 1, path, false);
        assert_int_equal(window_more(&window, &world->fail), WINDOW_READY);
        assert_int_equal(window_offset(&window, window.block.begin), begin);
        block_advance(&window.block, window.block.own, 0);
    }
    window_set(&window, NULL, 0, NULL, true);
    assert_int_equal(window_more(&window, &world->fail), WINDOW_END);
    window_free(&window);
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
        struct window window;
        seeded_fill(&seeded, text, len);
        assert_true(
            window_init(&window, &world->mem, 1 + seeded_below(&seeded, 100), 1, &world->fail));
        assert_int_equal(window_more(&window, &world->fail), WINDOW_LATER);
        while (at < len) {
            struct window_range ranges[5];
            size_t begin = at, ranges_len = 0;
            bool open = false;
            while (ranges_len < LEN(ranges) && at < len && !open) {
                size_t end = at + 1 + seeded_below(&seeded, len - at);
                open = end < len && seeded_below(&seeded, 2);
                ranges[ranges_len++] = (struct window_range){
                    .begin = at, .end = end, .file_bytes = end, .continues = open};
                at = end;
                if (!open && seeded_below(&seeded, 2))
                    break;
            }
            window_feed(&window, ranges, ranges_len, text + begin, at == len);
            for (size_t i = 0; i < ranges_len; i++) {
                /* The whole range, behind what is left of the record that is open, must come into
                 * the window. */
                do {
                    assert_int_equal(window_more(&window, &world->fail), WINDOW_READY);
                    assert_int_equal(window_offset(&window, window.block.begin), whole_to);
                    assert_memory_equal(window.block.bytes + window.block.begin, text + whole_to,
                                        window.block.end - window.block.begin);
                    assert_int_equal(window.block.ends_file,
                                     !ranges[i].continues
                                         && window_offset(&window, window.block.end)
                                                == ranges[i].end);
                    if (seeded_below(&seeded, 3) == 0) { /* a record ended on the way */
                        size_t step =
                            seeded_below(&seeded, window.block.end - window.block.begin + 1);
                        block_advance(&window.block, window.block.begin + step, 0);
                        whole_to += step;
                    }
                } while (window_offset(&window, window.block.end) < ranges[i].end);
                if (!ranges[i].continues) {
                    block_advance(&window.block, window.block.end, 0);
                    whole_to = ranges[i].end;
                }
            }
            assert_int_equal(window_more(&window, &world->fail),
                             at == len ? WINDOW_END : WINDOW_LATER);
            assert_int_equal(window_left(&window), at < len);
        }
        window_free(&window);
    }
}

/* A supply that gives three ranges, each after it had nothing once; and fails if it is to. */
struct giver {
    struct window_range range;
    const char *path;
    uint64_t given, asked;
    bool fails;
};

static enum supply_answer give(void *context, struct window *window, struct fail *fail)
{
    struct giver *giver = context;
    if (giver->asked++ % 2 == 0)
        return SUPPLY_LATER;
    if (giver->fails) {
        fail_set(fail, FAIL_INPUT, "no more");
        return SUPPLY_FAILED;
    }
    giver->range = (struct window_range){
        .begin = 5 * giver->given, .end = 5 * giver->given + 5, .file_bytes = 15};
    const bool more = giver->given++ < 3;
    window_set(window, &giver->range, more ? 1 : 0, giver->path, !more);
    return SUPPLY_GIVEN;
}

static void a_supply_is_asked_when_everything_is_used_up(void **state)
{
    struct world *world = *state;
    static const uint8_t text[] = "0123456789abcde";
    for (int fails = 0; fails < 2; fails++) {
        struct giver giver = {.path = folder_put("text", text, 15), .fails = fails};
        struct window window;
        assert_true(window_init(&window, &world->mem, 100, 1, &world->fail));
        window_supply(&window, (struct supply){&giver, give});
        for (uint64_t i = 0; !fails && i < 3; i++) {
            assert_int_equal(window_more(&window, &world->fail), WINDOW_LATER);
            assert_true(window_left(&window));
            assert_int_equal(window_more(&window, &world->fail), WINDOW_READY);
            assert_int_equal(window_offset(&window, window.block.begin), 5 * i);
            assert_int_equal(giver.asked, 2 * i + 2);
            block_advance(&window.block, window.block.own, 0);
        }
        assert_int_equal(window_more(&window, &world->fail), WINDOW_LATER);
        assert_int_equal(window_more(&window, &world->fail), fails ? WINDOW_FAILED : WINDOW_END);
        assert_int_equal(window_left(&window), fails);
        assert_int_equal(world->fail.code, fails ? FAIL_INPUT : FAIL_NONE);
        world->fail = (struct fail){0};
        const uint64_t asked = giver.asked;
        if (!fails)
            assert_int_equal(window_more(&window, &world->fail), WINDOW_END);
        assert_int_equal(giver.asked, asked); /* the end is not asked for twice */
        window_free(&window);
    }
}

/* What rank 0 sends when a file ends with its last part already sent as `continues`: an empty range
 * that closes the record. */
static void an_empty_fed_range_ends_an_open_record(void **state)
{
    struct world *world = *state;
    struct window window;
    struct window_range open = {.end = 4, .file_bytes = 4, .continues = 1};
    struct window_range rest = {.begin = 4, .end = 4, .file_bytes = 4};
    static const uint8_t text[] = "word";
    assert_true(window_init(&window, &world->mem, 100, 1, &world->fail));
    window_feed(&window, &open, 1, text, false);
    assert_int_equal(window_more(&window, &world->fail), WINDOW_READY);
    assert_false(window.block.ends_file);
    assert_int_equal(window_more(&window, &world->fail), WINDOW_LATER);
    window_feed(&window, &rest, 1, text, true);
    assert_int_equal(window_more(&window, &world->fail), WINDOW_READY);
    assert_true(window.block.ends_file);
    assert_int_equal(window.block.end - window.block.begin, 4);
    assert_memory_equal(window.block.bytes + window.block.begin, text, 4);
    block_advance(&window.block, window.block.end, 0);
    assert_int_equal(window_more(&window, &world->fail), WINDOW_END);
    window_free(&window);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_record_that_goes_on_is_followed_past_the_range),
        folder_test(nothing_comes_until_the_next_ranges_are_set),
        folder_test(a_supply_is_asked_when_everything_is_used_up),
        world_test(fed_ranges_are_shown_as_files_are),
        world_test(an_empty_fed_range_ends_an_open_record),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
