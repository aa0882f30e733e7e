#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A job that is cancelled, runs out of time or loses a rank, in whatever phase: it ends, with the right state; no process and
# no temporary file is left, the old result is as it was.
#
# A debug build stops one rank in a phase, where the others wait for it; jobs for all phases wait at the same time. Slurm
# lets stopped processes go on before it ends them, so a run may be quicker than its end: then its result is whole. It stops
# once, for the signal that is to end a process does not come to one that is stopped again.
load ../helpers
load slurm

phases=(plan scatter map shuffle reduce finish sort gather report)

# few PHASE...: these, or all with WC_TEST_LONG=1. Slurm knows nothing of phases: each way to end is tried in some of them,
# the first in all.
few() {
    [[ ${WC_TEST_LONG-} ]] || phases=("$@")
}

setup_file() {
    start_bed 4 12 || return 0
    corpus zipf 200000 5000 1 >"$BATS_FILE_TMPDIR/text"
    oracle "$BATS_FILE_TMPDIR/text" >"$BATS_FILE_TMPDIR/expected"
}

teardown_file() {
    end_bed
}

setup() {
    begin
    bed_or_skip
    use_debug
    export MPIWC=$debug
}

# stop_in PHASE RANK [JOB]: a job in a folder of its own, with a rank that stops.
stop_in() {
    mkdir -p "$1" && cd "$1" || return
    WC_FAULT=$1:$2:once submit -N 2 -n 2 --ntasks-per-node=1 --mem-per-cpu=50M "$top/jobs/${3-count}.sbatch" --timeout 0 \
        "$BATS_FILE_TMPDIR/text"
    echo "$job" >job
    jobs+=("$job")
    echo old >"counts-$job.tsv"
    cd ..
}

# stop_in_all RANK [JOB]: returns when all jobs have a stopped rank.
stop_in_all() {
    local phase
    for phase in "${phases[@]}"; do
        stop_in "$phase" "$@"
    done
    for phase in "${phases[@]}"; do
        in_folder "$phase" within 40 stopped_rank >/dev/null || wrong "no rank stops in $phase: $(cat "$phase"/*.log)"
        [[ $phase == plan || $(ls -A "$phase") == *.counts-*.wc-* ]] || wrong "no temporary file yet in $phase"
    done
}

in_folder() {
    (cd "$1" && "${@:2}")
}

# expect_ended STATE...: all jobs, with one of these states.
expect_ended() {
    local phase
    for phase in "${phases[@]}"; do
        within 50 has_ended "$(<"$phase/job")" || wrong "the job stopped in $phase does not end"
        has_state "$(<"$phase/job")" "$1" || wrong "expected $1 in $phase, not $(state_of "$(<"$phase/job")")"
        [[ $(head -n 1 "$phase"/counts-*.tsv) == old ]] || expect_same "$BATS_FILE_TMPDIR/expected" "$phase"/counts-*.tsv
    done
    expect_nothing_left
}

@test "scancel, rank 0 is stopped" {
    stop_in_all 0
    on scancel "${jobs[@]}"
    expect_ended CANCELLED
}

@test "scancel, under mpirun, another rank is stopped" {
    few plan map reduce gather
    stop_in_all 1 count-mpirun
    on scancel "${jobs[@]}"
    expect_ended CANCELLED
}

@test "the time limit, another rank is stopped" {
    local phase
    few scatter shuffle sort report
    stop_in_all 1
    for phase in "${phases[@]}"; do # looked at every 30 s only
        # The second that is meant may be over when Slurm looks.
        within 10 on scontrol update jobid="$(<"$phase/job")" EndTime=now || wrong 'the time limit is not changed'
    done
    expect_ended TIMEOUT
}

@test "kill -9 of another rank" {
    few plan map finish gather
    stop_in_all 1
    for phase in "${phases[@]}"; do
        kill -9 "$(in_folder "$phase" stopped_rank)"
    done
    expect_ended FAILED
}

@test "kill -9 of rank 0" {
    few scatter shuffle sort report
    stop_in_all 0
    for phase in "${phases[@]}"; do
        kill -9 "$(in_folder "$phase" stopped_rank)"
    done
    expect_ended FAILED
}
