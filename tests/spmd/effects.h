/* SPDX-License-Identifier: BSD-3-Clause */
/* effects: what the settings of the cases did. One that is drawn, but never does anything, is not
 * tested: the pipeline test fails when an effect is not seen in any of its cases.
 *
 * Effects are seen from outside: by the functions of the mapper, by the policy that hands out
 * stretches, and by the calls of MPI, all of which are watched here, and by the totals. */
#ifndef EFFECTS_H
#define EFFECTS_H

#include "setup.h"
#include "threads.h"

enum effect {
    EFFECT_WORDS,
    EFFECT_LINES,
    EFFECT_FIELDS,
    EFFECT_SEPARATED,
    EFFECT_PAIRS,
    EFFECT_COMBINED,
    EFFECT_NOT_COMBINED,
    EFFECT_COMBINED_BETWEEN,
    EFFECT_HOST,
    EFFECT_AUTO_TWO_HOPS,
    EFFECT_AUTO_ONE_HOP,
    EFFECT_FLAT,
    EFFECT_SMALL_ROUNDS,
    EFFECT_DYNAMIC,
    EFFECT_DYNAMIC_OTHERS,
    EFFECT_STATIC,
    EFFECT_SCHEDULE_AUTO,
    EFFECT_ROOT_READS,
    EFFECT_ALL_READ,
    EFFECT_ROOT_DECODES,
    EFFECT_ALL_DECODE,
    EFFECT_PARTS_DECODED,
    EFFECT_AHEAD,
    EFFECT_PARTS_EXTRACTED,
    EFFECT_ROOT_EXTRACTS,
    EFFECT_ALL_EXTRACT,
    EFFECT_CSV_ROOT,
    EFFECT_CSV_ALL,
    EFFECT_WARC_ROOT,
    EFFECT_WARC_ALL,
    EFFECT_WARC_PARTS,
    EFFECT_WITHOUT_TEXT,
    EFFECT_RULES,
    EFFECT_INVALID,
    EFFECT_VOCABULARY,
    EFFECT_NEVER,
    EFFECT_ROOT_WRITES,
    EFFECT_ALL_WRITE,
    EFFECT_ROUNDS,
    EFFECT_SCRATCH,
    EFFECT_TOP,
    EFFECT_MIN_COUNT,
    EFFECT_BY_KEY,
    EFFECT_TOP_BY_KEY,
    EFFECT_ESCAPED,
    EFFECT_ESCAPED_ALL,
    EFFECT_CSV,
    EFFECT_QUOTED,
    EFFECT_JSONL,
    EFFECT_COLUMNS,
    EFFECT_HEADER,
    EFFECT_SKIP_HEADER,
    EFFECT_VERIFIED,
    EFFECT_NOT_VERIFIED,
    EFFECT_TWICE,
    EFFECT_LIST,
    EFFECT_NUL_LIST,
    EFFECT_FOLDER,
    EFFECT_MARKED,
    EFFECT_MARKED_ENCODED,
    EFFECTS
};

