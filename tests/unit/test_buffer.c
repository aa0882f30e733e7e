/* SPDX-License-Identifier: BSD-3-Clause */
/* Bytes that grow. */
#include "host/buffer.h"

#include "check.h"

#include <string.h>

static void what_is_appended_is_there_in_order(void **state)
{
    struct world *world = *state;
    struct buffer buffer = {0};
    uint8_t bytes[1000];
    for (size_t i = 0; i < 500; i++) {
        memset(bytes, (int)(i % 251), sizeof bytes);
        assert_true(buffer_append(&buffer, &world->mem, bytes, 2 * i, &world->fail));
        assert_true(buffer.cap >= buffer.len && buffer.cap % BUFFER_BLOCK_BYTES == 0);
    }
    size_t at = 0;
    for (size_t i = 0; i < 500; i++)
        for (size_t j = 0; j < 2 * i; j++)
            assert_int_equal(buffer.bytes[at++], i % 251);
    assert_int_equal(at, buffer.len);
    buffer_free(&buffer, &world->mem);
    buffer_free(&buffer, &world->mem);
    assert_int_equal(world->mem.used_bytes, 0);
}

static void nothing_can_be_appended_and_room_can_be_made(void **state)
{
    struct world *world = *state;
    struct buffer buffer = {0};
    assert_true(buffer_append(&buffer, &world->mem, NULL, 0, &world->fail));
    assert_int_equal(buffer.len, 0);
    assert_true(buffer_append(&buffer, &world->mem, NULL, BUFFER_BLOCK_BYTES + 1, &world->fail));
    assert_int_equal(buffer.len, BUFFER_BLOCK_BYTES + 1);
    assert_int_equal(buffer.cap, 2 * BUFFER_BLOCK_BYTES);
    memset(buffer.bytes, 1, buffer.cap);
    buffer_free(&buffer, &world->mem);
}

static void without_memory_what_was_there_stays(void **state)
{
    struct world *world = *state;
    struct buffer buffer = {0};
    assert_true(buffer_append(&buffer, &world->mem, "kept", 4, &world->fail));
    world->mem.limit_bytes = world->mem.used_bytes;
    assert_false(buffer_append(&buffer, &world->mem, NULL, 1 << 20, &world->fail));
    assert_int_equal(world->fail.code, FAIL_MEMORY);
    assert_int_equal(buffer.len, 4);
    assert_memory_equal(buffer.bytes, "kept", 4);
    buffer_free(&buffer, &world->mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_appended_is_there_in_order, world_make, world_end),
        cmocka_unit_test_setup_teardown(nothing_can_be_appended_and_room_can_be_made, world_make,
                                        world_end),
        cmocka_unit_test_setup_teardown(without_memory_what_was_there_stays, world_make, world_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
