/* SPDX-License-Identifier: BSD-3-Clause */
/* The order of the output, against a comparison of counts and bytes. */
#include "data/ranking.h"

#include "check.h"

enum { STORE_BYTES = 4 << 20 };

static uint8_t store[STORE_BYTES];
static enum order order; /* of the test at hand */

static int by_order(const void *a, const void *b)
{
    return order == ORDER_KEY ? naive_by_bytes(a, b) : naive_by_rank(a, b);
}

/* Words whose order is easily got wrong: prefixes of each other, around 8, 15 and 256 bytes, with
 * ends of NUL, \1 and \xff. */
static void make_words(struct seeded *seeded, struct naive *words, size_t len)
{
    static const size_t lengths[] = {0,  1,  6,  7,  8,   9,   13,  14,  15,
                                     16, 17, 24, 40, 250, 255, 256, 257, 300};
    static const uint64_t counts[] = {0,    1,     2,     3,     4,     5,
                                      1000, 65534, 65535, 65536, 65537, UINT64_MAX};
    uint8_t *at = store;
    naive_free(words);
    for (size_t i = 0; i < len; i++) {
        size_t body = lengths[seeded_below(seeded, LEN(lengths))], ends = seeded_below(seeded, 4);
        memset(at, 'a', body);
        for (size_t j = 0; j < ends; j++)
            at[body + j] = seeded_of(seeded, "\0\1a\xff", 4);
        if (body > 0 && seeded_below(seeded, 4) == 0)
            at[seeded_below(seeded, body)] = seeded_of(seeded, "\0\1b\xff", 4);
        naive_add(words, at, body + ends, 0);
        at += body + ends;
    }
    naive_merge(words);
    for (size_t i = 0; i < words->len; i++)
        words->words[i].count =
            seeded_below(seeded, 2) ? 1 : counts[seeded_below(seeded, LEN(counts))];
}

static void shuffle(struct seeded *seeded, struct naive *words)
{
    for (size_t i = words->len; i > 1; i--) {
        size_t other = seeded_below(seeded, i);
        struct naive_word word = words->words[i - 1];
        words->words[i - 1] = words->words[other];
        words->words[other] = word;
    }
}

static void put(struct world *world, struct parcel *parcel, const struct naive *words)
{
    for (size_t i = 0; i < words->len; i++)
        assert_true(add_key(&world->arena, parcel, words->words[i].bytes, words->words[i].len,
                            words->words[i].count, &world->fail));
    parcel_settle(parcel);
}

static void check_run(struct ranking_run *run, const struct naive *expected)
{
    struct record record;
    for (size_t i = 0; i < expected->len; i++) {
        const struct naive_word *word = &expected->words[i];
        assert_true(ranking_next(run, &record));
        assert_int_equal(record.count, word->count);
        assert_int_equal(record.len, word->len);
        assert_memory_equal(record_bytes(&record), word->bytes, word->len);
    }
    assert_false(ranking_next(run, &record));
    assert_false(ranking_next(run, &record));
}

/* One run, used again for smaller and larger parcels, as the bins of a rank do. */
static void a_run_is_in_the_order_of_the_oracle(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    struct ranking_run run = {0};
    static const size_t sizes[] = {300, 10, 0, 3000, 1, 1000};
    for (size_t i = 0; i < LEN(sizes); i++) {
        struct naive words = {0};
        struct parcel parcel = {0};
        make_words(&seeded, &words, sizes[i]);
        shuffle(&seeded, &words);
        put(world, &parcel, &words);
        if (words.len > 0)
            qsort(words.words, words.len, sizeof *words.words, by_order);
        assert_true(ranking_load(&run, order, &world->mem, &parcel, &world->fail));
        check_run(&run, &words);
        parcel_clear(&world->arena, &parcel);
        naive_free(&words);
    }
    ranking_free(&run);
    ranking_free(&run);
}

struct row {
    const char *bytes;
    size_t len;
    uint64_t count;
};

static struct record record_of(const uint8_t *bytes, size_t len, uint64_t count)
{
    uint8_t padded[16] = {0};
    if (len > KEY_SHORT_MAX)
        return (struct record){key_long(bytes), count, bytes, len};
    memcpy(padded, bytes, len);
    return (struct record){key_short(padded, len), count, NULL, len};
}

