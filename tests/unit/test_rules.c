/* SPDX-License-Identifier: BSD-3-Clause */
/* Rules: the words that a chunk becomes, by examples; whatever the bytes are, none is lost. */
#include "ruled.h"

#include "rules/lettercase.h"
#include "rules/normal.h"
#include "rules/strip.h"

#include <ctype.h>

#define OPTIONS(...) ((struct rules_options){__VA_ARGS__})

static void a_word_keeps_its_bytes_unless_a_rule_says_otherwise(void **state)
{
    ruled_expect(*state, OPTIONS(0), "(Don't)", "(Don't)");
    ruled_expect(*state, OPTIONS(.words = "space"), "Ｓtraße…", "Ｓtraße…");
}

static void case_and_normal_form_are_pythons(void **state)
{
    ruled_expect(*state, OPTIONS(.lower = true), "STRASSE", "strasse");
    ruled_expect(*state, OPTIONS(.lower = true), "Straße", "straße");
    ruled_expect(*state, OPTIONS(.fold = true), "Straße", "strasse");
    ruled_expect(*state, OPTIONS(.lower = true), "ΌΔΟΣ", "όδος");
    ruled_expect(*state, OPTIONS(.lower = true), "ΣΑΣ-ΣΑΣ.", "σας-σας.");
    ruled_expect(*state, OPTIONS(.lower = true), "ʰΣ", "ʰσ");
    ruled_expect(*state, OPTIONS(.fold = true), "ΌΔΟΣ", "όδοσ");
    ruled_expect(*state, OPTIONS(.lower = true), "İ", "i\u0307");
    ruled_expect(*state, OPTIONS(.nfc = true), "e\u0301a", "\u00e9a");
    ruled_expect(*state, OPTIONS(.nfc = true), "\u00e9\ufb01", "\u00e9\ufb01");
    ruled_expect(*state, OPTIONS(.nfkc = true), "\u00e9\ufb01", "\u00e9fi");
    ruled_expect(*state, OPTIONS(.fold = true, .nfc = true), "\u0390", "\u0390");
    ruled_expect(*state, OPTIONS(.fold = true, .nfkc = true), "\u2121\U0001d400", "tela");
}

static void a_blank_that_a_normal_form_makes_parts_words(void **state)
{
    ruled_expect(*state, OPTIONS(.nfkc = true), "a\u3000b\u00a0", "a|b");
    ruled_expect(*state, OPTIONS(.nfc = true), "a\u3000b", "a\u3000b");
}

static void unicode_words_have_a_letter_or_a_number(void **state)
{
    const struct rules_options unicode = {.words = "unicode"};
    ruled_expect(*state, unicode, "(Don't!)", "Don't");
    ruled_expect(*state, unicode, "well-known,3.14,a_b:__:c", "well|known|3.14|a_b|c");
    ruled_expect(*state, unicode, "«L’été»—½", "L’été|½");
    ruled_expect(*state, unicode, "…—!", "");
    ruled_expect(*state, unicode, "日本カタカナ", "日|本|カタカナ");
    ruled_expect(*state, OPTIONS(.words = "unicode", .fold = true), "Die-Straße", "die|strasse");
}

static void patterns_find_all_matches_that_are_not_empty(void **state)
{
    ruled_expect(*state, OPTIONS(.words = "regex:\\w+", .lower = true), "(L'ÉTÉ_3)", "l|été_3");
    ruled_expect(*state, OPTIONS(.words = "regex:a*"), "baac", "aa");
    ruled_expect(*state, OPTIONS(.words = "regex:\\w\\K\\w"), "abcd", "b|d");
    ruled_expect(*state, OPTIONS(.words = "regex:x"), "abc", "");
    ruled_expect(*state, OPTIONS(.words = "regex:(?i)É:"), "é:É:", "é:|É:");
}

