/* SPDX-License-Identifier: BSD-3-Clause */
/* The master: work is handed out once, to whoever asks, and rounds end for all. */
#include "spmd.h"

#include <time.h>

enum { ITEMS = 500, LARGE_BYTES = 3 << 20, PADDING_LEN = 50000 };

static const uint64_t PADDING = UINT64_MAX; /* of a report */

/* A policy that hands out the numbers below ITEMS, one or a few at a time, each followed by bytes
 * that tell how they must be. A report is the numbers that were done. */
struct counter {
    uint64_t next, out;
    uint64_t stop_at;      /* before this number nothing more is given until all is reported */
    size_t bytes;          /* that follow a number */
    uint8_t done[ITEMS];   /* how often */
    uint64_t gives, takes; /* calls */
};

/* What is between the ranks: a layer that changes a bit of the next message with this tag. */
enum { TAG_REPORT = 4, TAG_WORK = 6 };
static int harm_tag;
static bool harmed;

int MPI_Isend(const void *bytes, int count, MPI_Datatype type, int rank, int tag, MPI_Comm comm,
              MPI_Request *request)
{
    static uint8_t copy[1 << 10];
    if (tag != harm_tag || type != MPI_BYTE || count < 1 || (size_t)count > sizeof copy)
        return PMPI_Isend(bytes, count, type, rank, tag, comm, request);
    memcpy(copy, bytes, (size_t)count);
    copy[count / 2] ^= 4;
    harm_tag = 0;
    harmed = true;
    return PMPI_Isend(copy, count, type, rank, tag, comm, request);
}

static uint8_t filler(uint64_t number, size_t at)
{
    return (uint8_t)(number * 31 + at * 7 + at / 251);
}

static bool take(struct job *job, void *context, int rank, const uint8_t *report, size_t len)
{
    struct counter *counter = context;
    (void)job;
    (void)rank;
    counter->takes++;
    for (uint64_t number; len >= sizeof number; report += sizeof number, len -= sizeof number) {
        memcpy(&number, report, sizeof number);
        if (number == PADDING)
            continue;
        counter->done[number]++;
        counter->out--;
    }
    EXPECT(len == 0);
    return true;
}

static enum master_answer give(struct job *job, void *context, int rank, struct buffer *work)
{
    struct counter *counter = context;
    counter->gives++;
    EXPECT(rank >= 0 && rank < job->comm.size && work->len == 0);
    if (counter->next == counter->stop_at && counter->out > 0)
        return MASTER_LATER;
    if (counter->next == ITEMS)
        return counter->out > 0 ? MASTER_LATER : MASTER_END;
    uint64_t number = counter->next++;
    counter->out++;
    if (!env_append(&job->env, work, &number, sizeof number)
        || !env_append(&job->env, work, NULL, counter->bytes))
        return MASTER_ROUND;
    for (size_t at = 0; at < counter->bytes; at++)
        work->bytes[sizeof number + at] = filler(number, at);
    return MASTER_WORK;
}

/* A rank that asks. */
struct asker {
    struct master master;
    struct counter counter;
    struct buffer given, report;
    uint64_t got; /* numbers */
    bool ended;
};

static void open_desk(struct job *job, struct asker *asker)
{
    const struct master_policy policy = {.context = &asker->counter, .take = take, .give = give};
    EXPECT(master_open(job, &asker->master, &policy));
    MPI_Barrier(job->comm.world); /* nobody asks before all have opened */
}

static void close_desk(struct job *job, struct asker *asker)
{
    buffer_free(&asker->given, &job->env.mem);
    buffer_free(&asker->report, &job->env.mem);
    master_close(job);
    master_close(job);
    EXPECT(!job->master);
}

/* Asks once; what was given is reported with the next question. */
static enum master_answer ask(struct job *job, struct asker *asker)
{
    enum master_answer answer;
    uint64_t number;
    EXPECT(master_ask(job, &asker->report, &answer, &asker->given));
    asker->report.len = 0;
    EXPECT(answer == MASTER_WORK || asker->given.len == 0);
    EXPECT(answer != MASTER_LATER);
    if (answer != MASTER_WORK)
        return answer;
    memcpy(&number, asker->given.bytes, sizeof number);
    for (size_t at = sizeof number; at < asker->given.len; at++)
        if (!EXPECT(asker->given.bytes[at] == filler(number, at - sizeof number)))
            break;
    asker->got++;
    EXPECT(env_append(&job->env, &asker->report, &number, sizeof number));
    return answer;
}

/* What agree is for a real round: waits for all, serving the master. */
static void end_round(struct job *job)
{
    uint64_t nothing = 0;
    comm_max(job, &nothing, 1);
    if (comm_is_root(job))
        master_next_round(job);
}

