/* arena: the chunks that records live in.
 *
 * All records of the program, from the first shuffle to the output, are held in chunks of three sizes that are handed from stage to stage
 * by pointer and used again as soon as a stage has read them: fresh memory is dearer than anything done to a record. A record that
 * does not fit the largest size gets a chunk of its own. */
#ifndef ARENA_H
#define ARENA_H

#include "mem.h"

enum {
    ARENA_CLASSES = 3,
    ARENA_CHUNK_BYTES = 4096, /* the largest class, header included */
};

struct chunk {
    struct chunk *next;
    size_t used_bytes;
    size_t cap_bytes;
    uint8_t bytes[];
};

struct arena {
    struct mem *mem; /* borrowed */
    struct chunk *free[ARENA_CLASSES];
    struct slab *slabs; /* what the chunks are cut from */
    uint8_t *fresh, *fresh_end;
    size_t slab_bytes;
    size_t cut_bytes;  /* in slabs */
    size_t used_bytes; /* in chunks that are handed out, headers included */
};

/* Local. An empty arena that takes `slab_bytes` at a time from mem (which it borrows). */
void arena_init(struct arena *arena, struct mem *mem, size_t slab_bytes);

/* Local. An empty chunk for at least `bytes`; small ones where the parcel is still small, given by `have_bytes`. NULL with fail set. */
struct chunk *arena_take(struct arena *arena, size_t bytes, size_t have_bytes, struct fail *fail);

/* Local. Takes a chunk back. */
void arena_give(struct arena *arena, struct chunk *chunk);

/* Local. Bytes that can still be handed out below the limit. */
size_t arena_room(const struct arena *arena);

/* Local. Frees all slabs; chunks of their own size must have been given back. Idempotent. */
void arena_free(struct arena *arena);

#endif
