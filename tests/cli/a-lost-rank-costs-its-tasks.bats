#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Where the launcher lets ranks go on without others, a service goes on when some are killed: their tasks are run
# by others, and all results are there once, in order.
load ../helpers

setup() {
    [[ $WC_LAUNCHER == openmpi5 ]] || skip 'needs mpirun --with-ft ulfm (Open MPI 5)'
    begin
    limit=$((100 * slow))
    mpirun=(mpirun --oversubscribe --with-ft ulfm)
}

teardown() {
    [[ ! ${service-} ]] || kill -9 "$service" $(processes_of_test) 2>/dev/null || true
    clear_segments
}

# serve RANKS ARG...: a service of the folder spool, in the background; its pid is in $service.
serve() {
    start_wc "$1" --spool spool --json record "${@:2}" </dev/null >service.out 2>service.err &
    service=$!
    wait_until grep -q . spool/lock
}

# rank_of NUMBER: the process that is this rank.
rank_of() {
    local process
    for process in $(processes_of_test); do
        if tr '\0' '\n' <"/proc/$process/environ" | grep -qx "OMPI_COMM_WORLD_RANK=$1"; then
            echo "$process"
            return
        fi
    done
    wrong "no process is rank $1"
}

# ended CODE: the service has ended so.
ended() {
    status=0
    wait "$service" || status=$?
    ((status == $1)) || wrong "expected that the service ends with $1: $(<service.err)"
    expect_no_process
}

# client ARG...: one process that ends well.
client() {
    run_wc plain "$@"
    ((status == 0)) || wrong 'expected exit 0'
}

begun() {
    (($(wc -l <begun) >= $1))
}

@test "two of four ranks are killed while they work" {
    local victim last=0
    serve 4 --exec 'echo {} >>begun; sleep 0.01; echo x{}'
    client --submit spool - < <(seq 2000)
    for victim in 2 1; do
        wait_until begun $((last += 300))
        kill -KILL "$(rank_of $victim)"
    done
    client --spool spool --wait=1
    expect_same <(seq 2000 | sed s/^/x/) "$out"
    client --spool spool --close
    ended 0
    [[ $(grep -c 'is lost; others go on' service.err) == 2 ]]
    jq -e '.lost_ranks == 2 and .ranks == 2 and .tasks == 2000 and .failed_tasks == 0' record >/dev/null
    # what was done and reported is not done again: at most what two ranks had been given
    (($(sort begun | uniq -d | wc -l) < 200)) || wrong 'too many tasks were run again'
}

@test "all but rank 0 are killed, with results of any size under way" {
    local victim last=0
    serve 3 --exec 'echo {} >>begun; sleep 0.1; head -c {} /dev/zero | tr "\0" x' --task-timeout 60
    seq 100000 100000 4000000 >sizes
    client --submit spool sizes
    for victim in 1 2; do
        wait_until begun $((last += 10))
        kill -KILL "$(rank_of $victim)"
    done
    client --spool spool --wait=1
    [[ $(grep -c 'is lost; others go on' service.err) == 2 ]]
    expect_same sizes <(awk '{ print length($0) }' "$out")
    client --spool spool --close
    ended 0
}

@test "a task that ends its rank each time has failed, and the service goes on" {
    serve 5 --exec '((MPIWC_RANK == 0)) && exit 3; read -r _ _ _ rank _ </proc/$PPID/stat; kill -KILL $rank' \
        --shell bash --retries 2
    client --submit spool - < <(echo 1)
    run_wc plain --spool spool --wait=1
    ((status == 9)) || wrong 'expected exit 9'
    grep -q 'is lost; others go on' service.err || wrong 'expected that a rank was lost'
    client --submit spool --wait --exec 'echo y{}' - < <(seq 50)
    expect_same <(seq 50 | sed s/^/y/) "$out"
    client --spool spool --close
    ended 0
}

@test "without rank 0 the service ends, and the next one goes on" {
    serve 3 --exec 'echo {} >>begun; sleep 0.01; echo x{}'
    client --submit spool - < <(seq 600)
    wait_until begun 100
    kill -KILL "$(rank_of 0)"
    wait "$service" || true # of mpirun, which ends with any status then
    wait_until eval '[[ ! $(processes_of_test) ]]'
    serve 2 --exec 'echo {} >>begun; sleep 0.01; echo x{}'
    client --spool spool --wait=1
    expect_same <(seq 600 | sed s/^/x/) "$out"
    client --spool spool --close
    ended 0
}
