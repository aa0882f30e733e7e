/* SPDX-License-Identifier: BSD-3-Clause */
/* How long a run takes yet, of runs that are made up. */
#include "status/forecast.h"

#include "told.h"

static struct told told;

/* A count by one rank of 1000 MB of which `mapped` MB are mapped in as many hundredths of a second;
 * of each MB come 10,000 records. */
static struct snapshot *counting(uint64_t mapped)
{
    told_make(&told);
    told.snapshot.size = told.snapshot.hosts = 1;
    told.snapshot.expected_bytes = 1000000000;
    told.snapshot.seconds = told.snapshot.step_s = (double)mapped / 100;
    told.ranks[0].work = (struct snapshot_work){
        .mapped_bytes = mapped * 1000000, .records = mapped * 10000, .step = {.phase = TIMING_MAP}};
    memset(told.ranks[0].spent_ns, 0, sizeof told.ranks[0].spent_ns);
    told.ranks[0].spent_ns[TIMING_MAP] = mapped * 10000000;
    told.snapshot.work = told.ranks[0].work;
    return &told.snapshot;
}

/* The same, in a later step that has run for so many seconds. */
static struct snapshot *in_step(enum timing_phase phase, uint64_t done, uint64_t all, double step_s)
{
    struct snapshot *snapshot = counting(1000);
    struct snapshot_work *work = &told.ranks[0].work;
    work->received = work->held = work->records;
    work->distinct = 5000000;
    work->step = (struct snapshot_step){.phase = phase, .done = done, .all = all};
    snapshot->phase = phase;
    snapshot->step_s = step_s;
    snapshot->seconds = 10 + step_s;
    snapshot->work = *work;
    return snapshot;
}

static double left(struct snapshot *snapshot)
{
    forecast_fill(snapshot);
    return snapshot->left_s;
}

static void assert_between(double value, double least, double most)
{
    if (value < least || value > most)
        fail_msg("%g is not between %g and %g", value, least, most);
}

/* The same with so few distinct keys that nothing but the map takes time. */
static struct snapshot *counting_few(uint64_t mapped)
{
    struct snapshot *snapshot = counting(mapped);
    snapshot->work.records = told.ranks[0].work.records = 0;
    return snapshot;
}

static void the_map_takes_as_long_for_each_byte(void **state)
{
    (void)state;
    assert_between(left(counting_few(500)), 4.99, 5.01);
    assert_between(told.snapshot.share, 0.49, 0.51);
    assert_between(left(counting_few(250)), 7.49, 7.51);
    assert_between(told.snapshot.share, 0.24, 0.26);
}

static void what_follows_the_map_is_no_surprise(void **state)
{
    (void)state;
    const double whole = left(counting(1000)), half = left(counting(500));
    assert_between(whole, 0.3, 1.5); /* of 10 million records */
    assert_between(half, whole + 4.9, whole + 5.1);
    const double sorting = left(in_step(TIMING_SORT, 0, 0, 0)); /* of 5 million keys */
    assert_between(sorting, 0.5, 0.6);
    assert_between(left(in_step(TIMING_GATHER, 0, 0, 0)), 0.1, sorting - 0.3);
}

static void new_words_come_ever_more_slowly(void **state)
{
    (void)state;
    static const struct {
        uint64_t distinct, singles;
        double least, most; /* seconds, behind the map */
    } rows[] = {
        {5000000, 5000000, 0.9, 1.1}, /* no word occurs twice */
        {2500000, 1250000, 0.35, 0.5},
        {1000, 0, 0.07, 0.09}, /* all are known */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct snapshot *snapshot = counting(500);
        struct snapshot_work *work = &told.ranks[0].work;
        work->received = work->held = work->records;
        work->distinct = rows[i].distinct;
        work->singles = rows[i].singles;
        assert_between(left(snapshot) - 5, rows[i].least, rows[i].most);
    }
}

/* Where memory was full equal keys became one record: these are not counted again. */
static void what_was_combined_on_the_way_is_counted_no_more(void **state)
{
    (void)state;
    const double whole = left(in_step(TIMING_SORT, 0, 0, 0));
    told.ranks[0].work.held = 5000000;
    assert_between(left(&told.snapshot), whole - 0.041, whole - 0.039);
    struct snapshot *snapshot = counting(500);
    told.ranks[0].work.received = told.ranks[0].work.held = 5000000;
    const double half = left(snapshot);
    told.ranks[0].work.held = 1000000;
    assert_between(left(snapshot), half - 0.073, half - 0.071);
}

