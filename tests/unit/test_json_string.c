/* SPDX-License-Identifier: BSD-3-Clause */
/* Strings of JSON: the kernels against a loop over bytes, each escape there is, and what is no
 * string. */
#include "text/json_string.h"

#include "text/json_stop.h"
#include "text/utf8.h"

#include "check.h"

#include <stdio.h>

enum { ROOM = 4096, CANARY = 0xa5 };

static const struct {
    const char *name;
    uint32_t (*stop)(const uint8_t *bytes);
} kernels[] = {
#if defined(__x86_64__)
    {"sse2", json_stop_sse2},
#endif
#if defined(__aarch64__)
    {"neon", json_stop_neon},
#endif
    {"swar", json_stop_swar},
    {"of this processor", json_stop},
};

static bool stops(uint8_t byte)
{
    return byte == '"' || byte == '\\' || byte < 0x20;
}

static void check_kernels(const uint8_t *bytes)
{
    uint32_t expected = 0;
    for (int i = 0; i < JSON_STOP_BYTES; i++)
        expected |= (uint32_t)stops(bytes[i]) << i;
    for (size_t k = 0; k < LEN(kernels); k++)
        if (kernels[k].stop(bytes) != expected)
            fail_msg("%s: %08x, not %08x", kernels[k].name, kernels[k].stop(bytes), expected);
}

/* Neighbours must not reach into each other: sums of SWAR. */
static void every_pair_of_bytes_is_told_apart_wherever_it_is(void **state)
{
    (void)state;
    uint8_t bytes[JSON_STOP_BYTES];
    memset(bytes, 'x', sizeof bytes);
    for (unsigned pair = 0; pair < 65536; pair++) {
        size_t at = pair * 7 % (JSON_STOP_BYTES - 1);
        bytes[at] = bytes[7] = (uint8_t)pair;
        bytes[at + 1] = bytes[8] = (uint8_t)(pair >> 8);
        check_kernels(bytes);
        bytes[at] = bytes[at + 1] = 'x';
    }
}

/* The bytes of a string behind its quote; what it means, or what is wrong and where. */
struct example {
    const char *bytes;
    size_t len;
    const char *meant;
    size_t meant_len;
    const char *cause;
    size_t at;
};

#define GOOD(bytes, meant)                                                                         \
    {                                                                                              \
        bytes, sizeof bytes - 1, meant, sizeof meant - 1, NULL, sizeof bytes - 1                   \
    }
#define BAD(bytes, cause, at)                                                                      \
    {                                                                                              \
        bytes, sizeof bytes - 1, NULL, 0, cause, at                                                \
    }
#define ENDS(bytes) BAD(bytes, "the record ends within a string", sizeof bytes - 1)

static const struct example examples[] = {
    GOOD("\"", ""),
    GOOD("a\"", "a"),
    GOOD("\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"),
    GOOD("/\x7f\xc2\x80\"", "/\x7f\xc2\x80"),
    GOOD("a\\u0000b\"", "a\0b"),
    GOOD("\\u00e9\\u00E9\\u20ac\"", "\u00e9\u00e9\u20ac"),
    GOOD("\\ud83d\\ude00\\uDBFF\\uDFFF\\ud800\\udc00\"",
         "\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\xf0\x90\x80\x80"),
    GOOD("\\ud83d\"", "\ufffd"),
    GOOD("\\ude00\"", "\ufffd"),
    GOOD("\\ude00\\ud83d\"", "\ufffd\ufffd"),
    GOOD("\\ud83d\\ud83d\\ude00\"", "\ufffd\xf0\x9f\x98\x80"),
    GOOD("\\ud83d\\u0041\\ud83d\\n\\ud83dz\"", "\ufffdA\ufffd\n\ufffdz"),
    GOOD("\\ud83d\\\\ude00\"", "\ufffd\\ude00"),
    GOOD("\\ud83d\\nde00\\ud83dxude00\"", "\ufffd\nde00\ufffdxude00"),
    GOOD("\xff\xc3\x28\xed\xa0\x80\x80\"", "\xff\xc3\x28\xed\xa0\x80\x80"), /* no UTF-8 */
    GOOD("0123456789abcdef0123456789abcde\"", "0123456789abcdef0123456789abcde"),
    GOOD("0123456789abcdef0123456789abcdef\"", "0123456789abcdef0123456789abcdef"),
    ENDS(""),
    ENDS("abc"),
    ENDS("0123456789abcdef0123456789abcdef"),
    ENDS("\\"),
    ENDS("abc\\"),
    ENDS("\\\""),
    ENDS("\\u"),
    ENDS("\\u00e"),
    ENDS("\\u00e9"),
    ENDS("\\ud83d"),
    ENDS("\\ud83d\\"),
    ENDS("\\ud83d\\ude0"),
    BAD("a\x1f\"", "a control character in a string", 1),
    BAD("\0\"", "a control character in a string", 0),
    BAD("0123456789abcdef0123456789abcdef\n\"", "a control character in a string", 32),
    BAD("ab\\x41\"", "no such escape", 2),
    BAD("\\\0\"", "no such escape", 0),
    BAD("\\U0041\"", "no such escape", 0),
    BAD("\\'\"", "no such escape", 0),
    BAD("a\\u00g0\"", "\\u without four hexadecimal digits", 1),
    BAD("\\u 041\"", "\\u without four hexadecimal digits", 0),
    BAD("\\u004\"   ", "\\u without four hexadecimal digits", 0),
    BAD("\\ud83d\\ude0g\"", "\\u without four hexadecimal digits", 6),
};

