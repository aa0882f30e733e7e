/* SPDX-License-Identifier: BSD-3-Clause */
/* How far a submission is: written by a service, read by clients at any moment. */
#include "spool/spool_state.h"

#include "spooled.h"

#include <signal.h>
#include <sys/prctl.h>

static void expect_state(struct world *world, const struct spool *spool,
                         const struct spool_state *expected)
{
    struct spool_state state;
    bool found;
    expect_ok(spool_state_read(spool, 5, &state, &found, &world->fail));
    assert_true(found);
    assert_int_equal(state.name, expected->name);
    assert_true(state.tasks == expected->tasks && state.done == expected->done);
    assert_true(state.failed == expected->failed && state.result_bytes == expected->result_bytes);
    assert_int_equal(state.exit, expected->exit);
    assert_string_equal(state.reason, expected->reason);
    assert_int_equal(spool_state_final(&state), expected->name >= SPOOL_DONE);
}

static void states_are_read_as_they_were_written(void **state)
{
    static const char *const words[] = {"queued", "running",   "done",
                                        "failed", "cancelled", "refused"};
    struct world *world = *state;
    struct spool spool;
    struct stat status;
    must_make(world, &spool);
    for (int name = SPOOL_QUEUED; name <= SPOOL_REFUSED; name++) {
        struct spool_state written = {.name = (enum spool_state_name)name,
                                      .tasks = 10,
                                      .done = 7 + (uint64_t)name,
                                      .failed = 1,
                                      .result_bytes = INT64_MAX,
                                      .exit = 9};
        snprintf(written.reason, sizeof written.reason, "%s", name % 2 ? "\"why\"\n\xc3\xa4" : "");
        assert_string_equal(spool_state_word(written.name), words[name]);
        expect_ok(spool_state_write(&spool, 5, &written, &world->fail));
        expect_state(world, &spool, &written);
    }
    assert_int_equal(stat(in_spool("5.state"), &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_false(is_there(".new-5.state"));
    expect_ok(
        spool_state_write(&spool, 5, &(struct spool_state){.reason = "\xff!\xc3"}, &world->fail));
    expect_state(world, &spool, &(struct spool_state){.reason = "?!?"});
    spool_close(&spool);
}

static void without_a_state_a_submission_waits(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_state read;
    bool found = true;
    must_make(world, &spool);
    expect_ok(spool_state_read(&spool, 5, &read, &found, &world->fail));
    assert_true(!found && read.name == SPOOL_QUEUED && read.tasks == 0);
    spool_close(&spool);
}

static void what_no_service_wrote_is_an_error(void **state)
{
    static const char *const numbers =
        "\"tasks\": 1, \"done\": 1, \"failed\": 0, "
        "\"result_bytes\": 0";
    struct world *world = *state;
    struct spool spool;
    struct spool_state read;
    bool found;
    char text[256];
    must_make(world, &spool);
    snprintf(text, sizeof text, "{\"state\": \"over\", %s, \"exit\": 0}", numbers);
    put("5.state", text);
    assert_false(spool_state_read(&spool, 5, &read, &found, &world->fail));
    expect_failure(world, FAIL_INPUT, "/5.state: is not what a service wrote");
    snprintf(text, sizeof text, "{\"state\": \"done\", %s, \"exit\": 256}", numbers);
    put("5.state", text);
    assert_false(spool_state_read(&spool, 5, &read, &found, &world->fail));
    expect_failure(world, FAIL_INPUT, "/5.state: is not what a service wrote");
    snprintf(text, sizeof text, "{\"state\": \"done\", %s, \"exit\": -1}", numbers);
    put("5.state", text);
    assert_false(spool_state_read(&spool, 5, &read, &found, &world->fail));
    expect_failure(world, FAIL_INPUT, "/5.state: 'exit' is not what it should be");
    put("5.state", "{\"state\": \"done\"}");
    assert_false(spool_state_read(&spool, 5, &read, &found, &world->fail));
    expect_failure(world, FAIL_INPUT, "/5.state: does not say 'tasks'");
    spool_close(&spool);
}

static void a_result_is_a_part_that_is_complete(void **state)
{
    const struct spool_state end = {.name = SPOOL_DONE, .tasks = 1, .done = 1, .result_bytes = 3};
    struct world *world = *state;
    struct spool spool;
    must_make(world, &spool);
    assert_false(spool_state_finish(&spool, 5, &end, &world->fail));
    expect_failure(world, FAIL_OUTPUT, "/5.part: No such file or directory");
    assert_false(is_there("5.state"));
    put("5.part", "abc");
    for (int i = 0; i < 2; i++) { /* the second time as after a crash between the two */
        expect_ok(spool_state_finish(&spool, 5, &end, &world->fail));
        assert_true(is_there("5.result") && !is_there("5.part"));
        expect_state(world, &spool, &end);
    }
    put("5.part", "abcd"); /* a service that began anew has made it once more */
    expect_ok(spool_state_finish(&spool, 5, &end, &world->fail));
    size_t len;
    uint8_t *bytes = folder_get(in_spool("5.result"), &len);
    assert_int_equal(len, 4);
    free(bytes);
    spool_close(&spool);
}

static void write_for_ever(void)
{
    struct fail failure = {0};
    struct spool spool;
    bool ok = spool_open(&spool, spool_name(), true, &failure);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (uint64_t i = 1; ok; i++) {
        struct spool_state written = {.name = SPOOL_RUNNING, .tasks = i, .done = i, .failed = i};
        memset(written.reason, 'x', i % 900);
        written.result_bytes = i % 900;
        ok = spool_state_write(&spool, 5, &written, &failure);
    }
    fprintf(stderr, "%s\n", failure.text);
    _exit(1);
}

static void a_state_is_whole_at_any_moment(void **state)
{
    struct world *world = *state;
    struct spool spool;
    struct spool_state read = {0};
    bool found = false, was_found = false;
    must_make(world, &spool);
    for (int begun = 0; begun < 5; begun++) {
        fflush(NULL);
        pid_t writer = fork();
        if (writer == 0)
            write_for_ever();
        for (uint64_t changes = 0, last = read.done; changes < 20; last = read.done) {
            expect_ok(spool_state_read(&spool, 5, &read, &found, &world->fail));
            assert_true(found || !was_found);
            assert_true(read.tasks == read.done && read.done == read.failed);
            assert_int_equal(strlen(read.reason), read.result_bytes);
            was_found = found;
            changes += read.done != last;
        }
        kill(writer, SIGKILL);
        assert_int_equal(status_of(writer), 128 + SIGKILL);
    }
    spool_close(&spool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(states_are_read_as_they_were_written),
        folder_test(without_a_state_a_submission_waits),
        folder_test(what_no_service_wrote_is_an_error),
        folder_test(a_result_is_a_part_that_is_complete),
        folder_test(a_state_is_whole_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
