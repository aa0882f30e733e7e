#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Input, or vocabulary, larger than --memory: the loop of map, shuffle and reduce runs many rounds.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    { corpus zipf 3999999 100000 1; echo; } >part
    for _ in {1..10}; do cat part; done >zipf
    oracle part | awk -F '\t' '{ printf "%s\t%.0f\n", $1, 10 * $2 }' >expected-zipf
    corpus uniq 12000000 1 >uniq
    oracle uniq >expected-uniq
}

# of_record NAME: the largest such number in the record of the run.
of_record() {
    grep -o "\"$1\": [0-9]*" record | sed 's/.* //' | sort -n | tail -n 1
}

# budget RANKS MEGABYTES TEXT ARG...: the result is the same, and neither what the program says that it
# took is more, nor what the kernel says beyond some 30 MB of libraries.
budget() {
    local ranks=$1 megabytes=$2 text=$3
    shift 3
    run_wc "$ranks" --memory "${megabytes}M" "$@" --json record -o counts "$BATS_FILE_TMPDIR/$text"
    expect_success
    expect_same "$BATS_FILE_TMPDIR/expected-$text" counts
    (($(of_record rounds) > 1)) || wrong "expected more than one round"
    (($(of_record peak_bytes) <= megabytes << 20)) || wrong "took more than was allowed"
    [[ ${WC_BUILD-} == asan ]] || (($(of_record resident_bytes) < (megabytes + 32) << 20)) ||
        wrong "holds more than was allowed"
}

@test "input larger than the memory of one rank" {
    budget plain 32 zipf
    budget 1 24 zipf
}

@test "input larger than the memory of all ranks" {
    budget 2 16 zipf --input=shared
    budget 2 24 zipf --input=root
}

@test "records many times the memory, of words that do fit" {
    budget plain 6 zipf
    budget 2 6 zipf --input=shared
    budget 2 8 zipf --input=root
}

@test "vocabulary larger than the memory of one rank" {
    budget 5 12 uniq --input=shared
    budget 5 12 uniq --input=root
    budget 8 8 uniq
}

@test "vocabulary larger than the memory, written by rank 0" {
    budget 5 12 uniq --gather
    run_wc 5 --memory 12M "$BATS_FILE_TMPDIR/uniq"
    expect_success
    expect_same "$BATS_FILE_TMPDIR/expected-uniq" "$out"
}
