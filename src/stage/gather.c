/* SPDX-License-Identifier: BSD-3-Clause */
/* Gather. Sizes are known before the first byte is written: the sort has summed them, and a scan
 * over the ranks gives every rank its place.
 *
 * Collectives, in order. gather_open: agree; for -o on several hosts same_files_output (Ibcast,
 * Ibcast, Iallreduce), agree. gather_run: with tasks Ibcast; Iexscan (records), agree, Iallgather
 * (bytes), agree; where rank 0 writes, per round: agree, Igatherv, Igather; otherwise agree at the
 * end; check: agree, Iallreduce, Iallgather, agree; agree (synced), Iallreduce. gather_settle:
 * progress_finish. */
#include "stage/gather.h"

#include "comm/agree.h"
#include "comm/gatherv.h"
#include "job.h"
#include "stage/line_writer.h"
#include "stage/report.h"
#include "stage/same_files.h"

#include <inttypes.h>
#include <time.h>
#include <xxhash.h>

enum { WRITE_BYTES = 256 << 10, WINDOW_MIN_BYTES = 64 << 10, WINDOW_MAX_BYTES = 16 << 20 };

/* This rank's part of the result, but for the results of tasks that come before all. */
struct place {
    uint64_t before, bytes; /* in it */
    uint64_t *all_bytes;    /* of every rank */
    uint64_t total;
};

/* See comm_launched_by_prrte: the end of what does not end with a newline is always moved. */
static bool is_passed_on(const struct job *job, const struct output *output, struct fail *fail)
{
    const bool lines = !job->env.options.zero_terminated || !job->env.kind.format.escapes;
    if (lines || !output->standard || !comm_launched_by_prrte())
        return true;
    return fail_set(fail, FAIL_OUTPUT,
                    "standard output: mpirun of Open MPI 5 drops the end of what does not end with "
                    "a newline: name a file (-o FILE), or start one process without mpirun");
}

/* On rank 0. */
static bool open_result(struct job *job, struct gather *gather)
{
    if (!job->env.options.results)
        return output_create(&gather->output, job->env.options.output, &job->env.fail)
            && is_passed_on(job, &gather->output, &job->env.fail);
    return outdir_create(&gather->folder, job->env.options.results, &job->env.fail);
}

static bool init_checksum(struct job *job, struct gather *gather)
{
    gather->checksum = XXH3_createState();
    if (!gather->checksum)
        return fail_set(&job->env.fail, FAIL_MEMORY, "memory: no checksum");
    XXH3_64bits_reset(gather->checksum);
    return true;
}

bool gather_open(struct job *job, struct gather *gather)
{
    bool root = comm_is_root(job);
    gather->output.fd = -1;
    bool ok = (!root || open_result(job, gather)) && init_checksum(job, gather);
    if (!agree(job, ok))
        return false;
    gather->to_root = !job->env.options.output || job->env.options.gather;
    if (job->comm.size > 1 && !gather->to_root) {
        gather->to_root = !same_files_output(job, &gather->output);
        ok = root || gather->to_root || output_join(&gather->output, &job->env.fail);
    }
    gather->to_root = job->env.options.results || (gather->to_root && job->comm.size > 1);
    job->totals.root_output = gather->to_root;
    job->totals.standard_output = root && gather->output.standard;
    if (root && options_tasks(&job->env.options))
        result_writer_init(&gather->results, &job->env, &job->env.options,
                           job->env.options.results ? NULL : &gather->output,
                           job->env.options.results ? &gather->folder : NULL, gather->checksum);
    report_say(job, "output: %s",
               gather->to_root ? "rank 0 collects and writes" : "every rank writes its own range");
    return agree(job, ok && job->env.fail.code == FAIL_NONE);
}

/* The bytes that are to be written: they are written into a buffer and forgotten. Only where --top
 * cuts a stretch, or where a column depends on the place of a record. */
