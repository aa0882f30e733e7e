/* SPDX-License-Identifier: BSD-3-Clause */
/* Shell commands as tasks: what a command is given, what it leaves, how it ends. */

#include "working.h"

#include <sys/syscall.h>

/* In place of the system's for what is linked with the test, in the worker as well: what begins so
 * cannot be read. */
ssize_t read(int fd, void *bytes, size_t len)
{
    const ssize_t got = syscall(SYS_read, fd, bytes, len);
    if (got < 10 || memcmp(bytes, "unreadable", 10) != 0)
        return got;
    errno = EIO;
    return -1;
}

static const char *const hostile[] = {
    "",           " ",
    "a b",        "-n",
    "--help",     "it's",
    "''",         "\"",
    "$(echo no)", "`echo no`",
    "$HOME",      "*",
    "~",          "\\",
    "\\n",        "a;b",
    "a|b",        "&",
    ">x",         "#",
    "!",          "{}",
    "$1",         "${mpiwc_task}",
    "\t",         "\r",
    "'\"'\"'",    "\x01\x7f\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\xff\xfe\xc3\xa9",
};

/* However the command quotes the place. */
static void a_task_is_one_word_and_never_interpreted(void **state)
{
    static const char *const commands[] = {
        "printf '<%s>' {}",
        "printf '<%s>' \"{}\"",
        "printf '<%s>' '{}'",
        "f() { printf '<%s>' {}; }; f 1 2",
        "set -- 1 2; printf '<%s>' {}",
        "printf '<%s>' $(echo >&2)''{}\"\"",
    };
    for (size_t c = 0; c < LEN(commands); c++) {
        struct working working;
        working_exec(&working, *state, commands[c]);
        for (size_t i = 0; i < LEN(hostile); i++) {
            char expected[64];
            snprintf(expected, sizeof expected, "<%s>", hostile[i]);
            working_gives(&working, hostile[i], expected);
        }
        working_close(&working);
    }
}

static void all_bytes_but_nul_arrive_in_an_argument(void **state)
{
    struct working working;
    char task[256], expected[256 + 2];
    for (int i = 1; i < 256; i++)
        task[i - 1] = (char)i;
    task[255] = '\0';
    snprintf(expected, sizeof expected, "<%s>", task);
    working_exec(&working, *state, "printf '<%s>' {}");
    working_gives(&working, task, expected);
    working_close(&working);
}

static void every_place_is_filled(void **state)
{
    struct working working;
    working_exec(&working, *state, "echo {}{}-{}5 \"in {} out\" '{} and {}' \\{} \"\\\"{}\" $#");
    working_gives(&working, "a b", "a ba b-a b5 in a b out a b and a b {} \"a b 0");
    working_close(&working);
}

static void without_a_place_a_task_is_standard_input(void **state)
{
    struct working working;
    working_exec(&working, *state, "cat; printf .");
    for (size_t i = 0; i < LEN(hostile); i++) {
        char expected[64];
        snprintf(expected, sizeof expected, "%s.", hostile[i]);
        working_gives(&working, hostile[i], expected);
    }
    working_gives_bytes(&working, "\0\n\0", 3, "\0\n\0.", 4);
    working_close(&working);
    working_exec(&working, *state, "read a; read b; echo $b,$a");
    working_gives(&working, "1\n2\n", "2,1");
    working_gives(&working, "3\n4\n", "4,3"); /* nothing is left of the one before */
    working_close(&working);
    working_exec(&working, *state, "true"); /* which reads none of it */
    static uint8_t much[1 << 20];
    assert_true(working_run_bytes(&working, much, sizeof much));
    assert_int_equal(working.outcome.frames_len, 0);
    working_close(&working);
}

/* More than any pipe holds, both ways, and to standard error as well. */
static void much_goes_both_ways_at_once(void **state)
{
    enum { MUCH = 20 << 20 };
    struct working working;
    struct worker_setup setup = working_setup(NULL);
    struct seeded seeded = {1};
    uint8_t *task = malloc(MUCH);
    setup.exec = "tee /dev/stderr 2>/dev/null; printf x";
    setup.limit_bytes = MUCH + 100;
    seeded_fill(&seeded, task, MUCH);
    working_open(&working, *state, setup);
    for (int i = 0; i < 2; i++) {
        assert_true(working_run_bytes(&working, task, MUCH));
        assert_int_equal(working.outcome.frames_len, FRAME_HEADER_BYTES + MUCH + 1);
        assert_memory_equal(working.outcome.frames + FRAME_HEADER_BYTES, task, MUCH);
    }
    working_close(&working);
    free(task);
}

