/* SPDX-License-Identifier: BSD-3-Clause */
/* word_list: a set of words, read from a file with one on each line. */
#ifndef WORD_LIST_H
#define WORD_LIST_H

#include "host/buffer.h"

#include <stdint.h>

struct word_list_slot {
    uint64_t offset, len; /* in the texts; len 0: empty */
};

struct word_list {
    struct buffer texts;
    struct word_list_slot *slots;
    size_t slots_len; /* a power of two */
    size_t words;
};

/* Puts a line into the form of the words that it is compared to: the bytes may be changed to
 * others, which are the callee's. False with fail set. */
typedef bool word_list_map(void *context, const uint8_t **bytes, size_t *len, struct fail *fail);

/* Local. Adds the lines of a file that are not empty; a line ends with \n or \r\n, and a byte
 * order mark before the first is no part of it. False with fail set to FAIL_INPUT or FAIL_MEMORY.
 * word_list_free is due either way. */
bool word_list_read(struct word_list *list, const char *path, struct mem *mem, word_list_map *map,
                    void *context, struct fail *fail);

/* Local. Whether a word is in the set. */
bool word_list_has(const struct word_list *list, const uint8_t *bytes, size_t len);

/* Local. The next word from *at on, which is 0 for the first; it is the list's. False after the
 * last. */
bool word_list_next(const struct word_list *list, size_t *at, const uint8_t **bytes, size_t *len);

/* Local. A sum that is the same for the same words, in whatever order. */
uint64_t word_list_sum(const struct word_list *list);

/* Local. Idempotent; also of {0}. */
void word_list_free(struct word_list *list, struct mem *mem);

#endif
