/* SPDX-License-Identifier: BSD-3-Clause */
/* Which journals are opened, and which are refused. */
#include "store/journal.h"

#include "journaled.h"

#include <sched.h>
#include <signal.h>
#include <sqlite3.h>

static void expect_refused(struct world *world, const char *at, int code, const char *text)
{
    struct journal journal;
    world->fail = (struct fail){0};
    assert_false(journal_open(&journal, at, &run, &world->fail));
    if (!strstr(world->fail.text, text))
        fail_msg("expected `%s`, got `%s`", text, world->fail.text);
    assert_int_equal(world->fail.code, code);
    assert_true(strncmp(world->fail.text, at, strlen(at)) == 0);
    journal_close(&journal);
    world->fail = (struct fail){0};
}

static void the_journal_of_another_run_is_refused(void **state)
{
    struct world *world = *state;
    struct journal journal;
    static char long_line[3000] = "name=";
    memset(long_line + 5, 'v', sizeof long_line - 6);
    const struct {
        const char *there, *here, *text;
    } rows[] = {
        {"a=1\nb=2\n", "a=1\nb=3\n", "there b=2, here b=3"},
        {"a=1\nb=2\n", "a=1\nc=2\n", "there b=2, here c=2"},
        {"a=1\nb=2\n", "a=1\n", "there b=2, here nothing"},
        {"a=1\n", "a=1\nb=2\n", "there nothing, here b=2"},
        {"a=1\n", "a=12\n", "there a=1, here a=12"},
        {"a=1\nb=2\n", "", "there a=1, here nothing"},
        {"a=\n", "a=x=y\n", "there a=, here a=x=y"},
        {"", "a=1", "there nothing, here a=1"},
        {"f=1\nf=2\n", "f=2\nf=1\n", "there f=1, here f=2"},
        {"a=1\n", long_line, "there a=1, here name=vvvvv"},
        {long_line, "", "v, here nothing"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        const struct manifest there = {.command = "", .fixed = rows[i].there, .inputs = ""};
        const struct manifest here = {.command = "", .fixed = rows[i].here, .inputs = ""};
        for (int same = 0; same < 3; same++) {
            if (!journal_open(&journal, path(), &there, &world->fail))
                fail_msg("%s", world->fail.text);
            journal_close(&journal);
        }
        assert_false(journal_open(&journal, path(), &here, &world->fail));
        assert_int_equal(world->fail.code, FAIL_USAGE);
        if (!strstr(world->fail.text, ": is the journal of another run: there ")
            || !strstr(world->fail.text, rows[i].text))
            fail_msg("expected `%s`, got `%s`", rows[i].text, world->fail.text);
        world->fail = (struct fail){0};
        journal_close(&journal);
        assert_int_equal(unlink(path()), 0);
    }
}

static void what_is_no_journal_is_refused_and_not_touched(void **state)
{
    struct world *world = *state;
    static const char *const makers[] = {
        "echo text >'%s'",
        "head -c 100000 /dev/zero | tr '\\\\0' x >'%s'",
        "sqlite3 '%s' 'create table t(a); insert into t values (1)'",
        "sqlite3 '%s' 'pragma journal_mode = wal; create table t(a)' >/dev/null",
        "sqlite3 '%s' 'pragma application_id = 7'",
    };
    for (size_t i = 0; i < LEN(makers); i++) {
        char command[2 * PATH_MAX];
        size_t before, after;
        snprintf(command, sizeof command, makers[i], path());
        assert_int_equal(system(command), 0);
        uint8_t *old = folder_get(path(), &before);
        expect_refused(world, path(), FAIL_USAGE, "tasks.db: is no journal");
        uint8_t *new = folder_get(path(), &after);
        assert_int_equal(before, after);
        assert_memory_equal(old, new, before);
        free(old);
        free(new);
        assert_int_equal(unlink(path()), 0);
    }
}

static void a_journal_of_another_format_is_refused(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    journal_close(&journal);
    assert_string_equal(asked("pragma user_version = 1"), "");
    expect_refused(world, path(), FAIL_USAGE,
                   "tasks.db: is of format 1, this program has format 2");
    assert_string_equal(asked("pragma user_version = 3"), "");
    expect_refused(world, path(), FAIL_USAGE,
                   "tasks.db: is of format 3, this program has format 2");
}

static void what_cannot_be_opened_is_a_failure_that_names_it(void **state)
{
    struct world *world = *state;
    static char too_long[2 * PATH_MAX];
    memset(too_long, 'n', sizeof too_long - 1);
    folder_put("file", "x", 1);
    assert_int_equal(mkfifo(folder_path("pipe"), 0666), 0);
    const struct {
        const char *path, *cause;
    } rows[] = {
        {folder_path("nowhere/tasks.db"), ": No such file or directory"},
        {folder_path("file/tasks.db"), ": Not a directory"},
        {folder_name, ": Is a directory"},
        {folder_path("pipe"), ": is no regular file"},
        {"/dev/null", ": is no regular file"},
    };
    for (size_t i = 0; i < LEN(rows); i++)
        expect_refused(world, rows[i].path, FAIL_OUTPUT, rows[i].cause);
    struct journal journal;
    assert_false(journal_open(&journal, too_long, &run, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
}

/* A file that is empty yet is a journal to be. */
static void an_empty_file_becomes_a_journal(void **state)
{
    struct world *world = *state;
    struct journal journal;
    folder_put("tasks.db", "", 0);
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 0, 1));
    must_commit(world, &journal);
    journal_close(&journal);
    assert_string_equal(asked("select state from task"), "done\n");
}

static void names_with_a_meaning_for_sqlite_are_names_of_files(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {":memory:", "file:x?mode=memory", "file:y"};
    char here[PATH_MAX];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(folder_name), 0);
    for (size_t i = 0; i < LEN(names); i++) {
        struct journal journal;
        bool ok = journal_open(&journal, names[i], &run, &world->fail);
        journal_close(&journal);
        ok = ok && access(names[i], F_OK) == 0;
        if (!ok)
            assert_int_equal(chdir(here), 0);
        assert_true(ok);
    }
    assert_int_equal(chdir(here), 0);
}

