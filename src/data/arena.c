/* SPDX-License-Identifier: BSD-3-Clause */
/* Chunks of 1 KB, and for longer records of as many as they need, cut from slabs, with a free list
 * for each length. Larger ones would leave much unused where thousands of buckets hold a few
 * records each; smaller ones would spend more on headers and on following the list. A mapping for
 * each long record, made and removed in every stage, takes most of the time where most are long;
 * those of more than ARENA_CUT_MAX_BYTES have one, because few have a length that comes again. */
#include "data/arena.h"

#include <string.h>

enum {
    FRAME_BYTES = sizeof(struct chunk) + ARENA_SLACK_BYTES,
    SLAB_HEAD_BYTES = 64, /* keeps chunks on cache lines */
};

struct slab {
    struct slab *next;
    size_t used_bytes; /* in chunks that are handed out */
};

void arena_init(struct arena *arena, struct mem *mem, size_t slab_bytes, size_t left_bytes)
{
    *arena = (struct arena){.mem = mem, .slab_bytes = slab_bytes, .left_bytes = left_bytes};
}

static void drop_blank(struct arena *arena)
{
    struct slab *slab = arena->blank;
    arena->blank = slab->next;
    arena->cut_bytes -= arena->slab_bytes;
    mem_free(arena->mem, slab, arena->slab_bytes);
}

/* From mem, to which slabs that are not in use are given back if need be. */
static void *take(struct arena *arena, size_t bytes, struct fail *fail)
{
    struct fail none = {0};
    while (arena->blank && !mem_has(arena->mem, bytes + arena->left_bytes, &none))
        drop_blank(arena);
    return mem_has(arena->mem, bytes + arena->left_bytes, fail) ? mem_alloc(arena->mem, bytes, fail)
                                                                : NULL;
}

static bool add_slab(struct arena *arena, struct fail *fail)
{
    struct slab *slab = arena->blank;
    if (slab) {
        arena->blank = slab->next;
    } else {
        slab = take(arena, arena->slab_bytes, fail);
        if (!slab)
            return false;
        arena->cut_bytes += arena->slab_bytes;
    }
    *slab = (struct slab){.next = arena->slabs};
    arena->slabs = slab;
    arena->fresh = (uint8_t *)slab + SLAB_HEAD_BYTES;
    arena->fresh_end = (uint8_t *)slab + arena->slab_bytes;
    return true;
}

/* Puts it where those of its length are. */
static void put(struct arena *arena, struct chunk *chunk, size_t total)
{
    struct chunk **list = &arena->free[total / ARENA_CHUNK_BYTES - 1];
    chunk->next = *list;
    *list = chunk;
}

static struct chunk *take_free(struct arena *arena, size_t total)
{
    struct chunk **list = &arena->free[total / ARENA_CHUNK_BYTES - 1], *chunk = *list;
    if (chunk)
        *list = chunk->next;
    return chunk;
}

/* A part of a longer one, whose rest stays free. */
static struct chunk *split(struct arena *arena, size_t total)
{
    for (size_t whole = total + ARENA_CHUNK_BYTES; whole <= ARENA_CUT_MAX_BYTES;
         whole += ARENA_CHUNK_BYTES) {
        struct chunk *chunk = take_free(arena, whole);
        if (chunk) {
            struct chunk *rest = (struct chunk *)(void *)((uint8_t *)chunk + total);
            rest->slab = chunk->slab;
            put(arena, rest, whole - total);
            return chunk;
        }
    }
    return NULL;
}

/* A slab that is used up leaves less than a chunk that was asked for, but maybe a shorter one. */
static bool refill(struct arena *arena, struct fail *fail)
{
    const size_t rest = (size_t)(arena->fresh_end - arena->fresh) & ~(ARENA_CHUNK_BYTES - 1ul);
    if (rest > 0) {
        struct chunk *chunk = (struct chunk *)(void *)arena->fresh;
        chunk->slab = arena->slabs;
        put(arena, chunk, rest);
    }
    arena->fresh = arena->fresh_end = NULL;
    return add_slab(arena, fail);
}