static void output_is_a_result_without_its_last_newline(void **state)
{
    struct working working;
    working_exec(&working, *state, "printf \"$(cat)\"");
    assert_true(working_run(&working, ""));
    assert_int_equal(working.outcome.frames_len, 0);
    working_gives(&working, "a", "a");
    working_gives(&working, "a\\n", "a");
    working_gives(&working, "a\\n\\n", "a\n");
    working_gives(&working, "\\n", "");
    working_gives_bytes(&working, "a\\0b\\n", 6, "a\0b", 3);
    working_close(&working);
}

static void what_cannot_be_an_argument_says_what_to_do(void **state)
{
    struct working working;
    static char task[200000];
    memset(task, 'a', sizeof task);
    working_exec(&working, *state, "printf '%s' {} | wc -c");
    assert_true(working_run_bytes(&working, task, 131071));
    assert_false(working_run_bytes(&working, task, 131072));
    assert_string_equal(working.outcome.reason,
                        "a task of 131072 bytes is too long for an argument: leave {} out, and it "
                        "comes on standard input");
    assert_false(working_run_bytes(&working, "a\0b", 3));
    assert_string_equal(
        working.outcome.reason,
        "a task with a NUL byte cannot be an argument: leave {} out, and it comes on "
        "standard input");
    working_gives(&working, "abc", "3");
    working_close(&working);
}

static void a_command_that_fails_says_why(void **state)
{
    struct working working;
    struct world *world = *state;
    int saved = dup(STDERR_FILENO);
    const char *path = folder_path("stderr");
    int file = open(path, O_RDWR | O_CREAT, 0600);
    dup2(file, STDERR_FILENO);
    working_exec(&working, world, "echo some output; eval \"$(cat)\"");
    dup2(saved, STDERR_FILENO);
    working_fails(&working, "exit 3", "exit 3");
    working_fails(&working, "echo first >&2; echo 'the last' >&2; exit 1", "exit 1: the last");
    working_fails(&working, "printf 'no newline\n\n\n  \n' >&2; exit 255", "exit 255: no newline");
    working_fails(&working, "kill -9 $$", "killed by signal 9 (Killed)");
    working_fails(&working, "echo dying >&2; kill -15 $$",
                  "killed by signal 15 (Terminated): dying");
    working_fails(&working, "exit 4", "exit 4"); /* nothing is left of the one before */
    working_fails(&working, "printf 'a\\033[1m\\tb' >&2; exit 1", "exit 1: a?[1m?b");
    assert_false(working_run(&working, "head -c 100000 /dev/zero | tr '\\0' x >&2; exit 1"));
    assert_int_equal(strspn(working.outcome.reason + 8, "x"), 200);
    working_gives(&working, "echo a warning >&2", "some output");
    working_gives(&working, "setsid yes x >&2 & echo next", "some output\nnext");
    assert_false(working_run(&working, "no-such-command"));
    assert_non_null(strstr(working.outcome.reason, "exit 127: "));
    working_close(&working);
    size_t len;
    char *text = (char *)folder_get(path, &len);
    assert_memory_equal(text, "first\nthe last\nno newline\n", 26);
    assert_int_equal(len > 100000, 1);
    free(text);
    close(file);
    close(saved);
}

/* The next command must not find them, whatever group or session they are in. */
static void what_a_command_leaves_behind_is_ended(void **state)
{
    struct working working;
    struct worker_setup setup = working_setup(NULL);
    char task[192], seconds[32];
    snprintf(seconds, sizeof seconds, "1000.%d3", getpid());
    setup.exec = "eval \"$(cat)\"";
    setup.timeout_s = slow();
    working_open(&working, *state, setup);
    snprintf(task, sizeof task, "setsid sleep %s & (setsid sleep %s &) ; echo out", seconds,
             seconds);
    working_gives(&working, task, "out");
    assert_int_equal(working_processes(seconds), 0);
    /* A command that asks its own group to end does not end its worker. */
    working_fails(&working, "sleep 1000 & kill 0", "killed by signal 15 (Terminated)");
    snprintf(task, sizeof task, "timeout 999 sleep %s; echo out", seconds);
    working_add(&working, task, strlen(task));
    assert_false(working_take(&working));
    assert_string_equal(working.outcome.reason, working_too_long(setup.timeout_s));
    assert_int_equal(working_processes(seconds), 0);
    snprintf(task, sizeof task, "setsid sleep %s & kill -STOP $PPID; sleep %s", seconds, seconds);
    working_fails(&working, task, working_too_long(setup.timeout_s));
    assert_int_equal(working_processes(seconds), 0);
    /* Nor does anything stay when a command ends the worker itself. */
    snprintf(task, sizeof task, "sleep %s & kill -9 $PPID; sleep 1000", seconds);
    working_fails(&working, task, "killed by signal 9 (Killed)");
    assert_true(working_reaches(seconds, 0));
    working_gives(&working, "echo next", "next");
    working_close(&working);
}

