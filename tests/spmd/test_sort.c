/* SPDX-License-Identifier: BSD-3-Clause */
/* The sample sort: every record once, in one order over all ranks, and no rank with much more than
 * the others, whatever the counts and words are. */
#include "stage/sort.h"

#include "format/format.h"
#include "spmd.h"

#include "../unit/listing.h"

#include <inttypes.h>

enum { SHARE = 16, LONGEST = 400 };

/* Makes record `number` of a rank: its word, and its count in *count. Words differ between ranks.
 */
typedef size_t maker(int rank, size_t number, uint8_t *word, uint64_t *count);

static size_t once(int rank, size_t number, uint8_t *word, uint64_t *count)
{
    struct seeded seeded = {number};
    *count = 1;
    return (size_t)sprintf((char *)word, "%" PRIx64 "-%d", seeded_next(&seeded) >> 32, rank);
}

/* Few counts, as in every large text, the most frequent once. */
static size_t as_in_texts(int rank, size_t number, uint8_t *word, uint64_t *count)
{
    *count = 1 + 10000 / (number + 1);
    return (size_t)sprintf((char *)word, "%d-%zu", rank, number);
}

static size_t all_counts_differ(int rank, size_t number, uint8_t *word, uint64_t *count)
{
    *count = 1 + number * 1000 + (size_t)rank;
    return (size_t)sprintf((char *)word, "%d-%zu", rank, number);
}

/* The same 100 bytes first: splitters must look further than the words of a rank do. */
static size_t long_alike(int rank, size_t number, uint8_t *word, uint64_t *count)
{
    struct seeded seeded = {number};
    *count = 7;
    memset(word, 'p', 100);
    return 100 + (size_t)sprintf((char *)word + 100, "%" PRIx64 "-%d", seeded_next(&seeded), rank);
}

/* The same 300 bytes first, more than splitters hold: all in one place, but right. */
static size_t longer_alike(int rank, size_t number, uint8_t *word, uint64_t *count)
{
    *count = 7;
    memset(word, 'p', 300);
    return 300 + (size_t)sprintf((char *)word + 300, "%d-%zu", rank, number);
}

/* What a rank has, to be compared with what all have in the end. */
struct sums {
    struct tally tally;
    uint64_t records, text_bytes;
};

static void fill(struct job *job, struct box *distinct, maker *make, size_t records,
                 struct sums *sums)
{
    uint8_t word[LONGEST + 16] = {0};
    for (size_t i = 0; i < records; i++) {
        uint64_t count;
        size_t len = make(job->comm.rank, i, word, &count);
        uint64_t hash = len <= KEY_SHORT_MAX ? hash_short(&job->env.seed, key_short(word, len))
                                             : hash_long(&job->env.seed, word, len);
        EXPECT(add_key(&job->env.arena, &distinct->parcels[hash_bucket(hash, SHARE)], word, len,
                       count, &job->env.fail));
        tally_add(&sums->tally, count, hash);
        sums->records++;
        sums->text_bytes += len + (size_t)snprintf(NULL, 0, "\t%" PRIu64 "\n", count);
    }
    for (size_t i = 0; i < distinct->len; i++)
        parcel_settle(&distinct->parcels[i]);
}

/* Goes through the bins in order; every record must come after the one before it. */
static void look(struct job *job, struct sort *sort, struct sums *sums, struct ranking_mark ends[2])
{
    struct ranking_run run = {0};
    for (size_t bin = 0; bin < sort->bins.box.len; bin++) {
        struct record record;
        parcel_settle(&sort->bins.box.parcels[bin]);
        parcel_tally(&sort->bins.box.parcels[bin], &job->env.seed, &sums->tally);
        EXPECT(ranking_load(&run, ORDER_COUNT, &job->env.mem, &sort->bins.box.parcels[bin],
                            &job->env.fail));
        while (ranking_next(&run, &record)) {
            struct ranking_mark mark;
            ranking_mark(ORDER_COUNT, &record, &mark);
            EXPECT(sums->records == 0 || ranking_compare_marks(&ends[1], &mark) <= 0);
            ends[sums->records++ > 0] = mark;
            if (sums->records == 1)
                ends[1] = mark;
            sums->text_bytes += job->env.kind.format.bytes(&job->env.kind.format, &record);
        }
    }
    ranking_free(&run);
}

