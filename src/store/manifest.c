/* SPDX-License-Identifier: BSD-3-Clause */
/* What a database belongs to, as rows for people and in the order of the text: what was left out or
 * added shows as a line that differs, and the same name may come again, as one for each input. */
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

bool manifest_add(struct database *database, const char *text, struct fail *fail)
{
    if (!database_run(database, "CREATE TABLE run(name TEXT NOT NULL, value TEXT NOT NULL)", fail))
        return false;
    sqlite3_stmt *row = database_prepare(database, "INSERT INTO run VALUES(?1, ?2)", fail);
    bool found, ok = row;
    for (size_t len; ok && *text; text += whole_line(text, len)) {
        len = strcspn(text, "\n");
        const char *equal = memchr(text, '=', len);
        assert(equal);
        sqlite3_bind_text(row, 1, text, (int)(equal - text), SQLITE_STATIC);
        sqlite3_bind_text(row, 2, equal + 1, (int)(text + len - equal - 1), SQLITE_STATIC);
        ok = database_step(database, row, &found, fail);
        sqlite3_reset(row);
    }
    sqlite3_finalize(row);
    return ok;
}

static bool differ(const char *name, const char *there, const char *here, size_t len,
                   struct fail *fail)
{
    if (len == 0)
        here = "nothing", len = strlen(here);
    return fail_set(fail, FAIL_USAGE, "%s: is the journal of another run: there %.*s, here %.*s",
                    name, SHOWN_BYTES, there ? there : "nothing",
                    len < SHOWN_BYTES ? (int)len : SHOWN_BYTES, here);
}

bool manifest_compare(struct database *database, const char *text, struct fail *fail)
{
    sqlite3_stmt *row =
        database_prepare(database, "SELECT name || '=' || value FROM run ORDER BY rowid", fail);
    bool found = true, ok = row;
    while (ok && (found || *text)) {
        size_t len = strcspn(text, "\n");
        ok = database_step(database, row, &found, fail);
        const char *there = ok ? (const char *)sqlite3_column_text(row, 0) : NULL;
        if (ok && (found || len > 0)
            && (!there || strlen(there) != len || memcmp(there, text, len) != 0))
            ok = differ(database->name, there, text, len, fail);
        text += whole_line(text, len);
    }
    sqlite3_finalize(row);
    return ok;
}
