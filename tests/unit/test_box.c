/* SPDX-License-Identifier: BSD-3-Clause */
/* Parcels by bucket. */
#include "data/box.h"

#include "check.h"

enum { BUCKETS = 37 };

static void fill(struct world *world, struct box *box, struct seeded *seeded, uint64_t *records)
{
    for (int i = 0; i < 2000; i++) {
        size_t bucket = seeded_below(seeded, BUCKETS) * seeded_below(seeded, 2);
        uint8_t word[60];
        size_t len = seeded_below(seeded, sizeof word + 1);
        memset(word, (int)bucket, sizeof word); /* so that a record tells where it belongs */
        if (!add_key(&world->arena, &box->parcels[bucket], word, len, 1 + bucket, &world->fail))
            fail_msg("no room");
        records[bucket]++;
    }
}

static void check(struct box *box, const uint64_t *records)
{
    uint64_t all = 0;
    for (size_t bucket = 0; bucket < box->len; bucket++) {
        struct naive list = {0};
        uint8_t *store = malloc(records[bucket] * 16 + 16), *at = store;
        parcel_settle(&box->parcels[bucket]);
        assert_true(list_records(&box->parcels[bucket], &list, &at));
        assert_int_equal(list.len, records[bucket]);
        for (size_t i = 0; i < list.len; i++)
            assert_int_equal(list.words[i].count, 1 + bucket);
        all += records[bucket];
        naive_free(&list);
        free(store);
    }
    assert_int_equal(box_records(box), all);
}

static void a_new_box_is_empty(void **state)
{
    struct world *world = *state;
    struct box box;
    assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
    assert_int_equal(box.len, BUCKETS);
    assert_int_equal(box_records(&box), 0);
    box_free(&box);
    assert_int_equal(box.len, 0);
}

static void a_joined_box_has_the_records_of_both_and_the_other_none(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    struct box box, from;
    uint64_t records[BUCKETS] = {0};
    static const uint64_t none[BUCKETS];
    assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
    assert_true(box_init(&from, &world->arena, BUCKETS, &world->fail));
    for (int round = 0; round < 5; round++) {
        fill(world, &from, &seeded, records);
        box_join(&box, &from);
        check(&from, none);
        check(&box, records);
    }
    box_free(&from);
    check(&box, records);
    box_free(&box);
}

static void a_freed_box_gives_all_chunks_back(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {2};
    struct box box;
    uint64_t records[BUCKETS] = {0};
    assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
    fill(world, &box, &seeded, records);
    assert_true(world->arena.used_bytes > 0);
    box_free(&box);
    assert_int_equal(world->arena.used_bytes, 0);
    box_free(&box);
    struct box never = {0};
    assert_int_equal(box_records(&never), 0);
    box_free(&never);
}

static void a_box_that_does_not_fit_is_empty(void **state)
{
    struct world *world = *state;
    struct box box;
    world->mem.limit_bytes = 4096;
    assert_false(box_init(&box, &world->arena, 1 << 20, &world->fail));
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_int_equal(box_records(&box), 0);
    box_free(&box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(a_new_box_is_empty),
        world_test(a_joined_box_has_the_records_of_both_and_the_other_none),
        world_test(a_freed_box_gives_all_chunks_back),
        world_test(a_box_that_does_not_fit_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
