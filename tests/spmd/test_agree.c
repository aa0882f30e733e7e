/* SPDX-License-Identifier: BSD-3-Clause */
/* How a failure of one rank becomes the failure of all. */
#include "comm/agree.h"

#include "spmd.h"

/* What a failure on `rank` must read like everywhere. */
static void expected_text(const struct job *job, int rank, const char *text, char *expected)
{
    char host[COMM_HOST_BYTES];
    memcpy(host, job->comm.host_name, sizeof host);
    MPI_Bcast(host, sizeof host, MPI_BYTE, rank, MPI_COMM_WORLD);
    if (job->comm.size > 1)
        snprintf(expected, FAIL_TEXT_BYTES, "%s (rank %d, %s)", text, rank, host);
    else
        snprintf(expected, FAIL_TEXT_BYTES, "%s", text);
}

static void expect_failure(struct job *job, int code, int rank, const char *text)
{
    char expected[FAIL_TEXT_BYTES];
    expected_text(job, rank, text, expected);
    EXPECT(job->env.fail.code == code);
    if (strcmp(job->env.fail.text, expected) != 0 && spmd.good)
        fprintf(stderr, "# got '%s', expected '%s'\n", job->env.fail.text, expected);
    EXPECT(strcmp(job->env.fail.text, expected) == 0);
}

static void when_all_are_well_nothing_happens(struct job *job)
{
    for (int i = 0; i < 10; i++)
        EXPECT(agree(job, true));
    EXPECT(job->env.fail.code == FAIL_NONE && job->env.fail.text[0] == '\0');
}

static void the_failure_of_any_one_rank_is_that_of_all(struct job *job)
{
    for (int rank = 0; rank < job->comm.size; rank++) {
        char text[64];
        job->env.fail = (struct fail){0};
        snprintf(text, sizeof text, "file-%d: No such file or directory", rank);
        bool ok = job->comm.rank != rank || fail_set(&job->env.fail, FAIL_INPUT, "%s", text);
        EXPECT(!agree(job, ok));
        expect_failure(job, FAIL_INPUT, rank, text);
    }
}

/* Codes by rank, of five; the first ranks of a smaller run have theirs. */
static void the_highest_code_of_the_lowest_rank_wins(struct job *job)
{
    static const int codes[][5] = {
        {3, 4, 5, 6, 7}, {7, 6, 5, 4, 3}, {4, 4, 4, 4, 4}, {0, 3, 5, 5, 3},
        {1, 0, 0, 0, 1}, {0, 0, 6, 0, 6}, {5, 1, 5, 7, 7}, {0, 0, 0, 0, 2},
    };
    for (size_t i = 0; i < LEN(codes); i++) {
        int worst = 0;
        for (int rank = 1; rank < job->comm.size && rank < 5; rank++)
            if (codes[i][rank] > codes[i][worst])
                worst = rank;
        char text[64];
        int mine = job->comm.rank < 5 ? codes[i][job->comm.rank] : FAIL_NONE;
        job->env.fail = (struct fail){0};
        bool ok = mine == FAIL_NONE
               || fail_set(&job->env.fail, mine, "cause %d of %d", mine, job->comm.rank);
        EXPECT(agree(job, ok) == (codes[i][worst] == FAIL_NONE));
        if (codes[i][worst] == FAIL_NONE || codes[i][worst] == FAIL_USAGE)
            continue;
        snprintf(text, sizeof text, "cause %d of %d", codes[i][worst], worst);
        expect_failure(job, codes[i][worst], worst, text);
    }
}

/* All ranks read the same command line: which one says so does not matter. */
static void misuse_is_reported_without_a_rank(struct job *job)
{
    EXPECT(!agree(job, fail_set(&job->env.fail, FAIL_USAGE, "unknown option '-x'")));
    EXPECT(job->env.fail.code == FAIL_USAGE);
    EXPECT(strcmp(job->env.fail.text, "unknown option '-x'") == 0);
}

static void a_failure_without_a_reason_names_the_phase(struct job *job)
{
    int last = job->comm.size - 1;
    timing_enter(&job->timing, TIMING_SORT);
    EXPECT(!agree(job, job->comm.rank != last));
    expect_failure(job, FAIL_OTHER, last, "failed in sort");
}

/* After a failure a stage may have to agree once more before it ends: the one line stays the same.
 */
static void a_failure_agreed_on_again_stays_the_same(struct job *job)
{
    int last = job->comm.size - 1;
    bool ok = job->comm.rank != last
           || fail_set(&job->env.fail, FAIL_OUTPUT, "full: No space left on device");
    EXPECT(!agree(job, ok));
    expect_failure(job, FAIL_OUTPUT, last, "full: No space left on device");
    for (int i = 0; i < 3; i++) {
        EXPECT(!agree(job, job->env.fail.code == FAIL_NONE));
        expect_failure(job, FAIL_OUTPUT, last, "full: No space left on device");
    }
}

static void a_text_that_is_too_long_is_the_same_everywhere(struct job *job)
{
    char name[2 * FAIL_TEXT_BYTES];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    bool ok =
        job->comm.rank != job->comm.size - 1 || fail_set(&job->env.fail, FAIL_INPUT, "%s", name);
    EXPECT(!agree(job, ok));
    EXPECT(strlen(job->env.fail.text) == FAIL_TEXT_BYTES - 1);
    EXPECT(spmd_same(job->env.fail.text, strlen(job->env.fail.text) + 1));
}

/* A rank may have failed in what it was not asked about. */
static void a_failure_that_was_not_reported_is_not_agreed_on(struct job *job)
{
    fail_set(&job->env.fail, FAIL_MEMORY, "noted, but not fatal");
    EXPECT(agree(job, true));
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(when_all_are_well_nothing_happens),
        SPMD_TEST(the_failure_of_any_one_rank_is_that_of_all),
        SPMD_TEST(the_highest_code_of_the_lowest_rank_wins),
        SPMD_TEST(misuse_is_reported_without_a_rank),
        SPMD_TEST(a_failure_without_a_reason_names_the_phase),
        SPMD_TEST(a_failure_agreed_on_again_stays_the_same),
        SPMD_TEST(a_text_that_is_too_long_is_the_same_everywhere),
        SPMD_TEST(a_failure_that_was_not_reported_is_not_agreed_on),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
