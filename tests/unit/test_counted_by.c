/* SPDX-License-Identifier: BSD-3-Clause */
/* Whatever says what a key is makes another line in the meta block; whatever does not makes none.
 */
#include "stage/counted_by.h"

#include "cli/options_row.h"
#include "env.h"

#include "folder.h"
#include "parsed.h"

static char said[2000];

/* What is said of the options that were parsed last. */
static const char *say(void)
{
    struct env env = {.options = options, .mem.limit_bytes = CHECK_LIMIT_BYTES};
    struct counts_meta meta = {0};
    if (!env_choose(&env) || !counted_by(&env, &meta) || !counted_by_part(&env, &meta))
        fail_msg("%s", env.fail.text);
    assert_in_range(meta.text.len, 1, sizeof said - 1);
    memcpy(said, meta.text.bytes, meta.text.len);
    said[meta.text.len] = '\0';
    counts_meta_free(&meta, &env.mem);
    rules_free(&env.rules);
    assert_int_equal(env.mem.used_bytes, 0);
    return said;
}

#define SAY(...) (assert_int_equal(parse(__VA_ARGS__, "text", NULL), OPTIONS_RUN), say())

/* Without the versions of libraries, which differ. */
static const char *say_rules(void)
{
    char *edition = strstr(said, "edition=libunistring ");
    assert_non_null(edition);
    const char *end = strchr(edition, '\n') + 1;
    memmove(edition, end, strlen(end) + 1);
    return said;
}

static void what_a_key_is_is_said(void **state)
{
    (void)state;
    assert_string_equal(SAY("-q"), "count=words\n");
    assert_string_equal(SAY("--count=field:2:\\x09"), "count=field:2:\\\\x09\n");
    assert_string_equal(SAY("--count=field:1,3-", "--crlf"), "count=field:1,3-\ncrlf=yes\n");
    assert_string_equal(SAY("--count=lines", "-z"), "count=lines\nzero-terminated=yes\n");
    assert_string_equal(SAY("--jsonl", "a.b"), "count=words\nextract=jsonl:a.b\n");
    assert_string_equal(SAY("--warc"), "count=words\nextract=warc:\n");
    assert_string_equal(SAY("--csv", "3"), "count=words\nextract=csv:3\nseparator=\\x2c\n");
    assert_string_equal(SAY("--csv", "3", "--separator", ";"),
                        "count=words\nextract=csv:3\nseparator=\\x3b\n");
    SAY("--fold", "--nfc", "--words=space");
    assert_string_equal(say_rules(), "case=fold\ncount=words\nform=nfc\n");
    SAY("--lower", "--nfkc", "--strip", "--min-length", "3", "--words", "regex:[\\w]+");
    assert_string_equal(say_rules(),
                        "case=lower\ncount=words\nform=nfkc\nmin-length=3\n"
                        "strip=yes\nwords=regex:[\\\\w]+\n");
    assert_string_equal(SAY("--min-count", "5", "--top", "1"), "count=words\nmin-count=5\ntop=1\n");
}

static void lists_are_known_by_their_words(void **state)
{
    (void)state;
    char first[100];
    assert_true(folder_make());
    const char *a = folder_put("a", "of\nthe\n", 7), *b = folder_put("b", "the\nof", 6),
               *c = folder_put("c", "the\non\n", 7);
    SAY("--stop", a);
    snprintf(first, sizeof first, "%s", say_rules());
    assert_memory_equal(first, "count=words\nstop=2-", 19);
    SAY("--stop", b);
    assert_string_equal(say_rules(), first);
    SAY("--stop", c);
    assert_string_not_equal(say_rules(), first);
    SAY("--vocabulary", a);
    assert_memory_equal(say_rules(), "count=words\nvocabulary=2-", 25);
    folder_remove();
}

static void how_it_is_counted_is_not_said(void **state)
{
    (void)state;
    static const char *const others[] = {"-r",
                                         "-v",
                                         "--combine=off",
                                         "--memory=1G",
                                         "--seed=3",
                                         "--block-size=64K",
                                         "--gather",
                                         "--sort=key",
                                         "--format=csv",
                                         "--min-count=1",
                                         "--pre=cat {}",
                                         "--input=root"};
    for (size_t i = 0; i < LEN(others); i++)
        assert_string_equal(SAY(others[i]), "count=words\n");
}

/* The two lists below have all options: a new one is in the first if it says what a key is, and
 * then in counted_by.c, too. */
static void each_option_is_on_one_side(void **state)
{
    (void)state;
    static const char *const say[] = {
        "count",     "crlf",  "zero-terminated", "words", "lower",      "fold",  "nfc",
        "nfkc",      "strip", "min-length",      "stop",  "vocabulary", "jsonl", "warc",
        "warc-type", "csv",   "separator",       "top",   "min-count"};
    static const char *const do_not[] = {"output",
                                         "recursive",
                                         "files-from",
                                         "null",
                                         "skip-header",
                                         "sort",
                                         "format",
                                         "columns",
                                         "header",
                                         "output-separator",
                                         "count-of-counts",
                                         "escape",
                                         "memory",
                                         "checkpoint",
                                         "checkpoint-every",
                                         "compare",
                                         "schedule",
                                         "input",
                                         "input-format",
                                         "pre",
                                         "skip-bad",
                                         "shuffle",
                                         "combine",
                                         "gather",
                                         "split-size",
                                         "block-size",
                                         "verify",
                                         "kernel",
                                         "seed",
                                         "topology",
                                         "stats",
                                         "json",
                                         "report",
                                         "plot",
                                         "progress",
                                         "no-progress",
                                         "timeout",
                                         "status",
                                         "watch",
                                         "quiet",
                                         "verbose",
                                         "task",
                                         "exec",
                                         "follow",
                                         "range",
                                         "collect",
                                         "journal",
                                         "mended",
                                         "log",
                                         "results",
                                         "raw",
                                         "unordered",
                                         "scratch",
                                         "scratch-limit",
                                         "plan",
                                         "retries",
                                         "task-timeout",
                                         "task-memory",
                                         "task-cores",
                                         "max-failures",
                                         "fail-fast",
                                         "shell",
                                         "chdir",
                                         "colsep",
                                         "env",
                                         "task-arguments",
                                         "delay",
                                         "isolate",
                                         "spool",
                                         "idle",
                                         "only",
                                         "submit",
                                         "wait",
                                         "list",
                                         "cancel",
                                         "close",
                                         "info",
                                         "check",
                                         "join",
                                         "lookup",
                                         "lookup-from",
                                         "count-first",
                                         "help",
                                         "version"};
    for (size_t i = 0; i < options_rows_len; i++) {
        int found = 0;
        for (size_t k = 0; k < LEN(say); k++)
            found += strcmp(say[k], options_rows[i].name) == 0;
        for (size_t k = 0; k < LEN(do_not); k++)
            found += strcmp(do_not[k], options_rows[i].name) == 0;
        if (found != 1)
            fail_msg("--%s: does it say what a key is?", options_rows[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_key_is_is_said),
        cmocka_unit_test(lists_are_known_by_their_words),
        cmocka_unit_test(each_option_is_on_one_side),
        cmocka_unit_test(how_it_is_counted_is_not_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
