/* SPDX-License-Identifier: BSD-3-Clause */
/* A spool: whose it is, who serves it, and what is asked of it. */
#include "spool/spool.h"

#include "spooled.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

enum { NOBODY = 65534 };

static void a_folder_is_made_for_its_owner_alone(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct stat status;
    assert_false(spool_open(&spool, spool_name(), false, &world->fail));
    expect_failure(world, FAIL_INPUT, ": No such file or directory");
    for (int i = 0; i < 2; i++) {
        expect_ok(spool_open(&spool, spool_name(), true, &world->fail));
        assert_int_equal(fstat(spool.folder, &status), 0);
        assert_int_equal(status.st_mode & 07777, 0700);
        spool_close(&spool);
        spool_close(&spool);
    }
    expect_ok(spool_open(&spool, spool_name(), false, &world->fail));
    spool_close(&spool);
}

static void what_is_no_folder_of_ours_alone_is_refused(void **state)
{
    struct world *world = *state;
    struct spool spool;
    folder_put("spool", "", 0);
    for (int make = 0; make < 2; make++) {
        assert_false(spool_open(&spool, spool_name(), make, &world->fail));
        expect_failure(world, make ? FAIL_OUTPUT : FAIL_INPUT, ": Not a directory");
    }
    assert_int_equal(unlink(spool_name()), 0);
    assert_int_equal(mkdir(spool_name(), 0700), 0);
    for (int row = 0; row < 2; row++) {
        assert_int_equal(chmod(spool_name(), row == 0 ? 0720 : 01702), 0);
        assert_false(spool_open(&spool, spool_name(), true, &world->fail));
        expect_failure(world, FAIL_OUTPUT, ": may be written by others; chmod go-w ends that");
    }
    assert_int_equal(chmod(spool_name(), 0755), 0);
    must_make(world, &spool);
    spool_close(&spool);
}

/* In a child that is another user: the failure of the open is its standard output's. */
static bool refused_to_nobody(bool make, const char *text)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct fail failure = {0};
        struct spool spool;
        char expected[FAIL_TEXT_BYTES + PATH_MAX];
        snprintf(expected, sizeof expected, "%s%s", spool_name(), text);
        bool ok = setgid(NOBODY) == 0 && setuid(NOBODY) == 0
               && !spool_open(&spool, spool_name(), make, &failure);
        if (ok && strcmp(failure.text, expected) != 0)
            fprintf(stderr, "%s\n", failure.text);
        _exit(!(ok && strcmp(failure.text, expected) == 0
                && failure.code == (make ? FAIL_OUTPUT : FAIL_INPUT)));
    }
    return status_of(child) == 0;
}

static void the_folder_of_another_user_is_refused(void **state)
{
    struct world *world = *state;
    struct spool spool;
    if (geteuid() != 0)
        skip();
    const struct passwd *nobody = getpwuid(NOBODY);
    char whose[FAIL_TEXT_BYTES];
    snprintf(whose, sizeof whose, ": belongs to %s", nobody ? nobody->pw_name : "user 65534");
    must_make(world, &spool);
    spool_close(&spool);
    assert_int_equal(chmod(folder_name, 0755), 0);
    assert_true(refused_to_nobody(false, ": Permission denied"));
    assert_true(refused_to_nobody(true, ": Permission denied"));
    assert_int_equal(chmod(spool_name(), 0755), 0);
    assert_true(refused_to_nobody(false, ": belongs to root"));
    assert_true(refused_to_nobody(true, ": belongs to root"));
    assert_int_equal(chown(spool_name(), NOBODY, NOBODY), 0);
    assert_false(spool_open(&spool, spool_name(), true, &world->fail));
    expect_failure(world, FAIL_OUTPUT, whose);
}

static void one_service_serves_and_all_see_which(void **state)
{
    struct world *world = *state;
    struct spool spool, second;
    struct spool_service service;
    char host[SPOOL_HOST_BYTES], text[FAIL_TEXT_BYTES];
    assert_int_equal(gethostname(host, sizeof host), 0);
    must_make(world, &spool);
    must_make(world, &second);
    for (int row = 0; row < 2; row++) {
        expect_ok(spool_find_service(&second, &service, &world->fail));
        assert_false(service.runs);
        uint64_t before = (uint64_t)time(NULL);
        expect_ok(spool_serve(&spool, &world->fail));
        expect_ok(spool_find_service(&second, &service, &world->fail));
        assert_true(service.runs && service.pid == getpid());
        assert_string_equal(service.host, host);
        assert_true(service.since_s >= before && service.since_s <= (uint64_t)time(NULL));
        snprintf(text, sizeof text, ": a service runs already, on %s as process %d", host,
                 getpid());
        assert_false(spool_serve(&second, &world->fail));
        expect_failure(world, FAIL_OUTPUT, text);
        spool_close(&spool);
        must_make(world, &spool);
    }
    assert_int_equal(truncate(in_spool("lock"), 0), 0);
    int fd = open(in_spool("lock"), O_RDWR);
    assert_int_equal(fcntl(fd, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK}), 0);
    expect_ok(spool_find_service(&second, &service, &world->fail));
    assert_true(service.runs && service.host[0] == '\0');
    assert_false(spool_serve(&second, &world->fail));
    expect_failure(world, FAIL_OUTPUT, ": a service runs already");
    close(fd);
    spool_close(&spool);
    spool_close(&second);
}

