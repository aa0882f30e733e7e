/* SPDX-License-Identifier: BSD-3-Clause */
/* The text at a path: examples by hand, and random documents, whole and damaged, against jansson.
 *
 * A random case is its number: WC_SEED is the first, WC_CASES how many. A case that fails says how
 * to run it again. */
#include "text/json.h"

#include "check.h"
#include "json_oracle.h"

#include <inttypes.h>
#include <stdio.h>

enum { CASES = 100000, CANARY = 0xa5 };

struct seen {
    enum json_state state;
    uint8_t text[JSON_RANDOM_ROOM + JSON_SLACK_BYTES + 1];
    size_t len;
    struct json_bad bad;
};

/* Looks at a record whose slack ends where memory ends and is full of one byte. */
static void look(struct seen *seen, const char *path, const void *bytes, size_t len, uint8_t slack)
{
    struct json_path parsed;
    uint8_t *end = edge_of_memory() - JSON_SLACK_BYTES;
    seen->bad = (struct json_bad){0};
    memset(end, slack, JSON_SLACK_BYTES);
    memcpy(end - len, bytes, len);
    seen->text[len + JSON_SLACK_BYTES] = CANARY;
    assert_true(json_path_parse(&parsed, path));
    seen->state = json_text(&parsed, end - len, len, seen->text, &seen->len, &seen->bad);
    assert_int_equal(seen->text[len + JSON_SLACK_BYTES], CANARY);
    assert_true(seen->state != JSON_BAD || (seen->bad.cause && seen->bad.at <= len));
    assert_true(seen->state != JSON_FOUND || seen->len <= len);
}

/* The slack must make no difference: quotes end strings, brackets values, backslashes, digits and
 * letters go on. */
static void look_with_all_slacks(struct seen *seen, const char *path, const void *bytes, size_t len)
{
    static const char slacks[] = "}\"\\0 ,el";
    static struct seen again;
    look(seen, path, bytes, len, 0);
    for (const char *slack = slacks; *slack != '\0'; slack++) {
        look(&again, path, bytes, len, (uint8_t)*slack);
        assert_int_equal(seen->state, again.state);
        assert_int_equal(seen->bad.at, again.bad.at);
        assert_ptr_equal(seen->bad.cause, again.bad.cause);
        if (seen->state == JSON_FOUND) {
            assert_int_equal(seen->len, again.len);
            assert_memory_equal(seen->text, again.text, seen->len);
        }
    }
}

static void paths_are_keys_with_dots_between_them(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",   ".",   "a.",   ".a",  "a..b",
        "\\", "a\\", "a\\b", "\\a", "0.1.2.3.4.5.6.7.8.9.a.b.c.d.e.f.g"};
    struct json_path path;
    for (size_t i = 0; i < LEN(wrong); i++)
        assert_false(json_path_parse(&path, wrong[i]));
    assert_true(json_path_parse(&path, "0.1.2.3.4.5.6.7.8.9.a.b.c.d.e.f"));
    assert_int_equal(path.len, JSON_PATH_KEYS);
    assert_true(json_path_parse(&path, "choices.007.a\\.b\\\\.1\\.5.99999999999999999999999"));
    static const struct json_step expected[] = {{NULL, 7, SIZE_MAX},
                                                {NULL, 3, 7},
                                                {NULL, 4, SIZE_MAX},
                                                {NULL, 3, SIZE_MAX},
                                                {NULL, 23, SIZE_MAX}};
    assert_int_equal(path.len, LEN(expected));
    for (size_t i = 0; i < path.len; i++) {
        assert_int_equal(path.steps[i].len, expected[i].len);
        assert_int_equal(path.steps[i].index, expected[i].index);
    }
}

