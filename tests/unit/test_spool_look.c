/* SPDX-License-Identifier: BSD-3-Clause */
/* Which submissions there are, and which of them are new. */
#include "spool/spool_look.h"

#include "spooled.h"

static void must_look(struct world *world, struct spool_look *look, const struct spool *spool)
{
    expect_ok(spool_look(look, spool, &world->fail));
}

static void expect_entry(const struct spool_look *look, size_t i, struct spool_entry expected)
{
    assert_true(i < look->len);
    const struct spool_entry *entry = &look->entries[i];
    assert_true(entry->number == expected.number);
    assert_int_equal(entry->has_state, expected.has_state);
    assert_int_equal(entry->cancelled, expected.cancelled);
    assert_int_equal(entry->final, expected.final);
    assert_int_equal(entry->taken, expected.taken);
}

static void a_look_shows_what_came_and_went(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_look look = {0};
    must_make(world, &spool);
    must_look(world, &look, &spool);
    assert_true(look.len == 0 && !look.close);
    put("10.job", "");
    put("2.job", "");
    put("2.tasks", "");
    put("3.tasks", ""); /* a submission that is not there yet, and never may be */
    put("4.cancel", "");
    put("5.state", "");
    put(".new-abcdef.job", "");
    put("0.job", "");
    put("07.job", "");
    put("18446744073709551616.job", "");
    put("8.jobs", "");
    put("9", "");
    must_look(world, &look, &spool);
    assert_int_equal(look.len, 2);
    expect_entry(&look, 0, (struct spool_entry){.number = 2});
    expect_entry(&look, 1, (struct spool_entry){.number = 10});
    must_look(world, &look, &spool);
    look.entries[1].taken = true;
    put("1.job", "");
    put("18446744073709551615.job", "");
    must_look(world, &look, &spool);
    assert_int_equal(look.len, 4);
    expect_entry(&look, 0, (struct spool_entry){.number = 1});
    expect_entry(&look, 2, (struct spool_entry){.number = 10, .taken = true});
    expect_entry(&look, 3, (struct spool_entry){.number = UINT64_MAX});
    must_look(world, &look, &spool);
    expect_ok(spool_ask_cancel(&spool, 10, &world->fail));
    must_look(world, &look, &spool);
    expect_entry(&look, 2, (struct spool_entry){.number = 10, .taken = true, .cancelled = true});
    must_look(world, &look, &spool);
    expect_ok(spool_ask_close(&spool, &world->fail));
    must_look(world, &look, &spool);
    assert_true(look.close);
    expect_ok(spool_forget_close(&spool, &world->fail));
    must_look(world, &look, &spool);
    assert_false(look.close);
    assert_int_equal(unlink(in_spool("1.job")), 0);
    must_look(world, &look, &spool);
    assert_int_equal(look.len, 3);
    expect_entry(&look, 1, (struct spool_entry){.number = 10, .taken = true, .cancelled = true});
    spool_look_free(&look);
    spool_look_free(&look);
    spool_close(&spool);
}

static void a_state_is_read_until_it_is_final(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_look look = {0};
    must_make(world, &spool);
    for (uint64_t number = 1; number <= 4; number++) {
        char name[SPOOL_NAME_BYTES];
        snprintf(name, sizeof name, "%" PRIu64 ".job", number);
        put(name, "");
        struct spool_state written = {.name = number == 2 ? SPOOL_CANCELLED : SPOOL_RUNNING};
        expect_ok(number == 4 || spool_state_write(&spool, number, &written, &world->fail));
    }
    put("3.state", "damaged");
    must_look(world, &look, &spool);
    expect_entry(&look, 0, (struct spool_entry){.number = 1, .has_state = true});
    expect_entry(&look, 1, (struct spool_entry){.number = 2, .has_state = true, .final = true});
    expect_entry(&look, 2, (struct spool_entry){.number = 3, .has_state = true});
    expect_entry(&look, 3, (struct spool_entry){.number = 4});
    look.entries[0].taken = true;
    expect_ok(spool_state_write(&spool, 2, &(struct spool_state){.name = SPOOL_RUNNING},
                                &world->fail)); /* not read again */
    expect_ok(
        spool_state_write(&spool, 1, &(struct spool_state){.name = SPOOL_DONE}, &world->fail)
        && spool_state_write(&spool, 3, &(struct spool_state){.name = SPOOL_DONE}, &world->fail));
    must_look(world, &look, &spool);
    expect_entry(&look, 0, (struct spool_entry){.number = 1, .has_state = true, .taken = true});
    expect_entry(&look, 1, (struct spool_entry){.number = 2, .has_state = true, .final = true});
    expect_entry(&look, 2, (struct spool_entry){.number = 3, .has_state = true, .final = true});
    spool_look_free(&look);
    spool_close(&spool);
}

/* An ended submission costs its names, not the reading of its state. */
static void many_ended_ones_cost_little(void **state)
{
    enum { MANY = 10000 };
    struct world *world = *state;
    struct spool spool;
    struct spool_look look = {0};
    static const char running[] =
        "{\"state\": \"running\", \"tasks\": 0, \"done\": 0, "
        "\"failed\": 0, \"result_bytes\": 0, \"exit\": 0}";
    char first[PATH_MAX], name[PATH_MAX + SPOOL_NAME_BYTES];
    must_make(world, &spool);
    expect_ok(
        spool_state_write(&spool, 1, &(struct spool_state){.name = SPOOL_DONE}, &world->fail));
    snprintf(first, sizeof first, "%s", in_spool("1.state"));
    for (int i = 1; i <= MANY; i++) {
        snprintf(name, sizeof name, "%s/%d.state", spool_name(), i);
        assert_true(i == 1 || link(first, name) == 0);
        snprintf(name, sizeof name, "%s/%d.job", spool_name(), i);
        assert_int_equal(link(first, name), 0);
    }
    must_look(world, &look, &spool);
    assert_int_equal(look.len, MANY);
    put("1.state", running); /* in place: whoever reads a state again sees it */
    must_look(world, &look, &spool);
    for (size_t i = 0; i < MANY; i++)
        expect_entry(&look, i,
                     (struct spool_entry){.number = i + 1, .has_state = true, .final = true});
    spool_look_free(&look);
    spool_close(&spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_look_shows_what_came_and_went),
        folder_test(a_state_is_read_until_it_is_final),
        folder_test(many_ended_ones_cost_little),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
