#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Ranks that were told different things would each write their own result.
load ../helpers

@test "ranks with different arguments" {
    echo a >text
    echo b >other
    status=0
    # shellcheck disable=SC2016 # for the shell of the rank
    timeout -k 5 "$limit" "${mpirun[@]}" -n 2 sh -c '[ "$OMPI_COMM_WORLD_RANK" = 0 ] && set -- text || set -- other
        exec "$0" -o counts "$1"' "$program" >"$out" 2>"$err" || status=$?
    ((status != 0)) || wrong "expected a refusal"
    grep -q '^wc: ' "$err" || wrong "expected a message"
    [[ ! -e counts ]]
    expect_no_temporary .
}

@test "processes that MPI does not connect" {
    echo a >text
    status=0
    SLURM_STEP_NUM_TASKS=4 SLURM_PROCID=1 SLURM_JOB_ID=7 SLURM_STEP_ID=0 \
        timeout -k 5 "$limit" "$program" -o counts text >"$out" 2>"$err" || status=$?
    expect_failure 7 ''
    [[ ! -e counts ]]
}
