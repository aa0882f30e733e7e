/* SPDX-License-Identifier: BSD-3-Clause */
/* How tasks are run: what is sent is what arrives, and what is cut short is not taken. */
#include "stage/task_how.h"

#include "check.h"

static void what_is_put_is_taken(void **state)
{
    struct world *world = *state;
    struct buffer buffer = {0};
    size_t end;
    const struct options sent[] = {
        {.exec = "echo {} \"a b\"\n", .shell = "bash", .chdir = "", .task_timeout_s = 1.5},
        {.task = "./own.so", .task_arguments = "x", .delay_s = 0.25, .collect = COLLECT_SUM},
        {0},
    };
    for (size_t i = 0; i < LEN(sent); i++) {
        struct options got = {.exec = "other", .task = "other", .shell = "other", .retries = 7};
        buffer.len = 0;
        assert_true(task_how_put(&sent[i], &buffer, &world->mem, &world->fail));
        assert_true(task_how_find(buffer.bytes, buffer.len, &end));
        assert_int_equal(end, buffer.len);
        assert_int_equal(end % 8, 0);
        assert_false(task_how_find(buffer.bytes, buffer.len - 8, &end));
        assert_false(task_how_find(buffer.bytes, 7, &end));
        task_how_take(buffer.bytes, &got);
#define SAME(text)                                                                                 \
    assert_true(sent[i].text ? got.text &&strcmp(sent[i].text, got.text) == 0 : !got.text)
        SAME(exec);
        SAME(task);
        SAME(shell);
        SAME(task_arguments);
        SAME(chdir);
        assert_true(got.delay_s == sent[i].delay_s && got.task_timeout_s == sent[i].task_timeout_s);
        assert_int_equal(got.collect, sent[i].collect);
        assert_int_equal(got.retries, 7);
    }
    buffer_free(&buffer, &world->mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(what_is_put_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