/* Each row comes before the next. */
static void the_listed_words_are_in_this_order(void **state)
{
    (void)state;
#define A15 "aaaaaaaaaaaaaaa"
    static const struct row rows[] = {
        {"z", 1, UINT64_MAX},
        {"b", 1, 3},
        {A15 "b", 16, 2},
        {"z", 1, 2},
        {"", 0, 1},
        {"\0", 1, 1},
        {"\0\0", 2, 1},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15, 1},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, 1},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 17, 1},
        {"\1", 1, 1},
        {"a", 1, 1},
        {"a\0", 2, 1},
        {"aaaaaaaa", 8, 1},
        {"aaaaaaaa\0", 9, 1},
        {A15, 15, 1},
        {A15 "\0", 16, 1},
        {A15 "\1", 16, 1},
        {A15 "\1z", 17, 1},
        {A15 "a", 16, 1},
        {A15 "aa", 17, 1},
        {A15 "b", 16, 1},
        {"aaaaaaaaaaaaaab", 15, 1},
        {"b", 1, 1},
        {"\x7f", 1, 1},
        {"\xc3\xa9", 2, 1}, /* bytes are unsigned */
        {"\xff", 1, 1},
    };
    struct ranking_mark marks[LEN(rows)];
    for (size_t i = 0; i < LEN(rows); i++) {
        struct record record =
            record_of((const uint8_t *)rows[i].bytes, rows[i].len, rows[i].count);
        ranking_mark(ORDER_COUNT, &record, &marks[i]);
    }
    for (size_t a = 0; a < LEN(rows); a++)
        for (size_t b = 0; b < LEN(rows); b++) {
            int compared = ranking_compare_marks(&marks[a], &marks[b]);
            assert_int_equal((compared > 0) - (compared < 0), (a > b) - (a < b));
        }
}

/* The oracle for marks: only the first 256 bytes of a long key are looked at. */
static int compare_prefixes(struct naive_word a, struct naive_word b)
{
    a.len = a.len < RANKING_PREFIX_BYTES ? a.len : RANKING_PREFIX_BYTES;
    b.len = b.len < RANKING_PREFIX_BYTES ? b.len : RANKING_PREFIX_BYTES;
    return by_order(&a, &b);
}

static void marks_compare_as_words_do_as_far_as_256_bytes(void **state)
{
    (void)state;
    struct seeded seeded = {2};
    struct naive words = {0};
    make_words(&seeded, &words, 1200);
    struct ranking_mark *marks = malloc(words.len * sizeof *marks);
    size_t equal = 0;
    for (size_t i = 0; i < words.len; i++) {
        const struct naive_word *word = &words.words[i];
        struct record record = record_of(word->bytes, word->len, word->count);
        ranking_mark(order, &record, &marks[i]);
    }
    for (size_t a = 0; a < words.len; a++)
        for (size_t b = 0; b < words.len; b++) {
            int compared = ranking_compare_marks(&marks[a], &marks[b]);
            int expected = compare_prefixes(words.words[a], words.words[b]);
            assert_int_equal((compared > 0) - (compared < 0), (expected > 0) - (expected < 0));
            equal += compared == 0 && a != b;
        }
    assert_true(equal > 10); /* some did differ behind the prefix only */
    free(marks);
    naive_free(&words);
}

static void a_record_of_a_run_has_the_same_mark(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {3};
    struct naive words = {0};
    struct parcel parcel = {0};
    struct ranking_run run = {0};
    make_words(&seeded, &words, 500);
    put(world, &parcel, &words);
    qsort(words.words, words.len, sizeof *words.words, by_order);
    assert_true(ranking_load(&run, order, &world->mem, &parcel, &world->fail));
    for (size_t i = 0; i < words.len; i++) {
        struct record record,
            expected = record_of(words.words[i].bytes, words.words[i].len, words.words[i].count);
        struct ranking_mark mark, other;
        assert_true(ranking_next(&run, &record));
        ranking_mark(order, &record, &mark);
        ranking_mark(order, &expected, &other);
        assert_memory_equal(&mark, &other, sizeof mark);
    }
    ranking_free(&run);
    parcel_clear(&world->arena, &parcel);
    naive_free(&words);
}

/* The key of a mark is not behind the same keys, byte by byte. */
static void reaches_as_found(const struct ranking_mark *mark, const struct record *record,
                             bool found)
{
    const struct record key = ranking_mark_key(order, mark);
    assert_int_equal(ranking_reaches(mark, order, record), found);
    if (order == ORDER_KEY)
        assert_int_equal(
            order_compare_bytes(record_bytes(record), record->len, record_bytes(&key), key.len)
                >= 0,
            found);
}

/* Splitters as a sample sort has them, with repetitions; the oracle counts those at or before the
 * record one by one. */
static void find_between_splitters(struct world *world, bool indexed)
{
    struct seeded seeded = {4};
    struct naive words = {0};
    make_words(&seeded, &words, 1500);
    for (size_t len = 0; len <= 1000; len += 1 + len / 4) {
        const struct naive_word *chosen[1000];
        struct ranking_splitters splitters;
        assert_true(ranking_reserve(&splitters, order, &world->mem, len, &world->fail));
        assert_int_equal(splitters.len, len);
        assert_int_equal(splitters.first != NULL, indexed);
        for (size_t i = 0; i < len; i++) {
            chosen[i] = &words.words[seeded_below(&seeded, words.len)];
            struct record record = record_of(chosen[i]->bytes, chosen[i]->len, chosen[i]->count);
            ranking_mark(order, &record, &splitters.marks[i]);
        }
        if (len > 0)
            qsort(splitters.marks, len, sizeof *splitters.marks, ranking_compare_marks);
        ranking_index(&splitters);
        for (size_t i = 0; i < words.len; i++) {
            const struct naive_word *word = &words.words[i];
            struct record record = record_of(word->bytes, word->len, word->count);
            size_t before = 0;
            for (size_t s = 0; s < len; s++)
                before += compare_prefixes(*chosen[s], *word) <= 0;
            assert_int_equal(ranking_find(&splitters, &record), before);
            for (size_t s = len; s-- > 0 && s + 3 > before;)
                reaches_as_found(&splitters.marks[s], &record, s < before);
        }
        ranking_free_splitters(&splitters);
        ranking_free_splitters(&splitters);
    }
    naive_free(&words);
}

