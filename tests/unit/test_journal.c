/* SPDX-License-Identifier: BSD-3-Clause */
/* What was committed to a journal is there again, whatever ended the run. */
#include "store/journal.h"

#include "slow.h"
#include "world_in_folder.h"

#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum {
    LARGE_BYTES = JOURNAL_ROW_BYTES + 1,
    MAX_BYTES = 3 << 20,
#ifdef __SANITIZE_ADDRESS__ /* each allocation of SQLite takes its time */
    MANY = 20000,
#else
    MANY = 200000,
#endif
    KILLS = 20,
};

static const char run_text[] = "input=a.txt 1000 bytes\ninput=b.txt\ntask=squares\n";

/* The path of the journal, which a journal borrows. */
static const char *path(void)
{
    static char text[PATH_MAX];
    snprintf(text, sizeof text, "%s/tasks.db", folder_name);
    return text;
}

static void must_open(struct world *world, struct journal *journal)
{
    if (!journal_open(journal, path(), run_text, &world->fail))
        fail_msg("%s", world->fail.text);
}

static void must_commit(struct world *world, struct journal *journal)
{
    if (!journal_commit(journal, &world->fail))
        fail_msg("%s", world->fail.text);
}

static uint64_t digest_of(uint64_t file, uint64_t offset)
{
    return (file + 1) * 0x9e3779b97f4a7c15u ^ offset << 7; /* also above 2^63 */
}

/* A task that is done, with frames that follow from its identity; good until the next call. */
static struct journal_entry done_task(uint64_t file, uint64_t offset, size_t len)
{
    static uint8_t frames[MAX_BYTES];
    seeded_fill(&(struct seeded){digest_of(file, offset)}, frames, len);
    return (struct journal_entry){.file = file,
                                  .offset = offset,
                                  .digest = digest_of(file, offset),
                                  .tries = 1 + offset % 3,
                                  .done = true,
                                  .rank = (int)(offset % 5),
                                  .host = "lab01",
                                  .seconds = (double)offset / 8,
                                  .frames = frames,
                                  .frames_len = len};
}

static struct journal_entry failed_task(uint64_t file, uint64_t offset, const char *task)
{
    return (struct journal_entry){.file = file,
                                  .offset = offset,
                                  .digest = digest_of(file, offset),
                                  .tries = 3,
                                  .host = "lab02",
                                  .reason = "exit 3: no such number",
                                  .task = (const uint8_t *)task,
                                  .task_len = strlen(task)};
}

static void must_add(struct world *world, struct journal *journal, struct journal_entry entry)
{
    if (!journal_add(journal, &entry, &world->fail))
        fail_msg("%s", world->fail.text);
}

static void expect_entry(const struct journal_entry *got, struct journal_entry expected)
{
    assert_int_equal(got->file, expected.file);
    assert_int_equal(got->offset, expected.offset);
    assert_true(got->digest == expected.digest);
    assert_int_equal(got->tries, expected.tries);
    assert_true(got->done);
    assert_int_equal(got->rank, expected.rank);
    assert_string_equal(got->host, expected.host);
    assert_true(got->seconds == expected.seconds);
    assert_int_equal(got->frames_len, expected.frames_len);
    assert_true(got->frames_len == 0 || memcmp(got->frames, expected.frames, got->frames_len) == 0);
}

static void expect_next(struct world *world, struct journal *journal, struct journal_entry expected)
{
    struct journal_entry entry;
    bool found;
    if (!journal_next_done(journal, &entry, &found, &world->fail))
        fail_msg("%s", world->fail.text);
    assert_true(found);
    expect_entry(&entry, expected);
}

static void expect_no_next(struct world *world, struct journal *journal)
{
    struct journal_entry entry;
    bool found = true;
    for (int i = 0; i < 2; i++) {
        assert_true(journal_next_done(journal, &entry, &found, &world->fail));
        assert_false(found);
    }
}

static enum journal_state state_of(struct world *world, struct journal *journal, uint64_t file,
                                   uint64_t offset)
{
    enum journal_state state;
    if (!journal_find(journal, file, offset, digest_of(file, offset), &state, &world->fail))
        fail_msg("%s", world->fail.text);
    return state;
}

/* While this is not 0 the clock stands still there, for the journal and for all else. */
static uint64_t clock_ns;

int clock_gettime(clockid_t clock, struct timespec *now)
{
    if (clock_ns == 0 || clock != CLOCK_MONOTONIC)
        return (int)syscall(SYS_clock_gettime, clock, now);
    *now = (struct timespec){(time_t)(clock_ns / 1000000000), (long)(clock_ns % 1000000000)};
    return 0;
}

