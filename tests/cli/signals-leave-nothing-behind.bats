#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Ctrl-C, TERM and KILL at any moment: the old result stays, and nothing else does.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus uniq 20000000 1 >text
    yes "$BATS_FILE_TMPDIR/text" | head -n 150 >list
}

teardown() {
    clear_segments
}

# stopped SIGNAL SECONDS RANKS ARG...: a run that lasts longer gets the signal after SECONDS.
stopped() {
    local signal=$1 seconds=$2 child
    shift 2
    echo old >counts
    (start_wc "$@" -o counts) >"$out" 2>"$err" &
    child=$!
    sleep "$seconds"
    kill "-$signal" $child
    status=0
    wait $child || status=$?
    ((status != 0)) || wrong "the run was over before the signal"
    [[ $(<counts) == old ]] || wrong "the old result is gone"
    wait_until expect_no_process
    wait_until expect_no_temporary .
}

@test "TERM at four moments, three ranks" {
    for seconds in 0.1 0.4 0.7 1.2; do
        stopped TERM $seconds 3 --files-from "$BATS_FILE_TMPDIR/list"
    done
}

@test "INT at two moments, three ranks" {
    for seconds in 0.3 0.9; do
        stopped INT $seconds 3 --input=root --files-from "$BATS_FILE_TMPDIR/list"
    done
}

@test "TERM, INT and HUP to one process" {
    for signal in TERM INT HUP; do
        stopped $signal 0.4 plain --files-from "$BATS_FILE_TMPDIR/list"
    done
}

@test "TERM while it waits for a pipe" {
    local writer
    mkfifo pipe
    sleep 600 >pipe &
    writer=$!
    for seconds in 0.3 0.5; do
        stopped TERM $seconds 2 pipe
    done
    kill $writer
}

# at_moment RANKS MILLISECONDS: TERM then, in a run that is over soon.
at_moment() {
    local child
    echo old >counts
    (start_wc "$1" -o counts text) >"$out" 2>"$err" &
    child=$!
    sleep "$(printf '0.%03d' "$2")"
    kill -TERM $child 2>/dev/null || true
    wait $child || true
    if [[ $(head -n 1 counts) == old ]]; then
        ended=$((ended + 1))
    else
        cmp expected counts
    fi
    wait_until expect_no_process
    wait_until expect_no_temporary .
}

@test "TERM at any moment of a short run: the old result or the new one, whole" {
    local i ended=0
    corpus zipf 3000000 50000 1 >text
    oracle text >expected
    for i in {1..8}; do
        at_moment plain $((10 * i))
        at_moment 2 $((40 + 15 * i))
    done
    ((ended > 0)) || wrong 'all runs were over before'
}

@test "a temporary file that a killed run left is removed by the next" {
    local rank
    mkfifo pipe
    echo a >text
    (start_wc plain -o counts pipe) >"$out" 2>"$err" &
    exec 9>pipe
    wait_until compgen -G '.counts.wc-*'
    rank=$(pgrep -P $!)
    pkill -KILL -P "$rank" # its cleaner
    kill -KILL "$rank"
    wait $! || true
    exec 9>&-
    compgen -G '.counts.wc-*'
    run_wc plain -o counts text
    expect_success
    expect_no_temporary .
}

@test "a rank that is killed ends the others" {
    local child launcher rank i
    limit=$((60 * slow))
    echo old >counts
    (start_wc 3 --files-from "$BATS_FILE_TMPDIR/list" -o counts) >"$out" 2>"$err" &
    child=$!
    for ((i = 0; i < 1000; i++)); do # with its temporary file it has begun
        ! compgen -G '.counts.wc-*' >/dev/null || break
        sleep 0.05
    done
    launcher=$(pgrep -P $child)
    rank=$(pgrep -P "$launcher" | sed -n 2p)
    kill -KILL "$rank"
    status=0
    wait $child || status=$?
    ((status != 0 && status != 124)) || wrong "expected a failure, soon"
    [[ $(<counts) == old ]] || wrong "the old result is gone"
    wait_until expect_no_process
    wait_until expect_no_temporary .
}
