/* SPDX-License-Identifier: BSD-3-Clause */
/* The four plots, and the sums that they show. A spectrum is ascending, ranks go down from its end.
 */
#include "status/plot.h"

#include "status/svg.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum {
    WIDTH = 720,
    HEIGHT = 450,
    LEFT = 72,
    RIGHT = 704,
    TOP = 116,
    BOTTOM = 396,
    TITLE_AT = 22,
    CAPTION_AT = 46,
    CAPTION_STEP = 19,
    COLUMN = 2, /* pixels between points of a curve that is known everywhere */
    GROWTH_STEPS = 100,
    DOTS_MAX = 600,
    SQUARE_MIN = 3, /* of a plot that is narrower than GRID times this */
    GRID = 256,
    CAPTION_BYTES = 256,
};

/* What is drawn on. */
struct paper {
    FILE *file;
    const struct snapshot *snapshot;
    struct plot_sums sums;
    uint64_t most; /* the greatest count */
    struct svg_axis x, y;
    char nouns[32]; /* for several */
};

struct plot_sums plot_sums(const struct snapshot *snapshot)
{
    struct plot_sums sums = {0};
    for (size_t i = 0; i < snapshot->spectrum_len; i++) {
        const struct snapshot_line *line = &snapshot->spectrum[i];
        sums.tokens += line->count * line->keys;
        sums.keys += line->count > 0 ? line->keys : 0;
        sums.once += line->count == 1 ? line->keys : 0;
    }
    return sums;
}

uint64_t plot_covered(const struct snapshot *snapshot, uint64_t rank)
{
    uint64_t tokens = 0;
    for (size_t i = snapshot->spectrum_len; i > 0 && rank > 0; i--) {
        const struct snapshot_line *line = &snapshot->spectrum[i - 1];
        const uint64_t keys = line->keys < rank ? line->keys : rank;
        tokens += keys * line->count;
        rank -= keys;
    }
    return tokens;
}

uint64_t plot_needed(const struct snapshot *snapshot, double share)
{
    const double wanted = share * (double)plot_sums(snapshot).tokens;
    uint64_t keys = 0, tokens = 0;
    for (size_t i = snapshot->spectrum_len; i > 0 && (double)tokens < wanted; i--) {
        const struct snapshot_line *line = &snapshot->spectrum[i - 1];
        const double need = line->count > 0 ? ceil((wanted - (double)tokens) / (double)line->count)
                                            : (double)line->keys;
        const uint64_t taken = need < (double)line->keys ? (uint64_t)need : line->keys;
        keys += taken;
        tokens += taken * line->count;
    }
    return keys;
}

/* A key that occurs m times in all is in the part unless all of them are in the rest; soon m is
 * such that this cannot be. */
void plot_expected(const struct snapshot *snapshot, double share, double *keys, double *once)
{
    const double rest = 1 - share, never = 1e-15;
    double missing = 0;
    *once = 0;
    for (size_t i = 0; i < snapshot->spectrum_len; i++) {
        const struct snapshot_line *line = &snapshot->spectrum[i];
        const double m = (double)line->count, lines = (double)line->keys;
        const double others = line->count > 0 ? pow(rest, m - 1) : 0;
        if (line->count > 0 && m * others < never)
            break;
        missing += lines * others * rest;
        *once += lines * m * share * others;
    }
    *keys = (double)plot_sums(snapshot).keys - missing;
}

static void put_caption(const struct paper *paper, int number, const char *text)
{
    svg_line(paper->file, 0, CAPTION_AT + number * CAPTION_STEP, "soft", text);
}

/* Of how much the plot is. */
static void put_numbers(const struct paper *paper)
{
    char text[CAPTION_BYTES], tokens[NUMBER_BYTES], keys[NUMBER_BYTES], other[NUMBER_BYTES];
    const struct plot_sums *sums = &paper->sums;
    const uint64_t all = paper->snapshot->totals->words;
    number_grouped(tokens, sums->tokens);
    number_grouped(keys, sums->keys);
    if (sums->tokens < all)
        snprintf(text, sizeof text,
                 "N = %s of %s %s, V = %s distinct; rarer ones are left out (--min-count)", tokens,
                 number_grouped(other, all), paper->nouns, keys);
    else
        snprintf(
            text, sizeof text,
            "N = %s %s, V = %s distinct, %s of them once (hapax legomena, %.1f\xc2\xa0%% of V)",
            tokens, paper->nouns, keys, number_grouped(other, sums->once),
            100.0 * (double)sums->once / (double)sums->keys);
    put_caption(paper, 0, text);
}

/* From 1, with some room where points may lie on the edge. */
static struct svg_axis log_axis(double least, uint64_t most, double from, double to)
{
    return (struct svg_axis){true, least, most < 10 ? 10 : (double)most * 1.05, from, to};
}

static double at_x(const struct paper *paper, double value)
{
    return svg_place(&paper->x, value);
}

