/* SPDX-License-Identifier: BSD-3-Clause */
/* Held tasks: a copy, in which those that were reported are marked. Reports come nearly in the
 * order in which tasks were given, so each is looked for behind the last. No collectives. */
#include "stage/held.h"

#include "stage/task_queue.h"

#include <string.h>

enum { REPORTED = UINT32_MAX }; /* for the number of tries */

static size_t next_of(const struct held *held, size_t at, struct task_reader_task *task)
{
    memcpy(task, held->tasks.bytes + at, sizeof *task);
    return at + sizeof *task + mem_padded(task->len);
}

bool held_give(struct held *held, struct mem *mem, const uint8_t *tasks, size_t len,
               struct fail *fail)
{
    struct task_reader_task task;
    held->tasks.len = held->at = held->len = 0;
    if (!buffer_append(&held->tasks, mem, tasks, len, fail))
        return false;
    for (size_t at = 0; at < len; held->len++)
        at = next_of(held, at, &task);
    return true;
}

static void mark(struct held *held, uint64_t number)
{
    struct task_reader_task task;
    for (size_t looked = 0; looked < held->tasks.len;) {
        const size_t at = held->at < held->tasks.len ? held->at : 0;
        held->at = next_of(held, at, &task);
        looked += held->at - at;
        if (task.number != number || task.tries == REPORTED)
            continue;
        task.tries = REPORTED;
        memcpy(held->tasks.bytes + at, &task, sizeof task);
        held->len--;
        return;
    }
}

void held_take(struct held *held, const uint8_t *report, size_t len)
{
    for (const uint8_t *end = report + len; report < end;) {
        struct task_queue_report head;
        memcpy(&head, report, sizeof head);
        mark(held, head.task.number);
        report += sizeof head + mem_padded(head.bytes);
    }
}

bool held_give_up(struct held *held, struct mem *mem, const char *reason, struct buffer *report,
                  struct fail *fail)
{
    static const uint8_t padding[8];
    const uint32_t reason_bytes = (uint32_t)strlen(reason) + 1;
    bool ok = true;
    for (size_t at = 0; ok && at < held->tasks.len;) {
        struct task_queue_report head = {
            .state = TASK_QUEUE_FAILED, .reason_bytes = reason_bytes, .exit = -1};
        const uint8_t *bytes = held->tasks.bytes + at + sizeof head.task;
        at = next_of(held, at, &head.task);
        if (head.task.tries == REPORTED)
            continue;
        head.bytes = reason_bytes + head.task.len;
        ok = buffer_append(report, mem, &head, sizeof head, fail)
          && buffer_append(report, mem, reason, reason_bytes, fail)
          && buffer_append(report, mem, bytes, head.task.len, fail)
          && buffer_append(report, mem, padding, mem_padded(head.bytes) - head.bytes, fail);
    }
    held->tasks.len = held->at = held->len = 0;
    return ok;
}

void held_free(struct held *held, struct mem *mem)
{
    buffer_free(&held->tasks, mem);
    *held = (struct held){0};
}
