#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A service runs what clients hand in through a folder, at any time, each its own; it is ended and goes on.
load ../helpers

setup() {
    begin
    seq 9 >nine
    limit=$((60 * slow))
    runs=0
}

# serve RANKS ARG...: a service of the folder spool, in the background; its pid is in $service.
serve() {
    start_wc "$1" -q --spool spool "${@:2}" </dev/null >service.out 2>service.err &
    service=$!
    wait_until grep -q . spool/lock
}

# ended CODE: the service has ended so.
ended() {
    status=0
    wait "$service" || status=$?
    ((status == $1)) || wrong "expected that the service ends with $1: $(<service.err)"
    [[ ! -s service.out ]] || wrong 'expected nothing from the service'
    expect_no_process
}

stop_service() {
    "$program" --spool spool --close
    ended 0
}

# client CODE ARG...: one process that has this exit status.
client() {
    run_wc plain "${@:2}"
    ((status == $1)) || wrong "expected exit $1"
}

done_of_all() {
    cat spool/?.state | jq -s 'map(.done) | add // 0'
}

state() {
    jq -r .state "spool/$1.state"
}
is_state() {
    [[ $(state "$1") == "$2" ]]
}

@test "each gets its results back, before and after the service has begun, of whatever kind" {
    local ranks
    client 0 --submit spool nine
    for ranks in plain 3; do
        serve $ranks --exec 'echo x{}'
        client 0 --spool spool --wait=1
        expect_same <(sed s/^/x/ nine) "$out"
        client 0 --submit spool --wait - < <(printf '{"n": 6}\n')
        expect_same <(echo 'x{"n": 6}') "$out"
        client 0 --submit spool --wait --task squares - < <(printf '{"n": 6}\n')
        expect_same <(echo '{"n": 6, "result": 36}') "$out"
        client 0 --submit spool --wait --task sum-squares --range 1..1000000/10
        expect_same <(echo 333333833333500000) "$out"
        client 0 --submit spool --wait --exec 'echo $(({} % 2)); echo $(({} % 2))' --collect count nine
        expect_same <(printf '1\t10\n0\t8\n') "$out"
        client 0 --submit spool --wait --exec 'printf "%s\t%d\n" a {} b 1' --collect sum nine
        expect_same <(printf 'a\t45\nb\t9\n') "$out"
        client 0 --submit spool --wait - </dev/null
        [[ ! -s $out ]]
        stop_service
    done
    client 0 --spool spool --list
    [[ $(grep -c ' done  ' "$out") == 13 && $(head -n 1 "$out") == 'spool: no service runs' ]]
}

@test "many at once: all of each, in its order" {
    local i
    serve 3 --exec 'echo x{}'
    for i in {1..12}; do
        "$program" -q --submit spool --wait --exec "echo $i-{}" - < <(seq $((i * 40))) >results.$i 3>&- &
        clients[i]=$!
    done
    for i in {1..12}; do
        wait "${clients[i]}"
    done
    for i in {1..12}; do
        expect_same <(seq $((i * 40)) | sed "s/^/$i-/") results.$i
    done
    stop_service
}

@test "killed at any moment and started again with other ranks, all are complete and in order" {
    local ranks
    seq 3000 >list
    for name in a b; do
        "$program" -q --submit spool --exec "echo {} >>runs.$name; echo $name{}" list >/dev/null
    done
    "$program" -q --submit spool --exec 'echo $(({} % 3))' --collect count list >/dev/null
    for ranks in 3 2 plain; do
        serve $ranks
        wait_until eval '(($(done_of_all) > runs + 200))'
        kill -9 $(processes_of_test) "$service"
        wait "$service" || true
        wait_until eval '[[ ! $(processes_of_test) ]]'
        runs=$(done_of_all)
    done
    clear_segments
    serve 4 --idle 1
    ended 0
    expect_same <(sed s/^/a/ list) spool/1.result
    expect_same <(sed s/^/b/ list) spool/2.result
    expect_same <(printf '%s\t1000\n' 0 1 2) spool/3.result
    for name in a b; do # what was reported is never run again; of what was not, half a second of three kills
        [[ $(sort -u runs.$name | wc -l) == 3000 ]]
        (($(wc -l <runs.$name) < 6000)) || wrong "run again: $(wc -l <runs.$name)"
    done
    [[ $(ls spool | grep -c journal) == 0 ]] || wrong 'a journal is left'
}

