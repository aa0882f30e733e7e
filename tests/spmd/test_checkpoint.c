/* SPDX-License-Identifier: BSD-3-Clause */
/* Counts that are left and taken up again, by other numbers of ranks and with other settings, until
 * they are done: against counting by sorting. The cases are those of the pipeline test.
 *
 * A start ends because it is asked to, after any number of steps; or with a fault in any stage, or
 * with a request for memory that is refused, as it would be killed there: what was committed until
 * then counts. */
#include "expected.h"
#include "refusing.h"

#include "pipeline.h"

#include <dirent.h>

enum { CASES = 200, STARTS_MAX = 12, SHOWN_MAX = 5, STEPS = 60, REQUESTS = 120 };

/* What the starts of all cases were seen to do: on rank 0. */
enum effect {
    LEFT,
    TAKEN_UP,
    ALONE,
    TOGETHER,
    COMMITTED,
    FAILED,
    REFUSED,
    BY_ROOT,
    BY_ALL,
    EFFECTS
};

static const char *const effects[EFFECTS] = {
    [LEFT] = "starts that were left",  [TAKEN_UP] = "starts that took something up",
    [ALONE] = "of one rank",           [TOGETHER] = "of all ranks",
    [COMMITTED] = "with commits",      [FAILED] = "that failed",
    [REFUSED] = "without memory",      [BY_ROOT] = "where rank 0 read",
    [BY_ALL] = "where all ranks read",
};

static uint64_t seen[EFFECTS];

/* Steps of this rank until the run is to be left. */
static struct {
    uint64_t left;
    bool never;
} steps;

static void count_step(struct job *job, bool working)
{
    if (!working || steps.never || steps.left-- > 0)
        return;
    job->progress.winds_down = job->can_be_left;
    steps.left = 0;
}

/* A communicator of this rank alone. */
static struct comm alone(void)
{
    struct job job = {0};
    MPI_Comm host;
    MPI_Comm_dup(MPI_COMM_SELF, &job.comm.world);
    MPI_Comm_dup(MPI_COMM_SELF, &host);
    EXPECT(comm_group(&job, host));
    return job.comm;
}

/* Where there is much to count a commit after each step would take too long. */
static void draw_settings(struct seeded *seeded, struct setup *setup)
{
    struct options *options = &setup->options;
    const double often_s = setup->kind->block_max > 200 ? 0.01 : 1e-9;
    char records_bytes[16];
    options->scratch = scratch_folder();
    options->seed = 1 + seeded_below(seeded, 1000);
    options->combine = seeded_below(seeded, 4) > 0;
    options->schedule = (enum options_schedule)seeded_below(seeded, 3);
    options->shuffle = (enum options_shuffle)seeded_below(seeded, 3);
    options->verify = seeded_below(seeded, 4) > 0;
    options->memory_bytes = (uint64_t)(12 + seeded_below(seeded, 13)) << 20;
    options->block_bytes = 1 + seeded_below(seeded, 300);
    options->checkpoint_every_s = seeded_below(seeded, 2) ? 0 : often_s;
    snprintf(records_bytes, sizeof records_bytes, "%zu", (size_t)1000 << seeded_below(seeded, 10));
    if (seeded_below(seeded, 2))
        setenv("WC_RECORDS_BYTES", records_bytes, 1);
    else
        unsetenv("WC_RECORDS_BYTES");
}

/* Which request for memory is refused in this start, on any rank, and on this one; 0: none. */
static struct {
    uint64_t any, here;
} refused;

/* Where this start fails, if it comes there. */
static void draw_fault(struct seeded *seeded, int size)
{
    static const char *const stages[] = {"map",  "checkpoint", "checkpoint", "reduce",
                                         "runs", "finish",     "sort",       "gather"};
    char fault[32];
    snprintf(fault, sizeof fault, "%s:%d", stages[seeded_below(seeded, LEN(stages))],
             (int)seeded_below(seeded, (size_t)size));
    if (seeded_below(seeded, 3) == 0)
        setenv("WC_FAULT", fault, 1);
    else
        unsetenv("WC_FAULT");
    const int rank = (int)seeded_below(seeded, (size_t)size);
    refused.any = refusing_works ? seeded_below(seeded, 2) * seeded_below(seeded, REQUESTS) : 0;
    refused.here = rank == spmd.rank ? refused.any : 0;
}

static void note(const struct job *job, bool ok)
{
    seen[LEFT] += job->totals.wound_down;
    seen[TAKEN_UP] += job->totals.resumed_bytes > 0;
    seen[job->comm.size == 1 ? ALONE : TOGETHER]++;
    seen[COMMITTED] += job->totals.commits > 0;
    seen[FAILED] += !ok;
    seen[REFUSED] += job->env.fail.code == FAIL_MEMORY;
    seen[job->totals.root_input ? BY_ROOT : BY_ALL] += job->totals.resumed_bytes > 0;
}