static void what_a_command_does_in_the_background_is_waited_for(void **state)
{
    struct working working;
    struct worker_setup setup = working_setup(NULL);
    char task[192], seconds[32];
    snprintf(seconds, sizeof seconds, "1000.%d4", getpid());
    setup.exec = "eval \"$(cat)\"";
    setup.timeout_s = slow();
    working_open(&working, *state, setup);
    working_gives(&working, "(sleep 0.2; echo late) & echo early", "early\nlate");
    working_gives(&working, "((sleep 0.2; echo late) &) ; echo early", "early\nlate");
    working_gives(&working, "timeout 9 sh -c 'sleep 0.2; echo late' & echo early", "early\nlate");
    snprintf(task, sizeof task, "sleep %s & exit 3", seconds);
    working_fails(&working, task, "exit 3");
    assert_int_equal(working_processes(seconds), 0);
    snprintf(task, sizeof task, "sleep %s & echo out", seconds);
    working_fails(&working, task, working_too_long(setup.timeout_s));
    assert_true(working_reaches(seconds, 0));
    working_gives(&working, "echo next", "next");
    working_close(&working);
}

static void output_without_end_is_ended(void **state)
{
    struct working working;
    working_exec(&working, *state, "{}");
    working_close(&working);
    working_exec(&working, *state, "eval {}");
    working_fails(&working, "yes", "its results take more than 1.0M");
    working_fails(&working, "(yes &) ; yes", "its results take more than 1.0M");
    working_gives(&working, "echo next", "next");
    working_close(&working);
}

/* What a command makes of its standard output is not for the next one. */
static void one_command_cannot_spoil_the_next(void **state)
{
    struct working working;
    struct worker_setup setup = working_setup(NULL);
    setup.exec = "eval {}";
    setup.limit_bytes = 8 << 20;
    working_open(&working, *state, setup);
    working_gives(&working, "perl -e 'use Fcntl; fcntl(STDOUT, F_SETFL, O_NONBLOCK)'; echo a", "a");
    assert_true(working_run(&working, "head -c 4000000 /dev/zero"));
    assert_int_equal(working.outcome.frames_len, FRAME_HEADER_BYTES + 4000000);
    assert_true(working_run(&working, "exec >&- 2>&-; sleep 0.2"));
    assert_true(working.outcome.ns > 200000000);
    working_gives(&working, "ls /proc/self/fd | tr '\\n' ' '", "0 1 2 3 "); /* 3: of ls */
    working_gives(&working, "cat; echo end", "end"); /* standard input is empty */
    working_gives(&working, "yes | head -n 1", "y");
    working_fails(&working, "kill -PIPE $$", "killed by signal 13 (Broken pipe)"); /* as ever */
    working_close(&working);
}

static void output_that_cannot_be_read_is_no_end_of_it(void **state)
{
    struct working working;
    working_exec(&working, *state, "eval {}");
    working_gives(&working, "echo readable", "readable");
    working_fails(&working, "echo unreadable; sleep 0.1; echo rest",
                  "its output: Input/output error");
    working_fails(&working, "echo unreadable >/proc/self/fd/1", "its output: Input/output error");
    working_gives(&working, "echo next", "next");
    working_close(&working);
}

static void nothing_outlives_the_rank(void **state)
{
    struct world *world = *state;
    char task[192], seconds[32];
    snprintf(seconds, sizeof seconds, "1000.%d4", getpid());
    snprintf(task, sizeof task, "setsid sleep %s & timeout 999 sleep %s & sleep %s", seconds,
             seconds, seconds);
    pid_t rank = fork();
    if (rank == 0) {
        struct working working;
        working_exec(&working, world, "eval {}");
        working_run(&working, task);
        _exit(1);
    }
    assert_true(working_reaches(seconds, 4));
    kill(rank, SIGKILL);
    waitpid(rank, NULL, 0);
    assert_true(working_reaches(seconds, 0));
}

static const struct CMUnitTest tests[] = {
    world_test(a_task_is_one_word_and_never_interpreted),
    world_test(all_bytes_but_nul_arrive_in_an_argument),
    world_test(every_place_is_filled),
    world_test(without_a_place_a_task_is_standard_input),
    world_test(much_goes_both_ways_at_once),
    world_test(output_is_a_result_without_its_last_newline),
    world_test(what_cannot_be_an_argument_says_what_to_do),
    folder_test(a_command_that_fails_says_why),
    world_test(what_a_command_leaves_behind_is_ended),
    world_test(what_a_command_does_in_the_background_is_waited_for),
    world_test(output_without_end_is_ended),
    world_test(one_command_cannot_spoil_the_next),
    world_test(output_that_cannot_be_read_is_no_end_of_it),
    world_test(nothing_outlives_the_rank),
};

WORKING_MAIN(tests)
