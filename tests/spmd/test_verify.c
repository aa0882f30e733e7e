/* SPDX-License-Identifier: BSD-3-Clause */
/* The proof of a run: every way to lose, double or change something must fail on all ranks. */
#include "spmd.h"

enum { FILE_BYTES = 1000 };

/* A rank's words before and after a stage that hands each to another rank. */
static void make_tallies(const struct job *job, struct tally *before, struct tally *after)
{
    struct seeded seeded = {7};
    *before = *after = (struct tally){0};
    for (int i = 0; i < 1000; i++) {
        uint64_t hash = seeded_next(&seeded), count = 1 + (seeded_next(&seeded) >> 14);
        int source = (int)seeded_below(&seeded, (size_t)job->comm.size);
        int target = (int)seeded_below(&seeded, (size_t)job->comm.size);
        if (source == job->comm.rank)
            tally_add(before, count, hash);
        if (target == job->comm.rank)
            tally_add(after, count, hash);
    }
}

static bool tallies_agree(struct job *job, const struct tally *before, const struct tally *after)
{
    job->env.fail = (struct fail){0};
    bool ok = verify_tally(job, "map", before, "reduce", after);
    EXPECT(spmd_same(&ok, sizeof ok));
    EXPECT(ok == (job->env.fail.code == FAIL_NONE));
    EXPECT(ok || job->env.fail.code == FAIL_VERIFY);
    EXPECT(ok || (strstr(job->env.fail.text, "map") && strstr(job->env.fail.text, "reduce")));
    return ok;
}

static void words_that_only_moved_agree(struct job *job)
{
    struct tally before, after;
    make_tallies(job, &before, &after);
    EXPECT(tallies_agree(job, &before, &after));
    struct tally none = {0};
    EXPECT(tallies_agree(job, &none, &none));
}

/* One word more or less, on any one rank, before or after. */
static void a_lost_or_doubled_word_is_found(struct job *job)
{
    for (int rank = 0; rank < job->comm.size; rank++)
        for (int kind = 0; kind < 4; kind++) {
            struct tally before, after;
            make_tallies(job, &before, &after);
            struct tally *changed = kind / 2 ? &before : &after;
            if (rank == job->comm.rank && kind % 2)
                tally_add(changed, 1, 0x123456789abcdef);
            else if (rank == job->comm.rank) /* and one less */
                tally_add(changed, UINT64_MAX, 0);
            EXPECT(!tallies_agree(job, &before, &after));
        }
}

/* As many words, but another one: any bit of the sum must count, on whatever rank. */
static void a_word_taken_for_another_is_found(struct job *job)
{
    for (int rank = 0; rank < job->comm.size; rank++)
        for (int bit = 0; bit < 128; bit++) {
            struct tally before, after;
            make_tallies(job, &before, &after);
            if (rank == job->comm.rank)
                after.keyed ^= (unsigned __int128)1 << bit;
            EXPECT(!tallies_agree(job, &before, &after));
        }
}

/* Sums of all ranks that carry from every part of 32 bits into the next. */
static void sums_carry_as_one_number(struct job *job)
{
    const unsigned __int128 most = ~(unsigned __int128)0;
    struct tally before = {.keyed = most / (unsigned)job->comm.size}, after = {0};
    if (job->comm.rank == 0)
        after.keyed = before.keyed * (unsigned)job->comm.size;
    EXPECT(tallies_agree(job, &before, &after));
    after.keyed += job->comm.rank == 0;
    EXPECT(!tallies_agree(job, &before, &after));
}

static void without_verification_only_words_are_counted(struct job *job)
{
    struct tally before, after;
    job->env.options.verify = false;
    make_tallies(job, &before, &after);
    after.keyed = 0;
    EXPECT(tallies_agree(job, &before, &after));
    after.tokens += job->comm.rank == job->comm.size - 1;
    EXPECT(!tallies_agree(job, &before, &after));
}

/* Stretches of FILES files of FILE_BYTES. */
enum { FILES = 3, STRETCHES_MAX = 64 };

/* This rank sees the bytes from `begin` to `end` of all files. */
static void see(struct job *job, uint64_t begin, uint64_t end)
{
    struct verify_input *input = &job->verify.input;
    while (begin < end) {
        uint64_t file = begin / FILE_BYTES, rest = FILE_BYTES - begin % FILE_BYTES;
        uint64_t some = end - begin < rest ? end - begin : rest;
        verify_add(input, file, begin % FILE_BYTES, begin % FILE_BYTES + some);
        input->record_bytes += some / 3;
        input->gap_bytes += some - some / 3;
        begin += some;
    }
}

static void see_nothing(struct job *job)
{
    job->verify.input = (struct verify_input){0};
    job->env.fail = (struct fail){0};
}

static bool input_is_whole(struct job *job)
{
    uint64_t stretches = 0;
    for (uint64_t file = 0; file < FILES && job->comm.rank == 0; file++)
        stretches += verify_place(file, FILE_BYTES) - verify_place(file, 0);
    bool ok = verify_input(job, FILES * FILE_BYTES, stretches);
    EXPECT(spmd_same(&ok, sizeof ok));
    EXPECT(job->env.fail.code == (ok ? FAIL_NONE : FAIL_VERIFY));
    return ok;
}

