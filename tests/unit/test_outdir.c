/* SPDX-License-Identifier: BSD-3-Clause */
/* A folder is there whole or not at all. */
#include "output/outdir.h"

#include "slow.h"
#include "world_in_folder.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

enum { FILES = 40 };

/* Names in a folder but for . and .. */
static int entries(const char *path)
{
    int count = 0;
    DIR *folder = opendir(path);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return count;
}

static mode_t mode_of(const char *path)
{
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

static void create(struct world *world, struct outdir *outdir, const char *path)
{
    if (!outdir_create(outdir, path, &world->fail))
        fail_msg("%s", world->fail.text);
}

static bool write_files(const struct outdir *outdir)
{
    bool ok = true;
    for (int i = 1; ok && i <= FILES; i++) {
        char name[16];
        sprintf(name, "%d", i);
        int fd = openat(outdir->fd, name, O_WRONLY | O_CREAT | O_EXCL, 0666);
        ok = fd >= 0 && write(fd, name, strlen(name)) == (ssize_t)strlen(name);
        close(fd);
    }
    return ok;
}

static void fill(struct world *world, struct outdir *outdir, const char *path)
{
    create(world, outdir, path);
    assert_true(write_files(outdir));
    assert_true(outdir_sync(outdir, &world->fail));
}

static void commit(struct world *world, struct outdir *outdir)
{
    if (!outdir_commit(outdir, &world->fail))
        fail_msg("%s", world->fail.text);
    outdir_close(outdir);
    outdir_close(outdir);
}

static void a_folder_appears_when_it_is_committed_and_not_before(void **state)
{
    struct world *world = *state;
    struct outdir outdir;
    static const mode_t masks[] = {022, 077, 0};
    for (size_t i = 0; i < LEN(masks); i++) {
        char name[16];
        sprintf(name, "out%zu", i);
        mode_t before = umask(masks[i]);
        fill(world, &outdir, folder_path(name));
        umask(before);
        assert_int_equal(access(folder_path(name), F_OK), -1);
        assert_int_equal(mode_of(outdir.folder), 0700); /* nobody else reads it half-written */
        commit(world, &outdir);
        assert_int_equal(entries(folder_path(name)), FILES);
        assert_int_equal(mode_of(folder_path(name)), 0777 & ~masks[i]);
        assert_int_equal(entries(folder_name), i + 1);
    }
}

static void a_folder_given_up_leaves_nothing(void **state)
{
    struct world *world = *state;
    struct outdir outdir = {0};
    outdir_close(&outdir);
    fill(world, &outdir, folder_path("out"));
    outdir_close(&outdir);
    outdir_close(&outdir);
    assert_int_equal(entries(folder_name), 0);
}

static void an_empty_folder_is_replaced_and_its_mode_kept(void **state)
{
    struct world *world = *state;
    struct outdir outdir;
    assert_int_equal(mkdir(folder_path("out"), 0777), 0);
    assert_int_equal(chmod(folder_path("out"), 0750), 0);
    assert_int_equal(symlink("out", folder_path("link")), 0);
    fill(world, &outdir, folder_path("link"));
    assert_int_equal(entries(folder_path("out")), 0);
    commit(world, &outdir);
    assert_int_equal(entries(folder_path("out")), FILES);
    assert_int_equal(mode_of(folder_path("out")), 0750);
    assert_int_equal(entries(folder_name), 2);
}

static void names_with_a_slash_at_the_end_are_the_same(void **state)
{
    struct world *world = *state;
    struct outdir outdir;
    fill(world, &outdir, folder_path("out/"));
    commit(world, &outdir);
    assert_int_equal(entries(folder_path("out")), FILES);
    assert_int_equal(entries(folder_name), 1);
}

static void what_cannot_be_created_is_a_failure_that_names_it(void **state)
{
    struct world *world = *state;
    static char too_long[2 * PATH_MAX];
    memset(too_long, 'n', sizeof too_long - 1);
    folder_put("file", "", 0);
    assert_int_equal(mkdir(folder_path("full"), 0777), 0);
    folder_put("full/.hidden", "", 0);
    const struct {
        const char *path, *cause;
    } rows[] = {
        {folder_path("file"), "file: Not a directory"},
        {folder_path("file/out"), "file/out: Not a directory"},
        {folder_path("nowhere/out"), "nowhere/out: No such file or directory"},
        {folder_path("full"), "full: is not empty"},
        {"/proc", "/proc: is not empty"},
        {"/dev/null", "/dev/null: Not a directory"},
        {too_long, "nnn"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct outdir outdir;
        world->fail = (struct fail){0};
        assert_false(outdir_create(&outdir, rows[i].path, &world->fail));
        assert_int_equal(world->fail.code, FAIL_OUTPUT);
        assert_non_null(strstr(world->fail.text, rows[i].cause));
        outdir_close(&outdir);
    }
    assert_int_equal(entries(folder_name), 2);
}

/* Somebody else was faster: what is there stays. */
static void a_name_taken_meanwhile_is_not_overwritten(void **state)
{
    struct world *world = *state;
    struct outdir outdir;
    fill(world, &outdir, folder_path("out"));
    assert_int_equal(mkdir(folder_path("out"), 0777), 0);
    folder_put("out/theirs", "", 0);
    assert_false(outdir_commit(&outdir, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    outdir_close(&outdir);
    assert_int_equal(entries(folder_path("out")), 1);
    assert_int_equal(entries(folder_name), 1);
}

static void a_second_writer_is_refused_until_the_first_is_done(void **state)
{
    struct world *world = *state;
    struct outdir first, second;
    fill(world, &first, folder_path("out"));
    assert_false(outdir_create(&second, folder_path("out"), &world->fail));
    assert_non_null(strstr(world->fail.text, "another run is writing it"));
    outdir_close(&second);
    assert_int_equal(entries(folder_name), 2); /* of the first: the lock and the folder */
    outdir_close(&first);
    world->fail = (struct fail){0};
    fill(world, &second, folder_path("out"));
    commit(world, &second);
    assert_int_equal(entries(folder_name), 1);
}

static void what_a_killed_run_left_is_removed(void **state)
{
    struct world *world = *state;
    struct outdir outdir;
    assert_int_equal(mkdir(folder_path(".out.wc-abc012.d"), 0700), 0);
    folder_put(".out.wc-abc012.d/1", "half a resu", 11);
    folder_put(".out.wc-abc012.d/2", "", 0);
    folder_put(".out.wc-abc012", "", 0);
    folder_put(".out.wc-def345", "", 0);                             /* killed before its folder */
    assert_int_equal(mkdir(folder_path(".out.wc-file.d"), 0700), 0); /* of the user, stays */
    create(world, &outdir, folder_path("out"));
    assert_int_equal(access(folder_path(".out.wc-abc012"), F_OK), -1);
    assert_int_equal(access(folder_path(".out.wc-abc012.d"), F_OK), -1);
    assert_int_equal(access(folder_path(".out.wc-def345"), F_OK), -1);
    outdir_close(&outdir);
    assert_int_equal(entries(folder_name), 1);
}

static void a_signal_removes_the_temporary_folder_but_no_result(void **state)
{
    struct world *world = *state;
    static const int numbers[] = {SIGINT, SIGTERM, SIGKILL};
    for (size_t i = 0; i < 2 * LEN(numbers); i++) {
        int status, number = numbers[i / 2];
        char name[16];
        sprintf(name, "out%zu", i);
        fflush(NULL);
        pid_t child = fork();
        if (child == 0) {
            struct outdir outdir;
            if (!outdir_create(&outdir, folder_path(name), &world->fail) || !write_files(&outdir)
                || (i % 2 && !outdir_commit(&outdir, &world->fail)))
                _exit(1);
            signal(number, SIG_DFL); /* in the background or under nohup some are ignored */
            raise(number);
            _exit(2);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == number);
        int results = (int)(i + 1) / 2;
        for (unsigned tries = 0; entries(folder_name) > results && tries < 200 * slow(); tries++)
            usleep(25000); /* the cleaner needs a moment */
        assert_int_equal(entries(folder_name), results);
        if (i % 2)
            assert_int_equal(entries(folder_path(name)), FILES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_folder_appears_when_it_is_committed_and_not_before),
        folder_test(a_folder_given_up_leaves_nothing),
        folder_test(an_empty_folder_is_replaced_and_its_mode_kept),
        folder_test(names_with_a_slash_at_the_end_are_the_same),
        folder_test(what_cannot_be_created_is_a_failure_that_names_it),
        folder_test(a_name_taken_meanwhile_is_not_overwritten),
        folder_test(a_second_writer_is_refused_until_the_first_is_done),
        folder_test(what_a_killed_run_left_is_removed),
        folder_test(a_signal_removes_the_temporary_folder_but_no_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