static double at_y(const struct paper *paper, double value)
{
    return svg_place(&paper->y, value);
}

/* What the most frequent key would make of all others, if Zipf's law held. */
static void put_zipf(const struct paper *paper)
{
    const double most = (double)paper->most, keys = (double)paper->sums.keys;
    const double end = keys < most ? keys : most;
    fprintf(paper->file, "<path class=\"mark\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", at_x(paper, 1),
            at_y(paper, most), at_x(paper, end), at_y(paper, most / end));
    put_caption(paper, 1, "Dashed: f(1) / rank, as Zipf\xe2\x80\x99s law has it");
}

static void draw_rank(struct paper *paper)
{
    const struct snapshot *snapshot = paper->snapshot;
    uint64_t rank = 0;
    paper->x = log_axis(1, paper->sums.keys, LEFT, RIGHT);
    paper->y = log_axis(0.7, paper->most, BOTTOM, TOP);
    svg_frame(paper->file, &paper->x, &paper->y, "rank", "frequency");
    put_zipf(paper);
    struct svg_curve curve = svg_curve_begin(paper->file, "curve");
    for (size_t i = snapshot->spectrum_len; i > 0 && snapshot->spectrum[i - 1].count > 0; i--) {
        const struct snapshot_line *line = &snapshot->spectrum[i - 1];
        const double y = at_y(paper, (double)line->count);
        svg_curve_to(&curve, at_x(paper, (double)rank + 1), y);
        rank += line->keys;
        svg_curve_to(&curve, at_x(paper, (double)rank), y);
    }
    svg_curve_end(&curve);
}

/* Draws one dot for all that lies in one square, or none. Returns how many there are. */
static size_t put_dots(const struct paper *paper, double square, bool draws)
{
    uint8_t taken[GRID][GRID] = {{0}};
    size_t len = 0;
    for (size_t i = 0; i < paper->snapshot->spectrum_len; i++) {
        const struct snapshot_line *line = &paper->snapshot->spectrum[i];
        if (line->count == 0)
            continue;
        const double x = at_x(paper, (double)line->count), y = at_y(paper, (double)line->keys);
        uint8_t *one = &taken[(int)(x / square) % GRID][(int)(y / square) % GRID];
        if (*one)
            continue;
        *one = 1;
        len++;
        if (draws)
            svg_bar(paper->file, x, y, 0);
    }
    return len;
}

/* The first of them in figures: estimates of unseen words begin with these. */
static void put_first_counts(const struct paper *paper)
{
    enum { SHOWN = 3 };
    char text[CAPTION_BYTES] = "", number[NUMBER_BYTES];
    uint64_t keys[SHOWN + 1] = {0};
    size_t len = 0;
    for (size_t i = 0; i < paper->snapshot->spectrum_len; i++)
        if (paper->snapshot->spectrum[i].count <= SHOWN)
            keys[paper->snapshot->spectrum[i].count] = paper->snapshot->spectrum[i].keys;
    for (int m = 1; m <= SHOWN; m++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%sV(%d) = %s", m > 1 ? ", " : "", m,
                                number_grouped(number, keys[m]));
    put_caption(paper, 1, text);
}

static void draw_counts(struct paper *paper)
{
    uint64_t most = 1;
    double square = SQUARE_MIN;
    char name[96];
    for (size_t i = 0; i < paper->snapshot->spectrum_len; i++)
        if (paper->snapshot->spectrum[i].keys > most && paper->snapshot->spectrum[i].count > 0)
            most = paper->snapshot->spectrum[i].keys;
    paper->x = log_axis(0.8, paper->most, LEFT, RIGHT);
    paper->y = log_axis(0.7, most, BOTTOM, TOP);
    snprintf(name, sizeof name, "V(m), distinct %s that occur m times", paper->nouns);
    svg_frame(paper->file, &paper->x, &paper->y, "frequency m", name);
    put_first_counts(paper);
    while (put_dots(paper, square, false) > DOTS_MAX)
        square *= 1.25;
    svg_bars_begin(paper->file, "dots");
    put_dots(paper, square, true);
    svg_bars_end(paper->file);
}

/* How few are enough for a half, and for nearly all. */
static void put_needed(const struct paper *paper)
{
    enum { SHARES = 3 };
    static const double shares[SHARES] = {0.5, 0.8, 0.95};
    char text[CAPTION_BYTES], number[SHARES][NUMBER_BYTES];
    fputs("<path class=\"mark\" d=\"", paper->file);
    for (size_t i = 0; i < SHARES; i++) {
        const uint64_t keys = plot_needed(paper->snapshot, shares[i]);
        fprintf(paper->file, "M%d %.1fH%.1fV%d", LEFT, at_y(paper, 100 * shares[i]),
                at_x(paper, (double)keys), BOTTOM);
        number_grouped(number[i], keys);
    }
    fputs("\"/>\n", paper->file);
    snprintf(text, sizeof text,
             "The %s most frequent are 50\xc2\xa0%% of all %s, %s are 80\xc2\xa0%%, %s are "
             "95\xc2\xa0%%",
             number[0], paper->nouns, number[1], number[2]);
    put_caption(paper, 1, text);
}