/* Runs in a child, as a user who may not do everything. */
static int open_as_nobody(const char *at, const char *cause)
{
    struct journal journal;
    struct fail failure = {0};
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 1;
    if (journal_open(&journal, at, &run, &failure))
        return 2;
    if (failure.code == FAIL_OUTPUT && strstr(failure.text, cause))
        return 0;
    fprintf(stderr, "%s\n", failure.text);
    return 3;
}

static void a_journal_that_may_not_be_written_is_refused(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    journal_close(&journal);
    static const char *const causes[] = {"tasks.db: Permission denied", "new.db: Permission denied",
                                         "tasks.db: the folder of a journal must be writable"};
    for (int row = 0; row < 3; row++) { /* the file, a new file, only its log */
        assert_int_equal(chmod(path(), row == 2 ? 0666 : 0444), 0);
        assert_int_equal(chmod(folder_name, row == 0 ? 0777 : 0555), 0);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            _exit(open_as_nobody(row == 1 ? folder_path("new.db") : path(), causes[row]));
        int status = ended(child);
        assert_int_equal(chmod(folder_name, 0777), 0);
        assert_int_equal(status, 0);
    }
}

static void a_second_run_is_refused_at_once_and_until_the_first_has_ended(void **state)
{
    struct world *world = *state;
    volatile uint64_t *ready = shared();
    for (int row = 0; row < 4; row++) { /* new or old; closed or killed */
        *ready = 0;
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            struct journal journal;
            alarm(20 * slow()); /* also when the parent gives up */
            *ready = journal_open(&journal, path(), &run, &world->fail) ? 1 : 2;
            while (*ready == 1)
                usleep(1000);
            journal_close(&journal);
            _exit(0);
        }
        while (*ready == 0)
            usleep(1000);
        assert_int_equal(*ready, 1);
        struct timespec begun;
        clock_gettime(CLOCK_MONOTONIC, &begun);
        expect_refused(world, path(), FAIL_OUTPUT, "tasks.db: is in use by another run");
        assert_true(seconds_since(begun) < slow());
        if (row % 2)
            kill(child, SIGKILL);
        else
            *ready = 3;
        ended(child);
        struct journal journal;
        must_open(world, &journal);
        journal_close(&journal);
    }
    munmap((void *)(uintptr_t)ready, 4096);
}

static void of_two_that_begin_together_one_gets_it(void **state)
{
    struct world *world = *state;
    volatile uint64_t *seen = shared();
    for (int round = 0; round < 20; round++) {
        pid_t children[2];
        memset((void *)(uintptr_t)seen, 0, 4096);
        fflush(NULL);
        for (int i = 0; i < 2; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                struct journal journal;
                alarm(20 * slow());
                seen[i] = 1;
                while (seen[0] == 0 || seen[1] == 0)
                    ;
                bool got = journal_open(&journal, path(), &run, &world->fail);
                seen[2 + i] = 1;
                while (seen[2] == 0 || seen[3] == 0)
                    usleep(100);
                journal_close(&journal);
                _exit(got ? 10 : world->fail.code);
            }
        }
        int sum = WEXITSTATUS(ended(children[0])) + WEXITSTATUS(ended(children[1]));
        assert_int_equal(sum, 10 + FAIL_OUTPUT);
        if (round % 2)
            assert_int_equal(unlink(path()), 0);
    }
    munmap((void *)(uintptr_t)seen, 4096);
}

/* Through a link, the folder is still the one beside the file. */
static void a_link_to_a_journal_is_that_journal(void **state)
{
    struct world *world = *state;
    struct journal journal;
    assert_int_equal(mkdir(folder_path("elsewhere"), 0777), 0);
    assert_int_equal(symlink("elsewhere/real.db", path()), 0);
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 5, LARGE_BYTES));
    must_commit(world, &journal);
    journal_close(&journal);
    assert_int_equal(access(folder_path("elsewhere/real.db.d/0-5"), F_OK), 0);
    if (!journal_open(&journal, folder_path("elsewhere/real.db"), &run, &world->fail))
        fail_msg("%s", world->fail.text);
    expect_next(world, &journal, done_task(0, 5, LARGE_BYTES));
    journal_close(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(the_journal_of_another_run_is_refused),
        folder_test(what_is_no_journal_is_refused_and_not_touched),
        folder_test(a_journal_of_another_format_is_refused),
        folder_test(what_cannot_be_opened_is_a_failure_that_names_it),
        folder_test(an_empty_file_becomes_a_journal),
        folder_test(names_with_a_meaning_for_sqlite_are_names_of_files),
        folder_test(a_journal_that_may_not_be_written_is_refused),
        folder_test(a_second_run_is_refused_at_once_and_until_the_first_has_ended),
        folder_test(of_two_that_begin_together_one_gets_it),
        folder_test(a_link_to_a_journal_is_that_journal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
