#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Files that are compressed in a way that is not decoded here, archives and UTF-16 are known by their first bytes and
# refused, with the command to use; unless any bytes are to be counted.
load ../helpers

setup() {
    begin
    printf 'alpha beta alpha\n' >text
    printf '\x28\xb5\x2f\xfd\x20\x05\x29\0\0a b\n' >text.zst
    printf '\xff\xfea\0 \0b\0' >wide
}

@test "a compressed file: exit 3 and the command" {
    local ranks
    for ranks in plain 3; do
        run_wc $ranks text text.zst
        expect_failure 3 'text.zst: is Zstandard data: zstdcat text.zst | wc -'
    done
}

@test "by its bytes, not by its name" {
    mv text named.zst
    mv text.zst named.txt
    run_wc plain named.zst
    expect_success
    run_wc plain named.txt
    expect_failure 3 'named.txt: is Zstandard data'
}

@test "below a folder and in a list" {
    mkdir folder
    mv text text.zst folder
    run_wc plain -r folder
    expect_failure 3 'folder/text.zst: is Zstandard data'
    find folder -type f >list
    run_wc plain --files-from list
    expect_failure 3 'folder/text.zst: is Zstandard data'
}

@test "from standard input and pipes, on any number of ranks" {
    local ranks
    for ranks in plain 3; do
        run_wc $ranks - <text.zst
        expect_failure 3 ': is Zstandard data: zstdcat '
        [[ $ranks != plain ]] || expect_failure 3 '-: is Zstandard data: zstdcat | wc -'
        mkfifo pipe
        cat text.zst >pipe &
        run_wc $ranks text pipe
        expect_failure 3 'pipe: is Zstandard data'
        rm pipe
    done
}

@test "a pipe that gives a byte at a time" {
    (for ((i = 0; i < 13; i++)); do dd bs=1 count=1 skip=$i status=none <text.zst; done) | (
        run_wc plain -
        expect_failure 3 '-: is Zstandard data'
    )
}

@test "lists of tasks, too" {
    run_wc plain --exec 'echo {}' text.zst
    expect_failure 3 'text.zst: is Zstandard data'
}

@test "UTF-16 with a mark" {
    run_wc plain wide
    expect_failure 3 'wide: is UTF-16 text: iconv -f UTF-16 -t UTF-8 wide | wc -'
}

@test "--input-format=bytes counts them as they are" {
    local ranks
    for ranks in plain 3; do
        run_wc $ranks --input-format=bytes text.zst wide
        expect_success
        expect_counts text.zst wide
        run_wc $ranks --input-format=bytes - <wide
        expect_success
        expect_counts wide
    done
}
