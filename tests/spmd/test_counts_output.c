/* SPDX-License-Identifier: BSD-3-Clause */
/* A count file that all ranks write has the bytes that one writer makes of all records, wherever
 * the ranks begin. */
#include "stage/counts_output.h"

#include "counts/counts_file.h"

#include "spmd.h"

#include "../unit/folder.h"

enum { KEY_BYTES = 90, SMALL_MEMORY_BYTES = 24 << 20 };

/* The records, the same on every rank: number i, and so many bytes behind it. */
struct records {
    size_t len, filler;
};

static struct record record_of(const struct records *records, size_t i, uint8_t key[KEY_BYTES])
{
    memset(key, 'x', KEY_BYTES);
    const size_t digits = (size_t)snprintf((char *)key, KEY_BYTES, "%08zu", i);
    key[digits] = 'x';
    const size_t len = digits + records->filler;
    const bool is_short = len <= KEY_SHORT_MAX;
    return (struct record){.key = is_short ? key_short(key, len) : key_long(key),
                           .count = i * i,
                           .bytes = is_short ? NULL : key,
                           .len = len};
}

struct bytes {
    uint8_t *bytes;
    size_t len, cap;
};

static bool put(void *context, const void *bytes, size_t len, struct fail *fail)
{
    struct bytes *to = context;
    (void)fail;
    if (to->len + len > to->cap)
        to->bytes = realloc(to->bytes, to->cap = 2 * (to->len + len));
    memcpy(to->bytes + to->len, bytes, len);
    to->len += len;
    return true;
}

/* What one writer makes of them. */
static struct bytes expected(const struct records *records, size_t *chapters)
{
    struct mem mem = {.limit_bytes = SIZE_MAX};
    struct fail fail = {0};
    struct bytes out = {0};
    const struct counts_sink sink = {put, &out};
    const struct counts_meta none = {0};
    struct counts_writer writer;
    uint8_t key[KEY_BYTES];
    uint64_t len;
    EXPECT(counts_writer_init(&writer, &mem, sink, &fail)
           && counts_file_begin(sink, &writer.form, &fail));
    *chapters = 0;
    for (size_t i = 0; i < records->len; i++) {
        const struct record record = record_of(records, i, key);
        EXPECT(counts_writer_add_record(&writer, &record, &fail));
        *chapters += writer.chapter;
    }
    EXPECT(counts_writer_end(&writer, &fail)
           && counts_file_end(sink, &mem, &writer.entries, &writer.totals, &none, &len, &fail));
    counts_writer_free(&writer);
    return out;
}

/* The stretch of this rank: any part, none of it now and then. */
static bool give(struct job *job, struct counts_output *out, const struct records *records,
                 const size_t *firsts)
{
    uint8_t key[KEY_BYTES];
    bool ok = true;
    for (size_t i = firsts[job->comm.rank]; ok && i < firsts[job->comm.rank + 1]; i++) {
        const struct record record = record_of(records, i, key);
        ok = counts_output_add(out, &record);
    }
    return ok;
}

static void divide(const struct job *job, const struct records *records, uint64_t seed,
                   size_t firsts[65])
{
    struct seeded seeded = {seed};
    firsts[0] = 0;
    for (int rank = 1; rank < job->comm.size; rank++) {
        const size_t left = records->len - firsts[rank - 1];
        const size_t even = left / (size_t)(job->comm.size - rank + 1);
        firsts[rank] = firsts[rank - 1]
                     + (seed == 0       ? even
                        : seed % 3 == 2 ? 0
                                        : seeded_below(&seeded, left + 1));
    }
    firsts[job->comm.size] = records->len;
}

static void open_output(struct job *job, struct output *output)
{
    EXPECT(job->comm.rank > 0
           || (folder_make() && output_create(output, folder_path("file"), &job->env.fail)));
    comm_bcast(job, folder_name, sizeof folder_name);
    comm_bcast(job, output, sizeof *output);
    EXPECT(job->comm.rank == 0 || output_join(output, &job->env.fail));
}

/* One file; how many ranks made their stretch twice. */
static uint64_t write_file(struct job *job, const struct records *records, uint64_t seed,
                           struct bytes due)
{
    struct counts_output out = {0};
    struct output output = {.fd = -1};
    const struct counts_meta none = {0};
    struct counts_totals totals;
    size_t firsts[65], len;
    uint64_t bytes = 0;
    bool again = false;
    divide(job, records, seed, firsts);
    open_output(job, &output);
    EXPECT(counts_output_begin(&out, job, &output, true) && give(job, &out, records, firsts));
    EXPECT(counts_output_align(&out));
    EXPECT(counts_output_end(&out) && counts_output_place(&out, &again));
    EXPECT(!again
           || (counts_output_begin(&out, job, &output, true) && give(job, &out, records, firsts)
               && counts_output_end(&out)));
    EXPECT(counts_output_finish(&out, &none, &totals, &bytes));
    if (job->comm.rank == 0) {
        EXPECT(bytes == due.len && totals.records == records->len);
        EXPECT(output_commit(&output, bytes, &job->env.fail));
        uint8_t *there = folder_get(folder_path("file"), &len);
        EXPECT(there && len == due.len && memcmp(there, due.bytes, len) == 0);
        free(there);
    }
    output_close(&output);
    counts_output_free(&out);
    if (job->comm.rank == 0)
        folder_remove();
    uint64_t twice = again;
    comm_sum(job, &twice, 1);
    return twice;
}

static void any_stretches_are_the_same_bytes(struct job *job)
{
    static const struct records cases[] = {{0, 0}, {1, 0}, {500, 3}, {300000, 0}, {200000, 9}};
    for (size_t i = 0; i < LEN(cases); i++) {
        size_t chapters;
        struct bytes due = expected(&cases[i], &chapters);
        EXPECT((chapters > 0) == (cases[i].len > 1000));
        for (uint64_t seed = 0; seed < 7; seed++)
            EXPECT(write_file(job, &cases[i], seed, due) == 0);
        free(due.bytes);
    }
}

/* Rank 0 writes its blocks at once; of few ranks all others have more than can be held. */
static void what_memory_does_not_hold_is_made_again(struct job *job)
{
    const struct records records = {330000, 80};
    size_t chapters;
    struct bytes due = expected(&records, &chapters);
    job->env.mem.limit_bytes = SMALL_MEMORY_BYTES;
    const uint64_t twice = write_file(job, &records, 0, due);
    const uint64_t others = (uint64_t)job->comm.size - 1;
    EXPECT(others > 2 ? twice <= others : twice == others);
    free(due.bytes);
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(any_stretches_are_the_same_bytes),
        SPMD_TEST(what_memory_does_not_hold_is_made_again),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
