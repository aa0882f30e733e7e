#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The batch scripts on a real Slurm of four nodes with two processors each: the oracle's bytes, the memory and the nodes of
# the job; and what they say when they cannot begin.
load ../helpers
load slurm

setup_file() {
    start_bed 4 2 || return 0
    cd "$BATS_FILE_TMPDIR" || return
    { corpus words 2000000 1 && corpus zipf 4000000 50000 2; } >text
    oracle text >expected
}

teardown_file() {
    end_bed
}

setup() {
    begin
    bed_or_skip
    export MPIWC=$program
    text=$BATS_FILE_TMPDIR/text
    expected=$BATS_FILE_TMPDIR/expected
}

# expect_counted HOSTS: by two ranks on each.
expect_counted() {
    expect_batch 0 "$((2 * $1)) ranks on $1 hosts, verified"
    expect_same "$expected" "counts-$job.tsv"
    expect_nothing_left
}

# expect_memory SIZE: of --memory.
expect_memory() {
    expect_batch 0 " of $1 "
}

@test "count: srun, on all nodes" {
    batch -N 4 "$top/jobs/count.sbatch" "$text"
    expect_counted 4
}

@test "count-mpirun, on all nodes" {
    batch -N 4 "$top/jobs/count-mpirun.sbatch" "$text"
    expect_counted 4
}

# It knows its own number, and that of the count when it has submitted it.
@test "plan: a sample, then the count on as many ranks, with the memory that it needs" {
    local count
    batch -N 2 "$top/jobs/plan.sbatch" "$text"
    expect_batch 0 'suggestion:  mpirun -n 4 '
    grep -q '"distinct_words_most"' "plan-$job.json" || wrong "expected the object of the plan"
    count=$(sed -n 's/^Submitted batch job //p' "mpiwc-$job.log")
    [[ $count ]] || wrong "expected a job for the count"
    within 60 has_ended "$count" || wrong "the count does not end"
    has_state "$count" COMPLETED || wrong "the count fails: $(<"mpiwc-$count.log")"
    expect_same "$expected" "counts-$count.tsv"
    grep -qF '4 ranks on 2 hosts, verified' "mpiwc-$count.log" || wrong "expected as many ranks"
}

@test "a rank gets the memory of its job, less what MPI needs" {
    batch --mem=100M "$top/jobs/count.sbatch" "$text"
    expect_memory 25M
    rm mpiwc-*.log
    batch --mem-per-cpu=400M --ntasks-per-node=1 "$top/jobs/count.sbatch" "$text"
    expect_memory 350M
    rm mpiwc-*.log
    batch --mem=600M "$top/jobs/count-mpirun.sbatch" --memory 20M "$text" # what you say yourself counts
    expect_memory 20M
}

@test "array: a result for each line of the list, files and folders" {
    local i
    mkdir folder
    for i in 1 2 3; do
        corpus words $((i * 100000)) "$i" >"input $i"
        oracle "input $i" >"expected $i"
    done
    mv 'input 3' folder/text
    printf 'input 1\ninput 2\nfolder/' >list # the last line does not end
    batch --array=1-"$(grep -c '' list)" "$top/jobs/array.sbatch" list
    expect_batch 0
    expect_same 'expected 1' 'input 1.counts'
    expect_same 'expected 2' 'input 2.counts'
    expect_same 'expected 3' folder.counts
}

@test "array: a line that is missing fails, the others do not" {
    cp "$text" a
    echo a >list
    batch --array=1-2 "$top/jobs/array.sbatch" list
    expect_batch 2 'mpiwc-array: list: has no line 2'
    expect_same "$expected" a.counts
}

@test "array: several lines for each task, and what to submit for a list that is longer than an array may be" {
    local i
    for i in 1 2 3 4 5; do
        corpus words $((i * 10000)) "$i" >"input $i"
        oracle "input $i" >"expected $i"
    done
    printf 'input %d\n' 1 2 3 4 5 >list
    batch --array=1-3 "$top/jobs/array.sbatch" list 2
    expect_batch 0
    for i in 1 2 3 4 5; do
        expect_same "expected $i" "input $i.counts"
    done
    batch --array=1-2 "$top/jobs/array.sbatch" list
    expect_batch 0 'mpiwc-array: warning: list has 5 lines, of which this array counts 2'
    batch "$top/jobs/array.sbatch" list
    expect_batch 2 'mpiwc-array: not an array: submit with --array=1-5'
    seq 2500 >long
    batch "$top/jobs/array.sbatch" long
    expect_batch 2 'submit with --array=1-834 and 3 behind long: 2500 lines, and the largest array is 1-1000'
    batch --array=1-2500 "$top/jobs/array.sbatch" long
    grep -q 'Invalid job array specification' "$err" || wrong 'expected that Slurm refuses it'
    rm -f mpiwc-*.log
    mv 'input 3' away
    batch --array=1-3 "$top/jobs/array.sbatch" list 2
    expect_batch 3 'input 3: No such file or directory'
    expect_same 'expected 4' 'input 4.counts'
}

