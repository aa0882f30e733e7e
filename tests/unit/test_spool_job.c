/* SPDX-License-Identifier: BSD-3-Clause */
/* What was submitted: it is read as it was written, and refused when it was not. */
#include "spool/spool_job.h"

#include "spooled.h"

#include <xxhash.h>

#define HEAD "{\"schema\": 1, \"user\": \"u\", \"host\": \"h\", \"time\": 1, \"tasks\": 2"
#define REST ", \"bytes\": 4, \"xxh3\": \"00000000000000ff\"}"

static void put_job(const struct spool_job *job)
{
    struct fail failure = {0};
    size_t len;
    char name[SPOOL_NAME_BYTES], *text = spool_job_text(job, &len, &failure);
    assert_non_null(text);
    assert_int_equal(len, strlen(text));
    snprintf(name, sizeof name, "%" PRIu64 ".job", job->number);
    put(name, text);
    free(text);
}

static void expect_text(const char *text, const char *expected)
{
    assert_int_equal(text != NULL, expected != NULL);
    if (text)
        assert_string_equal(text, expected);
}

static void expect_job(struct world *world, const struct spool *spool,
                       const struct spool_job *expected)
{
    struct spool_job job;
    put_job(expected);
    expect_ok(spool_job_read(spool, expected->number, &job, &world->fail));
    assert_true(job.number == expected->number && job.time_s == expected->time_s);
    assert_true(job.tasks == expected->tasks && job.bytes == expected->bytes);
    assert_true(job.xxh3 == expected->xxh3 && job.retries == expected->retries);
    assert_true(job.task_timeout_s == expected->task_timeout_s);
    expect_text(job.user, expected->user);
    expect_text(job.host, expected->host);
    expect_text(job.exec, expected->exec);
    expect_text(job.task, expected->task);
    expect_text(job.task_arguments, expected->task_arguments);
    expect_text(job.range, expected->range);
    expect_text(job.collect, expected->collect);
    expect_text(job.shell, expected->shell);
    expect_text(job.chdir, expected->chdir);
    spool_job_free(&job);
    spool_job_free(&job);
}

static void jobs_are_read_as_they_were_written(void **state)
{
    struct world *world = *state;
    struct spool spool;
    must_make(world, &spool);
    expect_job(world, &spool,
               &(struct spool_job){.number = 1,
                                   .user = "me",
                                   .host = "here",
                                   .time_s = 1700000000,
                                   .tasks = 3,
                                   .bytes = INT64_MAX,
                                   .xxh3 = UINT64_MAX,
                                   .task_timeout_s = -1,
                                   .retries = -1});
    expect_job(world, &spool,
               &(struct spool_job){.number = UINT64_MAX,
                                   .user = "me",
                                   .host = "here",
                                   .exec = "printf '%s\\n' \"{}\"\t\x01\xc3\xa4",
                                   .task = "/a/b.so",
                                   .task_arguments = "",
                                   .range = "1..9",
                                   .collect = "sum",
                                   .shell = "bash",
                                   .chdir = "/tmp",
                                   .task_timeout_s = 0.25,
                                   .retries = 0});
    spool_close(&spool);
}

static void what_json_cannot_say_is_refused(void **state)
{
    struct world *world = *state;
    const struct spool_job job = {.user = "me", .host = "here", .exec = "a\xff"};
    size_t len;
    assert_null(spool_job_text(&job, &len, &world->fail));
    assert_int_equal(world->fail.code, FAIL_USAGE);
    assert_string_equal(world->fail.text,
                        "--exec: is not UTF-8, and nothing else can be submitted");
}

