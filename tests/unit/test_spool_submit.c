/* SPDX-License-Identifier: BSD-3-Clause */
/* Submissions: each has a number of its own, and is there as it was handed in, or not at all. */
#include "spool/spool_submit.h"

#include "spool/spool_look.h"

#include "spooled.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

/* How far the clock of this process is ahead. */
static time_t ahead_s;

time_t time(time_t *into)
{
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
    now.tv_sec += ahead_s;
    if (into)
        *into = now.tv_sec;
    return now.tv_sec;
}

static const struct spool_job nothing_said = {.task_timeout_s = -1, .retries = -1};

/* Submits texts, up to NULL, as if each were a file; with a range in the job there are none. */
static bool submitted(const struct spool *spool, const struct spool_job *job,
                      const char *const *texts, uint64_t *number, struct fail *fail)
{
    struct spool_submit submit;
    bool ok = spool_submit_begin(&submit, spool, job->range, fail);
    for (; ok && *texts && !job->range; texts++) {
        for (const char *at = *texts; ok && *at; at++) /* byte by byte, as they may come */
            ok = spool_submit_add(&submit, at, 1, fail);
        ok = ok && spool_submit_end_line(&submit, fail);
    }
    ok = ok && spool_submit_finish(&submit, job, number, fail);
    spool_submit_free(&submit);
    spool_submit_free(&submit);
    return ok;
}

static uint64_t must_submit(struct world *world, const struct spool *spool,
                            const struct spool_job *job, const char *text)
{
    uint64_t number = 0;
    expect_ok(submitted(spool, job, (const char *const[]){text, NULL}, &number, &world->fail));
    return number;
}

/* Reads a job back, with its tasks, which must be these. */
static void expect_submission(struct world *world, const struct spool *spool, uint64_t number,
                              const char *tasks, uint64_t lines)
{
    struct spool_job job;
    struct spool_job_check check;
    bool done = false;
    size_t len;
    char name[SPOOL_NAME_BYTES];
    expect_ok(spool_job_read(spool, number, &job, &world->fail));
    expect_ok(spool_job_check_begin(&check, spool, &job, &world->fail));
    while (!done)
        expect_ok(spool_job_check_more(&check, SIZE_MAX, &done, &world->fail));
    spool_job_check_end(&check);
    assert_true(job.tasks == lines);
    spool_job_free(&job);
    snprintf(name, sizeof name, "%" PRIu64 ".tasks", number);
    uint8_t *bytes = folder_get(in_spool(name), &len);
    assert_int_equal(bytes != NULL, tasks != NULL);
    if (tasks) {
        assert_int_equal(len, strlen(tasks));
        assert_memory_equal(bytes, tasks, len);
    }
    free(bytes);
}

static size_t files_in_spool(const char *prefix)
{
    size_t files = 0;
    DIR *entries = opendir(spool_name());
    assert_non_null(entries);
    for (struct dirent *entry; (entry = readdir(entries));)
        files += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    closedir(entries);
    return files;
}

static void texts_become_the_lines_of_a_submission(void **state)
{
    static const char *const texts[] = {"1\n2", "", "\n3\n\n", "4", NULL};
    struct world *world = *state;
    struct spool spool;
    struct stat status;
    uint64_t number;
    must_make(world, &spool);
    expect_ok(submitted(&spool, &nothing_said, texts, &number, &world->fail));
    assert_true(number == 1);
    expect_submission(world, &spool, 1, "1\n2\n\n3\n\n4\n", 4); /* empty lines are no tasks */
    assert_true(must_submit(world, &spool, &nothing_said, NULL) == 2);
    expect_submission(world, &spool, 2, "", 0);
    assert_int_equal(stat(in_spool("1.tasks"), &status), 0);
    assert_true((status.st_mode & 07777) == 0600 && status.st_nlink == 1);
    assert_int_equal(stat(in_spool("1.job"), &status), 0);
    assert_true((status.st_mode & 07777) == 0600 && status.st_nlink == 1);
    assert_int_equal(files_in_spool(""), 2 + 4);
    spool_close(&spool);
}

