/* SPDX-License-Identifier: BSD-3-Clause */
/* What was committed to a journal is there, whatever ended the run and whatever became of the file.
 */
#include "store/journal.h"

#include "journaled.h"

#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>

static size_t len_of(uint64_t i)
{
    return i % 40 == 39 ? LARGE_BYTES + i : i * 37 % 3000;
}

/* Runs in a child until it is killed; *committed tasks at least are on the disk. */
static void add_for_ever(volatile uint64_t *committed)
{
    struct journal journal;
    struct fail failure = {0};
    enum journal_state found = JOURNAL_DONE;
    alarm(20 * slow());
    bool ok = journal_open(&journal, path(), &run, &failure);
    for (uint64_t i = 0; ok; i++) {
        ok = journal_find(&journal, 1, i * 10, digest_of(1, i * 10), &found, &failure);
        if (!ok || found == JOURNAL_DONE)
            continue;
        struct journal_entry entry = done_task(1, i * 10, len_of(i));
        ok = journal_add(&journal, &entry, &failure);
        if (ok && i % 7 == 6 && (ok = journal_commit(&journal, &failure)))
            *committed = i + 1;
    }
    fprintf(stderr, "%s\n", failure.text);
    _exit(1);
}

/* Until the child has committed something, however slow the machine; or has ended, which it does in
 * time. */
static void wait_for_more(const volatile uint64_t *committed, pid_t child)
{
    const uint64_t before = *committed;
    siginfo_t info = {0};
    while (*committed == before && info.si_pid == 0) {
        usleep(1000);
        assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT), 0);
    }
}

static void a_kill_at_any_moment_loses_nothing_that_was_committed(void **state)
{
    struct world *world = *state;
    volatile uint64_t *committed = shared();
    struct seeded seeded = {(uint64_t)time(NULL)};
    uint64_t count = 0;
    for (int kills = 0; kills < KILLS; kills++) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            add_for_ever(committed);
        if (kills % 2 == 1)
            wait_for_more(committed, child);
        usleep((useconds_t)seeded_below(&seeded, 80000));
        kill(child, SIGKILL);
        int status = ended(child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        struct journal journal;
        struct journal_entry entry;
        bool found;
        must_open(world, &journal);
        for (count = 0;; count++) {
            assert_true(journal_next_done(&journal, &entry, &found, &world->fail));
            if (!found)
                break;
            expect_entry(&entry, done_task(1, count * 10, len_of(count)));
        }
        assert_true(count >= *committed);
        journal_close(&journal);
        assert_int_equal(access(folder_path("tasks.db-wal"), F_OK), -1);
        assert_int_equal(access(folder_path("tasks.db-shm"), F_OK), -1);
    }
    assert_true(count > 0); /* or nothing was tried */
    munmap((void *)(uintptr_t)committed, 4096);
}

static void a_large_result_that_was_changed_is_a_failure(void **state)
{
    struct world *world = *state;
    static const char *const texts[] = {"tasks.db.d/0-5: has 7 bytes, 1048577 were written",
                                        "tasks.db.d/0-5: No such file or directory"};
    struct journal journal;
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 5, LARGE_BYTES));
    must_commit(world, &journal);
    journal_close(&journal);
    for (size_t i = 0; i < LEN(texts); i++) {
        struct journal_entry entry;
        bool found;
        if (i == 0)
            assert_int_equal(truncate(folder_path("tasks.db.d/0-5"), 7), 0);
        else
            assert_int_equal(unlink(folder_path("tasks.db.d/0-5")), 0);
        must_open(world, &journal);
        assert_false(journal_next_done(&journal, &entry, &found, &world->fail));
        assert_int_equal(world->fail.code, FAIL_INPUT);
        assert_non_null(strstr(world->fail.text, texts[i]));
        world->fail = (struct fail){0};
        journal_close(&journal);
    }
}