/* A path, a record, and the text there; NULL is none. */
static const struct {
    const char *path, *record, *text;
} examples[] = {
    {"text", "{\"text\":\"abc\"}", "abc"},
    {"text", " \t\r\n{ \"id\" : 1 , \"text\" : \"abc\" } \r", "abc"},
    {"text", "{\"text\":\"\"}", ""},
    {"text", "{\"text\":\"a\\n\\\"\\u00e9\\ud83d\\ude00\\ud83d\"}", "a\n\"\u00e9\U0001f600\ufffd"},
    {"text", "{\"t\\u0065xt\":\"by an escape\"}", "by an escape"},
    {"text", "{\"tex\":\"1\",\"texts\":\"2\",\"Text\":\"3\",\"\":\"4\"}", NULL},
    {"text", "{}", NULL},
    {"text", "[]", NULL},
    {"text", "\"text\"", NULL},
    {"text", "-0.5e+3", NULL},
    {"text", "{\"text\":null}", NULL},
    {"text", "{\"text\":[\"abc\"]}", NULL},
    {"text", "{\"text\":{\"text\":\"deeper\"}}", NULL},
    {"text", "{\"a\":{\"text\":\"elsewhere\"},\"b\":[{\"text\":\"here\"}]}", NULL},
    {"text", "{\"a\":{\"text\":\"elsewhere\"},\"text\":\"here\"}", "here"},
    {"choices.0.message.content",
     "{\"choices\":[{\"message\":{\"content\":\"x\"}},{\"message\":{\"content\":\"y\"}}]}", "x"},
    {"choices.01.message.content",
     "{\"choices\":[{\"message\":{\"content\":\"x\"}},{\"message\":{\"content\":\"y\"}}]}", "y"},
    {"choices.2.message.content", "{\"choices\":[{\"message\":{\"content\":\"x\"}}]}", NULL},
    {"1", "[\"a\",\"b\",\"c\"]", "b"},
    {"1", "{\"0\":\"a\",\"1\":\"b\"}", "b"},
    {"01", "{\"1\":\"a\"}", NULL},
    {"a.1.0", "{\"a\":[[\"w\"],[\"x\",\"y\"],[\"z\"]]}", "x"},
    {"0.0", "[[\"x\"],[\"y\"]]", "x"},
    {"0.0", "[[],[\"y\"]]", NULL},
    {"a\\.b.c", "{\"a\":{\"b.c\":\"no\"},\"a.b\":{\"c\":\"yes\"}}", "yes"},
    {"a\\\\b", "{\"a\\\\b\":\"backslash\"}", "backslash"},
    {"\u00e9", "{\"\\u00E9\":\"x\"}", "x"},
    {"\u00e9", "{\"\u00e9\":\"x\"}", "x"},
    /* The last of two keys counts, however deep the difference. */
    {"a", "{\"a\":\"first\",\"a\":\"last\"}", "last"},
    {"a", "{\"a\":\"first\",\"a\":1}", NULL},
    {"a", "{\"a\":1,\"a\":\"last\"}", "last"},
    {"a", "{\"a\":\"first\",\"b\":\"other\"}", "first"},
    {"a", "{\"a\":\"first\",\"b\":{\"a\":2}}", "first"},
    {"a", "{\"a\":\"the longer one\",\"\\u0062\\u0061\\u0061\":0,\"\\u0061\":\"last\"}", "last"},
    {"a.b", "{\"a\":{\"b\":\"first\"},\"a\":{\"c\":\"last\"}}", NULL},
    {"a.b", "{\"a\":{\"b\":\"first\"},\"a\":7}", NULL},
    {"a.b", "{\"a\":{\"b\":\"first\"},\"a\":\"text\"}", NULL},
    {"a.b", "{\"a\":{\"b\":1,\"b\":\"inner\"},\"c\":{\"b\":2}}", "inner"},
    {"a.0", "{\"a\":[\"first\"],\"a\":[]}", NULL},
    {"a.0", "{\"a\":[1],\"a\":{\"0\":\"x\",\"\\u0030\":\"y\"}}", "y"},
};

static void the_string_at_the_path_is_found(void **state)
{
    (void)state;
    static struct seen seen;
    for (size_t i = 0; i < LEN(examples); i++) {
        const char *record = examples[i].record, *text = examples[i].text;
        look_with_all_slacks(&seen, examples[i].path, record, strlen(record));
        if (seen.state != (text ? JSON_FOUND : JSON_NONE))
            fail_msg("%s in %s: state %d", examples[i].path, record, seen.state);
        if (text && (seen.len != strlen(text) || memcmp(seen.text, text, seen.len) != 0))
            fail_msg("%s in %s: %.*s", examples[i].path, record, (int)seen.len, seen.text);
    }
}

#define ENDS "the record ends too early"
#define NO_VALUE "no value begins here"
#define NO_KEY "no key begins here"
#define NO_COLON "no colon behind a key"
#define NO_COMMA "neither a comma nor the closing bracket"
#define NO_DIGIT "no digit where a number needs one"
#define ZERO "a number begins with a needless 0"
#define MORE "something follows the value"

