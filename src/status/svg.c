/* SPDX-License-Identifier: BSD-3-Clause */
/* Pieces of HTML and SVG. Numbers have one digit behind the point: none can see more. */
#include "status/svg.h"

#include "text/escape.h"
#include "text/utf8.h"

#include <math.h>
#include <page_css.h>
#include <stdint.h>
#include <string.h>

enum {
    SEEN_BYTES = 4 * ESCAPE_GROWTH, /* of one character */
    SHOWN_BYTES = 5 * SEEN_BYTES,
    UNIT_BYTES = 128,
    TICKS_WANTED = 6,
    DECADES_MAX = 8,
    LABEL_GAP = 8,
    MARGIN = 16,      /* around what is a file of its own */
    NEAR_TENTHS = 16, /* of a pixel: what is nearer is one point */
};

static const char style[] = PAGE_CSS;

void svg_style(FILE *file)
{
    fprintf(file, "<style>\n%s</style>\n", style);
}

static void put_style_of_plots(FILE *file)
{
    const char *end = strstr(style, "/* Pages. */");
    fprintf(file, "<style>\n%.*s</style>\n", end ? (int)(end - style) : 0, style);
}

/* Writes what HTML shows as this byte; returns the end. */
static char *mask(char *at, uint8_t byte)
{
    switch (byte) {
    case '&':
        return stpcpy(at, "&amp;");
    case '<':
        return stpcpy(at, "&lt;");
    case '>':
        return stpcpy(at, "&gt;");
    default:
        *at = (char)byte;
        return at + 1;
    }
}

/* One character, or byte that is none, as it is written; returns how long that is. */
static size_t shown_as(char shown[SHOWN_BYTES], const uint8_t *character, size_t len)
{
    uint8_t seen[SEEN_BYTES];
    const uint8_t *end = escape_write(seen, character, len, ESCAPE_ALL);
    char *at = shown;
    for (const uint8_t *byte = seen; byte < end; byte++)
        at = mask(at, *byte);
    return (size_t)(at - shown);
}

void svg_text(FILE *file, const char *text, size_t len, size_t most)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + len;
    char shown[SHOWN_BYTES];
    while (at < end) {
        const size_t sequence = utf8_sequence(at, (size_t)(end - at)),
                     bytes = sequence ? sequence : 1;
        const size_t need = shown_as(shown, at, bytes);
        if (need > most)
            break;
        fwrite(shown, 1, need, file);
        most -= need;
        at += bytes;
    }
    if (at < end)
        fputs("\xe2\x80\xa6", file);
}

static void put_number(FILE *file, double number)
{
    fprintf(file, "%.7g", round(number * 10) / 10 + 0.0);
}

static void put_point(FILE *file, double x, double y)
{
    put_number(file, x);
    putc(' ', file);
    put_number(file, y);
}

void svg_begin(FILE *file, double width, double height, const char *label, bool alone)
{
    const int margin = alone ? MARGIN : 0;
    fputs("<svg", file);
    if (alone)
        fprintf(file, " xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\"",
                width + 2 * margin, height + 2 * margin);
    fprintf(file, " viewBox=\"%d %d %.0f %.0f\" role=\"img\" aria-label=\"%s\">\n", -margin,
            -margin, width + 2 * margin, height + 2 * margin, label);
    if (!alone)
        return;
    put_style_of_plots(file);
    fprintf(file, "<rect class=\"paper\" x=\"%d\" y=\"%d\" width=\"%.0f\" height=\"%.0f\"/>\n",
            -margin, -margin, width + 2 * margin, height + 2 * margin);
}

void svg_line(FILE *file, double x, double y, const char *class, const char *text)
{
    fputs("<text x=\"", file);
    put_number(file, x);
    fputs("\" y=\"", file);
    put_number(file, y);
    fprintf(file, "\"%s%s%s>%s</text>\n", *class ? " class=\"" : "", class, *class ? "\"" : "",
            text);
}

double svg_place(const struct svg_axis *axis, double value)
{
    const double share = axis->log ? log(value / axis->least) / log(axis->most / axis->least)
                                   : (value - axis->least) / (axis->most - axis->least);
    return axis->from + share * (axis->to - axis->from);
}

/* 1, 2 or 5 times a power of ten, so that there are few steps. */
static double step_of(const struct svg_axis *axis)
{
    const double rough = (axis->most - axis->least) / TICKS_WANTED;
    const double ten = pow(10, floor(log10(rough)));
    const double times = rough / ten;
    return ten * (times > 5 ? 10 : times > 2 ? 5 : times > 1 ? 2 : 1);
}

static size_t log_ticks(const struct svg_axis *axis, double ticks[SVG_TICKS])
{
    static const double within[] = {1, 2, 5};
    const double slack = 1 + 1e-9, decades = log10(axis->most / axis->least);
    const int every = 1 + (int)(decades / DECADES_MAX);
    const size_t each = decades > 2 ? 1 : 3;
    size_t len = 0;
    for (int ten = (int)floor(log10(axis->least)); len < SVG_TICKS; ten++) {
        const double power = pow(10, ten);
        if (power > axis->most * slack)
            break;
        for (size_t i = 0; i < each && ten % every == 0 && len < SVG_TICKS; i++) {
            const double value = power * within[i];
            if (value * slack >= axis->least && value <= axis->most * slack)
                ticks[len++] = value;
        }
    }
    return len;
}

size_t svg_ticks(const struct svg_axis *axis, double ticks[SVG_TICKS])
{
    if (axis->log)
        return log_ticks(axis, ticks);
    const double step = step_of(axis), first = ceil(axis->least / step - 1e-9);
    size_t len = 0;
    while (len < SVG_TICKS && (first + (double)len) * step <= axis->most + 1e-9 * step) {
        ticks[len] = (first + (double)len) * step;
        len++;
    }
    return len;
}

