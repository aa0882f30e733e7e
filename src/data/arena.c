/* SPDX-License-Identifier: BSD-3-Clause */
/* Chunks of 1 KB, cut from slabs, with one free list. Larger ones would leave much unused where
 * thousands of buckets hold a few records each; smaller ones would spend more on headers and on
 * following the list. */
#include "data/arena.h"

enum { FRAME_BYTES = sizeof(struct chunk) + ARENA_SLACK_BYTES };

struct slab {
    struct slab *next;
    size_t bytes;
};

void arena_init(struct arena *arena, struct mem *mem, size_t slab_bytes, size_t left_bytes)
{
    *arena = (struct arena){.mem = mem, .slab_bytes = slab_bytes, .left_bytes = left_bytes};
}

static void *take(struct arena *arena, size_t bytes, struct fail *fail)
{
    return mem_has(arena->mem, bytes + arena->left_bytes, fail) ? mem_alloc(arena->mem, bytes, fail)
                                                                : NULL;
}

static bool add_slab(struct arena *arena, struct fail *fail)
{
    struct slab *slab = take(arena, arena->slab_bytes, fail);
    if (!slab)
        return false;
    *slab = (struct slab){.next = arena->slabs, .bytes = arena->slab_bytes};
    arena->slabs = slab;
    arena->cut_bytes += slab->bytes;
    arena->fresh = (uint8_t *)slab + 64; /* keeps chunks on cache lines */
    arena->fresh_end = (uint8_t *)slab + slab->bytes;
    return true;
}

/* A chunk of the common size. */
static struct chunk *common(struct arena *arena, struct fail *fail)
{
    struct chunk *chunk = arena->free;
    if (chunk) {
        arena->free = chunk->next;
        return chunk;
    }
    if (arena->fresh_end - arena->fresh < ARENA_CHUNK_BYTES && !add_slab(arena, fail))
        return NULL;
    chunk = (struct chunk *)(void *)arena->fresh;
    arena->fresh += ARENA_CHUNK_BYTES;
    return chunk;
}

struct chunk *arena_take(struct arena *arena, size_t bytes, struct fail *fail)
{
    bool fits = bytes <= ARENA_CHUNK_BYTES - FRAME_BYTES;
    size_t total = fits ? ARENA_CHUNK_BYTES : bytes + FRAME_BYTES;
    struct chunk *chunk = fits ? common(arena, fail) : take(arena, total, fail);
    if (!chunk)
        return NULL;
    arena->used_bytes += total;
    chunk->next = NULL;
    chunk->used_bytes = 0;
    chunk->cap_bytes = total - FRAME_BYTES;
    return chunk;
}

void arena_give(struct arena *arena, struct chunk *chunk)
{
    size_t total = chunk->cap_bytes + FRAME_BYTES;
    arena->used_bytes -= total;
    if (total != ARENA_CHUNK_BYTES) {
        mem_free(arena->mem, chunk, total);
        return;
    }
    chunk->next = arena->free;
    arena->free = chunk;
}

size_t arena_room(const struct arena *arena)
{
    size_t idle = arena->cut_bytes > arena->used_bytes ? arena->cut_bytes - arena->used_bytes : 0;
    size_t room = mem_room(arena->mem);
    return idle + (room > arena->left_bytes ? room - arena->left_bytes : 0);
}

void arena_free(struct arena *arena)
{
    while (arena->slabs) {
        struct slab *slab = arena->slabs;
        arena->slabs = slab->next;
        mem_free(arena->mem, slab, slab->bytes);
    }
    *arena = (struct arena){0};
}
