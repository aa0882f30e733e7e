/* SPDX-License-Identifier: BSD-3-Clause */
/* What is counted, from what the user names. */
#include "cli/options.h"
#include "kind.h"

#include "check.h"

/* How a kind cuts this text: the keys with a space behind each. */
static const char *keys_of(const struct kind *kind, const char *text)
{
    static char keys[200];
    static uint8_t bytes[WINDOW_SLACK_BYTES + 200];
    static uint32_t edges[SCAN_MAX_EDGES];
    const size_t len = strlen(text);
    struct block block = {bytes, 1, 1 + len, 1 + len, .starts_file = true, .ends_file = true};
    struct cut cut;
    memcpy(bytes + 1, text, len);
    kind->mapper.cut(&kind->mapper, &block, scan_choose("swar"), edges, &cut);
    char *at = keys;
    for (size_t i = 0; i < cut.batch.len; i++) {
        const size_t key = edges[2 * i + 1] - edges[2 * i];
        memcpy(at, cut.batch.base + edges[2 * i], key);
        at[key] = ' ';
        at += key + 1;
    }
    *at = '\0';
    return keys;
}

static void a_name_and_its_argument_choose_how_text_is_cut(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name, *keys;
    } cases[] = {
        {"words", "words", "a,b c,d e "}, {"lines", "lines", "a,b c,d e "},
        {"field:1", "field", "a,b "},     {"field:2", "field", "c,d "},
        {"field:2:,", "field", "b c "},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        struct kind kind;
        assert_true(kind_choose(cases[i].text, &kind));
        assert_string_equal(kind.name, cases[i].name);
        assert_string_equal(kind.value->name, "count");
        assert_string_equal(kind.format.name, "tsv");
        assert_string_equal(keys_of(&kind, "a,b c,d e"), cases[i].keys);
    }
}

static void what_is_no_kind_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",       "word",    "wordss",     "words:",   "lines:1", "field",
        "field:", "field:0", "field:1,,2", "field:-1", "tasks",   ":"};
    for (size_t i = 0; i < LEN(texts); i++) {
        struct kind kind;
        assert_false(kind_choose(texts[i], &kind));
    }
}

static void options_choose_kind_and_format(void **state)
{
    (void)state;
    struct fail fail = {0};
    struct kind kind;
    struct options options = {.count = "field:2", .format = "csv", .columns = "count,word"};
    assert_true(kind_of_options(&options, &kind, &fail));
    assert_string_equal(kind.noun, "field");
    assert_string_equal(kind.format.name, "csv");
    assert_string_equal(kind.format.noun, "field");
    assert_int_equal(kind.format.columns_len, 2);
    assert_false(kind_extracts(&kind));
    options = (struct options){.task = "squares", .count = "words"};
    assert_true(kind_of_options(&options, &kind, &fail));
    assert_string_equal(kind.name, "tasks");
    assert_string_equal(kind.value->name, "outcome");
    assert_string_equal(kind.format.name, "results");
    assert_false(kind_extracts(&kind));
    options = (struct options){
        .count = "lines", .extractor = "jsonl", .extractor_argument = "text", .skip_bad = true};
    assert_true(kind_of_options(&options, &kind, &fail));
    assert_string_equal(kind.name, "lines");
    assert_true(kind_extracts(&kind) && kind.extractor.skip_bad);
    assert_string_equal(kind.extractor.argument, "text");
    options = (struct options){.count = "words", .extractor = "csv", .extractor_argument = "text"};
    assert_true(kind_of_options(&options, &kind, &fail));
    assert_int_equal(kind.extractor.separator, ',');
    options.input_separator = "\\t";
    assert_true(kind_of_options(&options, &kind, &fail));
    assert_int_equal(kind.extractor.separator, '\t');
}

static void what_does_not_go_together_is_named(void **state)
{
    (void)state;
    static const struct {
        struct options options;
        const char *text;
    } cases[] = {
        {{.count = "letters"}, "--count: 'letters' is none of"},
        {{.count = "words", .format = "xml"}, "--format: 'xml' is none of tsv, csv, jsonl, counts"},
        {{.count = "words", .columns = "word,word"}, "--columns: 'word,word' is no list"},
        {{.count = "words", .format = "jsonl", .header = true}, "--header: --format=jsonl"},
        {{.count = "words", .format = "csv", .escape = ESCAPE_CONTROL}, "--escape: --format=csv"},
        {{.count = "words", .separator = "ab"}, "--output-separator: 'ab' is not one byte"},
        {{.count = "words", .task = "squares", .header = true}, "not for tasks"},
        {{.count = "words", .skip_bad = true}, "--skip-bad needs an option"},
        {{.count = "words", .input_separator = ";"}, "--separator: only with --csv"},
        {{.count = "words", .extractor = "csv", .extractor_argument = "1", .input_separator = "\""},
         "--separator: '\"' is not one byte, or is a quote"},
        {{.count = "words", .extractor = "jsonl", .extractor_argument = "."},
         "--jsonl: '.' is not a path"},
        {{.count = "words", .exec = "true", .extractor = "jsonl", .extractor_argument = "text"},
         "--jsonl: not for tasks"},
        {{.count = "words",
          .extractor = "jsonl",
          .extractor_argument = "text",
          .other_extractor = "other"},
         "--other and --jsonl: only one of them"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        struct fail fail = {0};
        struct kind kind;
        assert_false(kind_of_options(&cases[i].options, &kind, &fail));
        assert_int_equal(fail.code, FAIL_USAGE);
        assert_non_null(strstr(fail.text, cases[i].text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_and_its_argument_choose_how_text_is_cut),
        cmocka_unit_test(what_is_no_kind_is_refused),
        cmocka_unit_test(options_choose_kind_and_format),
        cmocka_unit_test(what_does_not_go_together_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
