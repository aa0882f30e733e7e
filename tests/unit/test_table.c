/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of exact counts, against counting by sorting. */
#include "data/table.h"

#include "check.h"

#include <stdio.h>

enum { WORDS = 4000, STORE_BYTES = WORDS * 64 };

/* Words of 0 to 40 bytes; few letters, so that many share prefixes, and some occur twice in the
 * list. */
static void make_words(struct seeded *seeded, struct naive *words, uint8_t *store)
{
    size_t used = 0;
    for (size_t i = 0; i < WORDS; i++) {
        size_t len = seeded_below(seeded, 41);
        for (size_t j = 0; j < len; j++)
            store[used + j] = seeded_of(seeded, "ab\0\xff", 4);
        naive_add(words, store + used, len, 0);
        used += len;
    }
}

/* Adds `tokens` random words to the table and to the oracle. */
static void count(struct world *world, struct table *table, const struct naive *words,
                  struct naive *oracle, struct seeded *seeded, size_t tokens, struct parcel *parcel)
{
    for (size_t i = 0; i < tokens; i++) {
        const struct naive_word *word = &words->words[seeded_below(seeded, words->len)];
        uint64_t times = seeded_below(seeded, 3) ? 1 : seeded_next(seeded) >> 40;
        assert_true(add_key(&world->arena, parcel, word->bytes, word->len, times, &world->fail));
        naive_add(oracle, word->bytes, word->len, times);
    }
    parcel_settle(parcel);
    assert_true(table_add(table, parcel, &world->fail));
}

/* What the table says is what the oracle says, and so are its tallies. */
static void check(struct world *world, const struct table *table, struct naive *oracle,
                  uint64_t min_count)
{
    struct parcel out = {0};
    struct tally all = {0}, kept = {0}, again = {0};
    struct naive got = {0};
    uint8_t *store = malloc(16 * (WORDS + 1)), *at = store;
    assert_true(table_emit(table, &world->arena, min_count, &out, &all, &kept, &world->fail));
    parcel_settle(&out);
    assert_true(list_records(&out, &got, &at));
    size_t records = got.len, distinct;
    naive_merge(&got);
    assert_int_equal(got.len, records); /* one record a key */
    naive_merge(oracle);
    distinct = oracle->len;
    assert_int_equal(table->short_used + table->long_used, distinct);
    assert_int_equal(all.tokens, naive_tokens(oracle));
    size_t enough = 0;
    for (size_t i = 0; i < distinct; i++)
        if (oracle->words[i].count >= min_count)
            oracle->words[enough++] = oracle->words[i];
    oracle->len = enough;
    assert_true(naive_same(&got, oracle));
    assert_int_equal(kept.tokens, naive_tokens(oracle));
    parcel_tally(&out, table->seed, &again);
    assert_true(again.tokens == kept.tokens && again.keyed == kept.keyed);
    assert_true(min_count > 0 || all.keyed == kept.keyed);
    parcel_clear(&world->arena, &out);
    naive_free(&got);
    free(store);
}

static void counts_are_those_of_the_oracle_after_growth_and_reset(void **state)
{
    struct world *world = *state;
    static const size_t sizes[][2] = {{1, 1}, {4096, 64}, {0, 0}, {100, 3000}, {16384, 16384}};
    static uint8_t store[STORE_BYTES];
    struct hash_seed seed = hash_seed_from(1);
    struct seeded seeded = {1};
    struct table table;
    struct naive words = {0};
    make_words(&seeded, &words, store);
    table_init(&table, &world->mem, &seed);
    for (size_t i = 0; i < LEN(sizes); i++) {
        struct parcel parcel = {0};
        struct naive oracle = {0};
        assert_true(table_reset(&table, sizes[i][0], sizes[i][1], &world->fail));
        assert_true(table.short_slots >= sizes[i][0] && table.long_slots >= sizes[i][1]);
        count(world, &table, &words, &oracle, &seeded, 20000, &parcel);
        check(world, &table, &oracle, i % 2 ? 1 : 0);
        parcel_clear(&world->arena, &parcel);
        naive_free(&oracle);
    }
    table_free(&table);
    naive_free(&words);
}

/* A seed that undoes itself: the hash of every key with the same second word is the product with
 * zero, so all meet in one slot. */
