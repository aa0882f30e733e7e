#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Where something cannot be written is said before the first byte is counted, or the first task run: for each option that
# names a place, and each place that is bad. `ran` shows that the work was begun.
load ../helpers

setup() {
    begin
    seq 100 >text
    seq 3 >tasks
    mkdir folder
    touch file folder/file
}

options=(-o --json= --report= --plot=rank: --count-of-counts= --log= --journal= --results= --scratch= --checkpoint=)

# with OPTION PLACE: a run with this option, and a result where it may be.
with() {
    local result=(-o counts)
    case $1 in
    -o) run_wc plain --pre 'touch ran; cat {}' -o "$2" text ;;
    --log= | --journal=) run_wc plain --exec 'touch ran' "$1$2" "${result[@]}" tasks ;;
    --results=) run_wc plain --exec 'touch ran' "$1$2" tasks ;;
    *) run_wc plain --pre 'touch ran; cat {}' "$1$2" "${result[@]}" text ;;
    esac
}

# refuses PLACE REASON OPTION...: each of them does.
refuses() {
    local option
    for option in "${@:3}"; do
        with "$option" "$1"
        expect_failure 4 "$1"
        grep -qE -- ": $2\$" "$err" || wrong "$option$1: expected: $2"
        [[ ! -e ran && ! -e counts ]] || wrong "$option$1: expected that nothing was done"
    done
}

@test "a folder that is missing, or is none" {
    refuses missing/x 'No such file or directory' "${options[@]}"
    refuses file/x 'Not a directory' "${options[@]}"
    [[ ! -e missing ]] || wrong 'expected no folder'
}

@test "a folder in place of a file, a file in place of a folder" {
    refuses folder 'Is a directory' -o --json= --report= --plot=rank: --count-of-counts= --log= --journal=
    refuses folder 'is not empty' --results=
    refuses file 'Not a directory' --results= --scratch=
    with --checkpoint= file
    expect_failure 4 'file/lock: Not a directory'
    [[ ! -e ran ]] || wrong 'expected that nothing was done'
}

@test "a name that is too long, and one whose temporary name would be" {
    local option name
    name=$(printf 'n%.0s' {1..256})
    for option in "${options[@]}"; do
        with "$option" "$name"
        ((status == 4)) || wrong "$option: expected exit 4"
        [[ ! -e ran ]] || wrong "$option: expected that nothing was done"
    done
    name=${name:1}
    for option in -o --json= --report= --plot=rank: --count-of-counts= --results=; do
        with "$option" "$name"
        ((status == 0)) || wrong "$option: expected exit 0"
        [[ -e $name ]] || wrong "$option: expected it there"
        rm -rf "$name" ran
        expect_no_temporary .
    done
    with --journal= "$name" # SQLite has files beside it, whose names are longer
    ((status == 4)) && grep -q 'File name too long' "$err" || wrong 'expected exit 4'
    [[ ! -e $name && ! -e ran ]] || wrong 'expected that nothing was done'
}

@test "two names that are long and begin the same are two results" {
    local name
    name=$(printf 'n%.0s' {1..254})
    run_wc plain -o "${name}1" --json "${name}2" text
    expect_success
    [[ -s ${name}1 && -s ${name}2 ]] || wrong 'expected both'
}

@test "no name at all" {
    local option
    for option in "${options[@]}"; do
        with "$option" ''
        expect_misuse ''
    done
}

# on_small MOUNT_OPTIONS COMMAND PLACE REASON OPTION...: the table where `small` is a file system of its own, prepared by COMMAND.
on_small() {
    mounts_or_skip
    mkdir -p small
    BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR unshare -m --propagation private bash -c '
        . "$1/tests/helpers.bash" && begin && mount -t tmpfs -o "$2" tmpfs small || exit 99
        eval "$3"
        eval "$4"
        refuses "${@:5}"' bash "$top" "$1" "$2" "$(declare -f with refuses)" "${@:3}"
}

@test "a file system that is read-only" {
    on_small size=1m 'mkdir small/inner; mount -o remount,ro small' small/x 'Read-only file system' \
        -o --json= --report= --plot=rank: --count-of-counts= --log= --journal= --results= --checkpoint=
}

@test "a file system that is full" {
    on_small size=64k 'head -c 100000 /dev/zero >small/zeros 2>zeros || true' small/x 'No space left on device' \
        -o --json= --report= --plot=rank: --count-of-counts= --log= --journal= --results= --checkpoint=
}

# What follows is of another user, who sees no folder of the tests.
open_to_all() {
    everybody=$(mktemp -d "${TMPDIR:-/tmp}/wc-test-XXXXXX")
    chmod 777 "$everybody"
    cd "$everybody" || return
    seq 100 >text
    seq 3 >tasks
}

teardown() {
    [[ ! ${everybody-} ]] || rm -rf "$everybody"
}

@test "what lies in a folder where only its owner may replace it" {
    local option
    ((EUID == 0)) || skip 'needs another user'
    open_to_all
    mkdir -m 1777 sticky
    mkdir -m 777 sticky/folder
    echo old >sticky/file
    chmod 666 sticky/file
    for option in -o --json= --report= --plot=rank: --count-of-counts=; do
        run_unprivileged --pre 'touch ran; cat {}' "${option}sticky/file" text
        expect_failure 4 'sticky/file: Operation not permitted'
        [[ ! -e ran ]] || wrong "$option: expected that nothing was done"
    done
    run_unprivileged --exec 'touch ran' --results sticky/folder tasks
    expect_failure 4 'sticky/folder: Operation not permitted'
    [[ ! -e ran && $(<sticky/file) == old ]] || wrong 'expected that nothing was done'
}

@test "a folder where this user may not write" {
    open_to_all
    mkdir -m 755 closed closed/inner
    ((EUID == 0)) || chmod 555 closed closed/inner
    local option
    for option in -o --json= --report= --plot=rank: --count-of-counts=; do
        run_unprivileged --pre 'touch ran; cat {}' "${option}closed/x" text
        expect_failure 4 'closed/x: Permission denied'
    done
    for option in --log= --journal= --results=; do
        run_unprivileged --exec 'touch ran' "${option}closed/x" tasks
        expect_failure 4 'closed/x: Permission denied'
    done
    run_unprivileged --pre 'touch ran; cat {}' --checkpoint closed/inner text
    expect_failure 4 'closed/inner/lock: Permission denied'
    if [[ $(stat -f -c %T closed) != tmpfs ]]; then # which is no scratch for anybody
        run_unprivileged --pre 'touch ran; cat {}' --scratch closed/inner text
        expect_failure 4 'closed/inner: Permission denied'
    fi
    [[ ! -e ran ]] || wrong 'expected that nothing was done'
}
