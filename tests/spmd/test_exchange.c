/* SPDX-License-Identifier: BSD-3-Clause */
/* What travels between ranks in bulk: every record arrives once, at the owner of its bucket, in
 * rounds of any size; and a block that was changed on the way is noticed. */
#include "comm/exchange.h"

#include "comm/scatterv.h"
#include "spmd.h"
#include "stage/shuffle.h"

#include "../unit/listing.h"

enum { SHARE = 3, RECORDS_MAX = 300, LONGEST = 100000 };

enum { ANY = -1, OWN = -2, LAST = -3 };

/* Who sends how many records of up to which length to whom. */
struct traffic {
    int source, target;
    size_t records, longest;
};

/* A record that tells where it comes from, so that the receiver can make it again. */
struct sample {
    uint8_t bytes[LONGEST];
    size_t len, bucket;
    uint64_t count;
};

static int rank_named(const struct job *job, int name, int own)
{
    return name == OWN ? own : name == LAST ? job->comm.size - 1 : name;
}

static void make_sample(const struct job *job, const struct traffic *traffic, int source,
                        size_t number, struct sample *sample)
{
    static const uint64_t counts[] = {1, 1, 2, (uint64_t)1 << 32, UINT64_MAX};
    struct seeded seeded = {(uint64_t)source << 32 | number};
    int target = rank_named(job, traffic->target, source);
    size_t owner = target >= 0 ? (size_t)target : seeded_below(&seeded, (size_t)job->comm.size);
    uint32_t head[2] = {(uint32_t)source, (uint32_t)number};
    memcpy(sample->bytes, head, sizeof head);
    sample->len = sizeof head + seeded_below(&seeded, traffic->longest - sizeof head + 1);
    seeded_fill(&seeded, sample->bytes + sizeof head, sample->len - sizeof head);
    sample->bucket = owner * SHARE + seeded_below(&seeded, SHARE);
    sample->count = counts[seeded_below(&seeded, LEN(counts))];
}

static bool sends(const struct job *job, const struct traffic *traffic, int rank)
{
    return traffic->source == ANY || rank_named(job, traffic->source, rank) == rank;
}

static void fill(struct job *job, const struct traffic *traffic, struct box *outbox)
{
    static struct sample sample;
    for (size_t i = 0; i < traffic->records && sends(job, traffic, job->comm.rank); i++) {
        make_sample(job, traffic, job->comm.rank, i, &sample);
        EXPECT(add_key(&job->env.arena, &outbox->parcels[sample.bucket], sample.bytes, sample.len,
                       sample.count, &job->env.fail));
    }
}

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

