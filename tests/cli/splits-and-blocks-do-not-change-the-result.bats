#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Where files are cut into pieces, and pieces into reads, shows nowhere in the result.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    make_hostile hostile
    oracle hostile/* >expected
    corpus words 12000 99 >small
    oracle small >expected-small
}

# cut RANKS EXPECTED ARG...
cut_at() {
    local ranks=$1 expected=$2 how
    shift 2
    for how in shared root; do
        run_wc "$ranks" --input="$how" -o "$BATS_TEST_TMPDIR/counts" "$@"
        expect_success
        expect_same "$expected" "$BATS_TEST_TMPDIR/counts"
    done
}

@test "pieces of 1 byte" {
    cd "$BATS_FILE_TMPDIR"
    cut_at 3 expected-small --split-size 1 small
    cut_at 2 expected-small --split-size 1 --block-size 1 small
}

@test "pieces of 7 bytes" {
    cd "$BATS_FILE_TMPDIR"
    cut_at plain expected-small --split-size 7 small
    cut_at 5 expected-small --split-size 7 --block-size 64 small
}

@test "pieces of 64 bytes" {
    cd "$BATS_FILE_TMPDIR"
    cut_at 2 expected --split-size 64 --block-size 64 hostile/*
    cut_at 3 expected --split-size 64 hostile/*
}

@test "pieces of 4 K" {
    cd "$BATS_FILE_TMPDIR"
    cut_at plain expected --split-size 4K --block-size 1000 hostile/*
    cut_at 3 expected --split-size 4K --block-size 4K hostile/*
}

@test "blocks of 64 bytes, of 4 K and larger than the input" {
    cd "$BATS_FILE_TMPDIR"
    cut_at plain expected --block-size 64 hostile/*
    cut_at 4 expected --block-size 4K hostile/*
    cut_at 2 expected --block-size 16M --split-size 1G hostile/*
}
