/* SPDX-License-Identifier: BSD-3-Clause */
/* Which parts of files a sample has. */
#include "stage/sample.h"

#include "env.h"

#include "check.h"

enum { FILES = 1000, LARGE_BYTES = 10 << 20, JOINT_BYTES = 1 << 20 };

static char names[] = "name";

struct inputs {
    struct env env;
    struct plan plan;
    struct catalog_file files[FILES];
    uint64_t joints[16];
    struct sample sample;
};

static struct inputs inputs;

static void add(uint64_t bytes, bool encoded, size_t joints)
{
    struct catalog *catalog = &inputs.plan.catalog;
    struct catalog_file *file = &inputs.files[catalog->len++];
    *file = (struct catalog_file){.bytes = bytes, .encoded = encoded};
    file->joints = catalog->joints_len;
    file->joints_len = joints;
    for (size_t i = 0; i < joints; i++)
        inputs.joints[catalog->joints_len++] = (i + 1) * JOINT_BYTES;
    inputs.plan.total_bytes += bytes;
}

/* Files, without what is in them: nothing here looks into them. */
static void make(struct world *world)
{
    memset(&inputs, 0, sizeof inputs);
    inputs.env.mem.limit_bytes = CHECK_LIMIT_BYTES;
    inputs.env.budget.memory_bytes = CHECK_LIMIT_BYTES;
    inputs.env.seed = hash_seed_from(5);
    inputs.plan.catalog = (struct catalog){.files = inputs.files,
                                           .names = names,
                                           .names_len = sizeof names,
                                           .joints = inputs.joints,
                                           .unit = 64 << 10};
    (void)world;
}

static void end(void)
{
    sample_free(&inputs.env, &inputs.sample);
    sample_free(&inputs.env, &inputs.sample);
    assert_int_equal(inputs.env.mem.used_bytes, 0);
}

/* Marks what a step has of each file, in kilobytes; nothing twice. */
static void mark(const struct plan *step, uint8_t seen[5][LARGE_BYTES >> 10])
{
    for (size_t i = 0; i < step->catalog.len; i++) {
        const struct catalog_part *part = &step->catalog.parts[i];
        size_t file = 0;
        while (inputs.files[file].bytes != part->file_bytes)
            file++;
        const uint64_t bytes = step->catalog.files[i].bytes;
        assert_true(part->begin + bytes <= part->file_bytes);
        for (uint64_t at = part->begin >> 10; at < (part->begin + bytes + 1023) >> 10; at++)
            assert_int_equal(seen[file][at]++, 0);
    }
}

static void steps_have_nothing_twice_and_in_the_end_all(void **state)
{
    static uint8_t seen[5][LARGE_BYTES >> 10];
    make(*state);
    memset(seen, 0, sizeof seen);
    add(LARGE_BYTES, false, 0);
    add(0, false, 0);
    add(5000, false, 0);
    add(5 * JOINT_BYTES, true, 4);
    add(3000, true, 0);
    assert_true(sample_init(&inputs.env, &inputs.sample, &inputs.plan, UINT64_MAX));
    assert_int_equal(inputs.sample.longs, 0);
    uint64_t taken = 0;
    struct plan step;
    for (uint64_t upto = 1 << 20; taken < inputs.plan.total_bytes; upto += 1 << 20) {
        assert_true(sample_step(&inputs.env, &inputs.sample, upto, &step));
        assert_true(step.sampled && step.longest_bytes == 0);
        assert_int_equal(step.total_bytes, catalog_bytes(&step.catalog));
        mark(&step, seen);
        taken += step.total_bytes;
        /* What cannot be cut goes a little beyond. */
        assert_true(taken + (128 << 10) >= (upto < inputs.plan.total_bytes ? upto : taken)
                    && taken <= upto + JOINT_BYTES + (64 << 10));
    }
    for (size_t file = 0; file < inputs.plan.catalog.len; file++)
        for (uint64_t at = 0; at < inputs.files[file].bytes; at += 1024)
            assert_int_equal(seen[file][at >> 10], 1);
    end();
}

/* Of a file in the middle of many, each part as often as any other. */
static void every_part_is_as_likely(void **state)
{
    enum { ROUNDS = 300, PIECES = LARGE_BYTES / (64 << 10), IN = 10 };
    static unsigned often[PIECES];
    memset(often, 0, sizeof often);
    for (uint64_t seed = 0; seed < ROUNDS; seed++) {
        struct plan step;
        make(*state);
        inputs.env.seed = hash_seed_from(seed);
        add(LARGE_BYTES, false, 0);
        assert_true(
            sample_init(&inputs.env, &inputs.sample, &inputs.plan, LARGE_BYTES * seed / ROUNDS));
        assert_true(sample_step(&inputs.env, &inputs.sample, LARGE_BYTES / IN, &step));
        for (size_t i = 0; i < step.catalog.len; i++)
            often[step.catalog.parts[i].begin / (64 << 10)]++;
        end();
    }
    for (size_t i = 0; i < PIECES; i++)
        assert_true(often[i] > ROUNDS / IN / 3 && often[i] < ROUNDS / IN * 2);
}

/* Again and again, and longer. */
static void what_cannot_be_cut_is_taken_from_its_beginning(void **state)
{
    struct plan step;
    make(*state);
    add(LARGE_BYTES, true, 0);
    add(5000, false, 0);
    assert_true(sample_init(&inputs.env, &inputs.sample, &inputs.plan, UINT64_MAX));
    assert_int_equal(inputs.sample.longs, 1);
    uint64_t before = 0;
    for (uint64_t upto = 1 << 20; upto < LARGE_BYTES; upto *= 2) {
        assert_true(sample_step(&inputs.env, &inputs.sample, upto, &step));
        assert_true(step.catalog.len >= 1);
        assert_int_equal(step.catalog.parts[0].begin, 0);
        assert_int_equal(step.catalog.parts[0].between_joints, 0);
        assert_true(step.catalog.parts[0].text_bytes > before);
        before = step.catalog.parts[0].text_bytes;
    }
    assert_true(sample_step(&inputs.env, &inputs.sample, inputs.plan.total_bytes, &step));
    assert_true(step.catalog.parts[0].text_bytes > before && step.catalog.len == 2);
    end();
}

/* What they have more of the input those have more in the sample that are looked into. */
static void of_many_that_cannot_be_cut_some_stand_for_all(void **state)
{
    struct plan step;
    make(*state);
    for (int i = 0; i < FILES; i++)
        add(LARGE_BYTES, true, 0);
    assert_true(sample_init(&inputs.env, &inputs.sample, &inputs.plan, UINT64_MAX));
    assert_true(inputs.sample.longs > 100 && inputs.sample.longs < 400);
    const uint64_t upto = (uint64_t)FILES * LARGE_BYTES / 40;
    assert_true(sample_step(&inputs.env, &inputs.sample, upto, &step));
    uint64_t text = 0;
    for (size_t i = 0; i < step.catalog.len; i++)
        text += step.catalog.parts[i].text_bytes;
    assert_true(text > 3 * upto && text < 5 * upto);
    assert_true(inputs.sample.least_bytes < upto);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        world_test(steps_have_nothing_twice_and_in_the_end_all),
        world_test(every_part_is_as_likely),
        world_test(of_many_that_cannot_be_cut_some_stand_for_all),
        world_test(what_cannot_be_cut_is_taken_from_its_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
