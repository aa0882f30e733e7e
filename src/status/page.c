/* SPDX-License-Identifier: BSD-3-Clause */
/* A page, from its head to its end. It is XML, too. */
#include "status/page.h"

#include "status/line.h"
#include "status/page_parts.h"
#include "status/plot.h"
#include "status/svg.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { NAME_BYTES = 200, REASON_BYTES = 500, CLOSING_BYTES = 2048 };

static const char *const states[] = {
    [SNAPSHOT_RUNS] = "running",
    [SNAPSHOT_DONE] = "done",
    [SNAPSHOT_WOUND_DOWN] = "wound down, to be taken up again",
    [SNAPSHOT_FAILED] = "failed",
};

static void put_text(FILE *file, const char *text, size_t most)
{
    svg_text(file, text, strlen(text), most);
}

static void put_title(FILE *file, const struct snapshot *snapshot)
{
    if (snapshot->runs_tasks) {
        fputs("Tasks", file);
    } else {
        fputs("Count of ", file);
        put_text(file, snapshot->count, NAME_BYTES);
    }
}

static void put_head(FILE *file, const struct snapshot *snapshot)
{
    fputs(
        "<!DOCTYPE html>\n"
        "<html lang=\"en\" xmlns=\"http://www.w3.org/1999/xhtml\">\n<head>\n"
        "<meta charset=\"utf-8\"/>\n",
        file);
    if (snapshot->state == SNAPSHOT_RUNS)
        fputs("<meta http-equiv=\"refresh\" content=\"2\"/>\n", file);
    fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n<title>",
          file);
    put_title(file, snapshot);
    if (snapshot->state == SNAPSHOT_RUNS && snapshot->share >= 0)
        fprintf(file, ": %.0f %%", 100 * snapshot->share);
    else
        fprintf(file, ": %s", states[snapshot->state]);
    fputs("</title>\n", file);
    svg_style(file);
    fputs("</head>\n<body>\n", file);
}

/* Between its marks, see page.h. */
static void put_state(FILE *file, const struct snapshot *snapshot)
{
    static const char *const classes[] = {"", " good", "", " bad"};
    fprintf(file, "<!-- state -->\n<p class=\"state%s\">%s", classes[snapshot->state],
            states[snapshot->state]);
    if (snapshot->state == SNAPSHOT_RUNS)
        fprintf(file, ": %s", timing_names[snapshot->phase]);
    if (snapshot->failure) {
        fputs(": ", file);
        put_text(file, snapshot->failure, REASON_BYTES);
    }
    fputs("</p>\n<!-- end of state -->\n", file);
}

static void put_time(FILE *file, uint64_t ns)
{
    const time_t seconds = (time_t)(ns / 1000000000);
    char text[32] = "";
    struct tm parts;
    if (gmtime_r(&seconds, &parts))
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
    fprintf(file, "%s UTC", text);
}

static void put_share(FILE *file, const struct snapshot *snapshot)
{
    char text[NUMBER_BYTES];
    const double share = snapshot->share > 1 ? 1 : snapshot->share;
    if (snapshot->state != SNAPSHOT_RUNS)
        return;
    fputs(
        "<svg class=\"share\" viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\" role=\"img\" "
        "aria-label=\"share done\">\n",
        file);
    if (share > 0)
        fprintf(file, "<path d=\"M0 5h%.1f\"/>\n", 100 * share);
    fputs("</svg>\n<p>", file);
    if (share >= 0)
        fprintf(file, "%.1f\xc2\xa0%% done", 100 * share);
    else
        fputs("how much is done is not known", file);
    if (snapshot->left_s >= 0)
        fprintf(file, ", %s left", number_time(text, snapshot->left_s));
    else
        fputs(", time left unknown", file);
    fputs("</p>\n", file);
}

static void put_when(FILE *file, const struct snapshot *snapshot)
{
    fputs("<p class=\"note\">written at ", file);
    put_time(file, snapshot->now_ns);
    fputs(snapshot->state == SNAPSHOT_RUNS ? ", renewed every 2 s</p>\n" : "</p>\n", file);
}

/* The closing line, without the name before it. */
static void put_closing(FILE *file, const struct snapshot *snapshot)
{
    char text[CLOSING_BYTES] = "";
    FILE *memory = fmemopen(text, sizeof text, "w");
    if (!memory)
        return;
    line_closing(memory, snapshot);
    fclose(memory);
    const size_t name = strlen(snapshot->program) + strlen(": ");
    const char *line = strlen(text) > name ? text + name : text;
    fputs("<p class=\"closing\">", file);
    svg_text(file, line, strcspn(line, "\n"), CLOSING_BYTES);
    fputs("</p>\n", file);
}

static void put_fact(FILE *file, const char *name, const char *text)
{
    fprintf(file, "<div><dt>%s</dt><dd>", name);
    put_text(file, text, NAME_BYTES);
    fputs("</dd></div>\n", file);
}