/* On all ranks together what was there before is there after, and ranks follow each other. */
static void check(struct job *job, const struct sums *before, const struct sums *after,
                  const struct ranking_mark ends[2])
{
    uint64_t sums[4] = {before->records, after->records, before->text_bytes, after->text_bytes};
    size_t size = (size_t)job->comm.size;
    struct ranking_mark *all = malloc(2 * size * sizeof *all);
    uint64_t *records = malloc(size * sizeof *records), last = size;
    comm_sum(job, sums, 4);
    EXPECT(sums[0] == sums[1] && sums[2] == sums[3]);
    EXPECT(verify_tally(job, "before", &before->tally, "after", &after->tally));
    comm_allgather(job, ends, 2 * sizeof *all, all);
    comm_allgather(job, &after->records, sizeof *records, records);
    for (size_t rank = 0; rank < size; rank++) {
        if (records[rank] == 0)
            continue;
        EXPECT(last == size || ranking_compare_marks(&all[2 * last + 1], &all[2 * rank]) <= 0);
        last = rank;
    }
    free(all);
    free(records);
}

/* `share_of` is how many records a rank has; at_most, in percent of the mean, how many in the end.
 */
static void sort_them(struct job *job, maker *make, size_t records, uint64_t at_most)
{
    struct box distinct;
    struct sort sort = {0};
    struct sums before = {0}, after = {0};
    struct ranking_mark ends[2] = {{{0}, 0, {0}}};
    job->env.budget.buckets = SHARE;
    job->env.budget.outbox_bytes = 100000;
    job->env.budget.round_bytes = 1 << 20;
    EXPECT(box_init(&distinct, &job->env.arena, SHARE, &job->env.fail));
    fill(job, &distinct, make, records, &before);
    struct partitions from = partitions_of_box(&distinct);
    EXPECT(sort_run(job, &from, ORDER_COUNT, &sort));
    EXPECT(box_records(&distinct) == 0);
    look(job, &sort, &after, ends);
    EXPECT(sort.records == after.records && sort.text_bytes == after.text_bytes);
    uint64_t all = before.records;
    comm_sum(job, &all, 1);
    EXPECT(sort.records * (uint64_t)job->comm.size * 100 <= all * at_most || at_most == 0);
    check(job, &before, &after, ends);
    box_free(&distinct);
    sort_free(&sort);
    sort_free(&sort);
}

static void equal_counts_are_spread_over_all_ranks(struct job *job)
{
    sort_them(job, once, 20000, 130);
}

static void counts_as_in_texts_are_spread_over_all_ranks(struct job *job)
{
    sort_them(job, as_in_texts, 20000, 130);
    sort_them(job, all_counts_differ, 20000, 130);
}

static void long_words_are_spread_as_far_as_splitters_tell_them(struct job *job)
{
    sort_them(job, long_alike, 10000, 130);
    sort_them(job, longer_alike, 1000, 0);
}

static void ranks_may_have_anything_or_nothing(struct job *job)
{
    size_t rank = (size_t)job->comm.rank;
    sort_them(job, once, 0, 0);
    sort_them(job, once, 1, 0);
    sort_them(job, once, rank == 0 ? 30000 : 0, 130);
    sort_them(job, once, rank + 1 == (size_t)job->comm.size ? 1 : 0, 0);
    sort_them(job, as_in_texts, rank % 2 ? 100 : 20000, 130);
}

/* More than one bin a rank. */
static void many_records_are_sorted_too(struct job *job)
{
    sort_them(job, once, 150000 / (size_t)job->comm.size, 130);
}

/* At every limit: sorted, or a failure on all ranks, and nothing kept. */
static void a_sort_without_memory_fails_everywhere(struct job *job)
{
    size_t failed = 0;
    for (size_t step = 0; step < 12; step++) {
        struct box distinct;
        struct sort sort = {0};
        struct sums sums = {0};
        job->env.fail = (struct fail){0};
        job->env.mem.limit_bytes = SPMD_MEMORY_BYTES;
        job->env.budget.buckets = SHARE;
        job->env.budget.outbox_bytes = job->env.budget.round_bytes = 100000;
        EXPECT(box_init(&distinct, &job->env.arena, SHARE, &job->env.fail));
        fill(job, &distinct, once, 3000, &sums);
        if (job->comm.rank == job->comm.size - 1)
            job->env.mem.limit_bytes = job->env.mem.used_bytes + step * step * 30000;
        struct partitions from = partitions_of_box(&distinct);
        bool ok = sort_run(job, &from, ORDER_COUNT, &sort);
        EXPECT(spmd_same(&ok, sizeof ok));
        EXPECT(job->env.fail.code == (ok ? FAIL_NONE : FAIL_MEMORY));
        failed += !ok;
        box_free(&distinct);
        sort_free(&sort);
        EXPECT(job->env.arena.used_bytes == 0);
    }
    EXPECT(failed > 0 && failed < 12);
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(equal_counts_are_spread_over_all_ranks),
        SPMD_TEST(counts_as_in_texts_are_spread_over_all_ranks),
        SPMD_TEST(long_words_are_spread_as_far_as_splitters_tell_them),
        SPMD_TEST(ranks_may_have_anything_or_nothing),
        SPMD_TEST(many_records_are_sorted_too),
        SPMD_TEST(a_sort_without_memory_fails_everywhere),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
