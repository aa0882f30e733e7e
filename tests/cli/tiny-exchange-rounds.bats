#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Rounds of the exchange far smaller than a record: fragments are put together whole.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus words 6000 3 >words
    { cat words; corpus one 20000; } >text
    corpus uniq 3000 3 >uniq
    oracle text uniq >expected
}

rounds_of() {
    use_debug
    export WC_ROUND_BYTES=$1
    shift
    cd "$BATS_FILE_TMPDIR"
    for ranks in "$@"; do
        run_wc "$ranks" text uniq
        expect_success
        expect_same expected "$out"
    done
    run_wc 3 --input=root --gather -o "$BATS_TEST_TMPDIR/counts" text uniq
    expect_success
    expect_same expected "$BATS_TEST_TMPDIR/counts"
}

@test "1 byte" {
    rounds_of 1 2 3
}

@test "7 bytes" {
    rounds_of 7 2 5
}

@test "64 bytes" {
    rounds_of 64 2 3 5
}

@test "4096 bytes" {
    rounds_of 4096 4
}
