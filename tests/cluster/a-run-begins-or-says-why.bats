#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# hostfiles/run on hosts and with hostfiles as they are: names in full, files from another system, a loop around it.
load ../helpers
load bed

# Hosts 1 and 2 have full names as well, which none of them knows by their first parts.
setup_file() {
    local i
    start_bed || return 0
    on 0 hostfiles/deploy lab.hosts >&2
    for i in 0 1 2 3; do
        LAB_USER=root on $i sh -c 'printf "10.77.0.11 worker.1.lab.test\n10.77.0.12 worker.2.lab.test\n10.77.0.10 front.lab.test\n" >>/etc/hosts
            sed "s/^[^ ]* /* /" /etc/ssh/ssh_known_hosts >>/etc/ssh/ssh_known_hosts'
    done
}

setup() {
    begin
    bed_or_skip
}

teardown_file() {
    end_bed
}

# run_hosts TEXT ARG...: with this hostfile, one task on each rank.
run_hosts() {
    printf "$1" | on 0 tee hosts >/dev/null
    run_on 0 hostfiles/run hosts "${@:2}" ./wc -q --schedule static --exec 'hostname' --range 1..4/4
}

# run_all SETTING...: two tasks on each of the hosts, with these variables.
run_all() {
    run_on 0 env "$@" hostfiles/run lab.hosts ./wc -q --schedule static --exec 'hostname' --range 1..8/8
}

# expect_hosts NAME...: where tasks ran.
expect_hosts() {
    ((status == 0)) || wrong 'expected exit 0'
    [[ $(sort -u "$out" | xargs) == "$*" ]] || wrong "expected $*, not $(sort "$out" | xargs)"
}

@test "standard input is left to the loop around a run, and read where an argument names it" {
    run_on 0 bash -c 'printf "a\nb\nc\n" | while read -r x; do echo "turn $x"; hostfiles/run lab.hosts ./wc -q --exec "echo {}" --range 1..2; done'
    [[ $(grep -c '^turn' "$out") == 3 && $(grep -c '^[12] [12]$' "$out") == 6 ]] || wrong "expected three turns: $(<"$out")"
    [[ $WC_LAUNCHER != openmpi5 ]] || return 0 # which does not pass it on as it is
    printf 'a b a\n' >text
    on 0 hostfiles/run lab.hosts ./wc -q --top 1 - <text >"$out"
    [[ $(<"$out") == $'a\t2' ]] || wrong "expected the count of standard input: $(<"$out")"
    on 0 tee text <text >/dev/null
    on 0 hostfiles/run lab.hosts ./wc -q --top 1 --files-from=- <<<text >"$out"
    [[ $(<"$out") == $'a\t2' ]] || wrong "expected the count of the list: $(<"$out")"
}

@test "full names of hosts stay as they are, whether or not the first host has one" {
    local name
    for name in h0 front.lab.test; do
        LAB_USER=root on 0 hostname "$name"
        run_hosts 'worker.1.lab.test slots=2\nworker.2.lab.test slots=2\n'
        expect_hosts h1 h2
        run_hosts 'front.lab.test slots=2\nworker.2.lab.test slots=2\n'
        expect_hosts $(printf '%s\n' "$name" h2 | sort)
        run_hosts 'h0 slots=2\nh2 slots=2\n'
        expect_hosts $(printf '%s\n' "$name" h2 | sort)
    done
    LAB_USER=root on 0 hostname h0
    run_hosts 'h0 slots=2\nworker.2.lab.test slots=2\n'
    expect_hosts h0 h2
}

@test "a hostfile from another system, and hosts that are named once for each slot" {
    run_hosts '\xef\xbb\xbf# ours\r\nh1 slots=2\r\n\r\n  h2 slots = 2 # too\r\n'
    expect_hosts h1 h2
    run_hosts 'h1\nh1\nh2\nh2\n'
    expect_hosts h1 h2
}

@test "more ranks than slots are too many" {
    run_hosts 'h1 slots=2\nh2 slots=2\n' -n 5
    expect_said 1 'run: exit 1: hosts has 4 slots, too few for 5 ranks'
}

