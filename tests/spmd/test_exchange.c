/* SPDX-License-Identifier: BSD-3-Clause */
/* What travels between ranks in bulk: every record arrives once, at the owner of its bucket, in
 * rounds of any size. */
#include "comm/exchange.h"

#include "traffic.h"

/* The inbox holds `times` every record for this rank, and no other. */
static void check(struct job *job, const struct traffic *traffic, struct box *inbox, int times)
{
    static struct sample sample;
    size_t expected = 0, arrived = 0;
    uint8_t *seen = calloc((size_t)job->comm.size, RECORDS_MAX);
    for (size_t bucket = 0; bucket < inbox->len; bucket++) {
        struct naive list = {0};
        uint8_t *store = malloc(inbox->parcels[bucket].records * 16 + 16), *at = store;
        parcel_settle(&inbox->parcels[bucket]);
        EXPECT(list_records(&inbox->parcels[bucket], &list, &at));
        EXPECT(list.len == inbox->parcels[bucket].records);
        for (size_t i = 0; i < list.len; i++) {
            const struct naive_word *word = &list.words[i];
            uint32_t head[2];
            memcpy(head, word->bytes, sizeof head);
            if (!EXPECT(head[0] < (uint32_t)job->comm.size && head[1] < traffic->records))
                continue;
            make_sample(job, traffic, (int)head[0], head[1], &sample);
            EXPECT(word->len == sample.len && word->count == sample.count);
            EXPECT(memcmp(word->bytes, sample.bytes, sample.len) == 0);
            EXPECT(sample.bucket == (size_t)job->comm.rank * SHARE + bucket);
            seen[head[0] * RECORDS_MAX + head[1]]++;
            arrived++;
        }
        naive_free(&list);
        free(store);
    }
    for (int source = 0; source < job->comm.size; source++)
        for (size_t i = 0; i < traffic->records && sends(job, traffic, source); i++) {
            make_sample(job, traffic, source, i, &sample);
            bool mine = sample.bucket / SHARE == (size_t)job->comm.rank;
            EXPECT(seen[(size_t)source * RECORDS_MAX + i] == (mine ? times : 0));
            expected += mine ? (size_t)times : 0;
        }
    EXPECT(arrived == expected);
    free(seen);
}

/* Twice the same traffic through one shuffle, straight the second time by polling. */
static void move(struct job *job, const struct traffic *traffic, bool by_host)
{
    struct shuffle shuffle = {0};
    struct box outbox, inbox;
    job->env.budget.round_bytes = 64 << 10;
    make_boxes(job, &outbox, &inbox);
    EXPECT(shuffle_init(job, &shuffle, SHARE, by_host));
    for (int times = 1; times <= 2; times++) {
        fill(job, traffic, &outbox);
        if (times == 1 || by_host) {
            EXPECT(shuffle_round(job, TIMING_SHUFFLE, &shuffle, &outbox, &inbox));
        } else {
            exchange_begin(job, &shuffle.exchanges[0], &outbox, &inbox);
            while (!exchange_poll(job, &shuffle.exchanges[0]))
                continue;
        }
        EXPECT(box_records(&outbox) == 0);
        check(job, traffic, &inbox, times);
    }
    EXPECT(shuffle_check(job, &shuffle));
    EXPECT(job->env.fail.code == FAIL_NONE);
    EXPECT(shuffle.exchanges[0].moved_bytes == 0 || job->comm.size > 1);
    EXPECT(shuffle.exchanges[0].network_bytes == 0 || (!by_host && job->comm.hosts > 1));
    shuffle_free(job, &shuffle);
    shuffle_free(job, &shuffle);
    box_free(&outbox);
    box_free(&inbox);
}

/* Straight, and by way of hosts of equal or of unequal size. */
static void move_both_ways(struct job *job, const struct traffic *traffic, size_t number)
{
    static const int hosts[][5] = {{0, 0, 1, 1, 2}, {0, 1, 0, 1, 0}, {0, 1, 1, 1, 1}, {0, 0, 0, 0}};
    struct comm comm = job->comm;
    if (comm.size <= 5)
        job->comm = spmd_hosts(&comm, hosts[number % LEN(hosts)]);
    move(job, traffic, false);
    move(job, traffic, true);
    if (comm.size <= 5)
        spmd_free_hosts(&job->comm);
    job->comm = comm;
}