@test "scaling: a record of each run, strong and weak, in the form of tests/scaling/study" {
    local ranks kind bytes record
    REPEATS=1 batch -N 3 "$top/jobs/scaling.sbatch" "$text"
    expect_batch 0
    for ranks in 1 2 4 6; do
        for kind in strong weak; do
            record=scaling-$job/$kind-$ranks-1.json
            bytes=6000000
            [[ $kind == strong ]] || bytes=$((ranks * 1000000))
            [[ $(jq .ranks "$record") == "$ranks" ]] || wrong "not $ranks ranks: $record"
            [[ $(jq .hosts "$record") == $(((ranks + 1) / 2)) ]] || wrong "not as few hosts as can be: $record"
            [[ $(jq .input_bytes "$record") == "$bytes" ]] || wrong "not $bytes bytes: $record"
        done
    done
    [[ $(find "scaling-$job" ! -name '*.json' -type f) == "scaling-$job/machine" ]] || wrong 'expected the machine and no texts'
    expect_nothing_left
}

@test "a job that cannot begin says why, exit 2" {
    batch "$top/jobs/array.sbatch" list
    expect_batch 2 'mpiwc-array: not an array'
    batch --array=1 "$top/jobs/array.sbatch" missing
    expect_batch 2 'mpiwc-array: missing: cannot be read'
    batch "$top/jobs/requeue.sbatch" missing
    expect_batch 2 'mpiwc-requeue: missing: cannot be read'
    batch "$top/jobs/scaling.sbatch"
    expect_batch 2 'mpiwc-scaling: needs files'
    MPIWC=$PWD/none batch "$top/jobs/count.sbatch" "$text"
    expect_batch 2 "mpiwc: $PWD/none: no program; build it"
}

@test "what the program says ends the job with its exit status" {
    batch -N 2 "$top/jobs/count.sbatch" missing
    expect_batch 3 'missing: No such file or directory'
    expect_nothing_left
}

@test "a job that is no file finds what the jobs share, and the program in its tree" {
    unset MPIWC
    export MPIWC_JOBS=$top/jobs PATH=/usr/bin:/bin:/usr/sbin:/sbin
    batch <"$top/jobs/count.sbatch"
    expect_batch 2 "no input"
}

@test "srun by hand, with what the README sets" {
    local settings
    settings=$(sed -nE 's/^    (SLURM_PMIX_FENCE=[a-z]+) srun (--mpi=[a-z]+ --kill[^ ]*) -N .*/\1 srun \2/p' "$top/README.md")
    [[ $settings == *ring\ srun* ]] || wrong 'expected the line of the README'
    on env $settings -N 4 -n 8 "$program" -o counts "$text" >"$out" 2>"$err" || wrong 'expected exit 0'
    grep -qF '8 ranks on 4 hosts, verified' "$err" || wrong 'expected all ranks'
    expect_same "$expected" counts
}

@test "srun without PMIx is refused" {
    status=0
    timeout "$limit" "$slurm" on srun --mpi=none -n 2 "$program" -o counts "$text" >"$out" 2>"$err" 3>&- 4>&- || status=$?
    ((status != 0)) || wrong 'expected a failure'
    grep -qi pmix "$err" || wrong 'expected the cure'
    [[ ! -e counts ]] || wrong 'expected no result'
    expect_nothing_left
}

# of_a_journal: a job of four ranks on two nodes that runs the tasks of `list`.
of_a_journal() {
    submit -N 2 --ntasks-per-node=2 --output=mpiwc-%j.log --export="ALL,SLURM_PMIX_FENCE=ring" --wrap \
        "srun --mpi=pmix '$program' --exec 'echo {} >>begun; sleep 0.1; echo {}' --journal done --status view -o results list"
}

@test "scancel --signal: USR2 shows a line, USR1 winds the tasks of a journal down; the same job goes on" {
    seq 400 >list
    of_a_journal
    within 30 grep -qs '^tasks  *[1-9]' view/status.txt || wrong "the job does not begin: $(cat mpiwc-*.log)"
    on scancel --signal=USR2 "$job.0"
    within 20 grep -q ' tasks done.* running' mpiwc-*.log || wrong "no line: $(cat mpiwc-*.log)"
    on scancel --signal=USR1 "$job.0"
    within 30 has_ended "$job" || wrong 'the job does not end'
    [[ $(jq -r .state view/status.json) == wound_down ]] || wrong "$(cat view/status.txt mpiwc-*.log)"
    [[ ! -e results ]] || wrong 'half a result'
    of_a_journal
    within 60 has_ended "$job" || wrong 'the second job does not end'
    expect_same list results
    expect_same list <(sort -n begun)
    expect_nothing_left
}
