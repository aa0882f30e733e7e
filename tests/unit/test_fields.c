/* SPDX-License-Identifier: BSD-3-Clause */
/* Several fields of each line: those that a walk over the line by hand finds, whatever ranges and
 * blocks the text comes in. */
#include "kind.h"

#include "extracting.h"

#include "seeded.h"

enum { CASES = 300, TEXT_BYTES = 40, FIELDS_MAX = 64 };

/* What is asked for: the argument, and the same by hand. */
static const struct asked {
    const char *argument, *separator; /* NULL: blanks */
    int first[2], last[2];            /* spans; 0: there is none */
} asked[] = {
    {"field:1,3:,", ",", {1, 3}, {1, 3}},
    {"field:2-:,", ",", {2}, {FIELDS_MAX}},
    {"field:2-3,1:,", ",", {2, 1}, {3, 1}},
    {"field:1-2", NULL, {1}, {2}},
    {"field:3-,1", NULL, {3, 1}, {FIELDS_MAX, 1}},
    {"field:2:,,", ",,", {2}, {2}},
    {"field:1-2: ,", " ,", {1}, {2}},
    {"field:2,2-3:\\x2c", ",", {2, 2}, {2, 3}},
};

struct field {
    const char *at;
    size_t len;
};

/* The fields of a line that ends at `end`. */
static int split(const char *line, const char *end, const char *separator, struct field *fields)
{
    int len = 0;
    if (!separator) {
        for (const char *at = line; at < end;) {
            const size_t bytes = strcspn(at, " \t\n");
            if (bytes > 0)
                fields[len++] = (struct field){at, bytes};
            at += bytes + 1;
        }
        return len;
    }
    const size_t separator_len = strlen(separator);
    const char *begin = line;
    for (const char *at = line; at < end;)
        if ((size_t)(end - at) >= separator_len && memcmp(at, separator, separator_len) == 0) {
            fields[len++] = (struct field){begin, (size_t)(at - begin)};
            at += separator_len;
            begin = at;
        } else {
            at++;
        }
    fields[len++] = (struct field){begin, (size_t)(end - begin)};
    return len;
}

/* Adds what is asked for of a line. */
static void add_line(const struct asked *how, const char *line, const char *end, char *text,
                     struct expected *expected)
{
    struct field fields[FIELDS_MAX];
    bool wanted[FIELDS_MAX + 1] = {false};
    char joined[2 * TEXT_BYTES] = "";
    const int len = split(line, end, how->separator, fields);
    int needed = 0;
    for (int span = 0; span < 2 && how->first[span]; span++) {
        const bool open = how->last[span] == FIELDS_MAX;
        const int last = open ? how->first[span] : how->last[span];
        needed = last > needed ? last : needed;
        for (int i = how->first[span]; i <= (open ? len : last); i++)
            wanted[i] = true;
    }
    for (int i = 1, several = 0; i <= len; i++)
        if (wanted[i]) {
            strcat(joined, several++ ? how->separator ? how->separator : " " : "");
            strncat(joined, fields[i - 1].at, fields[i - 1].len);
        }
    expected->sums.records++;
    expected->lines++;
    if (len < needed)
        expected->sums.without++;
    else
        strcat(strcat(text, joined), "\n");
}

static struct extractor choose(const char *argument)
{
    struct kind kind;
    assert_true(kind_choose(argument, &kind));
    assert_true(kind_extracts(&kind));
    return kind.extractor;
}

static void any_text_in_any_pieces(void **state)
{
    (void)state;
    static const char letters[] = ",, \t\nab";
    static uint8_t bytes[1 + TEXT_BYTES + EXTRACTOR_SLACK_BYTES];
    for (uint64_t number = 0; number < CASES; number++) {
        const struct asked *how = &asked[number % LEN(asked)];
        const struct extractor extractor = choose(how->argument);
        struct seeded seeded = {number};
        const size_t len = seeded_below(&seeded, TEXT_BYTES);
        char source[TEXT_BYTES + 1] = "", text[4 * TEXT_BYTES] = "";
        struct expected expected = {.text = text};
        for (size_t i = 0; i < len; i++)
            source[i] = letters[seeded_below(&seeded, LEN(letters) - 1)];
        for (const char *line = source; line < source + len;) {
            const char *end = line + strcspn(line, "\n");
            add_line(how, line, end, text, &expected);
            line = end + 1;
        }
        memset(bytes, ',', sizeof bytes);
        memcpy(bytes + 1, source, len);
        for (size_t cut = 0; cut <= len; cut++) {
            const struct way way = {1 + seeded_below(&seeded, 9), 1 + seeded_below(&seeded, 30),
                                    cut % 2};
            struct found found = {0};
            extracting_range(&extractor, bytes, len, 0, cut, way, &found);
            extracting_range(&extractor, bytes, len, cut, len, way, &found);
            extracting_check(source, &found, &expected);
        }
    }
}

static void a_carriage_return_before_the_newline_may_be_left_out(void **state)
{
    (void)state;
    static uint8_t bytes[] = "\na\r,b\r\nc,\r\r\nd,e";
    static const size_t len = sizeof bytes - 2;
    uint8_t padded[sizeof bytes + EXTRACTOR_SLACK_BYTES] = {0};
    struct extractor extractor = choose("field:1-2:,");
    memcpy(padded, bytes, len + 1);
    extractor.crlf = true;
    struct found found = {0};
    const struct expected expected = {"a\r,b\nc,\r\nd,e\n", {.records = 3}, 3};
    extracting_range(&extractor, padded, len, 0, len, (struct way){len, len, false}, &found);
    extracting_check((const char *)bytes + 1, &found, &expected);
}

static void lists_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"field:1,",
                                      "field:,1",
                                      "field:0,1",
                                      "field:2-1",
                                      "field:-2",
                                      "field:1--2",
                                      "field:1,2:",
                                      "field:1,x",
                                      "field:1,2:\n",
                                      "field:1,2:a\n",
                                      "field:1,2:\\q",
                                      "field:1:12345678901234567",
                                      "field:1,18446744073709551616",
                                      "field:1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17"};
    for (size_t i = 0; i < LEN(bad); i++) {
        struct kind kind;
        if (kind_choose(bad[i], &kind))
            fail_msg("'%s' is taken", bad[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_text_in_any_pieces),
        cmocka_unit_test(a_carriage_return_before_the_newline_may_be_left_out),
        cmocka_unit_test(lists_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
