#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Hosts that answer the scripts of hostfiles/ with what is meant to harm: nothing of it is run, shown raw or written into a
# hostfile, and it is said which host it was. A stand-in for ssh gives the answers; no network is needed.
load ../helpers

# The stand-in, and an honest answer of discover, from its own question.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    # HOST answers what the script of its name prints; `good` is this machine.
    cat >ssh <<-'END'
		#!/bin/bash
		while [[ $1 == -* ]]; do shift; done
		[[ $1 != good ]] || exec bash -c "${*:2}"
		cat >/dev/null
		. "${0%/*}/$1.answer"
	END
    chmod +x ssh
    MPIWC_SSH=$PWD/ssh timeout -k 5 "$limit" "$top/hostfiles/discover" -o found 1 good </dev/null
}

setup() {
    begin
    scripts=$top/hostfiles
    cp "$BATS_FILE_TMPDIR/ssh" .
    export MPIWC_SSH=$PWD/ssh
    limit=$((60 * slow))
    cores=$(sed -n 's/^good slots=\([0-9]*\) .*/\1/p' "$BATS_FILE_TMPDIR/found")
    [[ $cores ]] || wrong "no cores: $(<"$BATS_FILE_TMPDIR/found")"
    system=$(uname -s)-$(uname -m)
    version=$(sed -n 's/^#.* Open MPI \([^;]*\);.*/\1/p' "$BATS_FILE_TMPDIR/found")
    id=elsewhere/01234567-89ab-cdef-0123-456789abcdef
}

# script NAME ARG...
script() {
    status=0
    timeout -k 5 "$limit" "$scripts/$1" "${@:2}" >"$out" 2>"$err" </dev/null || status=$?
}

# host NAME COMMANDS: what it answers.
host() {
    echo "$2" >"$1.answer"
}

# liar NAME LINE: a host that answers this line, printed by printf '%b'.
liar() {
    printf "printf '%%b\\\\n' %q\n" "mpiwc: $2" >"$1.answer"
}

# Nothing was run here, nothing but plain text was shown, and not much of it; a long answer was not kept.
expect_harmless() {
    [[ -z $(find . -name 'PWNED*') ]] || wrong 'the host had a command run here'
    ! LC_ALL=C grep -qa '[^[:print:]]' "$out" "$err" || wrong 'control characters were shown'
    (($(wc -c <"$out") + $(wc -c <"$err") < 20000)) || wrong 'too much was shown'
    (($(du -s . | cut -f 1) < 20000)) || wrong 'too much was kept'
}

expect_named() {
    grep -qE -- "^$1" "$err" || wrong "expected: $1"
}

