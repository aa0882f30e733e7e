/* SPDX-License-Identifier: BSD-3-Clause */
/* From a sample to the whole, of texts whose vocabulary is known: drawn from distributions, with
 * and without clumps, of which all is counted here beside the sample. */
#include "status/estimate.h"

#include "check.h"

#include <math.h>

enum {
    TOKENS = 1 << 21, /* of a whole */
    PIECE = 512,      /* tokens in a row */
    KEYS = 1 << 21,
};

/* How a text is made: which key comes next. */
struct text {
    double exponent; /* of Zipf's law */
    size_t keys;     /* that there are to draw from */
    size_t clump;    /* so often a key that was drawn comes again in its piece; 1: it does not */
    size_t fresh;    /* of 100 tokens, keys that come never again */
    uint32_t lots[KEYS]; /* in which lots of the sample a key came; bit 31: in the whole */
};

static struct text text;

static size_t draw(struct seeded *seeded, size_t *fresh)
{
    if (seeded_below(seeded, 100) < text.fresh)
        return (*fresh)++ % KEYS;
    const double uniform = (double)(1 + seeded_below(seeded, 1 << 30)) / (1 << 30);
    /* The inverse of the integral of rank to the power of -exponent. */
    const double power = 1 - text.exponent, most = (double)text.keys;
    const double rank = fabs(power) < 1e-9 ? exp(uniform * log(most))
                                           : pow(1 + uniform * (pow(most, power) - 1), 1 / power);
    return (size_t)rank - 1;
}

/* Makes the whole text, a piece at a time; every piece is in the sample with a chance of 1 in
 * `factor`, in one of its lots. Returns how many keys there are. */
static size_t make(struct estimate_sample *sample, size_t factor, size_t lots, uint64_t seed)
{
    struct seeded seeded = {seed};
    size_t fresh = KEYS / 2, all = 0;
    memset(sample, 0, sizeof *sample);
    memset(text.lots, 0, sizeof text.lots);
    sample->lots = lots;
    sample->all_bytes = TOKENS * 6;
    for (size_t done = 0; done < TOKENS; done += PIECE) {
        const bool in = seeded_below(&seeded, factor) == 0;
        const size_t lot = seeded_below(&seeded, lots);
        for (size_t i = 0; i < PIECE; i += text.clump) {
            const size_t key = draw(&seeded, &fresh);
            text.lots[key] |= UINT32_C(1) << 31 | (in ? UINT32_C(1) << lot : 0);
        }
        if (in) {
            sample->tokens[lot] += PIECE;
            sample->bytes[lot] += PIECE * 6;
        }
    }
    for (size_t key = 0; key < KEYS; key++) {
        const uint32_t in = text.lots[key] & ~(UINT32_C(1) << 31), later = in & (in - 1);
        all += text.lots[key] != 0;
        if (in)
            sample->keys[__builtin_ctz(in)][later ? __builtin_ctz(later) : ESTIMATE_LOTS]++;
    }
    return all;
}

static void check_range(const struct estimate_range *range, double truth, double widest)
{
    assert_true(range->low <= range->likely && range->likely <= range->high);
    assert_true(range->low * 0.999 <= truth && truth <= range->high * 1.001);
    assert_true(range->high <= range->low * widest);
}

/* At factors of 8 and 40. */
static void check(double exponent, size_t keys, size_t clump, size_t fresh)
{
    static struct estimate_sample sample;
    for (uint64_t seed = 1; seed <= 3; seed++)
        for (size_t factor = 8; factor <= 40; factor += 32) {
            text.exponent = exponent;
            text.keys = keys;
            text.clump = clump;
            text.fresh = fresh;
            const size_t truth = make(&sample, factor, 8, seed);
            const struct estimate found = estimate_whole(&sample);
            check_range(&found.tokens, TOKENS, 1.6);
            check_range(&found.keys, (double)truth, factor > 8 ? 8 : 4);
        }
}

static void words_as_frequent_as_those_of_a_language(void **state)
{
    (void)state;
    check(1, 1 << 19, 1, 0);
    check(1.2, 1 << 19, 1, 0);
}

