/* SPDX-License-Identifier: BSD-3-Clause */
/* What is drawn of a count of counts, against the keys one by one. */
#include "status/plot.h"

#include "balanced.h"

#include <math.h>
#include <stdio.h>

enum { KEYS_MAX = 4096, LINES_MAX = 60000, PLOT_MAX_BYTES = 12 << 10 };

static struct snapshot_line lines[LINES_MAX];
static struct snapshot_totals totals;
static struct snapshot snapshot = {.noun = "word", .totals = &totals, .spectrum = lines};
static uint64_t keys[KEYS_MAX]; /* how often each occurs, descending */
static size_t keys_len;
static char text[64 << 10];

static void set(const struct snapshot_line *of, size_t len)
{
    memmove(lines, of, len * sizeof *of);
    snapshot.spectrum_len = len;
    totals.words = plot_sums(&snapshot).tokens;
    keys_len = 0;
    for (size_t i = len; i > 0; i--)
        for (uint64_t k = 0; k < of[i - 1].keys && keys_len < KEYS_MAX; k++)
            keys[keys_len++] = of[i - 1].count;
}

/* Such as a text has: few keys often, many rarely. */
static void draw_spectrum(struct seeded *seeded)
{
    struct snapshot_line drawn[40];
    const size_t len = 1 + seeded_below(seeded, LEN(drawn));
    uint64_t count = 0;
    for (size_t i = 0; i < len; i++) {
        count += 1 + seeded_below(seeded, i + 1);
        drawn[i] = (struct snapshot_line){count, 1 + seeded_below(seeded, 200 / (i + 1) + 1)};
    }
    set(drawn, len);
}

static const char *plot(enum plot_kind kind, bool alone)
{
    FILE *file = fmemopen(text, sizeof text, "w");
    assert_non_null(file);
    plot_write(file, &snapshot, kind, alone);
    assert_int_equal(fclose(file), 0);
    return text;
}

static void sums_and_coverage_are_those_of_the_keys(void **state)
{
    (void)state;
    struct seeded seeded = {7};
    for (int round = 0; round < 200; round++) {
        draw_spectrum(&seeded);
        const struct plot_sums sums = plot_sums(&snapshot);
        uint64_t tokens = 0, once = 0;
        for (size_t i = 0; i < keys_len; i++) {
            assert_int_equal(plot_covered(&snapshot, i), tokens);
            tokens += keys[i];
            once += keys[i] == 1;
        }
        assert_int_equal(sums.tokens, tokens);
        assert_int_equal(sums.keys, keys_len);
        assert_int_equal(sums.once, once);
        assert_int_equal(plot_covered(&snapshot, keys_len + 5), tokens);
        for (int percent = 0; percent <= 100; percent += 5) {
            uint64_t covered = 0, need = 0;
            while (covered * 100 < tokens * (uint64_t)percent)
                covered += keys[need++];
            assert_int_equal(plot_needed(&snapshot, percent / 100.0), need);
        }
    }
}

static void the_expected_vocabulary_is_the_sum_over_the_keys(void **state)
{
    (void)state;
    struct seeded seeded = {8};
    double all, once;
    set((struct snapshot_line[]){{1, 2}, {2, 1}}, 2); /* a a b c: 3 - 2 / 2 - 1 / 4 */
    plot_expected(&snapshot, 0.5, &all, &once);
    assert_true(fabs(all - 1.75) < 1e-12 && fabs(once - 1.5) < 1e-12);
    for (int round = 0; round < 100; round++) {
        draw_spectrum(&seeded);
        for (int part = 0; part <= 20; part++) {
            const double share = part / 20.0;
            double expected = 0, single = 0;
            for (size_t i = 0; i < keys_len; i++) {
                double none = 1;
                for (uint64_t m = 1; m < keys[i]; m++)
                    none *= 1 - share;
                single += (double)keys[i] * share * none;
                expected += 1 - none * (1 - share);
            }
            plot_expected(&snapshot, share, &all, &once);
            assert_true(fabs(all - expected) < 1e-6 && fabs(once - single) < 1e-6);
        }
    }
}

