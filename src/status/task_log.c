/* SPDX-License-Identifier: BSD-3-Clause */
#include "status/task_log.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

bool task_log_open(struct task_log *log, const char *path, struct fail *fail)
{
    *log = (struct task_log){fopen(path, "ae"), path};
    if (!log->file)
        return fail_errno(fail, FAIL_OUTPUT, path, errno);
    if (fseek(log->file, 0, SEEK_END) != 0 || ftell(log->file) <= 0)
        fputs("task\ttry\trank\thost\tstart\tseconds\texit\treason\n", log->file);
    return task_log_flush(log, fail);
}

/* On one line, in one column. */
static void write_reason(FILE *file, const char *reason)
{
    for (; *reason; reason++)
        putc((unsigned char)*reason < ' ' || *reason == 0x7f ? ' ' : *reason, file);
}

void task_log_add(struct task_log *log, const struct task_log_entry *entry)
{
    const uint64_t start_ms = (entry->end_ns - entry->ns) / 1000000;
    char status[16] = "-";
    if (!log->file)
        return;
    if (entry->exit >= 0 || !entry->reason)
        snprintf(status, sizeof status, "%d", entry->reason ? entry->exit : 0);
    fprintf(log->file, "%" PRIu64 "\t%" PRIu64 "\t%d\t%s\t%" PRIu64 ".%03" PRIu64 "\t%.6f\t%s\t",
            entry->number, entry->attempt, entry->rank, entry->host, start_ms / 1000,
            start_ms % 1000, (double)entry->ns / 1e9, status);
    write_reason(log->file, entry->reason ? entry->reason : "");
    putc('\n', log->file);
}

bool task_log_flush(struct task_log *log, struct fail *fail)
{
    if (!log->file || (fflush(log->file) == 0 && !ferror(log->file)))
        return true;
    return fail_errno(fail, FAIL_OUTPUT, log->path, errno);
}

void task_log_close(struct task_log *log)
{
    if (log->file)
        fclose(log->file);
    *log = (struct task_log){0};
}
