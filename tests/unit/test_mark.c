/* SPDX-License-Identifier: BSD-3-Clause */
/* A byte order mark before a text changes no record of it, wherever the text is cut. */
#include "pieces.h"

enum { MARK = 3, LETTERS_MAX = 4 };

/* Stands in for the rules of a tokenizer: only after one of these letters a text may be parted. */
static bool parts(const void *context, const uint8_t *bytes, size_t len, uint8_t blank)
{
    return memchr(context, bytes[len - 1], strlen(context)) && blank != '\n';
}

/* The records of a text without a mark, as one piece. */
static struct naive without_mark(const struct mapper *mapper, const uint8_t *text, size_t len)
{
    struct pieces alone = {.mapper = mapper, .scan = scan_at(0)};
    pieces_read(&alone, text, len, 0, len, len);
    return alone.records;
}

/* Every text of a few letters, cut at every pair of places, the first within the mark too. */
static void each_cut(const struct mapper *mapper, const char *letters)
{
    uint8_t before[8 + MARK + LETTERS_MAX + KEY_SLACK_BYTES] = "        \xef\xbb\xbf";
    uint8_t *text = before + 8;
    size_t strings = 1, kinds = strlen(letters);
    struct pieces pieces = {.mapper = mapper, .scan = scan_at(0), .mark_bytes = MARK};
    for (size_t len = MARK; len <= MARK + LETTERS_MAX; len++, strings *= kinds)
        for (size_t string = 0; string < strings; string++) {
            size_t rest = string;
            for (size_t i = MARK; i < len; i++, rest /= kinds)
                text[i] = (uint8_t)letters[rest % kinds];
            for (size_t a = 0; a <= len; a++)
                for (size_t b = a; b <= len; b++) {
                    struct naive expected = without_mark(mapper, text + MARK, len - MARK);
                    pieces.late = string % 2;
                    pieces_read(&pieces, text, len, 0, a, 1 + (a + b) % 3);
                    pieces_read(&pieces, text, len, a, b, 1 + (a + b) % 3);
                    pieces_read(&pieces, text, len, b, len, 1 + (a + b) % 3);
                    pieces_check(&pieces, &expected, len);
                }
        }
}

static void words_lines_and_fields_are_those_of_the_text(void **state)
{
    (void)state;
    static const char *const kinds[] = {"words",     "lines",     "field:1",       "field:2",
                                        "field:1:,", "field:2:,", "field:1:\\xbf", "field:2:\\xef"};
    for (size_t i = 0; i < LEN(kinds); i++) {
        struct mapper mapper;
        assert_true(choose_mapper(kinds[i], &mapper));
        each_cut(&mapper, "a \n,\xef\xbf");
        mapper.crlf = i > 0;
        each_cut(&mapper, "a \n\r");
    }
}

static void chunks_are_those_of_the_text(void **state)
{
    (void)state;
    static const char *const ends[] = {"", "a", "a\xbf", "\xbf"};
    for (size_t i = 0; i < LEN(ends); i++) {
        struct mapper mapper = chunks_mapper;
        mapper.parts = parts;
        mapper.context = ends[i];
        each_cut(&mapper, "a! \n");
    }
}

/* As where a second one was written before a file that had one. */
static void only_the_first_mark_is_taken_off(void **state)
{
    (void)state;
    static const uint8_t text[10 + KEY_SLACK_BYTES] = "\xef\xbb\xbf\xef\xbb\xbf\n\xef\xbb\xbf";
    static const char *const kinds[] = {"words", "lines", "field:1", "field:1:,"};
    for (size_t i = 0; i < LEN(kinds); i++) {
        struct mapper mapper;
        assert_true(choose_mapper(kinds[i], &mapper));
        struct pieces pieces = {.mapper = &mapper, .scan = scan_at(0), .mark_bytes = MARK};
        struct naive expected = {0};
        naive_add(&expected, text, MARK, 2);
        pieces_read(&pieces, text, 10, 0, 2, 4);
        pieces_read(&pieces, text, 10, 2, 10, 4);
        pieces_check(&pieces, &expected, 10);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_lines_and_fields_are_those_of_the_text),
        cmocka_unit_test(chunks_are_those_of_the_text),
        cmocka_unit_test(only_the_first_mark_is_taken_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
