/* SPDX-License-Identifier: BSD-3-Clause */
/* The built-in tasks, here and in a process of their own. */
#include "task/builtin.h"

#include "working.h"

static struct working *open_here(struct world *world, const char *task)
{
    static struct working working;
    struct worker_setup setup = working_setup(task);
    setup.isolate = false;
    working_open(&working, world, setup);
    return &working;
}

/* The task leaves a sum without a key. */
static void sums(struct working *working, const char *task, int64_t value)
{
    struct frame frame;
    if (!working_run(working, task))
        fail_msg("%s: %s", task, working->outcome.reason);
    const uint8_t *end = working->outcome.frames + working->outcome.frames_len;
    assert_ptr_equal(frame_next(working->outcome.frames, end, &frame), end);
    assert_int_equal(frame.kind, VALUE_KIND_SUM);
    assert_int_equal(frame.len, 0);
    assert_int_equal(frame.value, value);
}

static void each_is_found_by_its_name_and_nothing_else(void **state)
{
    (void)state;
    char names[64];
    assert_string_equal(builtin_names(names, sizeof names), "primes, squares, sum-squares");
    assert_string_equal(builtin_names(names, 10), "primes, s");
    assert_ptr_equal(builtin_find("sum-squares"), &sum_squares_task);
    assert_null(builtin_find("sum-square"));
    assert_null(builtin_find(""));
}

static void squares_keeps_the_object_as_it_came(void **state)
{
    struct working *working = open_here(*state, "squares");
    working_gives(working, "{\"n\": 6}", "{\"n\": 6, \"result\": 36}");
    working_gives(working, "{\"n\":-3}", "{\"n\":-3, \"result\": 9}");
    working_gives(working, "{\"n\":0}\r", "{\"n\":0, \"result\": 0}");
    working_gives(working, " { \"x\" : [0.1, 1e300, \"}\\u0000\"], \"n\" : 2 } ",
                  " { \"x\" : [0.1, 1e300, \"}\\u0000\"], \"n\" : 2 , \"result\": 4}");
    /* What no integer of C holds. */
    working_gives(working, "{\"n\": 4294967296}",
                  "{\"n\": 4294967296, \"result\": 18446744073709551616}");
    working_gives(
        working, "{\"n\": 9223372036854775807}",
        "{\"n\": 9223372036854775807, \"result\": 85070591730234615847396907784232501249}");
    working_gives(
        working, "{\"n\": -9223372036854775808}",
        "{\"n\": -9223372036854775808, \"result\": 85070591730234615865843651857942052864}");
    working_close(working);
}

static void squares_says_what_is_wrong_and_where(void **state)
{
    struct working *working = open_here(*state, "squares");
    static const char *const no_n[] = {"{}",         "{\"n\": 1.5}", "{\"n\": \"6\"}",
                                       "{\"N\": 6}", "[6]",          "{\"m\": {\"n\": 6}}"};
    static const char *const bad[] = {"",
                                      " ",
                                      "6",
                                      "{\"n\": 6",
                                      "{\"n\": 6}}",
                                      "{\"n\": 06}",
                                      "{n: 6}",
                                      "{\"n\": 9223372036854775808}",
                                      "{\"n\": 1e999}",
                                      "{\"n\": 6, \"n\": 7}",
                                      "{\"n\": 6, \"x\": \"\xff\"}"};
    for (size_t i = 0; i < LEN(no_n); i++)
        working_fails(working, no_n[i], "a JSON object with an integer `n` is expected");
    for (size_t i = 0; i < LEN(bad); i++) {
        assert_false(working_run(working, bad[i]));
        assert_memory_equal(working->outcome.reason, "bad JSON at byte ", 17);
    }
    assert_false(working_run_bytes(working, "{\"n\": 6\0}", 9));
    working_fails(working, "{\"n\": 6, \"result\": 1}", "the object has a `result` already");
    assert_false(working_run(working, "{\"n\": x}"));
    assert_non_null(strstr(working->outcome.reason, "at byte 7: invalid token near 'x'"));
    working_close(working);
}

static void squares_can_take_its_time(void **state)
{
    struct working working;
    for (int isolate = 0; isolate < 2; isolate++) {
        struct worker_setup setup = working_setup("squares");
        setup.isolate = isolate;
        setup.delay_s = 0.15;
        working_open(&working, *state, setup);
        working_gives(&working, "{\"n\": 6}", "{\"n\": 6, \"result\": 36}");
        assert_in_range(working.outcome.ns, 150000000, 2000000000);
        working_close(&working);
    }
}

