#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# One of two hosts runs at a third of its speed, or less on a busy machine: with --schedule=dynamic it counts fewer bytes.
# `bats -t` shows the times.
load ../helpers
load bed

setup_file() {
    start_bed || return 0
    on 0 hostfiles/deploy lab.hosts >&2
    printf 'h%d slots=1\n' 0 1 | on 0 tee two.hosts >/dev/null
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 300000000 100000 1 | on 0 tee /shared/input.txt >/dev/null
    on 0 ./wc -q /shared/input.txt >expected
}

teardown_file() {
    end_bed
}

setup() {
    begin
    bed_or_skip
}

# slow_down: the rank on host 1 is stopped for two thirds of the time, from when it begins until it ends; where other
# processes slow the other rank down, for longer by as much.
slow_down() {
    local stopped
    stopped=$(awk -v slow="$slow" 'BEGIN { print 0.02 * slow }')
    on 1 timeout "$limit" bash -c 'until rank=$(ps -C wc -o pid=); do sleep 0.01; done
        while kill -STOP $rank; do sleep "$0"; kill -CONT $rank; sleep 0.01; done' "$stopped" >/dev/null 2>&1 3>&- 4>&- &
}

# run_slowed SCHEDULE: $share of host 1 of the bytes, in percent.
run_slowed() {
    slow_down
    run_on 0 hostfiles/run two.hosts ./wc --schedule="$1" --json record -o counts /shared/input.txt
    wait
    expect_counted "$BATS_FILE_TMPDIR/expected"
    on 0 cat record >record
    grep -q '"input": "shared"' record && grep -q '"hosts": 2' record || wrong 'expected two hosts that read'
    share=$(jq '.by_rank[1].mapped_bytes * 100 / .input_bytes | floor' record)
    echo "# $1: $(jq '.seconds * 1000 | floor' record) ms, $share % of the bytes on the slow host" >&3
}

# What the run gains by it depends on what else this machine does; that the work goes elsewhere does not, but for a run
# in which the other host was held up as long.
@test "a host at a third of its speed, or less" {
    local share least=100
    run_slowed static
    ((share == 49 || share == 50)) || wrong 'expected half of the bytes'
    for _ in 1 2 3 4 5; do
        run_slowed dynamic
        ((share > 0)) || wrong 'expected some bytes on the slow host'
        least=$((share < least ? share : least))
        ((least >= 42)) || return 0
    done
    wrong "expected fewer bytes on the slow host than $least %"
}
