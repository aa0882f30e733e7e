/* SPDX-License-Identifier: BSD-3-Clause */
/* What a database belongs to, as rows for people and in the order of the text: what was left out or
 * added shows as a line that differs, and the same name may come again. */
#include "store/manifest.h"

#include <assert.h>
#include <sqlite3.h>
#include <string.h>

enum { SHOWN_BYTES = 200 };

/* Bytes of the line that is followed by the next one. */
static size_t whole_line(const char *text, size_t len)
{
    return len + (text[len] == '\n');
}

static bool add_lines(struct database *database, sqlite3_stmt *row, const char *text,
                      struct fail *fail)
{
    bool found, ok = true;
    for (size_t len; ok && *text; text += whole_line(text, len)) {
        len = strcspn(text, "\n");
        const char *equal = memchr(text, '=', len);
        assert(equal);
        const int bad =
            sqlite3_bind_text(row, 1, text, (int)(equal - text), SQLITE_STATIC)
            | sqlite3_bind_text(row, 2, equal + 1, (int)(text + len - equal - 1), SQLITE_STATIC);
        ok = database_bound(database, bad, fail) && database_step(database, row, &found, fail);
        sqlite3_reset(row);
    }
    return ok;
}

bool manifest_put(struct database *database, const struct manifest *manifest, struct fail *fail)
{
    static const char clear_sql[] =
        "CREATE TABLE IF NOT EXISTS run(name TEXT NOT NULL, value TEXT NOT NULL); DELETE FROM run";
    if (!database_run(database, clear_sql, fail))
        return false;
    sqlite3_stmt *row = database_prepare(database, "INSERT INTO run VALUES(?1, ?2)", fail);
    bool ok = row && add_lines(database, row, manifest->command, fail)
           && add_lines(database, row, manifest->fixed, fail)
           && add_lines(database, row, manifest->inputs, fail);
    sqlite3_finalize(row);
    return ok;
}

/* The rows of the database that are compared. */
struct rows {
    struct database *database;
    const struct manifest *manifest;
    sqlite3_stmt *row;
    const char *line;   /* `name=value`; NULL at the end */
    bool command, idle; /* it is of the command; of what is not compared */
};

static bool has_line(const char *text, const char *name)
{
    const size_t len = strlen(name);
    for (; *text; text += whole_line(text, strcspn(text, "\n")))
        if (strncmp(text, name, len) == 0 && text[len] == '=')
            return true;
    return false;
}

static bool next_row(struct rows *rows, struct fail *fail)
{
    bool found;
    do {
        if (!database_step(rows->database, rows->row, &found, fail))
            return false;
        const char *name = (const char *)sqlite3_column_text(rows->row, 0);
        rows->line = (const char *)sqlite3_column_text(rows->row, 1);
        if (found && name && *name) { /* one without a name goes on with the row before */
            rows->command = has_line(rows->manifest->command, name);
            rows->idle =
                strncmp(name, "input-", 6) == 0 || (rows->command && rows->manifest->mended);
        }
    } while (found && rows->idle);
    return true;
}

static bool differ(const struct rows *rows, const char *here, size_t len, bool command,
                   struct fail *fail)
{
    if (len == 0)
        here = "nothing", len = strlen(here);
    return fail_set(fail, FAIL_USAGE, "%s: is the journal of another run: there %.*s, here %.*s%s",
                    rows->database->name, SHOWN_BYTES, rows->line ? rows->line : "nothing",
                    len < SHOWN_BYTES ? (int)len : SHOWN_BYTES, here,
                    command ? " (--mended goes on with another command)" : "");
}

/* Compares the lines of a text to as many rows; with `all` there must be no others. */
static bool compare_lines(struct rows *rows, const char *text, bool command, bool all,
                          struct fail *fail)
{
    bool ok = true;
    while (ok && (*text || (all && rows->line))) {
        size_t len = strcspn(text, "\n");
        ok = next_row(rows, fail);
        if (ok && (rows->line || len > 0)
            && (!rows->line || strlen(rows->line) != len || memcmp(rows->line, text, len) != 0))
            ok = differ(rows, text, len, command || (rows->line && rows->command), fail);
        text += whole_line(text, len);
    }
    return ok;
}

bool manifest_compare(struct database *database, const struct manifest *manifest, struct fail *fail)
{
    struct rows rows = {.database = database, .manifest = manifest, .line = ""};
    rows.row = database_prepare(database,
                                "SELECT name, name || '=' || value FROM run ORDER BY rowid", fail);
    bool ok = rows.row
           && (manifest->mended || compare_lines(&rows, manifest->command, true, false, fail))
           && compare_lines(&rows, manifest->fixed, false, true, fail);
    sqlite3_finalize(rows.row);
    return ok;
}