static void a_record_is_found_between_its_splitters(void **state)
{
    find_between_splitters(*state, true);
}

static void in_a_small_memory_it_is_found_without_an_index(void **state)
{
    struct world *world = *state;
    world->mem.limit_bytes = 16 << 20;
    find_between_splitters(world, false);
}

static void no_splitters_are_needed(void **state)
{
    (void)state;
    struct ranking_splitters none = {0};
    struct record record = record_of((const uint8_t *)"word", 4, 1);
    assert_int_equal(ranking_find(&none, &record), 0);
    ranking_free_splitters(&none);
}

static void splitters_that_do_not_fit_are_a_failure(void **state)
{
    struct world *world = *state;
    static const size_t limits[] = {0, 4096, 1 << 20, 64 << 20};
    for (size_t i = 0; i < LEN(limits); i++) {
        struct ranking_splitters splitters;
        world->fail = (struct fail){0};
        world->mem.limit_bytes = limits[i];
        assert_false(ranking_reserve(&splitters, order, &world->mem, 1 << 20, &world->fail));
        assert_int_equal(world->fail.code, FAIL_MEMORY);
        ranking_free_splitters(&splitters);
        assert_int_equal(world->mem.used_bytes, 0);
    }
}

static void a_run_without_memory_is_a_failure_and_can_be_freed(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {5};
    struct naive words = {0};
    struct parcel parcel = {0};
    struct ranking_run run = {0};
    make_words(&seeded, &words, 5000);
    put(world, &parcel, &words);
    for (size_t pages = 0; pages < 8; pages++) {
        world->fail = (struct fail){0};
        world->mem.limit_bytes = world->mem.used_bytes + pages * 4096;
        assert_false(ranking_load(&run, order, &world->mem, &parcel, &world->fail));
        assert_int_equal(world->fail.code, FAIL_MEMORY);
        ranking_free(&run);
    }
    parcel_clear(&world->arena, &parcel);
    naive_free(&words);
}

static void a_malformed_record_is_a_failure(void **state)
{
    struct world *world = *state;
    struct parcel parcel = {0};
    struct ranking_run run = {0};
    add_key(&world->arena, &parcel, (const uint8_t *)"word", 4, 1, &world->fail);
    parcel_settle(&parcel);
    parcel.head->bytes[0] = 0xff;
    assert_false(ranking_load(&run, order, &world->mem, &parcel, &world->fail));
    assert_int_equal(world->fail.code, FAIL_VERIFY);
    ranking_free(&run);
    parcel_clear(&world->arena, &parcel);
}

/* The same test, with the other order. */
#define BY_KEY(test)                                                                               \
    static void by_key_##test(void **state)                                                        \
    {                                                                                              \
        order = ORDER_KEY;                                                                         \
        test(state);                                                                               \
        order = ORDER_COUNT;                                                                       \
    }
BY_KEY(a_run_is_in_the_order_of_the_oracle)
BY_KEY(marks_compare_as_words_do_as_far_as_256_bytes)
BY_KEY(a_record_of_a_run_has_the_same_mark)
BY_KEY(a_record_is_found_between_its_splitters)
BY_KEY(in_a_small_memory_it_is_found_without_an_index)

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(a_run_is_in_the_order_of_the_oracle),
        world_test(by_key_a_run_is_in_the_order_of_the_oracle),
        cmocka_unit_test(the_listed_words_are_in_this_order),
        cmocka_unit_test(marks_compare_as_words_do_as_far_as_256_bytes),
        cmocka_unit_test(by_key_marks_compare_as_words_do_as_far_as_256_bytes),
        world_test(a_record_of_a_run_has_the_same_mark),
        world_test(by_key_a_record_of_a_run_has_the_same_mark),
        world_test(a_record_is_found_between_its_splitters),
        world_test(by_key_a_record_is_found_between_its_splitters),
        world_test(in_a_small_memory_it_is_found_without_an_index),
        world_test(by_key_in_a_small_memory_it_is_found_without_an_index),
        cmocka_unit_test(no_splitters_are_needed),
        world_test(splitters_that_do_not_fit_are_a_failure),
        world_test(a_run_without_memory_is_a_failure_and_can_be_freed),
        world_test(a_malformed_record_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