static void the_same_in_clumps(void **state)
{
    (void)state;
    check(1, 1 << 19, 4, 0);
}

static void a_vocabulary_that_is_soon_known(void **state)
{
    (void)state;
    check(0.9, 20000, 1, 0);
    check(0, 1000, 1, 0);
}

static void numbers_and_names_that_never_come_again(void **state)
{
    (void)state;
    check(1, 100000, 1, 10);
    check(1, 100000, 2, 30);
}

static void no_key_twice(void **state)
{
    (void)state;
    static struct estimate_sample sample;
    text.fresh = 100;
    text.clump = 2;
    const size_t truth = make(&sample, 8, 8, 1);
    const struct estimate found = estimate_whole(&sample);
    check_range(&found.keys, (double)truth, 2);
    assert_true(found.slope > 0.99);
}

static void all_of_it_is_no_range(void **state)
{
    (void)state;
    struct estimate_sample sample = {
        .lots = 2,
        .all_bytes = 100,
        .bytes = {50, 50},
        .tokens = {10, 10},
        .keys = {{[1] = 3, [ESTIMATE_LOTS] = 2}, {[ESTIMATE_LOTS] = 4}}};
    const struct estimate found = estimate_whole(&sample);
    assert_true(found.tokens.low >= 20 && found.tokens.high <= 20);
    assert_true(found.keys.low >= 9 && found.keys.high <= 9);
}

static void of_nothing_nothing_follows(void **state)
{
    (void)state;
    static struct estimate_sample sample;
    memset(&sample, 0, sizeof sample);
    assert_true(estimate_whole(&sample).keys.high <= 0);
    sample.lots = 3;
    sample.all_bytes = 100;
    sample.bytes[0] = 10;
    assert_true(estimate_whole(&sample).keys.high <= 0);
}

/* The first two thirds of a text, that goes on in the same way. */
static void beginnings_have_wide_ranges(void **state)
{
    (void)state;
    struct estimate_sample sample = {.lots = 4,
                                     .all_bytes = 6400,
                                     .bytes = {100, 100, 200, 400},
                                     .tokens = {10000, 10000, 20000, 40000},
                                     .beginnings = true};
    double keys = 0;
    for (size_t lot = 0, tokens = 10000; lot < 4; lot++, tokens *= 2) {
        const double all = pow((double)tokens, 0.7);
        sample.keys[lot][ESTIMATE_LOTS] = (uint64_t)(all - keys);
        keys = all;
    }
    const struct estimate found = estimate_whole(&sample);
    check_range(&found.keys, pow(640000, 0.7), 12);
    assert_true(found.keys.high > 2 * found.keys.low);
}

static void the_tokens_with_so_many_keys_and_keys_that_are_kept(void **state)
{
    (void)state;
    const struct estimate estimate = {
        .tokens = {.likely = 1e6}, .known_tokens = 1e4, .known_keys = 1000, .slope = 0.5};
    assert_true(fabs(estimate_tokens_with(&estimate, 1000) - 1e4) < 1);
    assert_true(fabs(estimate_tokens_with(&estimate, 2000) - 4e4) < 1);
    assert_true(fabs(estimate_tokens_with(&estimate, 1e9) - 1e6) < 1);
    assert_true(fabs(estimate_kept(&estimate, 0) - 1) < 1e-9);
    assert_true(fabs(estimate_kept(&estimate, 1) - 1) < 1e-9);
    assert_true(fabs(estimate_kept(&estimate, 2) - 0.5) < 1e-9);
    assert_true(fabs(estimate_kept(&estimate, 3) - 0.375) < 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_as_frequent_as_those_of_a_language),
        cmocka_unit_test(the_same_in_clumps),
        cmocka_unit_test(a_vocabulary_that_is_soon_known),
        cmocka_unit_test(numbers_and_names_that_never_come_again),
        cmocka_unit_test(no_key_twice),
        cmocka_unit_test(all_of_it_is_no_range),
        cmocka_unit_test(of_nothing_nothing_follows),
        cmocka_unit_test(beginnings_have_wide_ranges),
        cmocka_unit_test(the_tokens_with_so_many_keys_and_keys_that_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
