/* SPDX-License-Identifier: BSD-3-Clause */
/* Which folders are taken for scratch, and how much of them. */
#include "host/scratch_space.h"

#include "world_in_folder.h"

#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

static bool in_memory(const char *folder)
{
    struct statfs about;
    return statfs(folder, &about) == 0 && about.f_type == TMPFS_MAGIC;
}

static void need_disk(void)
{
    if (in_memory(folder_name))
        skip();
}

static void without_temporary(void)
{
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

static void of_a_list_those_are_taken_that_will_do(void **state)
{
    struct world *world = *state;
    struct scratch_space space;
    char list[3 * PATH_MAX];
    need_disk();
    folder_put("file", "", 0);
    snprintf(list, sizeof list, ",%s/none,%s/file,%s,", folder_name, folder_name, folder_name);
    assert_true(scratch_space_init(&space, list, 0, 1, &world->fail));
    assert_int_equal(space.len, 1);
    assert_string_equal(space.folders[0], folder_name);
    snprintf(list, sizeof list, "%s/file,%s/none", folder_name, folder_name);
    assert_false(scratch_space_init(&space, list, 0, 1, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "--scratch: "));
    assert_non_null(strstr(world->fail.text, "/none: No such file or directory"));
}

static void what_lies_in_memory_is_refused(void **state)
{
    struct world *world = *state;
    struct scratch_space space;
    if (!in_memory("/dev/shm"))
        skip();
    assert_false(scratch_space_init(&space, "/dev/shm", 0, 1, &world->fail));
    assert_non_null(strstr(world->fail.text, "--scratch: /dev/shm: lies in memory"));
}

static void without_a_list_it_is_what_the_environment_names(void **state)
{
    struct world *world = *state;
    struct scratch_space space;
    need_disk();
    without_temporary();
    assert_true(scratch_space_init(&space, NULL, 0, 1, &world->fail));
    assert_int_equal(space.len, 0);
    assert_int_equal(setenv("TMPDIR", folder_name, 1), 0);
    assert_true(scratch_space_init(&space, NULL, 0, 1, &world->fail));
    assert_int_equal(space.len, 1);
    assert_int_equal(setenv("TMPDIR", "/none", 1), 0);
    assert_true(scratch_space_init(&space, NULL, 0, 1, &world->fail));
    assert_int_equal(space.len, 0);
    without_temporary();
}

static void ranks_share_the_limit(void **state)
{
    struct world *world = *state;
    struct scratch_space space;
    size_t order[SCRATCH_SPACE_FOLDERS];
    need_disk();
    assert_true(scratch_space_init(&space, folder_name, 1000, 4, &world->fail));
    assert_int_equal(space.limit_bytes, 250);
    assert_int_equal(scratch_space_order(&space, 250, order), 1);
    scratch_space_took(&space, 200);
    assert_int_equal(scratch_space_order(&space, 51, order), 0);
    scratch_space_gave(&space, 200);
    assert_int_equal(scratch_space_order(&space, 51, order), 1);
    scratch_space_took(&space, 100);
    assert_int_equal(space.peak_bytes, 200);
    assert_int_equal(space.written_bytes, 300);
    assert_true(scratch_space_init(&space, folder_name, 0, 2, &world->fail));
    const uint64_t free_bytes = scratch_space_free(&space);
    assert_in_range(space.limit_bytes, free_bytes / 100 * 40, free_bytes / 100 * 50);
}

/* Two folders of one disk have its space once. */
static void a_disk_is_not_counted_twice(void **state)
{
    struct world *world = *state;
    struct scratch_space one, two;
    char list[2 * PATH_MAX];
    need_disk();
    assert_int_equal(mkdir(folder_path("other"), 0777), 0);
    snprintf(list, sizeof list, "%s,%s/other", folder_name, folder_name);
    assert_true(scratch_space_init(&one, folder_name, 0, 1, &world->fail));
    assert_true(scratch_space_init(&two, list, 0, 1, &world->fail));
    assert_int_equal(two.len, 2);
    assert_true(scratch_space_free(&two) < scratch_space_free(&one) * 3 / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(of_a_list_those_are_taken_that_will_do),
        folder_test(what_lies_in_memory_is_refused),
        folder_test(without_a_list_it_is_what_the_environment_names),
        folder_test(ranks_share_the_limit),
        folder_test(a_disk_is_not_counted_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
