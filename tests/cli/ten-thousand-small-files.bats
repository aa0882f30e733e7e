#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Many files, found below folders or named in a list.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir -p many/{0..9}{0..9}
    awk 'BEGIN {
        for (i = 0; i < 10000; i++) {
            name = sprintf("many/%02d/%d", i / 100, i)
            printf "file %d\nword%d", i % 97, i % 1000 >name
            close(name)
        }
    }'
    find many -type f >list
    find many -type f -print0 >list-0
    oracle_of list-0 >expected
}

@test "below a folder, with -r" {
    local how
    cd "$BATS_FILE_TMPDIR"
    for how in shared root; do
        run_wc 3 --input=$how -r -o "$BATS_TEST_TMPDIR/counts" many
        expect_success
        expect_same expected "$BATS_TEST_TMPDIR/counts"
    done
    run_wc plain -r many
    expect_success
    expect_same expected "$out"
}

@test "named in a list, one a line" {
    cd "$BATS_FILE_TMPDIR"
    run_wc 4 --files-from list
    expect_success
    expect_same expected "$out"
}

@test "named in a list, ended by NUL" {
    cd "$BATS_FILE_TMPDIR"
    run_wc 2 -0 --files-from list-0
    expect_success
    expect_same expected "$out"
}

@test "a list on standard input" {
    cd "$BATS_FILE_TMPDIR"
    run_wc plain --files-from - <list
    expect_success
    expect_same expected "$out"
    run_wc 2 --files-from=- -0 <list-0
    expect_success
    expect_same expected "$out"
}

@test "a list and files together, names with newlines in the list" {
    mkdir names
    echo one >$'names/a\nname'
    echo two >names/other
    printf 'names/a\nname\0names/other\0' >list
    run_wc 2 -0 --files-from list names/other
    expect_success
    expect_counts $'names/a\nname' names/other names/other
}

@test "a name in the list that is not there is exit 3" {
    printf 'list\nabsent\n' >list
    run_wc 2 -o counts --files-from list
    expect_failure 3 'absent: No such file or directory'
}

@test "a list that is not there is exit 3" {
    run_wc 2 -o counts --files-from absent
    expect_failure 3 'absent: No such file or directory'
}

@test "an empty list is an empty input" {
    : >list
    run_wc 2 -o counts --files-from list
    expect_success
    [[ -f counts && ! -s counts ]]
}
