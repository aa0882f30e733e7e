/* SPDX-License-Identifier: BSD-3-Clause */
/* The command line. */
#include "cli/options.h"

#include "parsed.h"

static void without_options_the_defaults_hold(void **state)
{
    (void)state;
    assert_int_equal(parse("text", NULL), OPTIONS_RUN);
    assert_string_equal(options.program, "wc");
    assert_int_equal(options.files_len, 1);
    assert_string_equal(options.files[0], "text");
    assert_true(!options.output && !options.files_from && !options.json && !options.kernel);
    assert_string_equal(options.count, "words");
    assert_false(options.nul_ended || options.recursive || options.gather || options.stats);
    assert_false(options.topology || options.escape || options.quiet || options.verbose);
    assert_true(options.verify);
    assert_int_equal(options.input, OPTIONS_INPUT_AUTO);
    assert_int_equal(options.top, 0);
    assert_int_equal(options.min_count, 0);
    assert_int_equal(options.memory_bytes, 0);
    assert_int_equal(options.split_bytes, 0);
    assert_int_equal(options.block_bytes, 256 << 10);
    assert_int_equal(options.seed, 0);
    assert_true(options.progress_s <= 0);
    assert_int_equal(failure.code, FAIL_NONE);
}

static void a_plan_is_of_a_count_and_shows_no_run(void **state)
{
    (void)state;
    assert_int_equal(parse("text", NULL), OPTIONS_RUN);
    assert_int_equal(options.plan, 0);
    assert_int_equal(parse("--plan", "text", NULL), OPTIONS_RUN);
    assert_true(options.plan == OPTIONS_UNNAMED);
    assert_int_equal(parse("text", "--plan=3M", "--status", "folder", NULL), OPTIONS_RUN);
    assert_int_equal(options.plan, 3 << 20);
    assert_null(options.status);
    assert_int_equal(options.arguments_len, 5);
    assert_string_equal(options.arguments[4], "text");
    assert_int_equal(parse("--plan=0", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--plan", "--task=squares", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--plan", "--compare", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--plan", "--watch", "folder", NULL), OPTIONS_MISUSE);
    assert_int_equal(failure.code, FAIL_USAGE);
}

static void each_flag_sets_its_field(void **state)
{
    (void)state;
    const struct {
        const char *name, *short_name;
        const bool *field;
    } rows[] = {
        {"--recursive", "-r", &options.recursive}, {"--gather", NULL, &options.gather},
        {"--stats", NULL, &options.stats},         {"--topology", NULL, &options.topology},
        {"--quiet", "-q", &options.quiet},         {"--verbose", "-v", &options.verbose},
        {"--lower", NULL, &options.rules.lower},   {"--fold", NULL, &options.rules.fold},
        {"--nfc", NULL, &options.rules.nfc},       {"--nfkc", NULL, &options.rules.nfkc},
        {"--strip", NULL, &options.rules.strip},
    };
    for (size_t i = 0; i < 2 * LEN(rows); i++) {
        const char *name = i % 2 ? rows[i / 2].short_name : rows[i / 2].name;
        if (!name)
            continue;
        assert_int_equal(parse(name, "text", NULL), OPTIONS_RUN);
        for (size_t j = 0; j < LEN(rows); j++)
            assert_int_equal(*rows[j].field, j == i / 2);
    }
    assert_int_equal(parse("--files-from", "list", "-0", NULL), OPTIONS_RUN);
    assert_true(options.nul_ended);
    assert_int_equal(parse("--null", "--files-from=list", NULL), OPTIONS_RUN);
    assert_true(options.nul_ended);
}

static void each_text_sets_its_field(void **state)
{
    (void)state;
    const struct {
        const char *name;
        const char **field;
        const char *value;
    } rows[] = {
        {"--output", &options.output, "out"},
        {"-o", &options.output, "out"},
        {"--json", &options.json, "run"},
        {"--report", &options.report, "page"},
        {"--plot", &options.plot, "plot"},
        {"--files-from", &options.files_from, "list"},
        {"--kernel", &options.kernel, "swar"},
        {"--pre", &options.pre, "zcat"},
        {"--count", &options.count, "field:2:\\t"},
        {"--words", &options.rules.words, "unicode"},
        {"--stop", &options.rules.stop_file, "list"},
        {"--vocabulary", &options.rules.vocabulary_file, "words"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        assert_int_equal(parse(rows[i].name, rows[i].value, "text", NULL), OPTIONS_RUN);
        assert_string_equal(*rows[i].field, rows[i].value);
        assert_int_equal(options.files_len, 1);
        assert_int_equal(parse(rows[i].name, "", "text", NULL), OPTIONS_MISUSE);
    }
    assert_int_equal(parse("-oout", "text", NULL), OPTIONS_RUN);
    assert_string_equal(options.output, "out");
}

static void a_plot_is_of_a_kind(void **state)
{
    (void)state;
    static const struct {
        const char *argument, *file;
        enum options_plot kind;
    } rows[] = {
        {"a.svg", "a.svg", OPTIONS_PLOT_RANK},
        {"rank:a.svg", "a.svg", OPTIONS_PLOT_RANK},
        {"counts:a.svg", "a.svg", OPTIONS_PLOT_COUNTS},
        {"coverage:/b/a", "/b/a", OPTIONS_PLOT_COVERAGE},
        {"growth:rank:a", "rank:a", OPTIONS_PLOT_GROWTH},
        {"./rank:a", "./rank:a", OPTIONS_PLOT_RANK},
        {"b/c:a", "b/c:a", OPTIONS_PLOT_RANK},
        {"rank", "rank", OPTIONS_PLOT_RANK},
    };
    static const char *const wrong[] = {"zipf:a", "rank:", ":a", "ran:a",
                                        "rank-of-all-the-words:a"};
    for (size_t i = 0; i < LEN(rows); i++) {
        assert_int_equal(parse("--plot", rows[i].argument, "text", NULL), OPTIONS_RUN);
        assert_string_equal(options.plot, rows[i].file);
        assert_int_equal(options.plot_kind, rows[i].kind);
    }
    for (size_t i = 0; i < LEN(wrong); i++)
        assert_int_equal(parse("--plot", wrong[i], "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--plot", "zipf:a", "text", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text,
                        "--plot: 'zipf:a' is not a valid FILE or "
                        "rank|counts|coverage|growth:FILE");
    assert_int_equal(parse("--task=squares", "--plot=a", "text", NULL), OPTIONS_MISUSE);
    assert_string_equal(failure.text, "--plot and tasks: only one of them");
    assert_int_equal(parse("--task=squares", "--report=a", "text", NULL), OPTIONS_RUN);
}

static void an_option_that_chooses_an_extractor_is_kept_with_its_argument(void **state)
{
    (void)state;
    assert_int_equal(parse("text", NULL), OPTIONS_RUN);
    assert_true(!options.extractor && !options.skip_bad);
    assert_int_equal(parse("--jsonl", "a.b", "text", NULL), OPTIONS_RUN);
    assert_string_equal(options.extractor, "jsonl");
    assert_string_equal(options.extractor_argument, "a.b");
    assert_false(options.skip_bad);
    assert_int_equal(parse("--jsonl=a", "--skip-bad", "--jsonl=c", "text", NULL), OPTIONS_RUN);
    assert_string_equal(options.extractor_argument, "c");
    assert_null(options.other_extractor);
    assert_true(options.skip_bad);
    assert_int_equal(parse("--csv=a", "--separator=;", "text", NULL), OPTIONS_RUN);
    assert_string_equal(options.input_separator, ";");
    assert_null(options.separator);
    assert_int_equal(parse("--jsonl", "", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("text", "--jsonl", NULL), OPTIONS_MISUSE);
}

static void each_number_sets_its_field(void **state)
{
    (void)state;
    const struct {
        const char *name;
        const uint64_t *field;
    } rows[] = {
        {"--top=12", &options.top},
        {"--min-count=12", &options.min_count},
        {"--memory=12", &options.memory_bytes},
        {"--split-size=12", &options.split_bytes},
        {"--block-size=12", &options.block_bytes},
        {"--seed=12", &options.seed},
        {"--min-length=12", &options.rules.min_length},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        char zero[32];
        assert_int_equal(parse(rows[i].name, "text", NULL), OPTIONS_RUN);
        for (size_t j = 0; j < LEN(rows); j++)
            assert_int_equal(*rows[j].field == 12, j == i);
        snprintf(zero, sizeof zero, "%.*s=0", (int)strcspn(rows[i].name, "="), rows[i].name);
        assert_int_equal(parse(zero, "text", NULL), OPTIONS_MISUSE);
        assert_int_equal(failure.code, FAIL_USAGE);
    }
}

static void choices_are_the_ones_listed(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum options_input input;
    } rows[] = {{"auto", OPTIONS_INPUT_AUTO},
                {"shared", OPTIONS_INPUT_SHARED},
                {"root", OPTIONS_INPUT_ROOT}};
    for (size_t i = 0; i < LEN(rows); i++) {
        assert_int_equal(parse("--input", rows[i].text, "text", NULL), OPTIONS_RUN);
        assert_int_equal(options.input, rows[i].input);
    }
    assert_int_equal(parse("--input=Root", "text", NULL), OPTIONS_MISUSE);
    static const char *const wrong[] = {"",     "roo",          "auto|", "auto|shared",
                                        "hare", "shared|root|", "|"};
    for (size_t i = 0; i < LEN(wrong); i++)
        assert_int_equal(parse("--input", wrong[i], "text", NULL), OPTIONS_MISUSE);
    for (enum collect collect = COLLECT_ORDER; collect <= COLLECT_MAX; collect++) {
        assert_int_equal(parse("--task=squares", "--collect", collect_name(collect), "text", NULL),
                         OPTIONS_RUN);
        assert_int_equal(options.collect, collect);
    }
    assert_int_equal(parse("--shuffle=flat", "text", NULL), OPTIONS_RUN);
    assert_int_equal(options.shuffle, OPTIONS_SHUFFLE_FLAT);
    assert_int_equal(parse("--shuffle=host", "text", NULL), OPTIONS_RUN);
    assert_int_equal(options.shuffle, OPTIONS_SHUFFLE_HOST);
    assert_int_equal(parse("--verify=off", "text", NULL), OPTIONS_RUN);
    assert_false(options.verify);
    assert_int_equal(parse("--verify=on", "text", NULL), OPTIONS_RUN);
    assert_true(options.verify);
    assert_int_equal(parse("--verify=yes", "text", NULL), OPTIONS_MISUSE);
}

static void a_choice_may_be_left_to_the_program(void **state)
{
    (void)state;
    assert_int_equal(parse("text", NULL), OPTIONS_RUN);
    assert_int_equal(options.escape, ESCAPE_NONE);
    assert_int_equal(parse("--escape", "all", NULL), OPTIONS_RUN);
    assert_int_equal(options.escape, ESCAPE_CONTROL);
    assert_int_equal(options.files_len, 1); /* `all` is a file */
    assert_int_equal(parse("--escape=all", "--escape", "text", NULL), OPTIONS_RUN);
    assert_int_equal(options.escape, ESCAPE_CONTROL);
    assert_int_equal(parse("--escape=control", "text", NULL), OPTIONS_RUN);
    assert_int_equal(options.escape, ESCAPE_CONTROL);
    assert_int_equal(parse("--escape=all", "text", NULL), OPTIONS_RUN);
    assert_int_equal(options.escape, ESCAPE_ALL);
    static const char *const wrong[] = {"--escape=", "--escape=none", "--escape=all|"};
    for (size_t i = 0; i < LEN(wrong); i++) {
        assert_int_equal(parse(wrong[i], "text", NULL), OPTIONS_MISUSE);
        assert_non_null(strstr(failure.text, "is not a valid control|all"));
    }
}

static void seconds_may_be_fractions(void **state)
{
    (void)state;
    static const char *const bad[] = {"--progress=0",   "--progress=-1", "--progress=x",
                                      "--progress=",    "--progress=1x", "--progress=nan",
                                      "--progress=inf", "--progress=1e9"};
    assert_int_equal(parse("text", NULL), OPTIONS_RUN);
    assert_true(options.timeout_s > 599 && options.timeout_s < 601);
    assert_int_equal(parse("--timeout=0", "text", NULL), OPTIONS_RUN);
    assert_true(options.timeout_s <= 0);
    assert_int_equal(parse("--timeout=2.5", "text", NULL), OPTIONS_RUN);
    assert_true(options.timeout_s > 2.4 && options.timeout_s < 2.6);
    assert_int_equal(parse("--timeout=-1", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--timeout=nan", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--timeout=", "text", NULL), OPTIONS_MISUSE);
    assert_int_equal(parse("--progress", "5", NULL), OPTIONS_RUN);
    assert_true(options.progress_s > 0.999 && options.progress_s < 1.001);
    assert_int_equal(options.files_len, 1); /* the 5 is a file */
    assert_int_equal(parse("--progress=0.25", "text", NULL), OPTIONS_RUN);
    assert_true(options.progress_s > 0.249 && options.progress_s < 0.251);
    for (size_t i = 0; i < LEN(bad); i++)
        if (parse(bad[i], "text", NULL) != OPTIONS_MISUSE)
            fail_msg("%s is taken", bad[i]);
}

static void options_and_files_may_be_mixed(void **state)
{
    (void)state;
    assert_int_equal(parse("one", "-r", "two", "--top", "3", "-", NULL), OPTIONS_RUN);
    assert_true(options.recursive && options.top == 3);
    assert_int_equal(options.files_len, 3);
    assert_string_equal(options.files[0], "one");
    assert_string_equal(options.files[1], "two");
    assert_string_equal(options.files[2], "-");
    assert_int_equal(parse("-r", "--", "-r", "--top", NULL), OPTIONS_RUN);
    assert_int_equal(options.files_len, 2);
    assert_string_equal(options.files[0], "-r");
    assert_string_equal(options.files[1], "--top");
    assert_int_equal(parse("-rqv", "text", NULL), OPTIONS_RUN);
    assert_true(options.recursive && options.quiet && options.verbose);
}

/* Two lines on standard error depend on this one: it says what is wrong, by its name. */
static void misuse_says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *words[3], *said;
    } rows[] = {
        {{"--nonsense", "text"}, "--nonsense"},
        {{"text", "--nonsense"}, "--nonsense"},
        {{"text", "--output"}, "--output"},
        {{"text", "-o"}, "-o"},
        {{"--gather=yes", "text"}, "--gather=yes"},
        {{"-x", "text"}, "-x"},
        {{"text", "-x"}, "-x"},
        {{"-rxq", "text"}, "x"},
        {{"-xr", "text"}, "x"},
        {{"text", "-xr"}, "-x"},
        {{"--kernel=abacus", "text"}, "abacus"},
        {{"--count=letters", "text"}, "letters"},
        {{"--block-size=2G", "text"}, "--block-size"},
        {{"-0", "text"}, "-0"},
        {{"--skip-bad", "text"}, "--skip-bad needs"},
        {{"--jsonl=a..b", "text"}, "--jsonl: 'a..b' is not a path"},
        {{"--results=files", "text"}, "--results needs --task or --exec"},
        {{"-r"}, "no input"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        const char *const *words = rows[i].words;
        assert_int_equal(parse(words[0], words[1], words[2], NULL), OPTIONS_MISUSE);
        assert_int_equal(failure.code, FAIL_USAGE);
        if (!strstr(failure.text, rows[i].said) || strstr(failure.text, "/usr/bin"))
            fail_msg("%s %s: '%s' does not name '%s'", words[0], words[1] ? words[1] : "",
                     failure.text, rows[i].said);
    }
}

static void no_file_is_needed_for_the_topology_or_with_a_list(void **state)
{
    (void)state;
    assert_int_equal(parse("--topology", NULL), OPTIONS_RUN);
    assert_int_equal(options.files_len, 0);
    assert_int_equal(parse("--files-from=list", NULL), OPTIONS_RUN);
    assert_int_equal(parse(NULL, NULL), OPTIONS_MISUSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_options_the_defaults_hold),
        cmocka_unit_test(a_plan_is_of_a_count_and_shows_no_run),
        cmocka_unit_test(each_flag_sets_its_field),
        cmocka_unit_test(each_text_sets_its_field),
        cmocka_unit_test(a_plot_is_of_a_kind),
        cmocka_unit_test(an_option_that_chooses_an_extractor_is_kept_with_its_argument),
        cmocka_unit_test(each_number_sets_its_field),
        cmocka_unit_test(choices_are_the_ones_listed),
        cmocka_unit_test(a_choice_may_be_left_to_the_program),
        cmocka_unit_test(seconds_may_be_fractions),
        cmocka_unit_test(options_and_files_may_be_mixed),
        cmocka_unit_test(misuse_says_what_is_wrong),
        cmocka_unit_test(no_file_is_needed_for_the_topology_or_with_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