static void nap(uint64_t us)
{
    nanosleep(&(struct timespec){.tv_nsec = (long)us * 1000}, NULL);
}

/* Every number was done once, by somebody, and nobody did nothing of them all. */
static void expect_all_done(struct job *job, struct asker *asker)
{
    uint64_t got = asker->got;
    comm_sum(job, &got, 1);
    EXPECT(got == ITEMS);
    for (int i = 0; i < ITEMS && comm_is_root(job); i++)
        if (!EXPECT(asker->counter.done[i] == 1))
            return;
}

static void ask_until_the_end(struct job *job, size_t bytes, uint64_t stop_at)
{
    struct asker asker = {.counter = {.bytes = bytes, .stop_at = stop_at}};
    struct seeded seeded = {(uint64_t)job->comm.rank + 1};
    open_desk(job, &asker);
    enum master_answer answer;
    while ((answer = ask(job, &asker)) == MASTER_WORK)
        nap(seeded_below(&seeded, 200));
    EXPECT(answer == MASTER_END);
    end_round(job);
    expect_all_done(job, &asker);
    close_desk(job, &asker);
}

static void work_is_handed_out_once(struct job *job)
{
    for (int i = 0; i < 5; i++)
        ask_until_the_end(job, 0, UINT64_MAX);
}

static void large_work_arrives_whole(struct job *job)
{
    struct counter counter = {.next = ITEMS - 10, .bytes = LARGE_BYTES};
    struct asker asker = {.counter = counter};
    asker.counter.stop_at = UINT64_MAX;
    open_desk(job, &asker);
    while (ask(job, &asker) == MASTER_WORK)
        ;
    uint64_t got = asker.got;
    end_round(job);
    comm_sum(job, &got, 1);
    EXPECT(got == 10);
    close_desk(job, &asker);
}

/* Half-way nobody gets anything until all that is out has come back. */
static void who_is_told_to_wait_is_answered_later(struct job *job)
{
    ask_until_the_end(job, 100, ITEMS / 2);
}

/* Reports may be large, and may come without a question. */
static void reports_arrive_whole_and_in_order(struct job *job)
{
    struct asker asker = {.counter = {.stop_at = UINT64_MAX}};
    open_desk(job, &asker);
    while (ask(job, &asker) == MASTER_WORK) {
        for (size_t i = 0; asker.got % 8 == 1 && i < PADDING_LEN; i++)
            EXPECT(env_append(&job->env, &asker.report, &PADDING, sizeof PADDING));
        if (asker.got % 3 == 0) {
            master_report(job, &asker.report);
            asker.report.len = 0;
        }
    }
    end_round(job);
    expect_all_done(job, &asker);
    close_desk(job, &asker);
}

/* Asks up to `most` times. */
static void ask_often(struct job *job, struct asker *asker, int most, enum master_answer *answer)
{
    for (int i = 0; i < most && !asker->ended && *answer == MASTER_WORK; i++) {
        *answer = ask(job, asker);
        asker->ended = *answer == MASTER_END;
    }
}

/* In each round one rank takes a few pieces of work, then the others begin, and it leaves. All come
 * back for the next round, and no work is lost on the way. */
static void a_round_that_one_leaves_ends_for_all(struct job *job)
{
    enum { FEW = 20 };
    for (int leaver = 0; leaver < job->comm.size; leaver++) {
        struct asker asker = {.counter = {.stop_at = UINT64_MAX}};
        bool leaves = job->comm.rank == leaver;
        uint64_t left = 1, rounds = 0;
        open_desk(job, &asker);
        for (; left > 0; rounds++) {
            enum master_answer answer = MASTER_WORK;
            uint64_t nothing = 0;
            ask_often(job, &asker, leaves ? FEW : 0, &answer);
            comm_max(job, &nothing, 1);
            ask_often(job, &asker, leaves ? 0 : ITEMS + 1, &answer);
            EXPECT(leaves || answer != MASTER_WORK || asker.ended);
            if (answer == MASTER_WORK && !asker.ended) {
                master_leave(job, &asker.report);
                asker.report.len = 0;
            }
            end_round(job);
            left = !asker.ended;
            comm_max(job, &left, 1);
        }
        expect_all_done(job, &asker);
        EXPECT(rounds <= ITEMS); /* 1, where the others were quicker than the leaver's word */
        close_desk(job, &asker);
    }
}

/* One who waits for work that only another could bring back is told when that one leaves. */
static void who_waits_is_told_that_the_round_is_over(struct job *job)
{
    struct asker asker = {.counter = {.stop_at = 1}};
    enum master_answer answer = MASTER_WORK;
    int holder = job->comm.size - 1;
    uint64_t nothing = 0;
    open_desk(job, &asker);
    if (job->comm.rank == holder) /* takes all there is */
        EXPECT(ask(job, &asker) == MASTER_WORK);
    comm_max(job, &nothing, 1);
    if (job->comm.rank == holder) {
        nap(20000);
        master_leave(job, &(struct buffer){0});
    } else {
        answer = ask(job, &asker);
        EXPECT(answer == MASTER_ROUND);
    }
    end_round(job);
    EXPECT(asker.got == (job->comm.rank == holder));
    close_desk(job, &asker);
}

