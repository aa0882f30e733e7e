/* SPDX-License-Identifier: BSD-3-Clause */
/* A page, from its head to its end. */
#include "status/page.h"

#include "status/line.h"
#include "status/svg.h"

#include <time.h>

enum { NAME_BYTES = 120 };

static void write_head(FILE *file, const struct snapshot *snapshot)
{
    fputs(
        "<!DOCTYPE html>\n<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
        "<meta charset=\"utf-8\"/>\n",
        file);
    if (snapshot->state == SNAPSHOT_RUNS)
        fputs("<meta http-equiv=\"refresh\" content=\"2\"/>\n", file);
    fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>",
          file);
    svg_text(file, snapshot->program, NAME_BYTES);
    fputs("</title>\n", file);
    svg_style(file);
    fputs("</head>\n<body>\n", file);
}

static void write_state(FILE *file, const struct snapshot *snapshot)
{
    static const char *const names[] = {"runs", "done", "wound down", "failed"};
    fprintf(file, "<!-- state -->\n<p class=\"state%s\">%s",
            snapshot->state == SNAPSHOT_FAILED ? " bad" : "", names[snapshot->state]);
    if (snapshot->state == SNAPSHOT_RUNS)
        fprintf(file, ": %s", timing_names[snapshot->phase]);
    if (snapshot->failure) {
        fputs(": ", file);
        svg_text(file, snapshot->failure, 2 * NAME_BYTES);
    }
    fputs("</p>\n<!-- end of state -->\n", file);
}

static void write_when(FILE *file, const struct snapshot *snapshot)
{
    const time_t now = (time_t)(snapshot->now_ns / 1000000000);
    char text[32] = "";
    struct tm parts;
    if (gmtime_r(&now, &parts))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    fprintf(file, "<p class=\"soft\">written at %s UTC%s</p>\n", text,
            snapshot->state == SNAPSHOT_RUNS ? ", renewed every 2 s" : "");
}

void page_write(FILE *file, const struct snapshot *snapshot)
{
    write_head(file, snapshot);
    fputs("<h1>", file);
    svg_text(file, snapshot->program, NAME_BYTES);
    fputs("</h1>\n", file);
    write_state(file, snapshot);
    write_when(file, snapshot);
    fputs("</body>\n</html>\n", file);
}
