/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks are read with pread: a file that is cut meanwhile is an error, not a signal. */
#include "counts/counts_path.h"

#include "data/order.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

bool counts_path_corrupt(const struct counts_path *path, uint64_t at, const char *what,
                         struct fail *fail)
{
    return fail_set(fail, FAIL_INPUT, "%s: byte %" PRIu64 ": %s", path->name, at, what);
}

static bool read_at(const struct counts_path *path, uint8_t *to, size_t len, uint64_t at,
                    struct fail *fail)
{
    while (len > 0) {
        const ssize_t got = pread(path->fd, to, len, (off_t)at);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(fail, FAIL_INPUT, path->name, errno);
        if (got == 0)
            return counts_path_corrupt(path, at, "the file ends here: it was cut while it was read",
                                       fail);
        to += got;
        at += (uint64_t)got;
        len -= (size_t)got;
    }
    return true;
}

/* The block at a place that the footer or an index names; it ends before `end`, which is in the
 * file. */
bool counts_path_load(struct counts_path *path, uint8_t **bytes, size_t *cap,
                      const struct counts_ends_place *place, uint64_t end, uint32_t what,
                      struct counts_block *block, struct fail *fail)
{
    if (place->at > end || place->bytes > end - place->at)
        return counts_path_corrupt(path, place->at, "the index points beyond what it lists", fail);
    uint8_t *room =
        mem_reserve(path->mem, *bytes, cap, (size_t)place->bytes + KEY_SLACK_BYTES, fail);
    if (!room)
        return false;
    *bytes = room;
    if (!read_at(path, room, (size_t)place->bytes, place->at, fail))
        return false;
    const char *why = counts_block_open(room, (size_t)place->bytes, what, place->checksum, block);
    return !why || counts_path_corrupt(path, place->at, why, fail);
}

/* Reads the entry behind the next one. */
static bool fetch(struct counts_path *path, struct counts_path_level *level, struct fail *fail)
{
    level->has_next = level->left > 0;
    if (!level->has_next) {
        return (level->at == level->end && level->rows == level->rows_due
                && level->sum == level->sum_due)
            || counts_path_corrupt(path, level->place,
                                   "an index that does not say what is below it", fail);
    }
    level->left--;
    level->at = counts_entry_get(level->at, level->end, &level->next);
    if (!level->at || level->next.rows == 0)
        return counts_path_corrupt(path, level->place, "a malformed entry of the index", fail);
    level->rows += level->next.rows;
    level->sum += level->next.sum;
    return true;
}

/* Loads the block of level `i`; its first entry is the next then. */
static bool load_level(struct counts_path *path, size_t i, const struct counts_ends_place *place,
                       uint64_t end, uint64_t rows, uint64_t sum, struct fail *fail)
{
    struct counts_path_level *level = &path->levels[i];
    struct counts_block block;
    if (!counts_path_load(path, &level->bytes, &level->cap, place, end, COUNTS_INDEX, &block, fail))
        return false;
    if (block.part != path->depth - i || block.sum != sum || block.first < COUNTS_HEADER_BYTES
        || block.first > place->at)
        return counts_path_corrupt(path, place->at, "an index block that does not belong here",
                                   fail);
    level->at = block.payload;
    level->end = block.payload + block.payload_bytes;
    level->left = block.rows;
    level->place = block.first;
    level->below_end = place->at;
    level->here = (struct counts_entry){0};
    level->rows = level->sum = 0;
    level->rows_due = rows;
    level->sum_due = sum;
    return fetch(path, level, fail);
}

bool counts_path_begin(struct counts_path *path, struct fail *fail)
{
    const struct counts_ends_footer *footer = &path->footer;
    path->depth = (size_t)footer->levels;
    for (size_t i = 1; i < path->depth; i++)
        path->levels[i].has_next = false;
    return load_level(path, 0, &footer->root, footer->meta.at, footer->totals.records,
                      (uint64_t)footer->totals.sum, fail);
}

/* The next entry of a level becomes the one that leads on. */
static bool step(struct counts_path *path, struct counts_path_level *level, struct fail *fail)
{
    level->place += level->here.bytes;
    level->here = level->next;
    return fetch(path, level, fail);
}

static bool load_below(struct counts_path *path, size_t i, struct fail *fail)
{
    const struct counts_path_level *level = &path->levels[i];
    const struct counts_ends_place place = {level->place, level->here.bytes, level->here.checksum};
    return load_level(path, i + 1, &place, level->below_end, level->here.rows, level->here.sum,
                      fail);
}

/* Moves level `i` to its next entry, through the levels above where it has none. *found: there was
 * one. */
static bool advance(struct counts_path *path, size_t i, bool *found, struct fail *fail)
{
    size_t up = i;
    while (!path->levels[up].has_next) {
        if (up-- == 0) {
            *found = false;
            return true;
        }
    }
    *found = true;
    bool ok = step(path, &path->levels[up], fail);
    for (; ok && up < i; up++)
        ok = load_below(path, up, fail) && step(path, &path->levels[up + 1], fail);
    return ok;
}

