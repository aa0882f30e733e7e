/* SPDX-License-Identifier: BSD-3-Clause */
/* What has changed in a journal since it was written is never believed. */
#include "store/journal.h"

#include "journaled.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { TASKS = 40, FRAMES_BYTES = 100, HARMS = 300, HARMS_LONG = 10000 };

static void make_journal(struct world *world)
{
    struct journal journal;
    must_open(world, &journal);
    for (uint64_t i = 0; i < TASKS; i++)
        must_add(world, &journal, done_task(0, 10 * i, FRAMES_BYTES));
    must_add(world, &journal, done_task(1, 0, LARGE_BYTES));
    must_commit(world, &journal);
    journal_close(&journal);
}

/* Whether what there is of the tasks is as it was written; of those that are not there any more,
 * nothing is said. Where it is not, a failure must say so. */
static bool read_journal(struct world *world)
{
    struct journal journal;
    struct journal_entry entry;
    bool found = true, ok = journal_open(&journal, path(), &run, &world->fail);
    while (ok && found) {
        ok = journal_next_done(&journal, &entry, &found, &world->fail);
        if (!ok || !found)
            continue;
        const bool large = entry.file == 1;
        assert_true(large ? entry.offset == 0 : entry.offset % 10 == 0);
        const struct journal_entry due =
            done_task(entry.file, entry.offset, large ? LARGE_BYTES : FRAMES_BYTES);
        assert_true(entry.digest == due.digest && entry.frames_len == due.frames_len);
        assert_memory_equal(entry.frames, due.frames, due.frames_len);
    }
    journal_close(&journal);
    assert_true(ok == (world->fail.code == FAIL_NONE));
    return ok;
}

/* Changes one bit of a file; doing so again mends it. */
static void flip(const char *name, off_t at, int bit)
{
    uint8_t byte;
    int fd = open(name, O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= (uint8_t)(1 << bit);
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

/* A copy of what was made, as a run leaves more in it when it opens it. */
static void copy_journal(const char *from, const char *to)
{
    char command[3 * PATH_MAX];
    snprintf(command, sizeof command, "rm -f '%s'-*; cp '%s' '%s'", path(), from, to);
    assert_string_equal(said(command), "");
}

static void a_changed_bit_of_the_database_is_never_believed(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    struct stat status;
    char made[PATH_MAX + 8];
    const int harms = getenv("WC_TEST_LONG") ? HARMS_LONG : HARMS;
    int noticed = 0;
    make_journal(world);
    snprintf(made, sizeof made, "%s.made", path());
    copy_journal(path(), made);
    assert_int_equal(stat(made, &status), 0);
    for (int i = 0; i < harms; i++) {
        copy_journal(made, path());
        flip(path(), (off_t)seeded_below(&seeded, (size_t)status.st_size),
             (int)seeded_below(&seeded, 8));
        noticed += !read_journal(world);
        world->fail = (struct fail){0};
    }
    assert_true(noticed > harms / 10);
}

static void a_changed_bit_of_a_large_result_is_never_believed(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    char name[PATH_MAX + 16];
    make_journal(world);
    snprintf(name, sizeof name, "%s.d/1-0", path());
    for (int i = 0; i < 20; i++) {
        const off_t at = (off_t)seeded_below(&seeded, LARGE_BYTES);
        const int bit = (int)seeded_below(&seeded, 8);
        flip(name, at, bit);
        assert_false(read_journal(world));
        assert_int_equal(world->fail.code, FAIL_INPUT);
        assert_non_null(strstr(world->fail.text,
                               "tasks.db: is damaged: what the task at byte 0 of input 2 left"));
        world->fail = (struct fail){0};
        flip(name, at, bit);
        assert_true(read_journal(world));
    }
}

/* As somebody may do it who means well. */
static void what_was_edited_is_never_believed(void **state)
{
    static const char *const edits[] = {
        "update task set offset = 50 where offset = 10",
        "update task set file = 2 where offset = 20",
        "update task set digest = digest + 1 where offset = 20",
        "update task set start = 0 where offset = 20",
        "update task set result = zeroblob(100) where offset = 20",
        "update task set result = '', result_bytes = 0 where offset = 20",
        "update task set result = null, result_bytes = 0 where offset = 20",
        "update task set sum = null where offset = 20",
        "update task set result = (select result from task where offset = 30) where offset = 20",
    };
    struct world *world = *state;
    for (size_t i = 0; i < LEN(edits); i++) {
        char sql[300];
        journal_remove(path());
        make_journal(world);
        snprintf(sql, sizeof sql, "delete from task where offset = 50; %s", edits[i]);
        assert_string_equal(asked(sql), "");
        assert_false(read_journal(world));
        assert_int_equal(world->fail.code, FAIL_INPUT);
        assert_non_null(strstr(world->fail.text, "is not as it was written"));
        world->fail = (struct fail){0};
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_changed_bit_of_the_database_is_never_believed),
        folder_test(a_changed_bit_of_a_large_result_is_never_believed),
        folder_test(what_was_edited_is_never_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
