/* SPDX-License-Identifier: BSD-3-Clause */
/* batch: keys on their way from a mapper to the combiner. */
#ifndef BATCH_H
#define BATCH_H

#include <stddef.h>
#include <stdint.h>

/* `len` keys: key i is base[edges[2i], edges[2i + 1]). `base` is the input block or the mapper's
 * own scratch; KEY_SLACK_BYTES after the last key may be read. All pointers are borrowed until the
 * next batch. */
struct batch {
    const uint8_t *base;
    const uint32_t *edges;
    size_t len;
};

#endif
