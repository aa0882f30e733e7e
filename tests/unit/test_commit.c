/* SPDX-License-Identifier: BSD-3-Clause */
/* A commit is there whole, the one before it is, or what is wrong is said. */
#include "store/commit.h"

#include "world_in_folder.h"

#include <signal.h>
#include <sys/resource.h>

enum { MANY_BYTES = 5000 };

/* Sections of any sizes, some of them empty. */
static void make(struct world *world, uint64_t seed, struct commit *commit)
{
    struct seeded seeded = {seed};
    uint8_t bytes[MANY_BYTES];
    *commit = (struct commit){0};
    for (int i = 0; i < COMMIT_SECTIONS; i++) {
        const size_t len = seeded_below(&seeded, 3) ? seeded_below(&seeded, sizeof bytes) : 0;
        for (size_t at = 0; at < len; at++)
            bytes[at] = (uint8_t)seeded_next(&seeded);
        assert_true(buffer_append(&commit->sections[i], &world->mem, bytes, len, &world->fail));
    }
}

static void expect_same(const struct commit *a, const struct commit *b)
{
    for (int i = 0; i < COMMIT_SECTIONS; i++) {
        assert_int_equal(a->sections[i].len, b->sections[i].len);
        if (a->sections[i].len > 0)
            assert_memory_equal(a->sections[i].bytes, b->sections[i].bytes, a->sections[i].len);
    }
}

static void what_is_written_is_read_and_the_last_one_counts(void **state)
{
    struct world *world = *state;
    const char *path = folder_path("commit");
    bool found = true;
    struct commit read = {0};
    assert_true(commit_read(&read, &world->mem, path, &found, &world->fail));
    assert_false(found);
    for (uint64_t seed = 1; seed < 50; seed++) {
        struct commit commit;
        make(world, seed, &commit);
        assert_true(commit_write(&commit, path, &world->fail));
        assert_true(commit_read(&read, &world->mem, path, &found, &world->fail));
        assert_true(found);
        expect_same(&commit, &read);
        commit_free(&commit, &world->mem);
    }
    commit_free(&read, &world->mem);
    assert_int_not_equal(access(folder_path("commit.new"), F_OK), 0);
}

/* Reads bytes as a commit, which they are not. */
static void expect_refused(struct world *world, const uint8_t *bytes, size_t len)
{
    struct commit commit = {0};
    bool found;
    world->fail = (struct fail){0};
    const char *path = folder_put("harmed", bytes, len);
    assert_false(commit_read(&commit, &world->mem, path, &found, &world->fail));
    assert_int_equal(world->fail.code, FAIL_INPUT);
    assert_ptr_equal(strstr(world->fail.text, path), world->fail.text);
    commit_free(&commit, &world->mem);
}

static void what_is_cut_or_changed_is_noticed(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {1};
    struct commit commit;
    const char *path = folder_path("commit");
    size_t len = 0;
    make(world, 7, &commit);
    assert_true(commit_write(&commit, path, &world->fail));
    uint8_t *bytes = folder_get(path, &len);
    for (size_t cut = 0; cut < len; cut += 1 + cut / 8)
        expect_refused(world, bytes, cut);
    for (size_t bit = 0; bit < 8 * len; bit += bit < 1000 ? 1 : 1 + seeded_below(&seeded, 200)) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        expect_refused(world, bytes, len);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    expect_refused(world, (const uint8_t *)"something else, which is as long as a head is at the "
                                           "least, or longer than that, so that it is read",
                   100);
    free(bytes);
    commit_free(&commit, &world->mem);
}

static void one_that_cannot_be_written_leaves_the_one_before(void **state)
{
    struct world *world = *state;
    struct commit small, large, read = {0};
    const char *path = folder_path("commit");
    const struct rlimit none = {1000, RLIM_INFINITY}, all = {RLIM_INFINITY, RLIM_INFINITY};
    bool found;
    small = (struct commit){0};
    make(world, 7, &large);
    assert_true(commit_write(&small, path, &world->fail));
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    assert_false(commit_write(&large, path, &world->fail));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &all), 0);
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_int_not_equal(access(folder_path("commit.new"), F_OK), 0);
    assert_true(commit_read(&read, &world->mem, path, &found, &world->fail));
    expect_same(&small, &read);
    commit_free(&large, &world->mem);
    commit_free(&read, &world->mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(what_is_written_is_read_and_the_last_one_counts),
        folder_test(what_is_cut_or_changed_is_noticed),
        folder_test(one_that_cannot_be_written_leaves_the_one_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