static bool measure(struct job *job, struct sort *sort, const struct line_writer_part *part,
                    uint64_t *bytes)
{
    struct line_writer text;
    bool ok = line_writer_init(&job->env, &text, &sort->bins, true, part);
    while (ok && text.records < part->limit) {
        ok = line_writer_fill(&job->env, &text, WRITE_BYTES);
        line_writer_drop(&text, text.len);
    }
    *bytes = text.bytes;
    line_writer_free(&job->env, &text);
    return ok;
}

static bool add_count(void *context, const struct record *record)
{
    *(uint64_t *)context += record->count;
    return true;
}

static uint64_t sum_of_counts(struct job *job, struct bins *bins)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < bins->box.len; i++)
        if (!bins_walk(bins, i, add_count, &sum, &job->env.fail))
            break; /* whoever looks at the failure next says so */
    return sum;
}

/* What this rank writes, when `written` records are. */
static struct line_writer_part part_of(struct job *job, struct sort *sort,
                                       const struct format *format, uint64_t written)
{
    struct line_writer_part part = {.format = format};
    part.head = format->header && comm_is_root(job);
    /* sort_top has cut what is sorted by key. */
    const uint64_t top = sort->bins.order == ORDER_KEY ? 0 : job->env.options.top;
    const bool enough = top > 0 && top <= written;
    part.limit = enough ? 0 : sort_limit(job, sort, top > 0 ? top - written : 0);
    if (format->placed) {
        part.before.rank = comm_exscan(job, sort->records);
        part.before.cumulative = comm_exscan(job, sum_of_counts(job, &sort->bins));
    }
    return part;
}

static size_t head_bytes(const struct line_writer_part *part)
{
    uint8_t head[FORMAT_HEAD_BYTES];
    return part->head ? (size_t)(part->format->head(part->format, head) - head) : 0;
}

static bool find_place(struct job *job, struct sort *sort, const struct line_writer_part *part,
                       struct place *place)
{
    bool ok = true;
    place->bytes = head_bytes(part) + (part->limit == 0 ? 0 : sort->text_bytes);
    if (part->limit > 0 && (part->limit < sort->records || part->format->placed))
        ok = measure(job, sort, part, &place->bytes);
    place->all_bytes =
        mem_alloc(&job->env.mem, (size_t)job->comm.size * sizeof *place->all_bytes, &job->env.fail);
    if (!agree(job, ok && place->all_bytes))
        return false;
    comm_allgather(job, &place->bytes, sizeof place->bytes, place->all_bytes);
    for (int rank = 0; rank < job->comm.size; rank++) {
        place->total += place->all_bytes[rank];
        if (rank < job->comm.rank)
            place->before += place->all_bytes[rank];
    }
    return true;
}

/* What was written is complete and on the disk. */
static bool finish(struct job *job, struct gather *gather)
{
    if (!job->env.options.results)
        return output_sync(&gather->output, &job->env.fail);
    return !comm_is_root(job)
        || (outdir_file_close(&gather->combined, &job->env.fail)
            && outdir_sync(&gather->folder, &job->env.fail));
}

/* Every rank writes its own range. */
static bool write_range(struct job *job, struct gather *gather, struct line_writer *text,
                        const struct place *place)
{
    uint64_t written = gather->written_bytes + place->before;
    bool ok = true;
    while (ok && (text->len > 0 || text->records < text->part.limit)) {
        ok = line_writer_fill(&job->env, text, WRITE_BYTES)
          && output_write(&gather->output, text->buffer, text->len, written, &job->env.fail);
        if (ok && job->comm.size == 1)
            XXH3_64bits_update(gather->checksum, text->buffer, text->len);
        written += text->len;
        line_writer_drop(text, text->len);
        job->work.step.done = text->records;
        comm_step(job);
    }
    return agree(job, ok);
}

