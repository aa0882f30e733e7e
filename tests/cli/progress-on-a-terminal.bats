#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Where standard error is a terminal, progress is one line that is drawn again and again.
load ../helpers

setup() {
    begin
    command -v script >/dev/null || skip 'no script(1)'
    seq 10 >ten
    tasks="'$program' --exec 'sleep 0.4; echo {}'"
}

# on_terminal COLUMNS COMMAND: into `seen`, with | for each carriage return.
on_terminal() {
    status=0
    SHELL=/bin/bash timeout "$limit" script -qefc "stty cols $1; $2" seen.raw >/dev/null 2>&1 </dev/null || status=$?
    sed -e '1{/^Script started/d}' -e '/^Script done/d' seen.raw | tr '\r' '|' >seen
}

expect_seen() {
    grep -qE -- "$1" seen || wrong "expected $1 in: $(head -c 2000 seen)"
}

expect_unseen() {
    ! grep -qE -- "$1" seen || wrong "expected no $1 in: $(head -c 2000 seen)"
}

@test "a run that takes more than two seconds shows a line, and erases it at its end" {
    on_terminal 80 "$tasks ten >out"
    ((status == 0)) || wrong 'expected exit 0'
    expect_same ten out
    expect_seen '\|wc: [4-9] of 10 tasks done, 0 tries failed, 1 running, [0-9]+ %, [0-9.]+ s left *\|'
    expect_unseen 'wc: [0-3] of 10'
    expect_seen '\| {40,}\|wc: 10 tasks, 10 done in '
    (($(grep -c . seen) == 1)) || wrong 'expected one line'
}

@test "a run that is short, quiet or without progress shows none" {
    on_terminal 80 "$tasks --range 1..2/2 >out"
    ((status == 0)) || wrong 'expected exit 0'
    expect_unseen 'tasks done'
    on_terminal 80 "$tasks -q ten >out"
    expect_same ten out
    expect_unseen .
    on_terminal 80 "$tasks --no-progress ten >out"
    expect_unseen 'tasks done'
    expect_seen 'wc: 10 tasks, 10 done'
}

@test "the line fits the terminal" {
    on_terminal 30 "$tasks --progress=0.2 ten >out"
    expect_same ten out
    tr '|' '\n' <seen | grep -a 'tasks done' | awk 'length > 29 { exit 1 }' || wrong "expected 29 columns: $(<seen)"
    expect_seen '\|wc: [0-9] of 10 tasks done, 0 \.\.\.\|'
}

@test "nothing is drawn between results on the same terminal, nor over an error" {
    on_terminal 80 "$tasks --progress=0.2 ten"
    expect_unseen 'tasks done'
    [[ $(tr -d '|' <seen | head -n 10) == "$(<ten)" ]] || wrong "expected the results: $(<seen)"
    on_terminal 80 "$tasks --progress=0.2 --fail-fast --journal /dev/full/none ten >out"
    expect_seen '(^|\|)wc: /dev/full/none: '
    on_terminal 80 "'$program' --exec 'sleep 0.5; ! test {} = 3' --retries 0 --progress=0.1 ten >out"
    expect_seen '\| {20,}\|wc: ten: the task at byte 4 failed'
}

@test "elsewhere each time is a line of at most 80 columns" {
    run_wc 2 --progress=0.2 --exec 'sleep 0.4; echo {}' ten
    ((status == 0)) || wrong 'expected exit 0'
    (($(grep -c ' of 10 tasks done, ' "$err") >= 3)) || wrong 'expected lines'
    ! grep -q $'\r' "$err" || wrong 'expected no carriage return'
    ! grep ' tasks done, ' "$err" | grep -E '.{81}' || wrong 'expected 80 columns'
}
