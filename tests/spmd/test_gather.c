/* SPDX-License-Identifier: BSD-3-Clause */
/* The result of all ranks in one file, and the last checks before it gets its name. The sort is
 * played here: every rank is given its stretch of a list of words in order. */
#include "stage/gather.h"

#include "spmd.h"

#include "../unit/folder.h"
#include "../unit/listing.h"

#include <inttypes.h>

enum { WORDS = 3000, BINS = 3 };

/* All words, the same on every rank, and the first of each rank's stretch. */
static struct naive words;
static uint8_t store[WORDS * 48];
static size_t firsts[65];

static void make_words(const struct job *job, size_t len, uint64_t seed)
{
    struct seeded seeded = {seed};
    uint8_t *at = store;
    naive_free(&words);
    for (size_t i = 0; i < len; i++) {
        size_t word = 1 + seeded_below(&seeded, 40);
        for (size_t j = 0; j < word; j++)
            at[j] = seeded_of(&seeded, "abcdefgh", 8);
        naive_add(&words, at, word, 1 + seeded_below(&seeded, 8) / 6);
        at += word;
    }
    naive_rank(&words);
    for (int rank = 1; rank < job->comm.size; rank++) { /* some stretches are empty */
        size_t left = words.len - firsts[rank - 1], ranks = (size_t)(job->comm.size - rank + 1);
        firsts[rank] =
            firsts[rank - 1] + (seed % 4 == 3 ? 0 : seeded_below(&seeded, 2 * left / ranks + 1));
    }
    firsts[job->comm.size] = words.len;
}

static size_t line_len(const struct naive_word *word)
{
    return word->len + (size_t)snprintf(NULL, 0, "\t%" PRIu64 "\n", word->count);
}

/* Takes the words [from, to) as this rank's stretch. */
static void take_stretch(struct job *job, struct sort *sort, size_t from, size_t to)
{
    *sort = (struct sort){.records = to - from};
    EXPECT(bins_init(&sort->bins, ORDER_COUNT, &job->env.arena, NULL, BINS, &job->env.fail));
    for (size_t i = from; i < to; i++) {
        const struct naive_word *word = &words.words[i];
        uint8_t padded[16] = {0};
        memcpy(padded, word->bytes, word->len < 16 ? word->len : 16);
        EXPECT(add_key(&job->env.arena, &sort->bins.box.parcels[(i - from) * BINS / (to - from)],
                       word->bytes, word->len, word->count, &job->env.fail));
        tally_add(&job->verify.kept, word->count,
                  word->len <= KEY_SHORT_MAX
                      ? hash_short(&job->env.seed, key_short(padded, word->len))
                      : hash_long(&job->env.seed, word->bytes, word->len));
        sort->text_bytes += line_len(word);
    }
}

/* On rank 0: the file holds the lines of the first `len` words. */
static bool holds(const char *path, size_t len)
{
    size_t got, at = 0;
    uint8_t *bytes = folder_get(path, &got);
    bool same = bytes != NULL;
    for (size_t i = 0; i < len && same; i++) {
        const struct naive_word *word = &words.words[i];
        char count[32];
        size_t tail = (size_t)sprintf(count, "\t%" PRIu64 "\n", word->count);
        same = at + word->len + tail <= got && memcmp(bytes + at, word->bytes, word->len) == 0
            && memcmp(bytes + at + word->len, count, tail) == 0;
        at += word->len + tail;
    }
    free(bytes);
    return same && at == got;
}

static void reset(struct job *job)
{
    job->env.fail = (struct fail){0};
    job->verify = (struct verify){0};
    job->totals = (struct snapshot_totals){.distinct = words.len};
    job->env.options.output = folder_path("result");
}

/* Opens, writes and commits; whatever was wrong, nothing is kept. */
static bool gather_all(struct job *job, struct sort *sort)
{
    struct gather gather = {.output.fd = -1};
    bool ok = gather_open(job, &gather) && gather_run(job, &gather, sort) && gather_settle(job)
           && (!comm_is_root(job) || gather_commit(job, &gather));
    gather_close(&gather);
    sort_free(sort);
    EXPECT(spmd_same(&ok, sizeof ok));
    return ok;
}

static void make_folder(void)
{
    if (spmd.rank == 0 && !folder_name[0])
        EXPECT(folder_make());
    MPI_Bcast(folder_name, sizeof folder_name, MPI_BYTE, 0, MPI_COMM_WORLD);
}

