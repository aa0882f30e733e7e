/* Chunks of 256 bytes, 1 KB and 4 KB, cut from slabs, with a free list each; a list that is empty takes a larger free chunk apart. Three
 * sizes, because thousands of buckets that hold a few records each must cost little, and those that hold millions should be few. */
#include "arena.h"

static const size_t class_bytes[ARENA_CLASSES] = {256, 1024, ARENA_CHUNK_BYTES};

struct slab {
    struct slab *next;
    size_t bytes;
};

void arena_init(struct arena *arena, struct mem *mem, size_t slab_bytes)
{
    *arena = (struct arena){.mem = mem, .slab_bytes = slab_bytes};
}

static size_t payload(size_t total_bytes)
{
    return total_bytes - sizeof(struct chunk);
}

/* A piece of memory of one class: from the free list, by cutting up a larger free chunk, or from a slab. */
static void *piece(struct arena *arena, int class, struct fail *fail)
{
    size_t bytes = class_bytes[class];
    struct chunk *chunk = arena->free[class];
    if (chunk) {
        arena->free[class] = chunk->next;
        return chunk;
    }
    if (class + 1 < ARENA_CLASSES && arena->free[class + 1]) {
        uint8_t *larger = piece(arena, class + 1, fail);
        for (size_t at = bytes; at < class_bytes[class + 1]; at += bytes) {
            struct chunk *part = (struct chunk *)(void *)(larger + at);
            part->next = arena->free[class];
            arena->free[class] = part;
        }
        return larger;
    }
    if ((size_t)(arena->fresh_end - arena->fresh) < bytes) {
        struct slab *slab = mem_alloc(arena->mem, arena->slab_bytes, fail);
        if (!slab)
            return NULL;
        *slab = (struct slab){.next = arena->slabs, .bytes = arena->slab_bytes};
        arena->slabs = slab;
        arena->cut_bytes += slab->bytes;
        arena->fresh = (uint8_t *)slab + class_bytes[0]; /* keeps chunks on cache lines */
        arena->fresh_end = (uint8_t *)slab + slab->bytes;
    }
    arena->fresh += bytes;
    return arena->fresh - bytes;
}

struct chunk *arena_take(struct arena *arena, size_t bytes, size_t have_bytes, struct fail *fail)
{
    int class = have_bytes < 512 ? 0 : have_bytes < 8192 ? 1 : 2;
    while (class < ARENA_CLASSES && payload(class_bytes[class]) < bytes)
        class++;
    size_t total = class < ARENA_CLASSES ? class_bytes[class] : bytes + sizeof(struct chunk);
    struct chunk *chunk = class < ARENA_CLASSES ? piece(arena, class, fail)
                                                : mem_alloc(arena->mem, total, fail);
    if (!chunk)
        return NULL;
    arena->used_bytes += total;
    chunk->next = NULL;
    chunk->used_bytes = 0;
    chunk->cap_bytes = payload(total);
    return chunk;
}

void arena_give(struct arena *arena, struct chunk *chunk)
{
    size_t total = chunk->cap_bytes + sizeof(struct chunk);
    arena->used_bytes -= total;
    for (int class = 0; class < ARENA_CLASSES; class++) {
        if (total == class_bytes[class]) {
            chunk->next = arena->free[class];
            arena->free[class] = chunk;
            return;
        }
    }
    mem_free(arena->mem, chunk, total);
}

size_t arena_room(const struct arena *arena)
{
    size_t idle = arena->cut_bytes > arena->used_bytes ? arena->cut_bytes - arena->used_bytes : 0;
    return idle + mem_room(arena->mem);
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
