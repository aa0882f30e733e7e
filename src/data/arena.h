/* SPDX-License-Identifier: BSD-3-Clause */
/* arena: the chunks that records live in.
 *
 * All records of the program, from the first shuffle to the output, are held in chunks that are
 * handed from stage to stage by pointer and used again as soon as a stage has read them: fresh
 * memory is dearer than anything done to a record. Chunks have one length, so that whatever one
 * stage gives back another can use; only a record that does not fit gets a chunk of its own. */
#ifndef ARENA_H
#define ARENA_H

#include "host/mem.h"

enum {
    ARENA_CHUNK_BYTES = 1024, /* header and slack included */
    ARENA_LENGTHS = 128,      /* multiples of it that are used again, too */
    ARENA_CUT_MAX_BYTES = ARENA_LENGTHS * ARENA_CHUNK_BYTES,
    ARENA_SLACK_BYTES = 24, /* behind what a chunk holds: may be read, and means nothing */
};

struct chunk {
    struct chunk *next;
    struct slab *slab; /* that it is cut from; NULL: memory of its own */
    size_t used_bytes;
    size_t cap_bytes;
    uint8_t bytes[];
};

/* Local. Asks for the lines of a chunk that will be read next: the one after it in a list lies
 * anywhere, and no hardware guesses where. */
static inline void chunk_prefetch(const struct chunk *chunk)
{
    for (size_t at = 0; chunk && at < ARENA_CHUNK_BYTES; at += 64)
        __builtin_prefetch((const uint8_t *)chunk + at);
}

struct arena {
    struct mem *mem;                   /* borrowed */
    struct chunk *free[ARENA_LENGTHS]; /* chunks given back, by their length */
    struct slab *slabs;                /* what chunks are cut from */
    struct slab *blank;                /* what they are cut from next */
    uint8_t *fresh, *fresh_end;
    size_t slab_bytes, left_bytes;
    size_t cut_bytes;  /* in slabs */
    size_t used_bytes; /* in chunks that are handed out, headers included */
};

/* Local. An empty arena that takes `slab_bytes` at a time from mem (which it borrows), and always
 * leaves `left_bytes` there, for what is needed when all records are in. */
void arena_init(struct arena *arena, struct mem *mem, size_t slab_bytes, size_t left_bytes);

/* Local. An empty chunk for at least `bytes`. NULL with fail set. */
struct chunk *arena_take(struct arena *arena, size_t bytes, struct fail *fail);

/* Local. Takes a chunk back. */
void arena_give(struct arena *arena, struct chunk *chunk);

/* Local. Cuts chunks anew where all that is beside them is free, so that longer ones can be had. */
void arena_recut(struct arena *arena);

/* Local. Gives all memory back that chunks are cut from, but for slabs of which some are handed
 * out. */
void arena_trim(struct arena *arena);

/* Local. Bytes that can still be handed out below the limit. */
size_t arena_room(const struct arena *arena);

/* Local. Those of them that are in one piece: not cut into chunks. */
size_t arena_uncut(const struct arena *arena);

/* Local. Frees all slabs; chunks of their own size must have been given back. Idempotent. */
void arena_free(struct arena *arena);

#endif
