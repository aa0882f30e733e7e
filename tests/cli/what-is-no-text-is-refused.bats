#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Compressed files, archives and UTF-16 are known by their first bytes and refused, with the command to use; unless any
# bytes are to be counted.
load ../helpers

setup() {
    begin
    printf 'alpha beta alpha\n' >text
    gzip -c text >text.gz
    printf '\xff\xfea\0 \0b\0' >wide
}

@test "a compressed file: exit 3 and the command, which counts it" {
    local ranks
    for ranks in plain 3; do
        run_wc $ranks text text.gz
        expect_failure 3 'text.gz: is gzip data: zcat text.gz | wc -'
    done
    zcat text.gz | run_wc plain -
    expect_same <(printf 'alpha\t2\nbeta\t1\n') "$out"
}

@test "by its bytes, not by its name" {
    mv text named.gz
    mv text.gz named.txt
    run_wc plain named.gz
    expect_success
    run_wc plain named.txt
    expect_failure 3 'named.txt: is gzip data'
}

@test "below a folder and in a list" {
    mkdir folder
    mv text text.gz folder
    run_wc plain -r folder
    expect_failure 3 'folder/text.gz: is gzip data'
    find folder -type f | run_wc plain --files-from -
    run_wc plain --files-from <(find folder -type f)
    expect_failure 3 'folder/text.gz: is gzip data'
}

@test "from standard input and pipes, on any number of ranks" {
    local ranks
    for ranks in plain 3; do
        run_wc $ranks - <text.gz
        expect_failure 3 ': is gzip data: zcat '
        [[ $ranks != plain ]] || expect_failure 3 '-: is gzip data: zcat | wc -'
        mkfifo pipe
        cat text.gz >pipe &
        run_wc $ranks text pipe
        expect_failure 3 'pipe: is gzip data'
        rm pipe
    done
}

@test "a pipe that gives a byte at a time" {
    (for ((i = 0; i < 20; i++)); do dd bs=1 count=1 skip=$i status=none <text.gz; done) | (
        run_wc plain -
        expect_failure 3 '-: is gzip data'
    )
}

@test "lists of tasks, too" {
    run_wc plain --exec 'echo {}' text.gz
    expect_failure 3 'text.gz: is gzip data'
}

@test "UTF-16 with a mark" {
    run_wc plain wide
    expect_failure 3 'wide: is UTF-16 text: iconv -f UTF-16 -t UTF-8 wide | wc -'
}

@test "--input-format=bytes counts them as they are" {
    local ranks
    for ranks in plain 3; do
        run_wc $ranks --input-format=bytes text.gz wide
        expect_success
        expect_counts text.gz wide
        run_wc $ranks --input-format=bytes - <wide
        expect_success
        expect_counts wide
    done
}
