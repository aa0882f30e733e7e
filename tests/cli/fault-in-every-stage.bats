#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# A stage that fails on any rank ends the run on all: one line, exit 1, no file left, the old result as it was, and soon.
#
# Every stage on every rank is in spmd/test_pipeline; here each has its turn, with WC_TEST_LONG=1 all of them.
load ../helpers

setup() {
    begin
    use_debug
    limit=$((20 * slow))
    options=()
    corpus zipf 200000 5000 1 >text
}

# stops STAGE RANK...: on the first, a middle, the last or all of three ranks, and in a single process.
stops() {
    local rank some=("${@:2}") # options: of all runs
    [[ ! ${WC_TEST_LONG-} ]] || some=(0 1 2 all)
    echo old >counts
    export WC_FAULT
    for rank in "${some[@]}"; do
        WC_FAULT=$1:$rank
        run_wc 3 "${options[@]}" -o counts text
        expect_failure 1 "injected fault in $1"
        grep -qF "(rank ${rank/all/0}, " "$err" || wrong "expected the rank"
        [[ $(<counts) == old ]] || wrong "the old result is gone"
    done
    WC_FAULT=$1:0
    run_wc plain "${options[@]}" -o counts text
    expect_failure 1 "injected fault in $1"
    [[ $(<counts) == old ]] || wrong "the old result is gone"
    expect_no_process
}

@test "plan" {
    stops plan 2
}

@test "scatter" {
    stops scatter 1 all
}

@test "map" {
    stops map 0 2
}

@test "shuffle" {
    stops shuffle 1 all
}

@test "reduce" {
    stops reduce 0
}

@test "finish" {
    stops finish 2
}

@test "rules" {
    options=(--lower)
    stops rules 0 2
}

@test "sort" {
    stops sort 1
}

@test "gather" {
    stops gather 0 2
}

@test "report" {
    stops report 1 all
}

@test "the input sent by rank 0, the result written by rank 0" {
    local stage
    echo old >counts
    export WC_FAULT
    for stage in scatter map gather; do
        WC_FAULT=$stage:1
        run_wc 3 --input=root --gather -o counts text
        expect_failure 1 "injected fault in $stage"
        [[ $(<counts) == old ]] || wrong "the old result is gone"
    done
}

@test "a fault that is not met changes nothing" {
    export WC_FAULT=map:7
    run_wc 3 text
    expect_success
    expect_counts text
}
