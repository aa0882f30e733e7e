/* SPDX-License-Identifier: BSD-3-Clause */
/* The sorted records as lines, and the checks made while they are written. */
#include "stage/line_writer.h"

#include "env.h"

#include "check.h"

#include <inttypes.h>
#include <stdio.h>

enum { BINS = 5, WORDS = 3000 };

static struct env env;
static uint8_t store[WORDS * 64];

static int begin(void **state)
{
    (void)state;
    env = (struct env){.options = {.verify = true}, .seed = hash_seed_from(1)};
    assert_true(kind_choose("words", &env.kind));
    env.mem.limit_bytes = CHECK_LIMIT_BYTES;
    arena_init(&env.arena, &env.mem, CHECK_SLAB_BYTES, 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    assert_int_equal(env.arena.used_bytes, 0);
    arena_free(&env.arena);
    assert_int_equal(env.mem.used_bytes, 0);
    return 0;
}

/* The first `limit` records, with control bytes escaped or not. */
static struct line_writer_part part_of(uint64_t limit, bool escape)
{
    struct format *format = &env.kind.format;
    format->escape = escape;
    format->prepare(format);
    return (struct line_writer_part){.format = format, .limit = limit};
}

/* Ranked words: of any length, with control bytes, most of them rare. */
static void make_words(struct seeded *seeded, struct naive *words, size_t len)
{
    uint8_t *at = store;
    for (size_t i = 0; i < len; i++) {
        size_t word = 1 + seeded_below(seeded, 40);
        for (size_t j = 0; j < word; j++)
            at[j] = seeded_of(seeded, "abcdefg\0\x1b\\", 10);
        naive_add(words, at, word, 1 + seeded_below(seeded, 8) / 6);
        at += word;
    }
    naive_rank(words);
}

/* Puts ranked words into bins, each a stretch of the order, some of them empty. */
static void make_bins(struct seeded *seeded, const struct naive *words, struct bins *bins)
{
    assert_true(bins_init(bins, ORDER_COUNT, &env.arena, NULL, BINS, &env.fail));
    size_t bin = 0;
    for (size_t i = 0; i < words->len; i++) {
        const struct naive_word *word = &words->words[i];
        while (bin + 1 < BINS && seeded_below(seeded, words->len) < 2 * BINS)
            bin++;
        assert_true(add_key(&env.arena, &bins->box.parcels[bin], word->bytes, word->len,
                            word->count, &env.fail));
    }
}

/* The lines of the first `limit` words. */
static uint8_t *lines_of(const struct naive *words, size_t limit, bool escape, size_t *len)
{
    uint8_t *lines = malloc(words->len * 200 + 1);
    *len = 0;
    for (size_t i = 0; i < words->len && i < limit; i++) {
        const struct naive_word *word = &words->words[i];
        for (size_t j = 0; j < word->len; j++) {
            uint8_t byte = word->bytes[j];
            if (escape && byte < ' ')
                *len += (size_t)sprintf((char *)lines + *len, "\\x%02x", byte);
            else if (escape && byte == '\\')
                *len += (size_t)sprintf((char *)lines + *len, "\\\\");
            else
                lines[(*len)++] = byte;
        }
        *len += (size_t)sprintf((char *)lines + *len, "\t%" PRIu64 "\n", word->count);
    }
    return lines;
}

static void check_tally(const struct naive *words, const struct tally *tally)
{
    struct tally expected = {0};
    for (size_t i = 0; i < words->len; i++) {
        const struct naive_word *word = &words->words[i];
        uint8_t padded[16] = {0};
        memcpy(padded, word->bytes, word->len < 16 ? word->len : 16);
        tally_add(&expected, word->count,
                  word->len <= KEY_SHORT_MAX ? hash_short(&env.seed, key_short(padded, word->len))
                                             : hash_long(&env.seed, word->bytes, word->len));
    }
    assert_int_equal(tally->tokens, expected.tokens);
    assert_true(tally->keyed == expected.keyed);
}

/* Fills and drops random amounts; everything that passes through the buffer must be the lines. */
static void write_all(struct seeded *seeded, struct bins *bins, const struct naive *words,
                      size_t limit, bool escape)
{
    const struct line_writer_part part = part_of(limit < words->len ? limit : words->len, escape);
    struct line_writer text;
    size_t len, seen = 0;
    uint8_t *lines = lines_of(words, limit, escape, &len);
    assert_true(line_writer_init(&env, &text, bins, false, &part));
    do {
        size_t want = seeded_below(seeded, 2000);
        assert_true(line_writer_fill(&env, &text, want));
        assert_true(text.len >= want || text.records == text.part.limit);
        assert_true(seen + text.len <= len);
        assert_memory_equal(text.buffer, lines + seen, text.len);
        size_t drop = seeded_below(seeded, text.len + 1);
        line_writer_drop(&text, drop);
        seen += drop;
    } while (seen < len);
    assert_int_equal(text.bytes, len);
    assert_int_equal(text.records, text.part.limit);
    assert_true(line_writer_skip_rest(&env, &text));
    check_tally(words, &text.tally);
    line_writer_free(&env, &text);
    line_writer_free(&env, &text);
    free(lines);
}

static void the_text_is_the_lines_of_the_words_in_order(void **state)
{
    (void)state;
    struct seeded seeded = {1};
    static const size_t limits[] = {SIZE_MAX, 0, 1, 2, 100, WORDS};
    for (size_t round = 0; round < 5 * LEN(limits); round++) {
        struct naive words = {0};
        struct bins bins;
        make_words(&seeded, &words, round < 3 ? round : seeded_below(&seeded, WORDS));
        make_bins(&seeded, &words, &bins);
        write_all(&seeded, &bins, &words, limits[round % LEN(limits)], round % 2);
        bins_free(&bins);
        naive_free(&words);
    }
}

static void first_and_last_record_are_marked(void **state)
{
    (void)state;
    struct seeded seeded = {2};
    struct naive words = {0};
    struct bins bins;
    struct line_writer text;
    make_words(&seeded, &words, 500);
    make_bins(&seeded, &words, &bins);
    const struct line_writer_part part = part_of(200, false);
    assert_true(line_writer_init(&env, &text, &bins, true, &part));
    assert_true(line_writer_fill(&env, &text, SIZE_MAX));
    const struct naive_word *first = &words.words[0], *last = &words.words[199];
    assert_int_equal(~text.first_mark.word[0], first->count);
    assert_int_equal(~text.last_mark.word[0], last->count);
    uint8_t spelt[16] = {0}, padded[16] = {0};
    uint64_t swapped = __builtin_bswap64(text.last_mark.word[1]);
    memcpy(spelt, &swapped, 8);
    memcpy(padded, last->bytes, last->len < 8 ? last->len : 8);
    assert_memory_equal(spelt, padded, 8);
    line_writer_free(&env, &text);
    bins_free(&bins);
    naive_free(&words);
}

/* A record that came twice, and bins in the wrong order, whatever the keys are. */
static void records_out_of_order_are_noticed(void **state)
{
    (void)state;
    static const struct {
        const char *word;
        uint64_t count;
    } rows[][2] = {
        {{"same", 3}, {"same", 3}},
        {{"a", 1}, {"b", 2}},
        {{"b", 1}, {"a", 1}},
        {{"a word of more than fifteen", 1}, {"a word of more than fifteen", 1}},
        {{"a word of more than fifteen!", 1}, {"a word of more than fifteen", 1}},
        {{"a word of more than fiftten", 1}, {"a word of more than fifteen", 1}},
        {{"fifteen letters!", 1}, {"fifteen letters", 1}},
    };
    for (size_t i = 0; i < LEN(rows); i++)
        for (int swapped = 0; swapped < 2; swapped++) {
            struct bins bins;
            struct line_writer text;
            bool good = swapped && strcmp(rows[i][0].word, rows[i][1].word) != 0;
            env.fail = (struct fail){0};
            assert_true(bins_init(&bins, ORDER_COUNT, &env.arena, NULL, 2, &env.fail));
            for (int j = 0; j < 2; j++)
                add_key(&env.arena, &bins.box.parcels[j ^ swapped],
                        (const uint8_t *)rows[i][j].word, strlen(rows[i][j].word), rows[i][j].count,
                        &env.fail);
            const struct line_writer_part part = part_of(2, false);
            assert_true(line_writer_init(&env, &text, &bins, true, &part));
            assert_int_equal(line_writer_fill(&env, &text, SIZE_MAX), good);
            assert_int_equal(env.fail.code, good ? FAIL_NONE : FAIL_VERIFY);
            line_writer_free(&env, &text);
            bins_free(&bins);
        }
}

static void a_word_larger_than_the_buffer_grows_it(void **state)
{
    (void)state;
    struct seeded seeded = {3};
    struct naive words = {0};
    struct bins bins;
    uint8_t *word = malloc(3 << 20);
    memset(word, 7, 3 << 20); /* four times as long when escaped */
    naive_add(&words, word, 3 << 20, 5);
    naive_add(&words, word, 1 << 20, 4);
    naive_add(&words, word, 3, 3);
    make_bins(&seeded, &words, &bins);
    for (int escape = 0; escape < 2; escape++) {
        struct line_writer text;
        size_t len = ((size_t)(4 << 20) + 3) * (escape ? 4 : 1) + 9;
        const struct line_writer_part part = part_of(3, escape);
        assert_true(line_writer_init(&env, &text, &bins, true, &part));
        assert_true(line_writer_fill(&env, &text, SIZE_MAX));
        assert_int_equal(text.len, len);
        line_writer_free(&env, &text);
    }
    bins_free(&bins);
    naive_free(&words);
    free(word);
}

static void without_memory_the_text_is_a_clean_failure(void **state)
{
    (void)state;
    struct seeded seeded = {4};
    struct naive words = {0};
    struct bins bins;
    make_words(&seeded, &words, WORDS);
    make_bins(&seeded, &words, &bins);
    size_t failed = 0, used = env.mem.used_bytes;
    for (size_t pages = 0; pages < 132; pages += 3) {
        struct line_writer text;
        env.fail = (struct fail){0};
        env.mem.limit_bytes = used + pages * 4096;
        const struct line_writer_part part = part_of(words.len, false);
        bool ok = line_writer_init(&env, &text, &bins, true, &part)
               && line_writer_fill(&env, &text, SIZE_MAX);
        assert_int_equal(env.fail.code, ok ? FAIL_NONE : FAIL_MEMORY);
        failed += !ok;
        line_writer_free(&env, &text);
        assert_int_equal(env.mem.used_bytes, used);
    }
    assert_true(failed > 0 && failed < 44);
    bins_free(&bins);
    naive_free(&words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_text_is_the_lines_of_the_words_in_order, begin, end),
        cmocka_unit_test_setup_teardown(first_and_last_record_are_marked, begin, end),
        cmocka_unit_test_setup_teardown(records_out_of_order_are_noticed, begin, end),
        cmocka_unit_test_setup_teardown(a_word_larger_than_the_buffer_grows_it, begin, end),
        cmocka_unit_test_setup_teardown(without_memory_the_text_is_a_clean_failure, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