/* When a policy fails, everybody's round is over. */
static void a_failure_at_the_desk_ends_the_round(struct job *job)
{
    struct asker asker = {.counter = {.stop_at = UINT64_MAX}};
    open_desk(job, &asker);
    if (comm_is_root(job))
        fail_set(&job->env.fail, FAIL_OTHER, "the policy failed");
    MPI_Barrier(job->comm.world); /* nobody asks before that */
    if (comm_is_root(job)) {
        enum master_answer answer;
        EXPECT(!master_ask(job, &asker.report, &answer, &asker.given) && answer == MASTER_ROUND);
    } else {
        EXPECT(ask(job, &asker) == MASTER_ROUND);
        EXPECT(asker.got == 0);
    }
    end_round(job);
    close_desk(job, &asker);
}

/* Rank 1 alone asks and reports; one bit of what goes either way changes. */
static void what_is_damaged_on_the_way_is_noticed(struct job *job)
{
    static const int tags[] = {TAG_REPORT, TAG_WORK};
    for (size_t i = 0; i < LEN(tags) && job->comm.size > 1; i++) {
        struct asker asker = {.counter = {.stop_at = UINT64_MAX, .bytes = 8}};
        const int sender = tags[i] == TAG_REPORT ? 1 : 0;
        open_desk(job, &asker);
        harmed = false;
        harm_tag = job->comm.rank == sender ? tags[i] : 0;
        bool ok = true;
        enum master_answer answer = MASTER_WORK;
        while (ok && answer == MASTER_WORK && job->comm.rank == 1) {
            ok = master_ask(job, &asker.report, &answer, &asker.given);
            asker.report.len = 0;
            ok = ok && answer == MASTER_WORK
              && env_append(&job->env, &asker.report, asker.given.bytes, sizeof(uint64_t));
        }
        if (job->env.fail.code != FAIL_NONE && job->comm.rank == 1)
            master_leave(job, &asker.report);
        end_round(job);
        uint64_t seen[] = {harmed, job->env.fail.code == FAIL_VERIFY};
        comm_sum(job, seen, 2);
        EXPECT(seen[0] == 1 && seen[1] == 1);
        EXPECT(job->env.fail.code == FAIL_NONE || strstr(job->env.fail.text, "arrived damaged"));
        job->env.fail = (struct fail){0};
        harm_tag = 0;
        close_desk(job, &asker);
    }
}

/* Who asks has to wait until rank 0 knows that all do. */
struct patience {
    bool asked[64], over;
    int others;
};

static bool take_nothing(struct job *job, void *context, int rank, const uint8_t *report,
                         size_t len)
{
    (void)job, (void)context, (void)rank, (void)report;
    return EXPECT(len == 0);
}

static enum master_answer give_late(struct job *job, void *context, int rank, struct buffer *work)
{
    struct patience *patience = context;
    (void)work;
    patience->others += rank > 0 && !patience->asked[rank];
    patience->asked[rank] = true;
    EXPECT(!job->master->idle || patience->others == job->comm.size - 1);
    patience->over = patience->over || job->master->idle;
    return patience->over ? MASTER_END : MASTER_LATER;
}

static void rank_0_knows_that_all_wait(struct job *job)
{
    struct asker asker = {0};
    struct patience patience = {0};
    enum master_answer answer;
    const struct master_policy policy = {
        .context = &patience, .take = take_nothing, .give = give_late};
    EXPECT(master_open(job, &asker.master, &policy));
    MPI_Barrier(job->comm.world);
    if (job->comm.rank == job->comm.size - 1 && job->comm.rank > 0)
        nap(20000);
    EXPECT(master_ask(job, &asker.report, &answer, &asker.given) && answer == MASTER_END);
    EXPECT(!asker.master.idle);
    close_desk(job, &asker);
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(work_is_handed_out_once),
        SPMD_TEST(large_work_arrives_whole),
        SPMD_TEST(who_is_told_to_wait_is_answered_later),
        SPMD_TEST(reports_arrive_whole_and_in_order),
        SPMD_TEST(a_round_that_one_leaves_ends_for_all),
        SPMD_TEST(who_waits_is_told_that_the_round_is_over),
        SPMD_TEST(a_failure_at_the_desk_ends_the_round),
        SPMD_TEST(what_is_damaged_on_the_way_is_noticed),
        SPMD_TEST(rank_0_knows_that_all_wait),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
