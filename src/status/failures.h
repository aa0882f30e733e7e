/* SPDX-License-Identifier: BSD-3-Clause */
/* failures: the tasks that have failed for good, as rank 0 knows them. */
#ifndef FAILURES_H
#define FAILURES_H

#include "host/buffer.h"

enum { FAILURES_SHOWN_BYTES = 4096 }; /* that are kept of a task */

/* {0} is empty. */
struct failures {
    struct buffer bytes;
    uint64_t len;
};

/* One of them. Texts end with NUL and are borrowed. */
struct failures_entry {
    const char *file, *reason;
    const uint8_t *task; /* the first FAILURES_SHOWN_BYTES of it */
    uint64_t offset;     /* where it begins in the file */
    uint32_t file_index; /* of the file, among the inputs */
    uint64_t task_len;   /* of all of it */
    uint32_t tries;
    int rank; /* of the last try */
};

/* Local. Copies an entry. False with fail set. */
bool failures_add(struct failures *failures, struct mem *mem, const struct failures_entry *entry,
                  struct fail *fail);

/* Local. The next entry; *at begins at 0. False at the end. */
bool failures_next(const struct failures *failures, size_t *at, struct failures_entry *entry);

/* Those that failed for the same reason. */
struct failures_group {
    struct failures_entry first;
    uint64_t len;
};

/* Local. Groups them, in the order of their first ones, up to `most` groups; others are left out.
 * Returns how many groups there are. */
size_t failures_groups(const struct failures *failures, struct failures_group *groups, size_t most);

/* Local. How much of the task there is in entry->task. */
static inline size_t failures_shown_bytes(const struct failures_entry *entry)
{
    return entry->task_len < FAILURES_SHOWN_BYTES ? entry->task_len : FAILURES_SHOWN_BYTES;
}

/* Local. Idempotent. */
void failures_free(struct failures *failures, struct mem *mem);

#endif
