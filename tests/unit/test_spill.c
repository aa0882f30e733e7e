/* SPDX-License-Identifier: BSD-3-Clause */
/* What is spilled comes back, once and whole; what is damaged on the disk, or does not fit it, is
 * noticed. */
#include "data/spill_read.h"
#include "data/spill_run.h"

#include "world_in_folder.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

enum { BUCKETS = 40, RECORDS = 3000 };

static void make_space(struct scratch_space *space)
{
    *space = (struct scratch_space){.len = 1, .limit_bytes = UINT64_MAX};
    snprintf(space->folders[0], sizeof space->folders[0], "%s", folder_name);
}

/* Keys of all lengths, some of them of megabytes, in most of the buckets; the count says where. */
static void fill(struct world *world, struct box *box, uint64_t seed, size_t longest)
{
    struct seeded seeded = {seed};
    uint8_t *word = calloc(1, longest + 1);
    for (int i = 0; i < RECORDS; i++) {
        const size_t bucket = seeded_below(&seeded, BUCKETS) * (seeded_below(&seeded, 4) > 0);
        const size_t most = seeded_below(&seeded, 100) ? 40 : longest;
        const size_t len = 1 + seeded_below(&seeded, most);
        memset(word, (int)(1 + bucket), len);
        assert_true(add_key(&world->arena, &box->parcels[bucket], word, len, bucket * 1000 + seed,
                            &world->fail));
    }
    free(word);
}

struct seen {
    uint64_t records, counts, bytes;
    bool right;
    size_t bucket;
};

static bool see(void *context, const struct record *record)
{
    struct seen *seen = context;
    const uint8_t *bytes = record_bytes(record);
    for (size_t i = 0; i < record->len; i++)
        seen->right &= bytes[i] == 1 + seen->bucket;
    seen->right &= record->count / 1000 == seen->bucket;
    seen->records++;
    seen->counts += record->count;
    seen->bytes += record->len;
    return true;
}

static void look(struct parcel *parcel, struct seen *seen)
{
    struct records records = records_of(parcel);
    struct record record;
    while (records_next(&records, &record))
        see(seen, &record);
    assert_false(records.malformed);
}

static void all_runs_come_back_by_bucket(void **state)
{
    struct world *world = *state;
    struct scratch_space space;
    struct spill spill;
    struct box box;
    struct seen before[BUCKETS];
    make_space(&space);
    assert_true(spill_init(&spill, &world->arena, &space, BUCKETS, &world->fail));
    for (size_t i = 0; i < BUCKETS; i++)
        before[i] = (struct seen){.right = true, .bucket = i};
    for (uint64_t run = 1; run <= 30; run++) {
        assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
        fill(world, &box, run, run % 10 ? 300 : 2000000);
        for (size_t i = 0; i < BUCKETS; i++) {
            parcel_settle(&box.parcels[i]);
            look(&box.parcels[i], &before[i]);
        }
        assert_true(spill_box(&spill, &box, &world->fail));
        assert_int_equal(box_records(&box), 0);
        assert_true(spill_box(&spill, &box, &world->fail)); /* nothing */
        box_free(&box);
    }
    assert_int_equal(spill.records, 30 * RECORDS);
    assert_int_equal(world->arena.used_bytes, 0);
    for (size_t i = 0; i < BUCKETS; i++) {
        struct seen walked = {.right = true, .bucket = i}, taken = walked;
        struct parcel parcel = {0};
        uint64_t records, bytes;
        assert_true(spill_read_size(&spill, i, &records, &bytes, &world->fail));
        assert_true(spill_read_walk(&spill, i, see, &walked, &world->fail));
        assert_true(spill_read_take(&spill, i, &parcel, &world->fail));
        look(&parcel, &taken);
        assert_true(walked.right && taken.right && before[i].right);
        assert_int_equal(parcel.records, before[i].records);
        assert_int_equal(records, before[i].records);
        assert_true(bytes >= before[i].bytes);
        assert_memory_equal(&walked, &before[i], sizeof walked);
        assert_memory_equal(&taken, &before[i], sizeof taken);
        parcel_clear(&world->arena, &parcel);
    }
    spill_free(&spill);
    spill_free(&spill);
}

static uint64_t disk_bytes(const struct spill *spill)
{
    struct stat status;
    assert_int_equal(fstat(spill->files[0].fd, &status), 0);
    return (uint64_t)status.st_blocks * 512;
}

