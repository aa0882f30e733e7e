/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of phases, with the numbers of --stats, and the timeline. */
#include "status/page_parts.h"
#include "status/page_places.h"
#include "status/spread.h"
#include "status/svg.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { WIDTH = 720, LEFT = 130, RIGHT = 704, TOP = 8, ROW = 14, HOST_BYTES = 16 };

static void put_moved(FILE *file, uint64_t bytes)
{
    char text[NUMBER_BYTES];
    fprintf(file, "<td>%s</td>", bytes ? number_size(text, (double)bytes) : "\xe2\x80\x93");
}

static void put_phase(FILE *file, const struct snapshot *snapshot, int phase)
{
    const struct spread spent = SPREAD_OF(snapshot, spent_ns[phase]);
    fprintf(file,
            "<tr><td class=\"left\"><i class=\"key p%d\"></i>%s</td><td>%.4f</td><td>%.4f</td>"
            "<td>%.4f</td><td>%.2f</td>",
            phase, timing_names[phase], (double)spent.least / 1e9, spent.mean / 1e9,
            (double)spent.most / 1e9, spread_imbalance(&spent));
    put_moved(file, SPREAD_OF(snapshot, bytes[phase]).sum);
    put_moved(file, SPREAD_OF(snapshot, network_bytes[phase]).sum);
    fputs("</tr>\n", file);
}

static void put_table(FILE *file, const struct snapshot *snapshot)
{
    fputs(
        "<h2>Phases</h2>\n<div class=\"wide\">\n<table>\n<tr><th class=\"left\">phase</th>"
        "<th>min s</th><th>mean s</th><th>max s</th><th>imbalance</th><th>moved</th>"
        "<th>between hosts</th></tr>\n",
        file);
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        put_phase(file, snapshot, phase);
    fputs("</table>\n</div>\n", file);
}

static void put_balance(FILE *file, const struct snapshot *snapshot)
{
    char mean[NUMBER_BYTES], most[NUMBER_BYTES];
    if (snapshot->runs_tasks) {
        const struct spread tasks = SPREAD_OF(snapshot, work.tasks.done);
        const struct spread busy = SPREAD_OF(snapshot, work.tasks.busy_ns);
        fprintf(file,
                "<p>Tasks of a rank: %.1f, at most %" PRIu64
                "; busy %s, at most %s; balance %.2f.</p>\n",
                tasks.mean, tasks.most, number_time(mean, busy.mean / 1e9),
                number_time(most, (double)busy.most / 1e9), spread_balance(&busy));
    }
    const struct spread mapped = SPREAD_OF(snapshot, work.mapped_bytes);
    const struct spread peak = SPREAD_OF(snapshot, peak_bytes);
    const struct spread resident = SPREAD_OF(snapshot, resident_bytes);
    fprintf(file, "<p>Input imbalance %.2f; rounds %" PRIu64 "; peak memory of a rank %s",
            spread_imbalance(&mapped), snapshot->totals->rounds,
            number_size(mean, (double)peak.most));
    fprintf(file, ", resident %s.</p>\n", number_size(most, (double)resident.most));
}

static uint64_t spent_by(const struct page_place *row)
{
    uint64_t ns = 0;
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        ns += row->spent_ns[phase];
    return ns;
}

/* One phase of all rows, to whole pixels: between two of them there is no gap. */
static void put_spans(FILE *file, const struct page_places *places, const struct svg_axis *x,
                      int phase)
{
    char class[16];
    snprintf(class, sizeof class, "p%d", phase);
    svg_bars_begin(file, class);
    for (size_t i = 0; i < places->len; i++) {
        const struct page_place *row = &places->rows[i];
        uint64_t before = 0;
        for (int earlier = 0; earlier < phase; earlier++)
            before += row->spent_ns[earlier];
        const double from = round(svg_place(x, (double)before / 1e9));
        const double to = round(svg_place(x, (double)(before + row->spent_ns[phase]) / 1e9));
        if (to > from)
            svg_bar(file, from, TOP + (double)i * ROW + ROW / 2.0, to - from);
    }
    svg_bars_end(file);
}

static void put_names(FILE *file, const struct page_places *places)
{
    fputs("<g class=\"end soft\">\n", file);
    for (size_t i = 0; i < places->len; i++) {
        const struct page_place *row = &places->rows[i];
        fprintf(file, "<text x=\"%d\" y=\"%zu\">", LEFT - 8, TOP + i * ROW + 11);
        svg_text(file, row->host, strlen(row->host), HOST_BYTES);
        if (!places->by_host)
            fprintf(file, " \xc2\xb7 %d", row->rank);
        fputs("</text>\n", file);
    }
    fputs("</g>\n", file);
}

static void put_scale(FILE *file, const struct svg_axis *x, double bottom)
{
    double ticks[SVG_TICKS];
    char text[NUMBER_BYTES];
    const size_t len = svg_ticks(x, ticks);
    fputs("<path class=\"grid\" d=\"", file);
    for (size_t i = 0; i < len; i++)
        fprintf(file, "M%.1f %dV%.0f", svg_place(x, ticks[i]), TOP, bottom + 4);
    fputs("\"/>\n<g class=\"middle\">\n", file);
    for (size_t i = 0; i < len; i++)
        svg_line(file, svg_place(x, ticks[i]), bottom + 20, "", svg_label(text, x, ticks[i]));
    fputs("</g>\n", file);
    svg_line(file, RIGHT, bottom + 38, "end soft", "seconds");
}

static void put_timeline(FILE *file, const struct snapshot *snapshot)
{
    struct page_places places = page_places(snapshot, PAGE_PLACES_HALF);
    uint64_t most = 1;
    for (size_t i = 0; i < places.len; i++)
        most = spent_by(&places.rows[i]) > most ? spent_by(&places.rows[i]) : most;
    const struct svg_axis x = {false, 0, (double)most / 1e9, LEFT, RIGHT};
    const double bottom = TOP + (double)places.len * ROW;
    fprintf(file, "<h2>Time of the %s</h2>\n<figure class=\"spans wide\">\n",
            places.by_host ? "hosts" : "ranks");
    svg_begin(file, WIDTH, bottom + 46, "time of the phases, by rank or host", false);
    put_scale(file, &x, bottom);
    for (int phase = 0; phase < TIMING_PHASES; phase++)
        put_spans(file, &places, &x, phase);
    put_names(file, &places);
    fprintf(file,
            "</svg>\n<figcaption class=\"note\">The time in each phase, one after another%s; the "
            "colours are those of the table. What comes in rounds is added up.%s</figcaption>\n"
            "</figure>\n",
            places.by_host ? ", the mean of the ranks of a host" : "",
            places.len < places.all ? " Shown are those with the least and the most to do." : "");
    page_places_free(&places);
}

void page_phases_write(FILE *file, const struct snapshot *snapshot)
{
    if (!snapshot_is_whole(snapshot))
        return;
    put_table(file, snapshot);
    put_balance(file, snapshot);
    put_timeline(file, snapshot);
}
