#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# A word belongs to the piece in which it begins, however many pieces and ranks it crosses.
load ../helpers

@test "at every offset of a short text" {
    local size ranks
    printf 'a bb  ccc dddd\neeeee\tffffff a bb ccc ggggggggggggggggggggg a' >text
    oracle text >expected
    # More sizes, on more ranks and with texts of any form, are in spmd/test_pipeline.
    for size in 1 2 4 8 13 ${WC_TEST_LONG:+3 5 21}; do
        ranks=3
        ((size != 2 && size != 8)) || ranks=plain
        run_wc $ranks --split-size "$size" text
        expect_success
        expect_same expected "$out"
    done
}

@test "more ranks than bytes" {
    printf 'a b' >text
    run_wc 5 --split-size 1 text
    expect_success
    expect_counts text
    printf 'word' >text
    run_wc 8 --split-size 1 text
    expect_success
    expect_counts text
}

@test "one word over all pieces of all ranks" {
    local how
    corpus one 300000 >word
    for how in shared root; do
        run_wc 5 --input=$how --split-size 1000 --block-size 256 word
        expect_success
        expect_counts word
    done
}

@test "long words behind short ones, sent by rank 0 in parts that are shorter" {
    { echo a; corpus one 5000000; echo ' b'; corpus one 3000000; printf ' c '; } >text
    oracle text >expected
    for ranks in 3 ${WC_TEST_LONG:+2 5}; do
        run_wc "$ranks" --input=root --memory 64M -o counts text
        expect_success
        cmp expected counts
    done
}

@test "words as long as a piece, and one byte more or less" {
    local i how
    for i in 63 64 65 127 128 129; do
        corpus one $i
        echo
        corpus one $i
        printf '  '
    done >text
    for how in shared root; do
        run_wc 3 --input=$how --split-size 64 --block-size 64 text
        expect_success
        expect_counts text
    done
}

@test "the end of a file ends a word" {
    printf 'half' >first
    printf 'way half' >second
    : >third
    run_wc 2 --split-size 3 first second third first
    expect_success
    expect_counts first second third first
    printf 'half\t3\nway\t1\n' | cmp - "$out"
}
