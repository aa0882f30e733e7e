/* SPDX-License-Identifier: BSD-3-Clause */
/* Bins are kept until it is known that blocks need not be made once more. Collectives: see the
 * header. */
#include "stage/gather_counts.h"

#include "comm/agree.h"
#include "comm/gatherv.h"
#include "job.h"
#include "stage/counted_by.h"
#include "stage/counts_output.h"
#include "stage/handed.h"
#include "stage/key_stream.h"

#include <inttypes.h>

enum {
    STEP_RECORDS = 4096,
    WINDOW_SHARE = 16, /* of the memory */
    WINDOW_MIN_BYTES = 64 << 10,
    WINDOW_MAX_BYTES = 16 << 20,
};

struct gathering {
    struct job *job;
    struct gather *gather;
    struct sort *sort;
    struct counts_output out;
    const struct count_files *files; /* that are added only here; NULL: none are */
    struct key_stream stream;        /* of this rank's records */
    uint64_t taken;                  /* of these */
    uint64_t rare, rare_words;       /* that --min-count leaves out only here, and their counts */
    struct hash_seed fixed;
    uint64_t fingerprint; /* of the others, with files */
};

static bool begin_walk(struct gathering *gathering, bool keeps)
{
    gathering->taken = gathering->rare = gathering->rare_words = gathering->fingerprint = 0;
    return key_stream_open(&gathering->stream, gathering->job, gathering->sort, gathering->files,
                           keeps)
        && counts_output_begin(&gathering->out, gathering->job, &gathering->gather->output, true);
}

/* Whether a key is rare is known when all is added up. */
static bool is_left_out(struct gathering *gathering, const struct record *record)
{
    const struct options *options = &gathering->job->env.options;
    if (record->count < options->min_count) {
        gathering->rare++;
        gathering->rare_words += record->count;
        return true;
    }
    if (options_fingerprint(options))
        gathering->fingerprint += reduce_fingerprint(&gathering->fixed, record);
    return false;
}

/* The next record of this rank; false at the end, or with fail set. */
static inline bool next(struct gathering *gathering, struct record *record)
{
    struct job *job = gathering->job;
    do {
        if (!key_stream_next(&gathering->stream, record))
            return false;
        if (++gathering->taken % STEP_RECORDS == 0) {
            job->work.step.done = gathering->taken;
            comm_step(job);
        }
    } while (gathering->files && is_left_out(gathering, record));
    return true;
}

/* Makes blocks of all records of this rank. */
static bool walk(struct gathering *gathering, bool keeps)
{
    struct record record;
    bool ok = begin_walk(gathering, keeps);
    while (ok && next(gathering, &record))
        ok = counts_output_add(&gathering->out, &record);
    key_stream_close(&gathering->stream);
    return ok && gathering->job->env.fail.code == FAIL_NONE;
}

/* Every rank writes its range. *clumsily: that takes more memory than there is. */
static bool write_ranges(struct gathering *gathering, bool *clumsily)
{
    struct job *job = gathering->job;
    struct counts_output *out = &gathering->out;
    bool again = false;
    if (!agree(job, walk(gathering, job->comm.size > 1)))
        return false;
    uint64_t clumsy = out->clumsy;
    comm_max(job, &clumsy, 1);
    *clumsily = clumsy != 0;
    if (*clumsily)
        return true;
    if (!counts_output_align(out) || !agree(job, counts_output_end(out)))
        return false;
    const bool placed = counts_output_place(out, &again);
    return agree(job, placed && (!again || (walk(gathering, false) && counts_output_end(out))));
}

/* What comes to rank 0 from one rank after another, a window at a time. */
struct collecting {
    struct buffer mine, all; /* records: of this rank, and on rank 0 */
    uint64_t *sizes;         /* of every rank */
    size_t window;           /* bytes, and what the last record has beyond */
};

