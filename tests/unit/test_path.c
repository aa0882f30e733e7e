/* SPDX-License-Identifier: BSD-3-Clause */
/* What a name of a file stands for. */
#include "host/path.h"

#include "world_in_folder.h"

static void a_path_is_a_folder_and_a_name(void **state)
{
    (void)state;
    char folder[PATH_MAX], base[PATH_MAX];
    const struct {
        const char *path, *folder, *base;
    } rows[] = {{"a", ".", "a"}, {"a/b", "a", "b"}, {"/a", "/", "a"}, {"a/b/", "a", "b"}};
    for (size_t i = 0; i < LEN(rows); i++) {
        assert_true(path_split(rows[i].path, folder, base));
        assert_string_equal(folder, rows[i].folder);
        assert_string_equal(base, rows[i].base);
    }
    static const char *const no_entries[] = {"/", ".", "..", "a/..", "a/."};
    for (size_t i = 0; i < LEN(no_entries); i++)
        assert_false(path_split(no_entries[i], folder, base));
}

/* Resolves a name of the folder and returns what comes behind the folder's own path. */
static const char *resolved(struct world *world, const char *name)
{
    static char path[PATH_MAX];
    char above[PATH_MAX];
    world->fail = (struct fail){0};
    if (!path_resolve(folder_path(name), path, &world->fail))
        return NULL;
    assert_non_null(realpath(folder_name, above));
    assert_memory_equal(path, above, strlen(above));
    return path + strlen(above) + 1;
}

static void links_are_followed_to_what_is_not_there_yet(void **state)
{
    struct world *world = *state;
    folder_put("file", "x", 1);
    assert_int_equal(mkdir(folder_path("far"), 0777), 0);
    assert_int_equal(symlink("file", folder_path("link")), 0);
    assert_int_equal(symlink("far/new", folder_path("to-new")), 0);
    assert_int_equal(symlink("to-new", folder_path("to-link")), 0);
    assert_string_equal(resolved(world, "file"), "file");
    assert_string_equal(resolved(world, "new"), "new");
    assert_string_equal(resolved(world, "link"), "file");
    assert_string_equal(resolved(world, "to-new"), "far/new");
    assert_string_equal(resolved(world, "to-link"), "far/new");
    assert_string_equal(resolved(world, "far/../new"), "new");
}

static void what_cannot_be_made_is_refused(void **state)
{
    struct world *world = *state;
    folder_put("file", "x", 1);
    assert_int_equal(symlink("circle", folder_path("circle")), 0);
    assert_int_equal(symlink("absent/new", folder_path("to-absent")), 0);
    static const char *const names[] = {"absent/new", "file/new", "circle", "to-absent"};
    for (size_t i = 0; i < LEN(names); i++) {
        assert_null(resolved(world, names[i]));
        assert_int_equal(world->fail.code, FAIL_OUTPUT);
    }
}

static void descriptors_are_known_by_any_name(void **state)
{
    (void)state;
    char own[PATH_MAX], thread[PATH_MAX];
    snprintf(own, sizeof own, "/proc/%d/fd/7", (int)getpid());
    snprintf(thread, sizeof thread, "/proc/self/task/%d/fd/7", (int)getpid());
    assert_int_equal(symlink("/dev/stdout", folder_path("link")), 0);
    assert_int_equal(symlink("link", folder_path("to-link")), 0);
    assert_int_equal(symlink("/proc/self", folder_path("self")), 0);
    const struct {
        const char *path;
        int fd;
    } rows[] = {
        {"/dev/stdin", 0},
        {"/dev/stdout", 1},
        {"/dev/stderr", 2},
        {"//dev/stdout", 1},
        {"/dev/../dev/stdout", 1},
        {"/dev/fd/7", 7},
        {"/proc/self/fd/7", 7},
        {own, 7},
        {thread, 7},
        {folder_path("link"), 1},
        {folder_path("to-link"), 1},
        {folder_path("self/fd/2"), 2},
        {"/proc/1/fd/7", -1},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        int fd = -2;
        bool readable = access("/proc/1/fd", X_OK) == 0; /* that of another user is not */
        if (rows[i].fd < 0 && !readable)
            continue;
        assert_true(path_descriptor(rows[i].path, &fd));
        assert_int_equal(fd, rows[i].fd);
    }
}

static void other_names_are_no_descriptors(void **state)
{
    (void)state;
    int fd;
    assert_int_equal(symlink("circle", folder_path("circle")), 0);
    const char *const paths[] = {"/dev/null",      "/proc/self/status",   "/proc/self/fd",
                                 "/dev/fd/x",      "/dev/fd/7x",          "stdout",
                                 folder_path("1"), folder_path("circle"), "/"};
    for (size_t i = 0; i < LEN(paths); i++)
        assert_false(path_descriptor(paths[i], &fd));
}

static void an_end_is_not_all_of_a_name(void **state)
{
    (void)state;
    assert_true(path_ends("a.mwc", ".mwc"));
    assert_true(path_ends("folder/.mwc.mwc", ".mwc"));
    assert_false(path_ends(".mwc", ".mwc"));
    assert_false(path_ends("mwc", ".mwc"));
    assert_false(path_ends("a.mwc.gz", ".mwc"));
    assert_false(path_ends("", ".mwc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_path_is_a_folder_and_a_name),
        folder_test(links_are_followed_to_what_is_not_there_yet),
        folder_test(what_cannot_be_made_is_refused),
        folder_test(descriptors_are_known_by_any_name),
        folder_test(other_names_are_no_descriptors),
        cmocka_unit_test(an_end_is_not_all_of_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
