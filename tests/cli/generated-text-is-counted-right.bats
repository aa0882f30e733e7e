#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Words with the frequencies of a language, and words of which none occurs twice: hundreds of thousands, and with
# WC_TEST_LONG=1 millions.
load ../helpers

bytes=4000000
[[ ! ${WC_TEST_LONG-} ]] || bytes=40000000

@test "zipf" {
    corpus zipf "$bytes" 200000 1 >zipf
    oracle zipf >expected
    for ranks in plain 2 5; do
        run_wc $ranks -o counts zipf
        expect_success
        expect_same expected counts
    done
}

@test "uniq: equal counts, in byte order" {
    corpus uniq "$bytes" 1 >uniq
    oracle uniq >expected
    for ranks in plain 2 5; do
        run_wc $ranks -o counts uniq
        expect_success
        expect_same expected counts
    done
}

@test "both together, from rank 0" {
    corpus zipf $((bytes / 2)) 10000 2 >zipf
    corpus uniq $((bytes / 2)) 2 >uniq
    corpus words $((bytes / 4)) 2 >words
    oracle zipf uniq words >expected
    run_wc 4 --input=root -o counts zipf uniq words
    expect_success
    expect_same expected counts
}
