/* SPDX-License-Identifier: BSD-3-Clause */
/* What there is in a spool, line by line, safe to be shown on a terminal. */
#include "spool/spool_list.h"

#include "spool/spool_job.h"
#include "spooled.h"

#include <time.h>

enum { LISTED = 16, MOST_BYTES = 512 };

static char lines[LISTED][MOST_BYTES];
static size_t lines_len;

static void must_list(struct world *world, const struct spool *spool)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    expect_ok(spool_list(spool, out, &world->fail));
    fclose(out);
    lines_len = 0;
    for (char *at = text, *end; (end = strchr(at, '\n')); at = end + 1) {
        assert_true(lines_len < LISTED && end - at < MOST_BYTES);
        snprintf(lines[lines_len++], MOST_BYTES, "%.*s", (int)(end - at), at);
    }
    free(text);
}

static void put_job(const struct spool_job *job)
{
    struct fail failure = {0};
    char name[SPOOL_NAME_BYTES];
    size_t len;
    char *text = spool_job_text(job, &len, &failure);
    assert_non_null(text);
    snprintf(name, sizeof name, "%" PRIu64 ".job", job->number);
    put(name, text);
    free(text);
}

static void submissions_have_a_line_each(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_job job = {
        .number = 1, .user = "me", .host = "here", .tasks = 7, .task_timeout_s = -1, .retries = -1};
    setenv("TZ", "UTC", 1);
    tzset();
    must_make(world, &spool);
    job.time_s = 1000000000;
    put_job(&job);
    job.number = 12;
    job.exec = "printf '\x1b[31m'\xe2\x80\xae{} 345678901234567890123456789 not this";
    put_job(&job);
    job.number = 3;
    job.exec = NULL;
    job.task = "primes";
    job.task_arguments = "a b";
    job.user = "somebody-with-a-long-name";
    put_job(&job);
    put("4.job", "");
    job.number = 5;
    put_job(&job);
    put("5.state", "");
    expect_ok(spool_state_write(
        &spool, 3,
        &(struct spool_state){
            .name = SPOOL_FAILED, .tasks = 8, .done = 6, .failed = 2, .reason = "a\x1b: b"},
        &world->fail));
    expect_ok(spool_ask_cancel(&spool, 12, &world->fail));
    expect_ok(spool_ask_cancel(&spool, 3, &world->fail)); /* too late */
    must_list(world, &spool);
    assert_int_equal(lines_len, 2 + 5);
    assert_string_equal(lines[1],
                        "NUMBER STATE           TASKS       DONE   FAILED USER         "
                        "SINCE               COMMAND");
    assert_string_equal(lines[2],
                        "     1 queued              7          0        0 me           "
                        "2001-09-09 01:46:40 -");
    assert_string_equal(lines[3],
                        "     3 failed              8          6        2 somebody-wit "
                        "2001-09-09 01:46:40 primes a b (a\\x1b: b)");
    assert_non_null(strstr(lines[4], "     4 ?          "));
    assert_non_null(strstr(lines[4], "/4.job: is not JSON"));
    assert_non_null(strstr(lines[5], "     5 ?          "));
    assert_non_null(strstr(lines[5], "/5.state: is not JSON"));
    assert_string_equal(lines[6],
                        "    12 cancelling          7          0        0 me           "
                        "2001-09-09 01:46:40 printf '\\x1b[31m'\\xe2\\x80\\xae{} "
                        "34567890123456789012");
    spool_close(&spool);
}

static void the_first_line_is_on_the_service(void **state)
{
    struct world *world = *state;
    struct spool spool;
    char host[SPOOL_HOST_BYTES], text[PATH_MAX + MOST_BYTES];
    must_make(world, &spool);
    must_list(world, &spool);
    assert_int_equal(lines_len, 2);
    snprintf(text, sizeof text, "%s: no service runs", spool_name());
    assert_string_equal(lines[0], text);
    expect_ok(spool_serve(&spool, &world->fail));
    must_list(world, &spool);
    assert_int_equal(gethostname(host, sizeof host), 0);
    snprintf(text, sizeof text, "%s: a service runs on %s as process %d since 2", spool_name(),
             host, getpid());
    assert_memory_equal(lines[0], text, strlen(text));
    spool_close(&spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(submissions_have_a_line_each),
        folder_test(the_first_line_is_on_the_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
