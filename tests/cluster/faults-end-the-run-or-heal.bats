#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A host or a link is lost in the middle of a run: the run ends soon, with a message, the old result is as it was, nothing
# goes on running; or the link comes back soon enough and the result is exact. `bats -t` shows the times.
#
# Links are slow, so that handing out the input takes seconds of which the processor sleeps most.
load ../helpers
load bed

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 30000000 100000 1 >input.txt
    oracle input.txt >expected
}

# A bed for each test: hosts that were switched off do not come back.
setup() {
    local i
    begin
    start_bed || bed_or_skip
    for i in 0 1 2 3; do
        "$lab" rate "$i" 40 || skip 'no rate limits here (tc)'
    done
    on 0 hostfiles/deploy lab.hosts >&2
    put "$BATS_FILE_TMPDIR/input.txt" 0
    on 0 sh -c 'echo old >counts'
}

teardown() {
    end_bed
}

# start_run [OPTION]...: in the background; returns a second after it began to hand out the input.
start_run() {
    (run_on 0 hostfiles/run lab.hosts ./wc "$@" -o counts input.txt && exit "$status") &
    run=$!
    within 20 is_running || wrong 'the run did not begin'
    sleep 1
    is_running || wrong 'the run was over too soon'
    fault=${EPOCHREALTIME/./}
}

# end_run NAME: waits for it; $status, and $seconds since the fault.
end_run() {
    status=0
    wait "$run" || status=$?
    seconds=$(((${EPOCHREALTIME/./} - fault) / 100000))
    echo "# $1: exit $status, $((seconds / 10)).$((seconds % 10)) s after the fault; $(said | tail -n 1)" >&3
    seconds=$((seconds / 10))
}

has_no_temporary() {
    ! is_running
}

# expect_lost I...: the run failed, for the loss of a host; nothing of it runs on hosts I.
expect_lost() {
    ((status == 205)) || wrong 'expected exit 205'
    ((seconds < 15 * slow)) || wrong "expected an end within $((15 * slow)) s, not $seconds"
    grep -q '^run: exit 205: a host or the connection to it was lost' "$err" || wrong 'expected a message'
    [[ $(on 0 cat counts) == old ]] || wrong 'the old result is gone'
    within 5 has_no_temporary || wrong 'a temporary file is left'
    expect_idle "$@"
}

@test "a host is switched off" {
    start_run
    "$lab" kill 3
    end_run 'host off'
    expect_lost 0 1 2
}

@test "a host is switched off: with a checkpoint the hosts that are left go on" {
    start_run --checkpoint /shared/kept --checkpoint-every 0.2
    within 10 on 1 test -e /shared/kept/commit || wrong 'expected a commit'
    "$lab" kill 3
    end_run 'host off, with a checkpoint'
    expect_lost 0 1 2
    on 0 sh -c 'head -n 3 lab.hosts >left.hosts'
    run_on 0 hostfiles/run left.hosts ./wc --checkpoint /shared/kept -o counts input.txt
    expect_counted "$BATS_FILE_TMPDIR/expected"
    grep -q '; [0-9,]* bytes were counted before' "$err" || wrong 'it began anew'
    [[ -z $(on 0 ls /shared/kept) ]] || wrong 'something is left of the checkpoint'
}

@test "a checkpoint in a folder that hosts do not share is refused" {
    run_on 0 hostfiles/run lab.hosts ./wc --checkpoint kept -o counts input.txt
    ((status == 4)) || wrong 'expected exit 4'
    grep -q '^wc: --checkpoint: kept is another folder here than for rank 0: it must be one that all hosts share (rank 2, h1)' "$err" ||
        wrong 'expected which host'
    [[ $(on 0 cat counts) == old ]] || wrong 'the old result is gone'
}

@test "a cable is taken out: the run ends, also on the host that is cut off" {
    start_run
    "$lab" cut 2
    end_run 'link cut'
    expect_lost 0 1 2 3
}

@test "the cable of the host where mpirun runs is taken out" {
    start_run
    "$lab" cut 0
    end_run 'link of the first host cut'
    expect_lost 0 1 2 3
}

@test "mpirun does not end when its ranks have" {
    start_run
    signal_run STOP 0
    for pid in $(on 0 ps -C wc -o pid=); do
        on 0 kill -9 "$pid"
    done
    end_run 'mpirun stuck'
    grep -q '^run: mpirun did not end by itself and was killed' "$err" || wrong 'expected a message'
    expect_lost 0 1 2 3
}

@test "a rank is killed" {
    start_run
    on 1 kill -9 "$(on 1 ps -C wc -o pid= | head -n 1)"
    end_run 'rank killed'
    # A rank that finds its connection closed may end the run before mpirun knows of the killed one.
    local by_mpi=255
    [[ $WC_LAUNCHER != openmpi5 ]] || by_mpi=14
    ((status == 137 || status == by_mpi)) || wrong "expected exit 137 or $by_mpi"
    grep -q "^run: exit $status: .*a rank was killed" "$err" || wrong 'expected a message'
    [[ $(on 0 cat counts) == old ]] || wrong 'the old result is gone'
    within 5 has_no_temporary || wrong 'a temporary file is left'
    expect_idle 0 1 2 3
}

# heals SECONDS I: the cable of host I is taken out for so long, and the result is exact. A connection is tried again at
# longer and longer intervals, so that a run may also be given up, as for a host that is lost: but not every time.
heals() {
    local try
    for try in 1 2 3; do
        start_run
        "$lab" cut "$2"
        sleep "$1"
        is_running || wrong 'the run did not wait'
        "$lab" heal "$2"
        end_run "link cut for $1 s, try $try"
        ((status == 205)) || break
        expect_lost 0 1 2 3
    done
    expect_counted "$BATS_FILE_TMPDIR/expected"
}

@test "a cable is taken out for 3 seconds" {
    heals 3 2
}

@test "a cable is taken out for 5 seconds" {
    heals 5 1
}
