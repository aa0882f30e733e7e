#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Tasks that fail, crash, hang or print without end: the others are complete, what failed is said, exit 9, and
# nothing is left running.
load ../helpers

# expect_failed COUNT TEXT: exit 9, and every failure is told with TEXT.
expect_failed() {
    ((status == 9)) || wrong "expected exit 9"
    (($(messages | grep -c ': the task at byte .* failed: ') == $1)) || wrong "expected $1 failures"
    (($(messages | grep -c -- "failed: $2") == $1)) || wrong "expected: $2"
}

# Processes started by the tasks carry a mark in their environment: the command lines of all there are.
marked() {
    local environ
    for environ in $(grep -lszFx "WC_MARK=$BATS_TEST_TMPDIR" /proc/[0-9]*/environ); do
        { tr "\0" " " <"${environ%environ}cmdline" && echo; } || true # it may have ended
    done 2>/dev/null
}

expect_no_mark() {
    local left
    left=$(marked)
    [[ -z $left ]] || wrong "still running: $left"
}

setup() {
    begin
    export WC_MARK=$BATS_TEST_TMPDIR
    seq 20 >tasks
}

teardown() {
    clear_segments
    expect_no_mark
}

@test "an exit status, with the last line of standard error" {
    run_wc 3 --retries 1 --exec 'echo {}; if [ {} = 7 ]; then echo unlucky >&2; exit 3; fi' tasks
    expect_failed 1 'exit 3: unlucky (2 tries, the last on rank [0-2], .*): 7$'
    expect_same <(grep -vx 7 tasks) "$out"
}

@test "a crash, in the middle of others" {
    run_wc 2 --retries 1 --exec 'set -- {}; echo $1; [ $(($1 % 5)) != 0 ] || kill -SEGV $$' tasks
    expect_failed 4 'killed by signal 11'
    expect_same <(awk '$1 % 5' tasks) "$out"
}

@test "a task that takes too long, with children of its own" {
    local seconds
    seconds=$(awk "BEGIN { print $slow / 2 }")
    run_wc 2 --retries 0 --task-timeout "$seconds" --exec 'echo {}; [ {} != 9 ] || { sleep 1000 & sleep 1000; }' tasks
    expect_failed 1 "takes longer than $seconds s"
    expect_same <(grep -vx 9 tasks) "$out"
}

@test "a task that prints without end" {
    run_wc 2 --memory 32M --retries 0 --exec 'if [ {} = 9 ]; then yes; else echo {}; fi' tasks
    expect_failed 1 'its results take more than'
    expect_same <(grep -vx 9 tasks) "$out"
}

@test "a task that leaves a process behind" {
    run_wc 2 --exec 'sleep 1000 >/dev/null 2>&1 & echo {}' tasks
    ((status == 0)) || wrong "expected exit 0"
    expect_same tasks "$out"
}

@test "what fails is tried again, on another rank" {
    mkdir tried
    run_wc 3 --json record --retries 2 --exec \
        'echo "$PPID" >>tried/{}; [ {} != 4 ] || [ $(wc -l <tried/{}) = 3 ] || exit 1; echo {}' tasks
    ((status == 0)) || wrong "expected exit 0"
    expect_same tasks "$out"
    (($(wc -l <tried/4) == 3)) || wrong "expected three tries"
    [[ $(sed -n 1p tried/4) != $(sed -n 2p tried/4) ]] || wrong "expected another worker"
    (($(jq .retried_tasks record) == 2)) || wrong "expected 2 in the record"
}

@test "all of them fail: an empty result, and a record of all" {
    run_wc 2 --json record --retries 0 --exec 'exit 1' tasks
    ((status == 9)) || wrong "expected exit 9"
    [[ ! -s $out ]]
    messages | grep -q '10 more tasks failed' || wrong "expected a number of others"
    [[ $(jq -c '[.failures[].task | tonumber] | sort' record) == "[$(seq -s , 20)]" ]] || wrong "record"
    [[ $(jq -r '.failures[0] | .file, .reason, .tries' record) == $'tasks\nexit 1\n1' ]] || wrong "record"
}

@test "a run that is interrupted takes its tasks with it" {
    for signal in INT TERM KILL; do
        (start_wc 2 --exec 'sleep 1000 & sleep 1000' tasks >"$out" 2>"$err") &
        run=$!
        until (($(marked | grep -c '^sleep 1000') >= 4)); do
            kill -0 "$run" || wrong 'it ended before'
            sleep 0.1
        done
        if [[ $signal == KILL ]]; then
            for process in $(processes_of_test); do # the ranks alone
                grep -qa -- --worker "/proc/$process/cmdline" || kill -KILL "$process" || true
            done
        else
            kill -"$signal" "$run"
        fi
        wait "$run" || true
        for ((i = 0; i < 50 * slow; i++)); do
            expect_no_mark >/dev/null 2>&1 && break
            sleep 0.1
        done
        expect_no_mark
        expect_no_process
    done
}

@test "a command in which {} could not be the task is refused before anything runs" {
    local option
    for option in --exec --pre; do
        run_wc 2 $option 'touch ran; echo "${x:-{}}"' tasks
        ((status == 2)) || wrong 'expected exit 2'
        grep -qF '{} cannot be the task within ${...}' "$err" || wrong 'expected to be told where'
        [[ ! -e ran ]]
    done
}

@test "exit within a rank is no end of a run" {
    cat >exits.c <<'END'
#include <stdlib.h>
#include "task.h"
static int run(void *state, const struct task_call *call, const void *data, size_t len) { exit(0); }
const struct task task_plugin = {TASK_ABI, "exits", NULL, run, NULL};
END
    cc -shared -fPIC -I"$top/include" -o exits.so exits.c
    run_wc plain --isolate off --task ./exits.so -o result tasks
    ((status == 1)) || wrong 'expected exit 1'
    grep -qF 'a task has called exit in the process of the rank' "$err" || wrong 'expected to be told so'
    [[ ! -e result ]]
    wait_until expect_no_temporary .
}
