/* SPDX-License-Identifier: BSD-3-Clause */
/* journal: which tasks are done and what they left, in a file that survives the end of the process
 * or of the machine at any moment.
 *
 * A task is done when its row is committed; rows are committed in batches. The file is an SQLite
 * database for people, too: table `task` has a row for each task that has ended, table `run` the
 * command, options and inputs of the last start, table `start` when the run was begun and taken up
 * again. They may read it while it is written. A row carries a sum of itself and of what the task
 * left, which is looked at when that is read. Results that are too large for a row are files in
 * the folder FILE.d beside it.
 *
 * Tasks of earlier starts are read while those of this one are added: neither journal_find nor
 * journal_next_done sees what was added since journal_open. */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "store/blob.h"
#include "store/database.h"
#include "store/manifest.h"

enum {
    JOURNAL_ROW_BYTES = 1 << 20, /* of frames that go into the row */
    JOURNAL_TASK_BYTES = 4096,   /* of a failed task that are kept, for people */
    JOURNAL_HOST_BYTES = 64,
};

enum journal_state {
    JOURNAL_MISSING, /* to be run */
    JOURNAL_DONE,
    JOURNAL_FAILED, /* in an earlier start; to be run again, which replaces its row */
};

/* A task that has ended. */
struct journal_entry {
    uint64_t file, offset; /* its identity, each below 2^63 */
    uint64_t digest;       /* of its bytes */
    uint64_t tries;
    bool done; /* false: failed for good */
    int rank;  /* where it was run last */
    char host[JOURNAL_HOST_BYTES];
    double seconds;
    const uint8_t *frames; /* what it left, opaque here; of done tasks */
    size_t frames_len;
    const char *reason;  /* of failed tasks */
    const uint8_t *task; /* its bytes, of failed tasks */
    size_t task_len;
};

struct journal_place {
    uint64_t file, offset;
};

/* The row that journal_find stands at. */
struct journal_known {
    struct journal_place place;
    uint64_t digest;
    bool done;
    bool loaded, ended; /* there is one; there are no more */
};

struct journal {
    struct database database;
    struct blob blob;
    struct sqlite3_stmt *add, *find, *next, *fetch; /* of the functions of these names */
    int64_t start;                                  /* number of this start, from 1 */
    uint64_t pending, pending_since_ns;             /* entries that are not committed */
    struct journal_known known;
    struct journal_place next_done;
};

/* Local. Opens the journal of this run, or creates it; it is that of `run` from then on. `path` is
 * borrowed. False with fail set: FAIL_USAGE for the journal of another run (names the first
 * difference) or a file that is no journal, FAIL_OUTPUT when another run has it open (known at
 * once) or it cannot be written. */
bool journal_open(struct journal *journal, const char *path, const struct manifest *run,
                  struct fail *fail);

/* Local. What earlier starts know of a task; asked in ascending order of (file, offset). Costs a
 * step of a cursor, 0.3 us. False with fail set: FAIL_USAGE when the digest is another, so the
 * inputs are. */
bool journal_find(struct journal *journal, uint64_t file, uint64_t offset, uint64_t digest,
                  enum journal_state *state, struct fail *fail);

/* Local. Adds a task to the open batch. One that is done already stays as it was. False with fail
 * set, and all of the batch is lost. */
bool journal_add(struct journal *journal, const struct journal_entry *entry, struct fail *fail);

/* Local. The batch is on the disk when this returns; without one it costs nothing. False with fail
 * set, and all of the batch is lost. */
bool journal_commit(struct journal *journal, struct fail *fail);

/* Local. Whether it is time to commit: 1,000 entries wait, or one for 0.2 s. */
bool journal_due(const struct journal *journal);

/* Local. The next task that earlier starts have done, in order of (file, offset). Its frames are
 * borrowed until the next call for this journal. False with fail set; FAIL_INPUT when the row, or
 * a file of FILE.d, is not there as it was written. */
bool journal_next_done(struct journal *journal, struct journal_entry *entry, bool *found,
                       struct fail *fail);

/* Local. What a task left that is done, in this start or an earlier one, committed or not. Its
 * frames are borrowed until the next call for this journal. False with fail set; FAIL_INPUT when it
 * is not there as it was written. */
bool journal_fetch(struct journal *journal, uint64_t file, uint64_t offset,
                   struct journal_entry *entry, struct fail *fail);

/* Local. How many tasks earlier starts have done. False with fail set. */
bool journal_count_done(struct journal *journal, uint64_t *tasks, struct fail *fail);

/* Local. Removes a journal that nobody has open, and what is beside it, as far as it is there. */
void journal_remove(const char *path);

/* Local. Commits nothing. Idempotent. */
void journal_close(struct journal *journal);

#endif
