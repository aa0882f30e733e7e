/* SPDX-License-Identifier: BSD-3-Clause */
/* Text of unknown origin does nothing to a terminal, and takes no more room than it may. */
#include "text/plain.h"

#include "check.h"

static void expect(const char *text, int columns, const char *expected, int used)
{
    char shown[PLAIN_GROWTH * 40 + 1];
    assert_int_equal(plain_write(shown, text, strlen(text), columns), used);
    assert_string_equal(shown, expected);
}

static void harmless_text_is_as_it_is(void **state)
{
    (void)state;
    expect("", 10, "", 0);
    expect("a b", 10, "a b", 3);
    expect("na\xc3\xafve \\ <", 10, "na\xc3\xafve \\ <", 9);
    expect("12\xc2\xa0MiB", 10, "12 MiB", 6);
}

static void what_would_be_obeyed_or_not_seen_is_a_question_mark(void **state)
{
    (void)state;
    char nul[PLAIN_GROWTH * 4 + 1];
    expect("\x1b[31m\n\r\t\x7f", 20, "?[31m????", 9);
    expect(
        "a\xc2\x9b"
        "b",
        20, "a?b", 3);
    expect("\xe2\x80\xaetxt\xe2\x81\xa6", 20, "?txt?", 5);
    expect("\xef\xbb\xbf\xe2\x80\x8b", 20, "??", 2);
    expect("\xff\xc3(\xed\xa0\x80", 20, "?\?(???", 6);
    assert_int_equal(plain_write(nul, "a\0b", 3, 4), 3);
    assert_string_equal(nul, "a?b");
}

static void what_does_not_fit_is_cut(void **state)
{
    (void)state;
    expect("0123456789", 10, "0123456789", 10);
    expect("0123456789a", 10, "0123456...", 10);
    expect("0123", 2, "..", 2);
    expect("0123", 0, "", 0);
}

static void wide_characters_take_two_columns(void **state)
{
    (void)state;
    expect("\xe6\xbc\xa2\xe5\xad\x97", 4, "\xe6\xbc\xa2\xe5\xad\x97", 4);
    expect("\xe6\xbc\xa2\xe5\xad\x97x", 4, "...", 3);
    expect("\xe6\xbc\xa2\xe5\xad\x97xyz", 6, "\xe6\xbc\xa2...", 5);
    expect("\xf0\x9f\x98\x80!", 3, "\xf0\x9f\x98\x80!", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(harmless_text_is_as_it_is),
        cmocka_unit_test(what_would_be_obeyed_or_not_seen_is_a_question_mark),
        cmocka_unit_test(what_does_not_fit_is_cut),
        cmocka_unit_test(wide_characters_take_two_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
