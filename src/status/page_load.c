/* SPDX-License-Identifier: BSD-3-Clause */
/* A table of ranks, or of hosts and a strip of their ranks. */
#include "status/page_parts.h"
#include "status/page_places.h"
#include "status/svg.h"

#include <string.h>

enum {
    STRIP_CELLS = 1024, /* of more ranks several share a cell */
    STRIP_ROW = 64,
    CELL = 11,
    LEVELS = 5,
};

static void put_number(FILE *file, uint64_t number)
{
    char text[NUMBER_BYTES];
    fprintf(file, "<td>%s</td>", number_grouped(text, number));
}

static void put_bar(FILE *file, uint64_t part, uint64_t all)
{
    fprintf(file, "<td><svg class=\"bar\"><line x2=\"%.0f%%\"/></svg></td>",
            100.0 * (double)part / (double)all);
}

static void put_head(FILE *file, const struct snapshot *snapshot, const struct page_places *places)
{
    const bool ended = snapshot_is_whole(snapshot);
    fputs("<div class=\"wide\">\n<table>\n<tr>", file);
    if (!places->by_host)
        fputs("<th>rank</th>", file);
    fputs("<th class=\"left\">host</th>", file);
    if (places->by_host)
        fputs("<th>ranks</th>", file);
    else if (!ended)
        fputs("<th class=\"left\">phase</th>", file);
    if (snapshot->runs_tasks)
        fputs("<th>tasks done</th><th>failed tries</th><th>running</th><th>busy</th>", file);
    else
        fputs("<th>mapped</th>", file);
    fputs("<th></th>", file);
    if (ended)
        fputs("<th>peak memory</th>", file);
    fputs("</tr>\n", file);
}

static void put_row(FILE *file, const struct snapshot *snapshot, const struct page_places *places,
                    const struct page_place *row)
{
    char text[NUMBER_BYTES];
    const bool ended = snapshot_is_whole(snapshot);
    fputs("<tr>", file);
    if (!places->by_host)
        fprintf(file, "<td>%d</td>", row->rank);
    fputs("<td class=\"left\">", file);
    svg_text(file, row->host, strlen(row->host), PAGE_PLACES_HOST_BYTES);
    fputs("</td>", file);
    if (places->by_host)
        put_number(file, (uint64_t)row->ranks);
    else if (!ended)
        fprintf(file, "<td class=\"left\">%s</td>",
                row->phase < TIMING_PHASES ? timing_names[row->phase] : "");
    if (snapshot->runs_tasks) {
        put_number(file, row->tasks.done);
        put_number(file, row->tasks.failed);
        put_number(file, row->tasks.running);
        fprintf(file, "<td>%s</td>", number_time(text, (double)row->load / 1e9));
    } else {
        fprintf(file, "<td>%s</td>", number_size(text, (double)row->load));
    }
    put_bar(file, row->load, places->most);
    if (ended)
        fprintf(file, "<td>%s</td>", number_size(text, (double)row->peak_bytes));
    fputs("</tr>\n", file);
}

/* The load of a cell, as one of LEVELS. */
static int level_of(const struct snapshot *snapshot, int cell, int each, uint64_t most)
{
    uint64_t load = 0, ranks = 0;
    for (int rank = cell * each; rank < (cell + 1) * each && rank < snapshot->size; rank++) {
        load += page_places_load(snapshot, &snapshot->ranks[rank]);
        ranks++;
    }
    const double share = (double)load / (double)ranks / (double)most;
    const int level = load == 0 ? 0 : 1 + (int)(share * (LEVELS - 1));
    return level < LEVELS ? level : LEVELS - 1;
}

/* Cells that follow each other are one bar. */
static void put_level(FILE *file, const struct snapshot *snapshot, int level, int cells, int each,
                      uint64_t most)
{
    char class[16];
    snprintf(class, sizeof class, "l%d", level);
    svg_bars_begin(file, class);
    for (int from = 0, to; from < cells; from = to) {
        const int end = from - from % STRIP_ROW + STRIP_ROW;
        to = from;
        while (to < cells && to < end && level_of(snapshot, to, each, most) == level)
            to++;
        if (to > from)
            svg_bar(file, from % STRIP_ROW * CELL, from / STRIP_ROW * (CELL + 1) + CELL / 2.0,
                    (to - from) * CELL);
        else
            to++;
    }
    svg_bars_end(file);
}

static void put_strip(FILE *file, const struct snapshot *snapshot)
{
    const int each = (snapshot->size + STRIP_CELLS - 1) / STRIP_CELLS;
    const int cells = (snapshot->size + each - 1) / each;
    const int rows = (cells + STRIP_ROW - 1) / STRIP_ROW;
    uint64_t most = 1;
    for (int rank = 0; rank < snapshot->size; rank++) {
        const uint64_t load = page_places_load(snapshot, &snapshot->ranks[rank]);
        most = load > most ? load : most;
    }
    fputs("<figure class=\"strip wide\">\n", file);
    svg_begin(file, STRIP_ROW * CELL, rows * (CELL + 1), "what each rank has done", false);
    for (int level = 0; level < LEVELS; level++)
        put_level(file, snapshot, level, cells, each, most);
    fprintf(file,
            "</svg>\n<figcaption class=\"note\">%s, from left to right, %d in a row: the stronger "
            "the colour, the more has been done</figcaption>\n</figure>\n",
            each > 1 ? "Ranks, several in a cell" : "Ranks", STRIP_ROW * each);
}

void page_load_write(FILE *file, const struct snapshot *snapshot)
{
    char all[NUMBER_BYTES];
    struct page_places places = page_places(snapshot, PAGE_PLACES_MAX);
    fprintf(file, "<h2>%s</h2>\n", places.by_host ? "Hosts" : "Ranks");
    if (places.by_host)
        put_strip(file, snapshot);
    put_head(file, snapshot, &places);
    for (size_t i = 0; i < places.len; i++)
        put_row(file, snapshot, &places, &places.rows[i]);
    fputs("</table>\n</div>\n", file);
    if (places.len > 0 && places.len < places.all)
        fprintf(file,
                "<p class=\"note\">Of %s hosts, these have the least and the most done.</p>\n",
                number_grouped(all, places.all));
    page_places_free(&places);
}