@test "discover: an answer in which one part is not what it must be" {
    local value names=() line
    local honest=("$system" "$version" "$id" 4 0.10 16 -)
    # Each part as bash arithmetic that runs a command, the number of cores as other things, too.
    local bad=({0..6}' seconds[$(touch${IFS}PWNED)]' '3 $(touch${IFS}PWNED)' '3 `touch${IFS}PWNED`' '3 a[$(touch\tPWNED)]'
        '3 \033]0;x\007' '3 1\nmpiwc:' '3 99999999999999999999' '3 -1' '3 0' '3 0x10' '3 1e9' '3 \0001' '1 \033[2J'
        '5 99999999' "2 $(printf '9%.0s' {1..3000})")
    for value in "${bad[@]}"; do
        line=("${honest[@]}")
        line[${value%% *}]=${value#* }
        names+=("h${#names[@]}")
        liar "${names[-1]}" "${line[*]}"
    done
    script discover -t 50 -o found 1 "${names[@]}"
    ((status == 1)) || wrong 'expected exit 1'
    [[ ! -e found ]] || wrong "expected no hostfile: $(<found)"
    for name in "${names[@]}"; do
        expect_named "discover: $name: answers what is no answer"
    done
    expect_harmless
}

@test "discover: the honest answer of the test before is one, so each of them was refused for its one part" {
    liar fine "$system $version $id 4 0.10 16 -"
    script discover -o found 1 fine
    ((status == 0)) || wrong 'expected exit 0'
    grep -qx 'fine slots=4 # load 0.10, 16 GB of memory free' found || wrong "found: $(<found)"
}

@test "discover: a host that says it is this host is not taken for it" {
    liar mask "$system $version $(uname -n)/$(</proc/sys/kernel/random/boot_id) 64 0.00 999 -"
    liar guess "$system $version $(uname -n)/$(</proc/sys/kernel/random/boot_id) 64 0.00 999 00000000000000000000000000000000"
    script discover -o found 1 mask guess good
    ((status == 0)) || wrong 'expected exit 0'
    expect_named 'discover: mask: says that it is this host, and is not'
    expect_named 'discover: guess: says that it is this host, and is not'
    [[ $(grep -v '^#' found) == "good slots=$cores "* ]] || wrong "found: $(<found)"
}

# endless SCRIPT ARG...: of hosts whose answer or error does not end, is very long or is meant for the terminal.
endless() {
    host zeros 'printf "mpiwc: "; head -c 1G /dev/zero'
    host lines 'yes "mpiwc: removed /tmp/x" | head -c 1G'
    host errors 'yes "Permission denied" | head -c 1G >&2'
    host long 'printf "mpiwc: "; head -c 500000 /dev/zero | tr "\0" x; echo'
    host escapes 'printf "mpiwc: \033[2Jgone\033]0;title\007\r\n"; printf "\033[2J\233gone\n" >&2'
    host error 'printf "\033[2J\233gone\r\n" >&2; exit 255'
    host two 'echo "mpiwc: has it"; echo "mpiwc: copied"; echo "mpiwc: done"; echo "mpiwc: more"'
    host silent 'exit 0'
    script "$@"
    ((status == 1)) || wrong 'expected exit 1'
    expect_harmless
    for host in zeros lines errors; do
        expect_named "$1: $host: answers what is no answer: 1000000 bytes and more"
    done
    for host in long escapes two; do
        expect_named "$1: $host: answers what is no answer: "
    done
    expect_named "$1: error: unreachable: "
    expect_named "$1: silent: no answer, exit 0"
}

@test "discover: answers that do not end, long lines, escape sequences" {
    endless discover -t 50 -o found 1 zeros lines errors long escapes error two silent
    [[ ! -e found ]] || wrong "expected no hostfile: $(<found)"
}

@test "deploy: answers that do not end, long lines, escape sequences" {
    printf '%s\n' zeros lines errors long escapes error two silent >hosts
    endless deploy hosts "$program"
}

@test "clean: answers that do not end, long lines, escape sequences" {
    printf '%s\n' zeros lines errors long escapes error two silent >hosts
    endless clean hosts
}

@test "deploy: what would be right for the other question is wrong" {
    liar early copied
    host late 'echo "mpiwc: lacks it"'
    liar reason 'does not start there: \033[31mred'
    printf '%s\n' early late reason >hosts
    script deploy hosts "$program"
    ((status == 1)) || wrong 'expected exit 1'
    expect_named 'deploy: early: answers what is no answer: copied'
    expect_named 'deploy: late: answers what is no answer: lacks it'
    expect_named 'deploy: reason: .*: does not start there: .\[31mred$'
    expect_harmless
}

@test "clean: what is no name that it could have removed" {
    liar elsewhere 'removed /home/you/thesis\nmpiwc: done'
    liar words 'removed everything\nmpiwc: done'
    liar dry 'would remove /tmp/x\nmpiwc: done'
    liar fine 'removed /tmp/ompi.x.1/pid.1\nmpiwc: done'
    printf '%s\n' elsewhere words dry fine >hosts
    script clean hosts
    ((status == 1)) || wrong 'expected exit 1'
    for host in elsewhere words dry; do
        expect_named "clean: $host: answers what is no answer: "
    done
    [[ $(<"$out") == 'fine: removed /tmp/ompi.x.1/pid.1' ]] || wrong "expected what one removed: $(<"$out")"
}

@test "hostfiles: what is no name of a host is not used, and shown without its control characters" {
    local turn=0 scripts_of=(run deploy clean) some # which all read it with the same lines
    touch PLAIN
    for bad in '*' 'PL*N' '$(touch${IFS}PWNED)' $'a\x1b[2J' '-oProxyCommand=touch${IFS}PWNED' "$(printf 'a%.0s' {1..3000})"; do
        printf '%s slots=2\n' "$bad" >hosts
        some=("${scripts_of[turn++ % 3]}")
        [[ ! ${WC_TEST_LONG-} ]] || some=("${scripts_of[@]}")
        for name in "${some[@]}"; do
            script "$name" hosts "$program"
            ((status == 2)) || wrong "$name with $(printf '%q' "$bad"): expected exit 2"
            expect_harmless
        done
        script discover -o found 1 "$bad"
        ((status == 1)) && [[ ! -e found ]] || wrong "discover with $(printf '%q' "$bad"): expected exit 1"
        expect_harmless
    done
}
