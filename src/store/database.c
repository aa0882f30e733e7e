/* SPDX-License-Identifier: BSD-3-Clause */
/* SQLite with the settings of a journal.
 *
 * A write-ahead log with synchronous=FULL: a commit is one write and one fsync, in order, where a
 * rollback journal needs three. Others can read while it grows, by way of memory that they share
 * with the writer, a mapping of FILE-shm. Where that mapping may not be the same for all, as on a
 * file system of several hosts, locking mode EXCLUSIVE does without it and keeps everybody out.
 *
 * Other runs are kept out by a lock of our own, on a byte of the file that SQLite leaves alone. It
 * belongs to the open file, not to the process, whose locks end when SQLite closes any descriptor
 * of the file; both end with the process. It is not flock(2), which NFS makes a lock of the whole
 * file, those of SQLite included. */
#include "store/database.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
    LOCK_BYTE = 0x40000000 + 512, /* behind those that SQLite locks */
    OPEN_WAIT_MS = 1000,          /* for others that have the database for a moment */
    RUN_WAIT_MS = 30000,
    CLOSE_WAIT_MS = 100,
};

static const char in_use[] = "%s: is in use by another run, or open in a shell";

static bool failed(const struct database *database, struct fail *fail)
{
    const char *name = database->name;
    switch (sqlite3_errcode(database->handle) & 0xff) {
    case SQLITE_BUSY:
        return fail_set(fail, FAIL_OUTPUT, in_use, name);
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

bool database_bound(const struct database *database, int bad, struct fail *fail)
{
    return bad == SQLITE_OK
        || fail_set(fail, FAIL_OUTPUT, "%s: a value is too large for SQLite, or there is no memory",
                    database->name);
}

void database_undo(struct database *database)
{
    if (database->handle && !sqlite3_get_autocommit(database->handle))
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL); /* closing does it, too */
}

/* What of the log can go into the file goes there, also when a reader keeps SQLite from removing
 * the log. The lock goes last: to close a descriptor of the file is to end the locks of SQLite. */
void database_close(struct database *database)
{
    database_undo(database);
    if (database->handle) {
        sqlite3_busy_timeout(database->handle, CLOSE_WAIT_MS);
        sqlite3_wal_checkpoint_v2(database->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    }
    sqlite3_close(database->handle);
    if (database->locked) {
        fcntl(database->lock, F_OFD_SETLK,
              &(struct flock){.l_type = F_UNLCK}); /* of children, too */
        close(database->lock);
    }
    database->handle = NULL;
    database->locked = false;
}

/* Opens the file by ourselves: SQLite would fall back to reading where it may not write, take a
 * device for an empty file, and give the cause of its second attempt. */
static bool lock(struct database *database, const char *path, struct fail *fail)
{
    struct stat status;
    struct flock range = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_BYTE, .l_len = 1};
    database->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    database->locked = database->lock >= 0;
    if (!database->locked)
        return fail_errno(fail, FAIL_OUTPUT, path, errno);
    if (fstat(database->lock, &status) != 0 || !S_ISREG(status.st_mode))
        return fail_set(fail, FAIL_OUTPUT, "%s: is no regular file", path);
    if (fcntl(database->lock, F_OFD_SETLK, &range) == 0)
        return true;
    return errno == EAGAIN || errno == EACCES ? fail_set(fail, FAIL_OUTPUT, in_use, path)
                                              : fail_errno(fail, FAIL_OUTPUT, path, errno);
}

/* Whether all who have the file open are on this host, and so can share memory. */
static bool is_local(int fd)
{
    static const uint32_t kinds[] = {EXT4_SUPER_MAGIC,      XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
                                     TMPFS_MAGIC,           RAMFS_MAGIC,     F2FS_SUPER_MAGIC,
                                     OVERLAYFS_SUPER_MAGIC, 0x2fc12fc1 /* ZFS */};
    struct statfs status;
    bool local = false;
    for (size_t i = 0; fstatfs(fd, &status) == 0 && i < sizeof kinds / sizeof *kinds; i++)
        local |= (uint32_t)status.f_type == kinds[i];
    return local;
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

/* Nothing is written before it is known whose file it is. */
static bool open_file(struct database *database, const char *path, const struct database_kind *kind,
                      bool *fresh, struct fail *fail)
{
    int code =
        sqlite3_open_v2(path, &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return failed(database, fail);
    sqlite3_busy_timeout(database->handle, OPEN_WAIT_MS);
    bool ok = (database->shared
               || database_run(database, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT",
                               fail))
           && identify(database, kind, fresh, fail)
           /* The log is cut after a batch that was much larger than others. The transaction tries
              whether memory can be shared. */
           && database_run(database,
                           "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                           "PRAGMA cache_size = -4096; PRAGMA journal_size_limit = 67108864;"
                           "BEGIN IMMEDIATE; COMMIT",
                           fail);
    sqlite3_busy_timeout(database->handle, RUN_WAIT_MS);
    return ok;
}

/* Whether it may have been the shared memory that failed. */
static bool may_do_without(const struct database *database)
{
    switch (sqlite3_errcode(database->handle) & 0xff) {
    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_PROTOCOL:
    case SQLITE_FULL:
        return true;
    }
    return false;
}

/* The files beside it have longer names. */
static bool has_room_beside(const char *path)
{
    const char *slash = strrchr(path, '/');
    return strlen(slash ? slash + 1 : path) + strlen("-journal") <= NAME_MAX;
}

bool database_open(struct database *database, const char *path, const struct database_kind *kind,
                   bool *fresh, struct fail *fail)
{
    char plain[PATH_MAX];
    struct fail why = {0};
    *database = (struct database){.name = path};
    if (!has_room_beside(path))
        return fail_errno(fail, FAIL_OUTPUT, path, ENAMETOOLONG);
    if (!lock(database, path, fail))
        return false;
    /* SQLite takes some relative names for something else: `file:x?mode=memory`, `:memory:`. */
    if (snprintf(plain, sizeof plain, "%s%s", path[0] == '/' ? "" : "./", path) >= PATH_MAX)
        return fail_errno(fail, FAIL_OUTPUT, path, ENAMETOOLONG);
    database->shared = is_local(database->lock);
    if (open_file(database, plain, kind, fresh, &why))
        return true;
    if (!database->shared || !may_do_without(database))
        return fail_set(fail, why.code, "%s", why.text);
    sqlite3_close(database->handle);
    database->shared = false;
    return open_file(database, plain, kind, fresh, fail);
}
