#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# jobs/requeue.sbatch and jobs/tasks.sbatch on a real Slurm: the first comes back after its signal and after preemption, goes on with what has no result yet,
# and ends with a failure when it must not come back or an input fails.
#
# The input `late` is a pipe that nobody writes to, so its count waits until the test has done what it wants to.
load ../helpers
load slurm

setup_file() {
    start_bed 4 2 || return 0
    cd "$BATS_FILE_TMPDIR" || return
    corpus words 300000 1 >text
    oracle text >expected
}

teardown_file() {
    end_bed
}

setup() {
    begin
    bed_or_skip
    export MPIWC=$program
    expected=$BATS_FILE_TMPDIR/expected
    for input in first last; do
        cp "$BATS_FILE_TMPDIR/text" $input
    done
    mkfifo late
    printf '%s\n' first late last >list
}

# start ARG... : the job is in the middle of its list.
start() {
    submit -N 2 "$@" "$top/jobs/requeue.sbatch" list
    within 30 test -e first.counts || wrong 'the job does not begin'
    within 10 counts_late || wrong "the job does not go on: $(cat mpiwc-*.log)"
    inode=$(stat -c %i first.counts)
}

counts_late() {
    [[ $(ls -A) == *.late.counts.wc-* ]]
}

# The time limit is near.
signal_job() {
    on scancel --batch --signal=USR1 "$job"
}

# Slurm by itself would wait for two minutes, so that no late news of the first stay is taken for news of the second.
nodes_are_clear() {
    ! on pgrep -f "slurmstepd: \[$job[.]" >/dev/null
}

runs_again() {
    on scontrol update jobid="$job" StartTime=now 2>/dev/null
    ! has_state "$job" PENDING
}

# come_back: the job is put back; `late` is there now; the job ends.
come_back() {
    within 20 has_state "$job" PENDING || wrong 'the job is not put back'
    within 20 no_process_here || wrong 'the first stay does not end'
    expect_nothing_left
    within 20 nodes_are_clear || wrong 'a node is not cleared'
    [[ ! -e late.counts ]] || wrong 'half a result'
    rm late && cp first late
    within 30 runs_again || wrong 'the job does not come back'
    expect_state COMPLETED
    for input in first late last; do
        expect_same "$expected" "$input.counts"
    done
    [[ $(stat -c %i first.counts) == "$inode" ]] || wrong 'what was done was done again'
    expect_nothing_left
}

expect_state() {
    within 40 has_ended "$job" || wrong 'the job does not end'
    has_state "$job" "$1" || wrong "expected $1, not $(on scontrol show job "$job" | grep -E 'JobState|Exit'): $(cat mpiwc-*.log)"
}

expect_log() {
    grep -qF -- "$1" "mpiwc-$job.log" || wrong "expected: $1; not: $(cat "mpiwc-$job.log")"
}

@test "the time limit is near" {
    start
    signal_job
    come_back
    expect_log 'mpiwc-requeue: back to the queue before late was done'
}

# The count of `large` takes several stays.
@test "the time limit is shorter than an input" {
    local stays=0
    printf '#!/bin/sh\nexec "%s" --combine=off --block-size=4 "$@"\n' "$program" >slow
    chmod +x slow
    corpus zipf 60000000 300000 1 >large
    "$program" -q -o all large
    echo large >list
    MPIWC=$PWD/slow submit -N 2 --time=1 --signal=B:USR1@50 "$top/jobs/requeue.sbatch" list
    while ! has_ended "$job"; do
        within 60 has_state "$job" 'RUNNING|COMPLETED|FAILED|TIMEOUT' || wrong 'the job does not run'
        ((stays += 1))
        has_ended "$job" || { sleep 1.5 && signal_job; } || true
        within 60 has_state "$job" 'PENDING|COMPLETED|FAILED|TIMEOUT' || wrong 'the job is not put back'
        if has_state "$job" PENDING; then
            within 20 nodes_are_clear || wrong 'a node is not cleared'
            [[ ! -e large.counts && -s large.counts.kept/commit ]] || wrong "expected a commit: $(cat mpiwc-*.log)"
            within 30 runs_again || wrong 'the job does not come back'
        fi
    done
    expect_state COMPLETED
    cmp all large.counts
    ((stays > 1)) || wrong "expected several stays, not $stays"
    expect_log 'mpiwc-requeue: back to the queue before large was done'
    [[ ! -e large.counts.kept ]] || wrong 'the checkpoint is left'
    expect_nothing_left
}

@test "another job needs the nodes" {
    start
    on sbatch -p urgent -N 4 --ntasks-per-node=2 --output=/dev/null --wrap 'true' >/dev/null
    come_back
}

@test "too many restarts" {
    MPIWC_RESTARTS=0 start
    signal_job
    expect_state FAILED
    expect_log 'mpiwc-requeue: interrupted after 0 restarts, given up before late was done'
    expect_nothing_left
}

@test "Slurm refuses to put it back" {
    start --no-requeue
    signal_job
    expect_state FAILED
    expect_nothing_left
    [[ ! -e late.counts && ! -e last.counts ]] || wrong 'it went on'
}

@test "scancel ends it for good" {
    start
    on scancel "$job"
    expect_state CANCELLED
    expect_nothing_left
    [[ ! -e late.counts && ! -e last.counts ]] || wrong 'it went on'
}

@test "an input that fails is left out, and the job fails; the last line needs no end" {
    rm late
    printf 'first\nlate\nlast' >list
    batch "$top/jobs/requeue.sbatch" list
    expect_batch 3 'mpiwc-requeue: late: no result, exit 3'
    [[ $(grep -c 'late: No such file' "$err") == 1 ]] || wrong 'expected one try'
    for input in first last; do
        expect_same "$expected" "$input.counts"
    done
    [[ ! -e late.counts ]] || wrong 'half a result'
}

# serve: the job is a service, and in the middle of the only submission.
serve() {
    seq 300 >tasks
    "$program" --submit spool --exec 'echo {} >>runs; sleep 0.1; echo {}' tasks >/dev/null
    submit -N 2 "$@" "$top/jobs/tasks.sbatch" spool --idle 1
    within 30 test -s runs || wrong "no task is begun: $(cat mpiwc-*.log)"
}

# come_back_serving: the service is put back, comes again, and has done everything once.
come_back_serving() {
    within 20 has_state "$job" PENDING || wrong "the job is not put back: $(cat mpiwc-*.log)"
    within 20 no_process_here || wrong 'the first stay does not end'
    within 20 nodes_are_clear || wrong 'a node is not cleared'
    (($(wc -l <runs) < 300)) || wrong 'nothing was left to be done'
    within 30 runs_again || wrong 'the job does not come back'
    expect_state COMPLETED
    expect_same tasks spool/1.result
}

@test "a service that is told of its end begins no more, goes back to the queue, and runs nothing twice" {
    serve
    signal_job
    come_back_serving
    expect_log 'mpiwc-tasks: wound down, back to the queue'
    expect_same tasks <(sort -n runs)
}

@test "a service that is preempted goes on with what its journal has not" {
    serve
    on sbatch -p urgent -N 4 --ntasks-per-node=2 --output=/dev/null --wrap 'true' >/dev/null
    come_back_serving
    expect_same tasks <(sort -nu runs)
}
