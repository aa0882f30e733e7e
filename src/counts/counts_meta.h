/* SPDX-License-Identifier: BSD-3-Clause */
/* counts_meta: by which rules a count file was counted, as lines NAME=VALUE in the order of their
 * names. Files are added up only where they say the same, but for what is a sum itself. */
#ifndef COUNTS_META_H
#define COUNTS_META_H

#include "host/buffer.h"

#include <stdint.h>

/* {0} says nothing. */
struct counts_meta {
    struct buffer text;
    uint32_t lines;
};

/* Local. Adds a line, or changes it. A name has letters and dashes, a value any bytes but newlines.
 * False with fail set to FAIL_MEMORY. */
bool counts_meta_set(struct counts_meta *meta, struct mem *mem, const char *name, const char *value,
                     struct fail *fail);
bool counts_meta_set_number(struct counts_meta *meta, struct mem *mem, const char *name,
                            uint64_t value, struct fail *fail);

/* Local. Takes lines as a file has them. False with fail set: FAIL_INPUT in the name of `path`, or
 * FAIL_MEMORY. */
bool counts_meta_read(struct counts_meta *meta, struct mem *mem, const uint8_t *text, size_t len,
                      uint32_t lines, const char *path, struct fail *fail);

/* Local. The value of a name, *len bytes; NULL: there is none. */
const char *counts_meta_get(const struct counts_meta *meta, const char *name, size_t *len);

/* Local. Whether counts with the rules `other` of the file `path` may be added to those of `first`:
 * the sums in `meta` then have those of `other`, too, or are not known where one is not. False with
 * fail set to FAIL_USAGE, which names both and the first difference, or FAIL_MEMORY. */
bool counts_meta_add(struct counts_meta *meta, struct mem *mem, const char *first,
                     const struct counts_meta *other, const char *path, struct fail *fail);

/* Local. Idempotent. */
void counts_meta_free(struct counts_meta *meta, struct mem *mem);

#endif
