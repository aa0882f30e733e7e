/* SPDX-License-Identifier: BSD-3-Clause */
/* stop: a set of words that do not count, read from a file with one on each line. */
#ifndef STOP_H
#define STOP_H

#include "host/buffer.h"

#include <stdint.h>

struct stop_slot {
    uint64_t offset, len; /* in the texts; len 0: empty */
};

struct stop {
    struct buffer texts;
    struct stop_slot *slots;
    size_t slots_len; /* a power of two */
    size_t words;
};

/* Puts a line into the form of the words that it is compared to: the bytes may be changed to
 * others, which are the callee's. False with fail set. */
typedef bool stop_map(void *context, const uint8_t **bytes, size_t *len, struct fail *fail);

/* Local. Adds the lines of a file that are not empty; a line ends with \n or \r\n. False with fail
 * set to FAIL_INPUT or FAIL_MEMORY. stop_free is due either way. */
bool stop_read(struct stop *stop, const char *path, struct mem *mem, stop_map *map, void *context,
               struct fail *fail);

/* Local. Whether a word is in the set. */
bool stop_has(const struct stop *stop, const uint8_t *bytes, size_t len);

/* Local. A sum that is the same for the same words, in whatever order. */
uint64_t stop_sum(const struct stop *stop);

/* Local. Idempotent; also of {0}. */
void stop_free(struct stop *stop, struct mem *mem);

#endif