static void count_steps(void *context)
{
    ++*(size_t *)context;
}

static void what_was_taken_is_given_back_to_the_disk(void **state)
{
    struct world *world = *state;
    size_t steps = 0;
    struct scratch_space space;
    struct spill spill;
    struct box box;
    make_space(&space);
    space.step = count_steps;
    space.context = &steps;
    assert_true(spill_init(&spill, &world->arena, &space, BUCKETS, &world->fail));
    assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
    for (int i = 0; i < 20; i++)
        fill(world, &box, 1, 100000);
    assert_true(spill_box(&spill, &box, &world->fail));
    const uint64_t all = disk_bytes(&spill);
    assert_true(all > 8 << 20 && space.used_bytes <= all && space.used_bytes > all / 2);
    for (size_t i = 0; i < BUCKETS; i++) {
        struct parcel parcel = {0};
        assert_true(spill_read_take(&spill, i, &parcel, &world->fail));
        parcel_clear(&world->arena, &parcel);
        if (i == BUCKETS / 2)
            assert_true(disk_bytes(&spill) < all * 3 / 4);
    }
    assert_true(disk_bytes(&spill) < 256 << 10);
    assert_true(space.used_bytes < 64 << 10 && space.peak_bytes == space.written_bytes);
    assert_true(steps > 16); /* for each megabyte written, and each block read */
    box_free(&box);
    spill_free(&spill);
    assert_int_equal(space.used_bytes, 0);
}

/* Reads all; the number of records, or 0 when it fails. */
static uint64_t read_all(struct world *world, struct spill *spill)
{
    struct seen seen = {.right = true};
    for (seen.bucket = 0; seen.bucket < BUCKETS; seen.bucket++) {
        if (!spill_read_walk(spill, seen.bucket, see, &seen, &world->fail))
            return 0;
    }
    return seen.records;
}

/* A log has a name, and stays with all that was written; another process reads so much of it. */
static void a_log_is_read_by_another(void **state)
{
    struct world *world = *state;
    struct scratch_space space;
    struct spill spill, reader;
    struct box box;
    uint64_t indexes[3], bytes;
    const char *log = folder_path("log");
    make_space(&space);
    assert_true(spill_init(&spill, &world->arena, &space, BUCKETS, &world->fail));
    spill.log = log;
    assert_true(spill_sync(&spill, &bytes, &world->fail));
    assert_int_equal(bytes, 0);
    for (uint64_t run = 0; run < 3; run++) {
        assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
        fill(world, &box, run + 1, 300);
        assert_true(spill_box(&spill, &box, &world->fail));
        indexes[run] = spill.runs[run].index;
        box_free(&box);
        if (run == 1)
            assert_true(spill_sync(&spill, &bytes, &world->fail));
    }
    for (size_t i = 0; i < BUCKETS; i++)
        assert_true(spill_read_drop(&spill, i, &world->fail)); /* gives nothing back */
    spill_free(&spill);
    assert_true(spill_read_open(&reader, &world->arena, &space, log, bytes, BUCKETS, indexes, 2,
                                &world->fail));
    assert_int_equal(read_all(world, &reader), 2 * RECORDS);
    spill_free(&reader);
    assert_int_equal(truncate(log, (off_t)bytes - 1), 0);
    assert_false(spill_read_open(&reader, &world->arena, &space, log, bytes, BUCKETS, indexes, 2,
                                 &world->fail));
    assert_int_equal(world->fail.code, FAIL_INPUT);
    spill_free(&reader);
    world->fail = (struct fail){0};
    assert_true(spill_init(&spill, &world->arena, &space, BUCKETS, &world->fail));
    spill.log = log; /* of somebody else: it is there */
    assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
    fill(world, &box, 1, 300);
    assert_false(spill_box(&spill, &box, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    box_free(&box);
    spill_free(&spill);
}

/* Whatever is changed on the disk, nothing but what was written is handed out. */
static void damage_is_noticed_every_time(void **state)
{
    struct world *world = *state;
    struct seeded seeded = {7};
    int noticed = 0;
    for (int round = 0; round < 1500; round++) {
        struct scratch_space space;
        struct spill spill;
        struct box box;
        make_space(&space);
        world->fail = (struct fail){0};
        assert_true(spill_init(&spill, &world->arena, &space, BUCKETS, &world->fail));
        assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
        for (uint64_t run = 1; run <= 2; run++) {
            struct seeded words = {(uint64_t)round * 2 + run};
            for (int i = 0; i < 60; i++) {
                const uint64_t bucket = seeded_below(&words, BUCKETS);
                const uint8_t byte = (uint8_t)(1 + bucket);
                assert_true(add_key(&world->arena, &box.parcels[bucket], &byte, 1, bucket * 1000,
                                    &world->fail));
            }
            assert_true(spill_box(&spill, &box, &world->fail));
        }
        const int fd = spill.files[0].fd;
        const size_t len = spill.file_bytes[0];
        uint8_t *bytes = malloc(2 * len);
        assert_int_equal(pread(fd, bytes, len, 0), len);
        memcpy(bytes + len, bytes, len);
        const size_t at = seeded_below(&seeded, len), other = seeded_below(&seeded, len);
        const size_t size = 1 + seeded_below(&seeded, len - (at > other ? at : other));
        if (round % 3 == 0)
            bytes[at] ^= (uint8_t)(1 << seeded_below(&seeded, 8));
        else if (round % 3 == 1)
            memcpy(bytes + at, bytes + len + other, size); /* what belongs elsewhere */
        else
            memset(bytes + at, 0, size);
        const bool same = memcmp(bytes, bytes + len, len) == 0;
        assert_int_equal(pwrite(fd, bytes, len, 0), len);
        if (round % 6 == 5)
            assert_int_equal(ftruncate(fd, (off_t)at), 0);
        const uint64_t records = read_all(world, &spill);
        const bool whole = records == 120 && same && round % 6 != 5;
        assert_true(whole || (records == 0 && world->fail.code != FAIL_NONE));
        noticed += !whole;
        free(bytes);
        box_free(&box);
        spill_free(&spill);
    }
    assert_true(noticed > 1400);
}

/* A limit for the size of files does what a full disk does. */
static void a_full_disk_leaves_all_in_memory(void **state)
{
    struct world *world = *state;
    struct scratch_space space;
    struct spill spill;
    struct box box;
    struct rlimit before, small;
    make_space(&space);
    assert_true(spill_init(&spill, &world->arena, &space, BUCKETS, &world->fail));
    assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
    fill(world, &box, 1, 300);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 10000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_false(spill_box(&spill, &box, &world->fail));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, handler);
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "File too large"));
    assert_non_null(strstr(world->fail.text, "more were to be written"));
    assert_int_equal(box_records(&box), RECORDS);
    world->fail = (struct fail){0};
    assert_true(spill_box(&spill, &box, &world->fail)); /* when there is room again */
    assert_int_equal(spill.records, RECORDS);
    box_free(&box);
    spill_free(&spill);
}

