/* SPDX-License-Identifier: BSD-3-Clause */
/* How many different keys there are, told by a sample of records whose keys are known. */
#include "data/growth.h"

#include "check.h"

#include <stdio.h>

enum { LONG_BYTES = 40 };

static struct mem mem = {.limit_bytes = SIZE_MAX};
static struct arena arena;
static struct fail failure;
static struct hash_seed seed;

/* Puts the number as a key; every fifth is a long one. */
static void put(struct parcel *parcel, uint64_t number)
{
    char text[LONG_BYTES + 1];
    if (number % 5 == 0) {
        snprintf(text, sizeof text, "%0*llu", LONG_BYTES, (unsigned long long)number);
        assert_true(
            parcel_add_long(&arena, parcel, (const uint8_t *)text, LONG_BYTES, 1, &failure));
        return;
    }
    uint8_t padded[KEY_SHORT_MAX + 16] = {0};
    const int len = snprintf((char *)padded, KEY_SHORT_MAX, "%llu", (unsigned long long)number);
    assert_true(parcel_add_short(&arena, parcel, key_short(padded, (unsigned)len), 1, &failure));
}

static struct growth *look(struct parcel *parcel)
{
    static struct growth growth;
    growth = (struct growth){0};
    parcel_settle(parcel);
    growth_look(&growth, &seed, parcel);
    return &growth;
}

static void assert_near(double found, double wanted)
{
    assert_true(found > wanted * 0.85 && found < wanted * 1.15);
}

static int set_up(void **state)
{
    (void)state;
    seed = hash_seed_from(7);
    arena_init(&arena, &mem, 1 << 20, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_free(&arena);
    return 0;
}

static void few_keys_are_all_counted(void **state)
{
    (void)state;
    struct parcel parcel = {0};
    assert_true(growth_distinct(look(&parcel)) == 0);
    for (uint64_t number = 1; number <= 1000; number++)
        for (uint64_t times = 0; times < (number <= 300 ? 3 : 1); times++)
            put(&parcel, number);
    const struct growth *growth = look(&parcel);
    assert_true(growth_distinct(growth) == 1000);
    assert_true(growth_singles(growth) == 700);
    parcel_clear(&arena, &parcel);
}

static void many_keys_are_counted_about(void **state)
{
    (void)state;
    struct parcel parcel = {0};
    for (uint64_t number = 1; number <= 400000; number++)
        put(&parcel, number <= 100000 ? number : number % 300000);
    const struct growth *growth = look(&parcel);
    assert_near(growth_distinct(growth), 300000);
    assert_near(growth_singles(growth), 200000);
    parcel_clear(&arena, &parcel);
}

static void several_parcels_are_seen_as_one(void **state)
{
    (void)state;
    static struct growth growth;
    struct parcel parcels[2] = {0};
    for (uint64_t number = 1; number <= 1000; number++)
        put(&parcels[number % 2], number);
    for (int i = 0; i < 2; i++) {
        parcel_settle(&parcels[i]);
        growth_look(&growth, &seed, &parcels[i]);
        parcel_clear(&arena, &parcels[i]);
    }
    assert_true(growth_distinct(&growth) == 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_keys_are_all_counted),
        cmocka_unit_test(many_keys_are_counted_about),
        cmocka_unit_test(several_parcels_are_seen_as_one),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