static double seconds_since(struct timespec begun)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begun.tv_sec) + (double)(now.tv_nsec - begun.tv_nsec) / 1e9;
}

/* What a command says: its first bytes. */
static const char *said(const char *command)
{
    static char text[4096];
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
    pclose(pipe);
    return text;
}

static const char *asked(const char *sql)
{
    char command[PATH_MAX];
    snprintf(command, sizeof command, "sqlite3 '%s' \"%s\" 2>&1", path(), sql);
    return said(command);
}

static void expect_refused(struct world *world, const char *at, int code, const char *text)
{
    struct journal journal;
    world->fail = (struct fail){0};
    assert_false(journal_open(&journal, at, run_text, &world->fail));
    if (!strstr(world->fail.text, text))
        fail_msg("expected `%s`, got `%s`", text, world->fail.text);
    assert_int_equal(world->fail.code, code);
    assert_true(strncmp(world->fail.text, at, strlen(at)) == 0);
    journal_close(&journal);
    world->fail = (struct fail){0};
}

static void committed_tasks_come_back_in_order(void **state)
{
    struct world *world = *state;
    struct journal journal;
    static const struct {
        uint64_t file, offset;
        size_t len;
    } tasks[] = {
        {0, 0, 0},  {0, 1, 1},
        {0, 2, 16}, {0, 1000, 5000},
        {1, 0, 77}, {1, 5, JOURNAL_ROW_BYTES},
        {1, 6, 1},  {1, 7, LARGE_BYTES},
        {2, 0, 0},  {2, (uint64_t)1 << 40, MAX_BYTES},
        {9, 0, 10}, {(uint64_t)1 << 40, INT64_MAX - 1, 100},
    };
    must_open(world, &journal);
    for (size_t i = 0; i < LEN(tasks); i++) {
        size_t at = i * 5 % LEN(tasks); /* 5 and 12 have no common divisor */
        must_add(world, &journal, done_task(tasks[at].file, tasks[at].offset, tasks[at].len));
        if (i % 4 == 3)
            must_commit(world, &journal);
    }
    expect_no_next(world, &journal);
    journal_close(&journal);
    for (int start = 0; start < 2; start++) {
        must_open(world, &journal);
        for (size_t i = 0; i < LEN(tasks); i++)
            expect_next(world, &journal, done_task(tasks[i].file, tasks[i].offset, tasks[i].len));
        expect_no_next(world, &journal);
        journal_close(&journal);
    }
}

static void what_was_not_committed_is_lost(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 0, 10));
    must_commit(world, &journal);
    must_add(world, &journal, done_task(0, 10, 10));
    must_add(world, &journal, done_task(0, 20, LARGE_BYTES));
    journal_close(&journal);
    must_open(world, &journal);
    expect_next(world, &journal, done_task(0, 0, 10));
    expect_no_next(world, &journal);
    assert_int_equal(access(folder_path("tasks.db.d/0-20"), F_OK), -1);
    journal_close(&journal);
}

static void nothing_to_commit_and_nothing_open_is_fine(void **state)
{
    struct world *world = *state;
    struct journal journal = {0};
    journal_close(&journal);
    must_open(world, &journal);
    must_commit(world, &journal);
    assert_false(journal_due(&journal));
    assert_int_equal(state_of(world, &journal, 0, 0), JOURNAL_MISSING);
    assert_int_equal(state_of(world, &journal, 7, 1), JOURNAL_MISSING);
    expect_no_next(world, &journal);
    journal_close(&journal);
    journal_close(&journal);
}

/* Every third task is done, every fifth failed; what this start adds changes nothing. */
static void tasks_of_earlier_starts_are_known(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    for (uint64_t i = 0; i < 300; i++)
        if (i % 3 == 0)
            must_add(world, &journal, done_task(i / 100, i, i));
        else if (i % 5 == 0)
            must_add(world, &journal, failed_task(i / 100, i, "a task"));
    must_commit(world, &journal);
    journal_close(&journal);
    for (int mode = 0; mode < 3; mode++) {
        must_open(world, &journal);
        for (uint64_t i = 0; i < 300; i++) {
            if (mode == 1 && i % 7 != 0) /* not all are asked for */
                continue;
            assert_int_equal(state_of(world, &journal, i / 100, i), i % 3 == 0   ? JOURNAL_DONE
                                                                    : i % 5 == 0 ? JOURNAL_FAILED
                                                                                 : JOURNAL_MISSING);
            if (mode == 2 && i % 3 != 0 && i % 5 != 0) /* no failed one, ahead */
                must_add(world, &journal, done_task((i + 20) / 100, i + 20, 1));
            if (mode == 2 && i % 10 == 9)
                must_commit(world, &journal);
        }
        journal_close(&journal);
    }
}