static bool fill(struct gathering *gathering, struct collecting *collecting)
{
    struct job *job = gathering->job;
    struct record record;
    bool ok = true;
    collecting->mine.len = 0;
    while (ok && collecting->mine.len < collecting->window && next(gathering, &record))
        ok = handed_put(&collecting->mine, &job->env.mem, &record, &job->env.fail);
    return ok && job->env.fail.code == FAIL_NONE;
}

/* On rank 0. */
static bool add_all(struct gathering *gathering, const struct collecting *collecting)
{
    const uint8_t *at = collecting->all.bytes, *end = at + collecting->all.len;
    struct record record;
    bool ok = true;
    while (ok && at < end) {
        at = handed_get(at, &record);
        ok = counts_output_add(&gathering->out, &record);
    }
    return ok;
}

/* Room for a window, and the slack behind it. */
static bool make_room(struct job *job, struct collecting *collecting, size_t len)
{
    collecting->all.len = 0;
    bool ok =
        !comm_is_root(job) || env_append(&job->env, &collecting->all, NULL, len + KEY_SLACK_BYTES);
    collecting->all.len = len;
    return ok;
}

/* All records of rank `from`: an empty window is behind the last one. */
static bool collect_from(struct gathering *gathering, struct collecting *collecting, int from)
{
    struct job *job = gathering->job;
    bool ok = true;
    do {
        collecting->mine.len = 0;
        if (!agree(job, ok && (job->comm.rank != from || fill(gathering, collecting))))
            return false;
        const uint64_t mine = collecting->mine.len;
        comm_allgather(job, &mine, sizeof mine, collecting->sizes);
        if (!agree(job, make_room(job, collecting, collecting->sizes[from]))
            || !gatherv_bytes(job, collecting->mine.bytes, collecting->sizes, collecting->all.bytes,
                              WINDOW_MAX_BYTES))
            return false;
        ok = !comm_is_root(job) || add_all(gathering, collecting);
    } while (collecting->sizes[from] > 0);
    return agree(job, ok);
}

/* Rank 0 makes all blocks. */
static bool collect(struct gathering *gathering)
{
    struct job *job = gathering->job;
    const size_t window = job->env.budget.memory_bytes / WINDOW_SHARE;
    const size_t sizes_bytes = (size_t)job->comm.size * sizeof(uint64_t);
    struct collecting collecting = {.window = window > WINDOW_MAX_BYTES ? WINDOW_MAX_BYTES
                                            : window < WINDOW_MIN_BYTES ? WINDOW_MIN_BYTES
                                                                        : window};
    bool again;
    collecting.sizes = mem_alloc(&job->env.mem, sizes_bytes, &job->env.fail);
    bool ok = agree(job, begin_walk(gathering, false) && collecting.sizes);
    for (int rank = 0; ok && rank < job->comm.size; rank++)
        ok = collect_from(gathering, &collecting, rank);
    ok = ok && agree(job, counts_output_end(&gathering->out))
      && agree(job, counts_output_place(&gathering->out, &again));
    buffer_free(&collecting.mine, &job->env.mem);
    buffer_free(&collecting.all, &job->env.mem);
    mem_free(&job->env.mem, collecting.sizes, sizes_bytes);
    return ok;
}

static bool write_blocks(struct gathering *gathering)
{
    bool clumsily = gathering->gather->to_root;
    if (!clumsily && !write_ranges(gathering, &clumsily))
        return false;
    if (!clumsily)
        return true;
    counts_output_free(&gathering->out);
    return collect(gathering);
}

/* By which rules all of it was counted. */
static bool describe(struct job *job, const struct count_files *added, struct counts_meta *meta)
{
    struct env *env = &job->env;
    const uint64_t bytes = job->totals.input_bytes - added->bytes,
                   files = job->totals.files - added->len;
    const struct buffer *text = &added->meta.text;
    bool ok;
    if (added->len > 0 && !added->with_text)
        ok = counts_meta_read(meta, &env->mem, text->bytes, text->len, added->meta.lines, "",
                              &env->fail);
    else
        ok = counted_by(env, meta)
          && counts_meta_set_number(meta, &env->mem, "input-bytes", bytes, &env->fail)
          && counts_meta_set_number(meta, &env->mem, "input-files", files, &env->fail)
          && (added->len == 0
              || counts_meta_add(meta, &env->mem, "the text", &added->meta, "count files",
                                 &env->fail));
    return ok && counted_by_part(env, meta);
}