/* What is seen, and the fewest ranks with which it can be: below them it is not asked for. */
static const struct {
    const char *what;
    int ranks;
} effects[EFFECTS] = {
    [EFFECT_WORDS] = {"--count words finds some", 1},
    [EFFECT_LINES] = {"--count lines finds some", 1},
    [EFFECT_FIELDS] = {"--count field:N finds some", 1},
    [EFFECT_SEPARATED] = {"--count field:N:SEP finds some", 1},
    [EFFECT_PAIRS] = {"--count field:N-M:SEP finds some", 1},
    [EFFECT_COMBINED] = {"fewer records arrive than were mapped", 1},
    [EFFECT_NOT_COMBINED] = {"--combine=off: equal records arrive", 1},
    [EFFECT_COMBINED_BETWEEN] = {"ranks of a host have equal records, combined between hops", 2},
    [EFFECT_HOST] = {"--shuffle=host takes two hops", 1},
    [EFFECT_AUTO_TWO_HOPS] = {"--shuffle=auto takes two hops", 3}, /* two ranks on one of hosts */
    [EFFECT_AUTO_ONE_HOP] = {"--shuffle=auto takes one hop", 1},
    [EFFECT_FLAT] = {"--shuffle=flat takes one hop between hosts", 2},
    [EFFECT_SMALL_ROUNDS] = {"small rounds: a hop takes several", 2},
    [EFFECT_DYNAMIC] = {"--schedule=dynamic: rank 0 is given stretches", 1},
    [EFFECT_DYNAMIC_OTHERS] = {"--schedule=dynamic: other ranks are given stretches", 2},
    [EFFECT_STATIC] = {"--schedule=static: nobody asks", 1},
    [EFFECT_SCHEDULE_AUTO] = {"--schedule=auto: nobody asks", 1},
    [EFFECT_ROOT_READS] = {"--input=root: rank 0 reads", 1},
    [EFFECT_ALL_READ] = {"--input=auto: all ranks read", 1},
    [EFFECT_ROOT_DECODES] = {"rank 0 decodes compressed files", 1},
    [EFFECT_ALL_DECODE] = {"all ranks decode compressed files", 1},
    [EFFECT_PARTS_DECODED] = {"several ranks decode parts of a compressed file", 2},
    [EFFECT_AHEAD] = {"a thread decodes", 1},
    [EFFECT_CSV_ROOT] = {"--csv: rank 0 reads", 1},
    [EFFECT_CSV_ALL] = {"--csv: all ranks read", 1},
    [EFFECT_WARC_ROOT] = {"--warc: rank 0 reads", 1},
    [EFFECT_WARC_ALL] = {"--warc: all ranks read", 1},
    [EFFECT_WARC_PARTS] = {"--warc: several ranks decode parts of a compressed file", 2},
    [EFFECT_PARTS_EXTRACTED] = {"--jsonl: several ranks decode parts of a compressed file", 2},
    [EFFECT_ROOT_EXTRACTS] = {"--jsonl: rank 0 reads", 1},
    [EFFECT_ALL_EXTRACT] = {"--jsonl: all ranks read", 1},
    [EFFECT_WITHOUT_TEXT] = {"records without text", 1},
    [EFFECT_RULES] = {"--min-length drops words", 1},
    [EFFECT_INVALID] = {"--min-length: what is no UTF-8 is kept", 1},
    [EFFECT_VOCABULARY] = {"--vocabulary leaves words out", 1},
    [EFFECT_NEVER] = {"--vocabulary: words that never occur", 1},
    [EFFECT_ROOT_WRITES] = {"--gather: rank 0 writes", 2},
    [EFFECT_ALL_WRITE] = {"all ranks write", 2},
    [EFFECT_ROUNDS] = {"--memory: several rounds", 1},
    [EFFECT_SCRATCH] = {"--scratch: records are on a disk", 1},
    [EFFECT_TOP] = {"--top leaves records out", 1},
    [EFFECT_MIN_COUNT] = {"--min-count leaves records out", 1},
    [EFFECT_BY_KEY] = {"--sort=key: a rarer key comes before a more frequent one", 1},
    [EFFECT_TOP_BY_KEY] = {"--sort=key with --top", 1},
    [EFFECT_ESCAPED] = {"--escape escapes", 1},
    [EFFECT_ESCAPED_ALL] = {"--escape=all escapes what is no UTF-8", 1},
    [EFFECT_CSV] = {"--format=csv", 1},
    [EFFECT_QUOTED] = {"--format=csv quotes", 1},
    [EFFECT_JSONL] = {"--format=jsonl", 1},
    [EFFECT_COLUMNS] = {"--columns that depend on the place", 1},
    [EFFECT_HEADER] = {"--header", 1},
    [EFFECT_SKIP_HEADER] = {"--skip-header leaves lines out", 1},
    [EFFECT_VERIFIED] = {"--verify=on keeps the keyed sum", 1},
    [EFFECT_NOT_VERIFIED] = {"--verify=off keeps no keyed sum", 1},
    [EFFECT_TWICE] = {"a file named twice counts twice", 1},
    [EFFECT_LIST] = {"--files-from", 1},
    [EFFECT_NUL_LIST] = {"--files-from with -0", 1},
    [EFFECT_FOLDER] = {"-r with a folder", 1},
    [EFFECT_MARKED] = {"files begin with a byte order mark", 1},
    [EFFECT_MARKED_ENCODED] = {"compressed ones do, too", 1},
};

/* What was watched in a run on this rank; over all ranks after effects_note. */
enum watched {
    WATCHED_MAPPED,      /* records cut */
    WATCHED_BETWEEN_IN,  /* records that came to be combined between the hops */
    WATCHED_BETWEEN_OUT, /* and what they became */
    WATCHED_REDUCED,     /* records that came to be combined at their owner, at least once */
    WATCHED_EXCHANGES,   /* rounds of the exchanges of the first shuffle, on this rank */
    WATCHED_GIVEN,       /* stretches given to rank 0, but for the first */
    WATCHED_GIVEN_OTHERS,
    WATCHED_MASTER,   /* looks at a master that is open */
    WATCHED_DECODED,  /* bytes of text that ranks decoded for themselves */
    WATCHED_DECODERS, /* ranks that did */
    WATCHED_THREADS,  /* that decoded */
    WATCHED
};