/* `len` stretches that meet: stretch i lies between places i and i + 1. Some are empty, some end
 * with a file. */
static void choose_places(struct seeded *seeded, uint64_t *places, size_t len)
{
    for (size_t i = 1; i < len; i++)
        places[i] = seeded_below(seeded, 3) ? seeded_below(seeded, FILES * FILE_BYTES + 1)
                                            : seeded_below(seeded, FILES + 1) * FILE_BYTES;
    places[0] = 0;
    places[len] = FILES * FILE_BYTES;
    for (size_t i = 1; i < len; i++) /* few enough for the simplest sort */
        for (size_t j = 1; j < i; j++)
            if (places[i] < places[j]) {
                uint64_t place = places[i];
                places[i] = places[j];
                places[j] = place;
            }
}

/* Deals the stretches out to the ranks in any order; the same on all ranks. */
static void split_queue_out(struct job *job, struct seeded *seeded, const uint64_t *places,
                            size_t len)
{
    size_t order[STRETCHES_MAX];
    for (size_t i = 0; i < len; i++) {
        size_t other = seeded_below(seeded, i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    see_nothing(job);
    for (size_t i = 0; i < len; i++)
        if ((int)seeded_below(seeded, (size_t)job->comm.size) == job->comm.rank)
            see(job, places[order[i]], places[order[i] + 1]);
}

static void stretches_that_meet_are_the_whole_input(struct job *job)
{
    struct seeded seeded = {1};
    for (int round = 0; round < 200; round++) {
        uint64_t places[STRETCHES_MAX + 1];
        size_t len = 1 + seeded_below(&seeded, STRETCHES_MAX);
        choose_places(&seeded, places, len);
        split_queue_out(job, &seeded, places, len);
        EXPECT(input_is_whole(job));
    }
}

static void a_byte_too_few_or_too_many_is_found(struct job *job)
{
    struct seeded seeded = {2};
    for (int rank = 0; rank < job->comm.size; rank++)
        for (int kind = 0; kind < 4; kind++) {
            uint64_t places[STRETCHES_MAX + 1];
            choose_places(&seeded, places, 10);
            split_queue_out(job, &seeded, places, 10);
            uint64_t *changed =
                kind / 2 ? &job->verify.input.record_bytes : &job->verify.input.gap_bytes;
            if (rank == job->comm.rank)
                *changed += kind % 2 ? 1 : UINT64_MAX;
            EXPECT(!input_is_whole(job));
        }
}

/* The right number of bytes, but not the right ones: only the ends of the stretches can tell. One
 * stretch is taken a byte too late, or for another of its length: its neighbour, the one at the
 * same place of another file, or any. */
static void the_wrong_bytes_are_found(struct job *job)
{
    enum { STRETCHES = 15, EACH = FILES * FILE_BYTES / STRETCHES };
    static const uint64_t distances[] = {1, EACH, FILE_BYTES, 7 * EACH};
    for (size_t wrong = 0; wrong < STRETCHES; wrong++)
        for (size_t kind = 0; kind < LEN(distances); kind++) {
            see_nothing(job);
            for (size_t i = 0; i < STRETCHES; i++) {
                uint64_t begin = i * EACH + (i == wrong ? distances[kind] : 0);
                begin %= FILES * FILE_BYTES;
                if ((int)(i * 7 % (size_t)job->comm.size) == job->comm.rank)
                    see(job, begin, begin + EACH);
            }
            EXPECT(!input_is_whole(job));
        }
}

/* Two files of the same length, one counted twice and the other never. */
static void a_file_taken_for_another_is_found(struct job *job)
{
    for (uint64_t lost = 0; lost < FILES; lost++) {
        see_nothing(job);
        for (uint64_t i = 0; i < FILES; i++) {
            uint64_t file = i == lost ? (lost + 1) % FILES : i;
            if ((int)(i % (uint64_t)job->comm.size) == job->comm.rank)
                see(job, file * FILE_BYTES, (file + 1) * FILE_BYTES);
        }
        EXPECT(!input_is_whole(job));
    }
}

static void where_rank_0_reads_only_bytes_are_counted(struct job *job)
{
    see_nothing(job);
    job->totals.root_input = true;
    if (job->comm.rank == 0)
        see(job, 17, FILES * FILE_BYTES);
    job->verify.input.gap_bytes += job->comm.rank == 0 ? 17 : 0;
    EXPECT(input_is_whole(job));
    job->verify.input.gap_bytes += job->comm.rank == job->comm.size - 1;
    EXPECT(!input_is_whole(job));
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(words_that_only_moved_agree),
        SPMD_TEST(a_lost_or_doubled_word_is_found),
        SPMD_TEST(a_word_taken_for_another_is_found),
        SPMD_TEST(sums_carry_as_one_number),
        SPMD_TEST(without_verification_only_words_are_counted),
        SPMD_TEST(stretches_that_meet_are_the_whole_input),
        SPMD_TEST(a_byte_too_few_or_too_many_is_found),
        SPMD_TEST(the_wrong_bytes_are_found),
        SPMD_TEST(a_file_taken_for_another_is_found),
        SPMD_TEST(where_rank_0_reads_only_bytes_are_counted),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
