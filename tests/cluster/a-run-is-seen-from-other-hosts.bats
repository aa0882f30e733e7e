#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# --status in a folder that all hosts see: what others see of a run on four hosts while it goes on, and when it is lost;
# and signals to a rank of any host. `bats -t` shows the times.
load ../helpers
load bed

setup_file() {
    start_bed || return 0
    on 0 hostfiles/deploy lab.hosts >&2
}

setup() {
    begin
    bed_or_skip
    on 0 rm -f list results begun done
    seq 4000 | on 0 tee list >/dev/null
}

teardown_file() {
    end_bed
}

# begin_run ARG...: on all slots of all hosts, in the background; its pid is in $run.
begin_run() {
    on 0 rm -rf /shared/view
    on 0 timeout --foreground -k 5 "$limit" hostfiles/run lab.hosts ./wc --status /shared/view "$@" </dev/null >run.out 2>run.err 3>&- 4>&- &
    run=$!
    wait_until shows '8 ranks on 4 hosts'
}

# shows TEXT: on the screen, as host 2 sees it.
shows() {
    on 2 cat /shared/view/status.txt 2>/dev/null | grep -qE -- "$1"
}

# watch: the view from host 3, until the run ends; its pid is in $watch.
watch() {
    on 3 timeout --foreground -k 5 "$limit" ./wc --watch /shared/view </dev/null >watch.out 2>watch.err 3>&- 4>&- &
    watch=$!
}

# ended CODE: the run has.
ended() {
    status=0
    wait "$run" || status=$?
    cat run.err >"$err"
    ((status == $1)) || wrong "expected exit $1"
}

@test "hosts, load and the end are seen from others while the run goes on" {
    begin_run --exec 'sleep 0.02; echo {}' -o results list
    watch
    wait_until shows '^ +h3 +2 ranks +[1-9][0-9]* done'
    on 1 cat /shared/view/status.html >page
    grep -q 'http-equiv="refresh"' page
    for host in h0 h1 h2 h3; do
        grep -q "$host" page || wrong "expected $host on the page"
    done
    ended 0
    status=0
    wait "$watch" || status=$?
    ((status == 0)) || wrong "expected that who watches ends with 0: $(<watch.err)"
    tail -n 30 watch.out | grep -q '^done in ' || wrong "$(tail -n 30 watch.out)"
    on 2 jq -e '.state == "done" and .hosts == 4 and .tasks == 4000 and ([.by_rank[].tasks] | add) == 4000' /shared/view/status.json
    on 0 cat results | cmp - <(seq 4000)
}

@test "SIGUSR2 to a rank of another host, and to the launcher, shows a line; SIGUSR1 winds down" {
    begin_run --exec 'echo {} >>begun; sleep 0.02; echo {}' --journal done -o results list
    wait_until shows '^tasks +[1-9]'
    on 2 pkill -USR2 -o -x wc
    wait_until eval '(($(grep -c "tasks done" run.err) == 1))'
    sleep 2
    on 0 pkill -USR2 -x 'mpirun|prterun'
    wait_until eval '(($(grep -c "tasks done" run.err) == 2))'
    on 0 pkill -USR1 -x 'mpirun|prterun'
    ended 10
    shows '^wound down' || wrong "$(on 2 cat /shared/view/status.txt)"
    on 0 test ! -e results
    begin_run --exec 'echo {} >>begun; sleep 0.02; echo {}' --journal done -o results list
    ended 0
    on 0 cat results | cmp - <(seq 4000)
    for host in 0 1 2 3; do
        on $host cat begun
    done | sort -n | cmp - <(seq 4000) || wrong 'what was done was done again'
}

@test "all killed: the last page says so; a host that is gone says nothing any more" {
    begin_run --exec 'sleep 0.05; echo {}' -o results list
    watch
    wait_until shows '^tasks +[1-9]'
    on 0 sh -c 'pkill -9 -x "mpirun|prterun"; pkill -9 -x wc'
    wait_until shows '^lost: ended without a word at '
    wait "$run" || true
    status=0
    wait "$watch" || status=$?
    ((status == 1)) || wrong "expected that who watches ends with 1: $status"
    begin_run --exec 'sleep 0.05; echo {}' -o results list
    on 3 timeout --foreground -k 5 "$limit" script -qfc './wc --watch /shared/view' /dev/null </dev/null >watch.out 2>&1 3>&- 4>&- &
    watch=$!
    wait_until shows '^tasks +[1-9]'
    "$lab" kill 0
    sleep 10
    wait_until grep -q 'no news for [0-9]* s' watch.out
    kill "$watch"
    wait "$watch" "$run" || true
}
