/* SPDX-License-Identifier: BSD-3-Clause */
/* Who gets which stretch of the inputs, and how long: the policy of rank 0, asked by ranks that are
 * only numbers and report times that are made up. It is opened by all ranks together, so this is no
 * unit test. */
#include "stage/split_queue.h"

#include "spmd.h"

enum { RANKS = 4, MS = 1000000, PIECE = 256 << 10, FILE_WORK = 4096, FILES_MAX = 1000 };

/* Rank 0's side of a run with RANKS ranks, whatever there are. */
struct run {
    struct job *job;
    struct plan plan;
    struct catalog_file files[FILES_MAX];
    struct split_queue splits;
    struct window window; /* the last stretch that was given */
    struct buffer work;
    struct split_place next; /* where the next stretch must begin */
    int real_size;
};

/* `files` files of so many bytes. */
static void begin_run(struct run *run, struct job *job, size_t files, uint64_t bytes)
{
    static char name[] = "file";
    memset(run, 0, sizeof *run);
    run->job = job;
    run->plan = (struct plan){.catalog = {.files = run->files, .len = files, .names = name}};
    run->plan.files = files;
    run->plan.total_bytes = run->plan.left_bytes = files * bytes;
    for (size_t i = 0; i < files; i++)
        run->files[i].bytes = bytes;
    run->real_size = job->comm.size;
    job->comm.size = RANKS;
    job->env.budget.memory_bytes = 1 << 20;
    EXPECT(split_queue_open(job, &run->splits, &run->plan, &run->window));
}

static void end_run(struct run *run)
{
    buffer_free(&run->work, &run->job->env.mem);
    split_queue_free(run->job, &run->splits);
    run->job->comm.size = run->real_size;
}

/* Skips files in which nothing is left: they are in no list. */
static void skip_empty(struct run *run)
{
    struct split_place *next = &run->next;
    while (next->file < run->plan.catalog.len && next->offset == run->files[next->file].bytes)
        *next = (struct split_place){.file = next->file + 1};
}

/* What a rank is given when it asks: bytes, and FILE_WORK for each file that ends in it; 0 when
 * there is no more. It goes on where the last stretch ended. */
static uint64_t ask(struct run *run, int rank)
{
    struct master_policy *policy = &run->splits.master.policy;
    uint64_t work = 0;
    run->work.len = 0;
    enum master_answer answer = policy->give(run->job, policy->context, rank, &run->work);
    EXPECT(answer == MASTER_WORK || (answer == MASTER_END && run->work.len == 0));
    if (answer != MASTER_WORK)
        return 0;
    EXPECT(split_set(&run->window, run->work.bytes, run->work.len, false, &run->job->env.fail));
    for (size_t i = 0; i < run->window.ranges_len; i++) {
        const struct window_range *range = &run->window.ranges[i];
        skip_empty(run);
        EXPECT(range->file == run->next.file && range->begin == run->next.offset);
        EXPECT(range->end > range->begin && range->end <= run->files[range->file].bytes);
        run->next.offset = range->end;
        work += range->end - range->begin;
        work += range->end == run->files[range->file].bytes ? FILE_WORK : 0;
    }
    return work;
}

/* A rank says how long the stretch that it had took. */
static void report(struct run *run, int rank, uint64_t ns)
{
    struct master_policy *policy = &run->splits.master.policy;
    EXPECT(policy->take(run->job, policy->context, rank, (const uint8_t *)&ns, sizeof ns));
}

static void the_first_stretch_is_short_and_the_next_a_twentieth_of_a_second(struct job *job)
{
    static struct run run;
    begin_run(&run, job, 1, (uint64_t)100 << 30);
    if (spmd.rank == 0) {
        for (int rank = 0; rank < RANKS; rank++)
            EXPECT(ask(&run, rank) == PIECE);
        report(&run, 1, MS);
        EXPECT(ask(&run, 1) == 50 * PIECE);
        report(&run, 2, 4 * MS);
        EXPECT(ask(&run, 2) == 13 * PIECE); /* of a quarter of the speed, in whole pieces */
        report(&run, 1, 500 * MS);          /* it has become ten times slower */
        EXPECT(ask(&run, 1) == 5 * PIECE);
        report(&run, 0, 2000 * (uint64_t)MS); /* or stands still */
        EXPECT(ask(&run, 0) == PIECE);
        report(&run, 3, 0); /* no time at all is a time */
        EXPECT(ask(&run, 3) > 1000 * (uint64_t)PIECE);
    }
    end_run(&run);
}

static void stretches_end_at_pieces_of_the_size_that_was_asked_for(struct job *job)
{
    static struct run run;
    job->env.options.split_bytes = 1000;
    begin_run(&run, job, 3, 2500);
    if (spmd.rank == 0) {
        EXPECT(ask(&run, 0) == 1000 && run.next.file == 0 && run.next.offset == 1000);
        EXPECT(ask(&run, 1) == 1000 && run.next.offset == 2000);
        EXPECT(ask(&run, 2) == 500 + FILE_WORK && run.next.offset == 2500);
        EXPECT(ask(&run, 3) == 1000 && run.next.file == 1 && run.next.offset == 1000);
    }
    end_run(&run);
}

