/* SPDX-License-Identifier: BSD-3-Clause */
/* Bins are read in their order, from memory and from the disk, whole or divided; once or again.
 */
#include "data/bins.h"

#include "world_in_folder.h"

enum { BINS = 5, RECORDS = 20000, LITTLE_BYTES = 700 << 10 };

static struct naive words;
static uint8_t *store;

/* Words that differ, with counts that often do not; ranked. Most of them begin with `common` bytes,
 * or twice as many, that are the same. */
static void make_words(size_t longest, size_t common)
{
    struct seeded seeded = {longest};
    uint8_t *at = store = malloc(RECORDS * (2 * common + longest + 8));
    for (size_t i = 0; i < RECORDS; i++) {
        const size_t begin = i % 1000 == 7 ? 0 : i % 3 ? common : 2 * common;
        size_t len = 6 + seeded_below(&seeded, seeded_below(&seeded, 10) ? 9 : longest);
        memset(at, '/', begin);
        sprintf((char *)at + begin, "%06zu", i);
        memset(at + begin + 6, 'x', len - 6);
        naive_add(&words, at, begin + len, 1 + seeded_below(&seeded, 5));
        at += begin + len;
    }
    naive_rank(&words);
}

static void forget_words(void)
{
    naive_free(&words);
    free(store);
}

/* In a few spills; the first and the last bin hold most. */
static void make_bins(struct world *world, struct scratch_space *space, struct bins *bins)
{
    struct seeded seeded = {1};
    assert_true(bins_init(bins, ORDER_COUNT, &world->arena, space, BINS, &world->fail));
    for (size_t run = 0; run < 4; run++) {
        for (size_t i = run; i < RECORDS; i += 4) {
            const struct naive_word *word = &words.words[i];
            const size_t bin = i < RECORDS / 2 ? 0 : i < RECORDS / 2 + 100 ? 2 : BINS - 1;
            assert_true(add_key(&world->arena, &bins->box.parcels[bin], word->bytes, word->len,
                                word->count, &world->fail));
        }
        if (space && (run < 3 || seeded_below(&seeded, 2)))
            assert_true(bins_empty_memory(bins, &world->fail));
    }
    assert_int_equal(bins_records(bins), RECORDS);
}

static void use_folder(struct scratch_space *space)
{
    *space = (struct scratch_space){.len = 1, .limit_bytes = UINT64_MAX};
    snprintf(space->folders[0], sizeof space->folders[0], "%s", folder_name);
}

/* The records [from, to), in order. */
static void read_some(struct world *world, struct bins_reader *reader, size_t from, size_t to)
{
    struct record record;
    for (size_t i = from; i < to; i++) {
        assert_true(bins_next(reader, &record, &world->fail));
        assert_int_equal(record.len, words.words[i].len);
        assert_int_equal(record.count, words.words[i].count);
        assert_memory_equal(record_bytes(&record), words.words[i].bytes, record.len);
    }
    if (to == RECORDS) {
        assert_false(bins_next(reader, &record, &world->fail));
        assert_int_equal(world->fail.code, FAIL_NONE);
    }
}

struct sums {
    uint64_t records, counts;
};

static bool sum(void *context, const struct record *record)
{
    struct sums *sums = context;
    sums->records++;
    sums->counts += record->count;
    return true;
}

static struct sums sums_of(size_t from)
{
    struct sums sums = {0};
    for (size_t i = from; i < RECORDS; i++) {
        sums.records++;
        sums.counts += words.words[i].count;
    }
    return sums;
}

/* Reads to the end, and again up to a place, whose rest is skipped. */
static void read_twice(struct world *world, struct bins *bins, size_t *divided)
{
    static const size_t places[] = {0, 1, 777, RECORDS / 2, RECORDS / 2 + 50, RECORDS - 1, RECORDS};
    for (size_t i = 0; i < LEN(places); i++) {
        struct bins_reader again = {.bins = bins, .keeps = true};
        struct sums left = {0}, wanted = sums_of(places[i]);
        read_some(world, &again, 0, places[i]);
        assert_true(bins_skip(&again, sum, &left, &world->fail));
        assert_memory_equal(&left, &wanted, sizeof left);
        *divided = again.divided > *divided ? again.divided : *divided;
        bins_close(&again);
    }
    struct bins_reader reader = {.bins = bins};
    for (size_t i = 0; i < RECORDS; i += 1000) {
        read_some(world, &reader, i, i + 1000);
        *divided = reader.divided > *divided ? reader.divided : *divided;
    }
    bins_close(&reader);
    bins_close(&reader);
}

static void try(struct world *world, bool disk, size_t memory_bytes, size_t longest, size_t common,
                size_t least, size_t most)
{
    struct scratch_space space;
    struct bins bins;
    size_t divided = 0;
    use_folder(&space);
    make_words(longest, common);
    make_bins(world, disk ? &space : NULL, &bins);
    if (common > 0)
        assert_true(bins_empty_memory(&bins, &world->fail));
    arena_trim(&world->arena);
    world->mem.limit_bytes = world->mem.used_bytes + memory_bytes;
    read_twice(world, &bins, &divided);
    assert_in_range(divided, least, most);
    world->mem.limit_bytes = CHECK_LIMIT_BYTES;
    bins_free(&bins);
    bins_free(&bins);
    forget_words();
}

static void in_memory(void **state)
{
    try(*state, false, CHECK_LIMIT_BYTES, 100, 0, 0, 0);
}

static void on_the_disk(void **state)
{
    try(*state, true, CHECK_LIMIT_BYTES, 100, 0, 0, 0);
}

static void on_the_disk_with_little_memory(void **state)
{
    try(*state, true, LITTLE_BYTES, 30, 0, 2, 20);
    try(*state, true, 2 * LITTLE_BYTES, 3000, 0, 2, 20);
}

/* Longer than a mark of the order. */
static void on_the_disk_with_a_common_beginning(void **state)
{
    try(*state, true, 2 * LITTLE_BYTES, 30, 300, 2, 60);
    try(*state, true, 2 * LITTLE_BYTES, 30, 1000, 2, 60);
}

/* A disk that fails is no end of the records. */
static void a_read_that_fails_is_a_failure(void **state)
{
    struct world *world = *state;
    struct scratch_space space;
    struct bins bins;
    struct record record;
    use_folder(&space);
    make_words(30, 0);
    make_bins(world, &space, &bins);
    struct bins_reader reader = {.bins = &bins};
    read_some(world, &reader, 0, 10);
    assert_int_equal(ftruncate(bins.spill.files[0].fd, 5000), 0);
    size_t read = 10;
    while (bins_next(&reader, &record, &world->fail))
        read++;
    assert_true(read < RECORDS && world->fail.code != FAIL_NONE);
    bins_close(&reader);
    bins_free(&bins);
    forget_words();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(in_memory),
        folder_test(on_the_disk),
        folder_test(on_the_disk_with_little_memory),
        folder_test(on_the_disk_with_a_common_beginning),
        folder_test(a_read_that_fails_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
