/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys that come in lots: what is kept of them, against an array of all of them. */
#include "data/census.h"

#include "check.h"

enum { KEYS = 50000, LOTS = 7, SMALL_BYTES = 64 << 10, LARGE_BYTES = 4 << 20 };

struct world_of_keys {
    struct census census;
    uint32_t lots[KEYS];
};

static uint64_t hash_of(size_t key)
{
    const struct hash_seed seed = hash_seed_from(7);
    return hash_short(&seed, (struct key){key + 1, 1});
}

/* Every key in some of the lots, the first ones in many. */
static void fill(struct world_of_keys *keys)
{
    struct seeded seeded = {1};
    for (unsigned lot = 0; lot < LOTS; lot++)
        for (int i = 0; i < KEYS / 2; i++) {
            const size_t key = seeded_below(&seeded, 1 + seeded_below(&seeded, KEYS));
            census_add(&keys->census, lot, &(struct census_key){hash_of(key), 1, 3 + key % 5, 9});
            keys->lots[key] |= UINT32_C(1) << lot;
        }
}

static uint64_t naive(const struct world_of_keys *keys, int first, int next)
{
    uint64_t found = 0;
    for (size_t key = 0; key < KEYS; key++) {
        const uint32_t lots = keys->lots[key], later = lots & (lots - 1);
        if (lots && __builtin_ctz(lots) == first)
            found += (later ? __builtin_ctz(later) : CENSUS_LOTS) == next;
    }
    return found;
}

static struct world_of_keys *make(struct world *world, size_t bytes)
{
    static struct world_of_keys keys;
    memset(&keys, 0, sizeof keys);
    assert_true(census_init(&keys.census, &world->mem, bytes, &world->fail));
    fill(&keys);
    return &keys;
}

static void all_keys_are_kept_where_there_is_room(void **state)
{
    struct world *world = *state;
    static struct census_sums sums;
    struct world_of_keys *keys = make(world, LARGE_BYTES);
    sums = (struct census_sums){0};
    census_sum(&keys->census, &sums);
    assert_int_equal(keys->census.shift, 0);
    for (int first = 0; first < CENSUS_LOTS; first++)
        for (int next = 0; next <= CENSUS_LOTS; next++)
            assert_int_equal(sums.keys[first][next], naive(keys, first, next));
    census_free(&keys->census);
    census_free(&keys->census);
}

/* In a thirtieth of the room. */
static void a_sample_of_the_keys_stands_for_all(void **state)
{
    struct world *world = *state;
    static struct census_sums sums;
    struct world_of_keys *keys = make(world, SMALL_BYTES);
    sums = (struct census_sums){0};
    census_sum(&keys->census, &sums);
    assert_true(keys->census.shift > 3);
    uint64_t all = 0, found = 0;
    for (int first = 0; first < LOTS; first++)
        for (int next = 0; next <= CENSUS_LOTS; next++) {
            all += naive(keys, first, next);
            found += sums.keys[first][next];
        }
    assert_true(found > all * 0.9 && found < all * 1.1);
    uint64_t alone = 0, alone_found = 0;
    for (int first = 0; first < LOTS; first++) {
        alone += naive(keys, first, CENSUS_LOTS);
        alone_found += sums.keys[first][CENSUS_LOTS];
    }
    assert_true(alone_found > alone * 0.85 && alone_found < alone * 1.15);
    census_free(&keys->census);
}

static void sums_of_two_censuses_add_up(void **state)
{
    struct world *world = *state;
    static struct census_sums sums;
    struct census census;
    const struct census_key key = {hash_of(3), 1, 4, 11};
    sums = (struct census_sums){0};
    assert_true(census_init(&census, &world->mem, SMALL_BYTES, &world->fail));
    census_add(&census, 2, &key);
    census_sum(&census, &sums);
    census_sum(&census, &sums);
    assert_int_equal(sums.keys[2][CENSUS_LOTS], 2);
    assert_int_equal(sums.line_bytes[2], 22);
    assert_int_equal(sums.record_bytes[2], 2 * census_record_bytes(4, 1));
    census_free(&census);
}

/* As many chunks as an arena takes for so many records of a length. */
static void records_take_the_room_that_chunks_take(void **state)
{
    struct world *world = *state;
    static const size_t lens[] = {1, 7, 15, 16, 60, 150, 300, 450, 600, 900, 1500, 5000};
    for (size_t i = 0; i < LEN(lens); i++) {
        enum { RECORDS = 2000 };
        static uint8_t bytes[5000];
        struct parcel parcel = {0};
        for (int record = 0; record < RECORDS; record++)
            assert_true(
                lens[i] > KEY_SHORT_MAX
                    ? parcel_add_long(&world->arena, &parcel, bytes, lens[i], 1, &world->fail)
                    : parcel_add_short(&world->arena, &parcel, key_short(bytes, (unsigned)lens[i]),
                                       1, &world->fail));
        const double taken = (double)world->arena.used_bytes / RECORDS,
                     said = (double)census_record_bytes(lens[i], 1);
        assert_true(said > taken * 0.9 && said < taken * 1.35);
        parcel_clear(&world->arena, &parcel);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(all_keys_are_kept_where_there_is_room),
        world_test(a_sample_of_the_keys_stands_for_all),
        world_test(sums_of_two_censuses_add_up),
        world_test(records_take_the_room_that_chunks_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