/* Whether a key is before the next entry of level `i`, or of one above where it has none. */
static bool is_below(const struct counts_path *path, size_t i, const uint8_t *key, size_t len)
{
    const struct counts_path_level *level = &path->levels[i];
    while (!level->has_next && i > 0)
        level = &path->levels[--i];
    return !level->has_next
        || order_compare_bytes(key, len, level->next.key, (size_t)level->next.key_len) < 0;
}

/* Leads level `i` on to the last entry that is not behind the key; to the first, at least. */
static bool find_entry(struct counts_path *path, size_t i, const uint8_t *key, size_t len,
                       struct fail *fail)
{
    struct counts_path_level *level = &path->levels[i];
    bool ok = true;
    while (ok && level->has_next
           && (level->here.rows == 0
               || order_compare_bytes(level->next.key, (size_t)level->next.key_len, key, len) <= 0))
        ok = step(path, level, fail);
    return ok;
}

bool counts_path_next(struct counts_path *path, bool *found, struct fail *fail)
{
    return advance(path, path->depth - 1, found, fail);
}

bool counts_path_covers(const struct counts_path *path, const uint8_t *key, size_t len)
{
    return is_below(path, path->depth - 1, key, len);
}

bool counts_path_find(struct counts_path *path, const uint8_t *key, size_t len, bool onward,
                      bool *found, struct fail *fail)
{
    size_t i = onward ? path->depth : 1;
    while (i > 1 && !is_below(path, i - 2, key, len))
        i--;
    i--;
    bool ok = (onward || counts_path_begin(path, fail)) && find_entry(path, i, key, len, fail);
    *found = ok && path->levels[0].here.rows > 0;
    for (; ok && *found && i + 1 < path->depth; i++)
        ok = load_below(path, i, fail) && find_entry(path, i + 1, key, len, fail);
    return ok;
}

/* One walk over the entries of level `i`: how many there are, and visit, where there is one. */
static bool walk(struct counts_path *path, size_t i, uint64_t *entries, counts_path_visit *visit,
                 void *context, struct fail *fail)
{
    bool found = true, ok = counts_path_begin(path, fail);
    for (size_t up = 0; ok && up < i; up++)
        ok = path->levels[up].has_next && step(path, &path->levels[up], fail)
          && load_below(path, up, fail);
    for (*entries = 0; ok && (ok = advance(path, i, &found, fail)) && found; ++*entries)
        ok = !visit || visit(context, &path->levels[i].here, fail);
    return ok;
}

bool counts_path_walk(struct counts_path *path, uint64_t want, counts_path_visit *visit,
                      void *context, struct fail *fail)
{
    uint64_t entries = 0;
    size_t i = 0;
    while (i + 1 < path->depth) {
        if (!walk(path, i, &entries, NULL, NULL, fail))
            return false;
        if (entries >= want)
            break;
        i++;
    }
    return walk(path, i, &entries, visit, context, fail) && counts_path_begin(path, fail);
}

static bool read_ends(struct counts_path *path, uint64_t file_bytes, struct fail *fail)
{
    uint8_t header[COUNTS_HEADER_BYTES], footer[COUNTS_FOOTER_BYTES];
    const bool room = file_bytes >= COUNTS_HEADER_BYTES + COUNTS_FOOTER_BYTES;
    memset(header, 0, sizeof header);
    if (file_bytes >= sizeof header && !read_at(path, header, sizeof header, 0, fail))
        return false;
    const char *why = counts_ends_get_header(header, &path->header);
    if (why)
        return counts_path_corrupt(path, 0, why, fail);
    const uint64_t at = room ? file_bytes - COUNTS_FOOTER_BYTES : COUNTS_HEADER_BYTES;
    if (!room)
        return counts_path_corrupt(path, file_bytes, "no footer: the file was cut short", fail);
    if (!read_at(path, footer, sizeof footer, at, fail))
        return false;
    why = counts_ends_get_footer(footer, file_bytes, &path->footer);
    return !why || counts_path_corrupt(path, at, why, fail);
}

bool counts_path_open(struct counts_path *path, struct mem *mem, const char *name,
                      struct fail *fail)
{
    struct stat status;
    *path = (struct counts_path){.mem = mem, .name = name};
    path->fd = open(name, O_RDONLY | O_CLOEXEC);
    if (path->fd < 0 || fstat(path->fd, &status) != 0)
        return fail_errno(fail, FAIL_INPUT, name, errno);
    if (!S_ISREG(status.st_mode))
        return fail_set(fail, FAIL_INPUT, "%s: not a regular file, as a count file must be", name);
    return read_ends(path, (uint64_t)status.st_size, fail) && counts_path_begin(path, fail);
}

void counts_path_close(struct counts_path *path)
{
    for (size_t i = 0; i < COUNTS_LEVELS_MAX; i++)
        mem_free(path->mem, path->levels[i].bytes, path->levels[i].cap);
    if (path->mem && path->fd >= 0)
        close(path->fd);
    *path = (struct counts_path){.fd = -1};
}
