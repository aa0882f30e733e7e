/* SPDX-License-Identifier: BSD-3-Clause */
/* Each rank has a range of keys of all files: it begins behind the first chapter that ends at its
 * splitter or beyond, and goes on to the first that ends at the next splitter or beyond. So what it
 * writes are whole chapters, whose bytes nobody else has to know. Where they are to stand it knows
 * when all ranks know how much they write: until then a rank holds its blocks while there is memory
 * for them; where there is not, it merges once more.
 *
 * Collectives, in order: those of count_files_open, gather_open and report_open; agree, Ibcast
 * (splitters); agree (merged), Iexscan, agree (written); Iallgather (totals), agree,
 * gatherv_bytes, agree, Iallreduce, agree; those of report_run, gather_commit and report_commit. */
#include "stage/merge_counts.h"

#include "comm/agree.h"
#include "comm/gatherv.h"
#include "counts/counts_file.h"
#include "counts/counts_merge.h"
#include "job.h"
#include "stage/count_files.h"
#include "stage/counted_by.h"
#include "stage/gather.h"
#include "stage/report.h"
#include "stage/split_keys.h"

#include <inttypes.h>

enum { STEP_RECORDS = 4096, GATHER_BYTES = 16 << 20 };

/* Where the blocks of this rank go. */
enum way { HOLD, FORGET, WRITE };

struct merging {
    struct job *job;
    struct count_files files;
    struct gather gather;
    struct split_key *keys; /* one less than ranks */
    enum way way;
    struct buffer held;
    uint64_t bytes; /* of the blocks of this rank; with WRITE those that were written */
    uint64_t place; /* where they stand */
    uint64_t rows;  /* of the files, in the range of this rank, and the sum of their counts */
    unsigned __int128 sum;
    struct counts_writer writer;
    struct ranking_mark first, last; /* key that it wrote */
};

/* What a rank says of its range. */
struct part {
    uint64_t rows, sum_low, sum_high, entries_bytes;
    struct counts_totals totals;
    struct ranking_mark first, last;
};

static bool put(void *context, const void *bytes, size_t len, struct fail *fail)
{
    struct merging *merging = context;
    struct mem *mem = &merging->job->env.mem;
    merging->bytes += len;
    if (merging->way == WRITE)
        return output_write(&merging->gather.output, bytes, len,
                            merging->place + merging->bytes - len, fail);
    if (merging->way == HOLD && merging->held.len + len <= mem_room(mem) / 4)
        return buffer_append(&merging->held, mem, bytes, len, fail);
    buffer_free(&merging->held, mem);
    merging->way = FORGET;
    return true;
}

/* The ranks that merge. */
static int parts_of(const struct merging *merging)
{
    return merging->gather.to_root ? 1 : merging->job->comm.size;
}

/* The splitter at which the range of this rank begins, or ends; NULL: there is none. */
static const struct split_key *splitter(const struct merging *merging, int next)
{
    const int i = merging->job->comm.rank + next;
    return i > 0 && i < parts_of(merging) ? &merging->keys[i - 1] : NULL;
}

/* Adds the key at hand to the range, or drops it for --min-count. */
static bool add(struct merging *merging, const struct counts_merge *merge)
{
    const struct record *record = &merge->record;
    merging->rows += merge->files;
    merging->sum += record->count;
    if (record->count < merging->job->env.options.min_count)
        return true;
    if (merging->writer.totals.records == 0)
        ranking_mark(ORDER_KEY, record, &merging->first);
    return counts_writer_add_record(&merging->writer, record, &merging->job->env.fail);
}

/* Goes behind the first chapter that ends where the range begins or beyond; the files are there. */
static bool skip_chapter(struct merging *merging, struct counts_merge *merge, bool *ended)
{
    struct job *job = merging->job;
    const struct record *record = &merge->record;
    const struct split_key *end = splitter(merging, 1);
    bool behind = false;
    for (uint64_t step = 1; !behind && counts_merge_next(merge, NULL, &job->env.fail); step++) {
        behind = record->count >= job->env.options.min_count
              && counts_writer_ends_chapter(record_bytes(record), record->len);
        if (step % STEP_RECORDS == 0)
            comm_step(job);
    }
    *ended = !behind || (end && split_keys_reach(record, end));
    return job->env.fail.code == FAIL_NONE;
}