static void counts_are_right_when_all_keys_collide(void **state)
{
    struct world *world = *state;
    struct table table;
    struct parcel parcel = {0};
    struct naive oracle = {0};
    char texts[600][32];
    const struct hash_seed seed = {
        {1, (uint64_t)8 << 56, 1, key_word((const uint8_t *)"suffixes")}};
    table_init(&table, &world->mem, &seed);
    assert_true(table_reset(&table, 0, 0, &world->fail));
    for (size_t i = 0; i < LEN(texts); i++) {
        size_t len = i % 2 ? 7 : 24;
        snprintf(texts[i], sizeof texts[i], "%07zu---------suffixes", i);
        const uint8_t *bytes = (const uint8_t *)texts[i];
        assert_int_equal(
            len == 7 ? hash_short(&seed, key_short(bytes, len)) : hash_long(&seed, bytes, len), 0);
        for (size_t times = 0; times <= i % 3; times++) {
            add_key(&world->arena, &parcel, bytes, len, 1, &world->fail);
            naive_add(&oracle, bytes, len, 1);
        }
    }
    parcel_settle(&parcel);
    assert_true(table_add(&table, &parcel, &world->fail));
    check(world, &table, &oracle, 0);
    parcel_clear(&world->arena, &parcel);
    table_free(&table);
    naive_free(&oracle);
}

/* The last slots of a small table: probing goes on at the first. */
static void probing_wraps_around(void **state)
{
    struct world *world = *state;
    struct hash_seed seed = hash_seed_from(3);
    struct table table;
    table_init(&table, &world->mem, &seed);
    assert_true(table_reset(&table, 0, 0, &world->fail));
    uint64_t hash = table.short_slots - 1;
    struct key first = key_short((const uint8_t *)"first-----------", 5);
    struct key second = key_short((const uint8_t *)"second----------", 6);
    *table_find_short(&table, first, hash) = (struct table_short){first, 1, hash};
    *table_find_short(&table, second, hash) = (struct table_short){second, 2, hash};
    assert_ptr_equal(table_find_short(&table, second, hash), &table.shorts[0]);
    assert_int_equal(table_find_short(&table, first, hash)->count, 1);
    const uint8_t *words[] = {(const uint8_t *)"the first long word",
                              (const uint8_t *)"the other long word"};
    for (uint64_t i = 0; i < 2; i++)
        *table_find_long(&table, words[i], 19, hash) = (struct table_long){hash, i, words[i], 19};
    assert_ptr_equal(table_find_long(&table, words[1], 19, hash), &table.longs[0]);
    assert_int_equal(table_find_long(&table, words[0], 19, hash)->count, 0);
    table_free(&table);
}

static void growing_keeps_all_keys(void **state)
{
    struct world *world = *state;
    static uint8_t store[STORE_BYTES];
    struct hash_seed seed = hash_seed_from(4);
    struct seeded seeded = {4};
    struct table table;
    struct parcel parcel = {0};
    struct naive words = {0}, oracle = {0};
    make_words(&seeded, &words, store);
    table_init(&table, &world->mem, &seed);
    assert_true(table_reset(&table, 0, 0, &world->fail));
    count(world, &table, &words, &oracle, &seeded, 5000, &parcel);
    assert_true(table_grow_short(&table, 5 * table.short_slots, &world->fail));
    assert_true(table_grow_long(&table, 3 * table.long_slots, &world->fail));
    check(world, &table, &oracle, 0);
    parcel_clear(&world->arena, &parcel);
    table_free(&table);
    naive_free(&words);
    naive_free(&oracle);
}

static void only_words_with_min_count_are_emitted(void **state)
{
    struct world *world = *state;
    static uint8_t store[STORE_BYTES];
    static const uint64_t limits[] = {0, 1, 2, 5, (uint64_t)1 << 23, UINT64_MAX};
    struct hash_seed seed = hash_seed_from(5);
    for (size_t i = 0; i < LEN(limits); i++) {
        struct seeded seeded = {5};
        struct table table;
        struct parcel parcel = {0};
        struct naive words = {0}, oracle = {0};
        make_words(&seeded, &words, store);
        table_init(&table, &world->mem, &seed);
        assert_true(table_reset(&table, 0, 0, &world->fail));
        count(world, &table, &words, &oracle, &seeded, 3000, &parcel);
        check(world, &table, &oracle, limits[i]);
        parcel_clear(&world->arena, &parcel);
        table_free(&table);
        naive_free(&words);
        naive_free(&oracle);
    }
}

