/* SPDX-License-Identifier: BSD-3-Clause */
/* What a name of a result leads to: a link, a device, a stream, or nothing that can be written. */
#include "output/output.h"

#include "written.h"

#include <signal.h>
#include <sys/wait.h>

static void the_target_of_a_link_is_replaced_and_the_link_stays(void **state)
{
    struct world *world = *state;
    struct output output;
    struct stat status;
    assert_int_equal(mkdir(folder_path("elsewhere"), 0777), 0);
    folder_put("elsewhere/real", old_text, strlen(old_text));
    assert_int_equal(symlink("elsewhere/real", folder_path("link")), 0);
    create(world, &output, folder_path("link"));
    assert_non_null(strstr(output.temporary, "/elsewhere/."));
    write_new(world, &output);
    assert_true(output_commit(&output, NEW_BYTES, &world->fail));
    output_close(&output);
    assert_int_equal(lstat(folder_path("link"), &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_true(holds(folder_path("elsewhere/real"), new_text));
}

/* As the shell's > does: the file is made where the link points, and the link stays. */
static void a_link_to_nothing_yet_stays_a_link(void **state)
{
    struct world *world = *state;
    struct output output;
    struct stat status;
    assert_int_equal(mkdir(folder_path("elsewhere"), 0777), 0);
    assert_int_equal(symlink("elsewhere/real", folder_path("link")), 0);
    if (output_create(&output, folder_path("link"), &world->fail)) {
        write_new(world, &output);
        assert_true(output_commit(&output, NEW_BYTES, &world->fail));
    }
    output_close(&output);
    assert_int_equal(lstat(folder_path("link"), &status), 0);
    assert_true(S_ISLNK(status.st_mode)); /* replaced by the result, or refused: never lost */
    assert_true(world->fail.code == FAIL_OUTPUT || holds(folder_path("elsewhere/real"), new_text));
}

static void a_name_without_a_folder_is_in_this_one(void **state)
{
    struct world *world = *state;
    struct output output;
    char here[PATH_MAX];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(folder_name), 0);
    bool created = output_create(&output, "result", &world->fail);
    assert_int_equal(chdir(here), 0); /* the path was made absolute */
    assert_true(created);
    write_new(world, &output);
    assert_true(output_commit(&output, NEW_BYTES, &world->fail));
    output_close(&output);
    assert_true(holds(folder_path("result"), new_text));
}

static void devices_and_pipes_are_written_directly(void **state)
{
    struct world *world = *state;
    struct output output;
    char got[100];
    create(world, &output, "/dev/null");
    assert_true(output.direct);
    write_new(world, &output);
    assert_true(output_commit(&output, NEW_BYTES, &world->fail));
    output_close(&output);
    assert_int_equal(mkfifo(folder_path("pipe"), 0666), 0);
    int reader = open(folder_path("pipe"), O_RDONLY | O_NONBLOCK);
    create(world, &output, folder_path("pipe"));
    assert_true(output.direct);
    write_new(world, &output);
    assert_true(output_commit(&output, NEW_BYTES, &world->fail));
    output_close(&output);
    assert_int_equal(read(reader, got, sizeof got), NEW_BYTES);
    assert_memory_equal(got, new_text, NEW_BYTES);
    close(reader);
    assert_int_equal(entries(), 1); /* the pipe is still there, nothing beside it */
}

static void a_full_device_is_a_failure(void **state)
{
    struct world *world = *state;
    struct output output;
    create(world, &output, "/dev/full");
    assert_false(output_write(&output, new_text, NEW_BYTES, 0, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_string_equal(world->fail.text, "/dev/full: No space left on device");
    output_close(&output);
}

/* Redirected to a file, these names must write into it, not replace it: others have it open. */
static void standard_output_by_any_name_is_written_directly(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {NULL, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"};
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    for (size_t i = 0; i < LEN(names); i++) {
        struct output output;
        struct stat before, after;
        int fd = open(folder_path("redirected"), O_RDWR | O_CREAT | O_TRUNC, 0666);
        assert_int_equal(fstat(fd, &before), 0);
        dup2(fd, STDOUT_FILENO);
        bool ok = output_create(&output, names[i], &world->fail) && output.direct
               && output_write(&output, new_text, NEW_BYTES, 12345, &world->fail)
               && output_sync(&output, &world->fail)
               && output_commit(&output, NEW_BYTES, &world->fail);
        output_close(&output);
        bool still_open = fcntl(STDOUT_FILENO, F_GETFD) >= 0;
        dup2(saved, STDOUT_FILENO);
        close(fd);
        assert_true(ok && still_open);
        assert_int_equal(stat(folder_path("redirected"), &after), 0);
        assert_int_equal(before.st_ino, after.st_ino);
        assert_true(holds(folder_path("redirected"), new_text));
    }
    close(saved);
    assert_int_equal(entries(), 1);
}

static void what_cannot_be_created_is_a_failure_that_names_it(void **state)
{
    struct world *world = *state;
    static char too_long[2 * PATH_MAX];
    memset(too_long, 'n', sizeof too_long - 1);
    const char *file = folder_put("file", old_text, strlen(old_text));
    const struct {
        const char *path, *cause;
    } rows[] = {
        {folder_path("nowhere/result"), "nowhere/result: No such file or directory"},
        {folder_path("file/result"), "file/result: Not a directory"},
        {folder_name, "Is a directory"},
        {folder_path("."), "Is a directory"},
        {"/", "Is a directory"},
        {too_long, "nnn"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct output output;
        world->fail = (struct fail){0};
        assert_false(output_create(&output, rows[i].path, &world->fail));
        assert_int_equal(world->fail.code, FAIL_OUTPUT);
        assert_non_null(strstr(world->fail.text, rows[i].cause));
        output_close(&output);
    }
    assert_true(holds(file, old_text));
    assert_int_equal(entries(), 1);
}

static void a_closed_pipe_is_an_error_of_write(void **state)
{
    struct world *world = *state;
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        int ends[2];
        struct output output;
        signal(SIGPIPE, SIG_IGN);
        if (pipe(ends) != 0)
            _exit(1);
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        bool wrote = output_create(&output, NULL, &world->fail)
                  && output_write(&output, new_text, NEW_BYTES, 0, &world->fail);
        bool named = strcmp(world->fail.text, "standard output: Broken pipe") == 0;
        _exit(!wrote && named ? 0 : 3);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(the_target_of_a_link_is_replaced_and_the_link_stays),
        folder_test(a_link_to_nothing_yet_stays_a_link),
        folder_test(a_name_without_a_folder_is_in_this_one),
        folder_test(devices_and_pipes_are_written_directly),
        folder_test(a_full_device_is_a_failure),
        folder_test(standard_output_by_any_name_is_written_directly),
        folder_test(what_cannot_be_created_is_a_failure_that_names_it),
        folder_test(a_closed_pipe_is_an_error_of_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
