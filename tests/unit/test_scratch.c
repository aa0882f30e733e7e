/* SPDX-License-Identifier: BSD-3-Clause */
/* Scratch files: where they are made, that they have no name, and what is said of a full disk. */
#include "host/scratch.h"

#include "world_in_folder.h"

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

static int names_in_folder(void)
{
    int names = -2; /* but for . and .. */
    DIR *folder = opendir(folder_name);
    assert_non_null(folder);
    while (readdir(folder))
        names++;
    closedir(folder);
    return names;
}

static void what_was_written_is_read(void **state)
{
    struct world *world = *state;
    struct scratch scratch = {.fd = -1};
    char bytes[4];
    assert_true(scratch_open(&scratch, folder_name, NULL, &world->fail));
    assert_int_equal(names_in_folder(), 0);
    assert_true(scratch_write(&scratch, "abcd", 4, 100000, &world->fail));
    assert_true(scratch_write(&scratch, "xy", 2, 100001, &world->fail));
    assert_true(scratch_read(&scratch, bytes, 4, 100000, &world->fail));
    assert_memory_equal(bytes, "axyd", 4);
    scratch_forget(&scratch, 0, 65536);
    assert_true(scratch_read(&scratch, bytes, 4, 100000, &world->fail));
    assert_memory_equal(bytes, "axyd", 4);
    scratch_empty(&scratch);
    assert_false(scratch_read(&scratch, bytes, 4, 100000, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    scratch_close(&scratch);
    scratch_close(&scratch);
}

static void the_first_folder_that_takes_one_is_used(void **state)
{
    struct world *world = *state;
    struct scratch scratch = {.fd = -1};
    char list[2 * PATH_MAX];
    snprintf(list, sizeof list, "%s/none,,%s", folder_name, folder_name);
    assert_true(scratch_open(&scratch, list, "/", &world->fail));
    assert_string_equal(scratch.folder, folder_name);
    scratch_close(&scratch);
    snprintf(list, sizeof list, "%s/none", folder_name);
    assert_false(scratch_open(&scratch, list, folder_name, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "/none: a scratch file: No such file or directory"));
    assert_non_null(strstr(world->fail.text, "--scratch"));
}

static void without_a_list_the_environment_is_asked(void **state)
{
    struct world *world = *state;
    struct scratch scratch = {.fd = -1};
    const char *before = getenv("TMPDIR");
    char *kept = before ? strdup(before) : NULL;
    unsetenv("TMPDIR");
    assert_true(scratch_open(&scratch, NULL, folder_name, &world->fail));
    assert_string_equal(scratch.folder, folder_name);
    scratch_close(&scratch);
    setenv("TMPDIR", folder_name, 1);
    assert_true(scratch_open(&scratch, NULL, "/none", &world->fail));
    assert_string_equal(scratch.folder, folder_name);
    scratch_close(&scratch);
    unsetenv("TMPDIR");
    if (kept)
        setenv("TMPDIR", kept, 1);
    free(kept);
}

/* A limit for the size of files does what a full disk does. */
static void a_full_disk_is_said(void **state)
{
    struct world *world = *state;
    struct scratch scratch = {.fd = -1};
    struct rlimit before, small = {4096, RLIM_INFINITY};
    static const char bytes[8192];
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    assert_true(scratch_open(&scratch, folder_name, NULL, &world->fail));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_false(scratch_write(&scratch, bytes, sizeof bytes, 0, &world->fail));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, folder_name));
    assert_non_null(strstr(world->fail.text, strerror(EFBIG)));
    assert_non_null(strstr(world->fail.text, "--scratch"));
    scratch_close(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_was_written_is_read),
        folder_test(the_first_folder_that_takes_one_is_used),
        folder_test(without_a_list_the_environment_is_asked),
        folder_test(a_full_disk_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
