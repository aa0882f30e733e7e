/* SPDX-License-Identifier: BSD-3-Clause */
/* The folder of a checkpoint: for one run at a time, of which in the end nothing is left. */
#include "store/log_folder.h"

#include "world_in_folder.h"

#include <errno.h>

static bool there(const char *name)
{
    return access(folder_path(name), F_OK) == 0;
}

static void only_one_run_is_in_it(void **state)
{
    struct world *world = *state;
    struct log_folder first, second;
    const char *path = folder_path("checkpoint");
    char process[32];
    assert_true(log_folder_open(&first, path, &world->fail)); /* makes it */
    assert_false(log_folder_open(&second, path, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    snprintf(process, sizeof process, "process %ld on ", (long)getpid());
    assert_non_null(strstr(world->fail.text, process));
    log_folder_close(&second);
    log_folder_close(&first);
    world->fail = (struct fail){0};
    assert_true(log_folder_open(&second, path, &world->fail));
    assert_true(second.nonce != first.nonce);
    log_folder_close(&second);
    log_folder_close(&second);
}

static void others_find_the_same_one_or_say_so(void **state)
{
    struct world *world = *state;
    struct log_folder root, other;
    assert_true(log_folder_open(&root, folder_path("a"), &world->fail));
    assert_true(log_folder_join(&other, folder_path("a"), root.nonce, &world->fail));
    log_folder_close(&other);
    assert_false(log_folder_join(&other, folder_path("a"), root.nonce + 1, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    world->fail = (struct fail){0};
    assert_false(log_folder_join(&other, folder_path("b"), root.nonce, &world->fail));
    assert_non_null(strstr(world->fail.text, "all hosts share"));
    log_folder_close(&root);
}

static void what_cannot_be_a_folder_is_refused(void **state)
{
    struct world *world = *state;
    struct log_folder folder;
    char name[PATH_MAX];
    memset(name, 'a', sizeof name);
    name[PATH_MAX - 20] = '\0';
    const char *const names[] = {folder_put("file", "x", 1), folder_path("no/folder"), name};
    for (size_t i = 0; i < LEN(names); i++) {
        world->fail = (struct fail){0};
        assert_false(log_folder_open(&folder, names[i], &world->fail));
        assert_int_equal(world->fail.code, FAIL_OUTPUT);
        log_folder_close(&folder);
    }
}

static bool is_of_start_1(void *context, uint64_t start, uint64_t rank)
{
    (void)context;
    return start == 1 && rank < 10;
}

static void logs_that_do_not_count_go_and_in_the_end_all(void **state)
{
    static const char *const ours[] = {"checkpoint/log-0-1", "checkpoint/log-1-2",
                                       "checkpoint/log-1-10", "checkpoint/commit",
                                       "checkpoint/commit.new"};
    struct world *world = *state;
    struct log_folder folder;
    char path[PATH_MAX];
    assert_true(log_folder_open(&folder, folder_path("checkpoint"), &world->fail));
    for (size_t i = 0; i < LEN(ours); i++)
        folder_put(ours[i], "x", 1);
    folder_put("checkpoint/log-1-2x", "of somebody else", 5);
    log_folder_log(&folder, 1, 2, path);
    assert_string_equal(path, folder_path("checkpoint/log-1-2"));
    log_folder_commit(&folder, path);
    assert_string_equal(path, folder_path("checkpoint/commit"));
    log_folder_sweep(&folder, is_of_start_1, NULL);
    assert_true(!there(ours[0]) && there(ours[1]) && !there(ours[2]) && there(ours[3]));
    assert_true(log_folder_clear(&folder, &world->fail));
    for (size_t i = 0; i < LEN(ours); i++)
        assert_false(there(ours[i]));
    assert_false(there("checkpoint/lock"));
    assert_true(there("checkpoint/log-1-2x"));
    log_folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(only_one_run_is_in_it),
        folder_test(others_find_the_same_one_or_say_so),
        folder_test(what_cannot_be_a_folder_is_refused),
        folder_test(logs_that_do_not_count_go_and_in_the_end_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