@test "wound down by SIGUSR1: what runs ends, the rest waits for the next one" {
    seq 200 >list
    "$program" -q --submit spool --exec 'echo {} >>runs; sleep 0.05; echo {}' list >/dev/null
    "$program" -q --submit spool --exec 'echo {}' nine >/dev/null
    serve 2
    wait_until eval '[[ -s runs ]]'
    pkill -USR1 -P "$service" # timeout does not hand that one on, but mpirun does
    ended 10
    [[ $(state 1) == queued ]] || wrong "expected that it waits: $(state 1)"
    (($(wc -l <runs) < 200)) || wrong 'expected that some were left'
    serve plain --idle 0.5
    ended 0
    expect_same list spool/1.result
    expect_same nine spool/2.result
    expect_same list <(sort -n runs)
}

@test "what fails is the status of its submission, and not the end of the service" {
    serve 2 --exec 'test {} != 5 && echo {}' --retries 0
    client 9 --submit spool --wait nine
    expect_same <(grep -v 5 nine) "$out"
    grep -q '1 task failed; the first, at byte 8: exit 1' "$err" || wrong 'expected the reason'
    client 9 --submit spool --wait --task nonsense nine
    grep -q "9 tasks failed; .*nonsense" "$err" || wrong 'expected the reason'
    client 9 --submit spool --wait --task ./none.so nine
    grep -q '9 tasks failed; .*none.so' "$err" || wrong 'expected the reason'
    client 0 --submit spool --wait --exec 'echo {}' nine
    expect_same nine "$out"
    client 0 --submit spool nine
    stop_service
}

@test "one is cancelled, running or not" {
    mkfifo go
    serve 2 --exec 'echo {}'
    client 0 --submit spool --exec '[ {} = 1 ] || read x <go; echo {}' nine
    wait_until is_state 1 running
    wait_until eval '[[ $(jq .done spool/1.state) == 1 ]]'
    client 0 --spool spool --cancel 1
    sleep 1
    exec 6<>go
    printf '\n\n\n\n' >&6
    wait_until is_state 1 cancelled
    exec 6>&-
    grep -qx 1 spool/1.result
    client 130 --spool spool --wait=1
    stop_service
    client 0 --submit spool nine
    client 0 --spool spool --cancel 2
    serve plain --exec 'echo {}' --idle 0.5
    ended 0
    [[ $(state 2) == cancelled ]]
}

@test "a submission that is not what it was is refused, and others go on" {
    local name
    for name in {1..4}; do
        client 0 --submit spool nine
    done
    echo 10 >>spool/1.tasks
    echo '{' >spool/2.job
    rm spool/3.tasks
    ln -s "$PWD/nine" spool/3.tasks
    serve 2 --exec 'echo {}' --idle 0.5
    ended 0
    [[ $(state 1) == refused && $(state 2) == refused && $(state 3) == refused && $(state 4) == done ]]
    client 3 --spool spool --wait=1
    grep -q 'submission 1 is refused: spool/1.tasks' "$err" || wrong 'expected the file'
}

@test "a second service of the folder is refused, and what is no service" {
    serve 2 --exec 'echo {}'
    run_wc plain --spool spool --exec 'echo {}'
    expect_failure 4 'spool: '
    stop_service
    run_wc plain --spool spool --exec 'echo {}' nine
    expect_misuse '--spool: no FILE'
    run_wc plain --spool spool --exec 'echo {}' -o together
    expect_misuse '--spool: not with --output'
    run_wc plain --spool spool --only
    expect_misuse '--only needs --exec or --task'
    run_wc plain --only nine
    expect_misuse '--only and --idle need --spool'
}

@test "--only: its own task and no other" {
    serve 2 --only --exec 'echo x{}'
    client 0 --submit spool --wait nine
    expect_same <(sed s/^/x/ nine) "$out"
    client 0 --submit spool --wait --collect count nine
    client 2 --submit spool --wait --exec 'echo y{}' nine
    grep -q 'is refused: this service runs its own task only' "$err" || wrong 'expected the reason'
    stop_service
}

@test "results are there as they come, though the submission goes on" {
    mkfifo go
    serve 3 --exec 'sleep 0.01; [ {} != 4 ] || read x <go; echo {}'
    "$program" -q --submit spool --wait nine >results 3>&- &
    local client=$!
    seq 3 >three
    wait_until cmp -s three results
    echo >go
    wait "$client"
    expect_same nine results
    stop_service
}

@test "a result of any size, more than memory holds" {
    seq 60 >list
    serve 3 --memory 32M --exec 'head -c 1000000 /dev/zero | tr "\0" x; echo {}'
    client 0 --submit spool --wait list
    for i in {1..60}; do head -c 1000000 /dev/zero | tr '\0' x; echo "$i"; done | cmp - "$out"
    stop_service
}
