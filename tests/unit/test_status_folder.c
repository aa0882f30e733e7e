/* SPDX-License-Identifier: BSD-3-Clause */
/* The folder that shows a run. */
#include "output/status_folder.h"

#include "slow.h"
#include "told.h"
#include "world_in_folder.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static struct told told;

static const char *const names[] = {"status.html", "mpiwc.prom", "status.json", "status.txt"};

static void make(void)
{
    told_make(&told);
    told.snapshot.begun_ns = 1000000000;
    told.snapshot.now_ns = 2000000000;
    told.snapshot.share = told.snapshot.left_s = -1;
}

static const char *path_of(const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "status/%s", name);
    return folder_path(path);
}

/* Whether a file of the folder has this text in it. */
static bool says(const char *name, const char *text)
{
    size_t len = 0;
    char *bytes = (char *)folder_get(path_of(name), &len);
    const bool found = bytes && memmem(bytes, len, text, strlen(text));
    free(bytes);
    return found;
}

static int files(void)
{
    int len = 0;
    DIR *entries = opendir(folder_path("status"));
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        len += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (entries)
        closedir(entries);
    return len;
}

static void all_files_are_written_and_nothing_else_is_left(void **state)
{
    struct world *world = *state;
    struct status_folder folder;
    make();
    assert_int_equal(status_folder_open(&folder, folder_path("status"), &world->fail),
                     STATUS_FOLDER_OPEN);
    assert_true(status_folder_write(&folder, &told.snapshot, &world->fail));
    assert_true(says("status.txt", "\nrunning for 1.000 s: map\n"));
    assert_true(says("status.json", "\n  \"state\": \"running\",\n"));
    assert_true(says("mpiwc.prom", "mpiwc_state{state=\"running\"} 1\n"));
    assert_true(says("status.html", "</html>"));
    assert_int_equal(files(), (int)LEN(names) + 1);
    told.snapshot.state = SNAPSHOT_DONE;
    assert_true(status_folder_write(&folder, &told.snapshot, &world->fail));
    status_folder_close(&folder);
    status_folder_close(&folder);
    assert_true(says("status.txt", "\ndone in 1.000 s\n"));
    assert_int_equal(files(), (int)LEN(names));
}

static void a_second_run_is_refused_and_a_later_one_is_not(void **state)
{
    struct world *world = *state;
    struct status_folder first, second;
    const char *path = folder_path("status");
    assert_int_equal(status_folder_open(&first, path, &world->fail), STATUS_FOLDER_OPEN);
    assert_int_equal(status_folder_open(&second, path, &world->fail), STATUS_FOLDER_TAKEN);
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "/status: another run"));
    status_folder_close(&second);
    world->fail = (struct fail){0};
    status_folder_close(&first);
    assert_int_equal(status_folder_open(&second, path, &world->fail), STATUS_FOLDER_OPEN);
    status_folder_close(&second);
}

static void what_is_no_folder_cannot_be_used(void **state)
{
    struct world *world = *state;
    struct status_folder folder;
    folder_put("file", "", 0);
    assert_int_equal(status_folder_open(&folder, folder_path("file"), &world->fail),
                     STATUS_FOLDER_UNUSABLE);
    assert_non_null(strstr(world->fail.text, "/file: Not a directory"));
    assert_int_equal(folder.fd, -1);
    world->fail = (struct fail){0};
    assert_int_equal(status_folder_open(&folder, folder_path("no/folder"), &world->fail),
                     STATUS_FOLDER_UNUSABLE);
    assert_non_null(strstr(world->fail.text, "/no/folder: No such file"));
    status_folder_close(&folder);
}

static void where_one_file_cannot_be_written_the_others_are(void **state)
{
    struct world *world = *state;
    struct status_folder folder;
    make();
    assert_int_equal(mkdir(folder_path("status"), 0777), 0);
    assert_int_equal(mkdir(path_of("mpiwc.prom"), 0777), 0);
    assert_int_equal(status_folder_open(&folder, folder_path("status"), &world->fail),
                     STATUS_FOLDER_OPEN);
    assert_false(status_folder_write(&folder, &told.snapshot, &world->fail));
    assert_non_null(strstr(world->fail.text, "mpiwc.prom: "));
    assert_true(says("status.txt", "\nrunning "));
    status_folder_close(&folder);
    assert_int_equal(files(), (int)LEN(names));
}

