/* SPDX-License-Identifier: BSD-3-Clause */
/* The first failure of a rank. */
#include "host/fail.h"

#include "check.h"

#include <errno.h>

static void only_the_first_failure_is_kept(void **state)
{
    (void)state;
    struct fail fail = {0};
    assert_false(fail_set(&fail, FAIL_INPUT, "%s: %d", "first", 1));
    assert_false(fail_set(&fail, FAIL_VERIFY, "second"));
    assert_false(fail_errno(&fail, FAIL_OUTPUT, "third", ENOSPC));
    assert_int_equal(fail.code, FAIL_INPUT);
    assert_string_equal(fail.text, "first: 1");
}

static void a_system_error_is_spelt_out_behind_its_object(void **state)
{
    (void)state;
    struct fail fail = {0};
    assert_false(fail_errno(&fail, FAIL_OUTPUT, "counts.tsv", ENOSPC));
    assert_int_equal(fail.code, FAIL_OUTPUT);
    assert_string_equal(fail.text, "counts.tsv: No space left on device");
}

static void a_message_is_one_line_whatever_is_in_it(void **state)
{
    (void)state;
    struct fail fail = {0};
    fail_set(&fail, FAIL_INPUT, "%s: gone", "a\nb\x1b[31mc\td\x7f\r");
    assert_string_equal(fail.text, "a?b?[31mc?d??: gone");
    fail = (struct fail){0};
    fail_set(&fail, FAIL_INPUT, "%s", "na\xc3\xafve"); /* what is no control byte stays */
    assert_string_equal(fail.text, "na\xc3\xafve");
    fail = (struct fail){
        0}; /* CSI as one character and as one byte, RIGHT-TO-LEFT OVERRIDE and ISOLATE */
    fail_set(&fail, FAIL_INPUT, "%s",
             "a\xc2\x9b"
             "b\x9b"
             "c\xe2\x80\xae"
             "d\xe2\x81\xa7"
             "e");
    assert_string_equal(fail.text, "a?b?c?d?e");
}

static void a_message_that_is_too_long_is_cut(void **state)
{
    (void)state;
    struct fail fail = {0};
    char name[3 * FAIL_TEXT_BYTES];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_false(fail_errno(&fail, FAIL_INPUT, name, ENOENT));
    assert_int_equal(strlen(fail.text), FAIL_TEXT_BYTES - 1);
    assert_memory_equal(fail.text, name, FAIL_TEXT_BYTES - 1);
}

/* Percent signs in a name are not a format. */
static void names_are_never_formats(void **state)
{
    (void)state;
    struct fail fail = {0};
    fail_errno(&fail, FAIL_INPUT, "100%s%n", ENOENT);
    assert_string_equal(fail.text, "100%s%n: No such file or directory");
}

#ifdef FAULT_POINTS
static void a_fault_point_fails_on_the_rank_it_is_set_for(void **state)
{
    (void)state;
    static const struct {
        const char *setting;
        const char *stage;
        int rank;
        bool fails;
    } rows[] = {
        {NULL, "map", 0, false},       {"map:0", "map", 0, true},     {"map:0", "map", 1, false},
        {"map:12", "map", 12, true},   {"map:12", "map", 1, false},   {"map:all", "map", 7, true},
        {"map:all", "sort", 7, false}, {"mapper:0", "map", 0, false}, {"ma:0", "map", 0, false},
        {"map", "map", 0, false},      {"", "map", 0, false},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct fail fail = {0};
        if (rows[i].setting)
            setenv("WC_FAULT", rows[i].setting, 1);
        else
            unsetenv("WC_FAULT");
        assert_int_equal(fail_point(&fail, rows[i].stage, rows[i].rank), !rows[i].fails);
        assert_int_equal(fail.code != FAIL_NONE, rows[i].fails);
    }
    unsetenv("WC_FAULT");
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_first_failure_is_kept),
        cmocka_unit_test(a_system_error_is_spelt_out_behind_its_object),
        cmocka_unit_test(a_message_is_one_line_whatever_is_in_it),
        cmocka_unit_test(a_message_that_is_too_long_is_cut),
        cmocka_unit_test(names_are_never_formats),
#ifdef FAULT_POINTS
        cmocka_unit_test(a_fault_point_fails_on_the_rank_it_is_set_for),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
