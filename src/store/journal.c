/* SPDX-License-Identifier: BSD-3-Clause */
/* The journal of a run of tasks.
 *
 * The key of the table is the identity of a task and the table is stored in its order (WITHOUT
 * ROWID), so tasks, which come in that order, are looked up by one cursor that only goes forward.
 * The trap: as long as a cursor is open the log cannot be written back and grows with every commit.
 * So each commit ends both cursors; the next step seeks the place again. Rows carry the number of
 * the start that wrote them, by which a cursor passes over those of its own. */
#include "store/journal.h"
#include "host/clock.h"

#include <assert.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

enum { DUE_ENTRIES = 1000, DUE_NS = 200000000, NAME_BYTES = 48 };

/* `mpij`, and the version of what follows. */
static const struct database_kind kind = {0x6d70696a, 2};
static const char schema[] =
    "PRAGMA application_id = 0x6d70696a; PRAGMA user_version = 2;"
    "CREATE TABLE start(number INTEGER PRIMARY KEY, time TEXT DEFAULT CURRENT_TIMESTAMP);"
    "CREATE TABLE task("
    " file INTEGER NOT NULL, offset INTEGER NOT NULL, digest INTEGER NOT NULL,"
    " state TEXT NOT NULL, start INTEGER NOT NULL, tries INTEGER, rank INTEGER, host TEXT,"
    " seconds REAL, reason TEXT, task BLOB, result_bytes INTEGER, result_file TEXT, result BLOB,"
    " sum INTEGER,"
    " PRIMARY KEY(file, offset)) WITHOUT ROWID";
static const char add_sql[] =
    "REPLACE INTO task(file, offset, digest, state, start, tries, rank, host, seconds, reason,"
    " task, result_bytes, result_file, result, sum)"
    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15 WHERE NOT EXISTS"
    " (SELECT 1 FROM task WHERE file = ?1 AND offset = ?2 AND state = 'done')";
static const char find_sql[] =
    "SELECT file, offset, digest, state = 'done' FROM task"
    " WHERE (file, offset) >= (?1, ?2) AND start < ?3 ORDER BY file, offset";
#define ENTRY                                                                                      \
    "file, offset, digest, tries, rank, host, seconds, result_bytes, result_file, result, start, " \
    "sum"
static const char next_sql[] =
    "SELECT " ENTRY
    " FROM task WHERE (file, offset) >= (?1, ?2) AND start < ?3 AND state = 'done'"
    " ORDER BY file, offset";
static const char fetch_sql[] =
    "SELECT " ENTRY " FROM task WHERE file = ?1 AND offset = ?2 AND state = 'done'";

/* Opening. */

static bool add_start(struct journal *journal, struct fail *fail)
{
    bool ok = database_run(&journal->database, "INSERT INTO start DEFAULT VALUES", fail);
    journal->start = sqlite3_last_insert_rowid(journal->database.handle);
    return ok;
}

static void name_result(char name[NAME_BYTES], uint64_t file, uint64_t offset)
{
    snprintf(name, NAME_BYTES, "%" PRIu64 "-%" PRIu64, file, offset);
}

struct orphans {
    struct database *database;
    sqlite3_stmt *named;
};

/* A file as we name them that no row names. When that cannot be found out it stays. */
static bool orphan(void *context, const char *name)
{
    struct orphans *orphans = context;
    uint64_t file, offset;
    char ours[NAME_BYTES];
    bool found;
    if (sscanf(name, "%" SCNu64 "-%" SCNu64, &file, &offset) != 2)
        return false;
    name_result(ours, file, offset);
    if (strcmp(name, ours) != 0)
        return false;
    struct fail none = {0};
    const int bad = sqlite3_bind_int64(orphans->named, 1, (int64_t)file)
                  | sqlite3_bind_int64(orphans->named, 2, (int64_t)offset);
    bool ok = database_bound(orphans->database, bad, &none)
           && database_step(orphans->database, orphans->named, &found, &none);
    sqlite3_reset(orphans->named);
    return ok && !found;
}

