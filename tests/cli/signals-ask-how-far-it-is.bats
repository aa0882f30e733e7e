#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# SIGUSR2 shows a line, whichever rank gets it; SIGUSR1 winds down what can be taken up again, and shows a line otherwise.
# Neither ends a run, its workers or what they run.
load ../helpers

setup_file() {
    local i
    cd "$BATS_FILE_TMPDIR" || return
    for i in {1..40}; do
        corpus zipf 1000 100 "$i" >"text-$i"
    done
    seq 100 >list
}

setup() {
    begin
    texts=("$BATS_FILE_TMPDIR"/text-*)
    list=$BATS_FILE_TMPDIR/list
}

teardown() {
    [[ ! ${child-} ]] || kill -9 "$child" $(processes_of_test) 2>/dev/null || true
    clear_segments
}

# began RANKS ARG...: a run, in the background, of which all processes heed signals by now.
began() {
    (start_wc "$@" 9>&-) >"$out" 2>"$err" &
    child=$!
    ranks=$1
    [[ $ranks != plain ]] || ranks=1
    wait_until heeding "$ranks"
}

heeding() {
    mapfile -t processes < <(ranks_of_test)
    ((${#processes[@]} == $1))
}

# Those whose parents are none of ours, in the order of their ranks, with a handler for SIGUSR1.
ranks_of_test() (
    trap - DEBUG
    for process in $(processes_of_test); do
        mask=$(sed -nE 's/^SigCgt:\s*//p' "/proc/$process/status")
        ! ((16#$mask & 0x200)) || echo "$process"
    done | sort -n
)

ended() {
    status=0
    wait "$child" || status=$?
}

lines() {
    grep -acE '^wc: ((start|plan|scatter|map|shuffle|reduce|sort|gather|sync): |[0-9]+ (of [0-9]+ )?tasks done)' "$err" || true
}

# count_slowly RANKS [SECONDS]: a count that takes so long for each of its forty files.
count_slowly() {
    "$program" "${texts[@]}" >expected 2>/dev/null
    began "$1" --pre "sleep ${2-0.1}; cat" "${texts[@]}"
}

expect_line_and_result() {
    ended
    ((status == 0)) || wrong 'expected exit 0'
    expect_same expected "$out"
    (($(lines) == ${1-1})) || wrong "expected so many lines: ${1-1}"
}

@test "a count of one process shows a line for either signal" {
    local signal
    for signal in USR1 USR2; do
        count_slowly plain
        sleep 0.5
        kill -$signal "${processes[0]}"
        wait_until eval '(($(lines) == 1))'
        expect_line_and_result
    done
}

@test "three ranks: whichever gets it, or mpirun, there is one line" {
    local rank
    for rank in 0 2; do
        count_slowly 3 0.4
        sleep 0.5
        kill -USR2 "${processes[rank]}"
        expect_line_and_result
    done
    count_slowly 3
    sleep 0.5
    kill -USR2 "$(ps -o ppid= -p "${processes[0]}")"
    expect_line_and_result
}

@test "a count that waits for more of a pipe shows a line" {
    local ranks
    mkfifo pipe
    for ranks in plain 2; do
        exec 9<>pipe
        began "$ranks" -o result pipe
        printf 'a b\n' >&9
        sleep 0.5
        kill -USR2 "${processes[-1]}"
        wait_until eval '(($(lines) == 1))'
        printf 'b\n' >&9
        exec 9>&-
        ended
        ((status == 0)) || wrong 'expected exit 0'
        expect_same <(printf 'b\t2\na\t1\n') result
    done
}

@test "several signals at once are one line, and others later another" {
    count_slowly 3 0.4
    sleep 0.3
    kill -USR2 "${processes[@]}"
    kill -USR2 "${processes[@]}"
    sleep 2.5
    kill -USR1 "${processes[@]}"
    expect_line_and_result 2
}

@test "no process of a run is ended by them, nor what a task runs" {
    local i
    began 2 --exec 'sleep 0.1 && echo {}' "$list"
    for i in {1..40}; do
        for process in $(processes_of_test) $(pgrep -x sleep -s "$(ps -o sid= -p "${processes[0]}" | tr -d ' ')"); do
            [[ ! /proc/$process/cwd -ef . ]] || kill -USR1 "$process" || true
            [[ ! /proc/$process/cwd -ef . ]] || kill -USR2 "$process" || true
        done
        sleep 0.02
    done 2>/dev/null
    ended
    ((status == 0)) || wrong 'expected exit 0'
    expect_same "$list" "$out"
    (($(lines) >= 1)) || wrong 'expected a line'
}

# wound_down RANKS WHOM: tasks with a journal.
wound_down() {
    rm -f runs state.db* result record
    began "$1" --journal state.db --json record -o result --exec 'echo {} >>runs; sleep 0.05; echo "result of {}"' "$list"
    wait_until eval '[[ -s runs ]]'
    case $2 in
    launcher) kill -USR1 "$(ps -o ppid= -p "${processes[0]}")" ;;
    all) kill -USR1 $(processes_of_test) ;;
    *) kill -USR1 "${processes[$2]}" ;;
    esac
    ended
    ((status == 10)) || wrong 'expected exit 10'
    [[ ! -e result ]] || wrong 'expected no result'
    expect_no_temporary .
    local done
    done=$(wc -l <runs)
    ((done > 0 && done < 100)) || wrong 'expected a part of the tasks'
    messages | grep -qE "^wc: $done tasks?, $done done in .*, wound down: the same command goes on$" ||
        wrong 'expected the closing line'
    [[ $(jq -c '[.tasks, .state]' record) == "[$done,\"wound_down\"]" ]] || wrong 'expected it in the record'
    run_wc "$1" --journal state.db --json record -o result --exec 'echo {} >>runs; sleep 0.05; echo "result of {}"' "$list"
    ((status == 0)) || wrong 'expected exit 0'
    expect_same <(sed 's/^/result of /' "$list") result
    [[ $(sort runs | uniq -d) == '' && $(wc -l <runs) == 100 ]] || wrong 'expected that each task ran once'
    [[ $(jq -c '[.tasks, .resumed_tasks, .state]' record) == "[100,$done,\"done\"]" ]] || wrong 'expected the rest in the record'
}

@test "SIGUSR1 winds tasks with a journal down, and the same command goes on" {
    wound_down plain 0
    wound_down 3 0
    wound_down 3 2
    wound_down 3 launcher
    wound_down 3 all
}

# The tenth task runs, and no other waits on a busy machine.
only_the_tenth_is_left() {
    [[ -e tenth && -e others && $(wc -l <others) == 9 ]]
}

@test "a run that was wound down with nothing left has its result" {
    seq 10 >ten
    began 2 --journal state.db -o result --exec 'if [ {} = 10 ]; then : >tenth; sleep 2; else echo >>others; fi; echo {}' ten
    wait_until only_the_tenth_is_left
    kill -USR1 "${processes[0]}"
    ended
    ((status == 0)) || wrong 'expected exit 0'
    expect_same ten result
}

@test "without a journal SIGUSR1 shows a line" {
    began 2 --exec 'sleep 0.1 && echo {}' "$list"
    sleep 0.5
    kill -USR1 "${processes[1]}"
    ended
    ((status == 0)) || wrong 'expected exit 0'
    expect_same "$list" "$out"
    (($(lines) == 1)) || wrong 'expected a line'
}