static void a_damaged_journal_is_a_failure(void **state)
{
    struct world *world = *state;
    struct journal journal;
    struct journal_entry entry;
    bool found, ok = true;
    static uint8_t noise[16 * 4096];
    must_open(world, &journal);
    for (uint64_t i = 0; i < 1000; i++)
        must_add(world, &journal, done_task(0, i, 100));
    must_commit(world, &journal);
    journal_close(&journal);
    seeded_fill(&(struct seeded){1}, noise, sizeof noise);
    int fd = open(path(), O_WRONLY);
    assert_int_equal(pwrite(fd, noise, sizeof noise, 8 * 4096), sizeof noise);
    close(fd);
    must_open(world, &journal);
    do
        ok = journal_next_done(&journal, &entry, &found, &world->fail);
    while (ok && found);
    assert_false(ok);
    assert_int_equal(world->fail.code, FAIL_INPUT);
    assert_non_null(strstr(world->fail.text, "tasks.db: is damaged"));
    journal_close(&journal);
}

/* A tmpfs that only this process sees, full but for `kilobytes` once the ballast is there. */
static bool mount_disk(const char *at, size_t kilobytes)
{
    char size[50];
    snprintf(size, sizeof size, "size=%zuk", kilobytes + 4000);
    return unshare(CLONE_NEWNS) == 0 && mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
        && mount("tmpfs", at, "tmpfs", 0, size) == 0;
}

static void put_ballast(const char *name)
{
    uint8_t *ballast = calloc(4000, 1024);
    assert_non_null(ballast);
    folder_put(name, ballast, 4000 * 1024);
    free(ballast);
}

/* Commits task after task until one fails; returns how many did not. */
static uint64_t fill_disk(struct world *world, const char *at, size_t task_bytes)
{
    struct journal journal;
    uint64_t count = 0;
    bool ok = journal_open(&journal, at, &run, &world->fail);
    while (ok) {
        struct journal_entry entry = done_task(0, count, task_bytes);
        ok = journal_add(&journal, &entry, &world->fail) && journal_commit(&journal, &world->fail);
        count += ok;
    }
    assert_true(journal_commit(&journal, &(struct fail){0})); /* nothing is left of the batch */
    journal_close(&journal);
    return count;
}

static void a_full_disk_loses_nothing_that_was_committed(void **state)
{
    struct world *world = *state;
    static const size_t sizes[] = {100, 20000, 300000, LARGE_BYTES};
    char at[PATH_MAX];
    snprintf(at, sizeof at, "%s/disk/tasks.db", folder_name);
    assert_int_equal(mkdir(folder_path("disk"), 0777), 0);
    for (size_t i = 0; i < LEN(sizes); i++) {
        if (!mount_disk(folder_path("disk"), 2500))
            skip();
        put_ballast("disk/ballast");
        uint64_t count = fill_disk(world, at, sizes[i]);
        assert_true(count > 0);
        assert_int_equal(world->fail.code, FAIL_OUTPUT);
        assert_non_null(strstr(world->fail.text, ": No space left on device"));
        assert_non_null(
            strstr(world->fail.text, sizes[i] > JOURNAL_ROW_BYTES ? "tasks.db.d/0-" : "tasks.db:"));
        world->fail = (struct fail){0};
        char half[100];
        snprintf(half, sizeof half, "disk/tasks.db.d/0-%" PRIu64, count);
        assert_int_equal(access(folder_path(half), F_OK), -1);
        assert_int_equal(unlink(folder_path("disk/ballast")), 0);
        struct journal journal;
        if (!journal_open(&journal, at, &run, &world->fail))
            fail_msg("%s", world->fail.text);
        for (uint64_t task = 0; task < count; task++)
            expect_next(world, &journal, done_task(0, task, sizes[i]));
        expect_no_next(world, &journal);
        must_add(world, &journal, done_task(0, count, sizes[i]));
        must_commit(world, &journal);
        journal_close(&journal);
        assert_int_equal(umount(folder_path("disk")), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_kill_at_any_moment_loses_nothing_that_was_committed),
        folder_test(a_large_result_that_was_changed_is_a_failure),
        folder_test(a_damaged_journal_is_a_failure),
        folder_test(a_full_disk_loses_nothing_that_was_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
