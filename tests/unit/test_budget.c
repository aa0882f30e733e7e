/* SPDX-License-Identifier: BSD-3-Clause */
/* The sizes that follow from the memory of a rank. */
#include "budget.h"

#include "check.h"

static const size_t memories[] = {4 << 20,   5 << 20,   16 << 20,        64 << 20,
                                  100 << 20, 512 << 20, (size_t)4 << 30, (size_t)200 << 30};
static const size_t ranks[] = {1, 2, 3, 7, 64, 1024, 100000};

static void all_buffers_together_leave_most_of_the_memory_to_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(memories); i++)
        for (size_t j = 0; j < LEN(ranks); j++) {
            struct budget budget = budget_of(memories[i], ranks[j], 256 << 10, (i + j) % 2);
            assert_int_equal(budget.memory_bytes, memories[i]);
            assert_true(budget.outbox_bytes <= memories[i] / 16);
            assert_true(budget.round_bytes <= memories[i] / 16);
            assert_true(budget.spare_bytes <= memories[i] / 8);
            assert_true(budget.block_bytes <= memories[i] / 8);
            assert_true(budget.slab_bytes <= memories[i] / 16);
        }
}

static void every_rank_owns_a_bucket_and_there_is_memory_for_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < LEN(memories); i++)
        for (size_t j = 0; j < LEN(ranks); j++) {
            struct budget budget = budget_of(memories[i], ranks[j], 256 << 10, false),
                          spilled = budget_of(memories[i], ranks[j], 256 << 10, true);
            assert_true(budget.buckets >= 1);
            assert_true(budget.buckets == 1
                        || budget.buckets * ranks[j] * (4 << 10) <= memories[i]);
            assert_true(spilled.buckets >= budget.buckets);
            assert_true(spilled.buckets == 1
                        || spilled.buckets * ranks[j] * (2 << 10) <= memories[i]);
        }
    assert_int_equal(budget_of((size_t)4 << 30, 1, 1, false).buckets, 4096);
    assert_int_equal(budget_of((size_t)4 << 30, 2, 1, false).buckets, 2048);
    assert_int_equal(budget_of((size_t)4 << 30, 1024, 1, false).buckets, 16);
}

static void a_block_is_what_was_asked_for_unless_memory_is_scarce(void **state)
{
    (void)state;
    assert_int_equal(budget_of(64 << 20, 1, 1, false).block_bytes, 1);
    assert_int_equal(budget_of(64 << 20, 1, 256 << 10, false).block_bytes, 256 << 10);
    assert_int_equal(budget_of(4 << 20, 1, 1 << 30, false).block_bytes, 512 << 10);
}

/* As little as it may be, and a megabyte less is too little. */
static void memory_for_records_holds_them(void **state)
{
    (void)state;
    static const uint64_t records[] = {
        0, 1, 3 << 20, 100 << 20, (uint64_t)9 << 30, (uint64_t)7 << 40};
    for (size_t i = 0; i < LEN(records); i++)
        for (size_t j = 0; j < LEN(ranks); j++) {
            const uint64_t needed = budget_needed(records[i], ranks[j]);
            assert_true(budget_holds(needed, ranks[j]) >= records[i]);
            assert_true(needed == 1 << 20
                        || budget_holds(needed - (1 << 20), ranks[j]) < records[i]);
            assert_true(needed < 3 * records[i] + (16 << 20));
            assert_true(needed > records[i]);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_buffers_together_leave_most_of_the_memory_to_records),
        cmocka_unit_test(every_rank_owns_a_bucket_and_there_is_memory_for_all),
        cmocka_unit_test(memory_for_records_holds_them),
        cmocka_unit_test(a_block_is_what_was_asked_for_unless_memory_is_scarce),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
