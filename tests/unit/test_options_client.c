/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line of a service and of its clients. */
#include "cli/options.h"

#include "parsed.h"

static void what_was_given_is_known_apart_from_its_value(void **state)
{
    (void)state;
    assert_int_equal(parse("--submit", "d", "--retries", "2", "-q", "text", NULL), OPTIONS_RUN);
    assert_true(options_given(&options, "retries") && options_given(&options, "quiet"));
    assert_true(options_given(&options, "submit") && !options_given(&options, "task-timeout"));
    assert_false(options_given(&options, "output") || options_given(&options, "version"));
    assert_true(options_client(&options));
    assert_int_equal(parse("text", NULL), OPTIONS_RUN);
    assert_false(options_given(&options, "retries") || options_client(&options));
}

static void clients_wait_for_a_number_or_their_own(void **state)
{
    (void)state;
    assert_int_equal(parse("--submit", "d", "--wait", "7", NULL), OPTIONS_RUN);
    assert_true(options.wait == OPTIONS_UNNAMED && options.files_len == 1);
    assert_int_equal(parse("--spool", "d", "--wait=7", NULL), OPTIONS_RUN);
    assert_true(options.wait == 7 && options_client(&options));
    assert_int_equal(parse("--spool", "d", "--cancel", "7", NULL), OPTIONS_RUN);
    assert_true(options.cancel == 7 && options_client(&options));
    assert_int_equal(parse("--spool", "d", "--list", "-v", NULL), OPTIONS_RUN);
    assert_true(options.list && options_client(&options));
    assert_int_equal(parse("--spool", "d", "--close", NULL), OPTIONS_RUN);
    assert_true(options.close && options_client(&options));
    assert_int_equal(parse("--spool", "d", "--wait=0", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--spool", "d", "--wait=", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--spool", "d", "--wait", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--wait: for which submission? --wait=N says it");
}

/* What a submission does not say the service does: less is needed than where tasks are run. */
static void a_submission_may_leave_out_what_is_run(void **state)
{
    (void)state;
    assert_int_equal(parse("--submit", "d", "--collect=sum", "--shell=bash", NULL), OPTIONS_RUN);
    assert_int_equal(parse("--submit", "d", "--range=1..9", "--exec", "echo {1}", NULL),
                     OPTIONS_RUN);
    assert_int_equal(parse("--submit", "d", "-o", "file", "text", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--submit: not with --output");
    assert_int_equal(parse("--spool", "d", "--list", "--exec", "true", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--spool: not with --exec");
}

/* A service has no inputs, and what one run writes. */
static void a_service_takes_what_says_how_tasks_are_run(void **state)
{
    (void)state;
    assert_int_equal(parse("--spool", "d", NULL), OPTIONS_RUN);
    assert_true(options_service(&options) && options_tasks(&options) && !options_client(&options));
    assert_int_equal(parse("--spool", "d", "--only", "--exec", "true", "--idle=1.5", NULL),
                     OPTIONS_RUN);
    assert_true(options.only && options.idle_s == 1.5);
    assert_int_equal(parse("--spool", "d", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--spool", "d", "--range=1..9", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--spool: not with --range");
    assert_int_equal(parse("--spool", "d", "--only", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--only", "text", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--only and --idle need --spool");
}

static void a_run_is_watched_by_nothing_but_its_folder(void **state)
{
    (void)state;
    assert_int_equal(parse("--watch", "d", NULL), OPTIONS_RUN);
    assert_true(options_client(&options));
    assert_string_equal(options.watch, "d");
    assert_int_equal(parse("--watch", "d", "text", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--watch: no FILE: it shows what another run says");
    assert_int_equal(parse("--watch", "d", "--spool", "e", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--watch: not with --spool");
    assert_int_equal(parse("--spool", "d", "--status", "e", NULL), OPTIONS_RUN);
    assert_int_equal(parse("--status", "e", "--compare", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--status", "e", "-o", "e", "text", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "e: is both the result and the status of the run");
}

static void count_files_are_asked_one_thing(void **state)
{
    (void)state;
    assert_int_equal(parse("--lookup", "the", "--lookup", "", "--lookup-from", "w", "f", NULL),
                     OPTIONS_RUN);
    assert_true(options_client(&options) && options_asks_counts(&options));
    assert_int_equal(options.lookups, 2);
    assert_string_equal(options.lookup[0], "the");
    assert_string_equal(options.lookup[1], "");
    assert_int_equal(parse("--join", "-o", "f", "a", "b", NULL), OPTIONS_RUN);
    assert_int_equal(parse("--info", "--check", "a", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--info, --check, --join and --lookup: only one of them");
    assert_int_equal(parse("--check", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--check: of which count file? Name a FILE");
    assert_int_equal(parse("--lookup", "a", "f", "g", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--lookup: in one count file at a time");
    assert_int_equal(parse("--info", "--top", "3", "f", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--info: not with --top");
}

static void a_count_file_is_known_by_its_name(void **state)
{
    (void)state;
    assert_int_equal(parse("-o", "a.mwc", "b.mwc", NULL), OPTIONS_RUN);
    assert_true(options.counts && !options.format);
    assert_int_equal(parse("--format=counts", "b.mwc", NULL), OPTIONS_RUN);
    assert_true(options.counts && !options.format);
    assert_int_equal(parse("--format=tsv", "-o", "a.mwc", "b.mwc", NULL), OPTIONS_RUN);
    assert_false(options.counts);
    assert_int_equal(parse("-o", ".mwc", "b.mwc", NULL), OPTIONS_RUN);
    assert_false(options.counts);
    assert_int_equal(parse("--task", "squares", "-o", "a.mwc", "b", NULL), OPTIONS_RUN);
    assert_false(options.counts);
    assert_int_equal(parse("--task", "squares", "--format=counts", "b", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--format=counts: not with --task");
    assert_int_equal(parse("-o", "a.mwc", "--escape", "b.mwc", NULL), OPTIONS_MISUSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_given_is_known_apart_from_its_value),
        cmocka_unit_test(clients_wait_for_a_number_or_their_own),
        cmocka_unit_test(a_submission_may_leave_out_what_is_run),
        cmocka_unit_test(a_count_file_is_known_by_its_name),
        cmocka_unit_test(count_files_are_asked_one_thing),
        cmocka_unit_test(a_run_is_watched_by_nothing_but_its_folder),
        cmocka_unit_test(a_service_takes_what_says_how_tasks_are_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