static struct {
    struct job *job; /* that runs */
    struct mapper mapper;
    struct value value;
    struct master_policy policy;
    uint64_t numbers[WATCHED];
    bool held; /* other ranks wait in their first cut until rank 0 has asked for more */
} watch;

static uint64_t effects_seen[EFFECTS], effects_kernels[16]; /* cases, on rank 0 */

/* Who asks next is a matter of time: on a busy machine the others have it all before rank 0 asks
 * again. In the cases that are held it comes first. */
static void watch_wait_for_root(void)
{
    enum { TIMES_MAX = 1000, PAUSE_US = 1000 };
    for (int times = 0; access(folder_path("asked"), F_OK) != 0 && times < TIMES_MAX; times++)
        usleep(PAUSE_US);
    watch.held = false;
}

static enum master_answer watch_give(struct job *job, void *context, int rank, struct buffer *work)
{
    enum master_answer answer = watch.policy.give(job, context, rank, work);
    if (rank == 0 && watch.held)
        folder_put("asked", "", 0);
    if (answer == MASTER_WORK)
        watch.numbers[rank == 0 ? WATCHED_GIVEN : WATCHED_GIVEN_OTHERS]++;
    return answer;
}

static void watch_cut(const struct mapper *mapper, const struct block *block,
                      const struct scan *scan, uint32_t *edges, struct cut *cut)
{
    struct master *master = watch.job->master;
    watch.mapper.cut(mapper, block, scan, edges, cut);
    watch.numbers[WATCHED_MAPPED] += cut->batch.len;
    watch.numbers[WATCHED_MASTER] += master != NULL;
    if (master && comm_is_root(watch.job) && master->policy.give != watch_give) {
        watch.policy = master->policy;
        master->policy.give = watch_give;
    }
    if (master && watch.held && !comm_is_root(watch.job))
        watch_wait_for_root();
}

static bool watch_combine(struct table *table, struct arena *arena, struct parcel *parcel,
                          uint64_t min_count, struct parcel *out, struct tally *all,
                          struct tally *kept, struct fail *fail)
{
    bool between = watch.job->timing.phase == TIMING_SHUFFLE;
    uint64_t records = parcel->records;
    bool ok = watch.value.combine(table, arena, parcel, min_count, out, all, kept, fail);
    watch.numbers[between ? WATCHED_BETWEEN_IN : WATCHED_REDUCED] += records;
    watch.numbers[WATCHED_BETWEEN_OUT] += between ? out->records : 0;
    return ok;
}

static const struct value watched_value = {"watched", watch_combine};

/* In place of MPI's, which has another name for this purpose. */
int MPI_Ialltoallv(const void *out, const int counts_out[], const int offsets_out[],
                   MPI_Datatype type_out, void *in, const int counts_in[], const int offsets_in[],
                   MPI_Datatype type_in, MPI_Comm comm, MPI_Request *request)
{
    if (watch.job && watch.job->timing.phase == TIMING_SHUFFLE)
        watch.numbers[WATCHED_EXCHANGES]++;
    return PMPI_Ialltoallv(out, counts_out, offsets_out, type_out, in, counts_in, offsets_in,
                           type_in, comm, request);
}

/* Local, between job_init and job_run. */
static inline void effects_watch(struct job *job, bool held)
{
    memset(&watch, 0, sizeof watch);
    watch.job = job;
    watch.held = held;
    threads_ended = 0;
    watch.mapper = job->env.kind.mapper;
    watch.value = *job->env.kind.value;
    job->env.kind.mapper.cut = watch_cut;
    job->env.kind.value = &watched_value;
}

static inline void see(enum effect effect, bool seen)
{
    effects_seen[effect] += seen;
}