@test "a host whose /tmp takes no files is named, with the way out, and discover does not take it" {
    local what
    for what in 'Permission denied' 'Read-only file system' 'No space left on device'; do
        case $what in
        Perm*) LAB_USER=root on 2 chmod 755 /tmp ;;
        Read*) LAB_USER=root on 2 mount -o remount,ro /tmp ;;
        No*) LAB_USER=root on 2 mount -o remount,size=1m /tmp ;;
        esac
        run_all
        expect_said 1 "run: h2: /tmp takes no files: $what; MPIWC_TMPDIR names another folder for the files of mpirun, such as /dev/shm"
        run_on 0 hostfiles/discover -o - 2 h0 h2
        expect_said 1 "discover: h2: /tmp takes no files: $what"
        run_all MPIWC_TMPDIR=/dev/shm
        expect_hosts h0 h1 h2 h3
        LAB_USER=root on 2 sh -c 'mount -o remount,rw,size=50% /tmp && chmod 1777 /tmp'
    done
    [[ $(on 2 ls /tmp /dev/shm | grep -c .) == 2 ]] || wrong "expected that nothing is left: $(on 2 ls /tmp /dev/shm)"
    LAB_USER=root on 0 chmod 755 /tmp
    run_all
    LAB_USER=root on 0 chmod 1777 /tmp
    expect_said 1 'run: this host: /tmp takes no files: Permission denied; MPIWC_TMPDIR names another folder for the files of mpirun, such as /dev/shm'
}

@test "a host that cannot be reached is named" {
    "$lab" cut 3
    run_all
    "$lab" heal 3
    expect_said 255 'run: exit 255: a host could not be reached over ssh: hostfiles/discover says why'
    grep -qE '^run: h3: unreachable: ' "$err" || wrong 'expected h3 to be named'
}

@test "one host under two names is refused, which mpirun would take for two" {
    run_hosts 'h1 slots=2\nworker.1.lab.test slots=2\n'
    expect_said 2 'run: hosts: worker.1.lab.test and h1 are the same host, which mpirun takes for two'
}

@test "an address that all hosts have is not used, and a setting of the user is obeyed" {
    local i
    for i in 0 1 2 3; do
        LAB_USER=root on $i sh -c 'ip link add docker0 type bridge && ip link add dum type veth peer name dum2 &&
            ip link set dum master docker0 && ip link set dum up && ip link set dum2 up &&
            ip address add 172.17.0.1/16 dev docker0 && ip link set docker0 up'
    done
    run_all
    expect_hosts h0 h1 h2 h3
    run_all MPIWC_INTERFACE=10.77.0.0/16
    expect_hosts h0 h1 h2 h3
    run_all OMPI_MCA_btl_tcp_if_include=eth0
    expect_hosts h0 h1 h2 h3
    if [[ $WC_LAUNCHER == openmpi4 ]]; then # what version 5 leaves out by itself depends on its release
        run_on 0 mpirun --hostfile lab.hosts ./wc --timeout 10 -q --exec 'hostname' --range 1..8/8
        ((status == 8)) || wrong 'expected exit 8 of a start in which ranks wait for themselves'
        grep -q '^wc: nothing has moved for 10 s in start: ranks do not reach each other; MPIWC_INTERFACE ' "$err" || wrong 'expected the reason'
        expect_idle 0 1 2 3
    fi
    for i in 0 1 2 3; do
        LAB_USER=root on $i sh -c 'ip link delete docker0; ip link delete dum'
    done
}

@test "a host that is lost while mpirun starts: run ends, or starts again without it" {
    seq 40 | on 0 tee list >/dev/null
    # The daemon of h3 is on its way for ever.
    on 0 mkdir -p bin
    printf '%s\n' '#!/bin/sh' 'case "$*" in *h3*orted* | *h3*prted*) : >hung; exec sleep 1000 ;; esac' 'exec /usr/bin/ssh "$@"' |
        on 0 tee bin/ssh >/dev/null
    on 0 chmod +x bin/ssh
    on 0 sh -c 'PATH=$HOME/bin:$PATH exec timeout --foreground -k 5 '"$limit"' hostfiles/run --restart 1 lab.hosts ./wc -q --exec "echo {}" -o results list' </dev/null >run.out 2>run.err 3>&- 4>&- &
    wait_until on 0 test -e hung
    "$lab" kill 3
    status=0
    wait $! || status=$?
    cp run.err "$err"
    ((status == 0)) || wrong 'expected that the second start does it'
    grep -q 'started again without h3' run.err || wrong 'expected that it is said'
    on 0 cat results | cmp - <(seq 40)
}
