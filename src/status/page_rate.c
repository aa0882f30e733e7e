/* SPDX-License-Identifier: BSD-3-Clause */
/* The rate over the time: of several points of the history together, as one alone says little. */
#include "status/page_parts.h"
#include "status/svg.h"

enum { WIDTH = 720, HEIGHT = 190, LEFT = 64, RIGHT = 704, TOP = 26, BOTTOM = 140, STEPS = 60 };

struct rates {
    double seconds[STEPS + 1], rate[STEPS + 1]; /* which was so up to that second */
    double most;
    size_t len;
};

static void add(struct rates *rates, const struct snapshot_point *from,
                const struct snapshot_point *to, double unit)
{
    const double seconds = (double)to->seconds - (double)from->seconds;
    const double done = (double)to->done - (double)from->done;
    if (!(seconds > 0) || rates->len > STEPS)
        return;
    const double rate = done > 0 ? done / seconds / unit : 0;
    rates->seconds[rates->len] = (double)to->seconds;
    rates->rate[rates->len++] = rate;
    if (rate > rates->most)
        rates->most = rate;
}

static struct rates rates_of(const struct snapshot *snapshot, double unit)
{
    const struct snapshot_history *history = snapshot->history;
    const size_t every = (history->len + STEPS - 1) / STEPS;
    const struct snapshot_point *from = &history->points[0];
    struct rates rates = {0};
    for (size_t i = every; i < history->len; i += every) {
        add(&rates, from, &history->points[i], unit);
        from = &history->points[i];
    }
    return rates;
}

/* From the middle of one stretch to that of the next; or the area below that. */
static void draw(FILE *file, const struct rates *rates, const struct svg_axis *x,
                 const struct svg_axis *y, const char *class, bool area)
{
    struct svg_curve curve = svg_curve_begin(file, class);
    double from = x->from;
    if (area)
        svg_curve_to(&curve, x->from, y->from);
    svg_curve_to(&curve, x->from, svg_place(y, rates->rate[0]));
    for (size_t i = 0; i < rates->len; i++) {
        const double to = svg_place(x, rates->seconds[i]);
        svg_curve_to(&curve, (from + to) / 2, svg_place(y, rates->rate[i]));
        from = to;
    }
    svg_curve_to(&curve, x->to, svg_place(y, rates->rate[rates->len - 1]));
    if (area)
        svg_curve_to(&curve, x->to, y->from);
    svg_curve_end(&curve);
}

void page_rate_write(FILE *file, const struct snapshot *snapshot)
{
    if (!snapshot->history || snapshot->history->len < 3)
        return;
    const struct rates rates = rates_of(snapshot, snapshot->runs_tasks ? 1 : 1e6);
    if (rates.len < 2 || !(rates.most > 0))
        return;
    const double least = (double)snapshot->history->points[0].seconds;
    const struct svg_axis x = {false, least, rates.seconds[rates.len - 1], LEFT, RIGHT};
    struct svg_axis y = {false, 0, rates.most, BOTTOM, TOP};
    svg_round(&y);
    fputs("<h2>Rate</h2>\n<figure class=\"wide\">\n", file);
    svg_begin(file, WIDTH, HEIGHT, "rate over the time", false);
    svg_frame(file, &x, &y, "seconds of work", snapshot->runs_tasks ? "tasks/s" : "MB/s");
    draw(file, &rates, &x, &y, "area", true);
    draw(file, &rates, &x, &y, "curve", false);
    fputs("</svg>\n</figure>\n", file);
}
