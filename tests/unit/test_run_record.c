/* SPDX-License-Identifier: BSD-3-Clause */
/* The record of a run is JSON, with the names and numbers that the manual promises. Read back by a
 * parser. */
#include "status/run_record.h"

#include "told.h"

#include <jansson.h>
#include <version.h>

static struct told told;

/* A run that is done. */
static void make(void)
{
    told_make(&told);
    told.snapshot.state = SNAPSHOT_DONE;
    told.snapshot.share = 1;
    told.snapshot.begun_ns = 1000000000;
    told.snapshot.now_ns = 86400 * (uint64_t)1000000000;
}

/* The record, parsed; of NULs in texts, too. The caller decrefs it. */
static json_t *record(void)
{
    size_t len;
    json_error_t error;
    char *text = run_record_text(&told.snapshot, &len);
    assert_non_null(text);
    assert_int_equal(strlen(text), len);
    assert_string_equal(text + len - 3, "\n}\n");
    json_t *parsed = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    free(text);
    assert_non_null(parsed);
    return parsed;
}

static void expect_text(const json_t *object, const char *name, const char *expected)
{
    const char *found = json_string_value(json_object_get(object, name));
    assert_non_null(found);
    assert_string_equal(found, expected);
}

static void expect_number(const json_t *object, const char *name, uint64_t expected)
{
    const json_t *found = json_object_get(object, name);
    assert_true(json_is_integer(found));
    assert_int_equal(json_integer_value(found), expected);
}

static void numbers_and_texts_are_those_of_the_run(void **state)
{
    (void)state;
    make();
    told.totals.fingerprint = 0xfedcba9876543210;
    json_t *run = record();
    expect_number(run, "schema", RUN_RECORD_SCHEMA);
    expect_text(run, "program", "mpiwc");
    expect_text(run, "version", VERSION);
    expect_text(run, "output", "counts");
    expect_text(run, "count", "words");
    expect_text(run, "kernel", "avx2");
    expect_number(run, "input_bytes", 6000000);
    expect_number(run, "words", 1234567);
    expect_number(run, "distinct_words", 1);
    expect_text(run, "fingerprint", "fedcba9876543210");
    expect_text(run, "input", "shared");
    expect_text(run, "gathered_by", "each rank");
    expect_number(run, "ranks", 3);
    expect_number(run, "hosts", 2);
    expect_number(run, "between_hosts_bytes", 1 << 20);
    assert_true(json_real_value(json_object_get(run, "seconds")) == 2);
    assert_null(json_object_get(run, "tasks"));
    assert_null(json_object_get(run, "output_xxh3"));
    assert_null(json_object_get(run, "records"));
    json_decref(run);
    told.totals.records = (struct snapshot_records){true, 9, 3, 2};
    run = record();
    expect_number(run, "records", 9);
    expect_number(run, "records_without_text", 3);
    expect_number(run, "records_skipped", 2);
    json_decref(run);
}

/* What came of it is not there before it is known. */
static void a_run_that_goes_on_says_how_it_stands(void **state)
{
    (void)state;
    static const char *const later[] = {"words",  "input_bytes", "output_bytes", "fingerprint",
                                        "rounds", "files",       "verified",     "tasks"};
    make();
    told.snapshot.state = SNAPSHOT_RUNS;
    told.snapshot.runs_tasks = true;
    told.snapshot.share = told.snapshot.left_s = -1;
    told.snapshot.read_tasks = 200;
    told.snapshot.command = "echo \xfe{}";
    told.ranks[1].running = (struct snapshot_running){17, 1500000000, "sleep \xff\n"};
    json_t *run = record();
    expect_text(run, "state", "running");
    expect_text(run, "phase", "map");
    expect_text(run, "begun_at", "1970-01-01T00:00:01Z");
    expect_text(run, "written_at", "1970-01-02T00:00:00Z");
    assert_true(json_is_null(json_object_get(run, "failure")));
    assert_true(json_is_null(json_object_get(run, "share")));
    assert_true(json_is_null(json_object_get(run, "left_seconds")));
    expect_number(run, "mapped_bytes", 6000000);
    expect_number(run, "expected_bytes", 12000000);
    expect_text(run, "command", "echo \xef\xbf\xbd{}");
    expect_number(run, "tasks_read", 200);
    expect_number(run, "tasks_done", 60);
    expect_number(run, "tasks_running", 3);
    expect_number(run, "tries_failed", 3);
    for (size_t i = 0; i < LEN(later); i++)
        assert_null(json_object_get(run, later[i]));
    assert_null(json_object_get(run, "scratch"));
    const json_t *ranks = json_object_get(run, "by_rank"), *rank = json_array_get(ranks, 1),
                 *running = json_object_get(rank, "running");
    expect_number(running, "task", 17);
    assert_true(json_real_value(json_object_get(running, "seconds")) == 1.5);
    expect_text(running, "text", "sleep \xef\xbf\xbd\n");
    assert_true(json_is_null(json_object_get(json_array_get(ranks, 0), "running")));
    assert_null(json_object_get(rank, "seconds"));
    json_decref(run);
    told.snapshot.scratch = "disk\xff";
    told.snapshot.work.scratch_bytes = 1000;
    told.snapshot.work.scratch_limit_bytes = 90000;
    run = record();
    expect_text(run, "scratch", "disk\xef\xbf\xbd");
    expect_number(run, "scratch_used_bytes", 1000);
    expect_number(run, "scratch_limit_bytes", 90000);
    json_decref(run);
}