static void a_count_beyond_64_bits_is_a_failure(void **state)
{
    struct world *world = *state;
    static const uint8_t word[] = "a word longer than fifteen bytes";
    struct hash_seed seed = hash_seed_from(6);
    for (size_t len = 1; len < sizeof word; len += 24) {
        struct table table;
        struct parcel parcel = {0}, one = {0};
        world->fail = (struct fail){0};
        table_init(&table, &world->mem, &seed);
        assert_true(table_reset(&table, 0, 0, &world->fail));
        add_key(&world->arena, &parcel, word, len, (uint64_t)1 << 63, &world->fail);
        add_key(&world->arena, &parcel, word, len, ((uint64_t)1 << 63) - 1, &world->fail);
        add_key(&world->arena, &one, word, len, 1, &world->fail);
        parcel_settle(&parcel);
        parcel_settle(&one);
        assert_true(table_add(&table, &parcel, &world->fail)); /* just below */
        assert_false(table_add(&table, &one, &world->fail));
        assert_int_equal(world->fail.code, FAIL_MEMORY);
        parcel_clear(&world->arena, &parcel);
        parcel_clear(&world->arena, &one);
        table_free(&table);
    }
}

static void a_malformed_record_is_a_failure(void **state)
{
    struct world *world = *state;
    struct hash_seed seed = hash_seed_from(7);
    struct table table;
    struct parcel parcel = {0};
    table_init(&table, &world->mem, &seed);
    assert_true(table_reset(&table, 0, 0, &world->fail));
    add_key(&world->arena, &parcel, (const uint8_t *)"word", 4, 1, &world->fail);
    parcel_settle(&parcel);
    parcel.head->bytes[0] = 0xff;
    assert_false(table_add(&table, &parcel, &world->fail));
    assert_int_equal(world->fail.code, FAIL_VERIFY);
    parcel_clear(&world->arena, &parcel);
    table_free(&table);
}

static void a_table_that_cannot_grow_stays_as_it_was(void **state)
{
    struct world *world = *state;
    struct hash_seed seed = hash_seed_from(8);
    struct table table;
    struct parcel parcel = {0};
    struct naive oracle = {0};
    static uint8_t store[20 * 32];
    table_init(&table, &world->mem, &seed);
    assert_true(table_reset(&table, 0, 0, &world->fail));
    for (size_t i = 0; i < 20; i++) {
        size_t len = i % 2 ? 8 : 30;
        memset(store + 32 * i, 'a' + (int)i, 32);
        add_key(&world->arena, &parcel, store + 32 * i, len, 1 + i, &world->fail);
        naive_add(&oracle, store + 32 * i, len, 1 + i);
    }
    parcel_settle(&parcel);
    assert_true(table_add(&table, &parcel, &world->fail));
    world->mem.limit_bytes = world->mem.used_bytes;
    assert_false(table_grow_short(&table, 1 << 20, &world->fail));
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_false(table_grow_long(&table, 1 << 20, &world->fail));
    check(world, &table, &oracle, 0);
    parcel_clear(&world->arena, &parcel);
    table_free(&table);
    naive_free(&oracle);
}

static void a_reset_without_memory_leaves_an_empty_table_that_can_be_freed(void **state)
{
    struct world *world = *state;
    struct hash_seed seed = hash_seed_from(9);
    struct table table;
    table_init(&table, &world->mem, &seed);
    assert_true(table_reset(&table, 100, 100, &world->fail));
    world->mem.limit_bytes = 1 << 20;
    assert_false(table_reset(&table, 1 << 24, 64, &world->fail));
    assert_false(table_reset(&table, 64, 1 << 24, &world->fail));
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    table_free(&table);
    table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(counts_are_those_of_the_oracle_after_growth_and_reset),
        world_test(counts_are_right_when_all_keys_collide),
        world_test(probing_wraps_around),
        world_test(growing_keeps_all_keys),
        world_test(only_words_with_min_count_are_emitted),
        world_test(a_count_beyond_64_bits_is_a_failure),
        world_test(a_malformed_record_is_a_failure),
        world_test(a_table_that_cannot_grow_stays_as_it_was),
        world_test(a_reset_without_memory_leaves_an_empty_table_that_can_be_freed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
