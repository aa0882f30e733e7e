#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A file that shrinks while it is counted is exit 3; one that grows counts as long as it was, or is exit 3.
#
# The moment is held still by a pipe: the program learns the sizes while it reads the names from it, or before it reads from it.
load ../helpers

setup() {
    begin
    corpus zipf 3000000 1000 1 >text
    oracle text >before
    mkfifo pipe
}

# change_after_names COMMAND RANKS ARG...: the program has asked for the size of `text` when COMMAND is run.
change_after_names() {
    local change=$1
    shift
    {
        echo text
        sleep "$(awk "BEGIN { print $slow / 2 }")"
        eval "$change"
    } >pipe &
    run_wc "$@" -o counts --files-from pipe
    wait
}

@test "cut between plan and reading" {
    local ranks how
    for ranks in plain 3; do
        for how in shared root; do
            echo old >counts
            corpus zipf 3000000 1000 1 >text
            change_after_names 'truncate -s 1000000 text' $ranks --input=$how
            expect_failure 3 'text: '
            [[ $(<counts) == old ]]
        done
    done
}

@test "emptied between plan and reading" {
    change_after_names ': >text' 3
    expect_failure 3 'text: '
}

@test "removed between plan and reading" {
    change_after_names 'rm text' 3
    expect_failure 3 'text: '
}

@test "cut while an input before it is read" {
    # The pipe comes first, so `text` is cut after all inputs were measured and before it is read.
    {
        exec 9>pipe
        sleep "$(awk "BEGIN { print $slow / 2 }")"
        truncate -s 2000000 text
        echo words >&9
    } &
    run_wc 2 -o counts pipe text
    wait
    expect_failure 3 'text: '
}

@test "grown between plan and reading" {
    change_after_names 'echo more words >>text' 2
    if ((status == 0)); then
        expect_success
        expect_same before counts
    else
        expect_failure 3 'text: '
    fi
}
