#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Tasks from a pipe run as their lines come, while the pipe stays open, and nothing else waits for it.
load ../helpers

# A task leaves the time at which it began in began/TASK, and prints its name.
task='date +%s%N >began/.$$; mv began/.$$ began/{}; echo {}'

setup() {
    begin
    mkdir began
    mkfifo pipe
}

# start RANKS ARG...: a run that goes on; its pid is in $run. Its tasks come through pipe, written to by descriptor 6.
start() {
    (start_wc "$@" <"${input-/dev/null}" 6>&- >"$out" 2>"$err") &
    run=$!
    exec 6>pipe
}

# Nothing more comes: ends the run that was started.
finish() {
    exec 6>&-
    status=0
    wait "$run" || status=$?
}

# give TASK: writes a line; it must begin within a second.
give() {
    local written
    written=$(date +%s%N)
    echo "$1" >&6
    wait_until [ -e "began/$1" ]
    (($(<"began/$1") - written < 1000000000 * slow)) || wrong "$1 began $(((0 - written + $(<"began/$1")) / 1000000)) ms after its line"
}

# The result has these lines, in this order.
expect_result() {
    expect_success
    expect_same <(printf '%s\n' "$@") result
}

@test "a task begins within a second of its line, though the pipe stays open" {
    local ranks
    for ranks in plain 1 2 4; do
        rm -f began/*
        start "$ranks" -o result --exec "$task" pipe
        give 1
        give 2
        sleep 0.3
        give 3
        printf 4 >&6 # the end of the stream ends it, too
        sleep 0.3
        [[ ! -e began/4 ]] || wrong 'a line was taken before its end'
        finish
        expect_result 1 2 3 4
    done
}

@test "through mpirun, from standard input" {
    [[ $WC_LAUNCHER != openmpi5 ]] || skip 'it does not pass standard input on as it is'
    input=pipe
    start 2 -o result --exec "$task" -
    give 1
    give 2
    finish
    expect_result 1 2
}

@test "what comes at once is done by all ranks" {
    start 3 -o result --json record --exec 'sleep 0.1; echo {}' pipe
    seq 60 >&6
    finish
    expect_success
    expect_same <(seq 60) result
    [[ $(jq '[.by_rank[] | select(.tasks >= 10)] | length' record) == 3 ]] || wrong 'a rank had too few'
}

@test "more than a pipe holds, of tasks that take no time, in both schedules" {
    seq 200000 | sed 's/.*/{"n": &}/' >tasks
    run_wc 2 -o expected --task squares tasks
    expect_success
    local schedule
    for schedule in dynamic static; do
        start 3 -o result --task squares --schedule "$schedule" pipe
        head -c 100000 tasks >&6
        sleep 0.2
        tail -c +100001 tasks >&6
        finish
        expect_success
        expect_same expected result
    done
}

@test "a pipe that nobody opens yet delays none of the tasks before it" {
    echo 1 >file
    printf '%s\n' file pipe second file >names
    mkfifo second
    (start_wc 2 -o result --exec "$task" --files-from names >"$out" 2>"$err") &
    run=$!
    wait_until [ -e began/1 ]
    exec 6>pipe
    rm began/1
    give 2
    exec 6>&-
    sleep 0.2
    exec 6>second
    give 3
    finish
    expect_result 1 2 3 1
}