static const struct {
    const char *record, *cause;
    size_t at;
} wrongs[] = {
    {"", ENDS, 0},
    {" \t\r", ENDS, 3},
    {"{", ENDS, 1},
    {"[", ENDS, 1},
    {"[1", ENDS, 2},
    {"[1,", ENDS, 3},
    {"{\"a\"", ENDS, 4},
    {"{\"a\":", ENDS, 5},
    {"{\"a\":1,", ENDS, 7},
    {"{\"a", "the record ends within a string", 3},
    {"-", ENDS, 1},
    {"1.", ENDS, 2},
    {"1e", ENDS, 2},
    {"1e-", ENDS, 3},
    {"tru", NO_VALUE, 0},
    {"fals", NO_VALUE, 0},
    {"nul", NO_VALUE, 0},
    {"[nulL]", NO_VALUE, 1},
    {"[True]", NO_VALUE, 1},
    {"[NaN]", NO_VALUE, 1},
    {"[Infinity]", NO_VALUE, 1},
    {"[+1]", NO_VALUE, 1},
    {"[.5]", NO_VALUE, 1},
    {"['a']", NO_VALUE, 1},
    {"[,1]", NO_VALUE, 1},
    {"[1,]", NO_VALUE, 3},
    {"[1,,2]", NO_VALUE, 3},
    {"]", NO_VALUE, 0},
    {"\xef\xbb\xbf{}", NO_VALUE, 0},
    {"[\x0b]", NO_VALUE, 1},
    {"[-a]", NO_DIGIT, 2},
    {"[-.5]", NO_DIGIT, 2},
    {"[1.e5]", NO_DIGIT, 3},
    {"[1e+]", NO_DIGIT, 4},
    {"[01]", ZERO, 1},
    {"[-00.5]", ZERO, 2},
    {"[0x10]", NO_COMMA, 2},
    {"[1 2]", NO_COMMA, 3},
    {"[1}", NO_COMMA, 2},
    {"[1.5.5]", NO_COMMA, 4},
    {"[truefalse]", NO_COMMA, 5},
    {"{\"a\":1]", NO_COMMA, 6},
    {"{\"a\":1 \"b\":2}", NO_COMMA, 7},
    {"{]", NO_KEY, 1},
    {"{a:1}", NO_KEY, 1},
    {"{1:1}", NO_KEY, 1},
    {"{\"a\":1,}", NO_KEY, 7},
    {"{\"a\" 1}", NO_COLON, 5},
    {"{\"a\",1}", NO_COLON, 4},
    {"{\"a\"}", NO_COLON, 4},
    {"{\"a\"::1}", NO_VALUE, 5},
    {"{} {}", MORE, 3},
    {"{}}", MORE, 2},
    {"1 2", MORE, 2},
    {"\"a\"\"b\"", MORE, 3},
    {"nullx", MORE, 4},
    {"{\"text\":\"a\tb\"}", "a control character in a string", 10},
    {"{\"b\":\"a\\xb\"}", "no such escape", 7},
    {"{\"\\u12\":1}    ", "\\u without four hexadecimal digits", 2},
    /* All of it is checked, wherever the text was. */
    {"{\"text\":\"found\",\"b\":[tru]}", NO_VALUE, 21},
    {"{\"text\":\"found\"} .", MORE, 17},
};

static void what_is_no_json_is_said_with_its_place(void **state)
{
    (void)state;
    static struct seen seen;
    for (size_t i = 0; i < LEN(wrongs); i++) {
        look_with_all_slacks(&seen, "text", wrongs[i].record, strlen(wrongs[i].record));
        if (seen.state != JSON_BAD)
            fail_msg("%s is taken", wrongs[i].record);
        if (strcmp(seen.bad.cause, wrongs[i].cause) != 0 || seen.bad.at != wrongs[i].at)
            fail_msg("%s: %s at %zu", wrongs[i].record, seen.bad.cause, seen.bad.at);
    }
}

