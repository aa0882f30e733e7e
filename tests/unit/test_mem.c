/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory under a limit. */
#include "host/mem.h"

#include "check.h"

#include <pthread.h>

enum { PAGE = 4096 };

static bool all_zero(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i])
            return false;
    return true;
}

static void a_block_is_zeroed_aligned_and_as_large_as_asked(void **state)
{
    struct world *world = *state;
    static const size_t sizes[] = {0, 1, PAGE - 1, PAGE, PAGE + 1, 100000, 5 << 20};
    for (size_t i = 0; i < LEN(sizes); i++) {
        uint8_t *block = mem_alloc(&world->mem, sizes[i], &world->fail);
        assert_non_null(block);
        assert_int_equal((uintptr_t)block % PAGE, 0);
        assert_true(all_zero(block, sizes[i]));
        memset(block, 0xff, sizes[i]);
        mem_free(&world->mem, block, sizes[i]);
        assert_int_equal(world->mem.used_bytes, 0);
    }
}

static void the_limit_can_be_reached_but_not_passed(void **state)
{
    struct world *world = *state;
    struct mem *mem = &world->mem;
    mem->limit_bytes = 10 * PAGE;
    void *most = mem_alloc(mem, 9 * PAGE, &world->fail);
    assert_non_null(most);
    assert_null(mem_alloc(mem, PAGE + 1, &world->fail));
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_non_null(strstr(world->fail.text, "44K")); /* what would have done */
    assert_non_null(strstr(world->fail.text, "40K")); /* what there is */
    assert_int_equal(mem->used_bytes, 9 * PAGE);
    assert_int_equal(mem_room(mem), PAGE);
    world->fail = (struct fail){0};
    void *last = mem_alloc(mem, PAGE, &world->fail);
    assert_non_null(last);
    assert_int_equal(mem_room(mem), 0);
    mem_free(mem, last, PAGE);
    mem_free(mem, most, 9 * PAGE);
    assert_int_equal(world->fail.code, FAIL_NONE);
}

static void what_is_freed_can_be_had_again(void **state)
{
    struct world *world = *state;
    world->mem.limit_bytes = 4 * PAGE;
    for (int i = 0; i < 100; i++) {
        void *block = mem_alloc(&world->mem, 3 * PAGE, &world->fail);
        assert_non_null(block);
        mem_free(&world->mem, block, 3 * PAGE);
    }
    assert_int_equal(world->mem.peak_bytes, 3 * PAGE);
}

static void a_grown_block_keeps_its_bytes_and_is_zero_behind_them(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    static uint8_t copy[PAGE * 100];
    size_t bytes = 0;
    uint8_t *block = NULL;
    for (size_t step = 1; step <= 100; step += 1 + seeded_below(&seeded, 9)) {
        block = mem_grow(&world->mem, block, bytes, step * PAGE, &world->fail);
        assert_non_null(block);
        assert_memory_equal(block, copy, bytes);
        assert_true(all_zero(block + bytes, step * PAGE - bytes));
        bytes = step * PAGE;
        seeded_fill(&seeded, block, bytes);
        memcpy(copy, block, bytes);
        assert_int_equal(world->mem.used_bytes, bytes);
    }
    mem_free(&world->mem, block, bytes);
}

static void sizes_within_a_page_grow_too(void **state)
{
    struct world *world = *state;
    uint8_t *block = mem_alloc(&world->mem, 10, &world->fail);
    memcpy(block, "0123456789", 10);
    block = mem_grow(&world->mem, block, 10, 2000, &world->fail);
    block = mem_grow(&world->mem, block, 2000, PAGE + 1, &world->fail);
    assert_non_null(block);
    assert_memory_equal(block, "0123456789", 10);
    assert_true(all_zero(block + 10, PAGE + 1 - 10));
    mem_free(&world->mem, block, PAGE + 1);
}

static void a_block_that_cannot_grow_stays_as_it_was(void **state)
{
    struct world *world = *state;
    world->mem.limit_bytes = 3 * PAGE;
    uint8_t *block = mem_alloc(&world->mem, 2 * PAGE, &world->fail);
    memset(block, 7, 2 * PAGE);
    assert_null(mem_grow(&world->mem, block, 2 * PAGE, 4 * PAGE, &world->fail));
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_int_equal(world->mem.used_bytes, 2 * PAGE);
    for (int i = 0; i < 2 * PAGE; i++)
        assert_int_equal(block[i], 7);
    mem_free(&world->mem, block, 2 * PAGE);
}

