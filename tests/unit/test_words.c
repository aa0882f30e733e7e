/* SPDX-License-Identifier: BSD-3-Clause */
/* The words mapper: however a text is cut into pieces and windows, the words and the account of the
 * bytes are the same. */
#include "pieces.h"

static uint32_t edges[SCAN_MAX_EDGES];

/* The mapper, which must not ask a kernel for more than it promises to do. */
static const struct scan *real_scan;

static size_t checked_kernel(const uint8_t *bytes, size_t from, size_t len, uint32_t *found,
                             uint64_t *gap_bytes)
{
    assert_true(len <= SCAN_MAX_BYTES);
    return real_scan->kernel(bytes, from, len, found, gap_bytes);
}

static void checked_cut(const struct mapper *mapper, const struct block *block,
                        const struct scan *scan, uint32_t *found, struct cut *cut)
{
    static const struct scan checked = {.name = "checked", .kernel = checked_kernel};
    real_scan = scan;
    words_mapper.cut(mapper, block, &checked, found, cut);
}

static const struct mapper checked_words = {.cut = checked_cut};

static void split(struct naive *naive, const struct mapper *mapper, const uint8_t *text, size_t len)
{
    (void)mapper;
    naive_split(naive, text, len);
}

static void short_texts_cut_anywhere_give_the_same_words(void **state)
{
    (void)state;
    static const uint8_t letters[] = {'a', 'B', ' ', '\n', 0xc3, 0xa9, 0};
    pieces_of_short_texts(&checked_words, split, letters, LEN(letters), 5);
}

static void long_texts_cut_anywhere_give_the_same_words(void **state)
{
    (void)state;
    pieces_of_long_texts(&checked_words, split, " \t\n\v\f\r", 1500);
}

/* A rank must not cut a word short that it sees only the beginning of, nor move past it. */
static void a_word_that_is_not_whole_is_left_for_the_next_call(void **state)
{
    (void)state;
    static const uint8_t text[16 + KEY_SLACK_BYTES] = "one two thre";
    struct cut cut;
    struct block block = {.bytes = text, .end = 12, .own = 100, .starts_file = true};
    words_mapper.cut(&words_mapper, &block, scan_at(0), edges, &cut);
    assert_int_equal(cut.batch.len, 2);
    assert_int_equal(cut.next, 8);
    block.begin = 8;
    block.starts_file = false;
    words_mapper.cut(&words_mapper, &block, scan_at(0), edges, &cut);
    assert_int_equal(cut.batch.len, 0);
    assert_int_equal(cut.next, 8);
    block.ends_file = true;
    words_mapper.cut(&words_mapper, &block, scan_at(0), edges, &cut);
    assert_int_equal(cut.batch.len, 1);
    assert_int_equal(cut.next, 12);
}

static void a_word_that_began_in_another_piece_is_skipped(void **state)
{
    (void)state;
    static const uint8_t text[16 + KEY_SLACK_BYTES] = "xxxxx yy";
    struct cut cut;
    struct block block = {.bytes = text, .begin = 2, .end = 8, .own = 8, .ends_file = true};
    words_mapper.cut(&words_mapper, &block, scan_at(0), edges, &cut);
    assert_int_equal(cut.skipped_bytes, 3);
    assert_int_equal(cut.batch.len, 1);
    assert_int_equal(cut.batch.edges[0], 6);
    block.starts_file = true; /* the byte before belongs to another file */
    words_mapper.cut(&words_mapper, &block, scan_at(0), edges, &cut);
    assert_int_equal(cut.skipped_bytes, 0);
    assert_int_equal(cut.batch.len, 2);
}

static void a_part_never_ends_inside_a_word_and_is_as_long_as_it_can_be(void **state)
{
    (void)state;
    struct seeded seeded = {2};
    uint8_t bytes[30];
    for (int round = 0; round < 20000; round++) {
        size_t len = seeded_below(&seeded, sizeof bytes + 1), expected = 0;
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = seeded_of(&seeded, "aaa\xa0 \n", 6);
        for (size_t i = 1; i <= len; i++)
            if (naive_is_gap(bytes[i - 1]))
                expected = i;
        assert_int_equal(words_mapper.part(bytes, len), expected);
    }
}

static void mappers_are_found_by_name(void **state)
{
    (void)state;
    struct mapper mapper;
    assert_true(choose_mapper("words", &mapper));
    assert_ptr_equal(mapper.cut, words_mapper.cut);
    assert_false(choose_mapper("word", &mapper));
    assert_false(choose_mapper("words:", &mapper));
    assert_false(choose_mapper("", &mapper));
    assert_true(words_mapper.behind_bytes >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_texts_cut_anywhere_give_the_same_words),
        cmocka_unit_test(long_texts_cut_anywhere_give_the_same_words),
        cmocka_unit_test(a_word_that_is_not_whole_is_left_for_the_next_call),
        cmocka_unit_test(a_word_that_began_in_another_piece_is_skipped),
        cmocka_unit_test(a_part_never_ends_inside_a_word_and_is_as_long_as_it_can_be),
        cmocka_unit_test(mappers_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
