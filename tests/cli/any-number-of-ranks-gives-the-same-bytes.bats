#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# The result depends on the input only: not on the ranks, and not on how the input comes to them.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    make_hostile hostile
    oracle hostile/* >expected
}

# same_bytes RANKS HOW...: `shared`, each rank reads its share of the files, or `root`, rank 0 reads all and sends; with
# WC_TEST_LONG=1 both.
same_bytes() {
    local how some=("${@:2}")
    [[ ! ${WC_TEST_LONG-} ]] || some=(shared root)
    cd "$BATS_FILE_TMPDIR"
    for how in "${some[@]}"; do
        run_wc "$1" --input="$how" -o "$BATS_TEST_TMPDIR/counts" hostile/*
        expect_success
        expect_same expected "$BATS_TEST_TMPDIR/counts"
    done
}

@test "without mpirun" {
    same_bytes plain shared root
}

@test "1 rank" {
    same_bytes 1 root
}

@test "2 ranks" {
    same_bytes 2 shared
}

@test "3 ranks" {
    same_bytes 3 shared root
}

@test "4 ranks" {
    same_bytes 4 root
}

@test "5 ranks" {
    same_bytes 5 shared
}

@test "7 ranks" {
    same_bytes 7 shared
}

@test "8 ranks" {
    same_bytes 8 root
}

@test "16 ranks" {
    same_bytes 16 shared
}

@test "written by all ranks, by rank 0 alone, or through standard output" {
    cd "$BATS_FILE_TMPDIR"
    run_wc 3 --gather -o "$BATS_TEST_TMPDIR/counts" hostile/*
    expect_success
    expect_same expected "$BATS_TEST_TMPDIR/counts"
    run_wc 3 hostile/*
    expect_success
    expect_same expected "$out"
    run_wc plain hostile/*
    expect_success
    expect_same expected "$out"
}

@test "without verification too" {
    cd "$BATS_FILE_TMPDIR"
    run_wc 3 --verify=off -o "$BATS_TEST_TMPDIR/counts" hostile/*
    ((status == 0)) || wrong "expected exit 0"
    expect_same expected "$BATS_TEST_TMPDIR/counts"
}
