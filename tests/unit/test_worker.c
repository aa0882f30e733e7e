/* SPDX-License-Identifier: BSD-3-Clause */
/* Tasks in a process of their own: whatever they do, the rank learns how each ended, in order. */
#include "working.h"

#include <sys/resource.h>

static char naughty[PATH_MAX];

static int begin(void **state)
{
    if (folder_begin(state) != 0)
        return -1;
    snprintf(naughty, sizeof naughty, "%s", working_plugin("naughty.so", ""));
    return 0;
}

#define naughty_test(name) cmocka_unit_test_setup_teardown(name, begin, folder_end)

static struct working *open_naughty(struct world *world)
{
    static struct working working;
    working_open(&working, world, working_setup(naughty));
    return &working;
}

static void ten_thousand_small_tasks_end_in_their_order(void **state)
{
    struct working *working = open_naughty(*state);
    enum { TASKS = 10000 };
    static char tasks[TASKS][16], expected[32];
    size_t added = 0, most = 0;
    for (size_t taken = 0; taken < TASKS; taken++) {
        for (; added < TASKS && worker_has_room(&working->worker); added++) {
            snprintf(tasks[added], sizeof *tasks, "task %zu", added);
            working_add(working, tasks[added], strlen(tasks[added]));
        }
        most = added - taken > most ? added - taken : most;
        assert_true(working_take(working));
        struct frame frame;
        frame_next(working->outcome.frames, working->outcome.frames + working->outcome.frames_len,
                   &frame);
        snprintf(expected, sizeof expected, "%zu:%s", strlen(tasks[taken]), tasks[taken]);
        assert_int_equal(frame.len, strlen(expected));
        assert_memory_equal(frame.bytes, expected, frame.len);
    }
    assert_int_equal(most, WIRE_AHEAD + 1);
    working_close(working);
}

static void no_task_no_outcome(void **state)
{
    struct working *working = open_naughty(*state);
    assert_false(worker_take(&working->worker, -1, &working->outcome, &working->world->fail));
    working_sleep(working, 300 * slow());
    assert_false(worker_take(&working->worker, 0, &working->outcome, &working->world->fail));
    assert_false(worker_take(&working->worker, 20, &working->outcome, &working->world->fail));
    assert_int_equal(working->world->fail.code, FAIL_NONE);
    assert_true(worker_take(&working->worker, -1, &working->outcome, &working->world->fail));
    assert_true(working->outcome.done);
    assert_in_range(working->outcome.ns, slow() * UINT64_C(300000000),
                    slow() * UINT64_C(3000000000));
    working_close(working);
}

static void tasks_and_results_have_any_bytes(void **state)
{
    struct working *working = open_naughty(*state);
    working_gives_bytes(working, "", 0, "0:", 2);
    working_gives_bytes(working, "a\0\n\xff", 4, "4:a\0\n\xff", 6);
    working_close(working);
}

/* The queue takes a large task only when it is empty or small, but then of any size. */
static void a_task_and_a_result_of_100_mb(void **state)
{
    enum { LARGE = 100 << 20 };
    struct working working;
    struct worker_setup setup = working_setup(naughty);
    setup.limit_bytes = LARGE + FRAME_HEADER_BYTES;
    working_open(&working, *state, setup);
    uint8_t *task = calloc(LARGE, 1);
    memcpy(task + LARGE - 20, "the end of the task!", 20);
    working_gives_bytes(&working, task, LARGE, "104857600:the end of the task!", 30);
    assert_true(working_run(&working, "large 104857600"));
    assert_int_equal(working.outcome.frames_len, LARGE + FRAME_HEADER_BYTES);
    for (size_t i = 0; i < LARGE; i += 4001)
        assert_int_equal(working.outcome.frames[FRAME_HEADER_BYTES + i], (i * 7 >> 3) & 0xff);
    assert_true(working.world->mem.peak_bytes <= LARGE + (1 << 20));
    working_fails(&working, "large 104857601", "its results take more than 101M");
    free(task);
    working_close(&working);
}

