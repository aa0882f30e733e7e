/* SPDX-License-Identifier: BSD-3-Clause */
/* A file of a folder: whole, or an error that names it. */
#include "output/outdir_file.h"

#include "world_in_folder.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

static struct outdir open_folder(void)
{
    struct outdir outdir = {.fd = open(folder_name, O_RDONLY | O_DIRECTORY)};
    snprintf(outdir.name, sizeof outdir.name, "results");
    assert_true(outdir.fd >= 0);
    return outdir;
}

static void expect(const char *name, const char *bytes, size_t len)
{
    size_t got;
    uint8_t *there = folder_get(folder_path(name), &got);
    assert_non_null(there);
    assert_int_equal(got, len);
    assert_memory_equal(there, bytes, len);
    free(there);
}

static void what_was_added_is_there(void **state)
{
    struct world *world = *state;
    struct outdir outdir = open_folder();
    struct outdir_file file;
    assert_true(outdir_file_open(&file, &outdir, "1", &world->fail));
    assert_true(outdir_file_add(&file, "a\0b", 3, &world->fail));
    assert_true(outdir_file_add(&file, "", 0, &world->fail));
    assert_true(outdir_file_add(&file, "\n\n", 2, &world->fail));
    assert_int_equal(file.bytes, 5);
    assert_true(outdir_file_close(&file, &world->fail));
    assert_true(outdir_file_close(&file, &world->fail));
    expect("1", "a\0b\n\n", 5);
    assert_true(outdir_file_open(&file, &outdir, "2", &world->fail));
    assert_true(outdir_file_close(&file, &world->fail));
    expect("2", "", 0);
    outdir_file_free(&file);
    close(outdir.fd);
}

static void a_file_that_is_there_stays(void **state)
{
    struct world *world = *state;
    struct outdir outdir = open_folder();
    struct outdir_file file;
    folder_put("1", "old", 3);
    assert_false(outdir_file_open(&file, &outdir, "1", &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_string_equal(world->fail.text, "results/1: File exists");
    outdir_file_free(&file);
    expect("1", "old", 3);
    close(outdir.fd);
}

/* A limit for the size of files does what a full disk does. */
static void a_full_disk_is_said(void **state)
{
    struct world *world = *state;
    struct outdir outdir = open_folder();
    struct outdir_file file;
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){100, before.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_true(outdir_file_open(&file, &outdir, "1", &world->fail));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    const bool ok = outdir_file_add(&file, (char[200]){0}, 200, &world->fail)
                 && outdir_file_close(&file, &world->fail);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_false(ok);
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "results/1: "));
    assert_non_null(strstr(world->fail.text, strerror(EFBIG)));
    outdir_file_free(&file);
    close(outdir.fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_was_added_is_there),
        folder_test(a_file_that_is_there_stays),
        folder_test(a_full_disk_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
