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
    job->fail = (struct fail){0};
    bool ok = verify_tally(job, "map", before, "reduce", after);
    EXPECT(spmd_same(&ok, sizeof ok));
    EXPECT(ok == (job->fail.code == FAIL_NONE));
    EXPECT(ok || job->fail.code == FAIL_VERIFY);
    EXPECT(ok || (strstr(job->fail.text, "map") && strstr(job->fail.text, "reduce")));
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
    job->options.verify = false;
    make_tallies(job, &before, &after);
    after.keyed = 0;
    EXPECT(tallies_agree(job, &before, &after));
    after.tokens += job->comm.rank == job->comm.size - 1;
    EXPECT(!tallies_agree(job, &before, &after));
}

/* What each rank saw of three files of FILE_BYTES: stretches that meet, cut at `places` (bytes of
 * all files). */
static void see(struct job *job, const uint64_t *places)
{
    struct verify_input *input = &job->verify.input;
    uint64_t begin = places[job->comm.rank], end = places[job->comm.rank + 1];
    *input = (struct verify_input){.record_bytes = (end - begin) / 3};
    input->gap_bytes = end - begin - input->record_bytes;
    job->fail = (struct fail){0};
    if (begin == end)
        return;
    input->seam = (struct verify_seam){
        .known = 1,
        .first_file = begin / FILE_BYTES,
        .first_offset = begin % FILE_BYTES,
        .last_file = (end - 1) / FILE_BYTES,
        .last_offset = (end - 1) % FILE_BYTES + 1,
        .last_file_bytes = FILE_BYTES,
    };
}

static bool input_is_whole(struct job *job)
{
    bool ok = verify_input(job, 3 * FILE_BYTES);
    EXPECT(spmd_same(&ok, sizeof ok));
    EXPECT(job->fail.code == (ok ? FAIL_NONE : FAIL_VERIFY));
    return ok;
}

/* Ascending places, some ranks with nothing, some ends at the end of a file. */
static void choose_places(struct job *job, struct seeded *seeded, uint64_t *places)
{
    int size = job->comm.size;
    for (int i = 1; i < size; i++)
        places[i] = seeded_below(seeded, 3) ? seeded_below(seeded, 3 * FILE_BYTES + 1)
                                            : seeded_below(seeded, 4) * FILE_BYTES;
    places[0] = 0;
    places[size] = 3 * FILE_BYTES;
    for (int i = 1; i < size; i++) /* few enough for the simplest sort */
        for (int j = 1; j < i; j++)
            if (places[i] < places[j]) {
                uint64_t place = places[i];
                places[i] = places[j];
                places[j] = place;
            }
}

static void stretches_that_meet_are_the_whole_input(struct job *job)
{
    struct seeded seeded = {1};
    for (int round = 0; round < 50; round++) {
        uint64_t places[65];
        choose_places(job, &seeded, places);
        see(job, places);
        EXPECT(input_is_whole(job));
    }
}

static void a_byte_too_few_or_too_many_is_found(struct job *job)
{
    struct seeded seeded = {2};
    for (int rank = 0; rank < job->comm.size; rank++)
        for (int kind = 0; kind < 4; kind++) {
            uint64_t places[65];
            choose_places(job, &seeded, places);
            see(job, places);
            uint64_t *changed =
                kind / 2 ? &job->verify.input.record_bytes : &job->verify.input.gap_bytes;
            if (rank == job->comm.rank)
                *changed += kind % 2 ? 1 : UINT64_MAX;
            EXPECT(!input_is_whole(job));
        }
}

/* The right number of bytes, but one lost here and one doubled there: only the seams can tell. */
static void stretches_that_do_not_meet_are_found(struct job *job)
{
    static const uint64_t fixed[] = {0, 300, 1000, 1700, 2500, 3000};
    int size = job->comm.size;
    uint64_t places[65];
    for (int i = 0; i <= size && size <= 5; i++)
        places[i] = i == size ? 3 * FILE_BYTES : fixed[i];
    if (size == 1 || size > 5)
        return; /* one stretch meets nobody */
    for (int rank = 1; rank < size; rank++)
        for (int kind = 0; kind < 3; kind++) {
            see(job, places);
            struct verify_seam *seam = &job->verify.input.seam;
            if (job->comm.rank == rank && kind == 0)
                seam->first_offset++;
            if (job->comm.rank == rank - 1 && kind == 1)
                seam->last_offset--;
            if (job->comm.rank == rank && kind == 2)
                seam->first_offset += 5, seam->first_file = 7;
            EXPECT(!input_is_whole(job));
        }
}

static void where_rank_0_reads_there_are_no_seams(struct job *job)
{
    struct seeded seeded = {3};
    uint64_t places[65];
    choose_places(job, &seeded, places);
    see(job, places);
    job->totals.root_input = true;
    job->verify.input.seam.first_offset += 17;
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
        SPMD_TEST(stretches_that_do_not_meet_are_found),
        SPMD_TEST(where_rank_0_reads_there_are_no_seams),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
