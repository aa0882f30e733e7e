#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What has no size: standard input, pipes, files of /proc.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 3000000 30000 7 >text
    oracle text >expected
}

@test "standard input, by the name -" {
    run_wc plain - <"$BATS_FILE_TMPDIR/text"
    expect_success
    expect_same "$BATS_FILE_TMPDIR/expected" "$out"
}

@test "standard input through mpirun" {
    run_wc 3 -o counts - <"$BATS_FILE_TMPDIR/text"
    expect_success
    expect_same "$BATS_FILE_TMPDIR/expected" counts
}

@test "standard input that is a pipe, and empty" {
    tail -n +1 "$BATS_FILE_TMPDIR/text" | run_wc plain -
    expect_same "$BATS_FILE_TMPDIR/expected" "$out"
    run_wc plain - </dev/null
    expect_success
    [[ ! -s $out ]]
}

@test "a pipe, in small blocks and little memory" {
    mkfifo pipe
    cat "$BATS_FILE_TMPDIR/text" >pipe &
    run_wc 3 --block-size 4K --memory 16M -o counts pipe
    expect_success
    expect_same "$BATS_FILE_TMPDIR/expected" counts
}

@test "a pipe among files" {
    mkfifo pipe
    echo 'before it' >before
    echo 'after it' >after
    printf 'in a pipe' >pipe &
    run_wc 2 before pipe after
    expect_success
    printf 'in a pipe' >copy
    expect_counts before copy after
}

@test "a file of /proc, which says that it is empty" {
    [[ -s /proc/version || -n $(</proc/version) ]] || skip 'no /proc/version'
    run_wc plain /proc/version
    expect_success
    expect_counts /proc/version
    run_wc 3 /proc/version
    expect_success
    expect_counts /proc/version
}

@test "only rank 0 can read them: --input=shared is refused" {
    run_wc 2 --input=shared -o counts - <"$BATS_FILE_TMPDIR/text"
    expect_failure 3 '--input=shared: standard input, pipes and devices can only be read by rank 0'
}

@test "a device" {
    run_wc plain /dev/null
    expect_success
    [[ ! -s $out ]]
}