static void splits_of_models_keep_the_blank_before_a_word(void **state)
{
    ruled_expect(*state, OPTIONS(.words = "gpt2"), "  It's 1234,\n", " | It|'s| 1234|,|\n");
    ruled_expect(*state, OPTIONS(.words = "cl100k"), "  IT'S 1234,\n", " | IT|'S| |123|4|,\n");
    ruled_expect(*state, OPTIONS(.words = "o200k"), " HelloWorld's ./\n/x",
                 " Hello|World's| ./\n/|x");
    ruled_expect(*state, OPTIONS(.words = "gpt2"), "a\u180eb\u3000 c", "a|\u180e|b|\u3000| c");
}

static void marks_leave_the_ends_of_a_word(void **state)
{
    const struct rules_options strip = {.strip = true};
    ruled_expect(*state, strip, "\"(well-known)!\"", "well-known");
    ruled_expect(*state, strip, "«d'été»…", "d'été");
    ruled_expect(*state, strip, "$5+", "5");
    ruled_expect(*state, strip, "--", "");
    ruled_expect(*state, strip, "—", "");
    ruled_expect(*state, OPTIONS(.words = "regex:\\S{2}", .strip = true), "a,b,,,", "a|b");
}

static void short_words_are_dropped_by_characters_not_bytes(void **state)
{
    ruled_expect(*state, OPTIONS(.min_length = 3), "ab", "");
    ruled_expect(*state, OPTIONS(.min_length = 3), "abc", "abc");
    ruled_expect(*state, OPTIONS(.min_length = 3), "éé", "");
    ruled_expect(*state, OPTIONS(.min_length = 3), "日本語", "日本語");
    ruled_expect(*state, OPTIONS(.min_length = UINT64_MAX), "abc", "");
    ruled_expect(*state, OPTIONS(.min_length = 3, .strip = true), "(ab)", "");
}

static void what_is_not_utf8_stays_one_word(void **state)
{
    struct world *world = *state;
    static const char *const chunks[] = {"caf\xe9", "(A\xff)", "\xed\xa0\x80", "\xc0\x80x",
                                         "ab\xe2\x82"};
    const struct rules_options options = {
        .words = "unicode", .lower = true, .strip = true, .nfc = true, .min_length = 20};
    for (size_t i = 0; i < LEN(chunks); i++)
        ruled_expect(world, options, chunks[i], chunks[i]);
    struct rules rules;
    static struct ruled ruled;
    ruled_init(&rules, &options, &world->mem);
    ruled_apply(&rules, "\xff", 1, &ruled);
    assert_true(rules.invalid);
    ruled_apply(&rules, "é", 2, &ruled);
    assert_false(rules.invalid);
    rules_free(&rules);
}

static void refused(struct world *world, struct rules_options options, int code, const char *part)
{
    struct rules rules;
    struct fail fail = {0};
    assert_false(rules_init(&rules, &options, &world->mem, &fail));
    rules_free(&rules);
    assert_int_equal(fail.code, code);
    if (!strstr(fail.text, part))
        fail_msg("'%s' does not say '%s'", fail.text, part);
}

static void what_cannot_be_is_refused(void **state)
{
    struct world *world = *state;
    refused(world, OPTIONS(.words = "wrds"), FAIL_USAGE,
            "'wrds' is none of space, unicode, regex:PATTERN, gpt2, cl100k, o200k");
    refused(world, OPTIONS(.words = "regex"), FAIL_USAGE, "none of");
    refused(world, OPTIONS(.words = "unicode:x"), FAIL_USAGE, "none of");
    refused(world, OPTIONS(.words = "regex:a(b"), FAIL_USAGE, "offset 3");
    refused(world, OPTIONS(.words = "regex:a\xff"), FAIL_USAGE, "UTF-8");
    refused(world, OPTIONS(.words = "regex:\\C"), FAIL_USAGE, "\\C");
    refused(world, OPTIONS(.fold = true, .lower = true), FAIL_USAGE, "--fold");
    refused(world, OPTIONS(.nfc = true, .nfkc = true), FAIL_USAGE, "--nfkc");
    refused(world, OPTIONS(.words = "gpt2", .strip = true), FAIL_USAGE, "--strip");
    refused(world, OPTIONS(.stop_file = "/nowhere/list"), FAIL_INPUT, "/nowhere/list: No such");
    refused(world, OPTIONS(.stop_file = "/"), FAIL_INPUT, "directory");
}

