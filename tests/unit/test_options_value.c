/* SPDX-License-Identifier: BSD-3-Clause */
/* Numbers, sizes and choices that are refused say what would do. */
#include "cli/options.h"

#include "parsed.h"

static void memory_may_be_a_share_of_the_host_and_nothing_else_may(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0%", "101%", "%", "80 %", "80%%", "1000%", "8.5%"};
    assert_int_equal(parse("--memory=80%", "text", NULL), OPTIONS_RUN);
    assert_int_equal(options.memory_percent, 80);
    assert_int_equal(options.memory_bytes, 0);
    assert_int_equal(parse("--memory=100%", "text", NULL), OPTIONS_RUN);
    assert_int_equal(parse("--memory=80%", "--memory=1G", "text", NULL), OPTIONS_RUN);
    assert_int_equal(options.memory_percent, 0);
    assert_int_equal(options.memory_bytes, 1 << 30);
    assert_int_equal(parse("--memory=1G", "--memory=8%", "text", NULL), OPTIONS_RUN);
    assert_int_equal(options.memory_percent, 8);
    for (size_t i = 0; i < LEN(wrong); i++) {
        assert_int_equal(parse("--memory", wrong[i], "text", NULL), OPTIONS_MISUSE);
        assert_non_null(strstr(failure.text, "1% to 100%"));
    }
    assert_int_equal(parse("--block-size=80%", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--scratch-limit=80%", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--top=1KB", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--top=2K", "text", NULL), OPTIONS_RUN);
    assert_int_equal(options.top, 2048);
}

static void a_refusal_says_the_least_and_the_most(void **state)
{
    (void)state;
    static const struct {
        const char *option, *value, *text;
    } rows[] = {
        {"--top", "0", "--top: '0' is too small: at least 1"},
        {"--top", "-3", "--top: '-3' is too small: at least 1"},
        {"--top", "99999999999999999999", "'99999999999999999999' is too large: at most 2^64 - 1"},
        {"--task-memory", "16383K", "'16383K' is too small: at least 16M"},
        {"--progress=0", NULL, "seconds: more than 0, less than 1000000"},
        {"--timeout", "1e6", "seconds: from 0, less than 1000000"},
        {"--top", "many", "'many' is not a valid N: a whole number, also with K, M, G or T"},
        {"--sort", "cuont", "'cuont' is not a valid count|key; did you mean count?"},
        {"--sort", "value", "'value' is not a valid count|key"},
        {"--verify", "no", "'no' is not a valid on|off"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        assert_int_equal(
            parse(rows[i].option, rows[i].value ? rows[i].value : "text", "text", NULL),
            OPTIONS_MISUSE);
        const size_t len = strlen(failure.text), end = strlen(rows[i].text);
        assert_true(len >= end);
        assert_string_equal(failure.text + len - end, rows[i].text);
    }
}

static void sizes_take_units_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes; /* 0: refused */
    } rows[] = {
        {"1", 1},
        {"64K", 64 << 10},
        {"64k", 64 << 10},
        {"3M", 3 << 20},
        {"2G", (uint64_t)2 << 30},
        {"7T", (uint64_t)7 << 40},
        {"7t", (uint64_t)7 << 40},
        {"18446744073709551615", UINT64_MAX},
        {"16777215T", (uint64_t)16777215 << 40},
        {"007", 7},
        {"", 0},
        {"0", 0},
        {"0K", 0},
        {"-1", 0},
        {"+1", 0},
        {" 1", 0},
        {"1 ", 0},
        {"K", 0},
        {"1KB", 1000},
        {"3gb", (uint64_t)3000 * 1000 * 1000},
        {"18446744TB", (uint64_t)18446744 * 1000 * 1000 * 1000 * 1000},
        {"18446745TB", 0},
        {"1KiB", 1024},
        {"2GiB", (uint64_t)2 << 30},
        {"2Gib", (uint64_t)2 << 30},
        {"1B", 0},
        {"1iB", 0},
        {"1KiBB", 0},
        {"1KBi", 0},
        {"1Ki", 0},
        {"1KK", 0},
        {"1P", 0},
        {"1.5M", 0},
        {"1e3", 0},
        {"0x10", 0},
        {"12,000", 0},
        {"1\n", 0},
        {"18446744073709551616", 0},
        {"16777216T", 0},
        {"16777217T", 0},
        {"18014398509481985K", 0},
        {"99999999999999999999T", 0},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        bool good = rows[i].bytes != 0;
        enum options_next next = parse("--memory", rows[i].text, "text", NULL);
        if (next != (good ? OPTIONS_RUN : OPTIONS_MISUSE))
            fail_msg("'%s' is %s", rows[i].text, good ? "refused" : "taken");
        if (good)
            assert_true(options.memory_bytes == rows[i].bytes);
        else
            assert_non_null(strstr(failure.text, "--memory"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_take_units_and_nothing_else),
        cmocka_unit_test(memory_may_be_a_share_of_the_host_and_nothing_else_may),
        cmocka_unit_test(a_refusal_says_the_least_and_the_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