static void move_all(struct job *job, const char *round_bytes, size_t records, size_t longest)
{
    const struct traffic traffics[] = {
        {ANY, ANY, records, 40}, {ANY, 0, records, 40},  {ANY, LAST, records, 40},
        {0, ANY, records, 40},   {LAST, 0, records, 40}, {ANY, OWN, records, 40},
        {ANY, ANY, 0, 40},       {ANY, ANY, 3, longest}, {LAST, 0, 5, longest},
        {ANY, ANY, 60, 1500},
    };
    if (round_bytes)
        setenv("WC_ROUND_BYTES", round_bytes, 1);
    for (size_t i = 0; i < LEN(traffics); i++)
        move_both_ways(job, &traffics[i], i);
    unsetenv("WC_ROUND_BYTES");
}

static void in_rounds_of_the_usual_size_all_records_arrive(struct job *job)
{
    move_all(job, NULL, RECORDS_MAX, LONGEST);
}

static void in_rounds_of_4096_bytes_all_records_arrive(struct job *job)
{
    move_all(job, "4096", RECORDS_MAX, LONGEST);
}

static void in_rounds_of_64_bytes_all_records_arrive(struct job *job)
{
    move_all(job, "64", RECORDS_MAX, 20000);
}

static void in_rounds_of_7_bytes_all_records_arrive(struct job *job)
{
    move_all(job, "7", 30, 1000);
}

static void in_rounds_of_1_byte_all_records_arrive(struct job *job)
{
    move_all(job, "1", 30, 1000);
}

/* The ranks' sums are what the program proves itself with. */
static void a_record_that_is_not_counted_is_noticed(struct job *job)
{
    for (int hop = 0; hop < SHUFFLE_HOPS; hop++) {
        struct shuffle shuffle = {0};
        struct exchange *exchange = &shuffle.exchanges[hop];
        exchange->records_out = exchange->records_in = 10;
        EXPECT(shuffle_check(job, &shuffle));
        exchange->records_in -= job->comm.rank == job->comm.size - 1;
        EXPECT(!shuffle_check(job, &shuffle));
        EXPECT(job->env.fail.code == FAIL_VERIFY);
        job->env.fail = (struct fail){0};
    }
}

/* Ranks that have no room for what they get must go on with the rounds, or the others wait for
 * ever. */
static void a_rank_without_memory_does_not_stop_the_others(struct job *job)
{
    const struct traffic traffic = {ANY, ANY, RECORDS_MAX, 3000};
    struct shuffle shuffle = {0};
    struct box outbox, inbox;
    setenv("WC_ROUND_BYTES", "4096", 1);
    make_boxes(job, &outbox, &inbox);
    EXPECT(shuffle_init(job, &shuffle, SHARE, false));
    if (job->comm.rank < job->comm.size - 1)
        fill(job, &traffic, &outbox);
    else /* what it sent would be room for what it gets */
        job->env.mem.limit_bytes = job->env.mem.used_bytes;
    bool ok = shuffle_round(job, TIMING_SHUFFLE, &shuffle, &outbox, &inbox);
    EXPECT(ok == (job->comm.size == 1)); /* alone, nothing is sent */
    EXPECT(ok || job->env.fail.code == FAIL_MEMORY);
    shuffle_free(job, &shuffle);
    box_free(&outbox);
    box_free(&inbox);
    unsetenv("WC_ROUND_BYTES");
}

static void buffers_that_do_not_fit_are_a_failure(struct job *job)
{
    for (size_t pages = 0; pages < 8; pages++) {
        struct shuffle shuffle = {0};
        job->env.fail = (struct fail){0};
        job->env.mem.limit_bytes = pages * 4096;
        job->env.budget.round_bytes = 1 << 20;
        bool ok = shuffle_init(job, &shuffle, SHARE, pages % 2);
        EXPECT(ok == (job->env.fail.code == FAIL_NONE));
        EXPECT(!ok || job->comm.size == 1); /* alone no buffers are needed */
        shuffle_free(job, &shuffle);
        EXPECT(job->env.mem.used_bytes == 0);
    }
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(in_rounds_of_the_usual_size_all_records_arrive),
        SPMD_TEST(in_rounds_of_4096_bytes_all_records_arrive),
        SPMD_TEST(in_rounds_of_64_bytes_all_records_arrive),
        SPMD_TEST(a_record_that_is_not_counted_is_noticed),
        SPMD_TEST(a_rank_without_memory_does_not_stop_the_others),
        SPMD_TEST(buffers_that_do_not_fit_are_a_failure),
        SPMD_TEST(in_rounds_of_7_bytes_all_records_arrive),
        SPMD_TEST(in_rounds_of_1_byte_all_records_arrive),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