/* Both sides have more to send than sockets hold. */
static void both_sides_send_much_at_once(void **state)
{
    struct working working;
    struct worker_setup setup = working_setup(naughty);
    setup.limit_bytes = 8 << 20;
    working_open(&working, *state, setup);
    static uint8_t long_task[4 << 20];
    for (int i = 0; i < 10; i++) {
        working_add(&working, "large 4000000", 13);
        working_add(&working, long_task, sizeof long_task);
        assert_false(worker_has_room(&working.worker));
        assert_true(working_take(&working));
        assert_int_equal(working.outcome.frames_len, 4000000 + FRAME_HEADER_BYTES);
        assert_true(working_take(&working));
    }
    working_close(&working);
}

/* One after another in the queue: what fails takes nothing with it. */
static void a_task_that_ends_its_process_fails_alone(void **state)
{
    struct working *working = open_naughty(*state);
    static const char *const tasks[] = {"a", "kill", "b", "exit", "segv", "c", "kill"};
    const char *segv = WORKING_SANITIZED ? "the worker ended with exit 1"
                                         : "killed by signal 11 (Segmentation fault)";
    const char *reasons[] = {
        "", "killed by signal 9 (Killed)", "", "the worker ended with exit 3", segv,
        "", "killed by signal 9 (Killed)"};
    for (size_t i = 0; i < LEN(tasks); i++)
        working_add(working, tasks[i], strlen(tasks[i]));
    for (size_t i = 0; i < LEN(tasks); i++) {
        assert_int_equal(working_take(working), !reasons[i][0]);
        assert_string_equal(working->outcome.reason, reasons[i]);
    }
    /* Its end of the connection lives on in a child of its own. */
    working_fails(working, "fork and kill", "killed by signal 9 (Killed)");
    working_gives(working, "still there", "11:still there");
    working_close(working);
}

static void a_process_that_ends_between_tasks_costs_no_task(void **state)
{
    struct working *working = open_naughty(*state);
    for (int i = 0; i < 3; i++) {
        pid_t pid = working->worker.wire.process.pid;
        siginfo_t ended;
        kill(pid, SIGKILL);
        assert_int_equal(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0);
        working_gives(working, "next", "4:next");
    }
    working_close(working);
}

static void a_task_that_takes_too_long_is_ended(void **state)
{
    static const char *const tasks[] = {"hang", "deaf", "stop", "sleep 600000"};
    struct working working;
    struct worker_setup setup = working_setup(naughty);
    setup.timeout_s = 0.25 * slow();
    working_open(&working, *state, setup);
    for (size_t i = 0; i < LEN(tasks); i++) {
        working_fails(&working, tasks[i], working_too_long(setup.timeout_s));
        assert_in_range(working.outcome.ns, slow() * UINT64_C(250000000),
                        slow() * UINT64_C(5000000000));
        working_gives(&working, "next", "4:next");
    }
    /* Time runs from the end of the task before. */
    for (int i = 0; i < 4; i++)
        working_sleep(&working, 150 * slow());
    for (int i = 0; i < 4; i++)
        assert_true(working_take(&working));
    /* A task that ended too late while nobody looked has failed all the same. */
    working_sleep(&working, 400 * slow());
    worker_take(&working.worker, 0, &working.outcome, &working.world->fail);
    nanosleep(&(struct timespec){.tv_sec = (time_t)slow(), .tv_nsec = 0}, NULL);
    assert_false(working_take(&working));
    assert_string_equal(working.outcome.reason, working_too_long(setup.timeout_s));
    working_close(&working);
}

static void results_without_end_are_ended(void **state)
{
    struct working *working = open_naughty(*state);
    for (int i = 0; i < 3; i++) {
        working_fails(working, "endless", "its results take more than 1.0M");
        working_gives(working, "next", "4:next");
    }
    assert_true(working->world->mem.peak_bytes <= 2 << 20);
    working_close(working);
}

static void a_process_that_lost_its_mind_is_replaced(void **state)
{
    struct working *working = open_naughty(*state);
    working_fails(working, "nonsense", "its worker sends nonsense");
    working_fails(working, "close", "killed by signal 9 (Killed)");
    working_gives(working, "next", "4:next");
    working_close(working);
}

