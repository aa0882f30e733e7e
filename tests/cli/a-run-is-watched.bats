#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# A run that shows itself in a folder: the files are whole at any moment, and the last ones say how it ended.
load ../helpers

setup() {
    begin
    printf 'sleep 0.%d\n' {1..9} >tasks
    children=()
}

# Kills what a test that failed has left.
teardown() {
    ((${#children[@]} == 0)) || kill -9 "${children[@]}" $(processes_of_test) 2>/dev/null || true
    clear_segments
}

# in_background RANKS ARG...: the last one started is $!.
in_background() {
    start_wc "$@" >"$out" 2>"$err" &
    children+=($!)
}

state_is() {
    [[ $(sed -n 2p folder/status.txt) == "$1"* ]]
}

# expect_state WORD: all four files say it, and nothing else is in the folder.
expect_state() {
    local names
    state_is "${1/_/ }" || wrong "$(<folder/status.txt)"
    [[ $(jq -r .state folder/status.json) == "$1" ]] || wrong "$(<folder/status.json)"
    grep -q "^mpiwc_state{state=\"$1\"} 1$" folder/mpiwc.prom || wrong "$(<folder/mpiwc.prom)"
    [[ $(grep -c '^mpiwc_state.* 1$' folder/mpiwc.prom) == 1 ]] || wrong "$(<folder/mpiwc.prom)"
    ! grep -q http-equiv=.refresh folder/status.html || wrong 'the page renews itself'
    names=$(ls -A folder)
    [[ $names == $'mpiwc.prom\nstatus.html\nstatus.json\nstatus.txt' ]] || wrong "in the folder: $names"
}

# Reads all four files again and again, until the run says that it is done; prints how often.
read_all() (
    trap - DEBUG
    ends=([0]='</html>' [1]='mpiwc_last_write_timestamp_seconds '* [2]='}' [3]='written '*)
    for ((reads = 0; ; reads += 4)); do
        i=0
        for name in status.html mpiwc.prom status.json status.txt; do
            mapfile -t lines <"folder/$name" || { echo "cannot read $name"; return; }
            # shellcheck disable=SC2053 # a pattern
            [[ ${lines[-1]-} == ${ends[i++]} ]] || { echo "$name is torn: ${lines[*]}"; return; }
        done
        [[ ${lines[1]} == running* ]] || break
    done
    echo "$reads"
)

@test "thousands of reads while tasks run find whole files" {
    local reads
    printf 'sleep 0.%d\n' {1..9} {1..9} >tasks
    in_background 2 --exec 'sh -c {}' --status folder tasks
    wait_until test -e folder/status.txt
    reads=$(read_all)
    [[ $reads == +([0-9]) ]] || wrong "$reads"
    ((reads > 1000)) || wrong "only $reads reads"
    wait $!
    expect_state done
    grep -q '^tasks   18 done' folder/status.txt || wrong "$(<folder/status.txt)"
}

@test "a count that is fed slowly says how far it is" {
    mkfifo pipe
    in_background plain --status folder -o counts pipe
    exec 6>pipe
    wait_until test -e folder/status.txt
    state_is running || wrong "$(<folder/status.txt)"
    jq -e '.state == "running" and .share == null and .left_seconds == null and .words == null and
        (.written_at | fromdate) - now < 60' folder/status.json || wrong "$(<folder/status.json)"
    echo 'a word' >&6
    sleep 2.5 # the files are renewed every 2 s
    echo 'another word' >&6
    wait_until grep -q '^running for [2-9]' folder/status.txt
    exec 6>&-
    wait $!
    expect_state done
    jq -e '.words == 4 and .distinct_words == 3 and .share == 1' folder/status.json || wrong "$(<folder/status.json)"
}

@test "at the end the numbers are those of --json" {
    local result='del(.written_at, .share, .left_seconds, .phase, .seconds) | del(.by_rank[].seconds, .by_rank[].resident_bytes)'
    echo a b a >text
    run_wc 2 --status folder --json record -o counts text
    expect_success
    [[ $(jq -S "$result" record) == "$(jq -S "$result" folder/status.json)" ]] || wrong "$(diff record folder/status.json)"
}

@test "every field of the record is in the manual" {
    local field
    run_wc 2 --status folder --exec 'sh -c {}' --retries 0 tasks
    jq -r '[paths | .[] | strings] | unique[]' folder/status.json >fields
    (($(wc -l <fields) > 40)) || wrong "$(<fields)"
    while read -r field; do
        grep -qE "^\.I.*\b$field\b" "$top/src/mpiwc.1" || wrong "not in the manual: $field"
    done <fields
}

@test "a run that fails says why" {
    run_wc 2 --status folder -o counts missing
    expect_failure 3 missing
    expect_state failed
    grep -q '^failed after .*: missing' folder/status.txt || wrong "$(<folder/status.txt)"
    [[ wc:\ $(jq -r .failure folder/status.json) == "$(messages)" ]] || wrong "$(<folder/status.json)"
    status=0
    "$program" --watch folder >"$out" || status=$?
    ((status == 1)) || wrong "expected 1"
}

@test "a run in which nothing moves says so" {
    use_debug
    corpus words 100000 1 >text
    export WC_FAULT=map:1:stop
    run_wc 2 --timeout 2 --status folder -o counts text
    unset WC_FAULT
    ((status == 8)) || wrong "expected 8"
    wait_until state_is failed
    grep -q '^failed after .*: nothing has moved for 2 s' folder/status.txt || wrong "$(<folder/status.txt)"
}

@test "tasks that failed: done, and --watch ends with 9" {
    echo false >>tasks
    run_wc 2 --exec 'sh -c {}' --retries 0 --status folder tasks
    ((status == 9)) || wrong "expected 9"
    expect_state done
    status=0
    "$program" --watch folder >"$out" || status=$?
    ((status == 9)) || wrong "expected 9"
    expect_same folder/status.txt "$out"
}

@test "a service that is wound down: --watch ends with 10" {
    in_background plain --spool spool --status folder --exec 'sh -c {}'
    wait_until test -e folder/status.txt -a -d spool
    printf 'sleep 4\nsleep 4\n' | "$program" --submit spool >number
    wait_until grep -q '^tasks   0 done.* 1 running' folder/status.txt
    kill -USR1 $(processes_of_test)
    status=0
    timeout "$limit" "$program" --watch folder >"$out" || status=$?
    ((status == 10)) || wrong "expected 10"
    expect_state wound_down
    status=0
    wait $! || status=$?
    ((status == 10)) || wrong 'expected that the service ends with 10'
}

@test "one process that is killed ended without a word" {
    in_background plain --exec 'sh -c {}' --status folder tasks
    wait_until test -e folder/status.txt
    kill -9 $!
    kill -9 $(processes_of_test) || true
    wait_until state_is lost
    wait_until test ! -e folder/.status.wc-lock
    expect_state lost
    grep -q '^lost: ended without a word at 20[0-9-]* [0-9:]* UTC$' folder/status.txt || wrong "$(<folder/status.txt)"
    grep -q 'ended without a word at 20' folder/status.html || wrong "$(<folder/status.html)"
    jq -e '.failure | startswith("ended without a word at 20")' folder/status.json || wrong "$(<folder/status.json)"
    jq -e '.left_seconds == null' folder/status.json || wrong "$(<folder/status.json)"
    ! grep left_seconds folder/mpiwc.prom || wrong 'nothing is left to do'
    ! grep -E ' left$|left<|renewed' folder/status.txt folder/status.html || wrong 'nothing is left to do, nor renewed'
}

@test "mpirun and all ranks that are killed at once" {
    in_background 3 --exec 'sh -c {}' --status folder tasks
    wait_until test -e folder/status.txt
    wait_until grep -q '3 ranks' folder/status.txt
    kill -9 $(processes_of_test) $(pgrep -P $!) $!
    wait_until state_is lost
    wait_until test ! -e folder/.status.wc-lock
    expect_state lost
    status=0
    "$program" --watch folder >"$out" || status=$?
    ((status == 1)) || wrong "expected 1"
}

@test "rank 0 alone that is killed" {
    in_background 2 --exec 'sh -c {}' --status folder tasks
    wait_until test -e folder/status.txt
    kill -9 "$(for process in $(processes_of_test); do
        grep -qzx 'OMPI_COMM_WORLD_RANK=0\|PMIX_RANK=0' "/proc/$process/environ" && echo "$process"
    done | sort -n | head -n 1)"
    wait_until state_is lost
    ! wait $! || wrong 'expected a failure'
}

@test "a second run in the folder is refused, and the first is not disturbed" {
    in_background plain --exec 'sh -c {}' --status folder tasks
    wait_until test -e folder/status.txt
    echo a >text
    out=second err=second_err run_wc 2 --status folder -o counts text
    ((status == 4)) || wrong "expected 4"
    grep -q '^wc: folder: another run writes its status there' second_err || wrong "$(<second_err)"
    [[ ! -e counts ]] || wrong 'there is a result'
    wait $!
    expect_state done
}

@test "a folder that cannot be used is a warning" {
    local folder
    echo a >text
    echo a >file
    for folder in file no/folder; do
        run_wc 2 --status "$folder" -o counts text
        ((status == 0)) || wrong "expected success"
        [[ $(grep -c "^wc: warning: --status: $folder: .*: the run goes on without it$" "$err") == 1 ]] || wrong 'expected a warning'
        [[ $(<counts) == $'a\t1' ]] || wrong 'expected the result'
        run_wc 2 -q --status "$folder" -o counts text
        [[ ! -s $err ]] || wrong 'expected silence'
    done
}

# in_small COMMAND REASON: a run whose folder is on a small tmpfs, where COMMAND is run when it has begun.
in_small() {
    mounts_or_skip
    mkdir -p small
    BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR unshare -m --propagation private bash -c '
        . "$1/tests/helpers.bash" && begin && mount -t tmpfs -o size=256k tmpfs small || exit 99
        start_wc plain --exec "sh -c {}" --status small/folder -o results tasks >"$out" 2>"$err" &
        wait_until test -e small/folder/status.txt
        eval "$2"
        wait $! || exit' bash "$top" "$1" || wrong "exit $?"
    [[ $(grep -c '^wc: warning: --status: .*: the run goes on without it$' "$err") == 1 ]] || wrong 'expected one warning'
    grep -q "$2" "$err" || wrong "expected: $2"
    grep -q ' 9 tasks, 9 done' "$err" || wrong 'expected 9 tasks'
    [[ -e results ]] || wrong 'expected a result'
}

@test "a folder that becomes full, or vanishes, is one warning" {
    in_small 'cat /dev/zero >small/zeros 2>zeros' 'No space left on device'
    in_small 'rm -rf small/folder' 'No such file or directory'
}

@test "a read-only folder is one warning" {
    mounts_or_skip
    mkdir -p small
    echo a >text
    BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR unshare -m --propagation private bash -c '
        . "$1/tests/helpers.bash" && begin && mount -t tmpfs -o ro tmpfs small || exit 99
        run_wc 2 --status small/folder -o counts text
        ((status == 0)) && run_wc 2 --status small -o counts text
        exit "$status"' bash "$top" || wrong "exit $?"
    [[ $(grep -c '^wc: warning: --status: small: Read-only file system: the run goes on without it$' "$err") == 1 ]] ||
        wrong 'expected one warning'
    [[ $(<counts) == $'a\t1' ]] || wrong 'expected the result'
}

@test "--watch without a terminal prints each screen once, and ends with the run" {
    in_background plain --exec 'sh -c {}' --status folder tasks
    wait_until test -e folder/status.txt
    "$program" --watch folder >screens
    wait $!
    (($(grep -c '^written ' screens) >= 2)) || wrong "$(<screens)"
    [[ $(grep -c '^$' screens) == $(($(grep -c '^written ' screens) - 1)) ]] || wrong "$(<screens)"
    tail -n "$(wc -l <folder/status.txt)" screens >last
    expect_same folder/status.txt last
    "$program" --watch folder >"$out"
    expect_same folder/status.txt "$out"
}

@test "--watch on a terminal draws anew, and gives the terminal back" {
    command -v script >/dev/null || skip 'no script'
    in_background plain --exec 'sh -c {}' --status folder tasks
    wait_until test -e folder/status.txt
    TERM=xterm timeout "$limit" script -qec "$program --watch folder" typescript </dev/null >drawn
    wait $!
    grep -q $'\x1b\\[?1049h' drawn || wrong 'expected the other screen'
    (($(grep -c $'\x1b\\[H' drawn) > 3)) || wrong 'expected that it is drawn again'
    grep -q 'written [0-9]* s ago' drawn || wrong 'expected how old it is'
    sed -n $'/\x1b\\[?1049l/,$p' drawn | tr -d '\r' | sed $'s/.*\x1b\\[?1049l//' >last
    expect_same folder/status.txt last
}

@test "Ctrl-C ends --watch, and gives the terminal back" {
    command -v script >/dev/null || skip 'no script'
    mkdir folder
    printf 'wc: words\nrunning for 1 s: map\nwritten\n' >folder/status.txt
    touch -d '1 minute ago' folder/status.txt
    : >drawn
    # exec: a shell in between would be ended by the signal too, or not, by which shell it is.
    local status=0
    (wait_until grep -q 1049h drawn; sleep 0.2; printf '\003'; sleep 1) \
        | TERM=xterm timeout "$limit" script -qec "exec $program --watch folder" typescript >drawn || status=$?
    [ "$status" -eq 130 ] || wrong "expected status 130, not $status: $(cat -v drawn)"
    grep -q $'\x1b\\[?1049l' drawn || wrong 'expected the first screen'
    grep -q 'no news for 6[0-9] s: the run or the folder does not answer' drawn || wrong "$(cat -v drawn)"
}

@test "--watch of what shows no run is exit 3" {
    mkdir empty
    run_wc plain --watch empty
    expect_failure 3 'empty: has no status.txt'
    run_wc plain --watch missing
    expect_failure 3 'missing/status.txt: No such file'
    mkdir other
    echo text >other/status.txt
    run_wc plain --watch other
    expect_failure 3 'other/status.txt: is no status of a run'
}

@test "hostile names are shown harmlessly" {
    local odd=$'<script>]]>\x01\x1b[31m"\\\n\xe2\x80\xae\xff'
    printf 'false # <script>]]>\x1b[2J\xe2\x80\xae\xff" \\\n' >"$odd"
    run_wc 2 --exec 'sh -c {}' --retries 0 --status folder -o "x$odd" "$odd"
    ((status == 9)) || wrong "expected 9"
    expect_state done
    ! LC_ALL=C grep -aP '[^\n -~]' folder/status.txt folder/mpiwc.prom || wrong 'what a terminal obeys'
    grep -q '^failed  1 task: false # <script>\]\]>?\[2J??"' folder/status.txt || wrong "$(<folder/status.txt)"
    ! LC_ALL=C grep -aqP '<script|[\x00-\x09\x0b-\x1f\xff]|\xe2\x80\xae' folder/status.html || wrong "$(<folder/status.html)"
    jq -e . folder/status.json >/dev/null || wrong "$(<folder/status.json)"
}