static void what_no_client_wrote_is_refused_with_its_reason(void **state)
{
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"", "is not JSON, at byte 0: '[' or '{' expected near end of file"},
        {"{\"a\": 1", "is not JSON, at byte 7: '}' expected near end of file"},
        {"[1]", "is no object of JSON"},
        {"{}", "does not say 'schema'"},
        {"{\"schema\": 2" REST, "does not say 'user'"},
        {"{\"schema\": \"1\"" REST, "'schema' is not what it should be"},
        {HEAD ", \"exec\": 1" REST, "'exec' is not what it should be"},
        {HEAD ", \"exec\": null" REST, "'exec' is not what it should be"},
        {HEAD ", \"retries\": -1" REST, "'retries' is not what it should be"},
        {HEAD ", \"retries\": 1.5" REST, "'retries' is not what it should be"},
        {HEAD ", \"task-timeout\": \"1\"" REST, "'task-timeout' is not what it should be"},
        {HEAD ", \"xxh3\": \"ff\"}", "'xxh3' is not what it should be"},
        {HEAD ", \"xxh3\": \"00000000000000FF\"}", "'xxh3' is not what it should be"},
        {HEAD ", \"speed\": 9" REST, "says 'speed', which this version does not know"},
        {"{\"schema\": 2, \"user\": \"u\", \"host\": \"h\", \"time\": 1, \"tasks\": 2" REST,
         "has form 2, this version knows 1"},
    };
    struct world *world = *state;
    struct spool spool;
    struct spool_job job;
    must_make(world, &spool);
    assert_false(spool_job_read(&spool, 7, &job, &world->fail));
    expect_failure(world, FAIL_INPUT, "/7.job: No such file or directory");
    for (size_t i = 0; i < LEN(rows); i++) {
        char reason[FAIL_TEXT_BYTES];
        snprintf(reason, sizeof reason, "/7.job: %s", rows[i].reason);
        put("7.job", rows[i].text);
        assert_false(spool_job_read(&spool, 7, &job, &world->fail));
        expect_failure(world, FAIL_INPUT, reason);
        assert_true(job.number == 0 && !job.held);
    }
    put("7.job", HEAD ", \"exec\": \"a\\u0000b\"" REST);
    assert_false(spool_job_read(&spool, 7, &job, &world->fail));
    assert_non_null(strstr(world->fail.text, "/7.job: is not JSON, at byte "));
    world->fail = (struct fail){0};
    put("7.job", HEAD REST);
    expect_ok(spool_job_read(&spool, 7, &job, &world->fail));
    spool_job_free(&job);
    assert_int_equal(truncate(in_spool("7.job"), (4 << 20) + 1), 0);
    assert_false(spool_job_read(&spool, 7, &job, &world->fail));
    expect_failure(world, FAIL_INPUT, "/7.job: is too large");
    assert_int_equal(unlink(in_spool("7.job")), 0);
    folder_put("elsewhere", HEAD REST, strlen(HEAD REST));
    assert_int_equal(symlink("../elsewhere", in_spool("7.job")), 0);
    assert_false(spool_job_read(&spool, 7, &job, &world->fail));
    expect_failure(world, FAIL_INPUT, "/7.job: is a symbolic link");
    spool_close(&spool);
}

/* In steps of so many bytes; *steps were needed. */
static bool is_checked(const struct spool *spool, const struct spool_job *job, size_t bytes,
                       size_t *steps, struct fail *fail)
{
    struct spool_job_check check;
    bool done = false, ok = spool_job_check_begin(&check, spool, job, fail);
    for (*steps = 0; ok && !done; ++*steps)
        ok = spool_job_check_more(&check, bytes, &done, fail);
    spool_job_check_end(&check);
    spool_job_check_end(&check);
    return ok;
}

static void tasks_are_checked_part_by_part(void **state)
{
    enum { LINES = 100000 };
    struct world *world = *state;
    struct spool spool;
    size_t steps, len = 7 * LINES;
    char *text = malloc(len + 1);
    assert_non_null(text);
    for (size_t i = 0; i < LINES; i++)
        snprintf(text + 7 * i, 8, "%06zu\n", i);
    struct spool_job job = {
        .number = 3, .tasks = LINES, .bytes = len, .xxh3 = XXH3_64bits(text, len)};
    must_make(world, &spool);
    assert_false(is_checked(&spool, &job, 1, &steps, &world->fail));
    expect_failure(world, FAIL_INPUT, "/3.tasks: No such file or directory");
    put("3.tasks", text);
    expect_ok(is_checked(&spool, &job, 1, &steps, &world->fail));
    assert_int_equal(steps, len / 65536 + 2);
    expect_ok(is_checked(&spool, &job, SIZE_MAX, &steps, &world->fail));
    assert_int_equal(steps, 1);
    job.tasks--;
    assert_false(is_checked(&spool, &job, SIZE_MAX, &steps, &world->fail));
    expect_failure(world, FAIL_INPUT, "/3.tasks: is not what was submitted");
    job.tasks++;
    text[len / 2] ^= 1;
    put("3.tasks", text);
    assert_false(is_checked(&spool, &job, SIZE_MAX, &steps, &world->fail));
    expect_failure(world, FAIL_INPUT, "/3.tasks: is not what was submitted");
    assert_int_equal(truncate(in_spool("3.tasks"), 5), 0);
    assert_false(is_checked(&spool, &job, SIZE_MAX, &steps, &world->fail));
    expect_failure(world, FAIL_INPUT, "/3.tasks: has 5 bytes, 700000 were submitted");
    job.range = "1..3";
    expect_ok(is_checked(&spool, &job, SIZE_MAX, &steps, &world->fail));
    free(text);
    spool_close(&spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(jobs_are_read_as_they_were_written),
        world_test(what_json_cannot_say_is_refused),
        folder_test(what_no_client_wrote_is_refused_with_its_reason),
        folder_test(tasks_are_checked_part_by_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
