#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Misuse, help, what would be done, and hosts that will not do; without a network, by a stand-in for ssh.
load ../helpers

setup() {
    begin
    scripts=$top/hostfiles
    export MPIWC_SSH=$PWD/ssh
    # HOST is a folder of programs that hide those of this machine.
    cat >ssh <<-'END'
		#!/bin/bash
		while [[ $1 == -* ]]; do shift; done
		case $1 in
		hangs) exec sleep 60 ;;
		denied) echo 'x@denied: Permission denied (publickey).' >&2; exit 255 ;;
		changed) echo 'Host key verification failed.' >&2; exit 255 ;;
		off) echo 'ssh: connect to host off port 22: No route to host' >&2; exit 255 ;;
		esac
		echo 'Welcome! Your printer is on fire.'
		PATH=${0%/*}/$1:$PATH exec bash -c "${*:2}"
	END
    chmod +x ssh
}

# host NAME: one that has what this machine has, but for its name.
host() {
    mkdir "$1"
    printf '#!/bin/sh\n[ "$1" = -n ] && echo %s || exec /bin/uname "$@"\n' "$1" >"$1/uname"
    chmod +x "$1/uname"
}

# script NAME ARG...
script() {
    status=0
    timeout "$limit" "$scripts/$1" "${@:2}" >"$out" 2>"$err" || status=$?
}

@test "misuse is exit 2 and two lines, help is exit 0" {
    for name in discover deploy run clean; do
        script "$name"
        ((status == 2)) || wrong "$name: expected exit 2"
        [[ ! -s $out && $(grep -c '' "$err") == 2 ]] || wrong "$name: expected two lines"
        [[ $(tail -n 1 "$err") == "try: $scripts/$name --help" ]] || wrong "$name: expected the way to help"
        script "$name" --nonsense
        ((status == 2)) || wrong "$name: expected exit 2"
        script "$name" --help
        ((status == 0)) || wrong "$name: expected exit 0"
        [[ $(head -n 1 "$out") == "usage: $name "* ]] || wrong "$name: expected its usage"
    done
}

@test "hostfiles with no hosts, or with what is no name, are refused" {
    echo '# none' >none
    printf 'ha slots=2\n-oProxyCommand=x slots=2\n' >bad
    for name in deploy run clean; do
        script "$name" none "$program"
        ((status == 2)) || wrong "$name none: expected exit 2"
        script "$name" missing "$program"
        ((status == 2)) || wrong "$name missing: expected exit 2"
        script "$name" bad "$program"
        ((status == 2)) || wrong "$name bad: expected exit 2"
    done
    script clean bad
    ((status == 2)) && grep -qF -- '-oProxyCommand=x' "$err" || wrong 'expected the bad name'
}

# refused TEXT LINE: a hostfile with TEXT is refused, by all who read one, with the file and LINE.
refused() {
    local name
    printf "$1" >bad
    for name in deploy run clean; do
        script "$name" bad "$program"
        [[ $name != clean ]] || script "$name" bad
        ((status == 2)) || wrong "$name: expected exit 2"
        [[ $(head -n 1 "$err") == "$name: bad: $2" ]] || wrong "expected: $name: bad: $2"
    done
}

@test "what is wrong with a hostfile is named with its line" {
    refused 'ha slots=2\nhb slots=2\nha slots=1\n' 'line 3: ha is in line 1 already: one line says its slots='
    refused 'ha\nha slots=1\n' 'line 2: ha is in line 1 already: one line says its slots='
    refused '\n# two\nha 4\n' 'line 3: behind a name may stand slots=N and max_slots=N, not 4'
    refused 'ha slots=0\n' 'line 1: behind a name may stand slots=N and max_slots=N, not slots=0'
    refused 'ha slots=2 nonsense=\x1b[0m' "line 1: behind a name may stand slots=N and max_slots=N, not \$'nonsense=\E[0m'"
    refused 'ha slots=4 max_slots=2\n' 'line 1: slots=4 are more than max_slots=2'
    refused 'ha:4\n' 'line 1: not the name of a host: ha:4'
}

@test "hostfiles as other systems and other programs write them are read" {
    printf '\xef\xbb\xbfha slots = 2 max-slots=4\r\n# mine\r\n\r\nhb\r\nhb // again\r\n10.1.2.3 slots=1' >hosts
    script run --dry-run hosts "$program"
    ((status == 0)) || wrong 'expected exit 0'
}

@test "the hostfiles that come with the program are read" {
    for file in "$scripts"/lab.example "$scripts"/mixed.example "$scripts"/one-machine; do
        script run --dry-run "$file" "$program"
        ((status == 0)) || wrong "$file"
    done
}

@test "run --dry-run prints the command, with the interface and ssh that were asked for" {
    echo 'ha slots=2' >hosts
    MPIWC_INTERFACE=eth7 script run --dry-run hosts -n 2 -- "$program" -o 'a b' --top 3
    ((status == 0)) || wrong 'expected exit 0'
    local agent=plm_rsh_agent interface=oob_tcp_if_include
    [[ $WC_LAUNCHER != openmpi5 ]] || agent=plm_ssh_agent interface=prte_if_include
    for setting in "'-n' '2'" "'btl_tcp_if_include' 'eth7'" "'$interface' 'eth7'" "'$agent' '$PWD/ssh'" \
        "'$program' '-o' 'a b' '--top' '3'"; do
        grep -qF -- "$setting" "$out" || wrong "expected $setting in: $(<"$out")"
    done
}

@test "discover names each host that will not do, and why" {
    host ha
    host hb
    mkdir arm old none
    printf '#!/bin/sh\n[ "$1" = -m ] && echo aarch64 || exec /bin/uname "$@"\n' >arm/uname
    printf '#!/bin/sh\necho "mpirun (Open MPI) 3.0.1"\n' >old/mpirun
    printf '#!/bin/sh\necho "HYDRA build details:"\n' >none/mpirun
    chmod +x arm/uname old/mpirun none/mpirun
    script discover -t $((5 * slow)) 3 ha hb hb arm old none hangs denied changed off 'a b' -x
    ((status == 1)) || wrong 'expected exit 1'
    while read -r line; do
        grep -q -- "^discover: $line" "$err" || wrong "expected: $line"
    done <<-'END'
		arm: other architecture: Linux-aarch64, here
		old: other Open MPI: 3.0.1, here
		none: no mpirun of Open MPI
		hangs: time-out
		denied: permission denied
		changed: its host key
		off: unreachable: No route to host
		-x: not the name of a host
		only 2 of 3 hosts will do: ha hb
	END
    [[ ! -e lab.hosts ]] || wrong 'expected no hostfile'
}

@test "discover takes candidates from a file and from standard input" {
    host ha
    host hb
    printf '\xef\xbb\xbf# ours\r\nha slots=7 # fast\r\n\r\nhb\r\n' >candidates
    script discover -o found 2 candidates
    ((status == 0)) || wrong 'expected exit 0'
    grep -qE '^ha slots=[0-9]+ # load ' found || wrong "no slots: $(<found)"
    [[ $(grep -c '^h[ab] slots=' found) == 2 ]] || wrong "$(<found)"
    status=0
    "$scripts/discover" -o - 1 - <candidates >"$out" 2>"$err" || status=$?
    ((status == 0)) && grep -q '^ha slots=' "$out" || wrong 'expected ha on standard output'
    grep -q '^discover: hb: not needed' "$err" || wrong 'expected that hb is not needed'
}

@test "two names of one host count once" {
    host ha
    cp -r ha alias
    script discover -o found 1 ha alias
    ((status == 0)) || wrong 'expected exit 0'
    grep -qx 'discover: alias: is the same host as ha' "$err" || wrong 'expected alias to be found out'
}

@test "nothing is asked and nothing is written with --dry-run" {
    printf '#!/bin/sh\necho asked >&2; exit 1\n' >ssh
    script discover --dry-run 2 ha hb
    ((status == 0)) && [[ ! -s $err && ! -e lab.hosts ]] || wrong 'expected nothing done'
}