static void what_a_task_prints_is_no_output_of_ours(void **state)
{
    const char *path = folder_path("stdout");
    int saved = dup(STDOUT_FILENO), file = open(path, O_RDWR | O_CREAT, 0600);
    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    struct working *working = open_naughty(*state);
    bool done = working_run(working, "print");
    dup2(saved, STDOUT_FILENO);
    working_close(working);
    off_t bytes = lseek(file, 0, SEEK_END);
    close(saved);
    close(file);
    assert_true(done);
    assert_int_equal(working->outcome.frames_len, 0);
    assert_int_equal(bytes, 0);
}

static void a_process_has_no_descriptors_but_its_own(void **state)
{
    int left_open = open("/dev/null", O_RDONLY), high = fcntl(left_open, F_DUPFD, 200);
    struct working *working = open_naughty(*state);
    assert_true(working_run(working, "descriptors"));
    const uint8_t *at = working->outcome.frames, *end = at + working->outcome.frames_len;
    int seen = 0;
    for (struct frame frame; at < end;) {
        assert_non_null(at = frame_next(at, end, &frame));
        assert_int_equal(frame.len, 1);
        assert_in_range(frame.bytes[0], '0', '3');
        seen |= 1 << (frame.bytes[0] - '0');
    }
    assert_int_equal(seen, 15);
    close(left_open);
    close(high);
    working_close(working);
}

static void our_descriptors_do_not_grow_with_processes(void **state)
{
    struct working *working = open_naughty(*state);
    int before = dup(0);
    for (int i = 0; i < 5; i++)
        working_fails(working, "kill", "killed by signal 9 (Killed)");
    working_close(working);
    int after = dup(0);
    close(before);
    close(after);
    assert_true(after <= before);
}

static void nothing_is_left_after_close_or_a_time_out(void **state)
{
    struct working working;
    struct worker_setup setup = working_setup(naughty);
    char task[128], seconds[32];
    snprintf(seconds, sizeof seconds, "1000.%d1", getpid());
    /* Two leave the process group, one of them the session. */
    snprintf(task, sizeof task, "sh s=%s;setsid sleep $s&timeout 999 sleep $s&sleep $s", seconds);
    working_open(&working, *state, setup);
    working_add(&working, task, strlen(task));
    worker_take(&working.worker, 0, &working.outcome, &working.world->fail);
    assert_true(working_reaches(seconds, 4));
    working_close(&working);
    assert_int_equal(working_processes(seconds), 0);
    setup.timeout_s = 0.5 * slow();
    working_open(&working, *state, setup);
    assert_false(working_run(&working, task));
    assert_int_equal(working_processes(seconds), 0);
    working_close(&working);
}

/* However the rank ends: even killed, in the middle of a task that goes on for ever. */
static void nothing_outlives_the_rank(void **state)
{
    static const char *const tasks[] = {"sh s=%s;setsid sleep $s&sleep $s", "hang", "deaf"};
    struct world *world = *state;
    for (size_t i = 0; i < LEN(tasks); i++) {
        char task[128], mark[32];
        snprintf(mark, sizeof mark, "1000.%d2", getpid());
        snprintf(task, sizeof task, tasks[i], mark);
        pid_t rank = fork();
        if (rank == 0) {
            struct working working;
            struct worker_setup setup = working_setup(naughty);
            setup.arguments = mark; /* by which it is found */
            working_open(&working, world, setup);
            working_run(&working, task);
            _exit(1);
        }
        assert_true(working_reaches(mark, i == 0 ? 3 : 1));
        kill(rank, SIGKILL);
        waitpid(rank, NULL, 0);
        assert_true(working_reaches(mark, 0));
    }
}

static void a_process_that_cannot_be_started_again_is_a_failure(void **state)
{
    struct working working;
    struct worker_setup setup = working_setup(naughty);
    setup.arguments = folder_path("begun");
    working_open(&working, *state, setup);
    working_add(&working, "kill", 4);
    working_add(&working, "next", 4);
    assert_false(working_take(&working));
    assert_false(worker_take(&working.worker, -1, &working.outcome, &working.world->fail));
    assert_int_equal(working.world->fail.code, FAIL_INPUT);
    assert_non_null(strstr(working.world->fail.text, "begun: exists"));
    working.world->fail = (struct fail){0};
    working_close(&working);
}

