/* SPDX-License-Identifier: BSD-3-Clause */
/* A seal fits one message alone. */
#include "comm/seal.h"

#include "check.h"
#include "seeded.h"

#include <string.h>

static const struct seal_label label = {.kind = SEAL_BLOCK, .number = 7, .from = 1, .to = 2};

static void any_flipped_bit_breaks_it(void **state)
{
    struct seeded seeded = {1};
    uint8_t bytes[300];
    (void)state;
    for (size_t len = 1; len <= sizeof bytes; len += len < 40 ? 1 : 37) {
        seeded_fill(&seeded, bytes, len);
        const uint64_t seal = seal_of(&label, bytes, len);
        for (size_t bit = 0; bit < 8 * len; bit++) {
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(seal_of(&label, bytes, len), seal);
            bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        assert_int_equal(seal_of(&label, bytes, len), seal);
    }
}

static void what_is_cut_or_longer_breaks_it(void **state)
{
    const uint8_t zeros[300] = {0};
    (void)state;
    for (size_t len = 0; len < sizeof zeros; len++)
        assert_int_not_equal(seal_of(&label, zeros, len), seal_of(&label, zeros, len + 1));
}

/* Also where there are no bytes. */
static void another_label_breaks_it(void **state)
{
    const uint8_t bytes[20] = "the same bytes";
    struct seal_label others[] = {label, label, label, label};
    (void)state;
    others[0].kind = SEAL_GATHER;
    others[1].number++;
    others[2].from = 0;
    others[3].to = 1;
    for (size_t i = 0; i < 4; i++)
        for (size_t len = 0; len <= sizeof bytes; len++)
            assert_int_not_equal(seal_of(&others[i], bytes, len), seal_of(&label, bytes, len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_flipped_bit_breaks_it),
        cmocka_unit_test(what_is_cut_or_longer_breaks_it),
        cmocka_unit_test(another_label_breaks_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