/* Goes on to the first chapter that ends at the end of the range or beyond it. */
static bool merge_keys(struct merging *merging, struct counts_merge *merge)
{
    const struct split_key *end = splitter(merging, 1);
    struct job *job = merging->job;
    bool ended = false;
    bool ok = !splitter(merging, 0) || skip_chapter(merging, merge, &ended);
    for (uint64_t step = 1; ok && !ended && counts_merge_next(merge, NULL, &job->env.fail);
         step++) {
        const uint64_t before = merging->writer.totals.records;
        ok = add(merging, merge);
        ended = merging->writer.chapter && merging->writer.totals.records > before && end
             && split_keys_reach(&merge->record, end);
        if (step % STEP_RECORDS == 0)
            comm_step(job);
    }
    if (merging->writer.totals.records > 0) {
        const struct record last = counts_writer_last(&merging->writer);
        ranking_mark(ORDER_KEY, &last, &merging->last);
    }
    return ok && job->env.fail.code == FAIL_NONE;
}

/* Merges the range of this rank. */
static bool merge_range(struct merging *merging)
{
    const struct split_key *begin = splitter(merging, 0);
    struct count_files *files = &merging->files;
    struct counts_merge merge = {0};
    struct mem *mem = &merging->job->env.mem;
    struct fail *fail = &merging->job->env.fail;
    bool ok = true;
    merging->bytes = merging->rows = 0;
    merging->sum = 0;
    counts_writer_free(&merging->writer);
    for (size_t i = 0; ok && i < files->len; i++)
        ok = counts_reader_seek(&files->readers[i], begin ? begin->bytes : (const uint8_t *)"",
                                begin ? (size_t)begin->len : 0, fail);
    ok = ok && counts_writer_init(&merging->writer, mem, (struct counts_sink){put, merging}, fail)
      && counts_merge_init(&merge, mem, files->readers, files->len, fail)
      && merge_keys(merging, &merge) && counts_writer_end(&merging->writer, fail);
    counts_merge_free(&merge);
    return ok;
}

/* Rank 0 looks for the splitters. */
static bool find_splitters(struct merging *merging)
{
    struct job *job = merging->job;
    const size_t parts = (size_t)parts_of(merging), bytes = parts * sizeof *merging->keys;
    merging->keys = mem_alloc(&job->env.mem, bytes, &job->env.fail);
    bool ok = merging->keys != NULL;
    if (ok && comm_is_root(job))
        ok = split_keys_find(&job->env.mem, merging->files.readers, merging->files.len, parts,
                             merging->keys, &job->env.fail);
    if (!agree(job, ok))
        return false;
    comm_bcast(job, merging->keys, bytes);
    return true;
}

/* What stands before the first block, on rank 0, which knows where its own blocks are to be. */
static bool begin_file(struct merging *merging)
{
    static const struct counts_ends_header form = {COUNTS_TARGET_BYTES, COUNTS_RESTART};
    if (!comm_is_root(merging->job))
        return true;
    merging->way = WRITE;
    return counts_file_begin((struct counts_sink){put, merging}, &form, &merging->job->env.fail);
}

static bool write_range(struct merging *merging)
{
    struct fail *fail = &merging->job->env.fail;
    if (merging->way == WRITE)
        return true;
    if (merging->way == HOLD)
        return output_write(&merging->gather.output, merging->held.bytes, merging->held.len,
                            merging->place, fail);
    const uint64_t due = merging->bytes;
    merging->way = WRITE;
    return merge_range(merging)
        && (merging->bytes == due
            || fail_set(fail, FAIL_INPUT, "input: a count file has changed while it was read"));
}

/* All blocks are written. */
static bool merge_all(struct merging *merging)
{
    struct job *job = merging->job;
    timing_enter(&job->timing, TIMING_MAP);
    job_step(job, TIMING_MAP, 0);
    bool ok = fail_point(&job->env.fail, "merge", job->comm.rank) && begin_file(merging);
    merging->place = comm_is_root(job) ? COUNTS_HEADER_BYTES : 0;
    if (job->comm.rank < parts_of(merging))
        ok = ok && merge_range(merging);
    if (!agree(job, ok))
        return false;
    timing_enter(&job->timing, TIMING_GATHER);
    merging->place = COUNTS_HEADER_BYTES + comm_exscan(job, merging->bytes);
    return agree(job, write_range(merging));
}

/* On rank 0: what the parts are together is what the files are, and their keys follow each other.
 */
