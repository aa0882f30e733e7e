/* SPDX-License-Identifier: BSD-3-Clause */
/* A journal is read while a run writes it. */
#include "store/journal.h"

#include "journaled.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

/* While this is not 0 it is the kind of each file system. */
static unsigned kind_of_system;

int fstatfs(int fd, struct statfs *status)
{
    int result = (int)syscall(SYS_fstatfs, fd, status);
    if (kind_of_system != 0)
        status->f_type = kind_of_system;
    return result;
}

static const char count_sql[] = "select count(*) from task";

static const char *asked_read_only(void)
{
    char command[2 * PATH_MAX];
    snprintf(command, sizeof command, "sqlite3 -readonly '%s' '%s' 2>&1", path(), count_sql);
    return said(command);
}

static bool exists(const char *name)
{
    return access(folder_path(name), F_OK) == 0;
}

static void add_batch(struct world *world, struct journal *journal, uint64_t batch)
{
    for (uint64_t i = 0; i < 10; i++)
        must_add(world, journal, done_task(0, 10 * batch + i, 1000));
    must_commit(world, journal);
}

static void expect_count(uint64_t count)
{
    char text[30];
    snprintf(text, sizeof text, "%" PRIu64 "\n", count);
    assert_string_equal(asked(count_sql), text);
    assert_string_equal(asked_read_only(), text);
}

static void what_is_committed_is_seen_at_once_and_nothing_else_is(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    expect_count(0);
    for (uint64_t batch = 0; batch < 5; batch++) {
        add_batch(world, &journal, batch);
        must_add(world, &journal, done_task(1, batch, 10));
        expect_count(10 * (batch + 1) + batch);
        must_commit(world, &journal);
    }
    journal_close(&journal);
    assert_false(exists("tasks.db-wal") || exists("tasks.db-shm"));
    expect_count(55);
}

/* In a child: begins to read, says so, and stays within its transaction until it is told to end. */
static pid_t start_reader(volatile uint64_t *step)
{
    *step = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child != 0) {
        while (*step == 0)
            usleep(1000);
        return child;
    }
    sqlite3 *handle;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(60 * slow());
    bool ok = sqlite3_open_v2(path(), &handle, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
           && sqlite3_exec(handle, "BEGIN; SELECT * FROM task", NULL, NULL, NULL) == SQLITE_OK;
    *step = ok ? 1 : 2;
    while (*step == 1)
        usleep(1000);
    ok = ok && sqlite3_close(handle) == SQLITE_OK;
    _exit(!ok);
}

static void a_reader_that_stays_holds_nothing_up(void **state)
{
    struct world *world = *state;
    volatile uint64_t *step = shared();
    struct journal journal;
    for (uint64_t killed = 0; killed < 2; killed++) {
        double longest = 0;
        must_open(world, &journal);
        add_batch(world, &journal, 1000 * killed);
        pid_t reader = start_reader(step);
        assert_int_equal(*step, 1);
        for (uint64_t batch = 1; batch < 300; batch++) { /* more than is written back at once */
            struct timespec begun;
            clock_gettime(CLOCK_MONOTONIC, &begun);
            add_batch(world, &journal, 1000 * killed + batch);
            double seconds = seconds_since(begun);
            longest = seconds > longest ? seconds : longest;
        }
        assert_true(longest < slow());
        expect_count(3000 * (killed + 1));
        if (killed)
            kill(reader, SIGKILL);
        else
            *step = 3;
        int status = ended(reader);
        assert_true(killed ? WIFSIGNALED(status) : status == 0);
        journal_close(&journal);
        assert_false(exists("tasks.db-wal") || exists("tasks.db-shm"));
    }
    munmap((void *)(uintptr_t)step, 4096);
}

/* The reader removes the log when it ends, and the next run may begin before. */
static void a_reader_may_stay_when_the_run_ends(void **state)
{
    struct world *world = *state;
    volatile uint64_t *step = shared();
    struct journal journal;
    struct timespec begun;
    must_open(world, &journal);
    add_batch(world, &journal, 0);
    pid_t reader = start_reader(step);
    add_batch(world, &journal, 1);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    journal_close(&journal);
    must_open(world, &journal);
    assert_true(seconds_since(begun) < slow());
    for (uint64_t i = 0; i < 20; i++)
        expect_next(world, &journal, done_task(0, i, 1000));
    expect_no_next(world, &journal);
    add_batch(world, &journal, 2);
    journal_close(&journal);
    *step = 3;
    assert_int_equal(ended(reader), 0);
    assert_false(exists("tasks.db-wal") || exists("tasks.db-shm"));
    expect_count(30);
    munmap((void *)(uintptr_t)step, 4096);
}

