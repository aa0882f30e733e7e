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