/* In a process of its own: exits with 1 when a file is missing, or its end is. */
static pid_t read_always(void)
{
    static const char *const ends[] = {"</html>\n", "seconds 2\n", "\n}\n", " UTC\n"};
    pid_t child = fork();
    for (size_t i = 0; child == 0; i = (i + 1) % LEN(names)) {
        size_t len = 0, end_len = strlen(ends[i]);
        char *bytes = (char *)folder_get(path_of(names[i]), &len);
        if (!bytes || len < end_len || memcmp(bytes + len - end_len, ends[i], end_len) != 0)
            _exit(1);
        free(bytes);
    }
    return child;
}

static void who_reads_finds_whole_files_at_any_moment(void **state)
{
    struct world *world = *state;
    struct status_folder folder;
    int status;
    make();
    assert_int_equal(status_folder_open(&folder, folder_path("status"), &world->fail),
                     STATUS_FOLDER_OPEN);
    assert_true(status_folder_write(&folder, &told.snapshot, &world->fail));
    const pid_t reader = read_always();
    assert_true(reader > 0);
    for (int i = 0; i < 1000; i++)
        assert_true(status_folder_write(&folder, &told.snapshot, &world->fail));
    kill(reader, SIGKILL);
    assert_int_equal(waitpid(reader, &status, 0), reader);
    assert_true(WIFSIGNALED(status));
    status_folder_close(&folder);
}

/* In a process that then ends without closing the folder. */
static void write_and_die(enum snapshot_state how)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct status_folder folder;
        struct fail fail = {0};
        told.snapshot.state = how;
        if (status_folder_open(&folder, folder_path("status"), &fail) != STATUS_FOLDER_OPEN
            || !status_folder_write(&folder, &told.snapshot, &fail))
            _exit(1);
        raise(SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* For the cleaner, which removes the lock last. */
static void wait_for_last_words(void)
{
    for (unsigned i = 0; i < 200 * slow() && files() != (int)LEN(names); i++)
        usleep(50000);
    assert_int_equal(files(), (int)LEN(names));
}

static void a_run_that_is_killed_is_lost(void **state)
{
    (void)state;
    make();
    told.snapshot.output = "\"state\": \"running\",\n  \"state\": \"running\",";
    write_and_die(SNAPSHOT_RUNS);
    wait_for_last_words();
    assert_true(says("status.txt", "\nlost: ended without a word at 20"));
    assert_false(says("status.txt", "\nrunning"));
    assert_true(says("status.json",
                     "\n  \"state\": \"lost\",\n  \"failure\": \"ended without a "
                     "word at 20"));
    assert_true(says("status.json", "\"\\\"state\\\": \\\"running\\\",\\n"));
    assert_true(says("mpiwc.prom", "{state=\"running\"} 0\n"));
    assert_true(says("mpiwc.prom", "{state=\"lost\"} 1\n"));
    assert_true(says("status.html", "<!-- end of state -->") == false);
    assert_true(says("status.html", ">ended without a word at 20"));
    assert_false(says("status.html", "refresh"));
    assert_true(says("status.html", "</html>"));
}

static void a_run_that_had_ended_before_it_was_killed_is_not(void **state)
{
    (void)state;
    make();
    write_and_die(SNAPSHOT_DONE);
    wait_for_last_words();
    assert_true(says("status.txt", "\ndone in "));
    assert_true(says("status.json", "\n  \"state\": \"done\",\n"));
    assert_true(says("mpiwc.prom", "{state=\"done\"} 1\n"));
    for (size_t i = 0; i < LEN(names); i++)
        assert_false(says(names[i], "without a word"));
}

/* The next run does not find its files overwritten by the last words of the one before. */
static void a_run_that_follows_waits_for_the_last_words(void **state)
{
    struct world *world = *state;
    make();
    for (int i = 0; i < 10; i++) {
        struct status_folder folder;
        write_and_die(SNAPSHOT_RUNS);
        assert_int_equal(status_folder_open(&folder, folder_path("status"), &world->fail),
                         STATUS_FOLDER_OPEN);
        assert_true(says("status.txt", "\nlost: "));
        status_folder_close(&folder);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(all_files_are_written_and_nothing_else_is_left),
        folder_test(a_second_run_is_refused_and_a_later_one_is_not),
        folder_test(what_is_no_folder_cannot_be_used),
        folder_test(where_one_file_cannot_be_written_the_others_are),
        folder_test(who_reads_finds_whole_files_at_any_moment),
        folder_test(a_run_that_is_killed_is_lost),
        folder_test(a_run_that_had_ended_before_it_was_killed_is_not),
        folder_test(a_run_that_follows_waits_for_the_last_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
