/* SPDX-License-Identifier: BSD-3-Clause */
/* What is shown as \xNN, and that the bytes can be had back. What a line shows is in test_tsv. */
#include "text/escape.h"

#include "check.h"
#include "seeded.h"

#include <stdio.h>
#include <unictype.h>
#include <unistr.h>

enum { BYTES_MAX = 300 };

static size_t show(uint8_t *shown, const void *bytes, size_t len, enum escape escape)
{
    const size_t shown_len = escape_bytes(bytes, len, escape);
    assert_true(shown_len <= len * ESCAPE_GROWTH);
    assert_ptr_equal(escape_write(shown, bytes, len, escape), shown + shown_len);
    return shown_len;
}

static void what_cannot_be_seen_is_shown_as_listed(void **state)
{
    (void)state;
    static const struct {
        const char *word, *control, *all;
    } rows[] = {
        {"plain", "plain", "plain"},
        {"\\", "\\\\", "\\\\"},
        {"\x1b", "\\x1b", "\\x1b"},
        {"\xc2\x85", "\\xc2\\x85", "\\xc2\\x85"},
        {"\xef\xbb\xbfmark", "\xef\xbb\xbfmark", "\\xef\\xbb\\xbfmark"},
        {"zero\xe2\x80\x8bwidth", "zero\xe2\x80\x8bwidth", "zero\\xe2\\x80\\x8bwidth"},
        {"no\xc2\xa0"
         "break",
         "no\xc2\xa0"
         "break",
         "no\\xc2\\xa0break"},
        {"soft\xc2\xad", "soft\xc2\xad", "soft\\xc2\\xad"},
        {"\xe2\x80\xae"
         "right",
         "\xe2\x80\xae"
         "right",
         "\\xe2\\x80\\xaeright"},
        {"\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\xef\xb8\x8f", "\xe2\x9d\xa4\\xef\\xb8\\x8f"},
        {"\xf3\xa0\x81\x81", "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"},
        {"na\xc3\xafve \xe6\x97\xa5", "na\xc3\xafve \xe6\x97\xa5", "na\xc3\xafve \xe6\x97\xa5"},
        {"\xc2", "\xc2", "\\xc2"},
        {"\xe2\x80", "\xe2\x80", "\\xe2\\x80"},
        {"\xed\xa0\x80\xff", "\xed\xa0\x80\xff", "\\xed\\xa0\\x80\\xff"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        uint8_t shown[BYTES_MAX];
        shown[show(shown, rows[i].word, strlen(rows[i].word), ESCAPE_CONTROL)] = '\0';
        assert_string_equal((char *)shown, rows[i].control);
        shown[show(shown, rows[i].word, strlen(rows[i].word), ESCAPE_ALL)] = '\0';
        assert_string_equal((char *)shown, rows[i].all);
    }
}

static bool is_unseen(ucs4_t character)
{
    return character != ' '
        && (uc_is_general_category_withtable(
                character, UC_CATEGORY_MASK_Cc | UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Zs
                               | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp)
            || uc_is_property_default_ignorable_code_point(character));
}

/* An older libunistring does not know all of them yet. */
static void they_are_those_of_unicode(void **state)
{
    (void)state;
    size_t unseen = 0;
    for (ucs4_t character = 0; character < 0x110000; character++) {
        uint8_t bytes[6], shown[sizeof bytes * ESCAPE_GROWTH];
        const int len = u8_uctomb(bytes, character, sizeof bytes);
        if (len < 0 || character == '\\')
            continue;
        const bool hex = show(shown, bytes, (size_t)len, ESCAPE_ALL) > (size_t)len;
        if (hex != is_unseen(character)
            && !(hex && uc_is_general_category_withtable(character, UC_CATEGORY_MASK_Cn)))
            fail_msg("U+%04X is%s shown", (unsigned)character, hex ? "" : " not");
        unseen += hex;
    }
    assert_true(unseen > 4096);
}

/* As a reader would: \xNN is a byte, \\ a backslash. */
static size_t read_back(uint8_t *bytes, const uint8_t *shown, size_t len)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        unsigned byte = shown[i];
        if (byte == '\\' && shown[++i] == 'x') {
            assert_int_equal(sscanf((const char *)shown + i + 1, "%2x", &byte), 1);
            i += 2;
        }
        bytes[used++] = (uint8_t)byte;
    }
    return used;
}

static void any_bytes_can_be_had_back_and_are_text_when_all_are_shown(void **state)
{
    (void)state;
    struct seeded seeded = {1};
    for (int round = 0; round < 20000; round++) {
        uint8_t bytes[BYTES_MAX], shown[BYTES_MAX * ESCAPE_GROWTH + 1], back[sizeof shown];
        const size_t len = seeded_below(&seeded, round % 2 ? 12 : BYTES_MAX + 1);
        for (size_t i = 0; i < len; i++)
            bytes[i] = seeded_below(&seeded, 4)
                         ? seeded_of(&seeded, "\xe2\x80\x8b\xef\xbb\xbf\xc2\xa0\x85\\xa\n", 13)
                         : (uint8_t)seeded_next(&seeded);
        for (enum escape escape = ESCAPE_CONTROL; escape <= ESCAPE_ALL; escape++) {
            const size_t shown_len = show(shown, bytes, len, escape);
            shown[shown_len] = '\0';
            assert_int_equal(read_back(back, shown, shown_len), len);
            assert_memory_equal(back, bytes, len);
            assert_true(escape == ESCAPE_CONTROL || !u8_check(shown, shown_len));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_cannot_be_seen_is_shown_as_listed),
        cmocka_unit_test(they_are_those_of_unicode),
        cmocka_unit_test(any_bytes_can_be_had_back_and_are_text_when_all_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
