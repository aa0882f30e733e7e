/* SPDX-License-Identifier: BSD-3-Clause */
/* What pages and plots are drawn with. */
#include "status/svg.h"

#include "check.h"

#include <math.h>

static char text[8192];

static FILE *begin(void)
{
    FILE *file = fmemopen(text, sizeof text, "w");
    assert_non_null(file);
    return file;
}

static const char *end(FILE *file)
{
    assert_int_equal(fclose(file), 0);
    return text;
}

static const char *shown(const char *of, size_t most)
{
    FILE *file = begin();
    svg_text(file, of, strlen(of), most);
    return end(file);
}

static void text_of_others_is_harmless(void **state)
{
    (void)state;
    assert_string_equal(shown("plain caf\xc3\xa9", 100), "plain caf\xc3\xa9");
    assert_string_equal(shown("<script>&amp;\"'</script>", 100),
                        "&lt;script&gt;&amp;amp;\"'&lt;/script&gt;");
    assert_string_equal(shown("]]>", 100), "]]&gt;");
    assert_string_equal(shown("a\xe2\x80\xae"
                              "b",
                              100),
                        "a\\xe2\\x80\\xaeb");
    assert_string_equal(shown("\xe2\x81\xa6x\xe2\x81\xa9", 100), "\\xe2\\x81\\xa6x\\xe2\\x81\\xa9");
    assert_string_equal(shown("\x1b[31m\n\t\x7f", 100), "\\x1b[31m\\x0a\\x09\\x7f");
    assert_string_equal(shown("\xff\xc3(\xed\xa0\x80", 100), "\\xff\\xc3(\\xed\\xa0\\x80");
}

static void a_long_text_is_cut_between_characters(void **state)
{
    (void)state;
    char longer[1000];
    assert_string_equal(shown("abc", 3), "abc");
    assert_string_equal(shown("abcd", 3), "abc\xe2\x80\xa6");
    assert_string_equal(shown("a\xc3\xa9\xc3\xa9", 2), "a\xe2\x80\xa6");
    assert_string_equal(shown("a\xc3\xa9\xc3\xa9", 3), "a\xc3\xa9\xe2\x80\xa6");
    assert_string_equal(shown("\x80\x80\x80", 8), "\\x80\\x80\xe2\x80\xa6");
    assert_string_equal(shown("\x80\x80\x80", 11), "\\x80\\x80\xe2\x80\xa6");
    assert_string_equal(shown("a&&b", 8), "a&amp;\xe2\x80\xa6");
    assert_string_equal(shown("\xe2\x80\xae", 11), "\xe2\x80\xa6");
    for (size_t i = 0; i + 2 < sizeof longer; i += 2)
        memcpy(longer + i, "\xc3\xa9", 3);
    longer[998] = '\0';
    assert_string_equal(shown(longer, sizeof longer), longer);
}

static void expect_ticks(const struct svg_axis *axis, const double *expected, size_t len)
{
    double ticks[SVG_TICKS];
    assert_int_equal(svg_ticks(axis, ticks), len);
    for (size_t i = 0; i < len; i++)
        if (fabs(ticks[i] - expected[i]) > 1e-9 * (1 + fabs(expected[i])))
            fail_msg("tick %zu is %g, not %g", i, ticks[i], expected[i]);
}

static void ticks_are_round(void **state)
{
    (void)state;
    expect_ticks(&(struct svg_axis){false, 0, 100, 0, 1}, (double[]){0, 20, 40, 60, 80, 100}, 6);
    expect_ticks(&(struct svg_axis){false, 0, 0.3, 0, 1},
                 (double[]){0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3}, 7);
    expect_ticks(&(struct svg_axis){false, 3, 11.5, 0, 1}, (double[]){4, 6, 8, 10}, 4);
    expect_ticks(&(struct svg_axis){true, 1, 10, 0, 1}, (double[]){1, 2, 5, 10}, 4);
    expect_ticks(&(struct svg_axis){true, 0.7, 60000, 0, 1}, (double[]){1, 10, 100, 1000, 10000},
                 5);
    expect_ticks(&(struct svg_axis){true, 1, 1e12, 0, 1},
                 (double[]){1, 1e2, 1e4, 1e6, 1e8, 1e10, 1e12}, 7);
}