static void the_peak_is_the_most_that_was_in_use_at_once(void **state)
{
    struct world *world = *state;
    void *a = mem_alloc(&world->mem, 5 * PAGE, &world->fail);
    void *b = mem_alloc(&world->mem, 2 * PAGE, &world->fail);
    mem_free(&world->mem, a, 5 * PAGE);
    void *c = mem_alloc(&world->mem, 4 * PAGE, &world->fail);
    assert_int_equal(world->mem.peak_bytes, 7 * PAGE);
    b = mem_grow(&world->mem, b, 2 * PAGE, 4 * PAGE, &world->fail);
    assert_int_equal(world->mem.peak_bytes, 8 * PAGE);
    mem_free(&world->mem, b, 4 * PAGE);
    mem_free(&world->mem, c, 4 * PAGE);
    assert_int_equal(world->mem.peak_bytes, 8 * PAGE);
}

static void what_the_system_refuses_is_a_failure_and_costs_nothing(void **state)
{
    struct world *world = *state;
    static const size_t sizes[] = {(size_t)1 << 60, SIZE_MAX / 2, SIZE_MAX - 5000, SIZE_MAX};
    world->mem.limit_bytes = SIZE_MAX;
    uint8_t *block = mem_alloc(&world->mem, PAGE, &world->fail);
    block[0] = 9;
    for (size_t i = 0; i < LEN(sizes); i++) {
        world->fail = (struct fail){0};
        assert_null(mem_alloc(&world->mem, sizes[i], &world->fail));
        assert_int_equal(world->fail.code, FAIL_MEMORY);
        world->fail = (struct fail){0};
        assert_null(mem_grow(&world->mem, block, PAGE, sizes[i], &world->fail));
        assert_int_equal(world->fail.code, FAIL_MEMORY);
        assert_int_equal(world->mem.used_bytes, PAGE);
        assert_int_equal(block[0], 9);
    }
    mem_free(&world->mem, block, PAGE);
}

static void what_others_allocate_counts_up_to_what_is_kept_at_no_further_cost(void **state)
{
    struct world *world = *state;
    struct mem *mem = &world->mem;
    mem->limit_bytes = 100;
    assert_true(mem_take(mem, 30, &world->fail));
    assert_int_equal(mem->used_bytes, 30);
    assert_true(mem_keep(mem, 50, &world->fail));
    assert_int_equal(mem->used_bytes, 50);
    assert_true(mem_take(mem, 20, &world->fail));
    assert_int_equal(mem->used_bytes, 50);
    assert_true(mem_take(mem, 15, &world->fail));
    assert_int_equal(mem->used_bytes, 65);
    assert_false(mem_take(mem, 36, &world->fail));
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_int_equal(mem->used_bytes, 65);
    mem_give(mem, 65);
    assert_int_equal(mem->used_bytes, 50);
    assert_false(mem_keep(mem, 101, &world->fail));
    assert_int_equal(mem->used_bytes, 50);
    assert_true(mem_keep(mem, 0, &world->fail));
    assert_int_equal(mem->used_bytes, 0);
    assert_int_equal(mem->peak_bytes, 65);
}

enum { ROUNDS = 1000000 };

static void *take_and_give(void *mem)
{
    struct fail fail = {0};
    for (int i = 0; i < ROUNDS; i++)
        if (mem_take(mem, 3, &fail))
            mem_give(mem, 3);
    return NULL;
}

static void threads_lose_no_byte(void **state)
{
    struct world *world = *state;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, take_and_give, &world->mem), 0);
    take_and_give(&world->mem);
    pthread_join(thread, NULL);
    assert_int_equal(world->mem.used_bytes, 0);
}

static void freeing_nothing_is_fine(void **state)
{
    struct world *world = *state;
    mem_free(&world->mem, NULL, 0);
    mem_free(&world->mem, NULL, 100000);
    assert_int_equal(world->mem.used_bytes, 0);
}

static void sizes_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } rows[] = {
        {0, "0B"},
        {1023, "1023B"},
        {1024, "1.0K"},
        {1536, "1.5K"},
        {8 << 20, "8.0M"},
        {(8 << 20) + 1, "8.1M"},
        {64 << 20, "64M"},
        {(64 << 20) + 1, "64.1M"},
        {100 << 20, "100M"},
        {(100 << 20) + 1, "101M"},
        {(uint64_t)3 << 29, "1.5G"},
        {(uint64_t)999 << 40, "999T"},
        {UINT64_MAX, "16E"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        char text[16];
        assert_ptr_equal(mem_human(text, rows[i].bytes), text);
        assert_string_equal(text, rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(a_block_is_zeroed_aligned_and_as_large_as_asked),
        world_test(the_limit_can_be_reached_but_not_passed),
        world_test(what_is_freed_can_be_had_again),
        world_test(a_grown_block_keeps_its_bytes_and_is_zero_behind_them),
        world_test(sizes_within_a_page_grow_too),
        world_test(a_block_that_cannot_grow_stays_as_it_was),
        world_test(the_peak_is_the_most_that_was_in_use_at_once),
        world_test(what_the_system_refuses_is_a_failure_and_costs_nothing),
        world_test(what_others_allocate_counts_up_to_what_is_kept_at_no_further_cost),
        world_test(threads_lose_no_byte),
        world_test(freeing_nothing_is_fine),
        cmocka_unit_test(sizes_read_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
