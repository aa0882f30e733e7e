/* SPDX-License-Identifier: BSD-3-Clause */
/* Who waits for a submission gets its results byte for byte, whenever they come. */
#include "spool/spool_wait.h"

#include "spooled.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>

/* Waits for submission 5, its results to the file `printed`. */
static enum spool_wait_end waited(const struct spool *spool, struct spool_state *state,
                                  struct fail *fail)
{
    int out = open(folder_path("printed"), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(out >= 0);
    enum spool_wait_end end = spool_wait(spool, 5, out, state, fail);
    close(out);
    return end;
}

static void expect_printed(const char *expected, size_t expected_len)
{
    size_t len;
    uint8_t *bytes = folder_get(folder_path("printed"), &len);
    assert_non_null(bytes);
    assert_int_equal(len, expected_len);
    assert_memory_equal(bytes, expected, len);
    free(bytes);
}

static void must_write(struct world *world, const struct spool *spool, enum spool_state_name name,
                       uint64_t result_bytes)
{
    const struct spool_state written = {
        .name = name, .tasks = 4, .done = 3, .result_bytes = result_bytes, .exit = 9};
    expect_ok(name == SPOOL_DONE ? spool_state_finish(spool, 5, &written, &world->fail)
                                 : spool_state_write(spool, 5, &written, &world->fail));
}

static void what_has_ended_is_there_at_once(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_state end;
    must_make(world, &spool);
    put("5.job", "");
    put("5.part", "one\ntwo\n");
    must_write(world, &spool, SPOOL_DONE, 8);
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_ENDED);
    assert_true(end.name == SPOOL_DONE && end.exit == 9 && end.done == 3);
    expect_printed("one\ntwo\n", 8);
    put("5.part", "one\ntwo\nth"); /* of one that was cancelled while it wrote the next one */
    assert_int_equal(unlink(in_spool("5.result")), 0);
    must_write(world, &spool, SPOOL_CANCELLED, 8);
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_ENDED);
    assert_int_equal(end.name, SPOOL_CANCELLED);
    expect_printed("one\ntwo\n", 8);
    assert_int_equal(unlink(in_spool("5.part")), 0);
    must_write(world, &spool, SPOOL_REFUSED, 0);
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_ENDED);
    assert_int_equal(end.name, SPOOL_REFUSED);
    expect_printed("", 0);
    spool_close(&spool);
}

static void what_is_not_there_is_said(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_state end;
    must_make(world, &spool);
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_FAILED);
    expect_failure(world, FAIL_INPUT, ": there is no submission 5");
    put("5.job", "");
    put("5.part", "one\n");
    must_write(world, &spool, SPOOL_DONE, 5);
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_FAILED);
    expect_failure(world, FAIL_INPUT, "/5.result: 4 bytes could be read, its state says 5");
    assert_int_equal(unlink(in_spool("5.result")), 0);
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_FAILED);
    expect_failure(world, FAIL_INPUT, "/5.result: 0 bytes could be read, its state says 5");
    assert_int_equal(symlink("5.job", in_spool("5.result")), 0);
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_FAILED);
    expect_failure(world, FAIL_INPUT, "/5.result: is a symbolic link");
    put("5.state", "{}");
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_FAILED);
    expect_failure(world, FAIL_INPUT, "/5.state: does not say 'state'");
    spool_close(&spool);
}

/* Until the one who waits has printed so much. */
static void until_printed(off_t bytes)
{
    struct stat status;
    while (stat(folder_path("printed"), &status) != 0 || status.st_size < bytes)
        usleep(1000);
}

/* In a child: does what a service does, or sends a signal when some of it was printed. */
static pid_t start_service(void (*serve)(const struct spool *spool, struct world *world))
{
    fflush(NULL);
    pid_t child = fork();
    if (child != 0)
        return child;
    struct world world = {0};
    struct spool spool;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    alarm(60 * slow());
    if (spool_open(&spool, spool_name(), false, &world.fail))
        serve(&spool, &world);
    _exit(world.fail.code);
}

enum { LINES = 50000, LINE_BYTES = 8 };

static void write_lines(FILE *part, int from, int to)
{
    for (int i = from; i < to; i++)
        fprintf(part, "%07d\n", i);
    fflush(part);
}

/* One part is there before its state says so, and half of another one that it does not speak of. */
static void serve_in_parts(const struct spool *spool, struct world *world)
{
    FILE *part = fopen(in_spool("5.part"), "w");
    must_write(world, spool, SPOOL_QUEUED, 0);
    for (int i = 0; i < 5; i++) {
        write_lines(part, i * LINES / 5, (i + 1) * LINES / 5);
        must_write(world, spool, SPOOL_RUNNING,
                   (uint64_t)LINE_BYTES * LINES / 5 * (uint64_t)(i + 1) - 3);
        until_printed((off_t)LINE_BYTES * LINES / 5 * (i + 1) - 3);
    }
    /* A service that began anew has fewer for a while. */
    must_write(world, spool, SPOOL_RUNNING, LINE_BYTES);
    fclose(part);
    must_write(world, spool, SPOOL_DONE, LINE_BYTES * LINES);
}

static void results_are_printed_as_they_come(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_state end;
    char *expected = malloc(LINE_BYTES * LINES + 1);
    assert_non_null(expected);
    for (int i = 0; i < LINES; i++)
        snprintf(expected + LINE_BYTES * i, LINE_BYTES + 1, "%07u\n", (unsigned)i % 10000000);
    must_make(world, &spool);
    put("5.job", "");
    pid_t child = start_service(serve_in_parts);
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_ENDED);
    assert_int_equal(status_of(child), 0);
    expect_printed(expected, LINE_BYTES * LINES);
    free(expected);
    spool_close(&spool);
}

static void interrupt(const struct spool *spool, struct world *world)
{
    must_write(world, spool, SPOOL_RUNNING, 4);
    until_printed(4);
    kill(getppid(), SIGINT);
}

static void an_interrupt_ends_the_waiting_alone(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_state end;
    struct sigaction action;
    must_make(world, &spool);
    put("5.job", "");
    put("5.part", "one\n");
    pid_t child = start_service(interrupt);
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_INTERRUPTED);
    assert_int_equal(world->fail.code, FAIL_NONE);
    assert_int_equal(status_of(child), 0);
    expect_printed("one\n", 4);
    assert_int_equal(end.name, SPOOL_RUNNING);
    assert_false(is_there("5.cancel"));
    sigaction(SIGINT, NULL, &action);
    assert_true(action.sa_handler == SIG_DFL);
    must_write(world, &spool, SPOOL_DONE, 4);
    assert_int_equal(waited(&spool, &end, &world->fail), SPOOL_WAIT_ENDED);
    expect_printed("one\n", 4);
    spool_close(&spool);
}

static void who_cannot_print_says_so(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_state end;
    must_make(world, &spool);
    put("5.job", "");
    put("5.part", "one\n");
    must_write(world, &spool, SPOOL_DONE, 4);
    int full = open("/dev/full", O_WRONLY);
    assert_int_equal(spool_wait(&spool, 5, full, &end, &world->fail), SPOOL_WAIT_FAILED);
    close(full);
    assert_string_equal(world->fail.text, "standard output: No space left on device");
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    spool_close(&spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_has_ended_is_there_at_once),
        folder_test(what_is_not_there_is_said),
        folder_test(results_are_printed_as_they_come),
        folder_test(an_interrupt_ends_the_waiting_alone),
        folder_test(who_cannot_print_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
