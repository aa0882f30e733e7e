/* SPDX-License-Identifier: BSD-3-Clause */
/* The chunks that records live in. */
#include "data/arena.h"

#include "check.h"

enum { COMMON_BYTES = ARENA_CHUNK_BYTES - ARENA_SLACK_BYTES - sizeof(struct chunk) };

static void a_chunk_is_empty_and_has_the_room_asked_for(void **state)
{
    struct world *world = *state;
    static const size_t sizes[] = {0, 1, COMMON_BYTES, COMMON_BYTES + 1, 4096, 1000000};
    for (size_t i = 0; i < LEN(sizes); i++) {
        struct chunk *chunk = arena_take(&world->arena, sizes[i], &world->fail);
        assert_non_null(chunk);
        assert_null(chunk->next);
        assert_int_equal(chunk->used_bytes, 0);
        assert_true(chunk->cap_bytes >= sizes[i]);
        assert_int_equal((uintptr_t)chunk->bytes % 8, 0); /* records stay aligned */
        memset(chunk->bytes, 0xcc, chunk->cap_bytes);
        arena_give(&world->arena, chunk);
        assert_int_equal(world->arena.used_bytes, 0);
    }
}

/* Every chunk is filled with its number; if two overlap, one number is lost. */
static void chunks_do_not_overlap(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    enum { CHUNKS = 500 };
    static struct chunk *chunks[CHUNKS];
    for (int round = 0; round < 20; round++) {
        for (size_t i = 0; i < CHUNKS; i++) {
            if (chunks[i] && seeded_below(&seeded, 2)) {
                arena_give(&world->arena, chunks[i]);
                chunks[i] = NULL;
            }
            if (!chunks[i]) {
                size_t bytes = seeded_below(&seeded, 50) ? 100 : seeded_below(&seeded, 10000);
                chunks[i] = arena_take(&world->arena, bytes, &world->fail);
                assert_non_null(chunks[i]);
            }
            memset(chunks[i]->bytes, (int)(i % 251), chunks[i]->cap_bytes);
        }
        for (size_t i = 0; i < CHUNKS; i++)
            for (size_t at = 0; at < chunks[i]->cap_bytes; at++)
                assert_int_equal(chunks[i]->bytes[at], i % 251);
    }
    for (size_t i = 0; i < CHUNKS; i++)
        arena_give(&world->arena, chunks[i]);
}

static void chunks_given_back_are_used_again(void **state)
{
    struct world *world = *state;
    struct chunk *chunks[300];
    size_t used = 0;
    for (int round = 0; round < 10; round++) {
        for (size_t i = 0; i < LEN(chunks); i++)
            chunks[i] = arena_take(&world->arena, 1 + i, &world->fail);
        assert_int_equal(world->arena.used_bytes, LEN(chunks) * ARENA_CHUNK_BYTES);
        assert_true(round == 0 || world->mem.used_bytes == used);
        used = world->mem.used_bytes;
        for (size_t i = 0; i < LEN(chunks); i++)
            arena_give(&world->arena, chunks[i]);
    }
    assert_true(used < (LEN(chunks) * ARENA_CHUNK_BYTES) + 2 * CHECK_SLAB_BYTES);
}

/* Chunks of any length, until there is no memory left; what is given back can be had again, in the
 * same lengths or as shorter ones. */
static void chunks_for_long_records_are_used_again(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {3};
    struct chunk *taken[200];
    size_t asked[LEN(taken)], len = 0, used = 0;
    world->mem.limit_bytes = 10 * CHECK_SLAB_BYTES;
    for (int round = 0; round < 20; round++) {
        struct fail fail = {0};
        for (; len < LEN(taken); len++) {
            if (round == 0)
                asked[len] = seeded_below(&seeded, ARENA_CUT_MAX_BYTES - 100);
            if (!(taken[len] = arena_take(&world->arena, asked[len], &fail)))
                break;
            assert_true(taken[len]->cap_bytes >= asked[len]);
            memset(taken[len]->bytes, 0xcc, taken[len]->cap_bytes);
        }
        assert_true(round == 0 || len >= used);
        used = len;
        for (; len > 0; len--)
            arena_give(&world->arena, taken[len - 1]);
        assert_int_equal(world->arena.used_bytes, 0);
    }
    assert_true(used < LEN(taken)); /* there was none left */
    arena_give(&world->arena, arena_take(&world->arena, 8, &world->fail));
}

