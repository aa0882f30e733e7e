#!/usr/bin/env bats
# The batch scripts on a real Slurm of five nodes with two processors each: right bytes, and nothing left behind when a job
# is cancelled, runs out of time, or loses a rank.
load ../helpers

slurm=$top/tests/slurm
export SLURM_BED=$BATS_FILE_TMPDIR/bed

setup_file() {
    "$slurm" can 2>"$BATS_FILE_TMPDIR/reason" || return 0
    "$slurm" up 5 2
    cd "$BATS_FILE_TMPDIR" || return
    { corpus words 2000000 1 && corpus zipf 4000000 50000 2; } >text
    oracle text >expected
    # Slurm looks at the time limit now and then only: begun first, on a node of its own, and looked at last.
    export OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_mpi_yield_when_idle=1
    mkdir late && cd late && echo old >counts-2.tsv && cp counts-2.tsv old
    WC_FAULT=sort:1:stop MPIWC=$debug "$slurm" on sbatch -N 1 --time=1 "$top/jobs/count.sbatch" --timeout 0 ../text |
        sed 's/.* //' >id
}

teardown_file() {
    "$slurm" down
}

setup() {
    begin
    [[ ! -s $BATS_FILE_TMPDIR/reason ]] || skip "$(sed 's/^slurm: //' "$BATS_FILE_TMPDIR/reason")"
    export MPIWC=$program
    cp "$BATS_FILE_TMPDIR/text" text
    expected=$BATS_FILE_TMPDIR/expected
}

# batch ARG...: submits, and waits for the end; $status and $job.
batch() {
    status=0
    timeout 60 "$slurm" on sbatch --wait "$@" >"$out" 2>"$err" || status=$?
    job=$(sed 's/.* //' "$out")
}

# expect_batch CODE
expect_batch() {
    ((status == $1)) || { cat mpiwc-*.log >>"$err"; wrong "expected exit $1 of the job"; }
}

# within SECONDS COMMAND...
within() {
    local tries=$(($1 * 10))
    until "${@:2}"; do
        ((tries-- > 0)) || return
        sleep 0.1
    done
}

has_ended() {
    [[ $("$slurm" on squeue -h -j "$1" -t all -o %T) =~ ^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL)$ ]]
}

# Ranks of the run in this folder that are stopped where WC_FAULT says.
rank_is_stopped() {
    local process
    for process in /proc/[0-9]*; do
        [[ ! $process/cwd -ef . ]] || ! grep -qs '^State:.T' "$process/status" || return 0
    done
    return 1
}

expect_nothing_left() {
    within 10 no_process_here || wrong "still running: $(ls -d /proc/[0-9]*)"
    within 5 no_temporary || expect_no_temporary .
}

no_process_here() {
    local process
    for process in /proc/[0-9]*; do
        [[ ! $process/cwd -ef . || $process/exe -ef /bin/bash || $process/exe -ef /bin/sleep ]] || return
    done
}

no_temporary() {
    [[ -z $(find . -name '.*.wc-*') ]]
}

@test "count: srun, on all nodes" {
    batch -N 4 "$top/jobs/count.sbatch" text
    expect_batch 0
    expect_same "$expected" "counts-$job.tsv"
    grep -q '8 ranks on 4 hosts, verified' "mpiwc-$job.log" || wrong 'expected 8 ranks on 4 hosts'
}

@test "count takes the memory of the job" {
    batch -N 2 --mem=100M "$top/jobs/count.sbatch" text
    expect_batch 0
    grep -q ' of 18M ' "mpiwc-$job.log" || { cat "mpiwc-$job.log"; wrong 'expected half of what is left of 100M'; }
}

@test "count-mpirun" {
    batch -N 4 "$top/jobs/count-mpirun.sbatch" text
    expect_batch 0
    expect_same "$expected" "counts-$job.tsv"
    grep -q '8 ranks on 4 hosts, verified' "mpiwc-$job.log" || wrong 'expected 8 ranks on 4 hosts'
}

@test "array: a result for each line of the list" {
    local i
    for i in 1 2 3; do
        corpus words $((i * 100000)) "$i" >"input $i"
        echo "input $i" >>list
    done
    batch --array=1-3 "$top/jobs/array.sbatch" list
    expect_batch 0
    for i in 1 2 3; do
        oracle "input $i" >expected
        expect_same expected "input $i.counts"
    done
}