/* Nothing else is given than what it is said to be, whatever is behind it. */
static void check_example(const struct example *example, uint8_t behind)
{
    static uint8_t text[ROOM];
    uint8_t *edge = edge_of_memory();
    uint8_t *bytes = edge - (JSON_STRING_SLACK_BYTES - 1) - example->len;
    memset(edge - (JSON_STRING_SLACK_BYTES - 1), behind, JSON_STRING_SLACK_BYTES - 1);
    memcpy(bytes, example->bytes, example->len);
    memset(text, CANARY, sizeof text);
    size_t skipped = 0, copied = 0, text_len = 0;
    const char *skip = json_string_skip(bytes, example->len, &skipped);
    const char *copy = json_string_copy(bytes, example->len, &copied, text, &text_len);
    assert_int_equal(skipped, example->at);
    assert_int_equal(copied, example->at);
    assert_int_equal(text[example->len + JSON_STRING_SLACK_BYTES], CANARY);
    if (example->cause) {
        assert_string_equal(skip, example->cause);
        assert_string_equal(copy, example->cause);
    } else {
        assert_null(skip);
        assert_null(copy);
        assert_int_equal(text_len, example->meant_len);
        assert_memory_equal(text, example->meant, text_len);
    }
}

static void strings_mean_what_the_standard_says_and_others_are_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(examples); i++) {
        check_example(&examples[i], 0);
        check_example(&examples[i], '"');
        check_example(&examples[i], 'd');
        check_example(&examples[i], '\\');
    }
}

static void check_unit(unsigned unit, const char *form)
{
    char bytes[8];
    snprintf(bytes, sizeof bytes, form, unit);
    uint8_t meant[4];
    size_t len = (size_t)(utf8_write(meant, unit >> 11 == 0x1b ? 0xfffd : unit) - meant);
    assert_int_equal(utf8_sequence(meant, len), len);
    check_example(&(struct example){bytes, 7, (char *)meant, len, NULL, 7}, 'd');
}

static void every_code_unit_is_one_character(void **state)
{
    (void)state;
    for (unsigned unit = 0; unit < 0x10000; unit++)
        check_unit(unit, unit % 2 ? "\\u%04x\"" : "\\u%04X\"");
}

static void two_surrogates_are_one_character(void **state)
{
    (void)state;
    for (unsigned code = 0x10000; code < 0x110000; code += 5) {
        char bytes[16];
        snprintf(bytes, sizeof bytes, "\\u%04x\\u%04X\"", 0xd800 + ((code - 0x10000) >> 10),
                 0xdc00 + (code & 0x3ff));
        uint8_t meant[4];
        assert_ptr_equal(utf8_write(meant, code), meant + 4);
        assert_int_equal(utf8_sequence(meant, 4), 4);
        check_example(&(struct example){bytes, 13, (char *)meant, 4, NULL, 13}, 'd');
    }
}

/* An escape that would be cut by a vector, a quote that would be its last byte. */
static void any_length_is_read_to_its_end(void **state)
{
    (void)state;
    static char bytes[300], meant[300];
    memset(bytes, 'a', sizeof bytes);
    memset(meant, 'a', sizeof meant);
    for (size_t len = 2; len < 200; len++)
        for (size_t escape = 0; escape + 2 <= len; escape++) {
            memcpy(bytes + escape, "\\n", 2);
            meant[escape] = '\n';
            bytes[len] = '"';
            check_example(&(struct example){bytes, len + 1, meant, len - 1, NULL, len + 1}, 'd');
            memset(bytes + escape, 'a', 2);
            bytes[len] = meant[escape] = 'a';
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_of_bytes_is_told_apart_wherever_it_is),
        cmocka_unit_test(strings_mean_what_the_standard_says_and_others_are_named),
        cmocka_unit_test(every_code_unit_is_one_character),
        cmocka_unit_test(two_surrogates_are_one_character),
        cmocka_unit_test(any_length_is_read_to_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