/* Where a label of an axis stands; along x or y. */
static double place_of(const char *label, bool along_x)
{
    char ending[32];
    snprintf(ending, sizeof ending, ">%s</text>", label);
    for (const char *at = text; (at = strstr(at, ending)); at++) {
        double x, y;
        const char *tag = at;
        while (*tag != '<')
            tag--;
        if (sscanf(tag, "<text x=\"%lf\" y=\"%lf\"", &x, &y) != 2)
            continue;
        if (along_x == (y > 400))
            return along_x ? x : y - 4;
    }
    fail_msg("no label %s", label);
    return 0;
}

/* The points of the curve; their number. */
static size_t points_of(double (*points)[2], size_t most)
{
    static const char begins[] = "class=\"curve\" d=\"M";
    const char *at = strstr(text, begins);
    size_t len = 0;
    assert_non_null(at);
    for (at += sizeof begins - 1; len < most && *at != '"' && *at != 'h'; len++) {
        char *end;
        points[len][0] = strtod(at, &end);
        points[len][1] = strtod(end, &end);
        assert_true(end != at);
        at = end;
    }
    return len;
}

/* As in a text, so that axes have the labels 1 and 10, and of keys that can be counted here. */
static void set_words(void)
{
    set(
        (struct snapshot_line[]){
            {1, 500}, {2, 150}, {3, 70}, {5, 31}, {9, 12}, {20, 7}, {90, 2}, {1000, 1}},
        8);
}

static void each_point_of_the_ranks_is_a_key(void **state)
{
    (void)state;
    static double points[4096][2];
    set_words();
    plot(PLOT_RANK, true);
    const double x1 = place_of("1", true), x10 = place_of("10", true);
    const double y1 = place_of("1", false), y10 = place_of("10", false);
    const size_t len = points_of(points, LEN(points));
    assert_in_range(len, 10, 100);
    for (size_t i = 0; i < len; i++) {
        const double rank = pow(10, (points[i][0] - x1) / (x10 - x1));
        const double count = pow(10, (points[i][1] - y1) / (y10 - y1));
        const size_t from = (size_t)(rank * 0.99 - 1e-3), to = (size_t)(rank * 1.01 + 1e-3);
        bool found = false;
        for (size_t r = from > 0 ? from : 1; r <= to && r <= keys_len; r++)
            found |= fabs(count / (double)keys[r - 1] - 1) < 0.01;
        if (!found)
            fail_msg("no key of rank %g occurs %g times", rank, count);
    }
    assert_true(fabs(pow(10, (points[len - 1][0] - x1) / (x10 - x1)) / (double)keys_len - 1)
                < 0.01);
}

static void each_point_of_the_coverage_is_a_share(void **state)
{
    (void)state;
    static double points[4096][2];
    set_words();
    plot(PLOT_COVERAGE, true);
    const double x1 = place_of("1", true), x10 = place_of("10", true);
    const double y0 = place_of("0", false), y100 = place_of("100", false);
    const double tokens = (double)plot_sums(&snapshot).tokens;
    const size_t len = points_of(points, LEN(points));
    assert_in_range(len, 50, 400);
    for (size_t i = 0; i < len; i++) {
        const double rank = round(pow(10, (points[i][0] - x1) / (x10 - x1)));
        const double share = (points[i][1] - y0) / (y100 - y0);
        assert_true(fabs(share - (double)plot_covered(&snapshot, (uint64_t)rank) / tokens) < 0.005);
    }
}

static void a_plot_says_of_how_much_it_is(void **state)
{
    (void)state;
    set_words();
    for (int kind = 0; kind < PLOT_KINDS; kind++) {
        plot((enum plot_kind)kind, false);
        assert_non_null(strstr(text,
                               "N = 2,593 words, V = 773 distinct, 500 of them once (hapax "
                               "legomena, 64.7\xc2\xa0% of V)<"));
        assert_null(strstr(text, "style"));
    }
    totals.words += 10;
    assert_non_null(strstr(plot(PLOT_RANK, true),
                           "N = 2,593 of 2,603 words, V = 773 distinct; rarer ones are left out"));
    assert_non_null(strstr(plot(PLOT_GROWTH, true), "Baayen, Word Frequency Distributions, 2001"));
    set_words();
    assert_non_null(strstr(plot(PLOT_COUNTS, true), "V(1) = 500, V(2) = 150, V(3) = 70"));
    assert_non_null(
        strstr(plot(PLOT_COVERAGE, true), "The 9 most frequent are 50\xc2\xa0% of all words"));
}

