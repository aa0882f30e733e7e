/* SPDX-License-Identifier: BSD-3-Clause */
/* What there is in a folder. Names and commands come from files: no byte of them reaches a terminal
 * that it would act upon. */
#include "spool/spool_list.h"

#include "spool/spool_job.h"
#include "spool/spool_look.h"
#include "text/escape.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

enum { SHOWN_BYTES = 40, USER_BYTES = 12, TIME_BYTES = 32 };

/* Writes the first bytes of a text, `most` up to FAIL_TEXT_BYTES, and fills what is left of the
 * `width`. */
static void show(FILE *out, const char *text, size_t most, int width)
{
    uint8_t shown[ESCAPE_GROWTH * FAIL_TEXT_BYTES];
    const size_t len = strnlen(text, most);
    const uint8_t *end = escape_write(shown, (const uint8_t *)text, len, ESCAPE_ALL);
    const int written = (int)(end - shown);
    fprintf(out, "%.*s%*s", written, (const char *)shown, width > written ? width - written : 0,
            "");
}

static const char *time_text(uint64_t seconds, char text[TIME_BYTES])
{
    const time_t time = (time_t)seconds;
    struct tm parts;
    if (!localtime_r(&time, &parts) || strftime(text, TIME_BYTES, "%F %T", &parts) == 0)
        strcpy(text, "?");
    return text;
}

static void list_service(const struct spool *spool, const struct spool_service *service, FILE *out)
{
    char since[TIME_BYTES];
    if (!service->runs)
        fprintf(out, "%s: no service runs\n", spool->name);
    else if (service->host[0] == '\0')
        fprintf(out, "%s: a service runs\n", spool->name);
    else {
        fprintf(out, "%s: a service runs on ", spool->name);
        show(out, service->host, SHOWN_BYTES, 0);
        fprintf(out, " as process %ld since %s\n", service->pid,
                time_text(service->since_s, since));
    }
}

/* What is run: 40 bytes in all. */
static void list_command(const struct spool_job *job, FILE *out)
{
    char text[SHOWN_BYTES + 1];
    snprintf(text, sizeof text, "%s%s%s",
             job->exec   ? job->exec
             : job->task ? job->task
                         : "-",
             job->task && job->task_arguments ? " " : "",
             job->task && job->task_arguments ? job->task_arguments : "");
    show(out, text, SHOWN_BYTES, 0);
}

static void list_entry(const struct spool_entry *entry, const struct spool_state *state,
                       const struct spool_job *job, FILE *out)
{
    char since[TIME_BYTES];
    fprintf(out, "%6" PRIu64 " %-10s %10" PRIu64 " %10" PRIu64 " %8" PRIu64 " ", entry->number,
            entry->cancelled && !spool_state_final(state) ? "cancelling"
                                                          : spool_state_word(state->name),
            state->tasks ? state->tasks : job->tasks, state->done, state->failed);
    show(out, job->user, USER_BYTES, USER_BYTES);
    fprintf(out, " %s ", time_text(job->time_s, since));
    list_command(job, out);
    if (state->reason[0]) {
        fputs(" (", out);
        show(out, state->reason, FAIL_TEXT_BYTES, 0);
        putc(')', out);
    }
    putc('\n', out);
}

static void list_one(const struct spool *spool, const struct spool_entry *entry, FILE *out)
{
    struct fail fail = {0};
    struct spool_job job = {0};
    struct spool_state state;
    bool found;
    if (spool_job_read(spool, entry->number, &job, &fail)
        && spool_state_read(spool, entry->number, &state, &found, &fail))
        list_entry(entry, &state, &job, out);
    else
        fprintf(out, "%6" PRIu64 " %-10s %s\n", entry->number, "?", fail.text);
    spool_job_free(&job);
}

bool spool_list(const struct spool *spool, FILE *out, struct fail *fail)
{
    struct spool_look look = {0};
    struct spool_service service;
    if (!spool_find_service(spool, &service, fail) || !spool_look(&look, spool, fail))
        return false;
    list_service(spool, &service, out);
    fprintf(out, "%6s %-10s %10s %10s %8s %-*s %-19s %s\n", "NUMBER", "STATE", "TASKS", "DONE",
            "FAILED", USER_BYTES, "USER", "SINCE", "COMMAND");
    for (size_t i = 0; i < look.len; i++)
        list_one(spool, &look.entries[i], out);
    spool_look_free(&look);
    return true;
}