static void draw_coverage(struct paper *paper)
{
    const double all = (double)paper->sums.tokens;
    const uint64_t keys = paper->sums.keys;
    uint64_t last = 0;
    char name[96];
    paper->x = (struct svg_axis){true, 1, keys < 10 ? 10 : (double)keys, LEFT, RIGHT};
    paper->y = (struct svg_axis){false, 0, 100, BOTTOM, TOP};
    snprintf(name, sizeof name, "share of all %s, %%", paper->nouns);
    svg_frame(paper->file, &paper->x, &paper->y, "r most frequent", name);
    put_needed(paper);
    struct svg_curve curve = svg_curve_begin(paper->file, "curve");
    for (int x = LEFT; x <= RIGHT; x += COLUMN) {
        const double share = (double)(x - LEFT) / (RIGHT - LEFT);
        uint64_t rank = (uint64_t)(pow(paper->x.most, share) + 1e-6);
        rank = rank > keys || (x == RIGHT && keys >= 10) ? keys : rank;
        if (rank == last)
            continue;
        last = rank;
        svg_curve_to(&curve, at_x(paper, (double)rank),
                     at_y(paper, 100 * (double)plot_covered(paper->snapshot, rank) / all));
    }
    svg_curve_end(&curve);
}

/* Where the points of the curve are: near to each other where it bends. */
static double growth_share(int step)
{
    return (double)step * step / (GROWTH_STEPS * GROWTH_STEPS);
}

static void draw_growth(struct paper *paper)
{
    const struct snapshot *snapshot = paper->snapshot;
    double keys[GROWTH_STEPS + 1], once[GROWTH_STEPS + 1];
    char name[96];
    paper->x = (struct svg_axis){false, 0, (double)paper->sums.tokens, LEFT, RIGHT};
    paper->y = (struct svg_axis){false, 0, (double)paper->sums.keys, BOTTOM, TOP};
    svg_round(&paper->y);
    snprintf(name, sizeof name, "n %s of text", paper->nouns);
    svg_frame(paper->file, &paper->x, &paper->y, name, "E V(n), expected in n");
    for (int i = 0; i <= GROWTH_STEPS; i++)
        plot_expected(snapshot, growth_share(i), &keys[i], &once[i]);
    for (int curves = 0; curves < 2; curves++) {
        const double *values = curves ? keys : once;
        struct svg_curve curve = svg_curve_begin(paper->file, curves ? "curve" : "curve second");
        for (int i = 0; i <= GROWTH_STEPS; i++)
            svg_curve_to(&curve, at_x(paper, paper->x.most * growth_share(i)),
                         at_y(paper, values[i]));
        svg_curve_end(&curve);
    }
    svg_line(paper->file, RIGHT, at_y(paper, keys[GROWTH_STEPS]) - 8, "end", "distinct");
    svg_line(paper->file, RIGHT, at_y(paper, once[GROWTH_STEPS]) - 8, "end", "once");
    put_caption(
        paper, 1,
        "E V(n) = V \xe2\x88\x92 \xce\xa3 V(m) (1 \xe2\x88\x92 n/N)"
        "<tspan dy=\"-5\" font-size=\"10\">m</tspan><tspan dy=\"5\">, in a random part of the "
        "text (Baayen, Word Frequency Distributions, 2001)</tspan>");
}

static const struct {
    const char *title; /* before what is counted, and after it */
    const char *after;
    void (*draw)(struct paper *paper);
} plots[PLOT_KINDS] = {
    [PLOT_RANK] = {"Rank and frequency of ", "", draw_rank},
    [PLOT_COUNTS] = {"Frequency spectrum of ", "", draw_counts},
    [PLOT_COVERAGE] = {"What the most frequent ", " cover", draw_coverage},
    [PLOT_GROWTH] = {"Growth of the vocabulary of ", "", draw_growth},
};

void plot_write(FILE *file, const struct snapshot *snapshot, enum plot_kind kind, bool alone)
{
    char title[128];
    struct paper paper = {.file = file, .snapshot = snapshot, .sums = plot_sums(snapshot)};
    snprintf(paper.nouns, sizeof paper.nouns, "%ss", snapshot->noun);
    snprintf(title, sizeof title, "%s%s%s", plots[kind].title, paper.nouns, plots[kind].after);
    svg_begin(file, WIDTH, HEIGHT, title, alone);
    svg_line(file, 0, TITLE_AT, "title", title);
    if (paper.sums.tokens == 0) {
        put_caption(&paper, 0, "nothing was counted");
    } else {
        paper.most = snapshot->spectrum[snapshot->spectrum_len - 1].count;
        put_numbers(&paper);
        plots[kind].draw(&paper);
    }
    fputs("</svg>\n", file);
}