/* On rank 0: the next bytes of the result. */
static bool put(struct job *job, struct gather *gather, const uint8_t *bytes, size_t len,
                uint64_t offset)
{
    struct fail *fail = &job->env.fail;
    if (!job->env.options.results)
        return output_write(&gather->output, bytes, len, offset, fail);
    return (gather->combined.stream
            || outdir_file_open(&gather->combined, &gather->folder, "combined", fail))
        && outdir_file_add(&gather->combined, bytes, len, fail);
}

/* Rank 0 writes everything, a window at a time. */
static bool write_windows(struct job *job, struct gather *gather, struct line_writer *text,
                          const struct place *place)
{
    struct gatherv gatherv;
    size_t window = job->env.budget.memory_bytes / 16;
    window = window > WINDOW_MAX_BYTES ? WINDOW_MAX_BYTES
           : window < WINDOW_MIN_BYTES ? WINDOW_MIN_BYTES
                                       : window;
    bool root = comm_is_root(job);
    uint8_t *collected = root ? mem_alloc(&job->env.mem, window, &job->env.fail) : NULL;
    bool ok = agree(job, gatherv_init(job, &gatherv, place->all_bytes) && (!root || collected));
    for (uint64_t from = 0; ok && from < place->total; from += window) {
        size_t mine = gatherv_mine(job, &gatherv, from, window);
        size_t len = place->total - from < window ? (size_t)(place->total - from) : window;
        bool filled = line_writer_fill(&job->env, text, mine);
        if (filled && text->len < mine)
            fail_set(&job->env.fail, FAIL_VERIFY,
                     "verification failed: the text is shorter than planned");
        ok = agree(job, job->env.fail.code == FAIL_NONE); /* of the write before, too */
        if (!ok)
            break;
        const bool whole = gatherv_round(job, &gatherv, from, window, text->buffer, collected);
        line_writer_drop(text, mine);
        job->work.step.done = text->records;
        if (root && whole && put(job, gather, collected, len, gather->written_bytes + from))
            XXH3_64bits_update(gather->checksum, collected, len);
        timing_moved(&job->timing, TIMING_GATHER, root ? 0 : mine, comm_is_far(job, 0));
    }
    gatherv_free(job, &gatherv);
    mem_free(&job->env.mem, collected, window);
    return ok && agree(job, job->env.fail.code == FAIL_NONE);
}

struct ends {
    uint64_t records;
    struct ranking_mark first, last;
};

/* Whether a stretch may end with `last` and the next one begin with `first`. Equal marks are the
 * same word twice, unless only the first bytes of long words are kept in them. */
static bool follows(const struct ranking_mark *last, const struct ranking_mark *first)
{
    int order = ranking_compare_marks(last, first);
    return order < 0 || (order == 0 && first->len == RANKING_PREFIX_BYTES);
}

/* What was written is what was counted, and the stretches follow each other. */
static bool check(struct job *job, const struct line_writer *text, const struct sort *sort,
                  const struct place *place)
{
    bool ok = text->bytes == place->bytes && text->len == 0;
    if (!ok)
        fail_set(&job->env.fail, FAIL_VERIFY,
                 "verification failed: %" PRIu64 " bytes of text, %" PRIu64 " planned", text->bytes,
                 place->bytes);
    size_t bytes = (size_t)job->comm.size * sizeof(struct ends);
    struct ends *all = mem_alloc(&job->env.mem, bytes, &job->env.fail);
    if (!agree(job, ok && all)) {
        mem_free(&job->env.mem, all, bytes);
        return false;
    }
    struct ends mine = {text->records, text->first_mark, text->last_mark};
    struct tally seen = text->tally;
    tally_join(&seen, &sort->left_out);
    ok = verify_tally(job, "reduce", &job->verify.kept, "the result", &seen);
    comm_allgather(job, &mine, sizeof mine, all);
    const struct ranking_mark *last = NULL;
    for (int rank = 0; rank < job->comm.size; rank++) {
        if (all[rank].records == 0)
            continue;
        if (last && !follows(last, &all[rank].first))
            ok = fail_set(&job->env.fail, FAIL_VERIFY,
                          "verification failed: the stretch of rank %d is out of order", rank);
        last = &all[rank].last;
    }
    mem_free(&job->env.mem, all, bytes);
    return agree(job, ok);
}

