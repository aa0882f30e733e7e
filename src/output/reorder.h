/* SPDX-License-Identifier: BSD-3-Clause */
/* reorder: a reorder buffer. What comes in any order is taken out in the order of its numbers, each
 * as soon as all before it are out. What has to wait is in memory while it is little, and in a
 * scratch file beyond that; of what is there, memory holds where it is. */
#ifndef REORDER_H
#define REORDER_H

#include "host/mem.h"
#include "host/scratch.h"

/* Where an item is: in the file, or in the buffer that follows it. */
struct reorder_slot {
    uint64_t at;
    uint64_t len; /* one more than its bytes; 0: it has not come */
};

struct reorder {
    struct mem *mem;              /* borrowed */
    const char *folders, *beside; /* for the scratch file; borrowed */
    struct scratch scratch;       /* opened when it is needed */
    uint64_t next;                /* the number whose turn it is */
    uint64_t end;                 /* one more than the largest that has come */
    uint64_t waiting;             /* items that have come and are not out */
    struct reorder_slot *slots;   /* a ring: of number n at n modulo its size, a power of two */
    size_t slots_cap, slots_most;
    uint8_t *buffer; /* items that are not in the file yet */
    size_t buffer_len, buffer_cap;
    uint64_t file_bytes;
    uint8_t *item; /* the one that was read last */
    size_t item_cap;
};

/* Local. An empty one, whose first number is 1; it may take `max_bytes` of memory for what waits,
 * and its places. Folders as in scratch_open. */
void reorder_init(struct reorder *reorder, struct mem *mem, size_t max_bytes, const char *folders,
                  const char *beside);

/* Local. Puts the item of that number, which has not come before: two pieces, one after the other.
 * False with fail set. */
bool reorder_put(struct reorder *reorder, uint64_t number, const void *head, size_t head_len,
                 const void *bytes, size_t len, struct fail *fail);

/* Local. Takes out the item whose turn it is; its bytes are good until the next call. False when it
 * has not come, or with fail set. */
bool reorder_take(struct reorder *reorder, const uint8_t **bytes, size_t *len, struct fail *fail);

/* Local. The item whose turn it is needs no place here: the next one's has come. */
void reorder_pass(struct reorder *reorder);

/* Local. Whether the places of what waits take half of what they may: nothing more should be begun
 * before what is late has come. */
bool reorder_is_full(const struct reorder *reorder);

/* Local. Idempotent. */
void reorder_free(struct reorder *reorder);

#endif
