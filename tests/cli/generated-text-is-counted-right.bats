#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Millions of words with the frequencies of a language, and millions of which none occurs twice.
load ../helpers

@test "zipf" {
    corpus zipf 10000000 200000 1 >zipf
    oracle zipf >expected
    for ranks in plain 2 5; do
        run_wc $ranks -o counts zipf
        expect_success
        expect_same expected counts
    done
}

@test "uniq: equal counts, in byte order" {
    corpus uniq 10000000 1 >uniq
    oracle uniq >expected
    for ranks in plain 2 5; do
        run_wc $ranks -o counts uniq
        expect_success
        expect_same expected counts
    done
}

@test "both together, from rank 0" {
    corpus zipf 4000000 10000 2 >zipf
    corpus uniq 4000000 2 >uniq
    corpus words 1000000 2 >words
    oracle zipf uniq words >expected
    run_wc 4 --input=root -o counts zipf uniq words
    expect_success
    expect_same expected counts
}
