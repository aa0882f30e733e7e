/* SPDX-License-Identifier: BSD-3-Clause */
/* The result is there whole or not at all. */
#include "output/output.h"

#include "slow.h"
#include "written.h"

#include <signal.h>
#include <sys/wait.h>

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

static void a_result_appears_when_it_is_committed_and_not_before(void **state)
{
    struct world *world = *state;
    struct output output;
    const char *path = folder_path("result");
    create(world, &output, path);
    write_new(world, &output);
    assert_int_equal(access(path, F_OK), -1);
    assert_true(output_commit(&output, NEW_BYTES, &world->fail));
    output_close(&output);
    output_close(&output);
    assert_true(holds(path, new_text));
    assert_int_equal(entries(), 1);
}

static void an_empty_result_is_a_result(void **state)
{
    struct world *world = *state;
    struct output output;
    create(world, &output, folder_path("result"));
    assert_true(output_sync(&output, &world->fail));
    assert_true(output_commit(&output, 0, &world->fail));
    output_close(&output);
    assert_true(holds(folder_path("result"), ""));
}

static void an_old_result_stays_until_the_new_one_is_committed(void **state)
{
    struct world *world = *state;
    struct output output;
    const char *path = folder_put("result", old_text, strlen(old_text));
    create(world, &output, path);
    write_new(world, &output);
    assert_true(holds(path, old_text));
    assert_true(output_commit(&output, NEW_BYTES, &world->fail));
    output_close(&output);
    assert_true(holds(path, new_text));
    assert_int_equal(entries(), 1);
}

static void a_result_given_up_leaves_the_old_one_and_nothing_else(void **state)
{
    struct world *world = *state;
    struct output output;
    const char *path = folder_put("result", old_text, strlen(old_text));
    create(world, &output, path);
    write_new(world, &output);
    output_close(&output);
    output_close(&output);
    assert_true(holds(path, old_text));
    assert_int_equal(entries(), 1);
}

static void a_result_of_another_size_is_not_committed(void **state)
{
    struct world *world = *state;
    for (int off = -1; off <= 1; off += 2) {
        struct output output;
        const char *path = folder_put("result", old_text, strlen(old_text));
        world->fail = (struct fail){0};
        create(world, &output, path);
        write_new(world, &output);
        assert_false(output_commit(&output, (uint64_t)(NEW_BYTES + off), &world->fail));
        assert_int_equal(world->fail.code, FAIL_OUTPUT);
        output_close(&output);
        assert_true(holds(path, old_text));
        assert_int_equal(entries(), 1);
    }
}

static void a_result_has_the_mode_of_the_old_one(void **state)
{
    struct world *world = *state;
    static const mode_t modes[] = {0640, 0600, 0666, 0755, 0440};
    for (size_t i = 0; i < LEN(modes); i++) {
        struct output output;
        const char *path = folder_put("result", old_text, strlen(old_text));
        assert_int_equal(chmod(path, modes[i]), 0);
        if (access(path, W_OK) != 0) /* only root writes over what is read-only */
            continue;
        create(world, &output, path);
        assert_int_equal(mode_of(output.temporary), 0600); /* nobody else reads it half-written */
        write_new(world, &output);
        assert_true(output_commit(&output, NEW_BYTES, &world->fail));
        output_close(&output);
        assert_int_equal(mode_of(path), modes[i]);
        assert_int_equal(unlink(path), 0);
    }
}

static void a_new_result_has_the_mode_that_umask_leaves(void **state)
{
    struct world *world = *state;
    static const mode_t masks[] = {022, 077, 0, 027};
    for (size_t i = 0; i < LEN(masks); i++) {
        struct output output;
        mode_t before = umask(masks[i]);
        create(world, &output, folder_path("result"));
        mode_t after = umask(before);
        assert_int_equal(after, masks[i]); /* looking at it did not change it */
        write_new(world, &output);
        assert_true(output_commit(&output, NEW_BYTES, &world->fail));
        output_close(&output);
        assert_int_equal(mode_of(folder_path("result")), 0666 & ~masks[i]);
        assert_int_equal(unlink(folder_path("result")), 0);
    }
}

