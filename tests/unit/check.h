/* SPDX-License-Identifier: BSD-3-Clause */
/* check: what the unit tests share. A world to borrow memory from, which must have all of it back
 * in the end; and bytes that end where memory ends, so that reading one too many kills the test. */
#ifndef CHECK_H
#define CHECK_H

#include "data/parcel.h"

#include "listing.h"
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
    arena_init(&world->arena, &world->mem, CHECK_SLAB_BYTES, 0);
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

#endif