static bool remove_orphans(struct journal *journal, struct fail *fail)
{
    struct orphans orphans = {&journal->database, NULL};
    orphans.named = database_prepare(
        &journal->database,
        "SELECT 1 FROM task WHERE file = ?1 AND offset = ?2 AND result_file IS NOT NULL", fail);
    bool ok = orphans.named && blob_clear(&journal->blob, orphan, &orphans, fail);
    sqlite3_finalize(orphans.named);
    return ok;
}

static bool open_rows(struct journal *journal, struct fail *fail)
{
    /* The name with symbolic links resolved: the folder is the same by whatever name. */
    char folder[PATH_MAX + 2];
    snprintf(folder, sizeof folder, "%s.d", sqlite3_db_filename(journal->database.handle, "main"));
    journal->add = database_prepare(&journal->database, add_sql, fail);
    journal->find = database_prepare(&journal->database, find_sql, fail);
    journal->next = database_prepare(&journal->database, next_sql, fail);
    journal->fetch = database_prepare(&journal->database, fetch_sql, fail);
    return journal->add && journal->find && journal->next && journal->fetch
        && blob_init(&journal->blob, folder, fail) && remove_orphans(journal, fail);
}

static bool open_run(struct journal *journal, const struct manifest *run, bool fresh,
                     struct fail *fail)
{
    return database_run(&journal->database, "BEGIN IMMEDIATE", fail)
        && (fresh ? database_run(&journal->database, schema, fail)
                  : manifest_compare(&journal->database, run, fail))
        && manifest_put(&journal->database, run, fail) && add_start(journal, fail)
        && database_run(&journal->database, "COMMIT", fail);
}

bool journal_open(struct journal *journal, const char *path, const struct manifest *run,
                  struct fail *fail)
{
    bool fresh;
    *journal = (struct journal){0};
    bool ok = database_open(&journal->database, path, &kind, &fresh, fail)
           && open_run(journal, run, fresh, fail) && open_rows(journal, fail);
    if (!ok)
        journal_close(journal);
    return ok;
}

void journal_remove(const char *path)
{
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    char name[PATH_MAX + 16];
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        unlink(name);
    }
    snprintf(name, sizeof name, "%s.d", path);
    blob_remove(name);
}

void journal_close(struct journal *journal)
{
    sqlite3_finalize(journal->add);
    sqlite3_finalize(journal->find);
    sqlite3_finalize(journal->next);
    sqlite3_finalize(journal->fetch);
    database_close(&journal->database);
    blob_close(&journal->blob);
    *journal = (struct journal){0};
}

/* Reading. */

static bool before(struct journal_place a, struct journal_place b)
{
    return a.file < b.file || (a.file == b.file && a.offset < b.offset);
}

/* The next row of a cursor, which begins at `from` unless it is open already. */
static bool step(struct journal *journal, sqlite3_stmt *cursor, struct journal_place from,
                 bool *found, struct fail *fail)
{
    int bad = SQLITE_OK;
    if (!sqlite3_stmt_busy(cursor)) {
        sqlite3_reset(cursor);
        bad = sqlite3_bind_int64(cursor, 1, (int64_t)from.file)
            | sqlite3_bind_int64(cursor, 2, (int64_t)from.offset)
            | sqlite3_bind_int64(cursor, 3, journal->start);
    }
    return database_bound(&journal->database, bad, fail)
        && database_step(&journal->database, cursor, found, fail);
}

static void end_cursors(struct journal *journal)
{
    sqlite3_reset(journal->find);
    sqlite3_reset(journal->next);
    sqlite3_reset(journal->fetch);
}

static struct journal_place place_of(sqlite3_stmt *row)
{
    return (struct journal_place){(uint64_t)sqlite3_column_int64(row, 0),
                                  (uint64_t)sqlite3_column_int64(row, 1)};
}

bool journal_find(struct journal *journal, uint64_t file, uint64_t offset, uint64_t digest,
                  enum journal_state *state, struct fail *fail)
{
    struct journal_known *known = &journal->known;
    struct journal_place asked = {file, offset};
    bool found;
    while (!known->ended && (!known->loaded || before(known->place, asked))) {
        if (!step(journal, journal->find, asked, &found, fail))
            return false;
        known->loaded = found;
        known->ended = !found;
        if (!found)
            break;
        known->place = place_of(journal->find);
        known->digest = (uint64_t)sqlite3_column_int64(journal->find, 2);
        known->done = sqlite3_column_int(journal->find, 3);
    }
    *state = JOURNAL_MISSING;
    if (!known->loaded || before(asked, known->place))
        return true;
    if (known->digest != digest)
        return fail_set(fail, FAIL_USAGE,
                        "%s: the task at byte %" PRIu64 " of input %" PRIu64
                        " is not the one of the journal: the input has changed",
                        journal->database.name, offset, file + 1);
    *state = known->done ? JOURNAL_DONE : JOURNAL_FAILED;
    return true;
}

