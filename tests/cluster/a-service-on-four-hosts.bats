#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A service on hosts of their own: several clients at once, a launcher and a host that are lost, and no port but those of MPI.
load ../helpers
load bed

setup_file() {
    start_bed || return 0
    on 0 hostfiles/deploy lab.hosts >&2
}

setup() {
    begin
    bed_or_skip
}

teardown_file() {
    end_bed
}

# serve HOSTFILE ARG...: a service of the folder spool of host 0, in the background; its pid is in $service.
serve() {
    on 0 timeout --foreground -k 5 "$limit" hostfiles/run "$1" ./wc -q --spool spool "${@:2}" </dev/null >service.out 2>service.err 3>&- 4>&- &
    service=$!
}

# submit NAME ARG...: a client on host 0 that waits; results in NAME.
submit() {
    on 0 timeout -k 5 "$limit" ./wc -q --submit spool --wait "${@:2}" <"$1.tasks" >"$1" 2>"$1.err" 3>&- 4>&- &
    clients+=($!)
}

done_of_all() {
    on 0 sh -c 'cat spool/*.state' 2>/dev/null | jq -s 'map(.done) | add // 0'
}
has_done() {
    (($(done_of_all) >= $1))
}

# is_another THAT: whether the service that runs is not that one; its ranks outlive a launcher that was killed by a moment.
is_another() {
    local now
    now=$(on 0 cat spool/lock) && [[ $now && $now != "$1" ]]
}

# ports: who listens on any host.
ports() {
    local i
    for i in 0 1 2 3; do
        on $i ss -lntupH
    done
}

@test "three clients, 10,000 tasks each: the launcher is killed, and a host; all are complete and in order" {
    local client first
    clients=()
    seq 10000 >a.tasks
    seq 10000 | sed 's/.*/{"n": &}/' >b.tasks
    seq 10000 >c.tasks
    serve lab.hosts --exec 'echo x{}'
    submit a -
    submit b --task squares -
    submit c --collect count --exec 'echo $(({} % 10))' -
    wait_until has_done 1000
    ! ports | grep -vE ':22 |mpirun|orted|prterun|prted|"wc"' || wrong 'a port that is not one of MPI'
    first=$(on 0 cat spool/lock)
    on 0 pkill -9 -x 'mpirun|prterun'
    wait "$service" || true
    serve lab.hosts --exec 'echo x{}'
    wait_until is_another "$first"
    wait_until has_done $(($(done_of_all) + 1000))
    "$lab" kill 3
    wait "$service" && wrong 'expected that a lost host ends the service'
    on 0 grep -v h3 lab.hosts >left
    on 0 tee left.hosts <left >/dev/null
    serve left.hosts --exec 'echo x{}' --idle 1
    for client in "${clients[@]}"; do
        wait "$client"
    done
    wait "$service"
    expect_same <(sed s/^/x/ a.tasks) a
    awk 'BEGIN { for (i = 1; i <= 10000; i++) printf "{\"n\": %d, \"result\": %.0f}\n", i, i * i }' | cmp - b
    expect_same <(for i in {0..9}; do printf '%d\t1000\n' $i; done) c
}