static bool refuse(void *context, const uint8_t *word, size_t len)
{
    (void)word, (void)len;
    return ++*(int *)context < 2;
}

static void who_takes_words_may_end_it(void **state)
{
    struct world *world = *state;
    static const char *const ways[] = {"unicode", "regex:\\w", "gpt2"};
    for (size_t i = 0; i < LEN(ways); i++) {
        struct rules rules;
        int calls = 0;
        ruled_init(&rules, &OPTIONS(.words = ways[i]), &world->mem);
        assert_false(
            rules_apply(&rules, (const uint8_t *)"a,b,c", 5, refuse, &calls, &world->fail));
        assert_int_equal(calls, 2);
        assert_int_equal(world->fail.code, FAIL_NONE);
        rules_free(&rules);
    }
}

static void rules_say_what_they_are(void **state)
{
    struct world *world = *state;
    struct rules rules;
    char text[512];
    ruled_init(&rules, &OPTIONS(.words = "unicode", .lower = true, .nfc = true, .min_length = 2),
               &world->mem);
    rules_describe(&rules, text, sizeof text);
    print_message("# %s\n", text);
    static const char start[] = "unicode, lower, nfc, at least 2 characters; libunistring ";
    assert_memory_equal(text, start, sizeof start - 1);
    rules_free(&rules);
    assert_true(rules_idle(&OPTIONS(.words = "space", .min_length = 1)));
    assert_false(rules_idle(&OPTIONS(.nfc = true)));
    assert_false(rules_idle(&OPTIONS(.words = "unicode")));
}

/* Every ASCII byte is stripped or not as the general categories say, and cased as the library does.
 */
static void ascii_is_mapped_as_all_text_is(void **state)
{
    struct world *world = *state;
    struct lettercase lower = {.kind = LETTERCASE_LOWER}, fold = {.kind = LETTERCASE_FOLD};
    struct buffer to = {0};
    uint8_t all[128], mapped[128];
    for (size_t i = 0; i < sizeof all; i++)
        all[i] = (uint8_t)i;
    lettercase_map_ascii(mapped, all, sizeof all);
    assert_true(lettercase_map(&lower, &world->mem, all, sizeof all, &to, &world->fail));
    assert_memory_equal(mapped, to.bytes, sizeof all);
    assert_true(lettercase_map(&fold, &world->mem, all, sizeof all, &to, &world->fail));
    assert_memory_equal(mapped, to.bytes, sizeof all);
    for (int form = NORMAL_NFC; form <= NORMAL_NFKC; form++) {
        assert_true(
            normal_map((enum normal_form)form, &world->mem, all, sizeof all, &to, &world->fail));
        assert_int_equal(to.len, sizeof all);
        assert_memory_equal(all, to.bytes, sizeof all);
    }
    for (size_t i = 0; i < sizeof all; i++)
        assert_int_equal(strip_ends(all + i, 1).len == 0, ispunct(all[i]) != 0);
    lettercase_free(&lower, &world->mem);
    buffer_free(&to, &world->mem);
}