/* What all ranks have to know of the results of tasks that rank 0 has written. */
static uint64_t results_written(struct job *job, struct gather *gather)
{
    const struct result_writer *results = &gather->results;
    struct snapshot_totals *totals = &job->totals;
    uint64_t shared[] = {results->bytes, results->results, results->left, results->fingerprint};
    if (!options_tasks(&job->env.options))
        return 0;
    comm_bcast(job, shared, sizeof shared);
    gather->written_bytes = shared[0];
    totals->words += shared[1] + shared[2];
    totals->distinct += shared[1] + shared[2];
    totals->fingerprint += shared[3];
    return shared[1];
}

bool gather_run(struct job *job, struct gather *gather, struct sort *sort)
{
    timing_enter(&job->timing, TIMING_GATHER);
    struct line_writer text = {0};
    struct place place = {0};
    struct format format = job->env.kind.format;
    format.total = job->totals.words;
    uint64_t written = results_written(job, gather);
    const struct line_writer_part part = part_of(job, sort, &format, written);
    job_step(job, TIMING_GATHER, part.limit);
    bool ok = fail_point(&job->env.fail, "gather", job->comm.rank);
    ok = agree(job, ok && line_writer_init(&job->env, &text, &sort->bins, false, &part))
      && find_place(job, sort, &part, &place);
    if (ok)
        ok = gather->to_root ? write_windows(job, gather, &text, &place)
                             : write_range(job, gather, &text, &place);
    ok = ok && agree(job, line_writer_skip_rest(&job->env, &text))
      && check(job, &text, sort, &place);
    timing_enter(&job->timing, TIMING_SYNC);
    job_step(job, TIMING_SYNC, 0);
    ok = ok && agree(job, finish(job, gather));
    uint64_t records = text.records;
    if (ok) {
        const bool all_here = gather->to_root || job->comm.size == 1 || place.total == 0;
        comm_sum(job, &records, 1);
        job->totals.written_words = written + records;
        job->totals.left_out_words = job->totals.distinct - job->totals.written_words;
        job->totals.output_bytes = gather->written_bytes + place.total;
        job->totals.output_has_checksum = !job->env.options.results && all_here;
        job->totals.output_checksum = XXH3_64bits_digest(gather->checksum);
    }
    mem_free(&job->env.mem, place.all_bytes, (size_t)job->comm.size * sizeof *place.all_bytes);
    line_writer_free(&job->env, &text);
    return ok;
}

/* When mpirun is told to end, it closes our standard input a moment before it sends the signal: the
 * end of the input may be no end. A result is not committed before the signal had time to come. */
static void distrust_standard_input(const struct job *job)
{
    enum { GRACE_NS = 500000000 };
    if (job->totals.standard_input && comm_launched())
        nanosleep(&(struct timespec){.tv_nsec = GRACE_NS}, NULL);
}

/* Rank 0 alone is left to fail when it has heard the last of the others. */
bool gather_settle(struct job *job)
{
    if (!comm_is_root(job))
        comm_settle();
    progress_finish(job);
    if (!comm_is_root(job))
        return true;
    if (job->env.fail.code != FAIL_NONE)
        return false;
    distrust_standard_input(job);
    return true;
}

bool gather_commit(struct job *job, struct gather *gather)
{
    return job->env.options.results
             ? outdir_commit(&gather->folder, &job->env.fail)
             : output_commit(&gather->output, job->totals.output_bytes, &job->env.fail);
}

void gather_close(struct gather *gather)
{
    output_close(&gather->output);
    result_writer_free(&gather->results);
    outdir_file_free(&gather->combined);
    XXH3_freeState(gather->checksum);
    gather->checksum = NULL;
    outdir_close(&gather->folder);
}
