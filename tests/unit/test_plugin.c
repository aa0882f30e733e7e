/* SPDX-License-Identifier: BSD-3-Clause */
/* Plug-ins: those that cannot be used are told apart, and all calls arrive. */
#include "working.h"

static struct worker_setup with_arguments(const char *path, const char *arguments)
{
    struct worker_setup setup = working_setup(path);
    setup.arguments = arguments;
    return setup;
}

static void a_file_that_is_no_plugin_is_named(void **state)
{
    struct world *world = *state;
    const char *text = folder_put("text.so", "no library\n", 11);
    const char *none = folder_path("none.so");
    const char *old = working_plugin("old.so", "-DABI=99");
    const char *other = working_plugin("other.so", "-DSYMBOL=another");
    const char *lame = working_plugin("lame.so", "-DNO_RUN -Wno-unused-function");
    const char *open = working_plugin("open.so",
                                      "-Dusleep=nobody_has_this "
                                      "-Wno-implicit-function-declaration");
    const struct {
        const char *path, *cause;
    } rows[] = {
        {none, "cannot open shared object file: No such file or directory"},
        {text, "file too short"},
        {folder_name, "Is a directory"},
        {old, "is made for version 99 of task.h, this is 1"},
        {other, "has no symbol task_plugin, so it is no plug-in"},
        {lame, "has no function run"},
        {open, "undefined symbol: nobody_has_this"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        for (int isolate = 0; isolate < 2; isolate++) {
            struct worker_setup setup = working_setup(rows[i].path);
            char start[PATH_MAX];
            setup.isolate = isolate;
            snprintf(start, sizeof start, "%s: ", rows[i].path);
            working_refused(world, setup, FAIL_INPUT, rows[i].cause);
            working_refused(world, setup, FAIL_INPUT, start);
        }
    }
}

static void what_its_init_says_ends_the_start(void **state)
{
    struct world *world = *state;
    const char *path = working_plugin("naughty.so", "");
    for (int isolate = 0; isolate < 2; isolate++) {
        struct worker_setup setup = with_arguments(path, "refuse");
        setup.isolate = isolate;
        working_refused(world, setup, FAIL_INPUT, "naughty.so: it does?not want to");
        setup.arguments = "silent";
        working_refused(world, setup, FAIL_INPUT, "naughty.so: cannot begin, and does not say why");
        setup.arguments = "early";
        working_refused(world, setup, FAIL_INPUT, "naughty.so: results before the first task");
    }
    working_refused(world, with_arguments(path, "crash"), FAIL_INPUT,
                    "naughty.so: its process ended before the first task: "
                    "killed by signal 9 (Killed)");
}

/* Here and in a process of its own. */
static void all_calls_arrive(void **state)
{
    static const struct frame expected[] = {
        {VALUE_KIND_RESULT, (const uint8_t *)"a\n\0b", 4, 0},
        {VALUE_KIND_RESULT, (const uint8_t *)"", 0, 0},
        {VALUE_KIND_SUM, (const uint8_t *)"k", 1, -5},
        {VALUE_KIND_MIN, (const uint8_t *)"", 0, INT64_MIN},
        {VALUE_KIND_MAX, (const uint8_t *)"m\0n", 3, INT64_MAX},
        {VALUE_KIND_COUNT, (const uint8_t *)"c", 1, 1},
    };
    struct worker_setup setup =
        with_arguments(working_plugin("naughty.so", ""), "a text\n of 'mine'");
    for (int isolate = 0; isolate < 2; isolate++) {
        struct working working;
        setup.isolate = isolate;
        working_open(&working, *state, setup);
        assert_true(working_run(&working, "emit"));
        const uint8_t *at = working.outcome.frames, *end = at + working.outcome.frames_len;
        for (size_t i = 0; i < LEN(expected); i++) {
            struct frame frame;
            assert_non_null(at = frame_next(at, end, &frame));
            assert_int_equal(frame.kind, expected[i].kind);
            assert_int_equal(frame.value, expected[i].value);
            assert_int_equal(frame.len, expected[i].len);
            assert_memory_equal(frame.bytes, expected[i].bytes, frame.len);
        }
        assert_ptr_equal(at, end);
        working_gives(&working, "arguments", "a text\n of 'mine'");
        working_fails(&working, "fail", "reason 42?%s");
        working_fails(&working, "fail and go on", "no");
        working_fails(&working, "return", "the task returned 7 and does not say why");
        working_fails(&working, "large 1048553", "its results take more than 1.0M");
        assert_true(working_run(&working, "large 1048552"));
        assert_int_equal(working.outcome.frames_len, 1 << 20);
        working_gives(&working, "next", "4:next");
        working_close(&working);
    }
}

static void a_child_of_a_task_does_not_answer_for_it(void **state)
{
    struct worker_setup setup = working_setup(working_plugin("naughty.so", ""));
    for (int isolate = 0; isolate < 2; isolate++) {
        struct working working;
        setup.isolate = isolate;
        working_open(&working, *state, setup);
        working_gives(&working, "before", "6:before");
        working_gives(&working, "fork and answer", "15:fork and answer");
        working_gives(&working, "fork and return", "15:fork and return");
        working_gives(&working, "after", "5:after");
        working_close(&working);
    }
}

/* In a process of its own it is what the worker says of it; here it must not pass for an end. */
static void exit_in_a_task_is_a_failure(void **state)
{
    struct working working;
    struct worker_setup setup = working_setup(working_plugin("naughty.so", ""));
    working_open(&working, *state, setup);
    working_fails(&working, "exit 0", "the worker ended with exit 0");
    working_gives(&working, "after", "5:after");
    working_close(&working);
    setup.isolate = false;
    int status;
    fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        working_open(&working, *state, setup);
        working_run(&working, "exit 0");
        _exit(FAIL_NONE);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), FAIL_OTHER);
}

