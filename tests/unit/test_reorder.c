/* SPDX-License-Identifier: BSD-3-Clause */
/* A reorder buffer: whatever comes in whatever order comes out in the order of the numbers. */
#include "output/reorder.h"

#include "world_in_folder.h"

enum { ITEMS = 3000, ITEM_MAX = 200 << 10, SMALL = 256 << 10 };

/* The bytes of an item follow from its number; good until the next call. */
static const uint8_t *item_of(uint64_t number, size_t len)
{
    static uint8_t bytes[ITEM_MAX];
    seeded_fill(&(struct seeded){number * 0x9e3779b97f4a7c15u + 1}, bytes, len);
    return bytes;
}

/* One in a hundred is large, one in five empty. */
static size_t len_of(uint64_t number)
{
    return number % 100 == 7 ? number * 67 % ITEM_MAX : number % 5 == 0 ? 0 : number * 31 % 999;
}

static void put(struct world *world, struct reorder *reorder, uint64_t number)
{
    const size_t len = len_of(number), first = len / 3;
    const uint8_t *bytes = item_of(number, len);
    if (!reorder_put(reorder, number, bytes, first, bytes + first, len - first, &world->fail))
        fail_msg("%s", world->fail.text);
}

/* Takes what there is; returns how many. */
static uint64_t take_all(struct world *world, struct reorder *reorder)
{
    const uint8_t *bytes;
    uint64_t taken = 0, number = reorder->next;
    size_t len;
    for (; reorder_take(reorder, &bytes, &len, &world->fail); number++, taken++) {
        assert_int_equal(len, len_of(number));
        assert_memory_equal(bytes, item_of(number, len), len);
    }
    assert_int_equal(world->fail.code, FAIL_NONE);
    return taken;
}

static void shuffle(struct seeded *seeded, uint64_t *numbers, size_t len, size_t reach)
{
    for (size_t i = 0; i < len; i++) {
        size_t j = i + seeded_below(seeded, reach < len - i ? reach : len - i);
        uint64_t number = numbers[i];
        numbers[i] = numbers[j];
        numbers[j] = number;
    }
}

/* Random orders, from nearly in turn to any, some items passed by where it is their turn. */
static void any_order_comes_out_in_turn(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {20261130};
    for (size_t reach = 1; reach <= ITEMS; reach *= 7) {
        static uint64_t numbers[ITEMS];
        struct reorder reorder;
        uint64_t taken = 0, passed = 0;
        reorder_init(&reorder, &world->mem, SMALL, folder_name, NULL);
        for (size_t i = 0; i < ITEMS; i++)
            numbers[i] = i + 1;
        shuffle(&seeded, numbers, ITEMS, reach);
        for (size_t i = 0; i < ITEMS; i++) {
            if (numbers[i] == reorder.next && seeded_below(&seeded, 2)) {
                reorder_pass(&reorder);
                passed++;
            } else {
                put(world, &reorder, numbers[i]);
            }
            if (seeded_below(&seeded, 3) == 0 || i + 1 == ITEMS)
                taken += take_all(world, &reorder);
        }
        assert_int_equal(taken + passed, ITEMS);
        assert_int_equal(reorder.waiting, 0);
        assert_int_equal(reorder.next, ITEMS + 1);
        if (reach > 100)
            assert_true(reorder.scratch.fd >= 0);
        reorder_free(&reorder);
        reorder_free(&reorder);
    }
}

/* As long as the first is late, what the others hold is on the disk. */
static void memory_does_not_grow_with_what_waits(void **state)
{
    struct world *world = *state;
    struct reorder reorder;
    reorder_init(&reorder, &world->mem, SMALL, folder_name, NULL);
    uint64_t waiting_bytes = 0;
    for (uint64_t number = 2; number <= ITEMS; number++) {
        put(world, &reorder, number);
        waiting_bytes += len_of(number);
    }
    const uint8_t *bytes;
    size_t len;
    assert_false(reorder_take(&reorder, &bytes, &len, &world->fail));
    assert_true(waiting_bytes > 4 * SMALL);
    assert_true(world->mem.peak_bytes < 2 * SMALL);
    put(world, &reorder, 1);
    assert_int_equal(take_all(world, &reorder), ITEMS);
    assert_true(world->mem.peak_bytes < 2 * SMALL + ITEM_MAX);
    assert_int_equal(reorder.file_bytes, 0);
    reorder_free(&reorder);
}

/* Their places are in memory: so there is a most of them. */
static void places_run_out_before_memory_does(void **state)
{
    struct world *world = *state;
    struct reorder reorder;
    uint64_t number = 2;
    reorder_init(&reorder, &world->mem, SMALL, folder_name, NULL);
    for (; !reorder_is_full(&reorder); number++)
        assert_true(reorder_put(&reorder, number, "", 0, "", 0, &world->fail));
    assert_true(number > ITEMS);
    assert_true(world->mem.peak_bytes <= SMALL + (64 << 10));
    reorder_pass(&reorder);
    const uint8_t *bytes;
    size_t len;
    uint64_t taken = 0;
    for (; reorder_take(&reorder, &bytes, &len, &world->fail); taken++)
        assert_int_equal(len, 0);
    assert_int_equal(taken, number - 2);
    assert_false(reorder_is_full(&reorder));
    reorder_free(&reorder);
}

static void a_folder_that_is_not_there_is_said(void **state)
{
    struct world *world = *state;
    struct reorder reorder;
    static const uint8_t bytes[SMALL];
    reorder_init(&reorder, &world->mem, SMALL, "/none", NULL);
    assert_true(reorder_put(&reorder, 3, bytes, 1000, "", 0, &world->fail));
    assert_false(reorder_put(&reorder, 2, bytes, sizeof bytes, "", 0, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "/none: "));
    reorder_free(&reorder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(any_order_comes_out_in_turn),
        folder_test(memory_does_not_grow_with_what_waits),
        folder_test(places_run_out_before_memory_does),
        folder_test(a_folder_that_is_not_there_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
