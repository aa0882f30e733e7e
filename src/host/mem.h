/* SPDX-License-Identifier: BSD-3-Clause */
/* mem: all memory of a rank that grows with the input, under one limit (--memory).
 *
 * Blocks are anonymous mappings: zeroed, returned to the system when freed, grown without copying
 * (mremap), and in huge pages where they are large enough. Small things that do not grow with the
 * input (options, names on the stack) do not pass through here. What libraries allocate themselves
 * and is not small is said with mem_take and mem_give.
 *
 * Any thread may allocate and free. */
#ifndef MEM_H
#define MEM_H

#include "host/fail.h"

#include <stddef.h>
#include <stdint.h>

struct mem {
    size_t limit_bytes;
    size_t used_bytes;
    size_t peak_bytes;
    size_t kept_bytes;  /* of used_bytes, for what is taken, be it taken or not */
    size_t taken_bytes; /* in use, mem_take */
};

/* Local. Zeroed memory, page aligned; of 0 bytes too. NULL with fail set to FAIL_MEMORY when the
 * limit or the system says no. */
void *mem_alloc(struct mem *mem, size_t bytes, struct fail *fail);

/* Local. Grows a block; it may move. New bytes are zero. NULL with fail set, and the old block as
 * it was, when there is no room. */
void *mem_grow(struct mem *mem, void *block, size_t old_bytes, size_t new_bytes, struct fail *fail);

/* Local. The block, with room for `need_bytes` (at least 1): where it has less, it grows to that or
 * to twice what it has, so that what is appended is copied a bounded number of times. NULL with
 * fail set, and block and *have_bytes as they were, when there is no room. */
static inline void *mem_reserve(struct mem *mem, void *block, size_t *have_bytes, size_t need_bytes,
                                struct fail *fail)
{
    if (need_bytes <= *have_bytes)
        return block;
    const size_t bytes = need_bytes > 2 * *have_bytes ? need_bytes : 2 * *have_bytes;
    block = mem_grow(mem, block, *have_bytes, bytes, fail);
    if (block)
        *have_bytes = bytes;
    return block;
}

/* Local. Takes back a block of exactly the size it was allocated with. NULL is fine. */
void mem_free(struct mem *mem, void *block, size_t bytes);

/* Local. Counts what somebody else allocates, up to what is kept for it at no further cost; and
 * takes it back. False with fail set where there is no room. */
bool mem_take(struct mem *mem, size_t bytes, struct fail *fail);
void mem_give(struct mem *mem, size_t bytes);

/* Local. Keeps so many bytes for what will be taken, in place of what was kept before, so that
 * nobody else uses them up. False with fail set where there is no room. */
bool mem_keep(struct mem *mem, size_t bytes, struct fail *fail);

/* Local. Whether that much is left below the limit; if not, fail is set to FAIL_MEMORY. */
bool mem_has(const struct mem *mem, size_t bytes, struct fail *fail);

/* Local. What is left below the limit. */
static inline size_t mem_room(const struct mem *mem)
{
    const size_t used = __atomic_load_n(&mem->used_bytes, __ATOMIC_RELAXED);
    return mem->limit_bytes > used ? mem->limit_bytes - used : 0;
}

/* Local. Bytes, with what pads them to a multiple of 8. */
static inline size_t mem_padded(uint64_t bytes)
{
    return (size_t)(bytes + 7) & ~(size_t)7;
}

/* Local. Writes a size as people write it, `64M` or `1.5G`, into text of at least 16 bytes; returns
 * text. Rounds up: a need that is over a limit must not read like it. */
char *mem_human(char *text, uint64_t bytes);

#endif