static void a_nul_is_a_byte_of_the_text_and_of_nothing_else(void **state)
{
    (void)state;
    static struct seen seen;
    look_with_all_slacks(&seen, "a", "{\"a\":\"x\\u0000y\"}", 16);
    assert_int_equal(seen.state, JSON_FOUND);
    assert_int_equal(seen.len, 3);
    assert_memory_equal(seen.text, "x\0y", 3);
    look_with_all_slacks(&seen, "a", "{\"a\\u0000\":\"x\"}", 15);
    assert_int_equal(seen.state, JSON_NONE);
    look_with_all_slacks(&seen, "a", "[1]\0", 4);
    assert_int_equal(seen.state, JSON_BAD);
    assert_int_equal(seen.bad.at, 3);
}

/* Brackets in each other, off the path and on it. */
static void depth_has_a_limit(void **state)
{
    (void)state;
    static struct seen seen;
    static char record[2 * JSON_DEPTH + 20];
    static const char *const paths[] = {"0", "1", "0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0"};
    for (size_t i = 0; i < LEN(paths); i++)
        for (size_t depth = JSON_DEPTH - 1; depth <= JSON_DEPTH + 1; depth++) {
            memset(record, '[', depth);
            memset(record + depth, ']', depth);
            look_with_all_slacks(&seen, paths[i], record, 2 * depth);
            assert_int_equal(seen.state, depth > JSON_DEPTH ? JSON_BAD : JSON_NONE);
            assert_int_equal(seen.bad.at, depth > JSON_DEPTH ? JSON_DEPTH : 0);
        }
    assert_string_equal(seen.bad.cause, "more than 1024 objects and arrays in each other");
}

/* Whether we and jansson see the same. */
static bool agree(const struct json_random *made, const struct seen *seen)
{
    struct json_oracle oracle = json_oracle(made);
    enum json_state expected = !oracle.root ? JSON_BAD : oracle.text ? JSON_FOUND : JSON_NONE;
    bool same = seen->state == expected
             && (expected != JSON_FOUND || json_oracle_same(&oracle, seen->text, seen->len));
    json_decref(oracle.root);
    return same;
}

static void check_case(struct seen *seen, const struct json_random *made, uint64_t number)
{
    look_with_all_slacks(seen, made->path, made->bytes, made->len);
    if (agree(made, seen))
        return;
    fprintf(stderr,
            "# %s in %.*s\n# again: WC_SEED=%" PRIu64 " WC_CASES=1 build/tests/unit/test_json\n",
            made->path, (int)made->len, made->bytes, number);
    fail_msg("case %" PRIu64 ": state %d, %s at %zu", number, seen->state,
             seen->bad.cause ? seen->bad.cause : "nothing", seen->bad.at);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    return getenv(name) ? strtoull(getenv(name), NULL, 10) : otherwise;
}

/* Every third case is whole. */
static void jansson_finds_the_same(void **state)
{
    (void)state;
    static struct json_random made;
    static struct seen seen;
    uint64_t first = from_environment("WC_SEED", 1), cases = from_environment("WC_CASES", CASES);
    uint64_t states[3] = {0};
    for (uint64_t number = first; number < first + cases; number++) {
        json_random_make(&made, number);
        if (number % 3)
            json_random_damage(&made);
        check_case(&seen, &made, number);
        states[seen.state]++;
        if (number % 3 == 0 && seen.state == JSON_BAD)
            fail_msg("case %" PRIu64 " is whole", number);
    }
    for (size_t i = 0; i < LEN(states); i++)
        if (cases >= CASES && states[i] < cases / 20)
            fail_msg("state %zu is seen in %" PRIu64 " cases only", i, states[i]);
}

static void jansson_takes_the_same_beginnings(void **state)
{
    (void)state;
    static struct json_random made;
    static struct seen seen;
    uint64_t first = from_environment("WC_SEED", 1), cases = from_environment("WC_CASES", CASES);
    for (uint64_t number = first; number < first + (cases + 999) / 1000; number++) {
        json_random_make(&made, number);
        for (size_t len = made.len; len-- > 0; made.len = len)
            check_case(&seen, &made, number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_are_keys_with_dots_between_them),
        cmocka_unit_test(the_string_at_the_path_is_found),
        cmocka_unit_test(what_is_no_json_is_said_with_its_place),
        cmocka_unit_test(a_nul_is_a_byte_of_the_text_and_of_nothing_else),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(jansson_finds_the_same),
        cmocka_unit_test(jansson_takes_the_same_beginnings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
