/* SPDX-License-Identifier: BSD-3-Clause */
/* The field mapper: however a text is cut into pieces and windows, the fields and the account of
 * the bytes are the same. */
#include "pieces.h"

#include <stdio.h>

static uint32_t edges[SCAN_MAX_EDGES];

static void split(struct naive *naive, const struct mapper *mapper, const uint8_t *text, size_t len)
{
    int separator = mapper->field.blanks ? -1 : mapper->field.separator;
    naive_fields(naive, text, len, mapper->field.number, separator);
}

static const char *const kinds[] = {"field:1:,", "field:2:,", "field:3:,", "field:1",
                                    "field:2",   "field:3",   "field:2: "};

static void short_texts_cut_anywhere_give_the_same_fields(void **state)
{
    (void)state;
    static const uint8_t letters[] = {'a', '\n', ',', ' ', '\t'};
    for (size_t i = 0; i < LEN(kinds); i++) {
        struct mapper mapper;
        assert_true(choose_mapper(kinds[i], &mapper));
        pieces_of_short_texts(&mapper, split, letters, LEN(letters), 5);
    }
}

static void short_lines_of_one_separator_cut_anywhere_give_the_same_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(kinds); i++) {
        struct mapper mapper;
        assert_true(choose_mapper(kinds[i], &mapper));
        const uint8_t letters[] = {'a', '\n', mapper.field.blanks ? ' ' : mapper.field.separator};
        pieces_of_short_texts(&mapper, split, letters, LEN(letters), 7);
    }
}

static void long_texts_cut_anywhere_give_the_same_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(kinds); i++) {
        struct mapper mapper;
        assert_true(choose_mapper(kinds[i], &mapper));
        pieces_of_long_texts(&mapper, split, ", \t\n\n", 300);
    }
}

/* Only the field at hand is kept in the window: before it and after it a line may go on for ever.
 */
static void a_line_without_an_end_moves_on(void **state)
{
    (void)state;
    enum { LEN_BYTES = 50000 };
    static uint8_t text[LEN_BYTES + KEY_SLACK_BYTES];
    struct mapper mapper = {0};
    struct cut cut;
    memset(text, ',', LEN_BYTES / 2);
    memset(text + LEN_BYTES / 2, 'x', LEN_BYTES / 2);
    struct block block = {.bytes = text, .end = LEN_BYTES, .own = LEN_BYTES};
    for (uint64_t number = 1; number <= LEN_BYTES / 2; number += 777) {
        size_t found = 0;
        char name[32];
        snprintf(name, sizeof name, "field:%d:,", (int)number);
        assert_true(choose_mapper(name, &mapper));
        block.begin = block.within = 0;
        block.starts_file = true;
        while (block.begin < block.end) {
            mapper.cut(&mapper, &block, scan_at(0), edges, &cut);
            assert_true(cut.next > block.begin);
            found += cut.batch.len;
            block.begin = cut.next;
            block.within = cut.within;
            block.starts_file = false;
        }
        assert_int_equal(found, 1);
    }
}

static void as_many_fields_as_there_can_be_have_room(void **state)
{
    (void)state;
    enum { LINES = 20000 };
    static uint8_t text[LINES + KEY_SLACK_BYTES];
    struct naive expected = {0};
    struct mapper mapper = {0};
    struct pieces pieces = {.mapper = &mapper, .scan = scan_at(0)};
    assert_true(choose_mapper("field:1:,", &mapper));
    memset(text, '\n', LINES);
    text[LINES - 1] = 'x';
    pieces_read(&pieces, text, LINES, 0, LINES, LINES);
    split(&expected, &mapper, text, LINES);
    pieces_check(&pieces, &expected, LINES);
}

static void arguments_are_a_number_and_a_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t number;
        int separator; /* -1: blanks */
    } good[] = {
        {"field:1", 1, -1},         {"field:20", 20, -1},
        {"field:3:,", 3, ','},      {"field:1::", 1, ':'},
        {"field:1:\\t", 1, '\t'},   {"field:1:\t", 1, '\t'},
        {"field:1:\\", 1, '\\'},    {"field:1:\\\\", 1, '\\'},
        {"field:1:\\0", 1, 0},      {"field:1:\\x1f", 1, 0x1f},
        {"field:1:\\xFE", 1, 0xfe}, {"field:1:\xfe", 1, 0xfe},
        {"field:1:\\r", 1, '\r'},   {"field:1:\\v", 1, '\v'},
        {"field:1:\\f", 1, '\f'},   {"field:1:\\a", 1, '\a'},
        {"field:1:\\b", 1, '\b'},   {"field:18446744073709551615", UINT64_MAX, -1},
    };
    static const char *const bad[] = {"field",
                                      "field:",
                                      "field:0",
                                      "field:-1",
                                      "field:+1",
                                      "field: 1",
                                      "field:x",
                                      "field:1x",
                                      "field:1:",
                                      "field:1:\n",
                                      "field:1:\\n",
                                      "field:1:\\q",
                                      "field:1:\\x1",
                                      "field:1:\\xg1",
                                      "field:1:\\x123",
                                      "field:1:\\x0a",
                                      "field:18446744073709551616",
                                      "fields:1",
                                      "field:1,"};
    struct mapper mapper = {0};
    for (size_t i = 0; i < LEN(good); i++) {
        assert_true(choose_mapper(good[i].text, &mapper));
        assert_int_equal(mapper.field.number, good[i].number);
        assert_int_equal(mapper.field.blanks, good[i].separator < 0);
        if (good[i].separator >= 0)
            assert_int_equal(mapper.field.separator, good[i].separator);
    }
    for (size_t i = 0; i < LEN(bad); i++)
        if (choose_mapper(bad[i], &mapper))
            fail_msg("%s is taken", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_texts_cut_anywhere_give_the_same_fields),
        cmocka_unit_test(short_lines_of_one_separator_cut_anywhere_give_the_same_fields),
        cmocka_unit_test(long_texts_cut_anywhere_give_the_same_fields),
        cmocka_unit_test(a_line_without_an_end_moves_on),
        cmocka_unit_test(as_many_fields_as_there_can_be_have_room),
        cmocka_unit_test(arguments_are_a_number_and_a_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
