/* SPDX-License-Identifier: BSD-3-Clause */
/* Failed tasks, one after another in memory that grows: a head and three texts. */
#include "status/failures.h"

#include <string.h>

struct head {
    uint64_t offset, task_len, shown_len;
    uint32_t tries, file_index;
    int32_t rank;
    uint32_t file_bytes, reason_bytes; /* with their NULs */
};

bool failures_add(struct failures *failures, struct mem *mem, const struct failures_entry *entry,
                  struct fail *fail)
{
    struct buffer *to = &failures->bytes;
    const struct head head = {
        .offset = entry->offset,
        .task_len = entry->task_len,
        .shown_len = failures_shown_bytes(entry),
        .tries = entry->tries,
        .file_index = entry->file_index,
        .rank = entry->rank,
        .file_bytes = (uint32_t)strlen(entry->file) + 1,
        .reason_bytes = (uint32_t)strlen(entry->reason) + 1,
    };
    failures->len++;
    return buffer_append(to, mem, &head, sizeof head, fail)
        && buffer_append(to, mem, entry->file, head.file_bytes, fail)
        && buffer_append(to, mem, entry->reason, head.reason_bytes, fail)
        && buffer_append(to, mem, entry->task, head.shown_len, fail);
}

bool failures_next(const struct failures *failures, size_t *at, struct failures_entry *entry)
{
    const struct buffer *from = &failures->bytes;
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

size_t failures_groups(const struct failures *failures, struct failures_group *groups, size_t most)
{
    struct failures_entry entry;
    size_t len = 0;
    for (size_t at = 0; failures_next(failures, &at, &entry);) {
        size_t i = 0;
        while (i < len && strcmp(groups[i].first.reason, entry.reason) != 0)
            i++;
        if (i == most)
            continue;
        if (i == len)
            groups[len++] = (struct failures_group){.first = entry};
        groups[i].len++;
    }
    return len;
}

void failures_free(struct failures *failures, struct mem *mem)
{
    buffer_free(&failures->bytes, mem);
    failures->len = 0;
}
