/* SPDX-License-Identifier: BSD-3-Clause */
/* The whole chain, as main runs it, on many small cases in one mpirun, against counting by sorting.
 *
 * A case is its number: WC_SEED is the first, WC_CASES how many. A case that fails says how to run
 * it again. Four of the 960,800 strings of up to seven bytes are in every second case, so 480,400
 * cases go through all of them. Every setting that is drawn must be seen to do something. */
#include "effects.h"
#include "expected.h"
#include "refusing.h"

#include "pipeline.h"

#include <dirent.h>

enum {
    CASES = 300,
    FAULT_CASES = 40,
    MEMORY_CASES = 40,
    REFUSED_CASES = 20,
    REFUSED = 20,
    SHOWN_MAX = 5
};

/* In the next run, on this rank. */
static struct {
    uint64_t refused; /* the how manyth request for memory; 0: none */
    uint64_t asked;   /* so many there were */
} memory;

/* Temporary files that a run left in the folder. */
static int left_behind(void)
{
    int count = 0;
    DIR *folder = opendir(folder_name);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        count += entry->d_name[0] == '.' && entry->d_name[1] != '\0' && entry->d_name[1] != '.';
    if (folder)
        closedir(folder);
    return count;
}

/* Runs the chain as main does. From `limit_rank` on ranks have at most `limit_bytes` of memory when
 * it starts. */
static bool run_chain(struct job *job, const struct comm *comm, const struct setup *setup,
                      int limit_rank, size_t limit_bytes)
{
    *job = (struct job){.comm = *comm, .env.options = setup->options};
    timing_init(&job->timing);
    refusing_begin(memory.refused);
    bool ok = job_init(job, 0, NULL);
    if (job->comm.rank >= limit_rank && limit_bytes < job->env.mem.limit_bytes)
        job->env.mem.limit_bytes = limit_bytes;
    job->ahead_bytes = setup->ahead;
    if (ok)
        effects_watch(job, setup->number % 4 == 0);
    ok = ok && pipeline_run(job);
    memory.asked = refusing_end();
    memory.refused = 0;
    EXPECT(spmd_same(&ok, sizeof ok));
    EXPECT(ok == (job->env.fail.code == FAIL_NONE));
    EXPECT(job->env.arena.used_bytes == 0);
    job_free(job);
    EXPECT(job->env.mem.used_bytes == 0);
    return ok;
}

/* After a failure: the same code everywhere, the old result in its place, nothing beside it. */
static void check_failure(const struct job *job, const struct setup *setup, int code)
{
    static const char old_text[] = "old";
    EXPECT(job->env.fail.code == code);
    EXPECT(spmd_same(job->env.fail.text, FAIL_TEXT_BYTES));
    if (spmd.rank == 0) {
        size_t len = 0;
        uint8_t *result = folder_get(setup->options.output, &len);
        EXPECT(result && len == strlen(old_text) && memcmp(result, old_text, len) == 0);
        free(result);
        EXPECT(left_behind() == 0);
    }
}

/* Says once for all ranks that a case failed, and how to see it again. */
static bool end_case(struct setup *setup, const char *which)
{
    static int shown;
    bool good = spmd_all(spmd.good);
    if (!good && spmd.rank == 0 && shown++ < SHOWN_MAX)
        fprintf(stderr, "# %s%s\n# again: WC_SEED=%" PRIu64 " WC_CASES=1 mpirun ... %s\n", which,
                title, setup->number, "build/tests/spmd/test_pipeline");
    free_setup(setup);
    return good;
}

/* Every second case as if the ranks were on hosts: pairs of them, or one large and small ones. */
static const struct comm *on_hosts(const struct comm *comm, struct comm grouped[2], uint64_t number)
{
    return number % 4 < 2 ? comm : &grouped[number % 4 - 2];
}

static void group(const struct comm *comm, struct comm grouped[2])
{
    int pairs[64], uneven[64];
    for (int rank = 0; rank < comm->size; rank++) {
        pairs[rank] = rank / 2;
        uneven[rank] = rank < (comm->size + 1) / 2 ? 0 : rank;
    }
    grouped[0] = spmd_hosts(comm, pairs);
    grouped[1] = spmd_hosts(comm, uneven);
}

static void count_cases(const struct comm *comm, uint64_t first, uint64_t cases)
{
    struct comm grouped[2];
    group(comm, grouped);
    uint64_t made[LEN(kinds)] = {0}, failed[LEN(kinds)] = {0};
    for (uint64_t number = first; number < first + cases; number++) {
        struct job job;
        struct setup *setup = make_setup(number, NULL);
        size_t kind = (size_t)(setup->kind - kinds);
        spmd.good = true;
        alarm(SPMD_LIMIT_S * slow());
        bool ok = run_chain(&job, on_hosts(comm, grouped, number), setup, comm->size, 0);
        EXPECT(ok);
        if (!ok && spmd.rank == 0)
            fprintf(stderr, "# %s\n", job.env.fail.text);
        if (ok && spmd.rank == 0)
            expected_check(&job, setup);
        effects_note(&job, setup);
        made[kind]++;
        failed[kind] += !end_case(setup, "");
    }
    for (size_t kind = 0; kind < LEN(kinds); kind++)
        if (made[kind] > 0)
            spmd_report(failed[kind] == 0, "%" PRIu64 " texts of %s are counted as by the oracle",
                        made[kind], kinds[kind].name);
    if (cases >= CASES) /* with fewer not everything may be drawn */
        effects_report(comm);
    for (int i = 0; i < 2; i++)
        spmd_free_hosts(&grouped[i]);
}