void svg_round(struct svg_axis *axis)
{
    const double step = step_of(axis);
    axis->most = ceil(axis->most / step - 1e-9) * step;
}

/* What the numbers of an axis are counted in. */
static const struct unit {
    double size;
    const char *name;
} units[] = {{1e9, "billions"}, {1e6, "millions"}, {1, NULL}};

static const struct unit *unit_of(const struct svg_axis *axis)
{
    const struct unit *unit = units;
    while (unit->name && (axis->log || axis->most < 2 * unit->size))
        unit++;
    return unit;
}

/* 10⁶; with the digits of Unicode above the line. */
static char *power_label(char text[NUMBER_BYTES], int power)
{
    static const char *const above[] = {
        "\xe2\x81\xb0", "\xc2\xb9",     "\xc2\xb2",     "\xc2\xb3",     "\xe2\x81\xb4",
        "\xe2\x81\xb5", "\xe2\x81\xb6", "\xe2\x81\xb7", "\xe2\x81\xb8", "\xe2\x81\xb9"};
    snprintf(text, NUMBER_BYTES, "10%s%s", power >= 10 ? above[power / 10 % 10] : "",
             above[power % 10]);
    return text;
}

char *svg_label(char text[NUMBER_BYTES], const struct svg_axis *axis, double value)
{
    const double shown = value / unit_of(axis)->size, power = round(log10(value));
    if (axis->log && power >= 5 && fabs(value / pow(10, power) - 1) < 1e-9)
        return power_label(text, (int)power);
    if (fabs(shown - round(shown)) < 1e-9 * fabs(shown) + 1e-12 && shown >= 0)
        return number_grouped(text, (uint64_t)round(shown));
    snprintf(text, NUMBER_BYTES, "%.6g", shown);
    return text;
}

static void put_grid(FILE *file, const struct svg_axis *x, const struct svg_axis *y)
{
    double ticks[SVG_TICKS];
    size_t len = svg_ticks(y, ticks);
    svg_bars_begin(file, "grid");
    for (size_t i = 0; i < len; i++)
        svg_bar(file, x->from, svg_place(y, ticks[i]), x->to - x->from);
    svg_bars_end(file);
    len = svg_ticks(x, ticks);
    fputs("<path class=\"axis\" d=\"", file);
    for (size_t i = 0; i < len; i++) {
        putc('M', file);
        put_point(file, svg_place(x, ticks[i]), y->from);
        fputs("v5", file);
    }
    putc('M', file);
    put_point(file, x->from, y->from);
    putc('h', file);
    put_number(file, x->to - x->from);
    fputs("\"/>\n", file);
}

static const char *with_unit(char text[UNIT_BYTES], const struct svg_axis *axis, const char *name)
{
    const char *unit = unit_of(axis)->name;
    if (!unit)
        return name;
    snprintf(text, UNIT_BYTES, "%s, %s", name, unit);
    return text;
}

void svg_frame(FILE *file, const struct svg_axis *x, const struct svg_axis *y, const char *x_name,
               const char *y_name)
{
    double ticks[SVG_TICKS];
    char text[NUMBER_BYTES], name[UNIT_BYTES];
    size_t len = svg_ticks(y, ticks);
    put_grid(file, x, y);
    fputs("<g class=\"end\">\n", file);
    for (size_t i = 0; i < len; i++)
        svg_line(file, x->from - LABEL_GAP, svg_place(y, ticks[i]) + 4, "",
                 svg_label(text, y, ticks[i]));
    svg_line(file, x->to, y->from + 40, "soft", with_unit(name, x, x_name));
    fputs("</g>\n<g class=\"middle\">\n", file);
    len = svg_ticks(x, ticks);
    for (size_t i = 0; i < len; i++)
        svg_line(file, svg_place(x, ticks[i]), y->from + 20, "", svg_label(text, x, ticks[i]));
    fputs("</g>\n", file);
    svg_line(file, 0, y->to - 14, "soft", with_unit(name, y, y_name));
}

struct svg_curve svg_curve_begin(FILE *file, const char *class)
{
    fprintf(file, "<path class=\"%s\" d=\"", class);
    return (struct svg_curve){.file = file};
}

static void draw(struct svg_curve *curve, double x, double y)
{
    putc(curve->len == 0 ? 'M' : ' ', curve->file);
    put_point(curve->file, x, y);
    curve->x = x;
    curve->y = y;
    curve->len++;
}

void svg_curve_to(struct svg_curve *curve, double x, double y)
{
    const double near = NEAR_TENTHS / 10.0;
    curve->last_x = x;
    curve->last_y = y;
    if (curve->len == 0 || fabs(x - curve->x) >= near || fabs(y - curve->y) >= near)
        draw(curve, x, y);
}

void svg_curve_end(struct svg_curve *curve)
{
    if (curve->len > 0 && (curve->last_x != curve->x || curve->last_y != curve->y))
        draw(curve, curve->last_x, curve->last_y);
    if (curve->len == 1)
        fputs("h0", curve->file); /* a dot */
    fputs("\"/>\n", curve->file);
}

void svg_bars_begin(FILE *file, const char *class)
{
    fprintf(file, "<path class=\"%s\" d=\"", class);
}

void svg_bar(FILE *file, double x, double y, double length)
{
    putc('M', file);
    put_point(file, x, y);
    putc('h', file);
    put_number(file, length);
}

void svg_bars_end(FILE *file)
{
    fputs("\"/>\n", file);
}
