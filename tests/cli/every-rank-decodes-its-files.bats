#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Compressed files are divided over the ranks like others; one that cannot be cut is a whole, and what is mostly one of
# these is decoded by rank 0 for all.
load ../helpers

setup() {
    begin
    corpus zipf 300000 20000 7 >text
    split -n l/7 text part.
    gzip part.a[b-g] # and one as it is
    : >nothing
    gzip -c nothing >nothing.gz
}

@test "many files, empty ones among them: every rank reads, and the result is that of the text" {
    local ranks schedule
    for ranks in plain 1 2 3 5; do
        for schedule in static dynamic; do
            run_wc $ranks -v --schedule=$schedule nothing.gz part.* nothing nothing.gz
            [[ $status == 0 ]]
            expect_counts text
            grep -q 'input: every rank reads its own ranges' "$err"
            grep -q ' 300,000 bytes in ' "$err"
        done
    done
}

@test "more ranks than files, and one file twice" {
    run_wc 5 -v part.ab.gz part.ab.gz
    [[ $status == 0 ]]
    expect_counts <(zcat part.ab.gz part.ab.gz)
    grep -q 'input: every rank reads' "$err"
}

@test "nothing but empty files" {
    run_wc 3 nothing.gz nothing.gz nothing.gz
    expect_success
    [[ ! -s $out ]]
}

@test "mostly one file that cannot be cut: rank 0 decodes for the others, unless it must not" {
    gzip -c text >text.gz
    run_wc 3 -v text.gz part.ab.gz
    [[ $status == 0 ]]
    expect_counts text <(zcat part.ab.gz)
    grep -q 'input: rank 0 reads, most of it is one compressed file' "$err"
    run_wc 3 -v --input=shared text.gz part.ab.gz
    [[ $status == 0 ]]
    expect_counts text <(zcat part.ab.gz)
    grep -q 'input: every rank reads' "$err"
    run_wc plain -v text.gz
    grep -q 'input: every rank reads' "$err"
}

@test "pieces and blocks of any size" {
    local size
    for size in 1 100 5000; do
        run_wc 3 --split-size $size --block-size $size part.*
        expect_success
        expect_counts text
    done
}

@test "lines and fields" {
    local kind
    for kind in lines field:2; do
        run_wc plain -o result --count $kind text
        run_wc 3 --count $kind part.*
        expect_success
        expect_same result "$out"
    done
}

@test "one that is damaged, or is gone: exit 3, its name, and the old result" {
    local ranks
    echo old >result
    truncate -s -10 part.ae.gz
    for ranks in plain 2 5; do
        run_wc $ranks -o result part.*
        expect_failure 3 "part.ae.gz: at byte $(stat -c %s part.ae.gz): damaged gzip data: ends inside a member"
    done
    [[ $(<result) == old ]]
}

@test "verification is not all that holds: a run without it is right, too" {
    run_wc 3 --verify=off part.*
    [[ $status == 0 ]]
    expect_counts text
}