/* The input, as far as it is known. */
static void put_input(FILE *file, const struct snapshot *snapshot)
{
    char done[NUMBER_BYTES], all[NUMBER_BYTES];
    const bool ended = snapshot_is_whole(snapshot);
    if (!ended && snapshot->runs_tasks && snapshot->expected_bytes == 0)
        return;
    fputs("<div><dt>input</dt><dd>", file);
    fputs(number_size(
              done, (double)(ended ? snapshot->totals->input_bytes : snapshot->work.mapped_bytes)),
          file);
    if (!ended && snapshot->expected_bytes > 0)
        fprintf(file, " of %s", number_size(all, (double)snapshot->expected_bytes));
    if (ended)
        fprintf(file, " in %s file%s", number_grouped(all, snapshot->totals->files),
                number_plural(snapshot->totals->files));
    fputs("</dd></div>\n", file);
}

/* While there is something. */
static void put_scratch(FILE *file, const struct snapshot *snapshot)
{
    char used[NUMBER_BYTES], most[NUMBER_BYTES];
    const struct snapshot_work *work = &snapshot->work;
    if (!snapshot->scratch || work->scratch_bytes == 0)
        return;
    fprintf(file, "<div><dt>scratch</dt><dd>%s of %s in ",
            number_size(used, (double)work->scratch_bytes),
            number_size(most, (double)work->scratch_limit_bytes));
    put_text(file, snapshot->scratch, NAME_BYTES);
    fputs("</dd></div>\n", file);
}

static void put_where(FILE *file, const struct snapshot *snapshot)
{
    char ranks[NUMBER_BYTES], hosts[NUMBER_BYTES], memory[NUMBER_BYTES];
    const uint64_t size = (uint64_t)snapshot->size, places = (uint64_t)snapshot->hosts;
    fprintf(file, "<div><dt>where</dt><dd>%s rank%s on %s host%s</dd></div>\n",
            number_grouped(ranks, size), number_plural(size), number_grouped(hosts, places),
            number_plural(places));
    fprintf(file, "<div><dt>memory of a rank</dt><dd>at most %s</dd></div>\n",
            number_size(memory, (double)snapshot->memory_bytes));
    if (snapshot->hosts > 1)
        put_fact(file, "shuffle", snapshot->by_host ? "by way of the own host" : "flat");
}

static void put_verified(FILE *file, const struct snapshot *snapshot)
{
    if (!snapshot->verifies)
        put_fact(file, "verification", "none (--verify=off)");
    else if (snapshot->totals->fingerprint == 0)
        put_fact(file, "verification", "by keyed sums");
    else
        fprintf(file,
                "<div><dt>verification</dt><dd>by keyed sums; fingerprint <code>%016" PRIx64
                "</code></dd></div>\n",
                snapshot->totals->fingerprint);
}

static void put_facts(FILE *file, const struct snapshot *snapshot)
{
    char text[NUMBER_BYTES];
    fputs("<dl>\n", file);
    put_fact(file, "program", snapshot->program);
    if (snapshot->runs_tasks && snapshot->command)
        put_fact(file, "what tasks run", snapshot->command);
    put_fact(file, snapshot->runs_tasks ? "results" : "result",
             strcmp(snapshot->output, "-") == 0 ? "standard output" : snapshot->output);
    if (snapshot->rules[0] != '\0')
        put_fact(file, "what a word is", snapshot->rules);
    put_input(file, snapshot);
    put_scratch(file, snapshot);
    put_where(file, snapshot);
    if (!snapshot->runs_tasks)
        put_fact(file, "kernel", snapshot->kernel);
    if (snapshot->begun_ns > 0) {
        fputs("<div><dt>begun</dt><dd>", file);
        put_time(file, snapshot->begun_ns);
        fputs("</dd></div>\n", file);
    }
    fprintf(file, "<div><dt>time of work</dt><dd>%s</dd></div>\n",
            number_time(text, snapshot->seconds));
    if (snapshot_is_whole(snapshot))
        put_verified(file, snapshot);
    fputs("</dl>\n", file);
}

static void put_plots(FILE *file, const struct snapshot *snapshot)
{
    if (!snapshot->spectrum || !snapshot_is_whole(snapshot))
        return;
    for (int kind = 0; kind < PLOT_KINDS; kind++) {
        fputs("<figure class=\"wide\">\n", file);
        plot_write(file, snapshot, (enum plot_kind)kind, false);
        fputs("</figure>\n", file);
    }
}

void page_write(FILE *file, const struct snapshot *snapshot)
{
    put_head(file, snapshot);
    fputs("<h1>", file);
    put_title(file, snapshot);
    fputs("</h1>\n", file);
    put_state(file, snapshot);
    put_share(file, snapshot);
    put_when(file, snapshot);
    if (snapshot_is_whole(snapshot))
        put_closing(file, snapshot);
    put_facts(file, snapshot);
    page_tasks_write(file, snapshot);
    put_plots(file, snapshot);
    if (!snapshot_is_whole(snapshot))
        page_rate_write(file, snapshot);
    page_load_write(file, snapshot);
    page_phases_write(file, snapshot);
    if (snapshot_is_whole(snapshot))
        page_rate_write(file, snapshot);
    fputs("</body>\n</html>\n", file);
}
