#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Tasks that fail, crash, hang or print without end: the others are complete, what failed is said, exit 9, and
# nothing is left running.
load ../helpers

# failures TEXT: how many tasks have failed by the lines with TEXT, those of one reason together or one by one.
failures() {
    messages | grep -e "$1" | sed -nE 's/^wc: ([0-9]+) tasks failed: .*/\1/p; s/.*: the task at byte .*/1/p' |
        awk '{ all += $1 } END { print 0 + all }'
}

# expect_failed COUNT TEXT: exit 9, and every failure is told with TEXT.
expect_failed() {
    local all told
    ((status == 9)) || wrong "expected exit 9"
    all=$(failures ': the task at byte .* failed: \| tasks failed: ')
    told=$(failures "failed: $2")
    ((all == $1)) || wrong "expected $1 failures"
    ((told == $1)) || wrong "expected: $2"
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
    run_wc 2 --exec 'setsid sleep 1000 >/dev/null 2>&1 & echo {}' tasks
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
    messages | grep -q '^wc: 20 tasks failed: exit 1; the first is in tasks at byte [0-9]* (1 try, the last on rank [01], ' || wrong "expected one line"
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

@test "a command that cannot be run: one message, and nothing is tried again" {
    seq 300 >many
    run_wc 2 --log log --exec 'no-such-program {#}; exit 127' many
    ((status == 9)) || wrong 'expected exit 9'
    (($(messages | grep -c 'no-such-program') <= 3)) || wrong 'expected one line of each rank, and the message'
    messages | grep -q '^wc: 300 tasks failed: exit 127: .*no-such-program' || wrong 'expected one message'
    (($(wc -l <log) < 340)) || wrong 'expected no more tries'
    [[ ! -s $out ]] || wrong 'expected no results'
}

@test "a reason that all tasks share is one message; they are tried again, and where one is done all of them" {
    seq 40 >many
    run_wc 2 --retries 1 --exec 'exit 5' many
    ((status == 9)) || wrong 'expected exit 9'
    (($(messages | grep -c ' failed: ') == 1)) || wrong 'expected one message'
    messages | grep -q '^wc: 40 tasks failed: exit 5; the first is in many at byte ' || wrong 'expected how many'
    run_wc 2 --retries 1 --log log --exec 'exit $(({} == 1 ? 0 : 5))' many
    (($(awk -F'\t' '$7 == 5' log | wc -l) == 78)) || wrong 'expected that each is tried twice'
}

@test "the end after so many failures" {
    local most
    for most in 1 3; do
        run_wc 2 --retries 0 --max-failures $most --exec 'sleep 0.02; [ $(({} % 4)) != 0 ] && echo {}' tasks
        ((status == 9)) || wrong 'expected exit 9'
        messages | grep -q ', and no others begun' || wrong 'expected that it says so'
        (($(failures 'exit 1') >= most)) || wrong "expected $most failures"
        (($(wc -l <"$out") < 15)) || wrong 'expected that some are not begun'
        awk '$1 % 4 == 0 { exit 1 }' "$out" || wrong 'expected no result of a failure'
    done
    run_wc plain --retries 5 --fail-fast --exec '[ {} != 1 ] && echo {}' tasks
    ((status == 9)) || wrong 'expected exit 9'
}

@test "files of what is done before the end after a failure; a journal goes on" {
    local file
    run_wc plain --retries 0 --fail-fast --results files --journal j --exec '[ {} != 7 ] && echo {}' tasks
    ((status == 9)) || wrong 'expected exit 9'
    for file in files/{1..6} files/*; do # others were begun, perhaps
        [[ $(<"$file") == "${file##*/}" ]] || wrong "$file is that of another task"
    done
    [[ ! -e files/7 ]] || wrong 'expected none of the failure'
    run_wc 2 --mended --results all --journal j --exec 'echo {}' tasks
    ((status == 0)) || wrong 'expected exit 0'
    [[ $(cd all && cat $(seq 20)) == "$(seq 20)" ]] || wrong 'expected all of them'
}

@test "a log of all tries" {
    run_wc 2 --retries 1 --log log --exec 'case {} in 5) exit 3;; 6) kill -9 $$;; esac; echo {}' tasks
    ((status == 9)) || wrong 'expected exit 9'
    [[ $(head -n 1 log) == $'task\ttry\trank\thost\tstart\tseconds\texit\treason' ]] || wrong "$(head -n 1 log)"
    (($(wc -l <log) == 23)) || wrong "expected 22 tries: $(<log)"
    [[ $(awk -F'\t' '$7 != 0 && NR > 1 { print $1, $2, $7, $8 }' log | sort) == '5 1 3 exit 3
5 2 3 exit 3
6 1 137 killed by signal 9 (Killed)
6 2 137 killed by signal 9 (Killed)' ]] || wrong "$(<log)"
    awk -F'\t' -v now="$(date +%s)" 'NR > 1 && ($5 < now - 600 || $5 > now + 1 || $6 < 0 || NF != 8) { exit 1 }' log ||
        wrong "$(<log)"
    run_wc plain --log log --exec 'echo {}' tasks
    (($(grep -c ^task log) == 1 && $(wc -l <log) == 43)) || wrong 'expected that it goes on'
    run_wc plain --log nowhere/log --exec 'echo {}' tasks
    expect_failure 4 'nowhere/log: '
}