/* In a child, until it is killed; *committed tasks at least are on the disk. */
static void write_for_ever(volatile uint64_t *committed)
{
    struct journal journal;
    struct fail failure = {0};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(60 * slow());
    bool ok = journal_open(&journal, path(), &run, &failure);
    for (uint64_t i = 0; ok; i++) {
        struct journal_entry entry = done_task(0, i, 1000);
        ok = journal_add(&journal, &entry, &failure)
          && (i % 10 != 9 || journal_commit(&journal, &failure));
        if (ok && i % 10 == 9) {
            *committed = i + 1;
            usleep(1000); /* the disk is not ours alone */
        }
    }
    fprintf(stderr, "%s\n", failure.text);
    _exit(1);
}

static pid_t start_writer(volatile uint64_t *committed)
{
    siginfo_t info = {0};
    *committed = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        write_for_ever(committed);
    while (*committed < 20 && info.si_pid == 0) {
        usleep(1000);
        assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT), 0);
    }
    assert_int_equal(info.si_pid, 0);
    return child;
}

static void expect_in_use(struct world *world)
{
    struct journal journal;
    struct timespec begun;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    assert_false(journal_open(&journal, path(), &run, &world->fail));
    assert_true(seconds_since(begun) < slow());
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "tasks.db: is in use by another run"));
    world->fail = (struct fail){0};
}

static void readers_see_a_run_that_is_killed_and_the_next_one_goes_on(void **state)
{
    struct world *world = *state;
    volatile uint64_t *committed = shared();
    struct journal journal;
    for (int row = 0; row < 3; row++) { /* read by nobody, by who may write, by who may not */
        pid_t writer = start_writer(committed);
        expect_in_use(world);
        uint64_t before = *committed;
        assert_true(strtoull(asked_read_only(), NULL, 10) >= before);
        expect_in_use(world); /* reading has not taken the lock away */
        kill(writer, SIGKILL);
        assert_true(WIFSIGNALED(ended(writer)));
        assert_true(exists("tasks.db-wal"));
        if (row > 0)
            assert_true(strtoull(row == 1 ? asked(count_sql) : asked_read_only(), NULL, 10)
                        >= *committed);
        must_open(world, &journal);
        for (uint64_t i = 0; i < *committed; i++)
            expect_next(world, &journal, done_task(0, i, 1000));
        journal_close(&journal);
        assert_false(exists("tasks.db-wal") || exists("tasks.db-shm"));
        assert_int_equal(unlink(path()), 0);
    }
    munmap((void *)(uintptr_t)committed, 4096);
}

/* As on NFS, or where FILE-shm cannot be. */
static void where_no_memory_is_shared_readers_wait_for_the_end(void **state)
{
    struct world *world = *state;
    volatile uint64_t *committed = shared();
    struct journal journal;
    for (int row = 0; row < 2; row++) {
        kind_of_system = row == 0 ? 0x6969 : 0;
        if (row == 1)
            assert_int_equal(mkdir(folder_path("tasks.db-shm"), 0777), 0);
        pid_t writer = start_writer(committed);
        expect_in_use(world);
        if (row == 0) {
            assert_non_null(strstr(asked(count_sql), "database is locked"));
            assert_false(exists("tasks.db-shm"));
        }
        kill(writer, SIGKILL);
        ended(writer);
        must_open(world, &journal);
        for (uint64_t i = 0; i < *committed; i++)
            expect_next(world, &journal, done_task(0, i, 1000));
        journal_close(&journal);
        assert_false(exists("tasks.db-wal"));
        if (row == 1)
            assert_int_equal(rmdir(folder_path("tasks.db-shm")), 0);
        kind_of_system = 0; /* what was written so is a journal elsewhere, too */
        must_open(world, &journal);
        expect_next(world, &journal, done_task(0, 0, 1000));
        assert_true(strtoull(asked(count_sql), NULL, 10) >= *committed);
        journal_close(&journal);
        assert_int_equal(unlink(path()), 0);
    }
    munmap((void *)(uintptr_t)committed, 4096);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_is_committed_is_seen_at_once_and_nothing_else_is),
        folder_test(a_reader_that_stays_holds_nothing_up),
        folder_test(a_reader_may_stay_when_the_run_ends),
        folder_test(readers_see_a_run_that_is_killed_and_the_next_one_goes_on),
        folder_test(where_no_memory_is_shared_readers_wait_for_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