static void make_boxes(struct job *job, struct box *outbox, struct box *inbox)
{
    EXPECT(box_init(outbox, &job->env.arena, SHARE * (size_t)job->comm.size, &job->env.fail));
    EXPECT(box_init(inbox, &job->env.arena, SHARE, &job->env.fail));
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
    fill(job, &traffic, &outbox);
    if (job->comm.rank == job->comm.size - 1)
        job->env.mem.limit_bytes = job->env.mem.used_bytes;
    bool ok = shuffle_round(job, TIMING_SHUFFLE, &shuffle, &outbox, &inbox);
    EXPECT(ok == (job->comm.size == 1)); /* alone, nothing is copied */
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

/* What is between the ranks in the following tests: a layer that changes what is sent, in one
 * round. */
static enum { FAITHFUL, FLIP, SWAP, STALE } harm;
static uint64_t harm_round; /* the round to harm; counts down */
static struct seeded harm_seeded;
static bool harmed;

/* Changes one bit of one block. */
static void flip(uint8_t *bytes, const int *counts, const int *offsets, int size)
{
    int rank = (int)seeded_below(&harm_seeded, (size_t)size);
    for (int i = 0; i < size && counts[rank] == 0; i++)
        rank = (rank + 1) % size;
    if (counts[rank] > 0) {
        size_t bit = seeded_below(&harm_seeded, (size_t)counts[rank] * 8);
        bytes[(size_t)offsets[rank] + bit / 8] ^= (uint8_t)(1 << bit % 8);
        harmed = true;
    }
}

/* Exchanges two blocks of the same length. */
static void swap(uint8_t *bytes, const int *counts, const int *offsets, int size)
{
    for (int a = 0; a < size; a++)
        for (int b = 0; b < a && !harmed; b++)
            if (counts[a] == counts[b] && counts[a] > 0) {
                for (int i = 0; i < counts[a]; i++) {
                    uint8_t byte = bytes[offsets[a] + i];
                    bytes[offsets[a] + i] = bytes[offsets[b] + i];
                    bytes[offsets[b] + i] = byte;
                }
                harmed = true;
            }
}

/* Sends the block of the round before once more, where that had the same length. */
static void repeat(uint8_t *bytes, const int *counts, const int *offsets, int size)
{
    static uint8_t last[1 << 20];
    static int last_counts[64], last_offsets[64];
    for (int rank = 0; harm_round == 0 && rank < size; rank++)
        if (counts[rank] > 0 && counts[rank] == last_counts[rank]) {
            memcpy(bytes + offsets[rank], last + last_offsets[rank], (size_t)counts[rank]);
            harmed = true;
        }
    for (int rank = 0; rank < size; rank++) {
        last_counts[rank] = counts[rank];
        last_offsets[rank] = offsets[rank];
        memcpy(last + offsets[rank], bytes + offsets[rank], (size_t)counts[rank]);
    }
}

int MPI_Ialltoallv(const void *sendbuf, const int counts[], const int offsets[], MPI_Datatype type,
                   void *recvbuf, const int recvcounts[], const int recvoffsets[],
                   MPI_Datatype recvtype, MPI_Comm comm, MPI_Request *request)
{
    uint8_t *bytes = (uint8_t *)(uintptr_t)sendbuf;
    int size, rank;
    MPI_Comm_size(comm, &size);
    MPI_Comm_rank(comm, &rank);
    if (rank == size - 1 && harm == STALE)
        repeat(bytes, counts, offsets, size);
    if (rank == size - 1 && harm_round == 0 && harm == FLIP)
        flip(bytes, counts, offsets, size);
    if (rank == size - 1 && harm_round == 0 && harm == SWAP)
        swap(bytes, counts, offsets, size);
    harm_round--;
    return PMPI_Ialltoallv(sendbuf, counts, offsets, type, recvbuf, recvcounts, recvoffsets,
                           recvtype, comm, request);
}

/* One shuffle with harm done in one of its rounds; whether it was noticed must be whether it was
 * done. */
static bool harm_once(struct job *job, int kind, uint64_t round, uint64_t seed)
{
    const struct traffic traffic = {ANY, ANY, 60, 40};
    struct shuffle shuffle = {0};
    struct box outbox, inbox;
    harm_seeded = (struct seeded){seed};
    harm_round = round;
    harmed = false;
    job->env.fail = (struct fail){0};
    make_boxes(job, &outbox, &inbox);
    EXPECT(shuffle_init(job, &shuffle, SHARE, false));
    fill(job, &traffic, &outbox);
    harm = kind;
    bool ok = shuffle_round(job, TIMING_SHUFFLE, &shuffle, &outbox, &inbox);
    harm = FAITHFUL;
    bool anywhere = !spmd_all(!harmed);
    EXPECT(ok == !anywhere);
    EXPECT(ok || job->env.fail.code == FAIL_VERIFY);
    shuffle_free(job, &shuffle);
    box_free(&outbox);
    box_free(&inbox);
    return anywhere;
}

static void harm_many(struct job *job, int kind, int cases)
{
    int done = 0;
    setenv("WC_ROUND_BYTES", "128", 1);
    for (int i = 0; i < cases; i++)
        done += harm_once(job, kind, 1 + (uint64_t)i % 8, (uint64_t)i);
    unsetenv("WC_ROUND_BYTES");
    EXPECT(done > cases / 4 || job->comm.size == 1 || (kind == SWAP && job->comm.size == 2));
}

static void any_flipped_bit_is_noticed(struct job *job)
{
    harm_many(job, FLIP, 200);
}

static void swapped_blocks_are_noticed(struct job *job)
{
    harm_many(job, SWAP, 16);
}

static void a_block_sent_twice_is_noticed(struct job *job)
{
    harm_many(job, STALE, 16);
}

/* Parts of any size, none among them, in rounds of any size. */
static void scattered_bytes_reach_their_ranks(struct job *job)
{
    struct seeded seeded = {1};
    size_t size = (size_t)job->comm.size;
    static const size_t rounds[] = {1, 7, 64, 1000, 1 << 20};
    for (size_t i = 0; i < 10 * LEN(rounds); i++) {
        uint64_t sizes[64] = {0}, before = 0, all = 0;
        size_t most = i % 3 ? 40 * rounds[i % LEN(rounds)] : 3;
        for (size_t rank = 0; rank < size; rank++) {
            sizes[rank] =
                seeded_below(&seeded, 3) ? seeded_below(&seeded, most < 30000 ? most : 30000) : 0;
            before += rank < (size_t)job->comm.rank ? sizes[rank] : 0;
            all += sizes[rank];
        }
        uint8_t *bytes = malloc(all + 1), *mine = malloc(sizes[job->comm.rank] + 1);
        seeded_fill(&seeded, bytes, all);
        mine[sizes[job->comm.rank]] = 0x5a;
        bool root = job->comm.rank == 0;
        EXPECT(scatterv_bytes(job, root ? bytes : NULL, root ? sizes : NULL, mine,
                              sizes[job->comm.rank], rounds[i % LEN(rounds)]));
        EXPECT(memcmp(mine, bytes + before, sizes[job->comm.rank]) == 0);
        EXPECT(mine[sizes[job->comm.rank]] == 0x5a);
        free(bytes);
        free(mine);
    }
}

static void a_scatter_without_memory_fails_everywhere(struct job *job)
{
    uint64_t sizes[64];
    uint8_t *bytes = calloc(64, 1000), mine[1000];
    for (size_t rank = 0; rank < 64; rank++)
        sizes[rank] = 1000;
    if (job->comm.rank == 0)
        job->env.mem.limit_bytes = 0;
    EXPECT(!scatterv_bytes(job, bytes, sizes, mine, 1000, 1 << 20));
    EXPECT(job->env.fail.code == FAIL_MEMORY);
    free(bytes);
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
        SPMD_TEST(any_flipped_bit_is_noticed),
        SPMD_TEST(swapped_blocks_are_noticed),
        SPMD_TEST(a_block_sent_twice_is_noticed),
        SPMD_TEST(scattered_bytes_reach_their_ranks),
        SPMD_TEST(a_scatter_without_memory_fails_everywhere),
        SPMD_TEST(in_rounds_of_7_bytes_all_records_arrive),
        SPMD_TEST(in_rounds_of_1_byte_all_records_arrive),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