@test "compressed, through a pipe: what the decoder has made of it" {
    local command
    for command in gzip zstd; do
        rm -f began/*
        start 2 -o result --exec "$task" pipe
        seq 1 3 | "$command" >&6
        wait_until [ -e began/3 ]
        seq 4 5 | "$command" >&6
        finish
        expect_result 1 2 3 4 5
    done
}

@test "a pipe that is silent for longer than --timeout is waited for" {
    start 3 --timeout "$(awk "BEGIN { print $slow / 2 }")" -o result --exec "$task" pipe
    give 1
    sleep $((2 * slow))
    give 2
    finish
    expect_result 1 2
}

@test "but a rank that stands still meanwhile ends the run" {
    local seconds process
    seconds=$(awk "BEGIN { print $slow / 2 }")
    start 3 --timeout "$seconds" -o result --exec "$task" pipe
    give 1
    process=$(processes_of_test | while read -r process; do
        grep -qzx OMPI_COMM_WORLD_RANK=1 "/proc/$process/environ" &&
            ! grep -qa -- --worker "/proc/$process/cmdline" && echo "$process" || true
    done)
    kill -STOP $process
    status=0
    wait "$run" || status=$?
    exec 6>&-
    ((status == 8)) || wrong 'expected exit 8'
    grep -q "nothing has moved for $seconds s in map: no sign of rank 1 " "$err" || wrong 'expected rank 1 to be named'
    wait_until expect_no_process
    clear_segments
}

@test "a rank that waits for tasks leaves its core to others" {
    local process ticks=0
    start plain -o result --exec "$task" pipe
    give 1
    process=$(processes_of_test | while read -r process; do
        grep -qa -- --worker "/proc/$process/cmdline" || echo "$process"
    done)
    ticks() { awk '{ print $14 + $15 }' "/proc/$process/stat"; }
    ticks=$(ticks)
    sleep 4
    ticks=$(($(ticks) - ticks))
    finish
    expect_result 1
    ((ticks * 100 / $(getconf CLK_TCK) < 20 * slow)) || wrong "it took $ticks ticks of 4 s" # 5 %
}

@test "a task that failed is tried again while the pipe is silent" {
    local ranks
    for ranks in plain 2; do
        rm -f began/* tried
        start "$ranks" -o result --exec "mkdir tried 2>/dev/null && exit 1; rmdir tried; $task" pipe
        give 1
        finish
        expect_success
        [[ $(<result) == 1 ]] || wrong 'result'
        grep -q ', 1 tried again' "$err" || wrong 'expected it to fail once'
    done
}

@test "tasks end in the journal while the pipe is silent, and are not run again" {
    start 2 -o result --journal state.db --exec "$task" pipe
    give 1
    give 2
    sleep "$slow" # a fifth of a second is promised
    kill -KILL $(processes_of_test)
    finish
    ((status != 0)) || wrong 'expected it to be killed'
    wait_until expect_no_process
    clear_segments
    rm began/*
    start 2 -o result --journal state.db --exec "$task" pipe
    printf '1\n2\n' >&6
    give 3
    finish
    expect_result 1 2 3
    [[ $(ls began) == 3 ]] || wrong 'a task ran again'
}

@test "progress is shown meanwhile" {
    start 2 --progress -o result --exec "$task" pipe
    give 1
    shown() { grep -qa '1 task' "$err"; }
    wait_until shown
    finish
    ((status == 0)) || wrong 'expected exit 0'
}

@test "tasks of a file that grows run as it does, until it has not for --follow SECONDS" {
    local ranks
    for ranks in plain 3; do
        rm -f began/* result
        printf '1\n2' >list
        (start_wc "$ranks" -o result --follow 2 --exec "$task" list >"$out" 2>"$err") &
        run=$!
        wait_until [ -e began/1 ]
        [[ ! -e began/2 ]] || wrong 'a line was taken before its end'
        sleep 1
        printf '\n3\n' >>list
        wait_until [ -e began/3 ]
        sleep 1
        printf '4\n5' >>list
        wait_until [ -e began/4 ]
        [[ ! -e result ]] || wrong 'it ended too soon'
        finish
        expect_result 1 2 3 4 5
    done
}

@test "a file that was followed and became shorter is noticed" {
    seq 100 >list
    (start_wc 2 -o result --follow 20 --exec 'touch began/{}; echo {}' list >"$out" 2>"$err") &
    run=$!
    wait_until [ -e began/100 ]
    echo 1 >list
    finish
    expect_failure 3 'list: ends at byte 292: it was cut while it was read'
    [[ ! -e result ]]
}
