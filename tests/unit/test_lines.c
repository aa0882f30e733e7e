/* SPDX-License-Identifier: BSD-3-Clause */
/* The lines mapper: however a text is cut into pieces and windows, the lines and the account of the
 * bytes are the same. */
#include "mapper/lines.h"

#include "pieces.h"

static uint32_t edges[SCAN_MAX_EDGES];

static void split(struct naive *naive, const struct mapper *mapper, const uint8_t *text, size_t len)
{
    (void)mapper;
    naive_lines(naive, text, len);
}

static void short_texts_cut_anywhere_give_the_same_lines(void **state)
{
    (void)state;
    static const uint8_t letters[] = {'a', '\n', '\r', ' ', 0};
    pieces_of_short_texts(&lines_mapper, split, letters, LEN(letters), 6);
}

static void long_texts_cut_anywhere_give_the_same_lines(void **state)
{
    (void)state;
    pieces_of_long_texts(&lines_mapper, split, "\n\n\r", 1500);
}

static void split_at_nul(struct naive *naive, const struct mapper *mapper, const uint8_t *text,
                         size_t len)
{
    (void)mapper;
    for (size_t start = 0, at = 0; at <= len; at++)
        if (at == len ? start < len : text[at] == 0) {
            naive_add(naive, text + start, at - start, 1);
            start = at + 1;
        }
}

static void lines_may_end_with_nul(void **state)
{
    (void)state;
    static const uint8_t letters[] = {'a', '\n', 0};
    struct mapper mapper = lines_mapper;
    mapper.end = 0;
    pieces_of_short_texts(&mapper, split_at_nul, letters, LEN(letters), 6);
    assert_int_equal(lines_part_nul((const uint8_t *)"a\0b\nc", 5), 2);
}

static void as_many_lines_as_there_can_be_have_room(void **state)
{
    (void)state;
    enum { LINES = 20000 };
    static uint8_t text[LINES + KEY_SLACK_BYTES];
    struct naive expected = {0};
    struct pieces pieces = {.mapper = &lines_mapper, .scan = scan_at(0)};
    memset(text, '\n', LINES);
    text[LINES - 1] = 'x';
    pieces_read(&pieces, text, LINES, 0, LINES, LINES);
    split(&expected, NULL, text, LINES);
    pieces_check(&pieces, &expected, LINES);
}

static void a_line_that_is_not_whole_is_left_for_the_next_call(void **state)
{
    (void)state;
    static const uint8_t text[16 + KEY_SLACK_BYTES] = "one\n\nthre";
    struct cut cut;
    struct block block = {.bytes = text, .end = 9, .own = 100, .starts_file = true};
    lines_mapper.cut(&lines_mapper, &block, scan_at(0), edges, &cut);
    assert_int_equal(cut.batch.len, 2);
    assert_int_equal(cut.next, 5);
    block.begin = 5;
    block.starts_file = false;
    lines_mapper.cut(&lines_mapper, &block, scan_at(0), edges, &cut);
    assert_int_equal(cut.batch.len, 0);
    assert_int_equal(cut.next, 5);
    block.ends_file = true;
    lines_mapper.cut(&lines_mapper, &block, scan_at(0), edges, &cut);
    assert_int_equal(cut.batch.len, 1);
    assert_int_equal(cut.next, 9);
}

/* Its newline may be the first byte of a piece, and is not an empty line then. */
static void a_line_that_began_in_another_piece_is_skipped(void **state)
{
    (void)state;
    static const uint8_t text[16 + KEY_SLACK_BYTES] = "xx\n\nyy";
    struct cut cut;
    struct block block = {.bytes = text, .begin = 2, .end = 6, .own = 6, .ends_file = true};
    lines_mapper.cut(&lines_mapper, &block, scan_at(0), edges, &cut);
    assert_int_equal(cut.skipped_bytes, 1);
    assert_int_equal(cut.batch.len, 2);
    assert_int_equal(cut.batch.edges[0], 3);
    assert_int_equal(cut.batch.edges[1], 3);
    block.starts_file = true; /* the byte before belongs to another file */
    lines_mapper.cut(&lines_mapper, &block, scan_at(0), edges, &cut);
    assert_int_equal(cut.skipped_bytes, 0);
    assert_int_equal(cut.batch.len, 3);
}

static void a_part_ends_behind_its_last_newline(void **state)
{
    (void)state;
    assert_int_equal(lines_part((const uint8_t *)"a\nb\nc", 5), 4);
    assert_int_equal(lines_part((const uint8_t *)"a\nb\nc", 3), 2);
    assert_int_equal(lines_part((const uint8_t *)"a b\r", 4), 0);
    assert_int_equal(lines_part((const uint8_t *)"\n", 1), 1);
    assert_int_equal(lines_part((const uint8_t *)"", 0), 0);
}

static void lines_take_no_argument(void **state)
{
    (void)state;
    struct mapper mapper;
    assert_true(choose_mapper("lines", &mapper));
    assert_ptr_equal(mapper.cut, lines_mapper.cut);
    assert_false(choose_mapper("lines:1", &mapper));
    assert_false(choose_mapper("line", &mapper));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_texts_cut_anywhere_give_the_same_lines),
        cmocka_unit_test(long_texts_cut_anywhere_give_the_same_lines),
        cmocka_unit_test(lines_may_end_with_nul),
        cmocka_unit_test(as_many_lines_as_there_can_be_have_room),
        cmocka_unit_test(a_line_that_is_not_whole_is_left_for_the_next_call),
        cmocka_unit_test(a_line_that_began_in_another_piece_is_skipped),
        cmocka_unit_test(a_part_ends_behind_its_last_newline),
        cmocka_unit_test(lines_take_no_argument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