static void no_axis_has_more_ticks_than_there_is_room_for(void **state)
{
    (void)state;
    double ticks[SVG_TICKS];
    for (double most = 1e-3; most < 1e19; most *= 1.7) {
        struct svg_axis axis = {false, 0, most, 0, 1};
        size_t len = svg_ticks(&axis, ticks);
        assert_in_range(len, 3, 8);
        svg_round(&axis);
        assert_true(axis.most >= most * (1 - 1e-9) && axis.most <= most * 2);
        len = svg_ticks(&axis, ticks);
        assert_true(fabs(ticks[len - 1] / axis.most - 1) < 1e-9);
        if (most >= 2)
            assert_in_range(svg_ticks(&(struct svg_axis){true, 1, most, 0, 1}, ticks), 1, 10);
    }
}

static void labels_are_read_at_a_glance(void **state)
{
    (void)state;
    const struct svg_axis log = {true, 1, 1e9, 0, 1}, hundred = {false, 0, 100, 0, 1},
                          part = {false, 0, 0.3, 0, 1}, million = {false, 0, 4e6, 0, 1};
    char label[NUMBER_BYTES];
    assert_string_equal(svg_label(label, &log, 1), "1");
    assert_string_equal(svg_label(label, &log, 10000), "10,000");
    assert_string_equal(svg_label(label, &log, 1e6), "10\xe2\x81\xb6");
    assert_string_equal(svg_label(label, &log, 1e12), "10\xc2\xb9\xc2\xb2");
    assert_string_equal(svg_label(label, &log, 200000), "200,000");
    assert_string_equal(svg_label(label, &hundred, 0), "0");
    assert_string_equal(svg_label(label, &hundred, 80), "80");
    assert_string_equal(svg_label(label, &part, 0.05), "0.05");
    assert_string_equal(svg_label(label, &million, 1500000), "1.5");
}

static void values_are_where_they_belong(void **state)
{
    (void)state;
    const struct svg_axis line = {false, 0, 50, 100, 0}, log = {true, 1, 100, 0, 200};
    assert_true(fabs(svg_place(&line, 0) - 100) < 1e-9);
    assert_true(fabs(svg_place(&line, 25) - 50) < 1e-9);
    assert_true(fabs(svg_place(&log, 10) - 100) < 1e-9);
    assert_true(fabs(svg_place(&log, 100) - 200) < 1e-9);
}

static void points_that_are_one_to_the_eye_are_one(void **state)
{
    (void)state;
    FILE *file = begin();
    struct svg_curve curve = svg_curve_begin(file, "curve");
    svg_curve_to(&curve, 0, 10);
    for (int i = 0; i < 1000; i++)
        svg_curve_to(&curve, 0.001 * i, 10);
    svg_curve_to(&curve, 1.04, 10.26);
    svg_curve_end(&curve);
    assert_string_equal(end(file), "<path class=\"curve\" d=\"M0 10 1 10.3\"/>\n");
    file = begin();
    curve = svg_curve_begin(file, "curve");
    svg_curve_to(&curve, 3, 4);
    svg_curve_end(&curve);
    assert_string_equal(end(file), "<path class=\"curve\" d=\"M3 4h0\"/>\n");
}

static void bars_lie_from_left_to_right(void **state)
{
    (void)state;
    FILE *file = begin();
    svg_bars_begin(file, "p3");
    svg_bar(file, 1, 2, 3.25);
    svg_bar(file, 1000, 2.5, 0);
    svg_bars_end(file);
    assert_string_equal(end(file), "<path class=\"p3\" d=\"M1 2h3.3M1000 2.5h0\"/>\n");
}

static void only_what_is_alone_says_what_it_is(void **state)
{
    (void)state;
    FILE *file = begin();
    svg_begin(file, 10, 20, "what", false);
    assert_string_equal(end(file),
                        "<svg viewBox=\"0 0 10 20\" role=\"img\" aria-label=\"what\">\n");
    file = begin();
    svg_begin(file, 10, 20, "what", true);
    end(file);
    assert_non_null(strstr(text, "xmlns=\"http://www.w3.org/2000/svg\""));
    assert_non_null(strstr(text, "prefers-color-scheme: dark"));
    assert_null(strstr(text, "body"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_of_others_is_harmless),
        cmocka_unit_test(a_long_text_is_cut_between_characters),
        cmocka_unit_test(ticks_are_round),
        cmocka_unit_test(no_axis_has_more_ticks_than_there_is_room_for),
        cmocka_unit_test(labels_are_read_at_a_glance),
        cmocka_unit_test(values_are_where_they_belong),
        cmocka_unit_test(points_that_are_one_to_the_eye_are_one),
        cmocka_unit_test(bars_lie_from_left_to_right),
        cmocka_unit_test(only_what_is_alone_says_what_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
