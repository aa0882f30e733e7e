/* SPDX-License-Identifier: BSD-3-Clause */
/* What a task left is fetched from the journal whenever it is wanted. */
#include "store/journal.h"

#include "journaled.h"

static void expect_fetched(struct world *world, struct journal *journal, uint64_t file,
                           uint64_t offset, size_t len)
{
    struct journal_entry entry;
    if (!journal_fetch(journal, file, offset, &entry, &world->fail))
        fail_msg("%s", world->fail.text);
    expect_entry(&entry, done_task(file, offset, len));
}

/* Of this start, committed or not, and of earlier ones; between other calls, in any order. */
static void what_is_done_is_fetched(void **state)
{
    struct world *world = *state;
    struct journal journal;
    struct journal_entry entry;
    uint64_t done;
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 10, 100));
    expect_fetched(world, &journal, 0, 10, 100);
    must_add(world, &journal, done_task(0, 20, LARGE_BYTES));
    expect_fetched(world, &journal, 0, 20, LARGE_BYTES);
    must_commit(world, &journal);
    expect_fetched(world, &journal, 0, 10, 100);
    assert_true(journal_count_done(&journal, &done, &world->fail));
    assert_int_equal(done, 0);
    journal_close(&journal);
    must_open(world, &journal);
    must_add(world, &journal, failed_task(0, 30, "x"));
    must_add(world, &journal, done_task(1, 0, 0));
    expect_next(world, &journal, done_task(0, 10, 100));
    expect_fetched(world, &journal, 1, 0, 0);
    expect_fetched(world, &journal, 0, 20, LARGE_BYTES);
    expect_next(world, &journal, done_task(0, 20, LARGE_BYTES));
    must_commit(world, &journal);
    expect_fetched(world, &journal, 0, 10, 100);
    assert_true(journal_count_done(&journal, &done, &world->fail));
    assert_int_equal(done, 2);
    assert_false(journal_fetch(&journal, 0, 30, &entry, &world->fail));
    assert_int_equal(world->fail.code, FAIL_INPUT);
    assert_non_null(strstr(world->fail.text, "has lost the task at byte 30 of input 1"));
    journal_close(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_is_done_is_fetched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
