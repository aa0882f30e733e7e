/* SPDX-License-Identifier: BSD-3-Clause */
/* Patterns: one that would not come to an end is an error and not a hang; and a text that is parted
 * where the splits of models allow it has the words of its parts. */
#include "ruled.h"

#include "text/scan.h"

#include <stdio.h>

static void a_pattern_that_goes_back_without_end_is_an_error(void **state)
{
    struct world *world = *state;
    static const char *const patterns[] = {"regex:(a+)+[bc]", "regex:(?:a|a)*[bc]",
                                           "regex:(*NO_JIT)(a+)+[bc]"};
    for (size_t i = 0; i < LEN(patterns); i++) {
        static struct ruled ruled;
        struct rules rules;
        struct fail fail = {0};
        uint8_t chunk[64];
        memset(chunk, 'a', sizeof chunk);
        ruled_init(&rules, &(struct rules_options){.words = patterns[i]}, &world->mem);
        ruled_clear(&ruled);
        assert_false(rules_apply(&rules, chunk, sizeof chunk, ruled_add, &ruled, &fail));
        assert_int_equal(fail.code, FAIL_MEMORY);
        assert_non_null(strstr(fail.text, "gives up in a chunk of 64 bytes"));
        rules_free(&rules);
    }
}

static bool count(void *context, const uint8_t *word, size_t len)
{
    (void)word;
    *(size_t *)context += len;
    return true;
}

static void a_pattern_may_remember_much_of_a_long_chunk(void **state)
{
    struct world *world = *state;
    enum { LONG = 1000000 };
    static uint8_t chunk[LONG];
    struct rules rules;
    size_t bytes = 0;
    memset(chunk, 'a', sizeof chunk);
    ruled_init(&rules, &(struct rules_options){.words = "regex:(?:a|b)+"}, &world->mem);
    if (!rules_apply(&rules, chunk, sizeof chunk, count, &bytes, &world->fail))
        fail_msg("%s", world->fail.text);
    assert_int_equal(bytes, LONG);
    rules_free(&rules);
}

/* At each place of the text it goes to the end of it in vain. */
static void a_pattern_that_takes_the_square_of_a_long_chunk_is_an_error(void **state)
{
    struct world *world = *state;
    enum { LONG = 100000 };
    static uint8_t chunk[LONG];
    struct rules rules;
    size_t bytes = 0;
    memset(chunk, 'a', sizeof chunk);
    ruled_init(&rules, &(struct rules_options){.words = "regex:(?:a|b)+[xy]"}, &world->mem);
    assert_false(rules_apply(&rules, chunk, sizeof chunk, count, &bytes, &world->fail));
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    rules_free(&rules);
}

/* Words of each length, with gaps of each length, cheap and dear ones. */
static void long_chunks_of_many_words_are_searched_to_their_end(void **state)
{
    struct world *world = *state;
    enum { WORDS = 3000 };
    static uint8_t chunk[1 << 20];
    static const char *const patterns[] = {"regex:(?:a|é)+", "regex:(?:a|é)++", "regex:[aé]+",
                                           "regex:(*NO_JIT)(?:a|é)+"};
    size_t len = 0, wanted = 0;
    for (size_t i = 1; i <= WORDS; i += i / 40 + 1) {
        assert_true(len + WORDS + 4 < sizeof chunk);
        len += (size_t)sprintf((char *)chunk + len, "é");
        memset(chunk + len, 'a', i);
        wanted += 2 + i;
        len += i;
        memset(chunk + len, '-', WORDS - i + 1);
        len += WORDS - i + 1;
    }
    for (size_t i = 0; i < LEN(patterns); i++) {
        struct rules rules;
        size_t bytes = 0;
        ruled_init(&rules, &(struct rules_options){.words = patterns[i]}, &world->mem);
        if (!rules_apply(&rules, chunk, len, count, &bytes, &world->fail))
            fail_msg("%s", world->fail.text);
        assert_int_equal(bytes, wanted);
        rules_free(&rules);
    }
}

static const uint32_t characters[] = {'a',    'B',    '7',     '.',    '/',   '\'',   's',
                                      '-',    ' ',    ' ',     ' ',    '\n',  '\r',   '\t',
                                      0xa0,   0x3000, 0x85,    0x2028, 0xe9,  0x130,  0x301,
                                      0x4e00, 0xbd,   0x1f600, 0x180e, 0x17f, 0xfdfa, 0x200d};

static size_t draw_text(struct seeded *seeded, uint8_t *text)
{
    size_t len = 0;
    for (size_t n = 1 + seeded_below(seeded, 14); n > 0; n--)
        len += ruled_draw(seeded, characters, LEN(characters), text + len);
    return len;
}

/* Adds the words of the parts of a text; returns how many there are. */
static size_t apply_parts(struct rules *rules, const uint8_t *text, size_t len, struct ruled *ruled)
{
    size_t start = 0, parts = 1;
    for (size_t at = 1; at < len; at++)
        if (scan_is_gap(text[at]) && !scan_is_gap(text[at - 1])
            && rules_part(rules, text + start, at - start, text[at])) {
            ruled_apply(rules, text + start, at - start, ruled);
            start = at;
            parts++;
        }
    ruled_apply(rules, text + start, len - start, ruled);
    return parts;
}

static void splits_of_a_text_are_those_of_its_parts(void **state)
{
    struct world *world = *state;
    static const char *const ways[] = {"gpt2", "cl100k", "o200k"};
    for (size_t i = 0; i < 4 * LEN(ways); i++) {
        const struct rules_options options = {
            .words = ways[i / 4], .lower = i % 4 == 1, .nfkc = i % 4 == 2, .nfc = i % 4 == 3};
        struct seeded seeded = {i};
        struct rules rules;
        size_t parts = 0, texts = 20000;
        ruled_init(&rules, &options, &world->mem);
        assert_true(rules_take_blanks(&rules) && !rules_cross_blanks(&rules));
        for (size_t j = 0; j < texts; j++) {
            static struct ruled whole, parted;
            uint8_t text[128];
            const size_t len = draw_text(&seeded, text);
            ruled_clear(&whole);
            ruled_clear(&parted);
            ruled_apply(&rules, text, len, &whole);
            parts += apply_parts(&rules, text, len, &parted);
            if (strcmp(whole.text, parted.text) != 0)
                fail_msg("%s, %zu: '%.*s': '%s', in parts '%s'", options.words, i % 4, (int)len,
                         (const char *)text, whole.text, parted.text);
        }
        assert_true(parts > texts + texts / 4);
        rules_free(&rules);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(a_pattern_that_goes_back_without_end_is_an_error),
        world_test(a_pattern_may_remember_much_of_a_long_chunk),
        world_test(a_pattern_that_takes_the_square_of_a_long_chunk_is_an_error),
        world_test(long_chunks_of_many_words_are_searched_to_their_end),
        world_test(splits_of_a_text_are_those_of_its_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