static void a_chunk_of_its_own_goes_back_to_the_system_at_once(void **state)
{
    struct world *world = *state;
    struct chunk *chunk = arena_take(&world->arena, 1 << 20, &world->fail);
    assert_true(world->mem.used_bytes >= 1 << 20);
    arena_give(&world->arena, chunk);
    assert_int_equal(world->mem.used_bytes, 0);
}

static void the_limit_ends_in_a_failure_and_nothing_is_lost(void **state)
{
    struct world *world = *state;
    struct chunk *taken = NULL, *chunk;
    world->mem.limit_bytes = 10 * CHECK_SLAB_BYTES;
    size_t room = arena_room(&world->arena), handed_out = 0;
    while ((chunk = arena_take(&world->arena, 8, &world->fail))) {
        chunk->next = taken;
        taken = chunk;
        handed_out += ARENA_CHUNK_BYTES;
    }
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    /* The promise was kept but for the head and the rest of each slab. */
    assert_true(handed_out <= room && handed_out + 10 * 2 * ARENA_CHUNK_BYTES >= room);
    assert_int_equal(world->arena.used_bytes, handed_out);
    assert_null(arena_take(&world->arena, 1 << 20, &world->fail));
    assert_int_equal(world->arena.used_bytes, handed_out);
    while ((chunk = taken)) {
        taken = chunk->next;
        arena_give(&world->arena, chunk);
    }
    assert_int_equal(arena_room(&world->arena), room);
}

static void an_arena_can_be_freed_twice_and_when_empty(void **state)
{
    struct world *world = *state;
    struct arena never = {0};
    arena_free(&never);
    arena_give(&world->arena, arena_take(&world->arena, 8, &world->fail));
    assert_true(world->mem.used_bytes > 0);
    arena_free(&world->arena);
    arena_free(&world->arena);
    assert_int_equal(world->mem.used_bytes, 0);
}

/* When all is given back longer chunks can be had of the same memory, and other memory of it. */
static void what_is_cut_anew_has_room_for_anything(void **state)
{
    struct world *world = *state;
    enum { CHUNKS = 500, LONG_BYTES = 20 << 10 };
    struct chunk *chunks[CHUNKS];
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < CHUNKS; i++)
            assert_non_null(chunks[i] = arena_take(&world->arena, 100, &world->fail));
        arena_recut(&world->arena); /* not while there are chunks */
        assert_true(chunks[0]->cap_bytes >= 100);
        for (size_t i = 0; i < CHUNKS; i++)
            arena_give(&world->arena, chunks[i]);
        world->mem.limit_bytes = world->mem.used_bytes; /* nothing more is to be had */
        const size_t room = arena_room(&world->arena);
        assert_null(arena_take(&world->arena, LONG_BYTES, &world->fail));
        world->fail = (struct fail){0};
        arena_recut(&world->arena);
        assert_int_equal(arena_room(&world->arena), room);
        for (size_t i = 0; i < 10; i++)
            assert_non_null(chunks[i] = arena_take(&world->arena, LONG_BYTES, &world->fail));
        struct chunk *own = arena_take(&world->arena, 2 * CHECK_SLAB_BYTES, &world->fail);
        assert_non_null(own);
        arena_give(&world->arena, own);
        for (size_t i = 0; i < 10; i++)
            arena_give(&world->arena, chunks[i]);
        arena_trim(&world->arena);
        assert_int_equal(world->mem.used_bytes, 0);
        world->mem.limit_bytes = CHECK_LIMIT_BYTES;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(a_chunk_is_empty_and_has_the_room_asked_for),
        world_test(chunks_do_not_overlap),
        world_test(chunks_given_back_are_used_again),
        world_test(chunks_for_long_records_are_used_again),
        world_test(a_chunk_of_its_own_goes_back_to_the_system_at_once),
        world_test(the_limit_ends_in_a_failure_and_nothing_is_lost),
        world_test(an_arena_can_be_freed_twice_and_when_empty),
        world_test(what_is_cut_anew_has_room_for_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