/* A chunk of one of the lengths that are cut from slabs. */
static struct chunk *cut(struct arena *arena, size_t total, struct fail *fail)
{
    struct chunk *chunk = take_free(arena, total);
    if (chunk)
        return chunk;
    if ((size_t)(arena->fresh_end - arena->fresh) < total) {
        struct fail cause = {0};
        if (!refill(arena, &cause)) {
            chunk = split(arena, total);
            if (!chunk)
                fail_set(fail, cause.code, "%s", cause.text);
            return chunk;
        }
    }
    chunk = (struct chunk *)(void *)arena->fresh;
    chunk->slab = arena->slabs;
    arena->fresh += total;
    return chunk;
}

static bool is_cut(const struct arena *arena, size_t total)
{
    return total % ARENA_CHUNK_BYTES == 0 && total <= ARENA_CUT_MAX_BYTES
        && total <= arena->slab_bytes - SLAB_HEAD_BYTES;
}

struct chunk *arena_take(struct arena *arena, size_t bytes, struct fail *fail)
{
    size_t total = (bytes + FRAME_BYTES + ARENA_CHUNK_BYTES - 1) & ~(ARENA_CHUNK_BYTES - 1ul);
    if (!is_cut(arena, total))
        total = bytes + FRAME_BYTES;
    struct chunk *chunk = is_cut(arena, total) ? cut(arena, total, fail) : take(arena, total, fail);
    if (!chunk)
        return NULL;
    if (is_cut(arena, total))
        chunk->slab->used_bytes += total;
    else
        chunk->slab = NULL;
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
    if (chunk->slab) {
        chunk->slab->used_bytes -= total;
        put(arena, chunk, total);
    } else {
        mem_free(arena->mem, chunk, total);
    }
}

size_t arena_room(const struct arena *arena)
{
    size_t idle = arena->cut_bytes > arena->used_bytes ? arena->cut_bytes - arena->used_bytes : 0;
    size_t room = mem_room(arena->mem);
    return idle + (room > arena->left_bytes ? room - arena->left_bytes : 0);
}

/* Those chunks of a list stay whose slab has others that are in use. */
static void keep_used(struct chunk **list)
{
    while (*list)
        if ((*list)->slab->used_bytes > 0)
            list = &(*list)->next;
        else
            *list = (*list)->next;
}

void arena_recut(struct arena *arena)
{
    for (size_t i = 0; i < ARENA_LENGTHS; i++)
        keep_used(&arena->free[i]);
    if (arena->slabs && arena->slabs->used_bytes == 0)
        arena->fresh = arena->fresh_end = NULL;
    for (struct slab **list = &arena->slabs; *list;) {
        struct slab *slab = *list;
        if (slab->used_bytes > 0) {
            list = &slab->next;
            continue;
        }
        *list = slab->next;
        slab->next = arena->blank;
        arena->blank = slab;
    }
}

static void drop_blanks(struct arena *arena)
{
    while (arena->blank)
        drop_blank(arena);
}

static void free_all(struct arena *arena)
{
    drop_blanks(arena);
    while (arena->slabs) {
        struct slab *slab = arena->slabs;
        arena->slabs = slab->next;
        mem_free(arena->mem, slab, arena->slab_bytes);
    }
}

void arena_trim(struct arena *arena)
{
    arena_recut(arena);
    drop_blanks(arena);
}

size_t arena_uncut(const struct arena *arena)
{
    const size_t room = mem_room(arena->mem);
    size_t blank = 0;
    for (const struct slab *slab = arena->blank; slab; slab = slab->next)
        blank += arena->slab_bytes;
    return blank + (room > arena->left_bytes ? room - arena->left_bytes : 0);
}

void arena_free(struct arena *arena)
{
    free_all(arena);
    *arena = (struct arena){0};
}