/* Also one that forked: the lock ends with the service, not with what it started. */
static void a_service_that_is_killed_leaves_no_lock(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_service service;
    int ready[2];
    char byte;
    must_make(world, &spool);
    assert_int_equal(pipe(ready), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        struct fail failure = {0};
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        struct spool own;
        if (spool_open(&own, spool_name(), true, &failure) && spool_serve(&own, &failure))
            (void)!write(ready[1], "", 1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    assert_false(spool_serve(&spool, &world->fail));
    assert_non_null(strstr(world->fail.text, "a service runs already"));
    world->fail = (struct fail){0};
    kill(child, SIGKILL);
    assert_int_equal(status_of(child), 128 + SIGKILL);
    expect_ok(spool_find_service(&spool, &service, &world->fail));
    assert_false(service.runs);
    expect_ok(spool_serve(&spool, &world->fail));
    spool_close(&spool);
}

static void requests_are_made_and_forgotten(void **state)
{
    struct world *world = *state;
    struct spool spool;
    char path[PATH_MAX], expected[PATH_MAX];
    must_make(world, &spool);
    for (int i = 0; i < 2; i++)
        expect_ok(spool_ask_close(&spool, &world->fail)
                  && spool_ask_cancel(&spool, UINT64_MAX, &world->fail));
    assert_true(is_there("close") && is_there("18446744073709551615.cancel"));
    for (int i = 0; i < 2; i++)
        expect_ok(spool_forget_close(&spool, &world->fail));
    assert_false(is_there("close"));
    assert_non_null(realpath(spool_name(), expected));
    strcat(expected, "/7.part");
    spool_path(&spool, 7, "part", path);
    assert_string_equal(path, expected);
    spool_close(&spool);
}

static void what_is_no_file_of_ours_is_not_opened(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_service service;
    must_make(world, &spool);
    folder_put("elsewhere", "", 0);
    assert_int_equal(symlink("../elsewhere", in_spool("lock")), 0);
    assert_int_equal(symlink("../elsewhere", in_spool("close")), 0);
    assert_false(spool_serve(&spool, &world->fail));
    expect_failure(world, FAIL_OUTPUT, "/lock: is a symbolic link");
    assert_false(spool_find_service(&spool, &service, &world->fail));
    expect_failure(world, FAIL_INPUT, "/lock: is a symbolic link");
    assert_false(spool_ask_close(&spool, &world->fail));
    expect_failure(world, FAIL_OUTPUT, "/close: is a symbolic link");
    assert_int_equal(unlink(in_spool("lock")), 0);
    assert_int_equal(mkfifo(in_spool("lock"), 0600), 0);
    assert_false(spool_find_service(&spool, &service, &world->fail));
    expect_failure(world, FAIL_INPUT, "/lock: is no regular file");
    assert_int_equal(unlink(in_spool("lock")), 0);
    if (geteuid() == 0) {
        put("lock", "");
        assert_int_equal(chown(in_spool("lock"), NOBODY, NOBODY), 0);
        assert_false(spool_serve(&spool, &world->fail));
        expect_failure(world, FAIL_OUTPUT, "/lock: belongs to another user");
    }
    spool_close(&spool);
}

static void a_folder_that_is_gone_is_an_error(void **state)
{
    struct world *world = *state;
    struct spool spool;
    must_make(world, &spool);
    assert_int_equal(rmdir(spool_name()), 0);
    assert_false(spool_ask_close(&spool, &world->fail));
    expect_failure(world, FAIL_OUTPUT, "/close: No such file or directory");
    spool_close(&spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_folder_is_made_for_its_owner_alone),
        folder_test(what_is_no_folder_of_ours_alone_is_refused),
        folder_test(the_folder_of_another_user_is_refused),
        folder_test(one_service_serves_and_all_see_which),
        folder_test(a_service_that_is_killed_leaves_no_lock),
        folder_test(requests_are_made_and_forgotten),
        folder_test(what_is_no_file_of_ours_is_not_opened),
        folder_test(a_folder_that_is_gone_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