static bool check_parts(struct merging *merging, const struct part *parts,
                        struct counts_totals *totals)
{
    struct job *job = merging->job;
    const struct count_files *files = &merging->files;
    const struct ranking_mark *last = NULL;
    unsigned __int128 sum = 0, due = 0;
    uint64_t rows = 0, rows_due = 0;
    for (size_t i = 0; i < files->len; i++) {
        rows_due += files->readers[i].path.footer.totals.records;
        due += files->readers[i].path.footer.totals.sum;
    }
    for (int rank = 0; rank < job->comm.size; rank++) {
        const struct part *part = &parts[rank];
        rows += part->rows;
        sum += (unsigned __int128)part->sum_high << 64 | part->sum_low;
        counts_totals_add(totals, &part->totals);
        if (part->totals.records == 0)
            continue;
        if (last && ranking_compare_marks(last, &part->first) > 0)
            return fail_set(&job->env.fail, FAIL_VERIFY,
                            "verification failed: the range of rank %d is out of order", rank);
        last = &part->last;
    }
    if (rows != rows_due || sum != due)
        return fail_set(&job->env.fail, FAIL_VERIFY,
                        "verification failed: %" PRIu64 " of %" PRIu64
                        " keys of the files were merged, or their counts do not add up",
                        rows, rows_due);
    return job->env.options.min_count > 1 || totals->sum == sum
        || fail_set(&job->env.fail, FAIL_VERIFY,
                    "verification failed: the counts written are not those that were read");
}

/* On rank 0. */
static bool end_file(struct merging *merging, const struct buffer *entries,
                     const struct counts_totals *totals)
{
    struct job *job = merging->job;
    struct fail *fail = &job->env.fail;
    if (!counted_by_part(&job->env, &merging->files.meta))
        return false;
    merging->place = COUNTS_HEADER_BYTES + totals->block_bytes;
    merging->bytes = 0;
    return counts_file_end((struct counts_sink){put, merging}, &job->env.mem, entries, totals,
                           &merging->files.meta, &job->totals.output_bytes, fail);
}

static void tell_totals(struct merging *merging, const struct counts_totals *totals)
{
    struct job *job = merging->job;
    job->totals.files = merging->files.len;
    for (size_t i = 0; i < merging->files.len; i++)
        job->totals.input_bytes += merging->files.readers[i].path.footer.file_bytes;
    job->totals.words = (uint64_t)totals->sum;
    job->totals.distinct = job->totals.written_words = totals->records;
}

/* Index, meta block and footer. */
static bool finish(struct merging *merging)
{
    struct job *job = merging->job;
    const size_t size = (size_t)job->comm.size;
    const size_t parts_bytes = size * sizeof(struct part), sizes_bytes = size * sizeof(uint64_t);
    struct part *parts = mem_alloc(&job->env.mem, parts_bytes, &job->env.fail);
    uint64_t *sizes = mem_alloc(&job->env.mem, sizes_bytes, &job->env.fail);
    struct part mine = {merging->rows,          (uint64_t)merging->sum,
                        merging->sum >> 64,     merging->writer.entries.len,
                        merging->writer.totals, merging->first,
                        merging->last};
    struct counts_totals totals = {0};
    struct buffer entries = {0};
    bool ok = agree(job, parts && sizes);
    if (ok) {
        comm_allgather(job, &mine, sizeof mine, parts);
        size_t all = 0;
        for (size_t rank = 0; rank < size; rank++)
            all += (size_t)(sizes[rank] = parts[rank].entries_bytes);
        if (comm_is_root(job))
            ok = env_append(&job->env, &entries, NULL, all) && check_parts(merging, parts, &totals);
        ok = agree(job, ok)
          && gatherv_bytes(job, merging->writer.entries.bytes, sizes, entries.bytes, GATHER_BYTES);
    }
    ok = ok && agree(job, !comm_is_root(job) || end_file(merging, &entries, &totals));
    if (ok && comm_is_root(job))
        tell_totals(merging, &totals);
    timing_enter(&job->timing, TIMING_SYNC);
    ok = ok && agree(job, output_sync(&merging->gather.output, &job->env.fail));
    buffer_free(&entries, &job->env.mem);
    mem_free(&job->env.mem, parts, parts_bytes);
    mem_free(&job->env.mem, sizes, sizes_bytes);
    return ok;
}

static void close_all(struct merging *merging)
{
    struct mem *mem = &merging->job->env.mem;
    counts_writer_free(&merging->writer);
    buffer_free(&merging->held, mem);
    mem_free(mem, merging->keys, (size_t)parts_of(merging) * sizeof *merging->keys);
    gather_close(&merging->gather);
    count_files_close(merging->job, &merging->files);
}

bool merge_counts_run(struct job *job)
{
    struct merging merging = {.job = job, .gather.output.fd = -1};
    struct report report = REPORT_NONE;
    timing_enter(&job->timing, TIMING_PLAN);
    bool ok = count_files_open(job, &merging.files) && gather_open(job, &merging.gather)
           && report_open(job, &report, &merging.gather.output) && find_splitters(&merging);
    ok = ok && merge_all(&merging) && finish(&merging);
    ok = ok && report_run(job, &report, NULL) && gather_commit(job, &merging.gather)
      && report_commit(job, &report);
    progress_finish(job);
    if (ok)
        report_print(job, &report);
    report_free(job, &report);
    close_all(&merging);
    return ok;
}