/* What count files were added only here comes to the totals, as if they had been counted. All of
 * their rows were. */
static bool add_totals(struct gathering *gathering)
{
    struct job *job = gathering->job;
    const struct key_stream *stream = &gathering->stream;
    const struct count_files *files = gathering->files;
    uint64_t sums[] = {stream->rows, (uint64_t)stream->sum, gathering->taken,
                       gathering->fingerprint};
    if (!files)
        return true;
    job->work.mapped_bytes += count_files_share(job, files->bytes);
    job->work.read_bytes += count_files_share(job, files->bytes);
    comm_sum(job, sums, 4);
    job->totals.words += (uint64_t)files->sum;
    job->totals.distinct = sums[2];
    job->totals.fingerprint = sums[3];
    return (sums[0] == files->rows && sums[1] == (uint64_t)files->sum)
        || fail_set(&job->env.fail, FAIL_VERIFY,
                    "verification failed: %" PRIu64 " of %" PRIu64
                    " keys of the count files were added, or their counts do not add up",
                    sums[0], files->rows);
}

/* They come to the input only now. */
static void begin_files(struct job *job, const struct count_files *files)
{
    job->totals.files += files->len;
    job->totals.input_bytes += files->bytes;
    count_files_expect(job, files);
}

/* What was written is what was counted. */
static bool check(struct gathering *gathering, const struct counts_totals *totals)
{
    struct job *job = gathering->job;
    const struct key_stream *stream = &gathering->stream;
    uint64_t sums[] = {gathering->taken - gathering->rare,
                       stream->seen.tokens + (uint64_t)stream->sum - gathering->rare_words};
    struct tally seen = stream->seen;
    tally_join(&seen, &gathering->sort->left_out);
    bool ok = verify_tally(job, "reduce", &job->verify.kept, "the result", &seen);
    ok = add_totals(gathering) && ok;
    comm_sum(job, sums, 2);
    job->totals.written_words = sums[0];
    job->totals.left_out_words = job->totals.distinct - sums[0];
    if (comm_is_root(job) && (totals->records != sums[0] || (uint64_t)totals->sum != sums[1]))
        ok = fail_set(&job->env.fail, FAIL_VERIFY,
                      "verification failed: %" PRIu64 " %ss in the count file of %" PRIu64
                      ", or their counts do not add up",
                      totals->records, job->env.kind.noun, sums[0]);
    return agree(job, ok);
}

bool gather_counts_run(struct job *job, struct gather *gather, struct sort *sort,
                       const struct count_files *added)
{
    struct gathering gathering = {
        .job = job,
        .gather = gather,
        .sort = sort,
        .out.scarce = sort->bins.spill.records > 0, /* pieces of bins take what there is */
        .files = added->late ? added : NULL,
        .fixed = hash_seed_from(REDUCE_FINGERPRINT_SEED),
    };
    const uint64_t rows = added->late ? added->rows / (uint64_t)job->comm.size : 0;
    struct counts_meta meta = {0};
    struct counts_totals totals;
    timing_enter(&job->timing, TIMING_GATHER);
    job_step(job, TIMING_GATHER, sort->records + rows);
    if (added->late)
        begin_files(job, added);
    bool ok = agree(job, fail_point(&job->env.fail, "gather", job->comm.rank)
                             && (!added->late || count_files_fit(job, added))
                             && describe(job, added, &meta));
    ok = ok && write_blocks(&gathering)
      && counts_output_finish(&gathering.out, &meta, &totals, &job->totals.output_bytes)
      && check(&gathering, &totals);
    key_stream_close(&gathering.stream);
    counts_output_free(&gathering.out);
    counts_meta_free(&meta, &job->env.mem);
    return ok;
}