static inline void see_shuffle(const struct job *job)
{
    const struct options *options = &job->env.options;
    const uint64_t *numbers = watch.numbers;
    bool some = numbers[WATCHED_REDUCED] > 0,
         several = numbers[WATCHED_MAPPED] > job->totals.distinct;
    uint64_t hops = (uint64_t)job->comm.size * job->totals.rounds * (job->by_host ? 2 : 1);
    see(EFFECT_COMBINED, options->combine && numbers[WATCHED_REDUCED] < numbers[WATCHED_MAPPED]);
    see(EFFECT_NOT_COMBINED, !options->combine && several);
    see(EFFECT_COMBINED_BETWEEN, numbers[WATCHED_BETWEEN_OUT] < numbers[WATCHED_BETWEEN_IN]);
    see(EFFECT_HOST, some && options->shuffle == OPTIONS_SHUFFLE_HOST && job->by_host);
    see(EFFECT_AUTO_TWO_HOPS, some && options->shuffle == OPTIONS_SHUFFLE_AUTO && job->by_host);
    see(EFFECT_AUTO_ONE_HOP, some && options->shuffle == OPTIONS_SHUFFLE_AUTO && !job->by_host);
    see(EFFECT_FLAT,
        some && options->shuffle == OPTIONS_SHUFFLE_FLAT && !job->by_host && job->comm.hosts > 1);
    see(EFFECT_SMALL_ROUNDS, getenv("WC_ROUND_BYTES") && numbers[WATCHED_EXCHANGES] > hops);
}

/* Where more ranks decode than there are files, some share one. */
static inline size_t compressed_files(const struct setup *setup)
{
    size_t files = 0;
    for (size_t i = 0; i < setup->texts.len + setup->twice; i++)
        files += i % setup->texts.len % 3 != 2;
    return files;
}

static inline void see_input(const struct job *job, const struct setup *setup)
{
    const struct options *options = &job->env.options;
    bool some = watch.numbers[WATCHED_MAPPED] > 0, asked = watch.numbers[WATCHED_MASTER] > 0;
    see((enum effect)(EFFECT_WORDS + (int)setup->records), some);
    see(EFFECT_SKIP_HEADER, some && options->skip_header);
    see(EFFECT_DYNAMIC, watch.numbers[WATCHED_GIVEN] > 0);
    see(EFFECT_DYNAMIC_OTHERS, watch.numbers[WATCHED_GIVEN_OTHERS] > 0);
    see(EFFECT_STATIC, some && !asked && options->schedule == OPTIONS_SCHEDULE_STATIC);
    see(EFFECT_SCHEDULE_AUTO, some && !asked && options->schedule == OPTIONS_SCHEDULE_AUTO);
    see(EFFECT_ROOT_READS, some && job->totals.root_input);
    see(EFFECT_ALL_READ, some && !job->totals.root_input);
    see(EFFECT_ROOT_DECODES, some && job->totals.root_input && setup->compressed);
    see(EFFECT_ALL_DECODE, watch.numbers[WATCHED_DECODED] > 0);
    bool parts = watch.numbers[WATCHED_DECODERS] > compressed_files(setup);
    see(EFFECT_PARTS_DECODED, some && parts);
    see(EFFECT_AHEAD, watch.numbers[WATCHED_THREADS] > 0);
    static const enum effect extracted[][2] = {
        [FORM_JSON_LINES] = {EFFECT_ALL_EXTRACT, EFFECT_ROOT_EXTRACTS},
        [FORM_CSV] = {EFFECT_CSV_ALL, EFFECT_CSV_ROOT},
        [FORM_WARC] = {EFFECT_WARC_ALL, EFFECT_WARC_ROOT},
    };
    see(EFFECT_PARTS_EXTRACTED, some && parts && setup->form == FORM_JSON_LINES);
    see(EFFECT_WARC_PARTS, some && parts && setup->form == FORM_WARC);
    if (setup->form != FORM_PLAIN)
        see(extracted[setup->form][job->totals.root_input], some);
    see(EFFECT_WITHOUT_TEXT, job->totals.records.without > 0);
    see(EFFECT_RULES, setup->min_length > 0 && setup->vocabulary.len == 0
                          && job->totals.words < watch.numbers[WATCHED_MAPPED]);
    see(EFFECT_INVALID, job->totals.invalid_words > 0);
    see(EFFECT_VOCABULARY, job->totals.outside_words > 0);
    see(EFFECT_ROUNDS, job->totals.rounds > 1);
    see(EFFECT_SCRATCH, some && job->env.space.written_bytes > 0);
    see(EFFECT_VERIFIED, some && options->verify && job->verify.mapped.keyed != 0);
    see(EFFECT_NOT_VERIFIED, some && !options->verify && job->verify.mapped.keyed == 0);
    see(EFFECT_TWICE, some && setup->twice > 0);
    see(EFFECT_LIST, some && setup->as_list && !options->nul_ended);
    see(EFFECT_NUL_LIST, some && setup->as_list && options->nul_ended);
    see(EFFECT_FOLDER, some && setup->as_folder);
    const bool marked = some && setup->marked && setup->form == FORM_PLAIN;
    see(EFFECT_MARKED, marked && !setup->compressed);
    see(EFFECT_MARKED_ENCODED, marked && setup->compressed);
    for (size_t i = 0; i < kernels(); i++)
        effects_kernels[i] += some && options->kernel && job->env.scan == scan_at(i);
}