static void the_limit_holds(void **state)
{
    struct world *world = *state;
    struct scratch_space space;
    struct spill spill;
    struct box box;
    make_space(&space);
    space.limit_bytes = 20000;
    assert_true(spill_init(&spill, &world->arena, &space, BUCKETS, &world->fail));
    assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
    fill(world, &box, 1, 300);
    assert_false(spill_box(&spill, &box, &world->fail));
    assert_int_equal(world->fail.code, FAIL_OUTPUT);
    assert_non_null(strstr(world->fail.text, "--scratch-limit"));
    assert_int_equal(box_records(&box), RECORDS);
    box_free(&box);
    spill_free(&spill);
}

static void a_folder_that_is_gone_is_passed_over(void **state)
{
    struct world *world = *state;
    struct scratch_space space;
    struct spill spill;
    struct box box;
    make_space(&space);
    snprintf(space.folders[1], sizeof space.folders[1], "%s", folder_name);
    snprintf(space.folders[0], sizeof space.folders[0], "%s/none", folder_name);
    space.len = 2;
    assert_true(spill_init(&spill, &world->arena, &space, BUCKETS, &world->fail));
    assert_true(box_init(&box, &world->arena, BUCKETS, &world->fail));
    fill(world, &box, 1, 300);
    assert_true(spill_box(&spill, &box, &world->fail));
    assert_true(spill.files[0].fd < 0 && spill.files[1].fd >= 0);
    box_free(&box);
    spill_free(&spill);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(all_runs_come_back_by_bucket),
        folder_test(what_was_taken_is_given_back_to_the_disk),
        folder_test(a_log_is_read_by_another),
        folder_test(damage_is_noticed_every_time),
        folder_test(a_full_disk_leaves_all_in_memory),
        folder_test(the_limit_holds),
        folder_test(a_folder_that_is_gone_is_passed_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