static void no_memory_is_a_failure_of_the_rank(void **state)
{
    struct world *world = *state;
    struct working working;
    struct worker_setup setup = working_setup(naughty);
    setup.limit_bytes = SIZE_MAX;
    working_open(&working, world, setup);
    world->mem.limit_bytes = 4 << 20;
    working_add(&working, "large 9000000", 13);
    assert_false(worker_take(&working.worker, -1, &working.outcome, &world->fail));
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    working_close(&working);
}

/* By which a program of MPI would take itself for a rank, and what is a user's own. */
static void the_environment_knows_nothing_of_ranks(void **state)
{
    static const char *const gone[] = {
        "OMPI_COMM_WORLD_RANK", "OMPI_MCA_btl",         "PMIX_RANK",   "PMI_SIZE",
        "SLURM_PROCID",         "SLURM_STEP_NUM_TASKS", "SLURM_STEPID"};
    static const char *const kept[] = {"SLURM_JOB_ID", "OMPI_ALLOW_RUN_AS_ROOT", "MINE"};
    for (size_t i = 0; i < LEN(gone); i++)
        setenv(gone[i], "1", 1);
    for (size_t i = 0; i < LEN(kept); i++)
        setenv(kept[i], "yes", 1);
    struct working working;
    working_exec(&working, *state, "printenv {} || echo none");
    for (size_t i = 0; i < LEN(gone); i++)
        working_gives(&working, gone[i], "none");
    for (size_t i = 0; i < LEN(kept); i++)
        working_gives(&working, kept[i], "yes");
    working_close(&working);
    for (size_t i = 0; i < LEN(gone); i++)
        unsetenv(gone[i]);
}

static void settings_that_cannot_be_are_refused(void **state)
{
    struct world *world = *state;
    struct worker_setup setup = working_setup("sqares");
    working_refused(
        world, setup, FAIL_USAGE,
        "sqares: no such task; did you mean squares? There are primes, squares, sum-squares");
    setup.task = "cubes";
    working_refused(world, setup, FAIL_USAGE,
                    "cubes: no such task; there are primes, squares, sum-squares");
    setup.task = "sqares";
    setup.isolate = false;
    working_refused(world, setup, FAIL_USAGE, "sqares: no such task");
    setup.task = "primes";
    setup.delay_s = 1;
    working_refused(world, setup, FAIL_USAGE, "only the task squares takes a delay");
    setup.delay_s = 0;
    setup.timeout_s = 1;
    working_refused(world, setup, FAIL_USAGE, "a time limit needs");
    setup = (struct worker_setup){.exec = "true"};
    working_refused(world, setup, FAIL_USAGE, "a command needs");
    setup = (struct worker_setup){.task = "primes", .arguments = "2", .isolate = true};
    working_refused(world, setup, FAIL_USAGE, "only plug-ins take arguments");
}

static const struct CMUnitTest tests[] = {
    naughty_test(ten_thousand_small_tasks_end_in_their_order),
    naughty_test(no_task_no_outcome),
    naughty_test(tasks_and_results_have_any_bytes),
    naughty_test(a_task_and_a_result_of_100_mb),
    naughty_test(both_sides_send_much_at_once),
    naughty_test(a_task_that_ends_its_process_fails_alone),
    naughty_test(a_process_that_ends_between_tasks_costs_no_task),
    naughty_test(a_task_that_takes_too_long_is_ended),
    naughty_test(results_without_end_are_ended),
    naughty_test(a_process_that_lost_its_mind_is_replaced),
    naughty_test(what_a_task_prints_is_no_output_of_ours),
    naughty_test(a_process_has_no_descriptors_but_its_own),
    naughty_test(our_descriptors_do_not_grow_with_processes),
    naughty_test(nothing_is_left_after_close_or_a_time_out),
    naughty_test(nothing_outlives_the_rank),
    naughty_test(a_process_that_cannot_be_started_again_is_a_failure),
    naughty_test(no_memory_is_a_failure_of_the_rank),
    world_test(the_environment_knows_nothing_of_ranks),
    world_test(settings_that_cannot_be_are_refused),
};

WORKING_MAIN(tests)
