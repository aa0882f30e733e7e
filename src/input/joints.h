/* SPDX-License-Identifier: BSD-3-Clause */
/* joints: the places where an encoded file may be cut, because decoding can begin anew there.
 *
 * They are chosen among the places between two members (frames, blocks, whatever a format calls
 * what can be decoded by itself): of those behind a multiple of `unit` it is the first. So there
 * are few, however small the members; and whoever decodes from any of them on knows the others as
 * it passes them. */
#ifndef JOINTS_H
#define JOINTS_H

#include "input/catalog.h"

/* Whether a member that begins at `at`, with the one before it at `last`, begins at a joint. */
static inline bool joints_between(uint64_t last, uint64_t at, uint64_t unit)
{
    return at / unit > last / unit;
}

/* Local. Finds those of an encoded file, for catalog->unit, where its format says how long its
 * members are; from where the file is damaged on there are none. Cost: a read for each block of the
 * file, or so. False with FAIL_MEMORY. */
bool joints_find(struct catalog *catalog, size_t file, struct fail *fail);

/* Local. The last place at or before `offset` where an encoded file begins or may be cut, and the
 * first one behind it where it may be cut or ends. */
uint64_t joints_at_or_before(const struct catalog *catalog, size_t file, uint64_t offset);
uint64_t joints_behind(const struct catalog *catalog, size_t file, uint64_t offset);

/* Local. The bytes of its longest stretch that cannot be cut. */
uint64_t joints_longest(const struct catalog *catalog, size_t file);

#endif