/* One start, of these ranks. *done: it has the result. */
static void start(const struct comm *comm, const struct setup *setup, bool *done)
{
    struct job job = {.comm = *comm, .env.options = setup->options};
    timing_init(&job.timing);
    bool ok = job_init(&job, 0, NULL);
    EXPECT(ok);
    job.ahead_bytes = setup->ahead;
    comm_add_poller(&job, count_step);
    refusing_begin(refused.here);
    ok = ok && pipeline_run(&job);
    refusing_end();
    EXPECT(ok == (job.env.fail.code == FAIL_NONE));
    if (!ok && !getenv("WC_FAULT") && !(refused.any > 0 && job.env.fail.code == FAIL_MEMORY)) {
        EXPECT(ok);
        if (comm_is_root(&job))
            fprintf(stderr, "# %s\n", job.env.fail.text);
    }
    EXPECT(job.env.arena.used_bytes == 0);
    if (comm_is_root(&job))
        note(&job, ok);
    *done = ok && !job.totals.wound_down;
    if (*done && spmd.rank == 0)
        expected_check(&job, setup);
    job_free(&job);
    EXPECT(job.env.mem.used_bytes == 0);
}

/* The folder is empty, or there. */
static bool nothing_left(const char *name)
{
    int entries = 0;
    DIR *folder = opendir(name);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        entries += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return folder && entries == 0;
}

/* Starts until one of them is not left. */
static void count_in_starts(const struct comm *comm, struct setup *setup)
{
    struct seeded seeded = {setup->number};
    struct comm one = alone();
    bool done = false;
    const bool by_one_too = comm->size > 1;
    for (int i = 0; i < STARTS_MAX && !done && spmd_all(spmd.good); i++) {
        const bool last = i + 1 == STARTS_MAX, by_one = seeded_below(&seeded, 3) == 0 && by_one_too;
        draw_settings(&seeded, setup);
        draw_fault(&seeded, by_one ? 1 : comm->size);
        if (last) {
            unsetenv("WC_FAULT");
            refused.here = refused.any = 0;
        }
        steps.never = last;
        steps.left = seeded_below(&seeded, STEPS) * (1 + (uint64_t)spmd.rank);
        if (!by_one)
            start(comm, setup, &done);
        else if (spmd.rank == 0)
            start(&one, setup, &done);
        MPI_Bcast(&done, sizeof done, MPI_BYTE, 0, MPI_COMM_WORLD);
    }
    EXPECT(done);
    unsetenv("WC_FAULT");
    unsetenv("WC_RECORDS_BYTES");
    if (spmd.rank == 0)
        EXPECT(nothing_left(setup->options.checkpoint));
    struct job job = {.comm = one};
    comm_free(&job);
}

static bool end_case(struct setup *setup)
{
    static int shown;
    bool good = spmd_all(spmd.good);
    if (!good && spmd.rank == 0 && shown++ < SHOWN_MAX)
        fprintf(stderr, "# %s\n# again: WC_SEED=%" PRIu64 " WC_CASES=1 mpirun ... %s\n", title,
                setup->number, "build/tests/spmd/test_checkpoint");
    if (spmd.rank == 0)
        nftw(setup->options.checkpoint, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free((char *)(uintptr_t)setup->options.checkpoint);
    free_setup(setup);
    return good;
}

int main(int argc, char **argv)
{
    setenv("HWLOC_SYNTHETIC", "l2:1(size=65536) core:2 pu:1", 1);
    struct comm comm = spmd_begin(argc, argv);
    uint64_t first = spmd_setting("WC_SEED", 1), cases = spmd_setting("WC_CASES", CASES),
             failed = 0;
    if (spmd.rank == 0 && !folder_make())
        MPI_Abort(MPI_COMM_WORLD, 1);
    MPI_Bcast(folder_name, sizeof folder_name, MPI_BYTE, 0, MPI_COMM_WORLD);
    for (uint64_t number = first; number < first + cases; number++) {
        struct setup *setup = make_setup(number, NULL);
        setup->options.checkpoint = strdup(folder_path("checkpoint"));
        spmd.good = true;
        alarm(SPMD_LIMIT_S * slow());
        count_in_starts(&comm, setup);
        failed += !end_case(setup);
    }
    spmd_report(failed == 0,
                "%" PRIu64 " texts are counted, however often that is left and by whom", cases);
    for (int effect = 0; effect < EFFECTS && cases >= CASES; effect++)
        if ((effect != TOGETHER || comm.size > 1) && (effect != REFUSED || refusing_works))
            spmd_report(spmd.rank != 0 || seen[effect] > 0, "%s (%" PRIu64 ")", effects[effect],
                        seen[effect]);
    alarm(0);
    if (spmd.rank == 0)
        folder_remove();
    return spmd_end(&comm);
}