static void a_job_says_who_where_and_how(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_job job,
        asked = {.exec = "true", .task_timeout_s = -1, .retries = 3, .range = "1..6/3", .tasks = 3};
    char host[SPOOL_HOST_BYTES];
    assert_int_equal(gethostname(host, sizeof host), 0);
    must_make(world, &spool);
    uint64_t before = (uint64_t)time(NULL);
    assert_true(must_submit(world, &spool, &asked, NULL) == 1);
    assert_false(is_there("1.tasks"));
    expect_ok(spool_job_read(&spool, 1, &job, &world->fail));
    assert_string_equal(job.exec, "true");
    assert_string_equal(job.range, "1..6/3");
    assert_true(job.retries == 3 && job.tasks == 3 && job.task_timeout_s < 0 && !job.task);
    assert_string_equal(job.host, host);
    assert_true(job.time_s >= before && job.time_s <= (uint64_t)time(NULL));
    if (geteuid() == 0)
        assert_string_equal(job.user, "root");
    spool_job_free(&job);
    spool_close(&spool);
}

static void numbers_go_on_behind_what_there_is(void **state)
{
    struct world *world = *state;
    struct spool spool;
    uint64_t number;
    must_make(world, &spool);
    put("41.result", "");
    put("18446744073709551616.job", "");
    put("077.job", "");
    assert_true(must_submit(world, &spool, &nothing_said, "x") == 42);
    put("43.tasks", ""); /* somebody is about to have it */
    assert_true(must_submit(world, &spool, &nothing_said, "x") == 44);
    put("9223372036854775807.part", "");
    assert_false(
        submitted(&spool, &nothing_said, (const char *const[]){NULL}, &number, &world->fail));
    expect_failure(world, FAIL_OUTPUT, ": no number is left");
    assert_int_equal(files_in_spool(".new-"), 0);
    spool_close(&spool);
}

static void what_is_not_finished_never_was(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_submit submit;
    uint64_t number;
    struct spool_job job = nothing_said;
    must_make(world, &spool);
    job.chdir = "/\xff";
    assert_false(submitted(&spool, &job, (const char *const[]){"x", NULL}, &number, &world->fail));
    assert_int_equal(world->fail.code, FAIL_USAGE);
    world->fail = (struct fail){0};
    expect_ok(spool_submit_begin(&submit, &spool, false, &world->fail)
              && spool_submit_add(&submit, "x", 1, &world->fail));
    ahead_s = 3700; /* its client takes its time, and others do not remove what it has */
    must_submit(world, &spool, &nothing_said, "y");
    ahead_s = 0;
    assert_int_equal(files_in_spool(".new-"), 2);
    spool_submit_free(&submit);
    assert_int_equal(files_in_spool(""), 2 + 2);
    spool_close(&spool);
}

enum { CLIENTS = 8, EACH = 50 };

/* What client number `client` submits, `one` of its submissions. */
static void tasks_of(int client, int one, char text[64])
{
    snprintf(text, 64, "client %d\nsubmission %d\n", client, one);
}

/* Every third one is a range, which has no tasks. The numbers go to the parent. */
static int be_client(int client, int numbers)
{
    struct fail failure = {0};
    struct spool spool;
    char text[64];
    uint64_t number[EACH];
    bool ok = spool_open(&spool, spool_name(), true, &failure);
    for (int i = 0; ok && i < EACH; i++) {
        struct spool_job job = nothing_said;
        tasks_of(client, i, text);
        job.exec = text;
        job.range = i % 3 == 2 ? "1..2" : NULL;
        job.tasks = 2;
        ok = submitted(&spool, &job, (const char *const[]){text, NULL}, &number[i], &failure);
    }
    if (!ok)
        fprintf(stderr, "%s\n", failure.text);
    return !(ok && write(numbers, number, sizeof number) == sizeof number);
}

static void many_clients_at_once_get_numbers_of_their_own(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_look look = {0};
    pid_t children[CLIENTS];
    int pipes[CLIENTS][2];
    static bool seen[CLIENTS * EACH];
    memset(seen, 0, sizeof seen);
    fflush(NULL);
    for (int i = 0; i < CLIENTS; i++) {
        assert_int_equal(pipe(pipes[i]), 0);
        children[i] = fork();
        if (children[i] == 0)
            _exit(be_client(i, pipes[i][1]));
    }
    for (int i = 0; i < CLIENTS; i++)
        assert_int_equal(status_of(children[i]), 0);
    expect_ok(spool_open(&spool, spool_name(), false, &world->fail));
    for (int i = 0; i < CLIENTS; i++) {
        uint64_t number[EACH];
        assert_int_equal(read(pipes[i][0], number, sizeof number), sizeof number);
        close(pipes[i][0]);
        close(pipes[i][1]);
        for (int j = 0; j < EACH; j++) {
            char text[64];
            struct spool_job job;
            assert_true(number[j] >= 1 && number[j] <= CLIENTS * EACH && !seen[number[j] - 1]);
            assert_true(j == 0 || number[j] > number[j - 1]);
            seen[number[j] - 1] = true;
            tasks_of(i, j, text);
            expect_submission(world, &spool, number[j], j % 3 == 2 ? NULL : text, 2);
            expect_ok(spool_job_read(&spool, number[j], &job, &world->fail));
            assert_string_equal(job.exec, text);
            spool_job_free(&job);
        }
    }
    expect_ok(spool_look(&look, &spool, &world->fail));
    assert_int_equal(look.len, CLIENTS * EACH);
    assert_int_equal(files_in_spool(".new-"), 0);
    spool_look_free(&look);
    spool_close(&spool);
}