static void a_step_that_runs_goes_by_its_own_rate(void **state)
{
    (void)state;
    assert_between(left(in_step(TIMING_GATHER, 50, 100, 3)), 3, 3.5);
    assert_between(left(in_step(TIMING_GATHER, 75, 100, 3)), 1, 1.5);
    assert_between(told.snapshot.share, 0.88, 0.93);
}

/* Of a step without pieces nothing shows but the time: it is expected to take as long as it should,
 * and not as long again at each look. One disk takes what all ranks have. */
static void a_step_without_pieces_goes_by_the_time(void **state)
{
    (void)state;
    const double whole = left(in_step(TIMING_SYNC, 0, 0, 0));
    assert_between(whole, 0.03, 0.04);
    assert_between(left(in_step(TIMING_SYNC, 0, 0, whole / 4)), whole / 2, whole * 0.9);
    assert_between(left(in_step(TIMING_SYNC, 0, 0, 100)), 0, 0);
    struct snapshot *snapshot = in_step(TIMING_SYNC, 0, 0, 0);
    snapshot->size = 3;
    assert_between(left(snapshot), 2.9 * whole, 3.1 * whole);
}

static void what_is_left_out_is_not_written(void **state)
{
    (void)state;
    struct snapshot *snapshot = in_step(TIMING_SORT, 50, 100, 1);
    const double all = left(snapshot);
    snapshot->top = 10;
    assert_between(left(snapshot), 1, 1 + (all - 1) / 3);
    snapshot = counting(999);
    struct snapshot_work *work = &told.ranks[0].work;
    work->received = work->held = work->distinct = work->singles = work->records;
    const double whole = left(snapshot);
    snapshot->min_count = 2;
    assert_between(left(snapshot), 0.2 * whole, 0.4 * whole);
}

static void a_slow_machine_is_slow_in_later_steps_too(void **state)
{
    (void)state;
    enum { REDUCE_NS = 165000000, SORT_NS = 160000000 }; /* as expected */
    struct snapshot *snapshot = in_step(TIMING_GATHER, 0, 0, 0);
    told.ranks[0].spent_ns[TIMING_REDUCE] = REDUCE_NS;
    told.ranks[0].spent_ns[TIMING_SORT] = SORT_NS;
    const double as_measured = left(snapshot);
    told.ranks[0].spent_ns[TIMING_REDUCE] = 4 * REDUCE_NS;
    told.ranks[0].spent_ns[TIMING_SORT] = 4 * SORT_NS;
    assert_between(left(snapshot), 2 * as_measured, 4 * as_measured);
}

static void others_on_the_processor_make_later_steps_slower(void **state)
{
    (void)state;
    struct snapshot *snapshot = counting(500);
    const double alone = left(snapshot);
    snapshot->crowding = 3;
    assert_between(left(snapshot), 5 + 2.8 * (alone - 5), 5 + 2.95 * (alone - 5));
    const double sorting = left(in_step(TIMING_SORT, 0, 100, 0));
    told.snapshot.crowding = 3;
    assert_between(left(&told.snapshot), 2 * sorting, 3 * sorting);
}

static void in_a_round_of_several_the_map_goes_on(void **state)
{
    (void)state;
    struct snapshot *snapshot = counting(500);
    const double mapping = left(snapshot);
    snapshot->phase = TIMING_SHUFFLE;
    assert_between(left(snapshot), mapping, mapping);
    snapshot->phase = TIMING_MAP;
    told.ranks[0].work.step.phase = TIMING_SHUFFLE; /* rank 0 waits for others */
    assert_between(left(snapshot), mapping, mapping);
}

static void who_has_mapped_all_of_its_part_is_of_no_help(void **state)
{
    (void)state;
    struct snapshot *snapshot = counting_few(500);
    snapshot->size = 2;
    told.ranks[0].work.step.phase = TIMING_SHUFFLE;
    told.ranks[0].work.mapped_bytes = 300000000;
    told.ranks[1].work =
        (struct snapshot_work){.mapped_bytes = 200000000, .step = {.phase = TIMING_MAP}};
    assert_between(left(snapshot), 12.4, 12.6);
}

/* What was dealt out before nobody takes over. */
static void the_slowest_of_those_that_have_as_much_is_waited_for(void **state)
{
    (void)state;
    struct snapshot *snapshot = counting_few(300);
    snapshot->size = 2;
    told.ranks[0].work.step.phase = TIMING_MAP;
    told.ranks[0].work.mapped_bytes = 300000000;
    told.ranks[1].work =
        (struct snapshot_work){.mapped_bytes = 150000000, .step = {.phase = TIMING_MAP}};
    snapshot->work.mapped_bytes = 450000000;
    assert_between(left(snapshot), 3.6, 3.7);
    snapshot->dealt = true;
    assert_between(left(snapshot), 6.9, 7.1);
    told.ranks[1].work.step.phase = TIMING_SHUFFLE; /* it had less than that */
    assert_between(left(snapshot), 5.4, 5.6);
}

