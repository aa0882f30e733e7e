#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Each kind of odd input alone, so that it is the whole input of every rank.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    make_hostile hostile
}

# alone FILE...: each counted by one process and by three ranks.
alone() {
    local file ranks
    for file in "$@"; do
        for ranks in plain 3; do
            run_wc $ranks "$BATS_FILE_TMPDIR/hostile/$file"
            expect_success
            expect_counts "$BATS_FILE_TMPDIR/hostile/$file"
        done
    done
}

@test "no word at all: an empty result and exit 0" {
    alone empty blanks newline
    run_wc 3 -o counts "$BATS_FILE_TMPDIR/hostile/empty"
    expect_success
    [[ -f counts && ! -s counts ]]
}

@test "a single letter, a single NUL" {
    alone letter nul
}

@test "no newline at the end" {
    alone unfinished
}

@test "CRLF, byte order marks" {
    alone crlf bom
}

@test "NULs belong to words" {
    alone nuls
}

@test "bytes above 0x7f belong to words, valid UTF-8 or not" {
    alone utf8
}

@test "words that differ where a short key ends" {
    alone borders
}

@test "one word only, 20,000 times, in one line and in many" {
    alone equal letters
}

@test "all words distinct" {
    alone distinct
}

@test "random bytes" {
    alone words-9 words-12
}

@test "file names with blanks, newlines and a leading dash" {
    mkdir names
    echo one >'names/a name'
    echo two >$'names/a\nname'
    echo three >names/-o
    cd names
    run_wc plain -- 'a name' $'a\nname' -o
    expect_success
    expect_counts 'a name' $'a\nname' ./-o
    run_wc 2 -- 'a name' $'a\nname' -o
    expect_success
    expect_counts 'a name' $'a\nname' ./-o
}