/* Whether a count is lower than the one of the line behind it. Escaped lines have no other tab. */
static inline bool counts_rise(const uint8_t *result, size_t len)
{
    uint64_t last = UINT64_MAX;
    const uint8_t *at = result, *end = result + len;
    for (const uint8_t *tab; (tab = memchr(at, '\t', (size_t)(end - at))); at = tab + 1) {
        uint64_t count = strtoull((const char *)tab + 1, NULL, 10);
        if (count > last)
            return true;
        last = count;
    }
    return false;
}

static inline void see_output(const struct job *job, const uint8_t *result, size_t len)
{
    const struct snapshot_totals *totals = &job->totals;
    uint64_t left_out = totals->left_out_words;
    bool some = totals->written_words > 0;
    see(EFFECT_ROOT_WRITES, some && job->env.options.gather && totals->root_output);
    see(EFFECT_ALL_WRITE, some && !job->env.options.gather && !totals->root_output);
    see(EFFECT_TOP, left_out > 0 && job->env.options.min_count == 0);
    see(EFFECT_MIN_COUNT, left_out > 0 && job->env.options.top == 0);
    bool by_key = job->env.options.sort == ORDER_KEY && job->env.options.escape
               && !job->env.options.columns && counts_rise(result, len);
    see(EFFECT_BY_KEY, by_key && job->env.options.top == 0);
    see(EFFECT_NEVER,
        job->env.options.escape && !job->env.options.columns && memmem(result, len, "\t0\n", 3));
    see(EFFECT_TOP_BY_KEY, by_key && job->env.options.top > 0 && left_out > 0);
    const struct format *format = &job->env.kind.format;
    see(EFFECT_CSV, some && strcmp(format->name, "csv") == 0);
    see(EFFECT_QUOTED, strcmp(format->name, "csv") == 0 && memchr(result, '"', len));
    see(EFFECT_JSONL, some && strcmp(format->name, "jsonl") == 0);
    see(EFFECT_COLUMNS, some && format->placed);
    see(EFFECT_HEADER, some && format->header);
    see(EFFECT_ESCAPED, job->env.options.escape == ESCAPE_CONTROL && memmem(result, len, "\\x", 2));
    see(EFFECT_ESCAPED_ALL,
        job->env.options.escape == ESCAPE_ALL && memmem(result, len, "\\xa9", 4));
}

/* Collective. After a run that went well; job->env.options are still there. */
static inline void effects_note(const struct job *job, const struct setup *setup)
{
    size_t len = 0;
    watch.numbers[WATCHED_DECODED] = job->verify.input.decoded_bytes;
    watch.numbers[WATCHED_DECODERS] = job->verify.input.decoded_bytes > 0;
    watch.numbers[WATCHED_THREADS] = threads_ended;
    MPI_Allreduce(MPI_IN_PLACE, watch.numbers, WATCHED, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
    watch.job = NULL;
    EXPECT(job->env.options.combine
           || watch.numbers[WATCHED_REDUCED] >= watch.numbers[WATCHED_MAPPED]);
    EXPECT(job->by_host || watch.numbers[WATCHED_BETWEEN_IN] == 0);
    if (spmd.rank != 0)
        return;
    unlink(folder_path("asked"));
    uint8_t *result = folder_get(setup->options.output, &len);
    see_input(job, setup);
    see_shuffle(job);
    see_output(job, result, len);
    free(result);
}

/* Collective. One test for each effect that these ranks can have. */
static inline void effects_report(const struct comm *comm)
{
    for (int effect = 0; effect < EFFECTS; effect++)
        if (comm->size >= effects[effect].ranks)
            spmd_report(spmd.rank != 0 || effects_seen[effect] > 0, "%s (in %" PRIu64 " cases)",
                        effects[effect].what, effects_seen[effect]);
    for (size_t i = 0; i < kernels(); i++)
        spmd_report(spmd.rank != 0 || effects_kernels[i] > 0, "--kernel=%s (in %" PRIu64 " cases)",
                    scan_at(i)->name, effects_kernels[i]);
}

#endif