/* Where standard output is one and standard error another. */
static void what_a_task_prints_is_no_result(void **state)
{
    static const char *const names[] = {"printed", "errors"};
    struct worker_setup setup = working_setup(working_plugin("naughty.so", ""));
    for (int isolate = 0; isolate < 2; isolate++) {
        struct working working;
        int kept[2];
        size_t lens[2];
        fflush(stdout);
        for (int i = 0; i < 2; i++) {
            kept[i] = dup(STDOUT_FILENO + i);
            assert_non_null(freopen(folder_put(names[i], "", 0), "w", i ? stderr : stdout));
        }
        setup.isolate = isolate;
        working_open(&working, *state, setup);
        const bool done = working_run(&working, "print");
        working_close(&working);
        printf("ours\n");
        fflush(stdout);
        for (int i = 0; i < 2; i++) {
            dup2(kept[i], STDOUT_FILENO + i);
            close(kept[i]);
            free(folder_get(folder_path(names[i]), &lens[i]));
        }
        assert_true(done);
        assert_int_equal(lens[0], 5); /* ours */
        assert_int_equal(lens[1], 6); /* its noise */
    }
}

static void without_arguments_there_are_none(void **state)
{
    struct working working;
    const char *path = working_plugin("naughty.so", "");
    working_open(&working, *state, working_setup(path));
    working_gives(&working, "arguments", "none");
    working_close(&working);
    working_open(&working, *state, with_arguments(path, ""));
    assert_true(working_run(&working, "arguments"));
    assert_int_equal(working.outcome.frames_len, FRAME_HEADER_BYTES); /* an empty one */
    working_close(&working);
}

static void build_template(const char *source)
{
    char line[512], command[512] = "";
    FILE *file = fopen(source, "r");
    assert_non_null(file);
    while (!command[0] && fgets(line, sizeof line, file))
        if (strstr(line, " -shared "))
            snprintf(command, sizeof command, "%s -Wextra -Werror", strtok(line + 2, "\n") + 1);
    fclose(file);
    assert_int_equal(system("mkdir -p build"), 0);
    assert_int_equal(system(command), 0);
}

static int64_t value_of(struct working *working, enum value_kind kind, const char *key)
{
    const uint8_t *at = working->outcome.frames, *end = at + working->outcome.frames_len;
    for (struct frame frame; at < end;) {
        assert_non_null(at = frame_next(at, end, &frame));
        if (frame.kind == kind && frame.len == strlen(key) && !memcmp(frame.bytes, key, frame.len))
            return frame.value;
    }
    fail_msg("no frame of kind %d with key %s", kind, key);
    return 0;
}

/* By the commands in them: one is for c++. */
static void the_templates_work_as_they_say(void **state)
{
    struct working working;
    build_template("src/task/template/longest.c");
    working_open(&working, *state, working_setup("build/longest.so"));
    assert_true(working_run(&working, "seven b"));
    assert_int_equal(value_of(&working, VALUE_KIND_SUM, "bytes"), 7);
    assert_int_equal(value_of(&working, VALUE_KIND_MAX, "longest"), 7);
    working_fails(&working, "", "the task is empty");
    working_close(&working);

    build_template("src/task/template/columns.c");
    working_open(&working, *state, with_arguments("build/columns.so", ","));
    assert_true(working_run(&working, "3,-4,5"));
    assert_int_equal(value_of(&working, VALUE_KIND_MIN, "column 2"), -4);
    assert_int_equal(value_of(&working, VALUE_KIND_MAX, "column 3"), 5);
    assert_int_equal(value_of(&working, VALUE_KIND_RESULT, "4"), 0);
    working_fails(&working, "3,x", "column 2 is no number: x");
    working_close(&working);
    working_refused(*state, with_arguments("build/columns.so", ",,"), FAIL_INPUT,
                    "build/columns.so: one character that parts columns is expected: ,,");

    build_template("src/task/template/letters.cpp");
    working_open(&working, *state, working_setup("build/letters.so"));
    assert_true(working_run(&working, "abracadabra"));
    assert_int_equal(working.outcome.frames_len, 11 * (FRAME_HEADER_BYTES + 1));
    assert_int_equal(value_of(&working, VALUE_KIND_COUNT, "d"), 1);
    working_close(&working);
}

static const struct CMUnitTest tests[] = {
    folder_test(a_file_that_is_no_plugin_is_named),
    folder_test(what_its_init_says_ends_the_start),
    folder_test(all_calls_arrive),
    folder_test(a_child_of_a_task_does_not_answer_for_it),
    folder_test(exit_in_a_task_is_a_failure),
    folder_test(what_a_task_prints_is_no_result),
    folder_test(without_arguments_there_are_none),
    folder_test(the_templates_work_as_they_say),
};

WORKING_MAIN(tests)