static void plots_are_small_whatever_is_counted(void **state)
{
    (void)state;
    struct seeded seeded = {9};
    static struct snapshot_line many[LINES_MAX];
    for (int shape = 0; shape < 4; shape++) {
        uint64_t count = 0;
        for (size_t i = 0; i < LINES_MAX; i++) {
            count += 1 + (shape % 2 ? seeded_below(&seeded, i + 1) : 0);
            many[i] = (struct snapshot_line){count,
                                             1 + seeded_below(&seeded, shape < 2 ? 5 : 1000000000)};
        }
        set(many, LINES_MAX);
        for (int kind = 0; kind < PLOT_KINDS; kind++) {
            balanced_check(plot((enum plot_kind)kind, true));
            if (strlen(text) > PLOT_MAX_BYTES)
                fail_msg("plot %d of shape %d has %zu bytes", kind, shape, strlen(text));
        }
    }
}

static int ascending(const void *a, const void *b)
{
    const double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* Of a long text each count up to a few thousand occurs, nearly. */
static void dots_of_many_counts_leave_no_gaps(void **state)
{
    (void)state;
    struct seeded seeded = {3};
    static struct snapshot_line many[LINES_MAX];
    double x[1000];
    size_t len = 0;
    for (size_t i = 0; i < LINES_MAX; i++)
        many[i] = (struct snapshot_line){i + 1, 1000000 / (i + 1) / (i + 1) + 1
                                                    + seeded_below(&seeded, 20)};
    set(many, LINES_MAX);
    const char *at = strstr(plot(PLOT_COUNTS, true), "<path class=\"dots\"");
    assert_non_null(at);
    for (const char *end = strstr(at, "/>"); (at = strchr(at + 1, 'M')) && at < end; len++) {
        assert_true(len < LEN(x));
        assert_int_equal(sscanf(at + 1, "%lf", &x[len]), 1);
    }
    assert_true(len > 300);
    qsort(x, len, sizeof *x, ascending);
    for (size_t i = 10; i < len; i++)
        assert_true(x[i] - x[i - 1] < 10);
}

static void little_and_nothing_can_be_drawn(void **state)
{
    (void)state;
    static const struct snapshot_line few[][2] = {{{1, 1}}, {{0, 3}},          {{0, 3}, {1, 1}},
                                                  {{5, 1}}, {{UINT32_MAX, 1}}, {{1, UINT32_MAX}}};
    for (size_t i = 0; i <= LEN(few); i++) {
        if (i < LEN(few))
            set(few[i], few[i][1].keys ? 2 : 1);
        else
            set(few[0], 0);
        for (int kind = 0; kind < PLOT_KINDS; kind++) {
            balanced_check(plot((enum plot_kind)kind, true));
            assert_null(strstr(text, "nan"));
            assert_null(strstr(text, "inf"));
        }
        assert_int_equal(strstr(text, "nothing was counted") != NULL, i == 1 || i == LEN(few));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_and_coverage_are_those_of_the_keys),
        cmocka_unit_test(the_expected_vocabulary_is_the_sum_over_the_keys),
        cmocka_unit_test(each_point_of_the_ranks_is_a_key),
        cmocka_unit_test(each_point_of_the_coverage_is_a_share),
        cmocka_unit_test(a_plot_says_of_how_much_it_is),
        cmocka_unit_test(plots_are_small_whatever_is_counted),
        cmocka_unit_test(dots_of_many_counts_leave_no_gaps),
        cmocka_unit_test(little_and_nothing_can_be_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