static void submit_for_ever(void)
{
    struct fail failure = {0};
    struct spool spool;
    uint64_t number;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    bool ok = spool_open(&spool, spool_name(), true, &failure);
    while (ok)
        ok = submitted(&spool, &nothing_said, (const char *const[]){"x\ny", NULL}, &number,
                       &failure);
    fprintf(stderr, "%s\n", failure.text);
    _exit(1);
}

static void a_client_that_is_killed_leaves_whole_submissions_only(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_look look = {0};
    size_t before = 0;
    must_make(world, &spool);
    for (unsigned kills = 0; kills < 20; kills++) {
        fflush(NULL);
        pid_t child = fork();
        if (child == 0)
            submit_for_ever();
        while (look.len < before + 3)
            expect_ok(spool_look(&look, &spool, &world->fail));
        usleep(kills * 97 % 1000);
        kill(child, SIGKILL);
        assert_int_equal(status_of(child), 128 + SIGKILL);
        expect_ok(spool_look(&look, &spool, &world->fail));
        before = look.len;
    }
    for (size_t i = 0; i < look.len; i++)
        expect_submission(world, &spool, look.entries[i].number, "x\ny\n", 2);
    ahead_s = 3700;
    expect_ok(spool_serve(&spool, &world->fail));
    ahead_s = 0;
    assert_int_equal(files_in_spool(".new-"), 0);
    assert_int_equal(files_in_spool(""), 2 + 2 * look.len + 1);
    spool_look_free(&look);
    spool_close(&spool);
}

static void what_the_dead_left_is_removed_an_hour_later(void **state)
{
    struct world *world = *state;
    struct spool spool;
    char name[PATH_MAX];
    must_make(world, &spool);
    put(".new-dead.tasks", "");
    put(".new-alive.tasks", "");
    put("7.tasks", "");
    snprintf(name, sizeof name, "%s", in_spool("8.tasks"));
    assert_int_equal(link(in_spool(".new-alive.tasks"), name), 0);
    put("9.tasks", "");
    put("9.job", "");
    int alive = open(in_spool(".new-alive.tasks"), O_RDWR);
    assert_int_equal(fcntl(alive, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK}), 0);
    for (ahead_s = 0; ahead_s <= 3700; ahead_s += 3700) {
        must_submit(world, &spool, &nothing_said, "x");
        assert_true(is_there(".new-dead.tasks") == (ahead_s == 0) && is_there("7.tasks"));
    }
    ahead_s = 0; /* the clock is right again: it is new */
    expect_ok(spool_serve(&spool, &world->fail));
    assert_true(is_there("7.tasks"));
    spool_close(&spool);
    must_make(world, &spool);
    ahead_s = 3700;
    expect_ok(spool_serve(&spool, &world->fail));
    assert_false(is_there("7.tasks"));
    assert_true(is_there(".new-alive.tasks") && is_there("8.tasks") && is_there("9.tasks"));
    close(alive);
    spool_close(&spool);
    must_make(world, &spool);
    expect_ok(spool_serve(&spool, &world->fail));
    ahead_s = 0;
    assert_false(is_there(".new-alive.tasks") || is_there("8.tasks"));
    assert_true(is_there("9.tasks"));
    spool_close(&spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(texts_become_the_lines_of_a_submission),
        folder_test(a_job_says_who_where_and_how),
        folder_test(numbers_go_on_behind_what_there_is),
        folder_test(what_is_not_finished_never_was),
        folder_test(many_clients_at_once_get_numbers_of_their_own),
        folder_test(a_client_that_is_killed_leaves_whole_submissions_only),
        folder_test(what_the_dead_left_is_removed_an_hour_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
