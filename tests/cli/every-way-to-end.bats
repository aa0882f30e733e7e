#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What ends a run by a signal, which no other test says the exit of: src/README.md has the table of all ways to end.
load ../helpers

setup() {
    begin
    mkfifo pipe
    sleep $((100 * slow)) >pipe &
    writer=$!
    echo old >counts
}

teardown() {
    kill "$writer" || true
    clear_segments
}

runs() {
    processes_of_test | grep -q .
}

# ended SIGNAL RANKS: by a signal to the last rank, while it waits for its input.
ended() {
    local run
    (start_wc "$2" -q -o counts pipe) >"$out" 2>"$err" &
    run=$!
    wait_until runs
    sleep $slow
    kill "-$1" "$(processes_of_test | tail -n 1)"
    status=0
    wait "$run" || status=$?
    [[ $(<counts) == old ]] || wrong 'the old result is gone'
    ! grep -q '^wc: ' "$err" || wrong 'expected no word of the program'
    wait_until expect_no_process
    wait_until expect_no_temporary .
}

@test "one process, by TERM, INT and HUP" {
    ended TERM plain
    ((status == 143)) || wrong 'expected exit 143'
    ended INT plain
    ((status == 130)) || wrong 'expected exit 130'
    ended HUP plain
    ((status == 129)) || wrong 'expected exit 129'
}

@test "a rank that is killed" {
    ended KILL 2
    ((status == 137)) || [[ $WC_LAUNCHER != openmpi4 ]] || wrong 'expected exit 137'
    ((status != 0)) || wrong 'expected a failure'
}
