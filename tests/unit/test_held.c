/* SPDX-License-Identifier: BSD-3-Clause */
/* What is held of a rank: what it was given and has not reported, whatever the order, and what is
 * reported for it when it is lost. */
#include "stage/held.h"

#include "stage/task_queue.h"

#include "check.h"

#include <stdio.h>

enum { TASKS = 300, TEXT_MAX = 40 };

struct holder {
    struct mem mem;
    struct fail fail;
    struct held held;
    struct buffer given, report;
};

static void append(struct holder *holder, struct buffer *to, const void *bytes, size_t len)
{
    assert_true(buffer_append(to, &holder->mem, bytes, len, &holder->fail));
}

/* Task `number`: so many x, padded. */
static struct task_reader_task put_task(struct holder *holder, uint64_t number)
{
    static const uint8_t padding[8];
    const struct task_reader_task task = {.number = number, .len = number % TEXT_MAX, .tries = 1};
    char text[TEXT_MAX];
    memset(text, 'x', sizeof text);
    append(holder, &holder->given, &task, sizeof task);
    append(holder, &holder->given, text, task.len);
    append(holder, &holder->given, padding, mem_padded(task.len) - task.len);
    return task;
}

static void give(struct holder *holder, uint64_t first, uint64_t len)
{
    holder->given.len = 0;
    for (uint64_t i = 0; i < len; i++)
        put_task(holder, first + i);
    assert_true(held_give(&holder->held, &holder->mem, holder->given.bytes, holder->given.len,
                          &holder->fail));
    assert_int_equal(holder->held.len, len);
}

/* A report of one task, with some bytes. */
static void report(struct holder *holder, uint64_t number)
{
    struct task_queue_report head = {.task.number = number, .bytes = number % 5};
    holder->report.len = 0;
    append(holder, &holder->report, &head, sizeof head);
    append(holder, &holder->report, "abcdefg", mem_padded(head.bytes));
    held_take(&holder->held, holder->report.bytes, holder->report.len);
}

/* The rank is lost: these are left, in order, with their texts. */
static void expect_left(struct holder *holder, const bool *left, uint64_t first, uint64_t len)
{
    holder->report.len = 0;
    assert_true(held_give_up(&holder->held, &holder->mem, "rank 3 was lost", &holder->report,
                             &holder->fail));
    const uint8_t *at = holder->report.bytes, *end = at + holder->report.len;
    for (uint64_t i = 0; i < len; i++) {
        struct task_queue_report head;
        if (!left[i])
            continue;
        assert_true(at < end);
        memcpy(&head, at, sizeof head);
        assert_int_equal(head.task.number, first + i);
        assert_int_equal(head.task.tries, 1);
        assert_int_equal(head.state, TASK_QUEUE_FAILED);
        assert_string_equal((const char *)at + sizeof head, "rank 3 was lost");
        assert_int_equal(head.bytes, head.reason_bytes + head.task.len);
        for (uint64_t byte = 0; byte < head.task.len; byte++)
            assert_int_equal(at[sizeof head + head.reason_bytes + byte], 'x');
        at += sizeof head + mem_padded(head.bytes);
    }
    assert_ptr_equal(at, end);
    assert_int_equal(holder->held.len, 0);
}

static struct holder make_holder(void)
{
    return (struct holder){.mem.limit_bytes = 64 << 20};
}

static void end_holder(struct holder *holder)
{
    held_free(&holder->held, &holder->mem);
    held_free(&holder->held, &holder->mem);
    buffer_free(&holder->given, &holder->mem);
    buffer_free(&holder->report, &holder->mem);
    assert_int_equal(holder->mem.used_bytes, 0);
}

static void what_is_reported_in_any_order_is_held_no_more(void **state)
{
    (void)state;
    struct holder holder = make_holder();
    bool left[TASKS];
    for (uint64_t step = 1; step < TASKS; step += 7) { /* TASKS has no factor 7 */
        const uint64_t reported = step % 50 * 6;
        memset(left, true, sizeof left);
        give(&holder, 1000 * step, TASKS);
        for (uint64_t i = 0, at = step; i < reported; i++, at = (at + 7) % TASKS) {
            report(&holder, 1000 * step + at);
            left[at] = false;
        }
        assert_int_equal(holder.held.len, TASKS - reported);
        expect_left(&holder, left, 1000 * step, TASKS);
    }
    end_holder(&holder);
}

static void what_was_never_given_changes_nothing(void **state)
{
    (void)state;
    struct holder holder = make_holder();
    const bool left[] = {true, false, true};
    report(&holder, 5);
    give(&holder, 1, 3);
    report(&holder, 77);
    report(&holder, 2);
    report(&holder, 2);
    assert_int_equal(holder.held.len, 2);
    expect_left(&holder, left, 1, 3);
    expect_left(&holder, left, 1, 0);
    end_holder(&holder);
}

static void what_lies_behind_a_report_is_none(void **state)
{
    (void)state;
    struct holder holder = make_holder();
    const bool left[] = {false, true, true};
    give(&holder, 1, 3);
    report(&holder, 1);
    const size_t len = holder.report.len;
    const struct task_queue_report next = {.task.number = 2};
    append(&holder, &holder.report, &next, sizeof next);
    held_take(&holder.held, holder.report.bytes, len);
    assert_int_equal(holder.held.len, 2);
    expect_left(&holder, left, 1, 3);
    end_holder(&holder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_reported_in_any_order_is_held_no_more),
        cmocka_unit_test(what_was_never_given_changes_nothing),
        cmocka_unit_test(what_lies_behind_a_report_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
