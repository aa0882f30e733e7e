/* SPDX-License-Identifier: BSD-3-Clause */
/* split: what a rank is given to count, a stretch of the sequence of all files, and the list of
 * ranges as which it is sent. */
#ifndef SPLIT_H
#define SPLIT_H

#include "input/catalog.h"
#include "input/window.h"

/* A place in the sequence of all files: before byte `offset` of file `file`. */
struct split_place {
    size_t file;
    uint64_t offset;
};

/* Local. The place nearest to byte `target` of all files, at or after `from`, where a file may be
 * cut: at a multiple of `unit_bytes`, or at its joints (catalog_jointed). Before `from` there are
 * `from_bytes`, before the place *boundary_bytes. Cost: the files passed. */
struct split_place split_boundary(const struct catalog *catalog, uint64_t unit_bytes,
                                  struct split_place from, uint64_t from_bytes, uint64_t target,
                                  uint64_t *boundary_bytes);

/* Local. Bytes of the list from place `from` to place `to`. */
size_t split_list_bytes(const struct catalog *catalog, struct split_place from,
                        struct split_place to);

/* Local. Writes the list; `bytes` is what split_list_bytes says. */
void split_write(const struct catalog *catalog, struct split_place from, struct split_place to,
                 uint8_t *at, size_t bytes);

/* Local. Makes a list that was received, borrowed until the next one, what `window` reads; `ends`:
 * there will be no other. False with FAIL_VERIFY when its checksum is wrong. */
bool split_set(struct window *window, uint8_t *at, size_t bytes, bool ends, struct fail *fail);

#endif
