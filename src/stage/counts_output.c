/* SPDX-License-Identifier: BSD-3-Clause */
/* Stretches of a count file. Collectives: see the header. */
#include "stage/counts_output.h"

#include "comm/agree.h"
#include "comm/gatherv.h"
#include "comm/seal.h"
#include "counts/counts_file.h"
#include "job.h"
#include "stage/handed.h"

#include <inttypes.h>

enum {
    GATHER_BYTES = 16 << 20,
    HOLD_SHARE = 4,   /* of the memory that is left, for blocks, */
    SCARCE_SHARE = 8, /* and for records that are for another rank, where memory is scarce */
    MESSAGE_BYTES = 64 << 20,
    HEAD_TAG = 77,
};

/* What a rank says of its stretch. */
struct stretch {
    uint64_t bytes, entries_bytes;
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

/* On rank 0. */
static bool begin_file(struct counts_output *out)
{
    out->place = 0;
    out->data_end = COUNTS_HEADER_BYTES;
    return is_passed_on(out)
        && counts_file_begin(sink(out), &out->writer.form, &out->job->env.fail);
}

bool counts_output_begin(struct counts_output *out, struct job *job, struct output *output,
                         bool any)
{
    const bool root = comm_is_root(job);
    counts_writer_free(&out->writer);
    out->job = job;
    out->output = output;
    out->any = any;
    out->behind = root;
    bool ok = counts_writer_init(&out->writer, &job->env.mem, sink(out), &job->env.fail);
    out->way = root || out->again ? COUNTS_OUTPUT_WRITE
             : out->scarce        ? COUNTS_OUTPUT_FORGET
                                  : COUNTS_OUTPUT_HOLD;
    if (ok && out->data_end == 0)
        ok = !root || begin_file(out);
    if (!out->again) {
        out->aligned = false;
        out->tail.len = 0;
        out->place = out->data_end; /* of rank 0 */
    }
    out->bytes = 0;
    return ok;
}

/* Keeps a record that is for another rank, while there is memory for it. */
static void keep(struct counts_output *out, const struct record *record)
{
    struct mem *mem = &out->job->env.mem;
    struct fail full = {0};
    const bool much = out->scarce && out->head.len > mem_room(mem) / SCARCE_SHARE;
    out->clumsy |= much || !handed_put(&out->head, mem, record, &full);
    if (out->clumsy)
        buffer_free(&out->head, mem);
}

static bool write_record(struct counts_output *out, const struct record *record)
{
    if (!counts_writer_begun(&out->writer))
        ranking_mark(ORDER_KEY, record, &out->first);
    return counts_writer_add_record(&out->writer, record, &out->job->env.fail);
}

bool counts_output_add(struct counts_output *out, const struct record *record)
{
    if (!out->any || out->behind)
        return write_record(out, record);
    out->behind = counts_writer_ends_chapter(record_bytes(record), record->len);
    if (!out->aligned && !out->clumsy)
        keep(out, record);
    return true;
}

/* What a rank has to hand on. */
struct head {
    uint64_t bytes, behind;
    uint64_t seal; /* of the bytes */
};

static uint64_t seal_head(int from, const uint8_t *bytes, size_t len)
{
    return seal_of(&(struct seal_label){.kind = SEAL_HEAD, .from = from}, bytes, len);
}

/* One head from rank to rank, of which this one is one. */
static void pass(struct job *job, uint8_t *bytes, uint64_t len, int to, int from)
{
    for (uint64_t at = 0; at < len; at += MESSAGE_BYTES) {
        const int part = (int)(len - at < MESSAGE_BYTES ? len - at : MESSAGE_BYTES);
        MPI_Request request;
        if (job->comm.rank == from)
            MPI_Isend(bytes + at, part, MPI_BYTE, to, HEAD_TAG, job->comm.world, &request);
        else
            MPI_Irecv(bytes + at, part, MPI_BYTE, from, HEAD_TAG, job->comm.world, &request);
        comm_wait(job, &request);
    }
}

/* A head goes to the last rank before its own in which a chapter has ended; that is the first one,
 * if there is none. */
static int owner_of(const struct head *heads, int rank)
{
    do
        rank--;
    while (!heads[rank].behind);
    return rank;
}

/* Each rank sends its head, and then takes what is its own. A rank waits only for those before it,
 * and the first one sends nothing. */
static bool exchange_heads(struct counts_output *out, const struct head *heads)
{
    struct job *job = out->job;
    const int rank = job->comm.rank;
    bool ok = true;
    if (rank > 0)
        pass(job, out->head.bytes, out->head.len, owner_of(heads, rank), rank);
    for (int from = rank + 1; from < job->comm.size; from++)
        if (owner_of(heads, from) == rank) {
            uint8_t *to = out->tail.bytes + out->tail.len;
            pass(job, to, heads[from].bytes, rank, from);
            if (heads[from].seal != seal_head(from, to, heads[from].bytes))
                ok = seal_broken(job, "the beginning of a stretch", from);
            out->tail.len += heads[from].bytes;
        }
    return ok;
}

/* Room for all that will come, and for the slack behind a key. */
static bool reserve_tail(struct counts_output *out, const struct head *heads)
{
    struct job *job = out->job;
    size_t len = 0;
    for (int from = job->comm.rank + 1; from < job->comm.size; from++)
        len += owner_of(heads, from) == job->comm.rank ? (size_t)heads[from].bytes : 0;
    if (!env_append(&job->env, &out->tail, NULL, len + KEY_SLACK_BYTES))
        return false;
    out->tail.len = 0;
    return true;
}

bool counts_output_align(struct counts_output *out)
{
    struct job *job = out->job;
    const size_t bytes = (size_t)job->comm.size * sizeof(struct head);
    struct head *heads = mem_alloc(&job->env.mem, bytes, &job->env.fail);
    const struct head mine = {out->head.len, out->behind,
                              seal_head(job->comm.rank, out->head.bytes, out->head.len)};
    bool ok = agree(job, heads != NULL);
    if (ok) {
        comm_allgather(job, &mine, sizeof mine, heads);
        ok = agree(job, reserve_tail(out, heads));
    }
    ok = ok && agree(job, exchange_heads(out, heads));
    out->aligned = true;
    buffer_free(&out->head, &job->env.mem);
    mem_free(&job->env.mem, heads, bytes);
    return ok;
}

/* What ranks behind have of the last chapter. */
static bool write_tail(struct counts_output *out)
{
    const uint8_t *at = out->tail.bytes, *end = at + out->tail.len;
    struct record record;
    bool ok = true;
    while (ok && at < end) {
        at = handed_get(at, &record);
        ok = write_record(out, &record);
    }
    return ok;
}

bool counts_output_end(struct counts_output *out)
{
    struct fail *fail = &out->job->env.fail;
    const bool again = out->again;
    out->again = false;
    return write_tail(out) && counts_writer_end(&out->writer, fail)
        && (!again || out->bytes == out->due
            || fail_set(fail, FAIL_VERIFY,
                        "verification failed: a part of the count file came to %" PRIu64
                        " bytes, and then to %" PRIu64,
                        out->due, out->bytes));
}

static struct stretch describe(const struct counts_output *out)
{
    struct stretch mine = {.bytes = out->bytes,
                           .entries_bytes = out->writer.entries.len,
                           .totals = out->writer.totals,
                           .first = out->first};
    if (mine.totals.records > 0) {
        const struct record last = counts_writer_last(&out->writer);
        ranking_mark(ORDER_KEY, &last, &mine.last);
    }
    return mine;
}

/* On rank 0: the stretches follow each other. Of keys with the same beginning it is not known. */
static bool add_up(struct counts_output *out, const struct stretch *all)
{
    for (int rank = 0; rank < out->job->comm.size; rank++) {
        const struct stretch *stretch = &all[rank];
        if (stretch->totals.records > 0 && out->totals.records > 0
            && ranking_compare_marks(&out->last, &stretch->first) > 0)
            return fail_set(&out->job->env.fail, FAIL_VERIFY,
                            "verification failed: the stretch of rank %d is out of order", rank);
        if (stretch->totals.records > 0)
            out->last = stretch->last;
        counts_totals_add(&out->totals, &stretch->totals);
    }
    return true;
}

/* What the index will say of the stretches comes to rank 0. False, agreed. */
static bool collect(struct counts_output *out, const struct stretch *all, uint64_t *sizes)
{
    struct job *job = out->job;
    struct buffer *entries = &out->entries;
    size_t len = 0, before = entries->len;
    for (int rank = 0; rank < job->comm.size; rank++)
        len += (size_t)(sizes[rank] = all[rank].entries_bytes);
    return agree(job, !comm_is_root(job)
                          || (add_up(out, all) && env_append(&job->env, entries, NULL, len)))
        && gatherv_bytes(job, out->writer.entries.bytes, sizes,
                         entries->bytes ? entries->bytes + before : NULL, GATHER_BYTES);
}

/* Where the stretch of this rank stands, and where the round ends. */
static void find_place(struct counts_output *out, const struct stretch *all)
{
    out->place = out->data_end = out->data_end ? out->data_end : COUNTS_HEADER_BYTES;
    for (int rank = 0; rank < out->job->comm.size; rank++) {
        out->place += rank < out->job->comm.rank ? all[rank].bytes : 0;
        out->data_end += all[rank].bytes;
    }
}

/* Writes what is held; what is not is to be made again. */
static bool write_held(struct counts_output *out, bool *again)
{
    out->again = *again = out->way == COUNTS_OUTPUT_FORGET;
    out->due = out->bytes;
    const bool ok = out->way != COUNTS_OUTPUT_HOLD
                 || output_write(out->output, out->held.bytes, out->held.len, out->place,
                                 &out->job->env.fail);
    out->held.len = 0;
    return ok;
}

bool counts_output_place(struct counts_output *out, bool *again)
{
    struct job *job = out->job;
    const size_t size = (size_t)job->comm.size;
    const size_t all_bytes = size * sizeof(struct stretch), sizes_bytes = size * sizeof(uint64_t);
    struct stretch *all = mem_alloc(&job->env.mem, all_bytes, &job->env.fail);
    uint64_t *sizes = mem_alloc(&job->env.mem, sizes_bytes, &job->env.fail);
    const struct stretch mine = describe(out);
    *again = false;
    bool ok = agree(job, all && sizes);
    if (ok) {
        comm_allgather(job, &mine, sizeof mine, all);
        find_place(out, all);
        ok = collect(out, all, sizes);
    }
    ok = ok && write_held(out, again);
    mem_free(&job->env.mem, all, all_bytes);
    mem_free(&job->env.mem, sizes, sizes_bytes);
    return ok;
}

bool counts_output_finish(struct counts_output *out, const struct counts_meta *meta,
                          struct counts_totals *totals, uint64_t *bytes)
{
    struct job *job = out->job;
    bool ok = true;
    if (comm_is_root(job)) {
        out->way = COUNTS_OUTPUT_WRITE;
        out->place = out->data_end;
        out->bytes = 0;
        *totals = out->totals;
        ok = counts_file_end(sink(out), &job->env.mem, &out->entries, totals, meta, bytes,
                             &job->env.fail);
    }
    if (!agree(job, ok))
        return false;
    timing_enter(&job->timing, TIMING_SYNC);
    return agree(job, output_sync(out->output, &job->env.fail));
}

void counts_output_free(struct counts_output *out)
{
    if (!out->job)
        return;
    counts_writer_free(&out->writer);
    buffer_free(&out->held, &out->job->env.mem);
    buffer_free(&out->head, &out->job->env.mem);
    buffer_free(&out->tail, &out->job->env.mem);
    buffer_free(&out->entries, &out->job->env.mem);
    *out = (struct counts_output){0};
}
