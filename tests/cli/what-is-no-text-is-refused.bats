#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Files that are compressed in a way that is not decoded here, archives and UTF-16 are known by their first bytes and
# refused, with the command to use; unless any bytes are to be counted.
load ../helpers

setup() {
    begin
    printf 'alpha beta alpha\n' >text
    printf 'LZIP\1\x0c\0\0\0a b\n' >text.lz
    printf '\xff\xfea\0 \0b\0' >wide
}

@test "a compressed file: exit 3 and the command" {
    local ranks
    for ranks in plain 3; do
        run_wc $ranks text text.lz
        expect_failure 3 'text.lz: is lzip data: lzip -dc text.lz | wc -'
    done
}

@test "by its bytes, not by its name" {
    mv text named.lz
    mv text.lz named.txt
    run_wc plain named.lz
    expect_success
    run_wc plain named.txt
    expect_failure 3 'named.txt: is lzip data'
}

@test "below a folder and in a list" {
    mkdir folder
    mv text text.lz folder
    run_wc plain -r folder
    expect_failure 3 'folder/text.lz: is lzip data'
    find folder -type f >list
    run_wc plain --files-from list
    expect_failure 3 'folder/text.lz: is lzip data'
}

@test "from standard input and pipes, on any number of ranks" {
    local ranks
    for ranks in plain 3; do
        run_wc $ranks - <text.lz
        expect_failure 3 ': is lzip data: lzip -dc '
        [[ $ranks != plain ]] || expect_failure 3 '-: is lzip data: lzip -dc | wc -'
        mkfifo pipe
        cat text.lz >pipe &
        run_wc $ranks text pipe
        expect_failure 3 'pipe: is lzip data'
        rm pipe
    done
}

@test "a pipe that gives a byte at a time" {
    (for ((i = 0; i < 13; i++)); do dd bs=1 count=1 skip=$i status=none <text.lz; done) | (
        run_wc plain -
        expect_failure 3 '-: is lzip data'
    )
}

@test "lists of tasks, too" {
    run_wc plain --exec 'echo {}' text.lz
    expect_failure 3 'text.lz: is lzip data'
}

@test "UTF-16 with a mark" {
    run_wc plain wide
    expect_failure 3 'wide: is UTF-16 text: iconv -f UTF-16 -t UTF-8 wide | wc -'
}

@test "--input-format=bytes counts them as they are" {
    local ranks
    for ranks in plain 3; do
        run_wc $ranks --input-format=bytes text.lz wide
        expect_success
        expect_counts text.lz wide
        run_wc $ranks --input-format=bytes - <wide
        expect_success
        expect_counts wide
    done
}
