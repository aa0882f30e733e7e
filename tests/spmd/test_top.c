/* SPDX-License-Identifier: BSD-3-Clause */
/* The most frequent keys of a rank: none of them is missing, nothing that was dropped is lost to
 * the sums, and most are dropped. */
#include "stage/top.h"

#include "spmd.h"

#include "../unit/listing.h"

#include <inttypes.h>

enum { PARTS = 50, RECORDS = 20000 };

/* Records of a rank, and what is known of them. */
static struct {
    struct box box;
    struct ranking_mark marks[RECORDS];
    struct tally tally;
} all;

/* Counts of 1 to `counts`, so that there are ties; every eighth key is long. */
static void make(struct job *job, uint64_t counts)
{
    struct seeded seeded = {counts};
    all.tally = (struct tally){0};
    EXPECT(box_init(&all.box, &job->env.arena, PARTS, &job->env.fail));
    for (size_t i = 0; i < RECORDS; i++) {
        char word[64];
        const uint64_t count = 1 + seeded_below(&seeded, counts);
        const int len =
            sprintf(word, i % 8 ? "%06zu" : "%06zu-and-more-than-fifteen", i * 7919 % RECORDS);
        struct parcel *parcel = &all.box.parcels[i % PARTS], one = {0};
        EXPECT(add_key(&job->env.arena, &one, (const uint8_t *)word, (size_t)len, count,
                       &job->env.fail));
        parcel_settle(&one);
        struct records records = records_of(&one);
        struct record record;
        EXPECT(records_next(&records, &record));
        ranking_mark(ORDER_COUNT, &record, &all.marks[i]);
        tally_add(&all.tally, count, record_hash(&job->env.seed, &record));
        parcel_join(&job->env.arena, parcel, &one);
    }
    qsort(all.marks, RECORDS, sizeof *all.marks, ranking_compare_marks);
}

/* Counts records up to and with the `wanted`-th of all, and tallies all that are kept. */
static size_t look(struct job *job, struct top *top, uint64_t wanted, struct tally *kept)
{
    struct records records;
    struct record record;
    size_t first = 0;
    parcel_settle(&top->best.parcels[0]);
    records = records_of(&top->best.parcels[0]);
    while (records_next(&records, &record)) {
        struct ranking_mark mark;
        ranking_mark(ORDER_COUNT, &record, &mark);
        first += ranking_compare_marks(&mark, &all.marks[wanted - 1]) <= 0;
        tally_add(kept, record.count, record_hash(&job->env.seed, &record));
    }
    return first;
}

static void keep(struct job *job, uint64_t counts, uint64_t wanted)
{
    struct top top = {0};
    struct tally kept = {0};
    make(job, counts);
    struct partitions from = partitions_of_box(&all.box);
    EXPECT(top_run(job, &from, wanted, &top));
    EXPECT(look(job, &top, wanted < RECORDS ? wanted : RECORDS, &kept)
           == (wanted < RECORDS ? wanted : RECORDS));
    EXPECT(top.best.parcels[0].records <= 2 * wanted + 4096);
    EXPECT(top.full == (top.left_out.tokens > 0));
    tally_join(&kept, &top.left_out);
    EXPECT(kept.tokens == all.tally.tokens && kept.keyed == all.tally.keyed);
    box_free(&all.box);
    top_free(&top);
    top_free(&top);
    EXPECT(job->env.arena.used_bytes == 0);
}

static void the_first_are_kept_and_the_others_tallied(struct job *job)
{
    static const uint64_t wanted[] = {1,    2,    20,          2047,    2048,
                                      2049, 5000, RECORDS - 1, RECORDS, 30000};
    job->env.options.verify = true;
    for (size_t i = 0; i < LEN(wanted); i++) {
        keep(job, 1, wanted[i]);
        keep(job, 5, wanted[i]);
        keep(job, 1000000, wanted[i]);
    }
}

static void most_are_dropped_where_few_are_wanted(struct job *job)
{
    struct top top = {0};
    make(job, 1);
    struct partitions from = partitions_of_box(&all.box);
    EXPECT(top_run(job, &from, 20, &top));
    EXPECT(top.full && top.best.parcels[0].records < RECORDS / 4);
    EXPECT(top.left_out.tokens > RECORDS * 3 / 4);
    box_free(&all.box);
    top_free(&top);
}

static void what_is_too_much_for_the_memory_is_said(struct job *job)
{
    job->env.budget.memory_bytes = 64 << 20;
    EXPECT(top_is_small(job, 20) && !top_is_small(job, 1000000));
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(the_first_are_kept_and_the_others_tallied),
        SPMD_TEST(most_are_dropped_where_few_are_wanted),
        SPMD_TEST(what_is_too_much_for_the_memory_is_said),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
