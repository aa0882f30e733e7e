#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What a task may have: memory, and cores of its own.
load ../helpers

setup() {
    begin
}

# cores: of this machine that this process may use.
cores() {
    local -A seen=()
    local cpu
    for cpu in $(taskset -cp $$ | sed 's/.*: //; s/,/ /g' | tr ' ' '\n' | awk -F- '{ for (i = $1; i <= ($2 ? $2 : $1); i++) print i }'); do
        seen[$(<"/sys/devices/system/cpu/cpu$cpu/topology/thread_siblings_list")]=1
    done
    echo ${#seen[@]}
}

takes='perl -e "\$x = q(x) x (1 << {}); print length(\$x)"'

@test "a task that takes more memory than --task-memory fails, and the others are done" {
    [[ ${WC_BUILD-} != asan ]] || skip 'the sanitizer needs terabytes of addresses'
    local ranks
    for ranks in plain 2; do
        run_wc "$ranks" --retries 0 --task-memory 100M --exec "$takes" - < <(printf '%s\n' 20 28 21)
        ((status == 9)) || wrong 'expected exit 9'
        expect_same <(printf '%s\n' 1048576 2097152) "$out"
        run_wc "$ranks" --exec "$takes" - < <(printf '%s\n' 20 28 21)
        ((status == 0)) || wrong 'expected that without it all are done'
    done
}

@test "a task has whole cores of its own, and no more ranks work than have some" {
    local all
    all=$(cores)
    run_wc 2 --task-cores 1 --exec 'sleep 0.1; echo $MPIWC_RANK $MPIWC_CORES $(taskset -cp $$ | sed "s/.*: //")' - < <(seq 12)
    ((status == 0)) || wrong 'it failed'
    cut -d ' ' -f 2 "$out" | expect_same <(yes 1 | head -n 12) -
    if ((all >= 2)); then
        [[ $(cut -d ' ' -f 1,3 "$out" | sort -u | wc -l) == 2 && $(cut -d ' ' -f 3 "$out" | sort -u | wc -l) == 2 ]] ||
            wrong "expected two sets of processors, a rank each: $(sort -u "$out")"
    fi
    run_wc 3 --task-cores "$all" --exec 'sleep 0.1; echo $MPIWC_RANK' - < <(seq 6)
    ((status == 0)) || wrong 'it failed'
    expect_same <(yes 0 | head -n 6) "$out"
    run_wc 3 --task-cores "$all" --retries 2 --exec 'echo {}; [ $MPIWC_TRY = 3 ]' - < <(seq 6)
    ((status == 0)) || wrong 'expected that the only rank tries again'
    expect_same <(seq 6) "$out"
    run_wc 2 --task-cores $((all + 1)) --exec 'echo {}' - < <(seq 6)
    expect_misuse "--task-cores $((all + 1)): this host has fewer"
    run_wc plain --task-cores 3000000000 --exec 'echo {}' - < <(seq 6)
    expect_misuse '--task-cores: at most 1024'
}

@test "under Slurm the cores of a task are those of its rank" {
    local all
    all=$(nproc)
    export SLURM_JOB_ID=1
    run_wc plain --task-cores "$all" --exec 'echo $MPIWC_CORES $(nproc)' - < <(seq 3)
    ((status == 0)) || wrong 'it failed'
    expect_same <(yes "$all $all" | head -n 3) "$out"
    run_wc plain --task-cores $((all + 1)) --exec 'echo {}' - < <(seq 6)
    expect_misuse "--task-cores $((all + 1)): this rank has $all: srun or sbatch --cpus-per-task=$((all + 1))"
}

@test "limits need a process of their own, and tasks" {
    echo 1 >list
    run_wc plain --task-cores 1 --isolate off --task squares list
    expect_misuse '--task-memory and --task-cores need tasks in a process of their own'
    run_wc plain --task-memory 100M list
    expect_misuse '--task-memory needs --task or --exec'
    run_wc plain --task-memory 1M --exec true list
    expect_misuse '--task-memory'
    run_wc plain --task-cores 1 --schedule static --exec true list
    expect_misuse '--task-cores: not with --schedule=static'
}