/* By all ranks or by rank 0, in windows of 64 KB; all words, or the first ones. */
static void the_result_is_the_stretches_one_after_another(struct job *job)
{
    static const uint64_t tops[] = {0, 1, 7, 1000, WORDS, 10 * WORDS};
    make_folder();
    for (uint64_t i = 0; i < 4 * LEN(tops); i++) {
        struct sort sort;
        uint64_t top = tops[i % LEN(tops)];
        make_words(job, i % 5 ? WORDS : i, i);
        reset(job);
        job->env.budget.memory_bytes = 1 << 20;
        job->env.options.gather = i / LEN(tops) % 2;
        job->env.options.top = top;
        take_stretch(job, &sort, firsts[job->comm.rank], firsts[job->comm.rank + 1]);
        size_t written = top > 0 && top < words.len ? top : words.len;
        EXPECT(gather_all(job, &sort));
        EXPECT(spmd.rank != 0 || holds(folder_path("result"), written));
        EXPECT(job->totals.written_words == written);
        EXPECT(job->totals.left_out_words == words.len - written);
    }
}

/* What is done to one rank's stretch, all of which must be noticed, and the old result kept. */
enum harm { OUT_OF_ORDER, TWICE, TOO_LONG, TOO_SHORT, LOST, MORE_RECORDS, HARMS };

static const char *const harm_names[HARMS] = {
    "stretches in the wrong order",    "a word on two ranks",
    "more bytes planned than written", "fewer bytes planned than written",
    "a word that reduce had is lost",  "a word that reduce had not"};

static void harm_stretch(struct job *job, enum harm harm, struct sort *sort)
{
    int rank = job->comm.rank, size = job->comm.size;
    bool last = rank == size - 1;
    size_t from = firsts[rank], to = firsts[rank + 1];
    if (harm == OUT_OF_ORDER) { /* the stretches are dealt out from the last rank on */
        from = firsts[size - 1 - rank];
        to = firsts[size - rank];
    }
    if (harm == TWICE && rank > 0)
        from--;
    take_stretch(job, sort, from, to);
    sort->text_bytes += harm == TOO_LONG && last ? 1 : harm == TOO_SHORT && last ? UINT64_MAX : 0;
    if (harm == LOST && last)
        tally_add(&job->verify.kept, 1, 12345);
    if (harm == MORE_RECORDS && last)
        tally_add(&job->verify.kept, UINT64_MAX, 0);
}

static void what_is_wrong_with_a_result_is_noticed_before_it_has_its_name(struct job *job)
{
    make_folder();
    job->env.budget.memory_bytes = 1 << 20;
    for (int i = 0; i < 2 * HARMS; i++) {
        struct sort sort;
        enum harm harm = (enum harm)(i / 2);
        if (job->comm.size == 1 && (harm == OUT_OF_ORDER || harm == TWICE))
            continue;
        make_words(job, WORDS, 1);
        for (int rank = 1; rank < job->comm.size; rank++) /* nobody has nothing */
            firsts[rank] = words.len * (size_t)rank / (size_t)job->comm.size;
        reset(job);
        job->env.options.gather = i % 2;
        if (spmd.rank == 0)
            folder_put("result", "old", 3);
        harm_stretch(job, harm, &sort);
        bool ok = gather_all(job, &sort);
        if (ok && spmd.rank == 0 && spmd.good)
            fprintf(stderr, "# not noticed: %s\n", harm_names[harm]);
        EXPECT(!ok && job->env.fail.code == FAIL_VERIFY);
        if (spmd.rank == 0) {
            size_t len = 0;
            uint8_t *old = folder_get(folder_path("result"), &len);
            EXPECT(old && len == 3 && memcmp(old, "old", 3) == 0);
            free(old);
        }
    }
}

static void a_result_that_cannot_be_made_fails_everywhere(struct job *job)
{
    make_folder();
    for (int gather = 0; gather < 2; gather++) {
        struct gather none = {.output.fd = -1};
        reset(job);
        job->env.options.gather = gather;
        job->env.options.output = folder_path("nowhere/result");
        EXPECT(!gather_open(job, &none));
        EXPECT(job->env.fail.code == FAIL_OUTPUT);
        gather_close(&none);
    }
}

/* The last test: takes the folder away. */
static void nothing_is_left_in_the_folder_but_the_result(struct job *job)
{
    MPI_Barrier(MPI_COMM_WORLD);
    if (job->comm.rank == 0) {
        EXPECT(unlink(folder_path("result")) == 0);
        EXPECT(rmdir(folder_name) == 0);
        folder_remove();
    }
    naive_free(&words);
}

int main(int argc, char **argv)
{
    static const struct spmd_test tests[] = {
        SPMD_TEST(the_result_is_the_stretches_one_after_another),
        SPMD_TEST(what_is_wrong_with_a_result_is_noticed_before_it_has_its_name),
        SPMD_TEST(a_result_that_cannot_be_made_fails_everywhere),
        SPMD_TEST(nothing_is_left_in_the_folder_but_the_result),
    };
    return spmd_run(argc, argv, tests, LEN(tests));
}
