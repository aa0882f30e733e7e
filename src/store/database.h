/* SPDX-License-Identifier: BSD-3-Clause */
/* database: an SQLite file that this process alone writes, and others may read, set so that what
 * was committed survives the end of the process or of the machine. */
#ifndef DATABASE_H
#define DATABASE_H

#include "host/fail.h"

struct sqlite3;
struct sqlite3_stmt;

struct database {
    const char *name; /* as the user gave it, for messages; borrowed */
    struct sqlite3 *handle;
    int lock;    /* descriptor of the file with the lock that keeps other runs out */
    bool locked; /* there is one */
    bool shared; /* others can read meanwhile */
};

/* What tells our files from others': application_id and user_version of the file. */
struct database_kind {
    int application, version;
};

/* Local. Opens the file, or creates it, and keeps others that open it so out until it is closed or
 * the process ends, in whatever way. Where the file system may be one of several hosts, or has no
 * memory that processes share, readers are kept out, too. `fresh`: there is nothing in it yet, and
 * the caller gives it its tables and its kind. False with fail set: FAIL_USAGE when the file is of
 * another kind and stays as it was, FAIL_OUTPUT when another process has it open so (known at once)
 * or it cannot be written. */
bool database_open(struct database *database, const char *path, const struct database_kind *kind,
                   bool *fresh, struct fail *fail);

/* Local. Runs statements that return no rows. False with fail set. */
bool database_run(struct database *database, const char *sql, struct fail *fail);

/* Local. A statement to be run many times; the caller finalizes it. NULL with fail set. */
struct sqlite3_stmt *database_prepare(struct database *database, const char *sql,
                                      struct fail *fail);

/* Local. Whether all values of a row were taken: `bad` is what sqlite3_bind_* said, or-ed. False
 * with fail set: a value without its place would be NULL. */
bool database_bound(const struct database *database, int bad, struct fail *fail);

/* Local. Goes to the next row of a statement; `found`: there is one. False with fail set. */
bool database_step(struct database *database, struct sqlite3_stmt *statement, bool *found,
                   struct fail *fail);

/* Local. Undoes what was not committed, also after SQLite undid it by itself. */
void database_undo(struct database *database);

/* Local. Commits nothing; its statements must have been finalized. Waits a tenth of a second at
 * most for readers; where they stay, so do FILE-wal and FILE-shm. Idempotent. */
void database_close(struct database *database);

#endif