@test "requeue: interrupted, the job goes on with what has no result yet" {
    local i inode
    for i in 1 2 3; do
        corpus words $((i * 100000)) "$i" >"input$i"
        echo "input$i" >>list
    done
    mkfifo late # the second input keeps the job waiting until it is put back
    sed -i '2i late' list
    job=$("$slurm" on sbatch "$top/jobs/requeue.sbatch" list | sed 's/.* //')
    within 20 test -e input1.counts
    inode=$(stat -c %i input1.counts)
    sleep 1
    "$slurm" on scancel --batch --signal=USR1 "$job"
    within 20 grep -q 'back to the queue before late' "mpiwc-$job.log"
    rm late && cp input2 late # now it is there
    within 20 is_pending "$job"
    within 20 no_process_here
    sleep 4 # the node clears up; without this test the job would wait two minutes
    "$slurm" on scontrol update jobid="$job" StartTime=now
    within 30 has_ended "$job" || wrong 'the job does not end'
    "$slurm" on scontrol show job "$job" | grep -E 'JobState|Restarts'
    cat "mpiwc-$job.log"
    for i in input1 late input2 input3; do
        oracle "$i" >expected
        expect_same expected "$i.counts"
    done
    [[ $(stat -c %i input1.counts) == "$inode" ]] || wrong 'what was done was done again'
}

is_pending() {
    [[ $("$slurm" on squeue -h -j "$1" -o %T) == PENDING ]]
}

@test "scaling: a record of each run" {
    export REPEATS=2
    batch -N 4 "$top/jobs/scaling.sbatch" text
    expect_batch 0
    for ranks in 1 2 4 8; do
        for repeat in 1 2; do
            [[ $(jq .ranks "scaling-$job/strong-$ranks-$repeat.json") == "$ranks" ]] || wrong "no record of $ranks ranks"
        done
    done
    [[ $(jq .hosts "scaling-$job/strong-8-1.json") == 4 ]] || wrong 'expected 4 hosts'
}

@test "scancel in any phase leaves nothing behind" {
    local stage
    use_debug
    export MPIWC=$debug
    for stage in map shuffle reduce sort gather; do
        WC_FAULT=$stage:1:stop "$slurm" on sbatch -N 2 "$top/jobs/count.sbatch" --timeout 0 text >"$out"
        job=$(sed 's/.* //' "$out")
        echo old >"counts-$job.tsv"
        within 20 rank_is_stopped || wrong "the job does not reach $stage"
        "$slurm" on scancel "$job"
        within 20 has_ended "$job" || wrong 'the job does not end'
        expect_nothing_left
        [[ $(<"counts-$job.tsv") == old ]] || wrong "the old result is gone in $stage"
    done
}

@test "a killed rank ends the job" {
    local process
    use_debug
    export MPIWC=$debug
    WC_FAULT=sort:1:stop "$slurm" on sbatch -N 4 "$top/jobs/count.sbatch" --timeout 0 text >"$out"
    job=$(sed 's/.* //' "$out")
    within 20 rank_is_stopped
    for process in /proc/[0-9]*; do
        if [[ $process/cwd -ef . ]] && tr '\0' '\n' <"$process/environ" 2>/dev/null | grep -qx SLURM_PROCID=3; then
            kill -9 "${process#/proc/}"
        fi
    done
    within 20 has_ended "$job" || wrong 'the job goes on without the rank'
    [[ $("$slurm" on squeue -h -j "$job" -t all -o %T) == FAILED ]] || wrong 'expected a failed job'
    expect_nothing_left
}

@test "srun without PMIx is refused" {
    status=0
    timeout 30 "$slurm" on srun --mpi=none -n 2 "$program" -o counts text >"$out" 2>"$err" || status=$?
    ((status != 0)) || wrong 'expected a failure'
    grep -qi pmix "$err" || wrong 'expected the cure'
    [[ ! -e counts ]] || wrong 'expected no result'
}

@test "a job that runs out of time leaves nothing behind" {
    cd "$BATS_FILE_TMPDIR/late" || return
    job=$(<id)
    within 120 has_ended "$job" || wrong 'the job does not end'
    [[ $("$slurm" on squeue -h -j "$job" -t all -o %T) == TIMEOUT ]] || wrong 'expected a time-out'
    expect_nothing_left
    [[ ! -e counts-$job.tsv ]] || cmp "counts-$job.tsv" old
}
