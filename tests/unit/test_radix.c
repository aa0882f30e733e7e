/* SPDX-License-Identifier: BSD-3-Clause */
/* The radix sorts, against qsort. */
#include "data/radix.h"

#include "check.h"

enum { ITEMS_MAX = 6000 };

/* Sizes around the border to insertion sort, and larger ones. */
static const size_t sizes[] = {0, 1, 2, 3, 15, 16, 17, 18, 25, 50, 257, 1000, ITEMS_MAX};

static void make_equal(struct seeded *seeded, uint64_t *item, size_t i)
{
    (void)seeded, (void)i;
    item[0] = item[1] = item[2] = 42;
}

static void make_ascending(struct seeded *seeded, uint64_t *item, size_t i)
{
    (void)seeded;
    item[0] = i / 100, item[1] = i / 10, item[2] = i;
}

static void make_descending(struct seeded *seeded, uint64_t *item, size_t i)
{
    make_ascending(seeded, item, ITEMS_MAX - i);
}

static void make_few_distinct(struct seeded *seeded, uint64_t *item, size_t i)
{
    (void)i;
    for (int w = 0; w < 3; w++)
        item[w] = UINT64_MAX - seeded_below(seeded, 3);
}

/* As in the output of a small text: most counts are 1 and words share prefixes. */
static void make_common_prefixes(struct seeded *seeded, uint64_t *item, size_t i)
{
    (void)i;
    item[0] = ~(uint64_t)(1 + seeded_below(seeded, 100) / 90);
    item[1] = 0x7468650000000000 | seeded_below(seeded, 4) << 8;
    item[2] = seeded_below(seeded, 50) << 56 | seeded_below(seeded, 16);
}

static void make_random(struct seeded *seeded, uint64_t *item, size_t i)
{
    (void)i;
    for (int w = 0; w < 3; w++)
        item[w] = seeded_next(seeded);
}

/* Items that differ in one bit only, any of the 192. */
static void make_one_bit(struct seeded *seeded, uint64_t *item, size_t i)
{
    (void)i;
    size_t bit = seeded_below(seeded, 192);
    item[0] = item[1] = item[2] = 0;
    item[bit / 64] = (uint64_t)1 << bit % 64;
}

static void make_extremes(struct seeded *seeded, uint64_t *item, size_t i)
{
    (void)i;
    for (int w = 0; w < 3; w++)
        item[w] = seeded_below(seeded, 2) ? UINT64_MAX : 0;
}

static void (*const makers[])(struct seeded *, uint64_t *, size_t) = {
    make_equal,           make_ascending, make_descending, make_few_distinct,
    make_common_prefixes, make_random,    make_one_bit,    make_extremes,
};

static int compare_words(const uint64_t *a, const uint64_t *b, int words)
{
    for (int w = 0; w < words; w++)
        if (a[w] != b[w])
            return a[w] < b[w] ? -1 : 1;
    return 0;
}

static int by_three(const void *a, const void *b)
{
    return compare_words(a, b, 3);
}

static int by_five(const void *a, const void *b)
{
    return compare_words(a, b, 5);
}

/* What decides ties may rely on being asked about ties only. */
static int by_last_two(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;
    assert_int_equal(compare_words(left, right, 3), 0);
    return compare_words(left + 3, right + 3, 2);
}

static void three_words_are_sorted_as_by_qsort(void **state)
{
    (void)state;
    static uint64_t items[ITEMS_MAX][3], spare[ITEMS_MAX][3], expected[ITEMS_MAX][3];
    struct seeded seeded = {1};
    for (size_t maker = 0; maker < LEN(makers); maker++)
        for (size_t s = 0; s < LEN(sizes); s++) {
            for (size_t i = 0; i < sizes[s]; i++)
                makers[maker](&seeded, items[i], i);
            memcpy(expected, items, sizes[s] * sizeof *items);
            qsort(expected, sizes[s], sizeof *expected, by_three);
            radix_sort3(items, spare, sizes[s]);
            assert_memory_equal(items, expected, sizes[s] * sizeof *items);
        }
}

static void five_words_are_sorted_with_ties_decided_by_the_caller(void **state)
{
    (void)state;
    static uint64_t items[ITEMS_MAX][5], spare[ITEMS_MAX][5], expected[ITEMS_MAX][5];
    struct seeded seeded = {2};
    for (size_t maker = 0; maker < LEN(makers); maker++)
        for (size_t s = 0; s < LEN(sizes); s++) {
            for (size_t i = 0; i < sizes[s]; i++) {
                makers[maker](&seeded, items[i], i);
                items[i][3] = seeded_below(&seeded, 10);
                items[i][4] = seeded_next(&seeded);
            }
            memcpy(expected, items, sizes[s] * sizeof *items);
            qsort(expected, sizes[s], sizeof *expected, by_five);
            radix_sort5(items, spare, sizes[s], by_last_two);
            assert_memory_equal(items, expected, sizes[s] * sizeof *items);
        }
}

static void nothing_beside_the_items_is_touched(void **state)
{
    (void)state;
    static uint64_t items[102][3], spare[102][3];
    struct seeded seeded = {3};
    for (size_t i = 0; i < LEN(items); i++)
        make_random(&seeded, items[i], i);
    uint64_t first = items[0][2], last = items[101][0];
    items[0][0] = UINT64_MAX; /* would go last */
    items[101][1] = 0;
    radix_sort3(items + 1, spare + 1, 100);
    assert_true(items[0][0] == UINT64_MAX && items[0][2] == first);
    assert_true(items[101][0] == last && items[101][1] == 0);
    for (int w = 0; w < 3; w++)
        assert_true(spare[0][w] == 0 && spare[101][w] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_words_are_sorted_as_by_qsort),
        cmocka_unit_test(five_words_are_sorted_with_ties_decided_by_the_caller),
        cmocka_unit_test(nothing_beside_the_items_is_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
