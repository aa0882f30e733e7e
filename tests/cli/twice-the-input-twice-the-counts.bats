#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# What must hold between two runs of the program, whatever an oracle says.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    { corpus zipf 3000000 50000 5; echo; } >text
}

@test "a file named twice counts twice" {
    cd "$BATS_FILE_TMPDIR"
    run_wc 3 text
    expect_success
    awk -F '\t' '{ print $1 "\t" 2 * $2 }' "$out" >doubled
    run_wc 3 text text
    expect_success
    expect_same doubled "$out"
    ln -s text link
    run_wc 2 text link
    expect_success
    expect_same doubled "$out"
}

@test "the order of lines and of files does not matter" {
    cd "$BATS_FILE_TMPDIR"
    run_wc 3 text
    expect_success
    mv "$out" straight
    tac text >backwards
    run_wc 3 backwards
    expect_success
    expect_same straight "$out"
    split -n l/7 -d text part-
    run_wc 3 part-06 part-0[0-5]
    expect_success
    expect_same straight "$out"
}

@test "every scan kernel of this machine gives the same" {
    local kernel kernels
    cd "$BATS_FILE_TMPDIR"
    corpus words 300000 6 >words
    oracle words >expected-words
    kernels=$("$program" --version | sed -n 's/^kernels: *//p')
    [[ -n $kernels ]]
    for kernel in $kernels; do
        run_wc plain --kernel "$kernel" words
        expect_success
        expect_same expected-words "$out"
    done
}
