/* SPDX-License-Identifier: BSD-3-Clause */
/* journaled: a journal in the folder of a test, tasks to put into it, and what must come out. */
#ifndef JOURNALED_H
#define JOURNALED_H

#include "store/journal.h"

#include "slow.h"
#include "world_in_folder.h"

#include <inttypes.h>
#include <sys/mman.h>
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

static const struct manifest run = {
    .command = "", .fixed = "input=a.txt 1000 bytes\ninput=b.txt\ntask=squares\n", .inputs = ""};

/* The path of the journal, which a journal borrows. */
static inline const char *path(void)
{
    static char text[PATH_MAX];
    snprintf(text, sizeof text, "%s/tasks.db", folder_name);
    return text;
}

static inline void must_open(struct world *world, struct journal *journal)
{
    if (!journal_open(journal, path(), &run, &world->fail))
        fail_msg("%s", world->fail.text);
}

static inline void must_commit(struct world *world, struct journal *journal)
{
    if (!journal_commit(journal, &world->fail))
        fail_msg("%s", world->fail.text);
}

static inline uint64_t digest_of(uint64_t file, uint64_t offset)
{
    return (file + 1) * 0x9e3779b97f4a7c15u ^ offset << 7; /* also above 2^63 */
}

/* A task that is done, with frames that follow from its identity; good until the next call. */
static inline struct journal_entry done_task(uint64_t file, uint64_t offset, size_t len)
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

static inline struct journal_entry failed_task(uint64_t file, uint64_t offset, const char *task)
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

static inline void must_add(struct world *world, struct journal *journal,
                            struct journal_entry entry)
{
    if (!journal_add(journal, &entry, &world->fail))
        fail_msg("%s", world->fail.text);
}

static inline void expect_entry(const struct journal_entry *got, struct journal_entry expected)
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

static inline void expect_next(struct world *world, struct journal *journal,
                               struct journal_entry expected)
{
    struct journal_entry entry;
    bool found;
    if (!journal_next_done(journal, &entry, &found, &world->fail))
        fail_msg("%s", world->fail.text);
    assert_true(found);
    expect_entry(&entry, expected);
}

static inline void expect_no_next(struct world *world, struct journal *journal)
{
    struct journal_entry entry;
    bool found = true;
    for (int i = 0; i < 2; i++) {
        assert_true(journal_next_done(journal, &entry, &found, &world->fail));
        assert_false(found);
    }
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

static inline double seconds_since(struct timespec begun)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - begun.tv_sec) + (double)(now.tv_nsec - begun.tv_nsec) / 1e9;
}

/* What a command says: its first bytes. */
static inline const char *said(const char *command)
{
    static char text[4096];
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    text[fread(text, 1, sizeof text - 1, pipe)] = '\0';
    pclose(pipe);
    return text;
}

static inline const char *asked(const char *sql)
{
    char command[2 * PATH_MAX];
    snprintf(command, sizeof command, "sqlite3 '%s' \"%s\" 2>&1", path(), sql);
    return said(command);
}

static inline int ended(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

/* Where a child that holds the journal says so to its parent. */
static inline volatile uint64_t *shared(void)
{
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    return memory;
}

#endif
