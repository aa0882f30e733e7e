/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_path: a count file that is read, and the way from the root of its index to one of its data
 * blocks. It holds one block of each level, whatever the size of the file; what of the way a step
 * does not change stays loaded. Nothing that is read is trusted: a block is looked at when its
 * checksum held, and lengths and places are checked before they are used. Blocks lie before the
 * index that lists them, so no way is a circle.
 *
 * What is wrong with a file is FAIL_INPUT, `FILE: byte PLACE: CAUSE`. */
#ifndef COUNTS_PATH_H
#define COUNTS_PATH_H

#include "counts/counts_block.h"
#include "counts/counts_ends.h"
#include "counts/counts_entry.h"
#include "host/mem.h"

/* A block of the index, the entry that leads to the block below, and the one behind it. */
struct counts_path_level {
    uint8_t *bytes;
    size_t cap;
    const uint8_t *at, *end;        /* behind the next entry */
    uint64_t place;                 /* where the block below begins */
    uint64_t below_end;             /* where the blocks that it lists end, at most */
    uint32_t left;                  /* entries that were not read */
    struct counts_entry here, next; /* here has no rows: it is before the first */
    bool has_next;
    uint64_t rows, sum, rows_due, sum_due; /* of entries read; what they should come to */
};

struct counts_path {
    struct mem *mem;  /* borrowed */
    const char *name; /* borrowed, as it was given */
    int fd;
    struct counts_ends_header header;
    struct counts_ends_footer footer;
    struct counts_path_level levels[COUNTS_LEVELS_MAX]; /* the root first */
    size_t depth;                                       /* how many there are */
};

/* Local. Opens a count file and goes to its beginning. counts_path_close is due, also where it is
 * false with fail set. */
bool counts_path_open(struct counts_path *path, struct mem *mem, const char *name,
                      struct fail *fail);

/* Local. What is wrong at a place of the file: false, with fail set. */
bool counts_path_corrupt(const struct counts_path *path, uint64_t at, const char *what,
                         struct fail *fail);

/* Local. Loads the block at a place, which ends before `end`, into *bytes, which grows; behind it
 * KEY_SLACK_BYTES may be read. False with fail set. */
bool counts_path_load(struct counts_path *path, uint8_t **bytes, size_t *cap,
                      const struct counts_ends_place *place, uint64_t end, uint32_t what,
                      struct counts_block *block, struct fail *fail);

/* Local. Goes before the first data block. False with fail set. */
bool counts_path_begin(struct counts_path *path, struct fail *fail);

/* Local. Goes to the next data block. *found: there is one. False with fail set. */
bool counts_path_next(struct counts_path *path, bool *found, struct fail *fail);

/* Local. Whether a key that is not before those of the data block at hand is before the next one.
 */
bool counts_path_covers(const struct counts_path *path, const uint8_t *key, size_t len);

/* Local. Goes to the last data block that does not begin behind the key, or to the first one;
 * `onward`: it is not before the one at hand. *found: there is one. False with fail set. */
bool counts_path_find(struct counts_path *path, const uint8_t *key, size_t len, bool onward,
                      bool *found, struct fail *fail);

/* Local. The entry of the data block at hand, where it begins, and where it ends at most. */
static inline const struct counts_path_level *counts_path_here(const struct counts_path *path)
{
    return &path->levels[path->depth - 1];
}

/* Takes an entry of the index. False ends the walk: with fail set. */
typedef bool counts_path_visit(void *context, const struct counts_entry *entry, struct fail *fail);

/* Local. Calls visit for each entry of the highest level of the index that has at least `want`, or
 * of the lowest, and goes to the beginning. False with fail set. */
bool counts_path_walk(struct counts_path *path, uint64_t want, counts_path_visit *visit,
                      void *context, struct fail *fail);

/* Local. Idempotent; also of {0}. */
void counts_path_close(struct counts_path *path);

#endif
