/* SPDX-License-Identifier: BSD-3-Clause */
/* split_keys: keys that part several count files, taken together, into stretches of about as many
 * bytes, one for each rank; found in their indexes. */
#ifndef SPLIT_KEYS_H
#define SPLIT_KEYS_H

#include "counts/counts_reader.h"

struct job;

enum { SPLIT_KEYS_BYTES = 120 };

/* The beginning of a key: any will do. */
struct split_key {
    uint64_t len;
    uint8_t bytes[SPLIT_KEYS_BYTES];
};

/* Local. Finds `parts` - 1 keys, ascending, of `len` files; some may be the same. The files are at
 * their beginnings then. False with fail set. */
bool split_keys_find(struct mem *mem, struct counts_reader *readers, size_t len, size_t parts,
                     struct split_key *keys, struct fail *fail);

/* Local. Whether a key is not before a splitter. */
bool split_keys_reach(const struct record *record, const struct split_key *key);

#endif