static void done_tasks_are_read_while_others_are_added(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    for (uint64_t i = 0; i < 100; i++)
        must_add(world, &journal,
                 i % 10 == 5 ? failed_task(0, i * 2, "x") : done_task(0, i * 2, i));
    must_commit(world, &journal);
    journal_close(&journal);
    must_open(world, &journal);
    for (uint64_t i = 0; i < 100; i++) {
        if (i % 10 != 5)
            expect_next(world, &journal, done_task(0, i * 2, i));
        must_add(world, &journal, done_task(0, i * 2 + 3, 9));
        if (i % 10 == 0)
            must_add(world, &journal, done_task(0, (i + 5) * 2, 9)); /* failed before */
        if (i % 3 == 0)
            must_commit(world, &journal);
    }
    expect_no_next(world, &journal);
    journal_close(&journal);
}

static void a_failed_task_is_replaced_and_a_done_one_is_not(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    must_add(world, &journal, failed_task(0, 0, "x"));
    must_add(world, &journal, failed_task(0, 1, "x"));
    must_add(world, &journal, done_task(0, 2, 10));
    must_add(world, &journal, done_task(0, 3, LARGE_BYTES));
    must_commit(world, &journal);
    for (int start = 0; start < 2; start++) {
        must_add(world, &journal, done_task(0, 0, 20));
        must_add(world, &journal, done_task(0, 1, LARGE_BYTES));
        must_add(world, &journal, failed_task(0, 2, "x"));
        struct journal_entry other = done_task(7, 7, LARGE_BYTES + 5);
        other.file = 0, other.offset = 3;
        must_add(world, &journal, other);
        must_commit(world, &journal);
        journal_close(&journal);
        must_open(world, &journal);
    }
    expect_next(world, &journal, done_task(0, 0, 20));
    expect_next(world, &journal, done_task(0, 1, LARGE_BYTES));
    expect_next(world, &journal, done_task(0, 2, 10));
    expect_next(world, &journal, done_task(0, 3, LARGE_BYTES));
    expect_no_next(world, &journal);
    journal_close(&journal);
}

static void a_task_with_other_bytes_is_refused(void **state)
{
    struct world *world = *state;
    char expected[PATH_MAX + 100];
    for (int done = 0; done < 2; done++) {
        struct journal journal;
        enum journal_state found;
        must_open(world, &journal);
        must_add(world, &journal, done ? done_task(4, 70, 1) : failed_task(4, 70, "x"));
        must_commit(world, &journal);
        journal_close(&journal);
        must_open(world, &journal);
        assert_true(journal_find(&journal, 4, 0, 1, &found, &world->fail));
        assert_false(journal_find(&journal, 4, 70, 1, &found, &world->fail));
        assert_int_equal(world->fail.code, FAIL_USAGE);
        snprintf(expected, sizeof expected,
                 "%s: the task at byte 70 of input 5 is not the one of the journal: the input has "
                 "changed",
                 path());
        assert_string_equal(world->fail.text, expected);
        world->fail = (struct fail){0};
        journal_close(&journal);
        assert_int_equal(unlink(path()), 0);
    }
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
        for (int same = 0; same < 3; same++) {
            if (!journal_open(&journal, path(), rows[i].there, &world->fail))
                fail_msg("%s", world->fail.text);
            journal_close(&journal);
        }
        assert_false(journal_open(&journal, path(), rows[i].here, &world->fail));
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
    assert_string_equal(asked("pragma user_version = 2"), "");
    expect_refused(world, path(), FAIL_USAGE,
                   "tasks.db: is of format 2, this program has format 1");
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
    assert_false(journal_open(&journal, too_long, run_text, &world->fail));
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
        bool ok = journal_open(&journal, names[i], run_text, &world->fail);
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
    if (journal_open(&journal, at, run_text, &failure))
        return 2;
    if (failure.code == FAIL_OUTPUT && strstr(failure.text, cause))
        return 0;
    fprintf(stderr, "%s\n", failure.text);
    return 3;
}

static int ended(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
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

/* Where a child that holds the journal says so to its parent. */
static volatile uint64_t *shared(void)
{
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    return memory;
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
            *ready = journal_open(&journal, path(), run_text, &world->fail) ? 1 : 2;
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
                bool got = journal_open(&journal, path(), run_text, &world->fail);
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
    bool ok = journal_open(&journal, path(), run_text, &failure);
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
    }
    assert_true(count > 0); /* or nothing was tried */
    munmap((void *)(uintptr_t)committed, 4096);
}

