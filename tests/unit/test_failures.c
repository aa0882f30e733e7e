/* SPDX-License-Identifier: BSD-3-Clause */
/* Tasks that failed for good come out as they were put in. */
#include "status/failures.h"

#include "check.h"

enum { ENTRIES = 1000 };

static size_t len_of(uint64_t i)
{
    return i % 10 == 9 ? FAILURES_SHOWN_BYTES + i : i;
}

static void entries_come_out_in_order_with_the_beginnings_of_tasks(void **state)
{
    struct world *world = *state;
    struct failures failures = {0};
    struct failures_entry entry;
    static uint8_t task[2 * FAILURES_SHOWN_BYTES];
    size_t at = 0;
    seeded_fill(&(struct seeded){1}, task, sizeof task);
    assert_false(failures_next(&failures, &at, &entry));
    for (uint64_t i = 0; i < ENTRIES; i++) {
        const struct failures_entry added = {
            .file = i % 2 ? "a" : "",
            .reason = "exit status 1",
            .task = task,
            .offset = i << 40,
            .file_index = (uint32_t)i % 2,
            .task_len = len_of(i),
            .tries = 3,
            .rank = (int)i,
        };
        assert_true(failures_add(&failures, &world->mem, &added, &world->fail));
    }
    assert_int_equal(failures.len, ENTRIES);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        assert_true(failures_next(&failures, &at, &entry));
        assert_string_equal(entry.file, i % 2 ? "a" : "");
        assert_string_equal(entry.reason, "exit status 1");
        assert_int_equal(entry.offset, i << 40);
        assert_int_equal(entry.file_index, i % 2);
        assert_int_equal(entry.rank, i);
        assert_int_equal(entry.task_len, len_of(i));
        assert_int_equal(failures_shown_bytes(&entry),
                         len_of(i) < FAILURES_SHOWN_BYTES ? len_of(i) : FAILURES_SHOWN_BYTES);
        assert_memory_equal(entry.task, task, failures_shown_bytes(&entry));
    }
    assert_false(failures_next(&failures, &at, &entry));
    failures_free(&failures, &world->mem);
    failures_free(&failures, &world->mem);
    assert_int_equal(failures.len, 0);
}

static void those_alike_are_one_group(void **state)
{
    struct world *world = *state;
    static const char *const reasons[] = {"b", "a", "b", "c", "a", "b"};
    struct failures failures = {0};
    struct failures_group groups[3];
    assert_int_equal(failures_groups(&failures, groups, 3), 0);
    for (size_t i = 0; i < LEN(reasons); i++) {
        const struct failures_entry added = {.file = "f", .reason = reasons[i], .offset = i};
        assert_true(failures_add(&failures, &world->mem, &added, &world->fail));
    }
    assert_int_equal(failures_groups(&failures, groups, 3), 3);
    assert_string_equal(groups[0].first.reason, "b");
    assert_int_equal(groups[0].len, 3);
    assert_int_equal(groups[1].first.offset, 1);
    assert_int_equal(groups[1].len, 2);
    assert_int_equal(groups[2].len, 1);
    assert_int_equal(failures_groups(&failures, groups, 2), 2);
    assert_int_equal(groups[0].len, 3);
    assert_int_equal(groups[1].len, 2);
    failures_free(&failures, &world->mem);
}

static void without_memory_it_says_so(void **state)
{
    struct world *world = *state;
    struct failures failures = {0};
    static const uint8_t task[FAILURES_SHOWN_BYTES];
    const struct failures_entry entry = {
        .file = "a", .reason = "b", .task = task, .task_len = sizeof task};
    world->mem.limit_bytes = 256 << 10;
    while (failures_add(&failures, &world->mem, &entry, &world->fail))
        assert_true(failures.len < 100);
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_true(failures.len > 10);
    failures_free(&failures, &world->mem);
    world->fail = (struct fail){0};
    world->mem.limit_bytes = CHECK_LIMIT_BYTES;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(entries_come_out_in_order_with_the_beginnings_of_tasks),
        world_test(those_alike_are_one_group),
        world_test(without_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
