/* SPDX-License-Identifier: BSD-3-Clause */
/* What is combined by key on one rank: nothing is lost, whatever has to be combined on the way, and
 * the lines are those of a run. */
#include "stage/combined.h"

#include "check.h"
#include "env.h"

#include <inttypes.h>
#include <stdio.h>

enum { MEMORY_BYTES = 64 << 20, FRAME_MAX = 64 };

struct text {
    char bytes[4096];
    size_t len;
};

static bool put(void *context, const uint8_t *bytes, size_t len)
{
    struct text *text = context;
    assert_true(text->len + len < sizeof text->bytes);
    memcpy(text->bytes + text->len, bytes, len);
    text->len += len;
    text->bytes[text->len] = '\0';
    return true;
}

static void add(struct combined *combined, enum value_kind kind, const char *key, int64_t value)
{
    uint8_t frames[FRAME_HEADER_BYTES + FRAME_MAX];
    const struct collect_form form = {.collect = COLLECT_ORDER};
    const struct frame frame = {kind, NULL, strlen(key), value};
    frame_write_header(frames, &frame);
    memcpy(frames + FRAME_HEADER_BYTES, key, frame.len);
    assert_true(combined_add(combined, &form, frames, FRAME_HEADER_BYTES + frame.len));
}

static struct env *make_env(void)
{
    static struct env env;
    memset(&env, 0, sizeof env);
    env.mem.limit_bytes = MEMORY_BYTES;
    env.kind.format = results_format;
    arena_init(&env.arena, &env.mem, CHECK_SLAB_BYTES, 0);
    env.seed = hash_seed_from(1);
    return &env;
}

static void all_is_combined(void **state)
{
    (void)state;
    struct env *env = make_env();
    struct combined combined;
    struct text text = {0};
    assert_true(combined_init(&combined, env));
    for (int64_t i = 0; i < 500000; i++) {
        add(&combined, VALUE_KIND_SUM, "sum", i);
        add(&combined, VALUE_KIND_MAX, "max", i ^ 5);
        add(&combined, VALUE_KIND_COUNT, i % 3 ? "often" : "a key of more than sixteen bytes", 1);
    }
    assert_true(env->mem.peak_bytes < MEMORY_BYTES / 2); /* it would be more than all records */
    assert_true(combined_write(&combined, put, &text));
    assert_string_equal(text.bytes,
                        "often\t333333\na key of more than sixteen bytes\t166667\n"
                        "sum\t124999750000\nmax\t499999\n");
    combined_free(&combined);
    combined_free(&combined);
    arena_free(&env->arena);
    assert_int_equal(env->mem.used_bytes, 0);
}

static void nothing_is_no_line(void **state)
{
    (void)state;
    struct env *env = make_env();
    struct combined combined;
    struct text text = {0};
    assert_true(combined_init(&combined, env));
    add(&combined, VALUE_KIND_RESULT, "kept as it is", 0);
    assert_true(combined_write(&combined, put, &text));
    assert_int_equal(text.len, 0);
    combined_free(&combined);
    arena_free(&env->arena);
    assert_int_equal(env->mem.used_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_combined),
        cmocka_unit_test(nothing_is_no_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