static void files_that_no_row_names_are_removed_and_no_others(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 5, LARGE_BYTES));
    must_add(world, &journal, done_task(0, 6, 5));
    must_commit(world, &journal);
    journal_close(&journal);
    static const struct {
        const char *name;
        bool stays;
    } rows[] = {
        {"0-5", true},   {"0-6", false},    {"0-7", false}, {"3-18446744073709551615", false},
        {"notes", true}, {"0-5.old", true}, {"00-7", true}, {"-1-1", true}};
    for (size_t i = 1; i < LEN(rows); i++) {
        char name[100];
        snprintf(name, sizeof name, "tasks.db.d/%s", rows[i].name);
        folder_put(name, "x", 1);
    }
    must_open(world, &journal);
    for (size_t i = 0; i < LEN(rows); i++) {
        char name[100];
        snprintf(name, sizeof name, "tasks.db.d/%s", rows[i].name);
        assert_int_equal(access(folder_path(name), F_OK), rows[i].stays ? 0 : -1);
    }
    folder_put("tasks.db.d/0-9", done_task(0, 9, MAX_BYTES).frames,
               MAX_BYTES); /* of a lost batch */
    must_add(world, &journal, done_task(0, 9, LARGE_BYTES));
    must_commit(world, &journal);
    journal_close(&journal);
    must_open(world, &journal);
    expect_next(world, &journal, done_task(0, 5, LARGE_BYTES));
    expect_next(world, &journal, done_task(0, 6, 5));
    expect_next(world, &journal, done_task(0, 9, LARGE_BYTES));
    journal_close(&journal);
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
    if (!journal_open(&journal, folder_path("elsewhere/real.db"), run_text, &world->fail))
        fail_msg("%s", world->fail.text);
    expect_next(world, &journal, done_task(0, 5, LARGE_BYTES));
    journal_close(&journal);
}

static void a_batch_that_fails_is_lost_and_the_next_one_is_not(void **state)
{
    struct world *world = *state;
    struct journal journal;
    must_open(world, &journal);
    folder_put("tasks.db.d", "in the way", 10);
    must_add(world, &journal, done_task(0, 0, 5));
    struct journal_entry large = done_task(0, 1, LARGE_BYTES);
    assert_false(journal_add(&journal, &large, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "tasks.db.d/0-1: Not a directory"));
    world->fail = (struct fail){0};
    must_commit(world, &journal);
    must_add(world, &journal, done_task(0, 2, 5));
    must_commit(world, &journal);
    journal_close(&journal);
    assert_int_equal(unlink(folder_path("tasks.db.d")), 0);
    must_open(world, &journal);
    expect_next(world, &journal, done_task(0, 2, 5));
    expect_no_next(world, &journal);
    journal_close(&journal);
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

static void it_is_time_to_commit_after_a_thousand_or_a_fifth_of_a_second(void **state)
{
    struct world *world = *state;
    struct journal journal;
    clock_ns = 5000000000;
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 0, 1));
    clock_ns += 100000000;
    must_add(world, &journal, done_task(0, 1, 1)); /* it is the first that counts */
    clock_ns += 99999999;
    assert_false(journal_due(&journal));
    clock_ns++;
    assert_true(journal_due(&journal));
    must_commit(world, &journal);
    assert_false(journal_due(&journal));
    clock_ns += 1000000000;
    assert_false(journal_due(&journal)); /* nothing waits */
    for (uint64_t i = 2; i < 1002; i++) {
        assert_false(journal_due(&journal));
        must_add(world, &journal, done_task(0, i, 1));
    }
    assert_true(journal_due(&journal));
    clock_ns = 0;
    journal_close(&journal);
}