static void sums_of_squares(void **state)
{
    struct working *working = open_here(*state, "sum-squares");
    sums(working, "1 3", 14);
    sums(working, "-2 2", 10);
    sums(working, "0 0", 0);
    sums(working, "  7\t7 \r", 49);
    sums(working, "1 3024616", 9223371388520336796);
    sums(working, "3037000499 3037000499", 9223372030926249001);
    working_fails(working, "1 3024617", "the sum does not fit 64 bits from 3024617 on");
    working_fails(working, "3037000500 3037000501",
                  "the sum does not fit 64 bits from 3037000500 on");
    working_fails(working, "9223372036854775807 9223372036854775807",
                  "the sum does not fit 64 bits from 9223372036854775807 on");
    working_close(working);
}

static void ranges_are_two_integers(void **state)
{
    static const char *const wrong[] = {"",      "1",   "1 ",   "a 2",   "1 b",
                                        "1 2 3", "1,2", "1 2x", "1.5 2", "1 9223372036854775808",
                                        "1 0x10"};
    struct working *working = open_here(*state, "sum-squares");
    for (size_t i = 0; i < LEN(wrong); i++) {
        assert_false(working_run(working, wrong[i]));
        assert_memory_equal(working->outcome.reason, "two integers are expected, not: ", 32);
    }
    static char long_text[66];
    memset(long_text, ' ', 65);
    working_fails(working, long_text, "two integers are expected, not 65 bytes");
    working_fails(working, "3 2", "the range ends before it begins: 3 2");
    assert_false(working_run_bytes(working, "1 2\0", 4));
    working_close(working);
}

static bool is_prime(int64_t n)
{
    if (n < 2)
        return false;
    for (int64_t i = 2; i * i <= n; i++)
        if (n % i == 0)
            return false;
    return true;
}

/* Every range of small numbers, and ranges that begin and end anywhere. */
static void primes_are_counted_right(void **state)
{
    struct working *working = open_here(*state, "primes");
    struct seeded seeded = {5};
    char task[64];
    for (int first = -2; first < 40; first++) {
        int64_t found = 0;
        for (int last = first; last < 60; last++) {
            found += is_prime(last);
            snprintf(task, sizeof task, "%d %d", first, last);
            sums(working, task, found);
        }
    }
    for (int i = 0; i < 200; i++) {
        int64_t found = 0, first = (int64_t)seeded_below(&seeded, 1 << (10 + i % 20));
        int64_t last = first + (int64_t)seeded_below(&seeded, 100);
        for (int64_t n = first; n <= last; n++)
            found += is_prime(n);
        snprintf(task, sizeof task, "%lld %lld", (long long)first, (long long)last);
        sums(working, task, found);
    }
    working_close(working);
}

/* Known counts: primes below powers of ten, and the last ones below 2^40. */
static void primes_up_to_the_limit(void **state)
{
    struct working *working = open_here(*state, "primes");
    sums(working, "0 1000000", 78498);
    sums(working, "1 10000000", 664579);
    sums(working, "5000000 10000000", 664579 - 348513);
    sums(working, "1099511627689 1099511627689", 1); /* 2^40 - 87 */
    sums(working, "1099511627690 1099511627776", 0);
    sums(working, "1099509530625 1099509530625", 0); /* (2^20 - 1)^2 */
    sums(working, "1099505336329 1099505336329", 0); /* the square of the greatest small prime */
    sums(working, "-9223372036854775808 1", 0);
    working_fails(working, "1 1099511627777", "only numbers up to 1099511627776 are sieved");
    working_close(working);
}

static void a_process_gives_the_same_frames(void **state)
{
    static const char *const tasks[] = {"1 100", "100 1", "", "5 5"};
    struct working *here = open_here(*state, "primes"), apart;
    struct worker_setup setup = working_setup("primes");
    working_open(&apart, *state, setup);
    for (size_t i = 0; i < LEN(tasks); i++) {
        assert_int_equal(working_run(here, tasks[i]), working_run(&apart, tasks[i]));
        assert_string_equal(here->outcome.reason, apart.outcome.reason);
        assert_int_equal(here->outcome.frames_len, apart.outcome.frames_len);
        if (here->outcome.frames_len > 0)
            assert_memory_equal(here->outcome.frames, apart.outcome.frames,
                                here->outcome.frames_len);
    }
    working_close(&apart);
    working_close(here);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(each_is_found_by_its_name_and_nothing_else),
    world_test(squares_keeps_the_object_as_it_came),
    world_test(squares_says_what_is_wrong_and_where),
    world_test(squares_can_take_its_time),
    world_test(sums_of_squares),
    world_test(ranges_are_two_integers),
    world_test(primes_are_counted_right),
    world_test(primes_up_to_the_limit),
    world_test(a_process_gives_the_same_frames),
};

WORKING_MAIN(tests)