/* Of text that is compressed nobody knows how long it is, but of its file. */
static void what_is_stored_says_how_far_a_compressed_file_is(void **state)
{
    (void)state;
    struct snapshot *snapshot = counting(500);
    const double plain = left(snapshot);
    snapshot->expected_bytes = 0;
    snapshot->expected_read = 300000000;
    snapshot->work.read_bytes = told.ranks[0].work.read_bytes = 150000000;
    assert_between(left(snapshot), plain * 0.99, plain * 1.01);
    snapshot->work.read_bytes = told.ranks[0].work.read_bytes = 75000000;
    assert_between(left(snapshot), plain * 2.9, plain * 3.2);
}

static void nobody_knows_how_long_a_stream_is(void **state)
{
    (void)state;
    counting(500)->expected_bytes = 0;
    assert_true(left(&told.snapshot) < 0);
    assert_true(told.snapshot.share < 0);
    counting(0);
    assert_true(left(&told.snapshot) < 0);
}

/* One of two ranks has run `done` of `read` tasks, one after another, each a second. */
static struct snapshot *running(uint64_t done, uint64_t read)
{
    counting(0);
    told.snapshot.size = 2;
    told.snapshot.runs_tasks = true;
    told.snapshot.seconds = told.snapshot.step_s = (double)done / 2;
    told.snapshot.work.tasks = (struct snapshot_tasks){.done = done, .busy_ns = done * 1000000000};
    told.snapshot.read_tasks = read;
    told.snapshot.all_read = true;
    told.ranks[0].running = told.ranks[1].running = (struct snapshot_running){0};
    return &told.snapshot;
}

static void tasks_take_as_long_as_those_before(void **state)
{
    (void)state;
    assert_between(left(running(100, 200)), 49, 51);
    assert_between(told.snapshot.share, 0.49, 0.51);
    assert_between(left(running(200, 200)), 0, 0.01);
    assert_true(left(running(0, 200)) < 0);
    struct snapshot *snapshot = running(199, 200);
    told.ranks[1].running = (struct snapshot_running){.number = 200, .ns = 250000000};
    assert_between(left(snapshot), 0.7, 0.8);
}

static void a_list_goes_on_as_it_was_read(void **state)
{
    (void)state;
    struct snapshot *snapshot = running(100, 200);
    snapshot->all_read = false;
    snapshot->expected_bytes = 1000;
    snapshot->work.mapped_bytes = 500;
    assert_between(left(snapshot), 149, 151);
    snapshot->expected_bytes = 0;
    assert_true(left(snapshot) < 0);
}

static void tasks_that_have_failed_are_not_waited_for(void **state)
{
    (void)state;
    struct snapshot *snapshot = running(100, 200);
    snapshot->work.tasks.failed = 100;
    told.failures.len = 100;
    assert_between(left(snapshot), 0, 0.01);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_map_takes_as_long_for_each_byte),
        cmocka_unit_test(what_follows_the_map_is_no_surprise),
        cmocka_unit_test(new_words_come_ever_more_slowly),
        cmocka_unit_test(what_was_combined_on_the_way_is_counted_no_more),
        cmocka_unit_test(a_step_that_runs_goes_by_its_own_rate),
        cmocka_unit_test(a_step_without_pieces_goes_by_the_time),
        cmocka_unit_test(what_is_left_out_is_not_written),
        cmocka_unit_test(a_slow_machine_is_slow_in_later_steps_too),
        cmocka_unit_test(others_on_the_processor_make_later_steps_slower),
        cmocka_unit_test(in_a_round_of_several_the_map_goes_on),
        cmocka_unit_test(who_has_mapped_all_of_its_part_is_of_no_help),
        cmocka_unit_test(the_slowest_of_those_that_have_as_much_is_waited_for),
        cmocka_unit_test(what_is_stored_says_how_far_a_compressed_file_is),
        cmocka_unit_test(nobody_knows_how_long_a_stream_is),
        cmocka_unit_test(tasks_take_as_long_as_those_before),
        cmocka_unit_test(a_list_goes_on_as_it_was_read),
        cmocka_unit_test(tasks_that_have_failed_are_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
