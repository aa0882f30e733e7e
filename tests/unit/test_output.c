/* SPDX-License-Identifier: BSD-3-Clause */
/* The result is there whole or not at all. */
#include "output/output.h"

#include "slow.h"
#include "world_in_folder.h"

#include <dirent.h>
#include <signal.h>
#include <sys/wait.h>

static const char old_text[] = "the old result\n", new_text[] = "the new result, which is longer\n";

enum { NEW_BYTES = sizeof new_text - 1 };

static bool holds(const char *path, const char *text)
{
    size_t len;
    uint8_t *bytes = folder_get(path, &len);
    bool same = bytes && len == strlen(text) && memcmp(bytes, text, len) == 0;
    free(bytes);
    return same;
}

/* Names in the folder but for . and .. */
static int entries(void)
{
    int count = 0;
    DIR *folder = opendir(folder_name);
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

static void create(struct world *world, struct output *output, const char *path)
{
    if (!output_create(output, path, &world->fail))
        fail_msg("%s", world->fail.text);
}

static void write_new(struct world *world, struct output *output)
{
    assert_true(output_write(output, new_text, NEW_BYTES, 0, &world->fail));
    assert_true(output_sync(output, &world->fail));
}

static void a_result_appears_when_it_is_committed_and_not_before(void **state)
{
    struct world *world = *state;
    struct output output;
    const char *path = folder_path("result");
    create(world, &output, path);
    write_new(world, &output);
    assert_int_equal(access(path, F_OK), -1);
    assert_true(output_commit(&output, NEW_BYTES, &world->fail));
    output_close(&output);
    output_close(&output);
    assert_true(holds(path, new_text));
    assert_int_equal(entries(), 1);
}

static void an_empty_result_is_a_result(void **state)
{
    struct world *world = *state;
    struct output output;
    create(world, &output, folder_path("result"));
    assert_true(output_sync(&output, &world->fail));
    assert_true(output_commit(&output, 0, &world->fail));
    output_close(&output);
    assert_true(holds(folder_path("result"), ""));
}

static void an_old_result_stays_until_the_new_one_is_committed(void **state)
{
    struct world *world = *state;
    struct output output;
    const char *path = folder_put("result", old_text, strlen(old_text));
    create(world, &output, path);
    write_new(world, &output);
    assert_true(holds(path, old_text));
    assert_true(output_commit(&output, NEW_BYTES, &world->fail));
    output_close(&output);
    assert_true(holds(path, new_text));
    assert_int_equal(entries(), 1);
}

static void a_result_given_up_leaves_the_old_one_and_nothing_else(void **state)
{
    struct world *world = *state;
    struct output output;
    const char *path = folder_put("result", old_text, strlen(old_text));
    create(world, &output, path);
    write_new(world, &output);
    output_close(&output);
    output_close(&output);
    assert_true(holds(path, old_text));
    assert_int_equal(entries(), 1);
}

static void a_result_of_another_size_is_not_committed(void **state)
{
    struct world *world = *state;
    for (int off = -1; off <= 1; off += 2) {
        struct output output;
        const char *path = folder_put("result", old_text, strlen(old_text));
        world->fail = (struct fail){0};
        create(world, &output, path);
        write_new(world, &output);
        assert_false(output_commit(&output, (uint64_t)(NEW_BYTES + off), &world->fail));
        assert_int_equal(world->fail.code, FAIL_OUTPUT);
        output_close(&output);
        assert_true(holds(path, old_text));
        assert_int_equal(entries(), 1);
    }
}

static void a_result_has_the_mode_of_the_old_one(void **state)
{
    struct world *world = *state;
    static const mode_t modes[] = {0640, 0600, 0666, 0755, 0440};
    for (size_t i = 0; i < LEN(modes); i++) {
        struct output output;
        const char *path = folder_put("result", old_text, strlen(old_text));
        assert_int_equal(chmod(path, modes[i]), 0);
        if (access(path, W_OK) != 0) /* only root writes over what is read-only */
            continue;
        create(world, &output, path);
        assert_int_equal(mode_of(output.temporary), 0600); /* nobody else reads it half-written */
        write_new(world, &output);
        assert_true(output_commit(&output, NEW_BYTES, &world->fail));
        output_close(&output);
        assert_int_equal(mode_of(path), modes[i]);
        assert_int_equal(unlink(path), 0);
    }
}

static void a_new_result_has_the_mode_that_umask_leaves(void **state)
{
    struct world *world = *state;
    static const mode_t masks[] = {022, 077, 0, 027};
    for (size_t i = 0; i < LEN(masks); i++) {
        struct output output;
        mode_t before = umask(masks[i]);
        create(world, &output, folder_path("result"));
        mode_t after = umask(before);
        assert_int_equal(after, masks[i]); /* looking at it did not change it */
        write_new(world, &output);
        assert_true(output_commit(&output, NEW_BYTES, &world->fail));
        output_close(&output);
        assert_int_equal(mode_of(folder_path("result")), 0666 & ~masks[i]);
        assert_int_equal(unlink(folder_path("result")), 0);
    }
}

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

static void a_second_writer_is_refused_until_the_first_is_done(void **state)
{
    struct world *world = *state;
    struct output first, second;
    const char *path = folder_path("result");
    create(world, &first, path);
    assert_false(output_create(&second, path, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "another run is writing it"));
    output_close(&second);
    assert_int_equal(entries(), 1); /* the second left nothing */
    write_new(world, &first);
    assert_true(output_commit(&first, NEW_BYTES, &(struct fail){0}));
    output_close(&first);
    world->fail = (struct fail){0};
    create(world, &second, path);
    output_close(&second);
    assert_true(holds(path, new_text));
}

/* Results beside it are others' business, even with names that begin alike. */
static void another_result_in_the_folder_can_be_written_meanwhile(void **state)
{
    struct world *world = *state;
    struct output first, second;
    create(world, &first, folder_path("result"));
    create(world, &second, folder_path("result.wc-abcdef"));
    output_close(&first);
    output_close(&second);
    assert_int_equal(entries(), 0);
}

static void what_a_killed_run_left_is_removed(void **state)
{
    struct world *world = *state;
    struct output output;
    folder_put(".result.wc-abc012", "half a resu", 11);
    folder_put(".other.wc-abc012", "of another", 10);          /* stays */
    folder_put(".result.wc-abc0123", "no suffix of ours", 17); /* stays */
    folder_put("result.wc-abc012", "of the user", 11);         /* stays */
    create(world, &output, folder_path("result"));
    assert_int_equal(access(folder_path(".result.wc-abc012"), F_OK), -1);
    assert_int_equal(entries(), 4);
    output_close(&output);
    assert_int_equal(entries(), 3);
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

/* Ranks write their ranges in any order, each through a descriptor of its own. */
static void ranks_write_their_own_ranges(void **state)
{
    struct world *world = *state;
    struct output root, other;
    create(world, &root, folder_path("result"));
    other = root;
    assert_true(output_join(&other, &world->fail));
    assert_true(output_write(&other, new_text + 10, NEW_BYTES - 10, 10, &world->fail));
    assert_true(output_sync(&other, &world->fail));
    assert_true(output_write(&root, new_text, 10, 0, &world->fail));
    output_close(&other); /* must not remove what it did not create */
    assert_true(output_sync(&root, &world->fail));
    assert_true(output_commit(&root, NEW_BYTES, &world->fail));
    output_close(&root);
    assert_true(holds(folder_path("result"), new_text));
    assert_false(output_join(&other, &world->fail)); /* nothing to join any more */
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
}

/* Runs in a child, which ends by the signal. */
static void write_until_signal(struct world *world, int number, bool commit)
{
    struct output output;
    if (!output_create(&output, folder_path("result"), &world->fail))
        _exit(1);
    if (commit
        && (!output_write(&output, new_text, NEW_BYTES, 0, &world->fail)
            || !output_commit(&output, NEW_BYTES, &world->fail)))
        _exit(1);
    signal(number, SIG_DFL); /* in the background or under nohup some are ignored */
    raise(number);
    _exit(2);
}

static void a_signal_removes_the_temporary_file_but_no_result(void **state)
{
    struct world *world = *state;
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGKILL};
    for (size_t i = 0; i < 2 * LEN(numbers); i++) {
        int status, number = numbers[i / 2];
        bool commit = i % 2;
        folder_put("result", old_text, strlen(old_text));
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            write_until_signal(world, number, commit);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == number);
        for (unsigned tries = 0; entries() > 1 && tries < 200 * slow(); tries++)
            usleep(25000); /* the cleaner needs a moment */
        assert_int_equal(entries(), 1);
        assert_true(holds(folder_path("result"), commit ? new_text : old_text));
    }
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
        folder_test(a_result_appears_when_it_is_committed_and_not_before),
        folder_test(an_empty_result_is_a_result),
        folder_test(an_old_result_stays_until_the_new_one_is_committed),
        folder_test(a_result_given_up_leaves_the_old_one_and_nothing_else),
        folder_test(a_result_of_another_size_is_not_committed),
        folder_test(a_result_has_the_mode_of_the_old_one),
        folder_test(a_new_result_has_the_mode_that_umask_leaves),
        folder_test(the_target_of_a_link_is_replaced_and_the_link_stays),
        folder_test(a_link_to_nothing_yet_stays_a_link),
        folder_test(a_name_without_a_folder_is_in_this_one),
        folder_test(devices_and_pipes_are_written_directly),
        folder_test(a_full_device_is_a_failure),
        folder_test(standard_output_by_any_name_is_written_directly),
        folder_test(a_second_writer_is_refused_until_the_first_is_done),
        folder_test(another_result_in_the_folder_can_be_written_meanwhile),
        folder_test(what_a_killed_run_left_is_removed),
        folder_test(what_cannot_be_created_is_a_failure_that_names_it),
        folder_test(ranks_write_their_own_ranges),
        folder_test(a_signal_removes_the_temporary_file_but_no_result),
        folder_test(a_closed_pipe_is_an_error_of_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
