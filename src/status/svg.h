/* SPDX-License-Identifier: BSD-3-Clause */
/* svg: what pages and plots are drawn with. Colours and type are classes of page.css, so that they
 * follow the reader's choice of light and dark. Lengths are pixels of a drawing that is as wide as
 * it is said to be; it is scaled to where it is shown. */
#ifndef SVG_H
#define SVG_H

#include "status/number.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { SVG_TICKS = 24 };

/* Local. The style sheet, as an element of a page. */
void svg_style(FILE *file);

/* Local. Text of others between tags, made harmless: what HTML would obey, what cannot be seen and
 * what is not UTF-8 is shown instead, as in ESCAPE_ALL. Of what would be more than `most` bytes it
 * is the beginning. */
void svg_text(FILE *file, const char *text, size_t len, size_t most);

/* Local. Begins a drawing, whose end is `</svg>`. `label` says what it shows to those who do not
 * see it. `alone`: it is a file of its own, with its style, and has a margin. */
void svg_begin(FILE *file, double width, double height, const char *label, bool alone);

/* Local. A line of text; `class` says how it is set. */
void svg_line(FILE *file, double x, double y, const char *class, const char *text);

/* An axis: which values are where on the drawing. */
struct svg_axis {
    bool log;
    double least, most; /* less than `most`; above 0 where log */
    double from, to;    /* where these two are */
};

/* Local. Where a value is. */
double svg_place(const struct svg_axis *axis, double value);

/* Local. The values that are marked, ascending: 1, 2 or 5 times powers of ten or, on a log axis of
 * more than two of them, powers of ten. Returns how many there are. */
size_t svg_ticks(const struct svg_axis *axis, double ticks[SVG_TICKS]);

/* Local. Moves the end of a linear axis up to what would be its next tick. */
void svg_round(struct svg_axis *axis);

/* Local. What is written beside a tick; returns text. */
char *svg_label(char text[NUMBER_BYTES], const struct svg_axis *axis, double value);

/* Local. Axes with their ticks and names, and a grid. */
void svg_frame(FILE *file, const struct svg_axis *x, const struct svg_axis *y, const char *x_name,
               const char *y_name);

/* A curve on its way. */
struct svg_curve {
    FILE *file;
    double x, y;           /* where it has been drawn to */
    double last_x, last_y; /* where it goes */
    size_t len;            /* points drawn */
};

/* Local. Begins a curve of straight lines. */
struct svg_curve svg_curve_begin(FILE *file, const char *class);

/* Local. Leads it to a point; points that lie too near to each other to be told apart are one. */
void svg_curve_to(struct svg_curve *curve, double x, double y);

/* Local. Ends it. */
void svg_curve_end(struct svg_curve *curve);

/* Local. Begins, continues and ends bars of one class, which lie: their left ends, middle lines and
 * lengths. Bars of no length are dots, where the class has round ends. */
void svg_bars_begin(FILE *file, const char *class);
void svg_bar(FILE *file, double x, double y, double length);
void svg_bars_end(FILE *file);

#endif