/* On rank 0, alone: the fingerprint of the same words, counted with everything else different. */
static uint64_t fingerprint_alone(const struct setup *setup, uint64_t number)
{
    struct job job = {.env.options = setup->options};
    MPI_Comm host;
    MPI_Comm_dup(MPI_COMM_SELF, &job.comm.world);
    MPI_Comm_dup(MPI_COMM_SELF, &host);
    EXPECT(comm_group(&job, host));
    job.env.options.seed = 1001 + number;
    job.env.options.split_bytes = job.env.options.block_bytes = 100 + number;
    job.env.options.memory_bytes = 64 << 20;
    job.env.options.top = 1;
    timing_init(&job.timing);
    EXPECT(job_init(&job, 0, NULL) && pipeline_run(&job));
    uint64_t fingerprint = job.totals.fingerprint;
    job_free(&job);
    comm_free(&job);
    return fingerprint;
}

/* Two runs can compare their words by one number, whatever ranks and settings they had. */
static void compare_fingerprints(const struct comm *comm, uint64_t first)
{
    uint64_t failed = 0, last = 0;
    for (uint64_t number = first; number < first + 20; number++) {
        struct job job;
        struct setup *setup = make_setup(number, &kinds[1]);
        setup->options.verify = true;
        setup->options.json = "/dev/null";
        spmd.good = true;
        alarm(SPMD_LIMIT_S * slow());
        EXPECT(run_chain(&job, comm, setup, comm->size, 0));
        if (spmd.rank == 0)
            EXPECT(job.totals.fingerprint == fingerprint_alone(setup, number));
        EXPECT(job.totals.fingerprint != last || last == 0); /* nothing was counted, or kept */
        last = job.totals.fingerprint;
        failed += !end_case(setup, "fingerprint, ");
    }
    spmd_report(failed == 0, "fingerprints depend on the words and their counts only");
}

/* A result that was there before. */
static void put_old_result(void)
{
    if (spmd.rank == 0)
        folder_put("result", "old", 3);
}

static void fail_in_stages(const struct comm *comm, uint64_t first, uint64_t cases)
{
    static const char *const stages[] = {"plan",   "scatter", "map",    "shuffle", "reduce",
                                         "finish", "sort",    "gather", "report"};
    uint64_t failed = 0;
    for (uint64_t number = first; number < first + cases; number++) {
        struct job job;
        struct setup *setup = make_setup(number, NULL);
        char fault[32], rank[16];
        const char *stage = stages[number % LEN(stages)];
        snprintf(rank, sizeof rank, "%d", (int)(number / LEN(stages)) % comm->size);
        snprintf(fault, sizeof fault, "%s:%s", stage, number % 4 ? rank : "all");
        put_old_result();
        setenv("WC_FAULT", fault, 1);
        spmd.good = true;
        alarm(SPMD_LIMIT_S * slow());
        EXPECT(!run_chain(&job, comm, setup, comm->size, 0));
        unsetenv("WC_FAULT");
        check_failure(&job, setup, FAIL_OTHER);
        EXPECT(strstr(job.env.fail.text, stage));
        failed += !end_case(setup, fault);
    }
    spmd_report(failed == 0,
                "%" PRIu64 " faults, in every stage, leave the old result and no memory", cases);
}

/* Memory that ends anywhere, on some ranks or all: an exact result, or a failure and the old one.
 */
static void run_out_of_memory(const struct comm *comm, uint64_t first, uint64_t cases)
{
    uint64_t failed = 0, counted = 0;
    for (uint64_t number = first; number < first + cases; number++) {
        struct job job;
        struct setup *setup = make_setup(number, NULL);
        struct seeded seeded = {number};
        size_t limit_bytes = seeded_below(&seeded, 3 << 20);
        put_old_result();
        spmd.good = true;
        alarm(SPMD_LIMIT_S * slow());
        bool ok = run_chain(&job, comm, setup, (int)seeded_below(&seeded, (size_t)comm->size),
                            limit_bytes);
        if (!ok)
            check_failure(&job, setup, FAIL_MEMORY);
        else if (spmd.rank == 0)
            expected_check(&job, setup);
        counted += ok;
        failed += !end_case(setup, "little memory, ");
    }
    if (cases >= MEMORY_CASES)
        spmd_report(counted > 0 && counted < cases, "for some of them there was enough");
    spmd_report(failed == 0,
                "with too little memory anywhere %" PRIu64 " texts fail cleanly or are counted",
                cases);
}

