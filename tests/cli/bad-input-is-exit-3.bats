#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# An input that cannot be read ends the run before it writes: one line with its name, exit 3, the old result as it was.
load ../helpers

# refused TEXT ARG...
refused() {
    local text=$1 ranks
    shift
    for ranks in plain 3; do
        echo old >counts
        run_wc $ranks -o counts "$@"
        expect_failure 3 "$text"
        [[ $(<counts) == old ]] || wrong "the old result is gone"
    done
}

@test "missing: first, last, alone" {
    echo a >text
    refused 'absent: No such file or directory' absent
    refused 'absent: No such file or directory' text absent
    refused 'absent: No such file or directory' absent text
}

@test "missing, for each way of input" {
    refused 'absent: No such file or directory' --input=shared absent
    refused 'absent: No such file or directory' --input=root absent
}

@test "with several ranks the message names rank and host" {
    run_wc 3 absent
    [[ $(messages) == "wc: absent: No such file or directory (rank 0, $(hostname))" ]] || wrong "expected rank and host"
}

@test "a folder without -r" {
    mkdir folder
    refused 'folder: ' folder
}

@test "a path through a file" {
    echo a >text
    refused 'text/more: Not a directory' text/more
}

@test "a name with control bytes gives one line still" {
    refused 'No such file or directory' $'a\nb\x1b[31m'
    ! LC_ALL=C grep -q $'\x1b' "$err" || wrong "expected no control bytes"
}

@test "unreadable" {
    echo a >text
    mkdir folder
    echo a >folder/file
    chmod 0 text folder/file
    chmod 755 . folder
    run_unprivileged text
    expect_failure 3 'text: Permission denied'
    run_unprivileged -r folder
    expect_failure 3 'folder/file: Permission denied'
}

@test "a read error" {
    # Reading one's own memory at address 0 fails with EIO.
    [[ -r /proc/self/mem ]] || skip 'no /proc/self/mem'
    run_wc plain /proc/self/mem
    expect_failure 3 '/proc/self/mem: '
}