/* Bytes of all kinds: pieces of UTF-8, and what only looks like it. */
static size_t draw_bytes(struct seeded *seeded, uint8_t *bytes, size_t most)
{
    static const uint32_t characters[] = {'a',    'Z',    '0',   '_',    '\'',    '.',
                                          '-',    0xe9,   0x301, 0x3a3,  0x130,   0x1e9e,
                                          0xfdfa, 0xfb03, 0x5d0, 0x200d, 0x1f600, 0x10ffff};
    size_t len = 0;
    const size_t pieces = 1 + seeded_below(seeded, most / 4);
    const bool valid = seeded_below(seeded, 2);
    for (size_t i = 0; i < pieces; i++) {
        if (!valid && seeded_below(seeded, 8) == 0)
            bytes[len++] = (uint8_t)(0x80 + seeded_below(seeded, 0x80));
        else
            len += ruled_draw(seeded, characters, LEN(characters), bytes + len);
    }
    return len;
}

/* With a pattern that matches everything, all of a chunk is in its words. */
static void no_byte_is_lost_whatever_they_are(void **state)
{
    struct world *world = *state;
    static const char *const ways[] = {"space", "unicode", "regex:\\w+|\\W",
                                       "gpt2",  "cl100k",  "o200k"};
    struct seeded seeded = {42};
    for (size_t way = 0; way < LEN(ways); way++)
        for (int kind = 0; kind < 4; kind++) {
            const struct rules_options options = {.words = ways[way],
                                                  .lower = kind == 1,
                                                  .fold = kind == 2,
                                                  .nfc = kind == 2,
                                                  .nfkc = kind == 3};
            struct rules rules;
            ruled_init(&rules, &options, &world->mem);
            for (int i = 0; i < 2000; i++) {
                static struct ruled ruled;
                uint8_t bytes[256];
                const size_t len = draw_bytes(&seeded, bytes, 64);
                uint8_t *exact = malloc(len); /* a sanitizer sees a read beyond it */
                assert_non_null(exact);
                memcpy(exact, bytes, len);
                ruled_clear(&ruled);
                ruled_apply(&rules, exact, len, &ruled);
                free(exact);
                if (rules.invalid) {
                    assert_int_equal(ruled.len, len);
                    assert_memory_equal(ruled.text, bytes, len);
                } else if (kind == 0 && way != 1) {
                    size_t kept = 0;
                    for (size_t j = 0; j < ruled.len; j++)
                        if (ruled.text[j] != '|')
                            assert_int_equal((uint8_t)ruled.text[j], bytes[kept++]);
                    assert_int_equal(kept, len);
                }
            }
            rules_free(&rules);
        }
}

/* What a long chunk becomes does not fit the room that is made for most. */
static void a_long_chunk_may_become_eleven_times_as_long(void **state)
{
    struct world *world = *state;
    enum { TIMES = 50000 };
    static uint8_t chunk[3 * TIMES];
    for (size_t i = 0; i < TIMES; i++)
        ruled_write(0xfdfa, chunk + 3 * i);
    struct rules rules;
    int calls = 0;
    ruled_init(&rules, &OPTIONS(.words = "regex:[^|]+", .nfkc = true), &world->mem);
    assert_true(rules_apply(&rules, chunk, sizeof chunk, refuse, &calls, &world->fail));
    assert_int_equal(calls, 1);
    assert_int_equal(rules.work[0].len, 33 * TIMES);
    rules_free(&rules);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(a_word_keeps_its_bytes_unless_a_rule_says_otherwise),
        world_test(case_and_normal_form_are_pythons),
        world_test(a_blank_that_a_normal_form_makes_parts_words),
        world_test(unicode_words_have_a_letter_or_a_number),
        world_test(patterns_find_all_matches_that_are_not_empty),
        world_test(splits_of_models_keep_the_blank_before_a_word),
        world_test(marks_leave_the_ends_of_a_word),
        world_test(short_words_are_dropped_by_characters_not_bytes),
        world_test(what_is_not_utf8_stays_one_word),
        world_test(what_cannot_be_is_refused),
        world_test(who_takes_words_may_end_it),
        world_test(rules_say_what_they_are),
        world_test(ascii_is_mapped_as_all_text_is),
        world_test(no_byte_is_lost_whatever_they_are),
        world_test(a_long_chunk_may_become_eleven_times_as_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
