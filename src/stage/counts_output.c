/* SPDX-License-Identifier: BSD-3-Clause */
/* Stretches of a count file. Collectives: see the header. */
#include "stage/counts_output.h"

#include "comm/agree.h"
#include "comm/gatherv.h"
#include "counts/counts_file.h"
#include "job.h"

#include <inttypes.h>

enum { GATHER_BYTES = 16 << 20, HOLD_SHARE = 4 /* of the memory that is left */ };

/* What a rank says of its stretch. */
struct stretch {
    uint64_t entries_bytes;
    struct counts_totals totals;
    struct ranking_mark first, last;
};

static bool put(void *context, const void *bytes, size_t len, struct fail *fail)
{
    struct counts_output *out = context;
    struct mem *mem = &out->job->env.mem;
    const uint64_t place = out->place + out->bytes;
    out->bytes += len;
    if (out->way == COUNTS_OUTPUT_WRITE)
        return output_write(out->output, bytes, len, place, fail);
    if (out->way == COUNTS_OUTPUT_HOLD && out->held.len + len <= mem_room(mem) / HOLD_SHARE)
        return buffer_append(&out->held, mem, bytes, len, fail);
    buffer_free(&out->held, mem);
    out->way = COUNTS_OUTPUT_FORGET;
    return true;
}

static struct counts_sink sink(struct counts_output *out)
{
    return (struct counts_sink){put, out};
}

/* See comm_launched_by_prrte: the end of what does not end with a newline may be moved. */
static bool is_passed_on(const struct counts_output *out)
{
    return !out->output->standard || !comm_launched_by_prrte()
        || fail_set(&out->job->env.fail, FAIL_OUTPUT,
                    "standard output: mpirun of Open MPI 5 moves the end of a count file: name a "
                    "file (-o FILE), or start one process without mpirun");
}

bool counts_output_begin(struct counts_output *out, struct job *job, struct output *output)
{
    counts_writer_free(&out->writer);
    out->job = job;
    out->output = output;
    out->bytes = 0;
    bool ok = counts_writer_init(&out->writer, &job->env.mem, sink(out), &job->env.fail);
    if (!comm_is_root(job))
        return ok;
    out->way = COUNTS_OUTPUT_WRITE;
    ok = ok && is_passed_on(out) && counts_file_begin(sink(out), &out->writer.form, &job->env.fail);
    out->place = COUNTS_HEADER_BYTES;
    out->bytes = 0;
    return ok;
}

bool counts_output_add(struct counts_output *out, const struct record *record)
{
    if (out->writer.totals.records == 0)
        ranking_mark(ORDER_KEY, record, &out->first);
    return counts_writer_add_record(&out->writer, record, &out->job->env.fail);
}

bool counts_output_end(struct counts_output *out)
{
    struct fail *fail = &out->job->env.fail;
    return counts_writer_end(&out->writer, fail)
        && (out->due == 0 || out->bytes == out->due
            || fail_set(fail, FAIL_VERIFY,
                        "verification failed: a part of the count file came to %" PRIu64
                        " bytes, and then to %" PRIu64,
                        out->due, out->bytes));
}

bool counts_output_place(struct counts_output *out, bool *again)
{
    out->place = COUNTS_HEADER_BYTES + comm_exscan(out->job, out->bytes);
    *again = out->way == COUNTS_OUTPUT_FORGET;
    if (*again) {
        out->due = out->bytes;
        out->way = COUNTS_OUTPUT_WRITE;
    }
    return out->way == COUNTS_OUTPUT_WRITE
        || output_write(out->output, out->held.bytes, out->held.len, out->place,
                        &out->job->env.fail);
}

static struct stretch describe(const struct counts_output *out)
{
    struct stretch mine = {.entries_bytes = out->writer.entries.len,
                           .totals = out->writer.totals,
                           .first = out->first};
    if (mine.totals.records > 0) {
        const struct record last = counts_writer_last(&out->writer);
        ranking_mark(ORDER_KEY, &last, &mine.last);
    }
    return mine;
}

/* On rank 0. */
static bool add_up(struct counts_output *out, const struct stretch *all,
                   struct counts_totals *totals)
{
    const struct ranking_mark *last = NULL;
    for (int rank = 0; rank < out->job->comm.size; rank++) {
        counts_totals_add(totals, &all[rank].totals);
        if (all[rank].totals.records == 0)
            continue;
        /* Of keys with the same beginning it is not known. */
        if (last && ranking_compare_marks(last, &all[rank].first) > 0)
            return fail_set(&out->job->env.fail, FAIL_VERIFY,
                            "verification failed: the stretch of rank %d is out of order", rank);
        last = &all[rank].last;
    }
    return true;
}

/* On rank 0. */
static bool end_file(struct counts_output *out, const struct buffer *entries,
                     const struct counts_meta *meta, const struct counts_totals *totals,
                     uint64_t *bytes)
{
    out->place = COUNTS_HEADER_BYTES + totals->block_bytes;
    out->bytes = 0;
    return counts_file_end(sink(out), &out->job->env.mem, entries, totals, meta, bytes,
                           &out->job->env.fail);
}

bool counts_output_finish(struct counts_output *out, const struct counts_meta *meta,
                          struct counts_totals *totals, uint64_t *bytes)
{
    struct job *job = out->job;
    const size_t size = (size_t)job->comm.size;
    const size_t all_bytes = size * sizeof(struct stretch), sizes_bytes = size * sizeof(uint64_t);
    struct stretch *all = mem_alloc(&job->env.mem, all_bytes, &job->env.fail);
    uint64_t *sizes = mem_alloc(&job->env.mem, sizes_bytes, &job->env.fail);
    const struct stretch mine = describe(out);
    const struct buffer *my_entries = &out->writer.entries;
    struct buffer entries = {0};
    bool ok = agree(job, all && sizes);
    *totals = (struct counts_totals){0};
    if (ok) {
        size_t len = 0;
        comm_allgather(job, &mine, sizeof mine, all);
        for (size_t rank = 0; rank < size; rank++)
            len += (size_t)(sizes[rank] = all[rank].entries_bytes);
        ok = agree(job,
                   !comm_is_root(job)
                       || (env_append(&job->env, &entries, NULL, len) && add_up(out, all, totals)))
          && gatherv_bytes(job, my_entries->bytes, sizes, entries.bytes, GATHER_BYTES);
    }
    ok = ok && agree(job, !comm_is_root(job) || end_file(out, &entries, meta, totals, bytes));
    timing_enter(&job->timing, TIMING_SYNC);
    ok = ok && agree(job, output_sync(out->output, &job->env.fail));
    buffer_free(&entries, &job->env.mem);
    mem_free(&job->env.mem, all, all_bytes);
    mem_free(&job->env.mem, sizes, sizes_bytes);
    return ok;
}

void counts_output_free(struct counts_output *out)
{
    if (!out->job)
        return;
    counts_writer_free(&out->writer);
    buffer_free(&out->held, &out->job->env.mem);
    *out = (struct counts_output){0};
}
