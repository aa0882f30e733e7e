/* SPDX-License-Identifier: BSD-3-Clause */
/* ledger: what of the tasks an earlier run has done, and an account of what this one does, in a
 * journal that survives it (--journal). Without --journal it is empty and keeps nothing. */
#ifndef LEDGER_H
#define LEDGER_H

#include "stage/plan.h"
#include "stage/task_reader.h"
#include "store/journal.h"

struct env;
struct job;
struct options;

/* What has become of a task, for good. */
struct ledger_entry {
    struct task_reader_task task; /* and how often it was tried */
    bool done;
    int rank;
    uint64_t ns;
    const uint8_t *frames; /* that it left, where it is done */
    size_t frames_len;
    const char *reason; /* where it failed, and the bytes of the task */
    const uint8_t *bytes;
};

struct ledger {
    struct journal journal;
    bool open;
    uint64_t known; /* tasks of the inputs that were done before */
};

/* Local, on rank 0. FAIL_USAGE where the journal is that of another command. */
bool ledger_open(struct env *env, struct ledger *ledger, const struct options *options,
                 const struct plan *plan);

/* Local, on rank 0. Whether a task is done; to be asked in the order of the inputs. Sets its
 * digest. May set fail. */
bool ledger_has(struct env *env, struct ledger *ledger, struct task_reader_task *task,
                const uint8_t *bytes);

/* Local, on rank 0. The next result of an earlier run, in the order of the tasks: place and frames,
 * borrowed until the next call. False at the end, or with fail set. */
bool ledger_next(struct env *env, struct ledger *ledger, struct ledger_entry *entry);

/* Local, on rank 0. The frames of a task that is done, of this run or an earlier one; borrowed
 * until the next call for the journal. False with fail set. */
bool ledger_fetch(struct env *env, struct ledger *ledger, uint32_t file, uint64_t offset,
                  const uint8_t **frames, size_t *len);

/* Local, on rank 0. How many tasks earlier runs have done, of whatever inputs. False with fail set.
 */
bool ledger_count(struct env *env, struct ledger *ledger, uint64_t *tasks);

/* Local, on rank 0. Enters a task. False with fail set. */
bool ledger_add(struct job *job, struct ledger *ledger, const struct ledger_entry *entry);

/* Local, on rank 0, now and then. Brings what is due to the disk, or with `all` everything. False
 * with fail set. */
bool ledger_save(struct env *env, struct ledger *ledger, bool all);

/* Local. Idempotent. */
void ledger_close(struct ledger *ledger);

#endif
