/* SPDX-License-Identifier: BSD-3-Clause */
/* Which submissions there are. */
#include "spool/spool_look.h"

#include "spool/spool_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct spool_look *look, const struct spool *spool, struct fail *fail)
{
    if (look->len < look->cap)
        return true;
    const size_t cap = look->cap ? 2 * look->cap : 64;
    struct spool_entry *entries = reallocarray(look->entries, cap, sizeof *entries);
    if (!entries)
        return fail_errno(fail, FAIL_MEMORY, spool->name, ENOMEM);
    look->entries = entries;
    look->cap = cap;
    return true;
}

/* What a name says, as an entry of its own; `taken` says here that it is N.job. */
static bool add_name(struct spool_look *look, const struct spool *spool, const char *name,
                     struct fail *fail)
{
    struct spool_entry entry = {0};
    const char *ending;
    if (strcmp(name, "close") == 0)
        look->close = true;
    if (!spool_file_parse(name, &entry.number, &ending))
        return true;
    entry.taken = strcmp(ending, "job") == 0;
    entry.has_state = strcmp(ending, "state") == 0;
    entry.cancelled = strcmp(ending, "cancel") == 0;
    if (!entry.taken && !entry.has_state && !entry.cancelled)
        return true;
    if (!reserve(look, spool, fail))
        return false;
    look->entries[look->len++] = entry;
    return true;
}

static int by_number(const void *a, const void *b)
{
    const struct spool_entry *one = a, *other = b;
    return (one->number > other->number) - (one->number < other->number);
}

/* The entries of one number become one, and those without N.job go. */
static void join(struct spool_look *look)
{
    size_t len = 0;
    if (look->len > 0)
        qsort(look->entries, look->len, sizeof *look->entries, by_number);
    for (size_t i = 0, next; i < look->len; i = next) {
        struct spool_entry entry = look->entries[i];
        for (next = i + 1; next < look->len && look->entries[next].number == entry.number; next++) {
            entry.taken |= look->entries[next].taken;
            entry.has_state |= look->entries[next].has_state;
            entry.cancelled |= look->entries[next].cancelled;
        }
        if (entry.taken)
            look->entries[len++] = entry;
    }
    look->len = len;
}

/* Takes over what the look before knows. */
static void remember(struct spool_look *look, const struct spool_look *before)
{
    size_t old = 0;
    for (size_t i = 0; i < look->len; i++) {
        struct spool_entry *entry = &look->entries[i];
        while (old < before->len && before->entries[old].number < entry->number)
            old++;
        const bool known = old < before->len && before->entries[old].number == entry->number;
        entry->taken = known && before->entries[old].taken;
        entry->final = known && before->entries[old].final;
    }
}

static void ask_states(struct spool_look *look, const struct spool *spool)
{
    for (size_t i = 0; i < look->len; i++) {
        struct spool_entry *entry = &look->entries[i];
        struct spool_state state;
        struct fail unread = {0};
        bool found;
        if (entry->has_state && !entry->final && !entry->taken
            && spool_state_read(spool, entry->number, &state, &found, &unread))
            entry->final = spool_state_final(&state);
    }
}

bool spool_look(struct spool_look *look, const struct spool *spool, struct fail *fail)
{
    struct spool_look now = {0};
    DIR *entries = spool_file_list(spool, fail);
    bool ok = entries != NULL;
    for (struct dirent *entry; ok && (errno = 0, entry = readdir(entries));)
        ok = add_name(&now, spool, entry->d_name, fail);
    if (ok && errno != 0)
        ok = fail_errno(fail, FAIL_INPUT, spool->name, errno);
    if (entries)
        closedir(entries);
    if (ok) {
        join(&now);
        remember(&now, look);
        ask_states(&now, spool);
    }
    spool_look_free(ok ? look : &now);
    if (ok)
        *look = now;
    return ok;
}

void spool_look_free(struct spool_look *look)
{
    free(look->entries);
    *look = (struct spool_look){0};
}
