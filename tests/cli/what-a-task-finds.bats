#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What a command finds: its number, its columns, variables, the folder, the shell.
load ../helpers

@test "the number of the task, which try it is, and where it runs" {
    local ranks
    printf '\nx\n\ny\n' >first
    printf 'z\n' >second
    for ranks in plain 3; do
        run_wc $ranks --exec 'echo "{} {#} $MPIWC_TASK $MPIWC_TRY $MPIWC_RANKS"' first second
        expect_success
        expect_same <(printf '%s\n' "x 1 1 1 ${ranks/plain/1}" "y 2 2 1 ${ranks/plain/1}" "z 3 3 1 ${ranks/plain/1}") "$out"
    done
    seq 60 >tasks
    run_wc 3 --exec 'sleep 0.01; echo "$MPIWC_RANK $MPIWC_SLOT $MPIWC_HOST"' tasks
    expect_success
    expect_same <(for i in 0 1 2; do echo "$i $i $(hostname)"; done) <(sort -u "$out")
    run_wc 2 --retries 3 --exec '[ "$MPIWC_TRY" = 3 ] && echo {}' first
    expect_success
    expect_same <(printf 'x\ny\n') "$out"
}

@test "columns" {
    local ranks
    printf 'a b\tc\td\n\t\t\n"x"\t$(no)\t*\n' >table
    for ranks in plain 2; do
        run_wc $ranks --colsep '\t' --exec 'printf "%s|%s|%s\n" {3} "{2}" '"'{1}'" table
        expect_success
        expect_same <(printf 'd|c|a b\n||\n*|$(no)|"x"\n') "$out"
    done
    run_wc plain --retries 0 --colsep , --exec 'echo {2}' - < <(printf 'a,b,c\nd\n')
    ((status == 9)) || wrong 'expected exit 9'
    messages | grep -q 'has no column 2' || wrong 'expected why'
    expect_same <(echo b) "$out"
    run_wc plain --exec 'echo {1} ${#} ${1}' - < <(echo a)
    expect_same <(echo '{1} 0') "$out"
}

@test "columns and numbers that cannot be it are refused" {
    echo a >table
    run_wc plain --colsep , --exec 'echo ${x:-{1}}' table
    expect_misuse "{1} cannot be the task's column within \${...}: "
    run_wc 2 --exec 'echo ${x:-{#}}' table
    expect_misuse "{#} cannot be the task's number within \${...}: "
    run_wc plain --colsep ,, --exec 'echo {1}' table
    expect_misuse "--colsep: ',,' is not one byte"
    run_wc plain --colsep , --task squares table
    expect_misuse '--shell and --colsep need --exec'
}

@test "another shell" {
    command -v bash
    run_wc 2 --shell bash --exec 'a=({} y); echo "${a[1]} ${#a[@]} $0"' - < <(echo x)
    expect_success
    expect_same <(echo 'y 2 bash') "$out"
    run_wc 2 --shell no-such-shell --exec 'echo {}' - < <(echo x)
    expect_failure 3 'no-such-shell: No such file'
    run_wc plain --shell true --exec 'exit 0' - < <(echo x)
    expect_success
    run_wc plain --shell false --exec 'exit 0' - < <(echo x)
    expect_failure 3 'false: is no shell'
}

@test "the folder" {
    mkdir -p there/below
    echo x >tasks
    run_wc 2 --exec pwd tasks
    expect_same <(pwd) "$out"
    run_wc 2 --chdir there/below --exec 'pwd; echo {} >made' tasks
    expect_success
    expect_same <(echo "$PWD/there/below") "$out"
    [[ $(<there/below/made) == x ]]
    run_wc 2 --chdir /no/such/folder --exec pwd tasks
    expect_failure 3 '/no/such/folder: No such file or directory (--chdir)'
    run_wc plain --chdir there --isolate off --task squares tasks
    expect_misuse '--chdir needs tasks in a process of their own'
}

@test "variables" {
    echo x >tasks
    export WC_ONE='a b=c' WC_TWO=
    run_wc 2 --env WC_ONE,WC_TWO --exec 'echo "$WC_ONE|${WC_TWO-unset}"' tasks
    expect_success
    expect_same <(echo 'a b=c|') "$out"
    run_wc 2 --env WC_ONE,WC_NONE --exec 'echo {}' tasks
    ((status == 2)) || wrong 'expected exit 2'
    messages | grep -q -- '--env: WC_NONE is not set' || wrong 'expected which'
}

@test "what is left in the background is waited for, and its output is there" {
    local ranks
    seq 3 >tasks
    for ranks in plain 2; do
        run_wc $ranks --exec '(sleep 0.2; echo late {}) & echo early {}' tasks
        expect_success
        expect_same <(for i in 1 2 3; do echo "early $i"; echo "late $i"; done) "$out"
    done
}

# run_bound ARG...: one rank of mpirun that may use the first processor only.
run_bound() {
    local processor
    processor=$(taskset -cp $$ | sed 's/.*: //; s/[,-].*//')
    status=0
    timeout "$limit" "${mpirun[@]}" -n 1 taskset -c "$processor" "$program" "$@" >"$out" 2>"$err" || status=$?
}

@test "a rank that may not use its share of the processors says so where it runs commands" {
    local warning="^wc: warning: on $(hostname) rank 0 and its commands are bound to 1 of the [1-9][0-9]* processors that are their share: mpirun --bind-to none$"
    (($(nproc) > 1)) || skip 'needs two processors'
    unset SLURM_JOB_ID
    echo x >tasks
    run_bound --exec 'echo {}' tasks
    expect_success
    grep -qx "$warning" "$err" || wrong 'expected the warning'
    run_bound --pre 'cat {}' tasks
    grep -qx "$warning" "$err" || wrong 'expected the warning for --pre'
    run_bound -q --exec 'echo {}' tasks
    ! grep -q warning "$err" || wrong 'expected no warning with -q'
    run_bound tasks
    ! grep -q warning "$err" || wrong 'expected no warning without commands'
    run_wc 1 --exec 'echo {}' tasks
    ! grep -q warning "$err" || wrong 'expected no warning where all processors may be used'
}