/* No less than from one joint to the next of files that are encoded, or of records. */
static void stretches_end_at_joints_of(struct job *job, bool encoded)
{
    static uint64_t joints[] = {700, 900, 2100, 2400, 1000};
    static struct run run;
    job->env.options.split_bytes = 1000;
    begin_run(&run, job, 3, 2500);
    run.plan.catalog.joints = joints;
    run.plan.catalog.jointed = !encoded;
    for (size_t i = 0; i < 3; i++)
        run.files[i].encoded = encoded;
    run.files[0].joints_len = 4;
    run.files[2] =
        (struct catalog_file){.bytes = 2500, .encoded = encoded, .joints = 4, .joints_len = 1};
    if (spmd.rank == 0) {
        EXPECT(ask(&run, 0) == 2100 && run.next.file == 0 && run.next.offset == 2100);
        EXPECT(ask(&run, 1) == 400 + FILE_WORK && run.next.offset == 2500);
        EXPECT(ask(&run, 2) == 2500 + FILE_WORK && run.next.file == 1 && run.next.offset == 2500);
        EXPECT(ask(&run, 3) == 1000 && run.next.file == 2 && run.next.offset == 1000);
        EXPECT(ask(&run, 3) == 1500 + FILE_WORK && run.next.offset == 2500);
        EXPECT(ask(&run, 3) == 0);
    }
    end_run(&run);
}

static void stretches_end_at_joints(struct job *job)
{
    stretches_end_at_joints_of(job, true);
    stretches_end_at_joints_of(job, false);
}

/* Files cost work even where they are small, so that their number is dealt out, too. */
static void small_files_are_dealt_out_by_their_number(struct job *job)
{
    static struct run run;
    begin_run(&run, job, FILES_MAX, 1);
    if (spmd.rank == 0) {
        EXPECT(ask(&run, 0) > 0);
        EXPECT(run.window.ranges_len == 64); /* times FILE_WORK is a piece, so nearly as many */
        while (ask(&run, 1) > 0)
            EXPECT(run.window.ranges_len <= 64);
        skip_empty(&run);
        EXPECT(run.next.file == FILES_MAX);
    }
    end_run(&run);
}

/* A whole run, in a time that is only counted: ranks ask when they have done what they had. Returns
 * how long before the last of them the first had nothing to do. */
static uint64_t count_all(struct run *run, const uint64_t piece_ns[RANKS], uint64_t done[RANKS])
{
    uint64_t given_ns[RANKS] = {0}, free_ns[RANKS] = {0}, first = UINT64_MAX, last = 0;
    for (int ended = 0; ended < RANKS;) {
        int rank = 0;
        for (int other = 1; other < RANKS; other++)
            rank = free_ns[other] < free_ns[rank] ? other : rank;
        if (done[rank] > 0)
            report(run, rank, given_ns[rank]);
        uint64_t work = ask(run, rank);
        done[rank] += work;
        given_ns[rank] = (uint64_t)((double)work / PIECE * (double)piece_ns[rank]);
        if (work > 0) {
            free_ns[rank] += given_ns[rank];
            continue;
        }
        first = free_ns[rank] < first ? free_ns[rank] : first;
        last = free_ns[rank] > last ? free_ns[rank] : last;
        free_ns[rank] = UINT64_MAX;
        ended++;
    }
    return last - first;
}

/* Within a part in twenty, and a piece for each end of it. */
static bool near(uint64_t a, uint64_t b)
{
    uint64_t off = a > b ? a - b : b - a;
    return off <= b / 20 + 2 * PIECE;
}

static void shares_follow_the_speed_and_all_end_together(struct job *job)
{
    static const uint64_t piece_ns[RANKS] = {MS, MS, 4 * MS, 20 * MS};
    static struct run run;
    begin_run(&run, job, 2, (uint64_t)2 << 30);
    if (spmd.rank == 0) {
        uint64_t done[RANKS] = {0}, all = run.plan.total_bytes;
        uint64_t apart = count_all(&run, piece_ns, done);
        EXPECT(done[0] + done[1] + done[2] + done[3] == all + 2 * FILE_WORK);
        EXPECT(apart <= 20 * MS);                /* a piece of the slowest */
        for (int rank = 0; rank < RANKS; rank++) /* 1 : 1 : 1/4 : 1/20 */
            EXPECT(near(done[rank], all / 46 * (20 * MS / piece_ns[rank])));
    }
    end_run(&run);
}

static void a_rank_that_stands_still_gets_one_piece(struct job *job)
{
    static const uint64_t piece_ns[RANKS] = {MS, 2000 * (uint64_t)MS, MS, MS};
    static struct run run;
    begin_run(&run, job, 1, (uint64_t)1 << 30);
    if (spmd.rank == 0) {
        uint64_t done[RANKS] = {0};
        count_all(&run, piece_ns, done);
        EXPECT(done[1] == PIECE);
        for (int rank = 0; rank < RANKS; rank++)
            EXPECT(rank == 1 || near(done[rank], run.plan.total_bytes / 3));
    }
    end_run(&run);
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(the_first_stretch_is_short_and_the_next_a_twentieth_of_a_second),
        SPMD_TEST(stretches_end_at_pieces_of_the_size_that_was_asked_for),
        SPMD_TEST(stretches_end_at_joints),
        SPMD_TEST(small_files_are_dealt_out_by_their_number),
        SPMD_TEST(shares_follow_the_speed_and_all_end_together),
        SPMD_TEST(a_rank_that_stands_still_gets_one_piece),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
