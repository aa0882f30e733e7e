/* SPDX-License-Identifier: BSD-3-Clause */
/* The command that is suggested, and whether a shell would give the program what is meant. */
#include "stage/suggestion.h"

#include "check.h"

static struct mem mem = {.limit_bytes = 1 << 20};
static struct fail failure;

static void check(const char *expected, const struct suggestion *suggestion,
                  const char *const *arguments)
{
    struct options options = {.arguments = (char *const *)(uintptr_t)arguments};
    struct buffer text = {0};
    while (arguments[options.arguments_len])
        options.arguments_len++;
    assert_true(suggestion_make(suggestion, &options, &text, &mem, &failure));
    assert_string_equal((char *)text.bytes, expected);
    buffer_free(&text, &mem);
}

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct suggestion alone = {1, 20 << 20, false}, four = {4, 32 << 20, false},
                               spilling = {2, 16 << 20, true};

static void what_is_about_the_plan_goes_and_the_rest_stays(void **state)
{
    (void)state;
    check("wc --memory=20M text", &alone, ARGUMENTS("wc", "--plan", "text"));
    check("./wc --memory=20M -r a b", &alone, ARGUMENTS("./wc", "--plan=3M", "-r", "a", "b"));
    check("mpirun -n 4 wc --memory=32M -o counts.tsv text", &four,
          ARGUMENTS("wc", "--memory", "1G", "-o", "counts.tsv", "--plan", "text"));
    check("mpirun -n 4 wc --memory=32M --jsonl text a", &four,
          ARGUMENTS("wc", "--json", "plan.json", "--jsonl", "text", "--memory=1G", "--pla", "a"));
    check("mpirun -n 2 wc --memory=16M --scratch=DIR text", &spilling,
          ARGUMENTS("wc", "--plan", "--json=x", "text"));
}

static void names_may_be_any(void **state)
{
    (void)state;
    check("wc --memory=20M -- --plan --memory=1", &alone,
          ARGUMENTS("wc", "--plan", "--", "--plan", "--memory=1"));
    check("wc --memory=20M 'a b' '$x' 'it'\\''s' '' '*'", &alone,
          ARGUMENTS("wc", "--plan", "a b", "$x", "it's", "", "*"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_about_the_plan_goes_and_the_rest_stays),
        cmocka_unit_test(names_may_be_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
