/* check: what the unit tests share. A world to borrow memory from, which must have all of it back in the end; and bytes that end where
 * memory ends, so that reading one too many kills the test. */
#ifndef CHECK_H
#define CHECK_H

#include "parcel.h"

#include "naive.h"
#include "seeded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#define LEN(array) (sizeof(array) / sizeof *(array))

enum { CHECK_SLAB_BYTES = 64 << 10, CHECK_LIMIT_BYTES = 1 << 30, CHECK_EDGE_BYTES = 16 << 10 };

struct world {
    struct mem mem;
    struct arena arena;
    struct fail fail;
};

static inline int world_make(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    if (!world)
        return -1;
    world->mem.limit_bytes = CHECK_LIMIT_BYTES;
    arena_init(&world->arena, &world->mem, CHECK_SLAB_BYTES);
    *state = world;
    return 0;
}

/* Fails the test that kept a chunk or a block. */
static inline int world_end(void **state)
{
    struct world *world = *state;
    size_t chunks = world->arena.used_bytes;
    if (world->arena.mem)
        arena_free(&world->arena);
    size_t blocks = world->mem.used_bytes;
    free(world);
    assert_int_equal(chunks, 0);
    assert_int_equal(blocks, 0);
    return 0;
}

/* A test with a world of its own in *state. */
#define world_test(name) cmocka_unit_test_setup_teardown(name, world_make, world_end)

/* Where memory ends: CHECK_EDGE_BYTES before it can be used, nothing after it can be touched. */
static inline uint8_t *edge_of_memory(void)
{
    static uint8_t *edge;
    if (!edge) {
        uint8_t *pages = mmap(NULL, CHECK_EDGE_BYTES + 4096, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        assert_true(pages != MAP_FAILED);
        assert_int_equal(mprotect(pages + CHECK_EDGE_BYTES, 4096, PROT_NONE), 0);
        edge = pages + CHECK_EDGE_BYTES;
    }
    return edge;
}

/* Adds a key of any length to a parcel. */
static inline bool add_key(struct arena *arena, struct parcel *parcel, const uint8_t *bytes,
                           size_t len, uint64_t count, struct fail *fail)
{
    uint8_t padded[16] = {0};
    if (len > KEY_SHORT_MAX)
        return parcel_add_long(arena, parcel, bytes, len, count, fail);
    if (len > 0)
        memcpy(padded, bytes, len);
    return parcel_add_short(arena, parcel, key_short(padded, len), count, fail);
}

/* Adds all records of a settled parcel to a list; short keys are spelt in `store`, which moves on. Returns whether all were well formed. */
static inline bool list_records(const struct parcel *parcel, struct naive *list, uint8_t **store)
{
    for (const struct chunk *chunk = parcel->head; chunk; chunk = chunk->next) {
        const uint8_t *at = chunk->bytes, *end = at + chunk->used_bytes;
        struct record record;
        while (at < end && (at = parcel_next(at, end, &record))) {
            const uint8_t *bytes = record.bytes ? record.bytes : memcpy(*store, &record.key, 16);
            naive_add(list, bytes, record.len, record.count);
            *store += record.bytes ? 0 : 16;
        }
        if (!at)
            return false;
    }
    return true;
}

#endif
