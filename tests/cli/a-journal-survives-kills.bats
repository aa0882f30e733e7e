#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# --journal: killed at any moment and started again, at any number of ranks, a run does what is missing and no
# more, and its result is the same bytes.
load ../helpers

# Every run of a task leaves a line in runs/TASK, and one in the file begun.
task='set -- {}; echo >>begun; echo >>runs/$1; sleep 0.00$(($1 % 10)); echo "result of $1"'

setup() {
    begin
    mkdir runs
    make_tasks 300
}

make_tasks() { # N
    seq "$1" >tasks
    sed 's/^/result of /' tasks >expected
}

teardown() {
    clear_segments
}

processes() ( # of this run: mpirun, or ranks
    trap - DEBUG # bats looks at each command: without it this takes a tenth of the time
    for process in /proc/[0-9]*; do
        [[ $process/cwd -ef . ]] && read -r name <"$process/comm" || continue
        if [[ $1 == mpirun && $name =~ ^(mpirun|prterun)$ ]]; then
            echo "${process#/proc/}"
        elif [[ $1 == ranks && $process/exe -ef $program ]] && ! grep -qa -- --worker "$process/cmdline"; then
            echo "${process#/proc/}"
        fi
    done 2>/dev/null
)

# count_begun: into $begun_tasks, without a process of its own.
count_begun() {
    local lines
    mapfile lines <begun
    begun_tasks=${#lines[@]}
}

# kill_at_random RANKS VICTIM: starts the run and kills it when up to 200 tasks more were begun, or earlier. Counts the
# runs that were killed in $kills.
kill_at_random() {
    local run victims i enough begun_tasks
    touch begun
    count_begun
    enough=$((begun_tasks + RANDOM % 200))
    (start_wc "$1" -o result --journal state.db --exec "$task" tasks >"$out" 2>"$err") &
    run=$!
    while kill -0 "$run" 2>/dev/null && { ((begun_tasks < enough)) || [[ -z $(processes "$2") ]]; }; do
        sleep 0.02
        count_begun
    done
    mapfile -t victims < <(processes "$2")
    if ((${#victims[@]} > 0)) && kill -KILL "${victims[RANDOM % ${#victims[@]}]}" 2>/dev/null; then
        kills=$((kills + 1))
    fi
    wait "$run" || true
    for ((i = 0; i < 500 * slow; i++)); do
        [[ -z $(processes ranks)$(processes mpirun) ]] && return
        sleep 0.02
    done
    wrong "still running"
}

# What the journal has as done, and how often these tasks were run.
done_tasks() {
    [[ -e state.db ]] || return 0
    # The place of task N is that of line N.
    sqlite3 state.db "select offset from task where state = 'done'" |
        mawk 'NR == FNR { at[place + 0] = $1; place += length($1) + 1; next } { print at[$1] }' tasks - |
        LC_ALL=C sort >done
    (cd runs && grep -c '' -- * | tr : ' ') | LC_ALL=C sort | LC_ALL=C join - done
}

# Often enough that most of the tasks are done before the last run.
@test "ranks and mpirun are killed at random moments" {
    local i kills=0 rounds=10
    [[ ! ${WC_TEST_LONG-} ]] || rounds=40
    limit=$((60 * slow))
    make_tasks $((75 * rounds))
    : >before
    for ((i = 0; i < rounds; i++)); do
        kill_at_random $((RANDOM % 4 + 1)) "$( ((i % 2)) && echo mpirun || echo ranks)"
        done_tasks >after
        # What was done is still done, and was not run again.
        [[ -z $(LC_ALL=C comm -23 before after) ]] || wrong "tasks were done twice: $(LC_ALL=C comm -23 before after | head -n 3)"
        mv after before
    done
    ((kills >= rounds / 4)) || wrong "only $kills of $rounds runs were killed"
    # A kill may come after the result is in place.
    run_wc 3 -o result --journal state.db --exec "$task" tasks
    ((status == 0)) || wrong "expected exit 0"
    expect_same expected result
    done_tasks >after
    [[ -z $(LC_ALL=C comm -23 before after) ]] || wrong "tasks were done twice"
    (($(wc -l <after) == 75 * rounds)) || wrong "not all are done"
    # Only what was running, or not yet saved, when it was killed was run again.
    (($(awk '{ again += $2 - 1 } END { print again + 0 }' after) < rounds * 200)) || wrong "too many were run again"
}

@test "a journal of all tasks: nothing is run, at any number of ranks" {
    run_wc 2 -o result --journal state.db --exec "$task" tasks
    ((status == 0)) || wrong "expected exit 0"
    for ranks in plain 3 5; do
        rm -r runs result # a task that is run now fails
        run_wc "$ranks" -o result --journal state.db --exec "$task" tasks
        ((status == 0)) || wrong "expected exit 0"
        messages | grep -q '300 done, 300 of them before' || wrong "expected them from the journal"
        expect_same expected result
        mkdir runs
    done
}

@test "combined results, and large ones, come out of the journal too" {
    run_wc 2 --journal sum.db --collect sum --exec 'echo {}' tasks
    mv "$out" first
    run_wc 3 --journal sum.db --collect sum --exec 'echo {}' tasks
    expect_same first "$out"
    [[ $(<"$out") == 45150 ]]
    seq 5 >few
    large='head -c {}000000 /dev/zero | tr "\0" {}'
    run_wc 2 -o large --journal large.db --exec "$large" few
    run_wc 3 -o again --journal large.db --exec "$large" few
    messages | grep -q '5 of them before' || wrong "expected them from the journal"
    expect_same large again
    (($(wc -c <large) == 15000005))
}

@test "tasks that failed are tried again by the next run" {
    run_wc 2 --journal state.db --retries 0 --exec '[ {} != 7 ] || [ -e mended ] || exit 1; echo {}' tasks
    ((status == 9)) || wrong "expected exit 9"
    [[ $(sqlite3 state.db "select state, reason from task where state != 'done'") == 'failed|exit 1' ]]
    touch mended
    run_wc 3 --journal state.db --retries 0 --exec '[ {} != 7 ] || [ -e mended ] || exit 1; echo {}' tasks
    ((status == 0)) || wrong "expected exit 0"
    messages | grep -q '299 of them before' || wrong "expected one to be run"
    expect_same tasks "$out"
}

@test "a journal of other inputs, or of another task, is refused" {
    seq 10 >few
    run_wc 2 --journal state.db --exec 'echo {}' few
    run_wc 2 --journal state.db -o together --exec 'echo  {}' few
    expect_misuse 'state.db'
    tac few >other
    run_wc 2 --journal state.db -o together --exec 'echo {}' other few
    expect_misuse 'state.db'
    sed -i s/5/6/ few # of the same size
    run_wc 2 --journal state.db -o together --exec 'echo {}' few
    expect_misuse 'state.db'
    [[ ! -e together ]] || wrong 'expected no result'
    run_wc plain --journal state.db few
    expect_misuse '--journal needs --task or --exec'
}

@test "standard input, too: what is missing at its end is noticed" {
    run_wc 2 --journal state.db --exec 'echo {}' - < <(seq 10)
    run_wc 2 --journal state.db --exec 'echo {}' - < <(seq 12)
    ((status == 0)) || wrong "expected exit 0"
    expect_same <(seq 12) "$out"
    run_wc 2 --journal state.db -o together --exec 'echo {}' - < <(seq 5)
    [[ ! -e together ]] || wrong 'expected no result'
    expect_misuse 'tasks that are not in the inputs'
}

@test "two runs at once: the second is refused" {
    local task='touch begun; until [ -e go ]; do sleep 0.1; done; echo {}'
    (start_wc 2 --journal state.db --exec "$task" - < <(seq 6) >first 2>&1) &
    until [[ -e begun ]]; do
        kill -0 $! || wrong "the first: $(<first)"
        sleep 0.05
    done
    run_wc 2 --journal state.db --exec "$task" - < <(seq 6)
    expect_failure 4 'in use by another run'
    touch go
    wait
    grep -q '6 tasks, 6 done' first || wrong "the first: $(<first)"
}
