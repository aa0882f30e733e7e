/* SPDX-License-Identifier: BSD-3-Clause */
/* Outcomes: that combining loses nothing, that their order is that of kinds and keys, and how they
 * are written. */
#include "data/outcome.h"
#include "format/format.h"

#include "check.h"
#include "data/ranking.h"

#include <stdio.h>

enum { BUCKETS = 8, TEXT_BYTES = 1 << 20 };

static const struct hash_seed seed = {{1, 3, 5, 7}};

/* What a run makes of an outbox: every bucket combined, and all of it written in order. */
static size_t write_all(struct world *world, struct box *outbox, struct tally *all, bool escape,
                        char *text)
{
    struct table table;
    struct parcel out = {0};
    struct tally kept = {0}, again = {0};
    struct ranking_run run = {0};
    struct record record;
    struct format format = results_format;
    uint8_t *at = (uint8_t *)text;
    format.escape = escape;
    table_init(&table, &world->mem, &seed);
    for (size_t i = 0; i < outbox->len; i++)
        assert_true(outcome_combine(&table, &world->arena, &outbox->parcels[i], 1, &out, all, &kept,
                                    &world->fail));
    parcel_settle(&out);
    parcel_tally(&out, &seed, &again);
    assert_int_equal(kept.tokens, again.tokens);
    assert_true(kept.keyed == again.keyed);
    assert_true(ranking_load(&run, ORDER_COUNT, &world->mem, &out, &world->fail));
    while (ranking_next(&run, &record)) {
        size_t bytes = format.bytes(&format, &record);
        uint8_t *end = format.write(&format, at, &record, NULL);
        assert_int_equal(end - at, bytes);
        at = end;
    }
    *at = '\0';
    ranking_free(&run);
    parcel_clear(&world->arena, &out);
    table_free(&table);
    return (size_t)(at - (uint8_t *)text);
}

struct fixture {
    struct world *world;
    struct outcome outcome;
    struct box outbox;
    char *text;
};

static void begin(struct fixture *fixture, void **state)
{
    struct world *world = *state;
    *fixture = (struct fixture){.world = world, .text = malloc(TEXT_BYTES)};
    outcome_init(&fixture->outcome, &world->arena, &seed);
    assert_true(box_init(&fixture->outbox, &world->arena, BUCKETS, &world->fail));
}

/* Flushes, writes, and checks that the sums of what went in came out. */
static const char *finish(struct fixture *fixture, bool escape)
{
    struct world *world = fixture->world;
    struct tally all = {0};
    assert_true(outcome_flush(&fixture->outcome, &fixture->outbox, &world->fail));
    write_all(world, &fixture->outbox, &all, escape, fixture->text);
    assert_int_equal(all.tokens, fixture->outcome.tally.tokens);
    assert_true(all.keyed == fixture->outcome.tally.keyed);
    outcome_free(&fixture->outcome);
    box_free(&fixture->outbox);
    return fixture->text;
}

static void add_value(struct fixture *fixture, enum value_kind kind, const char *key, size_t len,
                      int64_t value)
{
    assert_true(outcome_add_value(&fixture->outcome, kind, (const uint8_t *)key, len, value,
                                  &fixture->world->fail));
}

static void values_of_equal_keys_are_combined(void **state)
{
    struct fixture fixture;
    begin(&fixture, state);
    for (int64_t i = -50000; i < 70000; i++) {
        add_value(&fixture, VALUE_KIND_SUM, "", 0, i);
        add_value(&fixture, VALUE_KIND_SUM, "a\0b", 3, 1);
        add_value(&fixture, VALUE_KIND_MIN, "a", 1, i ^ 1);
        add_value(&fixture, VALUE_KIND_MAX, "a", 1, i ^ 1);
    }
    add_value(&fixture, VALUE_KIND_SUM, "a", 1, -7);
    add_value(&fixture, VALUE_KIND_SUM, "ab", 2, 7);
    assert_string_equal(finish(&fixture, true),
                        "1199940000\na\t-7\na\\x00b\t120000\nab\t7\na\t-50000\na\t69999\n");
    free(fixture.text);
}

static void sums_do_not_overflow(void **state)
{
    struct fixture fixture;
    begin(&fixture, state);
    for (int i = 0; i < 4; i++) {
        add_value(&fixture, VALUE_KIND_SUM, "greatest", 8, INT64_MAX);
        add_value(&fixture, VALUE_KIND_SUM, "least", 5, INT64_MIN);
    }
    add_value(&fixture, VALUE_KIND_MIN, "least", 5, INT64_MIN);
    assert_string_equal(finish(&fixture, false),
                        "greatest\t36893488147419103228\nleast\t-36893488147419103232\n"
                        "least\t-9223372036854775808\n");
    free(fixture.text);
}

static void counted_keys_are_words(void **state)
{
    struct fixture fixture;
    begin(&fixture, state);
    static const char *const keys[] = {"b",
                                       "a",
                                       "",
                                       "fourteen bytes",
                                       "fifteen bytes..",
                                       "b",
                                       "sixteen bytes...",
                                       "fifteen bytes.."};
    for (size_t i = 0; i < LEN(keys); i++)
        assert_true(outcome_add_count(&fixture.outcome, (const uint8_t *)keys[i], strlen(keys[i]),
                                      i + 1, &fixture.outbox, &fixture.world->fail));
    assert_string_equal(finish(&fixture, false),
                        "fifteen bytes..\t13\nb\t7\nsixteen bytes...\t7\nfourteen bytes\t4\n\t3\n"
                        "a\t2\n");
    free(fixture.text);
}

/* At every limit, from what is held to enough: a failure that is said, or all. */
static void memory_that_ends_in_a_flush_is_a_failure(void **state)
{
    struct world *world = *state;
    const size_t limit = world->mem.limit_bytes;
    size_t failed = 0, done = 0;
    for (size_t more = 0; more <= 1 << 20; more += 16 << 10) {
        struct fixture fixture;
        begin(&fixture, state);
        for (int64_t i = 0; i < 3000; i++)
            add_value(&fixture, VALUE_KIND_SUM, (const char *)&i, 2, i);
        world->mem.limit_bytes = world->mem.used_bytes + more;
        const bool ok = outcome_flush(&fixture.outcome, &fixture.outbox, &world->fail);
        assert_int_equal(world->fail.code, ok ? FAIL_NONE : FAIL_MEMORY);
        *(ok ? &done : &failed) += 1;
        world->mem.limit_bytes = limit;
        world->fail = (struct fail){0};
        outcome_free(&fixture.outcome);
        box_free(&fixture.outbox);
        arena_free(&world->arena);
        arena_init(&world->arena, &world->mem, CHECK_SLAB_BYTES, 0);
        free(fixture.text);
    }
    assert_true(failed > 0 && done > 0); /* the sweep saw both sides */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(values_of_equal_keys_are_combined),
        world_test(sums_do_not_overflow),
        world_test(counted_keys_are_words),
        world_test(memory_that_ends_in_a_flush_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
