/* SPDX-License-Identifier: BSD-3-Clause */
/* Collecting: what becomes of the frames of a task, and which are refused. */
#include "task/collect.h"

#include "check.h"
#include "data/ranking.h"
#include "format/format.h"

#include <stdio.h>

static const struct hash_seed seed = {{1, 3, 5, 7}};

/* Appends a frame; returns the new length. */
static size_t put(uint8_t *frames, size_t len, enum value_kind kind, const char *text,
                  int64_t value)
{
    struct frame frame = {kind, (const uint8_t *)text, strlen(text), value};
    frame_write_header(frames + len, &frame);
    memcpy(frames + len + FRAME_HEADER_BYTES, text, frame.len);
    return len + FRAME_HEADER_BYTES + frame.len;
}

/* What one task with these frames leaves: results as lines, then what is combined. */
static void check_form(struct world *world, const struct collect_form *form, const uint8_t *frames,
                       size_t len, const char *expected)
{
    struct outcome outcome;
    struct box outbox = {0};
    struct table table;
    struct tally all = {0}, kept = {0};
    struct parcel out = {0};
    struct ranking_run run = {0};
    struct record record;
    const uint8_t *next = frames, *result;
    uint8_t text[4096], *at = text;
    size_t result_len;
    char reason[256];
    outcome_init(&outcome, &world->arena, &seed);
    table_init(&table, &world->mem, &seed);
    assert_true(box_init(&outbox, &world->arena, 1, &world->fail));
    assert_true(collect_check(form->collect, frames, len, reason, sizeof reason));
    assert_true(collect_add(form, &outcome, frames, len, &outbox, &world->fail));
    assert_true(outcome_flush(&outcome, &outbox, &world->fail));
    assert_true(outcome_combine(&table, &world->arena, &outbox.parcels[0], 1, &out, &all, &kept,
                                &world->fail));
    parcel_settle(&out);
    assert_true(ranking_load(&run, ORDER_COUNT, &world->mem, &out, &world->fail));
    while (collect_next(form, &next, frames + len, &result, &result_len)) {
        at = mempcpy(at, result, result_len);
        *at++ = '\n';
    }
    while (ranking_next(&run, &record))
        at = results_format.write(&results_format, at, &record, NULL);
    *at = '\0';
    assert_string_equal((const char *)text, expected);
    ranking_free(&run);
    table_free(&table);
    parcel_clear(&world->arena, &out);
    box_free(&outbox);
    outcome_free(&outcome);
}

static void check_output(struct world *world, enum collect collect, const uint8_t *frames,
                         size_t len, const char *expected)
{
    check_form(world, &(struct collect_form){.collect = collect}, frames, len, expected);
}

static void results_are_kept_or_combined(void **state)
{
    struct world *world = *state;
    uint8_t frames[1024];
    size_t len = put(frames, 0, VALUE_KIND_RESULT, "b\t2\na\t-1\n3", 0);
    len = put(frames, len, VALUE_KIND_RESULT, "b\t5\nb\t5\n", 0);
    check_output(world, COLLECT_ORDER, frames, len, "b\t2\na\t-1\n3\nb\t5\nb\t5\n\n");
    check_output(world, COLLECT_COUNT, frames, len, "b\t5\t2\n3\t1\na\t-1\t1\nb\t2\t1\n");
    check_output(world, COLLECT_SUM, frames, len, "3\na\t-1\nb\t12\n");
    check_output(world, COLLECT_MIN, frames, len, "3\na\t-1\nb\t2\n");
    check_output(world, COLLECT_MAX, frames, len, "3\na\t-1\nb\t5\n");
}

/* The newline behind what a command printed is the one that the format puts there. */
static void a_newline_is_kept_where_it_is_wanted(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *bytes;
        int64_t value;
        const char *line, *whole;
    } rows[] = {
        {"a\n", FRAME_PRINTED, "a\n", "a\n\n"},       {"a\n", 0, "a\n\n", "a\n\n"},
        {"a", FRAME_PRINTED, "a\n", "a\n"},           {"\n", FRAME_PRINTED, "\n", "\n\n"},
        {"a\n\n", FRAME_PRINTED, "a\n\n", "a\n\n\n"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        uint8_t frames[256];
        const size_t len = put(frames, 0, VALUE_KIND_RESULT, rows[i].bytes, rows[i].value);
        struct collect_form form = {.collect = COLLECT_ORDER};
        check_form(world, &form, frames, len, rows[i].line);
        form.whole = true;
        check_form(world, &form, frames, len, rows[i].whole);
    }
}

static void what_a_task_named_is_kept(void **state)
{
    struct world *world = *state;
    uint8_t frames[1024];
    size_t len = put(frames, 0, VALUE_KIND_SUM, "k", 2);
    len = put(frames, len, VALUE_KIND_SUM, "k", 40);
    len = put(frames, len, VALUE_KIND_MIN, "k", 9);
    len = put(frames, len, VALUE_KIND_MAX, "k", 9);
    len = put(frames, len, VALUE_KIND_COUNT, "k", 3);
    for (enum collect collect = COLLECT_ORDER; collect <= COLLECT_MAX; collect++)
        check_output(world, collect, frames, len, "k\t3\nk\t42\nk\t9\nk\t9\n");
}

/* A result at another place, or another result, has another hash. */
static void results_are_told_apart(void **state)
{
    (void)state;
    struct collect_place places[] = {{0, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    struct tally tallies[LEN(places) + 1] = {0};
    for (size_t i = 0; i < LEN(places); i++)
        collect_tally(&places[i], (const uint8_t *)"same", 4, &tallies[i]);
    collect_tally(&places[0], (const uint8_t *)"sama", 4, &tallies[LEN(places)]);
    for (size_t i = 0; i < LEN(tallies); i++)
        for (size_t j = 0; j < LEN(tallies); j++)
            assert_int_equal(tallies[i].keyed == tallies[j].keyed, i == j);
}

static void other_lines_are_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "x",      "a\t",    "a\tb",         "a\t1 ",
        "a\t 1",  "1\ta\n", "a\t1\n\nb\t2", "a\t9223372036854775808",
        "a\t0x1", "a\t1.5", "a\t1\nb",
    };
    for (size_t i = 0; i < LEN(wrong); i++) {
        uint8_t frames[256];
        char reason[256] = "";
        size_t len = put(frames, 0, VALUE_KIND_RESULT, wrong[i], 0);
        assert_true(collect_check(COLLECT_COUNT, frames, len, reason, sizeof reason));
        if (collect_check(COLLECT_SUM, frames, len, reason, sizeof reason))
            fail_msg("'%s' was taken", wrong[i]);
        assert_non_null(strstr(reason, "no KEY<TAB>INTEGER"));
    }
}

static void what_is_no_frame_is_refused(void **state)
{
    (void)state;
    uint8_t frames[256];
    char reason[256];
    size_t len = put(frames, 0, VALUE_KIND_RESULT, "result", 0);
    assert_false(collect_check(COLLECT_ORDER, frames, len - 1, reason, sizeof reason));
    len = put(frames, 0, VALUE_KIND_COUNT, "key", 0);
    assert_false(collect_check(COLLECT_ORDER, frames, len, reason, sizeof reason));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(results_are_kept_or_combined),         world_test(what_a_task_named_is_kept),
        world_test(a_newline_is_kept_where_it_is_wanted), cmocka_unit_test(other_lines_are_refused),
        cmocka_unit_test(what_is_no_frame_is_refused),    cmocka_unit_test(results_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