static void people_read_it_with_the_shell(void **state)
{
    struct world *world = *state;
    struct journal journal;
    static char long_task[2 * JOURNAL_TASK_BYTES];
    memset(long_task, 't', sizeof long_task - 1);
    must_open(world, &journal);
    must_add(world, &journal, done_task(0, 4, 3));
    must_add(world, &journal, done_task(0, 8, LARGE_BYTES));
    must_add(world, &journal, failed_task(1, 0, "a task"));
    must_add(world, &journal, failed_task(1, 7, long_task));
    must_commit(world, &journal);
    journal_close(&journal);
    must_open(world, &journal);
    journal_close(&journal);
    assert_string_equal(asked("select state, count(*) from task group by state"),
                        "done|2\nfailed|2\n");
    assert_string_equal(asked("select * from run"),
                        "input|a.txt 1000 bytes\ninput|b.txt\ntask|squares\n");
    assert_string_equal(asked("select file, offset, tries, rank, host, seconds, result_bytes,"
                              " result_file, length(result) from task where state = 'done'"),
                        "0|4|2|4|lab01|0.5|3||3\n0|8|3|3|lab01|1.0|1048577|0-8|\n");
    assert_string_equal(asked("select reason, task, typeof(result) from task where offset = 0"),
                        "exit 3: no such number|a task|null\n");
    assert_string_equal(asked("select length(task) from task where offset = 7"), "4096\n");
    assert_string_equal(asked("select number, time > '2020' from start"), "1|1\n2|1\n");
    assert_string_equal(asked("pragma user_version; pragma journal_mode; pragma integrity_check"),
                        "1\nwal\nok\n");
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
    bool ok = journal_open(&journal, at, run_text, &world->fail);
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
        if (!journal_open(&journal, at, run_text, &world->fail))
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

/* While tasks of an earlier start are looked up and read, the log must not grow with each commit,
 * and SQLite must stay small. */
static void many_tasks_take_little_memory_and_a_short_log(void **state)
{
    struct world *world = *state;
    struct journal journal;
    struct stat log;
    struct timespec begun;
    off_t longest = 0;
    for (uint64_t start = 0; start < 2; start++) {
        must_open(world, &journal);
        clock_gettime(CLOCK_MONOTONIC, &begun);
        for (uint64_t i = 0; i < MANY; i++) {
            assert_int_equal(state_of(world, &journal, 0, 2 * i),
                             start ? JOURNAL_DONE : JOURNAL_MISSING);
            must_add(world, &journal, done_task(0, 2 * i + start, 60));
            if (!journal_due(&journal))
                continue;
            must_commit(world, &journal);
            if (stat(folder_path("tasks.db-wal"), &log) == 0 && log.st_size > longest)
                longest = log.st_size;
        }
        must_commit(world, &journal);
        print_message("# start %" PRIu64 ": %.0f tasks a second found and added\n", start,
                      MANY / seconds_since(begun));
        journal_close(&journal);
    }
    must_open(world, &journal);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    for (uint64_t i = 0; i < 2 * MANY; i++)
        assert_int_equal(state_of(world, &journal, 0, i), JOURNAL_DONE);
    print_message("# %.0f tasks a second found\n", 2 * MANY / seconds_since(begun));
    for (uint64_t i = 0; i < 2 * MANY; i++)
        expect_next(world, &journal, done_task(0, i, 60));
    expect_no_next(world, &journal);
    journal_close(&journal);
    print_message("# log of %jd bytes, SQLite took %lld at most\n", (intmax_t)longest,
                  (long long)sqlite3_memory_highwater(0));
    assert_int_equal(access(folder_path("tasks.db-wal"), F_OK),
                     -1); /* a run that ends leaves none */
    assert_true(longest > 0 && longest < 32 << 20);
    assert_true(sqlite3_memory_highwater(0) < 16 << 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(committed_tasks_come_back_in_order),
        folder_test(what_was_not_committed_is_lost),
        folder_test(nothing_to_commit_and_nothing_open_is_fine),
        folder_test(tasks_of_earlier_starts_are_known),
        folder_test(done_tasks_are_read_while_others_are_added),
        folder_test(a_failed_task_is_replaced_and_a_done_one_is_not),
        folder_test(a_task_with_other_bytes_is_refused),
        folder_test(the_journal_of_another_run_is_refused),
        folder_test(what_is_no_journal_is_refused_and_not_touched),
        folder_test(a_journal_of_another_format_is_refused),
        folder_test(what_cannot_be_opened_is_a_failure_that_names_it),
        folder_test(an_empty_file_becomes_a_journal),
        folder_test(names_with_a_meaning_for_sqlite_are_names_of_files),
        folder_test(a_journal_that_may_not_be_written_is_refused),
        folder_test(a_second_run_is_refused_at_once_and_until_the_first_has_ended),
        folder_test(of_two_that_begin_together_one_gets_it),
        folder_test(a_kill_at_any_moment_loses_nothing_that_was_committed),
        folder_test(files_that_no_row_names_are_removed_and_no_others),
        folder_test(a_link_to_a_journal_is_that_journal),
        folder_test(a_batch_that_fails_is_lost_and_the_next_one_is_not),
        folder_test(a_large_result_that_was_changed_is_a_failure),
        folder_test(a_damaged_journal_is_a_failure),
        folder_test(it_is_time_to_commit_after_a_thousand_or_a_fifth_of_a_second),
        folder_test(people_read_it_with_the_shell),
        folder_test(many_tasks_take_little_memory_and_a_short_log),
        folder_test(a_full_disk_loses_nothing_that_was_committed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
