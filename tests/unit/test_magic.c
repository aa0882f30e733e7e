/* SPDX-License-Identifier: BSD-3-Clause */
/* What a file is, by its first bytes. */
#include "input/magic.h"

#include "check.h"

#include <string.h>

#define BYTES(text) (const uint8_t *)(text), sizeof(text) - 1

static void what_is_no_text_is_named_with_a_cure(void **state)
{
    (void)state;
    uint8_t tar[512] = "file";
    memcpy(tar + 257,
           "ustar\0"
           "00",
           8);
    const struct {
        const uint8_t *bytes;
        size_t len;
        const char *kind, *cure;
    } rows[] = {
        {BYTES("LZIP\1"), "lzip", "lzip -dc book | "},
        {BYTES("PK\3\4\24"), "zip", "unzip -p book | "},
        {BYTES("7z\xbc\xaf\x27\x1c"), "7z", "7z x -so book | "},
        {tar, sizeof tar, "tar", "tar -xOf book | "},
        {BYTES("PAR1\x15\4"), "Parquet", "export"},
        {BYTES("\x89MWC\r\n\x1a\n\1"), "count file", "export"},
        {BYTES("\xff\xfe"
               "a\0"),
         "UTF-16", "iconv -f UTF-16 -t UTF-8 book | "},
        {BYTES("\xfe\xff\0a"), "UTF-16", "iconv -f UTF-16 -t UTF-8 book | "},
        {BYTES("\xff\xfe\0\0a\0\0\0"), "UTF-32", "iconv -f UTF-32 -t UTF-8 book | "},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct fail fail = {0};
        assert_false(magic_text("book", rows[i].bytes, rows[i].len, &fail));
        assert_int_equal(fail.code, FAIL_INPUT);
        assert_non_null(strstr(fail.text, rows[i].kind));
        assert_non_null(strstr(fail.text, rows[i].cure));
        assert_non_null(strstr(fail.text, "--input-format=bytes"));
    }
}

static void text_is_text_whatever_it_resembles(void **state)
{
    (void)state;
    const struct {
        const uint8_t *bytes;
        size_t len;
    } rows[] = {
        {BYTES("")},
        {BYTES("\xef\xbb\xbfmark")},
        {BYTES("PAR1S")},
        {BYTES("\x89MWC\n\x1a\n")},
        {BYTES("PK for short")},
        {BYTES("LZIP is a packer")},
        {BYTES("7z a b")},
        {BYTES("\0")},
        {BYTES("\xff")},
        {BYTES("ustar\0"
               "00")},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct fail fail = {0};
        assert_true(magic_text("book", rows[i].bytes, rows[i].len, &fail));
        assert_int_equal(fail.code, FAIL_NONE);
    }
}

static void the_command_can_be_pasted_into_a_shell(void **state)
{
    (void)state;
    const struct {
        const char *name, *command;
    } rows[] = {
        {"a/b-1.lz", "lzip -dc a/b-1.lz |"},
        {"a b", "lzip -dc 'a b' |"},
        {"it's", "lzip -dc 'it'\\''s' |"},
        {"-x", "lzip -dc ./'-x' |"},
        {"-", ": lzip -dc |"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct fail fail = {0};
        assert_false(magic_text(rows[i].name, BYTES("LZIP\1"), &fail));
        assert_non_null(strstr(fail.text, rows[i].command));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_text_is_named_with_a_cure),
        cmocka_unit_test(text_is_text_whatever_it_resembles),
        cmocka_unit_test(the_command_can_be_pasted_into_a_shell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