/* One request for memory is refused, on one rank, the i-th in the i-th part of all: an exact
 * result, or a failure and the old one. Whether it is so; counts the failures. */
static bool refuse_once(const struct comm *comm, const struct setup *setup, struct seeded *seeded,
                        uint64_t i, const uint64_t *asked, uint64_t *failures)
{
    struct job job;
    const int rank = (int)seeded_below(seeded, (size_t)comm->size);
    const uint64_t drawn = seeded_below(seeded, (size_t)asked[rank]);
    const uint64_t refused = 1 + (i * asked[rank] + drawn) / REFUSED;
    put_old_result();
    memory.refused = rank == comm->rank ? refused : 0;
    alarm(SPMD_LIMIT_S * slow());
    const bool ok = run_chain(&job, comm, setup, comm->size, 0);
    if (!ok)
        check_failure(&job, setup, FAIL_MEMORY);
    else if (spmd.rank == 0)
        expected_check(&job, setup);
    *failures += !ok;
    const bool good = spmd_all(spmd.good);
    if (!good && spmd.rank == 0)
        fprintf(stderr, "# refused: request %" PRIu64 " of rank %d\n", refused, rank);
    return good;
}

static void refuse_memory(const struct comm *comm, uint64_t first, uint64_t cases)
{
    uint64_t failed = 0, refused = 0;
    uint64_t *asked = malloc((size_t)comm->size * sizeof *asked);
    cases = refusing_works ? cases : 0;
    for (uint64_t number = first; number < first + cases; number++) {
        struct job job;
        struct setup *setup = make_setup(number, NULL);
        struct seeded seeded = {number};
        spmd.good = true;
        alarm(SPMD_LIMIT_S * slow());
        EXPECT(run_chain(&job, comm, setup, comm->size, 0));
        memset(asked, 0, (size_t)comm->size * sizeof *asked);
        asked[comm->rank] = memory.asked;
        MPI_Allreduce(MPI_IN_PLACE, asked, comm->size, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
        bool good = true;
        for (uint64_t i = 0; good && i < REFUSED; i++)
            good = refuse_once(comm, setup, &seeded, i, asked, &refused);
        failed += !end_case(setup, "memory is refused, ");
    }
    free(asked);
    spmd_report(failed == 0 && (refused > 0 || cases < REFUSED_CASES),
                "memory that is refused once fails cleanly, %" PRIu64 " times", refused);
}

/* A device that is full takes nothing: rank 0 knows after the first of several windows, the others
 * have to hear of it. */
static void write_to_full_device(const struct comm *comm)
{
    static const struct text_kind large = {"a large text", texts_large, 1 << 20, 1 << 20, 0};
    for (uint64_t number = 0; number < 4; number++) {
        struct job job;
        struct setup *setup = make_setup(number, &large);
        struct options *options = &setup->options;
        free((char *)(uintptr_t)options->output);
        options->output = strdup("/dev/full");
        options->count = "words"; /* of fields there may be none to write */
        options->skip_header = false;
        options->memory_bytes = 12 << 20;
        free((char *)(uintptr_t)options->rules.vocabulary_file);
        options->rules.vocabulary_file = NULL;
        options->min_count = 0;
        options->top = 0;
        spmd.good = true;
        alarm(SPMD_LIMIT_S * slow());
        EXPECT(!run_chain(&job, comm, setup, comm->size, 0));
        EXPECT(job.env.fail.code == FAIL_OUTPUT);
        EXPECT(strncmp(job.env.fail.text, "/dev/full: No space left on device", 34) == 0);
        spmd_report(end_case(setup, "/dev/full, "),
                    "a full device fails on all ranks, case %" PRIu64, number);
    }
}

int main(int argc, char **argv)
{
    setenv("HWLOC_SYNTHETIC", "l2:1(size=65536) core:2 pu:1",
           1); /* quickly loaded, and small tables */
    struct comm comm = spmd_begin(argc, argv);
    uint64_t first = spmd_setting("WC_SEED", 1), cases = spmd_setting("WC_CASES", CASES);
    bool all = !getenv("WC_SEED");
    if (spmd.rank == 0 && !folder_make())
        MPI_Abort(MPI_COMM_WORLD, 1);
    MPI_Bcast(folder_name, sizeof folder_name, MPI_BYTE, 0, MPI_COMM_WORLD);
    count_cases(&comm, first, cases);
    compare_fingerprints(&comm, first);
    fail_in_stages(&comm, first, all ? FAULT_CASES : cases);
    run_out_of_memory(&comm, first, all ? MEMORY_CASES : cases);
    refuse_memory(&comm, first, all ? REFUSED_CASES : cases);
    write_to_full_device(&comm);
    alarm(0);
    if (spmd.rank == 0)
        folder_remove();
    return spmd_end(&comm);
}
