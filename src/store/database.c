/* SPDX-License-Identifier: BSD-3-Clause */
/* SQLite with the settings of a journal.
 *
 * A write-ahead log with synchronous=FULL: a commit is one write and one fsync, in order, where a
 * rollback journal needs three. Locking mode EXCLUSIVE: the lock is one of the operating system on
 * the file, which ends with the process, and there is no memory shared with others, which network
 * file systems lack. The trap: a process in that mode keeps what it got of the lock even when it
 * fails to get all, so that two that begin at the same moment would both be refused; hence whoever
 * fails lets go of the file and tries again a few times. */
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRIES = 5, PAUSE_MAX_US = 10000 };

static bool failed(const struct database *database, struct fail *fail)
{
    const char *name = database->name;
    switch (sqlite3_errcode(database->handle) & 0xff) {
    case SQLITE_BUSY:
        return fail_set(fail, FAIL_OUTPUT, "%s: is in use by another run, or open in a shell",
                        name);
    case SQLITE_NOTADB:
        return fail_set(fail, FAIL_USAGE, "%s: is no journal", name);
    case SQLITE_CORRUPT:
        return fail_set(fail, FAIL_INPUT, "%s: is damaged", name);
    case SQLITE_NOMEM:
        return fail_set(fail, FAIL_MEMORY, "%s: no memory for SQLite", name);
    case SQLITE_READONLY: /* the file itself could be opened */
        return fail_set(fail, FAIL_OUTPUT, "%s: the folder of a journal must be writable", name);
    case SQLITE_FULL:
        return fail_errno(fail, FAIL_OUTPUT, name, ENOSPC);
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
        if (sqlite3_system_errno(database->handle) != 0)
            return fail_errno(fail, FAIL_OUTPUT, name, sqlite3_system_errno(database->handle));
    }
    return fail_set(fail, FAIL_OUTPUT, "%s: %s", name, sqlite3_errmsg(database->handle));
}

bool database_run(struct database *database, const char *sql, struct fail *fail)
{
    return sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK
        || failed(database, fail);
}

struct sqlite3_stmt *database_prepare(struct database *database, const char *sql, struct fail *fail)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v3(database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL)
        != SQLITE_OK)
        failed(database, fail);
    return statement;
}

bool database_step(struct database *database, struct sqlite3_stmt *statement, bool *found,
                   struct fail *fail)
{
    int code = sqlite3_step(statement);
    *found = code == SQLITE_ROW;
    return *found || code == SQLITE_DONE || failed(database, fail);
}

void database_undo(struct database *database)
{
    if (database->handle && !sqlite3_get_autocommit(database->handle))
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}

void database_close(struct database *database)
{
    database_undo(database);
    sqlite3_close(database->handle);
    database->handle = NULL;
}

/* SQLite would fall back to reading where it may not write, take a device for an empty file, and
 * give the cause of its second attempt. To be called before SQLite has the file: to close any
 * descriptor of it is to lose the lock. */
static bool make_file(const char *path, struct fail *fail)
{
    struct stat status;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (fd < 0)
        return fail_errno(fail, FAIL_OUTPUT, path, errno);
    bool regular = fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
    close(fd);
    return regular || fail_set(fail, FAIL_OUTPUT, "%s: is no regular file", path);
}

/* Nothing is written before it is known whose file it is. */
static bool lock(struct database *database, const char *path, struct fail *fail)
{
    return (sqlite3_open_v2(path, &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                            NULL)
                == SQLITE_OK
            || failed(database, fail))
        && database_run(database, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT", fail);
}

static void pause_shortly(void)
{
    unsigned random = 0;
    if (getrandom(&random, sizeof random, 0) > 0)
        usleep(random % PAUSE_MAX_US);
}

static bool identify(struct database *database, const struct database_kind *kind, bool *fresh,
                     struct fail *fail)
{
    bool found = false;
    sqlite3_stmt *row = database_prepare(database,
                                         "SELECT application_id, user_version,"
                                         " (SELECT count(*) FROM sqlite_master)"
                                         " FROM pragma_application_id, pragma_user_version",
                                         fail);
    bool ok = row && database_step(database, row, &found, fail);
    int application = sqlite3_column_int(row, 0), version = sqlite3_column_int(row, 1);
    *fresh = application == 0 && version == 0 && sqlite3_column_int(row, 2) == 0;
    sqlite3_finalize(row);
    if (!ok || *fresh)
        return ok;
    if (application != kind->application)
        return fail_set(fail, FAIL_USAGE, "%s: is no journal", database->name);
    return version == kind->version
        || fail_set(fail, FAIL_USAGE, "%s: is of format %d, this program has format %d",
                    database->name, version, kind->version);
}

bool database_open(struct database *database, const char *path, const struct database_kind *kind,
                   bool *fresh, struct fail *fail)
{
    char plain[PATH_MAX];
    *database = (struct database){.name = path};
    if (!make_file(path, fail))
        return false;
    /* SQLite takes some relative names for something else: `file:x?mode=memory`, `:memory:`. */
    if (snprintf(plain, sizeof plain, "%s%s", path[0] == '/' ? "" : "./", path) >= PATH_MAX)
        return fail_errno(fail, FAIL_OUTPUT, path, ENAMETOOLONG);
    struct fail why = {0};
    for (int tries = 0; tries < TRIES && !lock(database, plain, &why); tries++) {
        bool busy = sqlite3_errcode(database->handle) == SQLITE_BUSY;
        database_close(database);
        if (!busy || tries + 1 == TRIES)
            return fail_set(fail, why.code, "%s", why.text);
        why = (struct fail){0};
        pause_shortly();
    }
    /* The log is cut after a batch that was much larger than others. */
    return identify(database, kind, fresh, fail)
        && database_run(database,
                        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                        "PRAGMA cache_size = -4096; PRAGMA journal_size_limit = 67108864",
                        fail);
}