/* Of a task that is done, and of what it left: a row, or a file, that has changed is not believed.
 */
static uint64_t sum_of(const struct journal_entry *entry, int64_t start)
{
    const uint64_t row[] = {entry->file, entry->offset, entry->digest, (uint64_t)start};
    return XXH3_64bits_withSeed(entry->frames, entry->frames_len, XXH3_64bits(row, sizeof row));
}

static bool read_frames(struct journal *journal, sqlite3_stmt *row, struct journal_entry *entry,
                        struct fail *fail)
{
    entry->frames_len = (size_t)sqlite3_column_int64(row, 7);
    const char *name = (const char *)sqlite3_column_text(row, 8);
    entry->frames = name ? blob_get(&journal->blob, name, entry->frames_len, fail)
                         : sqlite3_column_blob(row, 9);
    if (name && !entry->frames)
        return false;
    if ((!name && (size_t)sqlite3_column_bytes(row, 9) != entry->frames_len)
        || (uint64_t)sqlite3_column_int64(row, 11) != sum_of(entry, sqlite3_column_int64(row, 10)))
        return fail_set(fail, FAIL_INPUT,
                        "%s: is damaged: what the task at byte %" PRIu64 " of input %" PRIu64
                        " left is not as it was written",
                        journal->database.name, entry->offset, entry->file + 1);
    return true;
}

/* The row of a task that is done. */
static bool read_entry(struct journal *journal, sqlite3_stmt *row, struct journal_entry *entry,
                       struct fail *fail)
{
    struct journal_place place = place_of(row);
    const char *host = (const char *)sqlite3_column_text(row, 5);
    *entry = (struct journal_entry){
        .file = place.file,
        .offset = place.offset,
        .digest = (uint64_t)sqlite3_column_int64(row, 2),
        .tries = (uint64_t)sqlite3_column_int64(row, 3),
        .done = true,
        .rank = sqlite3_column_int(row, 4),
        .seconds = sqlite3_column_double(row, 6),
    };
    snprintf(entry->host, sizeof entry->host, "%s", host ? host : "");
    return read_frames(journal, row, entry, fail);
}

bool journal_next_done(struct journal *journal, struct journal_entry *entry, bool *found,
                       struct fail *fail)
{
    sqlite3_stmt *row = journal->next;
    if (!step(journal, row, journal->next_done, found, fail) || !*found)
        return fail->code == FAIL_NONE;
    struct journal_place place = place_of(row);
    journal->next_done = (struct journal_place){place.file, place.offset + 1};
    return read_entry(journal, row, entry, fail);
}

bool journal_fetch(struct journal *journal, uint64_t file, uint64_t offset,
                   struct journal_entry *entry, struct fail *fail)
{
    bool found;
    sqlite3_stmt *row = journal->fetch;
    sqlite3_reset(row);
    const int bad =
        sqlite3_bind_int64(row, 1, (int64_t)file) | sqlite3_bind_int64(row, 2, (int64_t)offset);
    if (!database_bound(&journal->database, bad, fail)
        || !database_step(&journal->database, row, &found, fail))
        return false;
    if (!found)
        return fail_set(fail, FAIL_INPUT,
                        "%s: has lost the task at byte %" PRIu64 " of input %" PRIu64,
                        journal->database.name, offset, file + 1);
    return read_entry(journal, row, entry, fail);
}

bool journal_count_done(struct journal *journal, uint64_t *tasks, struct fail *fail)
{
    bool found;
    sqlite3_stmt *row = database_prepare(
        &journal->database, "SELECT count(*) FROM task WHERE start < ?1 AND state = 'done'", fail);
    if (!row)
        return false;
    bool ok = database_bound(&journal->database, sqlite3_bind_int64(row, 1, journal->start), fail)
           && database_step(&journal->database, row, &found, fail);
    *tasks = ok ? (uint64_t)sqlite3_column_int64(row, 0) : 0;
    sqlite3_finalize(row);
    return ok;
}

