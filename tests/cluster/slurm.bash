# SPDX-License-Identifier: BSD-3-Clause
# What the tests of Slurm share: a bed (tests/bed/slurm) in the folder of the test file, jobs, and what is left of them.
# Loaded after ../helpers.
# shellcheck shell=bash disable=SC2034,SC2154

slurm=$top/tests/bed/slurm
export SLURM_BED=$BATS_FILE_TMPDIR/bed

# start_bed NODES CPUS: for setup_file; false where there can be none, which bed_or_skip then says in setup.
start_bed() {
    "$slurm" can 2>"$BATS_FILE_TMPDIR/reason" || return
    "$slurm" up "$@" || exit
}

bed_or_skip() {
    [[ ! -s $BATS_FILE_TMPDIR/reason ]] || skip "$(sed 's/^slurm: //' "$BATS_FILE_TMPDIR/reason")"
    [[ -e $SLURM_BED/up ]]
}

end_bed() {
    "$slurm" down
}

on() {
    "$slurm" on "$@" 3>&- 4>&-
}

# submit ARG...: $job is its number.
submit() {
    on sbatch --parsable "$@" >"$out" 2>"$err" || wrong 'sbatch failed'
    job=$(<"$out")
}

# batch ARG...: submits, and waits for the end; $status and $job, what the job said in $err.
batch() {
    status=0
    timeout "$limit" "$slurm" on sbatch --wait "$@" >"$out" 2>"$err" 3>&- 4>&- || status=$?
    job=$(sed 's/.* //' "$out")
    cat mpiwc-*.log >>"$err" 2>/dev/null || true
}

# expect_batch CODE [TEXT]
expect_batch() {
    ((status == $1)) || wrong "expected exit $1 of the job"
    [[ ! ${2-} ]] || grep -qF -- "$2" "$err" || wrong "expected: $2"
}

# within SECONDS COMMAND...: COMMAND is true before they are over.
within() {
    local tries=$(($1 * 10 * slow))
    until "${@:2}"; do
        ((tries-- > 0)) || return
        sleep 0.1
    done
}

state_of() {
    on squeue -h -j "$1" -t all -o %T
}

has_state() {
    [[ $(state_of "$1") =~ ^($2)$ ]]
}

has_ended() {
    has_state "$1" 'COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|PREEMPTED'
}

# Processes of the bed, which are those in its network, that work in this folder or below: a batch script, ranks, cleaners.
processes_here() {
    local pid network
    read -r _ network <"$SLURM_BED/bed"
    find /proc/[0-9]*/cwd -maxdepth 0 \( -lname "$PWD" -o -lname "$PWD/*" \) 2>/dev/null | while IFS=/ read -r _ _ pid _; do
        [[ $(readlink "/proc/$pid/ns/net") != "$network" ]] || echo "$pid"
    done
}

no_process_here() {
    [[ -z $(processes_here) ]]
}

# stopped_rank: the process here that is stopped where WC_FAULT says; false when there is none yet.
stopped_rank() {
    local pid
    for pid in $(processes_here); do
        ! grep -qs '^State:.T' "/proc/$pid/status" || { echo "$pid" && return; }
    done
    return 1
}

no_temporary() {
    [[ -z $(find . -name '.*.wc-*') ]]
}

expect_nothing_left() {
    within 10 no_process_here || wrong "still running: $(ps -o pid=,args= -p "$(processes_here | paste -sd,)")"
    within 5 no_temporary || expect_no_temporary .
}
