/* SPDX-License-Identifier: BSD-3-Clause */
/* joints: the places where a file may be cut that cannot be cut anywhere: an encoded one because
 * decoding can begin anew there, one of records because one begins there.
 *
 * They are chosen among the places between two members (frames, blocks, whatever a format calls
 * what can be decoded by itself; or records): of those behind a multiple of `unit` it is the first.
 * So there are few, however small the members; and whoever decodes from any of them on knows the
 * others as it passes them. */
#ifndef JOINTS_H
#define JOINTS_H

#include "input/catalog.h"
#include "input/peek.h"

/* Whether a member that begins at `at`, with the one before it at `last`, begins at a joint. */
static inline bool joints_between(uint64_t last, uint64_t at, uint64_t unit)
{
    return at / unit > last / unit;
}

/* Who goes from record to record. */
struct joints_records {
    /* Local. Where the record behind the one at `at` begins, or a later one, but not behind the
     * first from `from` on; 0: unknown. */
    uint64_t (*next)(const void *context, struct peek *peek, uint64_t at, uint64_t from);
    /* Local. The `head` of the file, by up to JOINTS_TEXT_BYTES of its text; it is cut only if that
     * is not 0. NULL: all have 0. */
    uint64_t (*head)(const void *context, const uint8_t *text, size_t len);
    /* Local. Whether a text begins like a record, by its first JOINTS_HEAD_BYTES, or all that there
     * are. NULL: that does not show. */
    bool (*begins)(const uint8_t *text, size_t len);
    /* Local. Where a record begins in up to JOINTS_TEXT_BYTES of text that may begin within one,
     * and behind which 64 may be read; 0: that does not show. NULL: never; an encoded file that has
     * neither this nor `begins` is not cut. */
    size_t (*first)(const void *context, const uint8_t *text, size_t len);
    const void *context; /* borrowed */
};

enum { JOINTS_HEAD_BYTES = 8, JOINTS_TEXT_BYTES = 64 << 10 };

/* Local. Finds those for catalog->unit: between the members of an encoded file, where the format
 * says how long they are, with records up to the first that seems to begin with none, or in whose
 * text it shows where one begins; and in other files between records. From where the file is
 * damaged on, or catalog->until_ns is over, there are none. Cost: a read for each record, or block
 * of the file, or so, and to decode a part of a member at each joint. False with FAIL_MEMORY. */
bool joints_find(struct catalog *catalog, size_t file, const struct joints_records *records,
                 struct fail *fail);

/* Local. The last place at or before `offset` where such an entry begins or may be cut, and the
 * first one behind it where it may be cut or ends; in the entry. */
uint64_t joints_at_or_before(const struct catalog *catalog, size_t file, uint64_t offset);
uint64_t joints_behind(const struct catalog *catalog, size_t file, uint64_t offset);

/* Local. How much of the text behind a place where such an entry may be cut belongs to what is
 * before it. */
uint64_t joints_text(const struct catalog *catalog, size_t file, uint64_t offset);

/* Local. The bytes of its longest stretch that cannot be cut. */
uint64_t joints_longest(const struct catalog *catalog, size_t file);

#endif
