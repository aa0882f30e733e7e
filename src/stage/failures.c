/* SPDX-License-Identifier: BSD-3-Clause */
/* Failed tasks, one after another in memory that grows: a head and three texts. No communication.
 */
#include "stage/failures.h"

#include "job.h"

#include <inttypes.h>

enum { PRINTED = 10, PRINTED_BYTES = 80 };

struct head {
    uint64_t offset, task_len, shown_len;
    uint32_t tries, file_index;
    int32_t rank;
    uint32_t file_bytes, reason_bytes; /* with their NULs */
};

bool failures_add(struct job *job, const struct failures_entry *entry)
{
    struct buffer *to = &job->failures.bytes;
    struct head head = {
        .offset = entry->offset,
        .task_len = entry->task_len,
        .shown_len =
            entry->task_len < FAILURES_SHOWN_BYTES ? entry->task_len : FAILURES_SHOWN_BYTES,
        .tries = entry->tries,
        .file_index = entry->file_index,
        .rank = entry->rank,
        .file_bytes = (uint32_t)strlen(entry->file) + 1,
        .reason_bytes = (uint32_t)strlen(entry->reason) + 1,
    };
    job->failures.len++;
    return env_append(&job->env, to, &head, sizeof head)
        && env_append(&job->env, to, entry->file, head.file_bytes)
        && env_append(&job->env, to, entry->reason, head.reason_bytes)
        && env_append(&job->env, to, entry->task, head.shown_len);
}

bool failures_next(const struct job *job, size_t *at, struct failures_entry *entry)
{
    const struct buffer *from = &job->failures.bytes;
    struct head head;
    if (*at == from->len)
        return false;
    const uint8_t *texts = from->bytes + *at + sizeof head;
    memcpy(&head, from->bytes + *at, sizeof head);
    *entry = (struct failures_entry){
        .file = (const char *)texts,
        .reason = (const char *)texts + head.file_bytes,
        .task = texts + head.file_bytes + head.reason_bytes,
        .offset = head.offset,
        .task_len = head.task_len,
        .tries = head.tries,
        .file_index = head.file_index,
        .rank = head.rank,
    };
    *at += sizeof head + head.file_bytes + head.reason_bytes + head.shown_len;
    return true;
}

/* The beginning of a task, with ? for what a terminal might obey. */
static const char *shown(const struct failures_entry *entry, char text[PRINTED_BYTES + 4])
{
    size_t len = entry->task_len < PRINTED_BYTES ? entry->task_len : PRINTED_BYTES;
    for (size_t i = 0; i < len; i++)
        text[i] = entry->task[i] < ' ' || entry->task[i] == 0x7f ? '?' : (char)entry->task[i];
    strcpy(text + len, entry->task_len > len ? "..." : "");
    return text;
}

void failures_print(const struct job *job)
{
    struct failures_entry entry;
    char text[PRINTED_BYTES + 4];
    size_t at = 0;
    for (uint64_t i = 0; i < PRINTED && failures_next(job, &at, &entry); i++)
        fprintf(stderr,
                "%s: %s: the task at byte %" PRIu64 " failed: %s (%" PRIu32
                " tr%s, the last on rank %d, %s): %s\n",
                job->env.options.program, entry.file, entry.offset, entry.reason, entry.tries,
                entry.tries == 1 ? "y" : "ies", entry.rank, comm_host_of(job, entry.rank),
                shown(&entry, text));
    if (job->failures.len > PRINTED)
        fprintf(stderr, "%s: %" PRIu64 " more tasks failed (--json lists them)\n",
                job->env.options.program, job->failures.len - PRINTED);
}

void failures_free(struct job *job)
{
    buffer_free(&job->failures.bytes, &job->env.mem);
    job->failures.len = 0;
}