static void a_second_writer_is_refused_until_the_first_is_done(void **state)
{
    struct world *world = *state;
    struct output first, second;
    const char *path = folder_path("result");
    create(world, &first, path);
    assert_false(output_create(&second, path, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "another run is writing it"));
    output_close(&second);
    assert_int_equal(entries(), 1); /* the second left nothing */
    write_new(world, &first);
    assert_true(output_commit(&first, NEW_BYTES, &(struct fail){0}));
    output_close(&first);
    world->fail = (struct fail){0};
    create(world, &second, path);
    output_close(&second);
    assert_true(holds(path, new_text));
}

/* Results beside it are others' business, even with names that begin alike. */
static void another_result_in_the_folder_can_be_written_meanwhile(void **state)
{
    struct world *world = *state;
    struct output first, second;
    create(world, &first, folder_path("result"));
    create(world, &second, folder_path("result.wc-abcdef"));
    output_close(&first);
    output_close(&second);
    assert_int_equal(entries(), 0);
}

static void what_a_killed_run_left_is_removed(void **state)
{
    struct world *world = *state;
    struct output output;
    folder_put(".result.wc-abc012", "half a resu", 11);
    folder_put(".other.wc-abc012", "of another", 10);          /* stays */
    folder_put(".result.wc-abc0123", "no suffix of ours", 17); /* stays */
    folder_put("result.wc-abc012", "of the user", 11);         /* stays */
    create(world, &output, folder_path("result"));
    assert_int_equal(access(folder_path(".result.wc-abc012"), F_OK), -1);
    assert_int_equal(entries(), 4);
    output_close(&output);
    assert_int_equal(entries(), 3);
}

/* Ranks write their ranges in any order, each through a descriptor of its own. */
static void ranks_write_their_own_ranges(void **state)
{
    struct world *world = *state;
    struct output root, other;
    create(world, &root, folder_path("result"));
    other = root;
    assert_true(output_join(&other, &world->fail));
    assert_true(output_write(&other, new_text + 10, NEW_BYTES - 10, 10, &world->fail));
    assert_true(output_sync(&other, &world->fail));
    assert_true(output_write(&root, new_text, 10, 0, &world->fail));
    output_close(&other); /* must not remove what it did not create */
    assert_true(output_sync(&root, &world->fail));
    assert_true(output_commit(&root, NEW_BYTES, &world->fail));
    output_close(&root);
    assert_true(holds(folder_path("result"), new_text));
    assert_false(output_join(&other, &world->fail)); /* nothing to join any more */
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
}

/* Runs in a child, which ends by the signal. */
static void write_until_signal(struct world *world, int number, bool commit)
{
    struct output output;
    if (!output_create(&output, folder_path("result"), &world->fail))
        _exit(1);
    if (commit
        && (!output_write(&output, new_text, NEW_BYTES, 0, &world->fail)
            || !output_commit(&output, NEW_BYTES, &world->fail)))
        _exit(1);
    signal(number, SIG_DFL); /* in the background or under nohup some are ignored */
    raise(number);
    _exit(2);
}

static void a_signal_removes_the_temporary_file_but_no_result(void **state)
{
    struct world *world = *state;
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGKILL};
    for (size_t i = 0; i < 2 * LEN(numbers); i++) {
        int status, number = numbers[i / 2];
        bool commit = i % 2;
        folder_put("result", old_text, strlen(old_text));
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            write_until_signal(world, number, commit);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == number);
        for (unsigned tries = 0; entries() > 1 && tries < 200 * slow(); tries++)
            usleep(25000); /* the cleaner needs a moment */
        assert_int_equal(entries(), 1);
        assert_true(holds(folder_path("result"), commit ? new_text : old_text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_result_appears_when_it_is_committed_and_not_before),
        folder_test(an_empty_result_is_a_result),
        folder_test(an_old_result_stays_until_the_new_one_is_committed),
        folder_test(a_result_given_up_leaves_the_old_one_and_nothing_else),
        folder_test(a_result_of_another_size_is_not_committed),
        folder_test(a_result_has_the_mode_of_the_old_one),
        folder_test(a_new_result_has_the_mode_that_umask_leaves),
        folder_test(a_second_writer_is_refused_until_the_first_is_done),
        folder_test(another_result_in_the_folder_can_be_written_meanwhile),
        folder_test(what_a_killed_run_left_is_removed),
        folder_test(ranks_write_their_own_ranges),
        folder_test(a_signal_removes_the_temporary_file_but_no_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