/* Writing. */

static int bind_bytes(sqlite3_stmt *row, int column, const uint8_t *bytes, size_t len)
{
    return sqlite3_bind_blob64(row, column, len ? (const void *)bytes : "", len, SQLITE_STATIC);
}

static bool add_row(struct journal *journal, const struct journal_entry *entry,
                    const char *result_file, struct fail *fail)
{
    bool found;
    sqlite3_stmt *row = journal->add;
    int bad = sqlite3_clear_bindings(row) | sqlite3_bind_int64(row, 1, (int64_t)entry->file)
            | sqlite3_bind_int64(row, 2, (int64_t)entry->offset)
            | sqlite3_bind_int64(row, 3, (int64_t)entry->digest)
            | sqlite3_bind_text(row, 4, entry->done ? "done" : "failed", -1, SQLITE_STATIC)
            | sqlite3_bind_int64(row, 5, journal->start)
            | sqlite3_bind_int64(row, 6, (int64_t)entry->tries)
            | sqlite3_bind_int(row, 7, entry->rank)
            | sqlite3_bind_text(row, 8, entry->host, -1, SQLITE_STATIC)
            | sqlite3_bind_double(row, 9, entry->seconds);
    if (!entry->done) {
        size_t len = entry->task_len < JOURNAL_TASK_BYTES ? entry->task_len : JOURNAL_TASK_BYTES;
        bad |= sqlite3_bind_text(row, 10, entry->reason, -1, SQLITE_STATIC)
             | bind_bytes(row, 11, entry->task, len);
    } else {
        bad |= sqlite3_bind_int64(row, 12, (int64_t)entry->frames_len)
             | sqlite3_bind_text(row, 13, result_file, -1, SQLITE_STATIC)
             | sqlite3_bind_int64(row, 15, (int64_t)sum_of(entry, journal->start));
        if (!result_file)
            bad |= bind_bytes(row, 14, entry->frames, entry->frames_len);
    }
    bool ok = database_bound(&journal->database, bad, fail)
           && database_step(&journal->database, row, &found, fail);
    sqlite3_reset(row);
    return ok;
}

/* The file is written after the row, which only counts once it is committed: a task that is done
 * must not have its file replaced. */
static bool add_large(struct journal *journal, const struct journal_entry *entry, struct fail *fail)
{
    char name[NAME_BYTES];
    name_result(name, entry->file, entry->offset);
    if (!add_row(journal, entry, name, fail))
        return false;
    return sqlite3_changes(journal->database.handle) == 0
        || blob_put(&journal->blob, name, entry->frames, entry->frames_len, fail);
}

/* Cursors first: SQLite would fail them. */
static bool lose_batch(struct journal *journal)
{
    end_cursors(journal);
    database_undo(&journal->database);
    journal->pending = 0;
    return false;
}

bool journal_add(struct journal *journal, const struct journal_entry *entry, struct fail *fail)
{
    assert(entry->file <= INT64_MAX && entry->offset <= INT64_MAX);
    bool large = entry->done && entry->frames_len > JOURNAL_ROW_BYTES;
    bool ok = (journal->pending > 0 || database_run(&journal->database, "BEGIN", fail))
           && (large ? add_large(journal, entry, fail) : add_row(journal, entry, NULL, fail));
    if (!ok)
        return lose_batch(journal);
    if (journal->pending++ == 0)
        journal->pending_since_ns = clock_ns();
    return true;
}

bool journal_commit(struct journal *journal, struct fail *fail)
{
    if (journal->pending == 0)
        return true;
    end_cursors(journal);
    if (!blob_sync(&journal->blob, fail) || !database_run(&journal->database, "COMMIT", fail))
        return lose_batch(journal);
    journal->pending = 0;
    return true;
}

bool journal_due(const struct journal *journal)
{
    return journal->pending >= DUE_ENTRIES
        || (journal->pending > 0 && clock_ns() - journal->pending_since_ns >= DUE_NS);
}
