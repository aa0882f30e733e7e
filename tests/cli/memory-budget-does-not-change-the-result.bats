#!/usr/bin/env bats
# Input, or vocabulary, larger than --memory: the loop of map, shuffle and reduce runs many rounds.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 40000000 100000 1 >zipf
    oracle zipf >expected-zipf
    corpus uniq 24000000 1 >uniq
    oracle uniq >expected-uniq
}

# budget RANKS SIZE TEXT ARG...
budget() {
    local ranks=$1 size=$2 text=$3
    shift 3
    run_wc "$ranks" --memory "$size" "$@" -o counts "$BATS_FILE_TMPDIR/$text"
    expect_success
    expect_same "$BATS_FILE_TMPDIR/expected-$text" counts
}

@test "input larger than the memory of one rank" {
    budget plain 32M zipf
    budget 1 24M zipf
}

@test "input larger than the memory of all ranks" {
    budget 2 16M zipf --input=shared
    budget 2 16M zipf --input=root
}

@test "vocabulary larger than the memory of one rank" {
    budget 5 24M uniq --input=shared
    budget 5 24M uniq --input=root
    budget 8 16M uniq
}

@test "vocabulary larger than the memory, written by rank 0" {
    budget 5 24M uniq --gather
    run_wc 5 --memory 24M "$BATS_FILE_TMPDIR/uniq"
    expect_success
    expect_same "$BATS_FILE_TMPDIR/expected-uniq" "$out"
}

@test "all the memory there is" {
    budget 3 1G uniq
}
