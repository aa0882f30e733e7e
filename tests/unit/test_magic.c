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
        {BYTES("\x28\xb5\x2f\xfd\x24"), "Zstandard", "zstdcat book | "},
        {BYTES("\x5a\x2a\x4d\x18\1\0\0\0x"), "Zstandard", "zstdcat book | "},
        {BYTES("\xfd\x37zXZ\0\0"), "xz", "xzcat book | "},
        {BYTES("BZh9\x31\x41\x59\x26\x53\x59"), "bzip2", "bzcat book | "},
        {BYTES("\x04\x22\x4d\x18\x64"), "LZ4", "lz4cat book | "},
        {BYTES("LZIP\1"), "lzip", "lzip -dc book | "},
        {BYTES("PK\3\4\24"), "zip", "unzip -p book | "},
        {BYTES("7z\xbc\xaf\x27\x1c"), "7z", "7z x -so book | "},
        {tar, sizeof tar, "tar", "tar -xOf book | "},
        {BYTES("PAR1\x15\4"), "Parquet", "export"},
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
        {BYTES("BZh9 is bzip2")},
        {BYTES("PAR1S")},
        {BYTES("PK for short")},
        {BYTES("LZIP is a packer")},
        {BYTES("7z a b")},
        {BYTES("Z*M\x19")},
        {BYTES("\x1f\x8b")},
        {BYTES("\0")},
        {BYTES("\xff")},
        {BYTES("ustar\0"
               "00")},
        {BYTES("\x4a\x2a\x4d\x18\1\0\0\0x")},
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
        {"a/b-1.xz", "xzcat a/b-1.xz |"}, {"a b", "xzcat 'a b' |"}, {"it's", "xzcat 'it'\\''s' |"},
        {"-x", "xzcat ./'-x' |"},         {"-", ": xzcat |"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct fail fail = {0};
        assert_false(magic_text(rows[i].name, BYTES("\xfd\x37zXZ\0\0"), &fail));
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