static void how_it_ended_is_its_state(void **state)
{
    (void)state;
    static const char *const names[] = {"running", "done", "wound_down", "failed"};
    for (size_t i = 0; i < LEN(names); i++) {
        make();
        told.snapshot.state = (enum snapshot_state)i;
        told.snapshot.failure = i == SNAPSHOT_FAILED ? "text: gone" : NULL;
        json_t *run = record();
        expect_text(run, "state", names[i]);
        assert_int_equal(json_object_get(run, "words") != NULL, i == 1 || i == 2);
        if (i == SNAPSHOT_FAILED)
            expect_text(run, "failure", "text: gone");
        json_decref(run);
    }
}

static void each_rank_has_an_object(void **state)
{
    (void)state;
    make();
    told.ranks[1].spent_ns[TIMING_MAP] = 123456789012;
    json_t *run = record();
    const json_t *ranks = json_object_get(run, "by_rank");
    assert_int_equal(json_array_size(ranks), TOLD_RANKS);
    const json_t *rank = json_array_get(ranks, 1), *seconds = json_object_get(rank, "seconds");
    expect_number(rank, "rank", 1);
    expect_text(rank, "host", "n01");
    expect_text(rank, "processors", "1");
    expect_number(rank, "tasks", 20);
    expect_number(rank, "failed_tries", 1);
    expect_number(rank, "mapped_bytes", 2000000);
    assert_int_equal(json_object_size(seconds), TIMING_PHASES);
    assert_true(json_real_value(json_object_get(seconds, "map")) == 123.456789);
    expect_number(json_object_get(rank, "moved_bytes"), "shuffle", 1 << 20);
    expect_number(json_object_get(rank, "between_hosts_bytes"), "shuffle", 0);
    json_decref(run);
}

static void failed_tasks_are_listed_whatever_their_bytes(void **state)
{
    struct world *world = *state;
    static const uint8_t task[] = "a\0\"\\\n\xff\xc3\xa9";
    const struct failures_entry entry = {
        .file = "odd \"name\"\xff",
        .reason = "exit status 7",
        .task = task,
        .task_len = sizeof task - 1,
        .tries = 2,
        .rank = 2,
    };
    make();
    told.snapshot.runs_tasks = true;
    told.totals.tasks = 5;
    assert_true(failures_add(&told.failures, &world->mem, &entry, &world->fail));
    json_t *run = record();
    expect_number(run, "tasks", 5);
    const json_t *failures = json_object_get(run, "failures");
    assert_int_equal(json_array_size(failures), 1);
    const json_t *failure = json_array_get(failures, 0), *shown = json_object_get(failure, "task");
    static const char expected[] = "a\0\"\\\n\xef\xbf\xbd\xc3\xa9";
    expect_text(failure, "file", "odd \"name\"\xef\xbf\xbd");
    expect_text(failure, "host", "n02");
    expect_number(failure, "task_bytes", sizeof task - 1);
    assert_int_equal(json_string_length(shown), sizeof expected - 1);
    assert_memory_equal(json_string_value(shown), expected, sizeof expected - 1);
    json_decref(run);
    failures_free(&told.failures, &world->mem);
}

/* What jansson asks for, until it gets no more. */
static int allowed;

static void *stingy_malloc(size_t bytes)
{
    return allowed-- > 0 ? malloc(bytes) : NULL;
}

static void without_memory_there_is_none(void **state)
{
    (void)state;
    size_t len;
    char *text = NULL;
    int asked = 0;
    make();
    told.snapshot.runs_tasks = true;
    for (; !text; asked++) {
        json_set_alloc_funcs(stingy_malloc, free);
        allowed = asked;
        text = run_record_text(&told.snapshot, &len);
        assert_true(asked < 10000);
    }
    json_set_alloc_funcs(malloc, free);
    assert_true(asked > 100);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_texts_are_those_of_the_run),
        cmocka_unit_test(a_run_that_goes_on_says_how_it_stands),
        cmocka_unit_test(how_it_ended_is_its_state),
        cmocka_unit_test(each_rank_has_an_object),
        world_test(failed_tasks_are_listed_whatever_their_bytes),
        cmocka_unit_test(without_memory_there_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
