# SPDX-License-Identifier: BSD-3-Clause
# What the tests of the cluster share: a bed of four hosts with two slots each (tests/bed/lab), and the program and the
# scripts in the home folder of host 0, as a user would have them there. Loaded after ../helpers.
# shellcheck shell=bash disable=SC2034,SC2154

lab=$top/tests/bed/lab
export LAB=$BATS_FILE_TMPDIR/bed
limit=$((90 * slow))
launcher='mpirun|orted|prterun|prted' # the processes of a run beside its ranks

# start_bed: for setup_file; false where there can be none, which bed_or_skip then says in setup.
start_bed() {
    "$lab" can 2>"$BATS_FILE_TMPDIR/reason" || return
    "$lab" up 4
    tar -C "$top" -c hostfiles -C "${program%/*}" wc | on 0 tar -x
    printf 'h%d slots=2\n' 0 1 2 3 | on 0 tee lab.hosts >/dev/null
}

bed_or_skip() {
    [[ ! -s $BATS_FILE_TMPDIR/reason ]] || skip "$(sed 's/^lab: //' "$BATS_FILE_TMPDIR/reason")"
    [[ -e $LAB/up ]]
}

end_bed() {
    "$lab" down
}

# on I COMMAND...
on() {
    "$lab" on "$@"
}

# put FILE I...: on these hosts, in the home folder, as FILE's last name.
put() {
    local i
    for i in "${@:2}"; do
        on "$i" tee "${1##*/}" <"$1" >/dev/null
    done
}

# run_on I COMMAND...: streams in $out and $err, exit code in $status, seconds in $took.
run_on() {
    local start=${EPOCHREALTIME/./} ms
    status=0
    on "$1" timeout --foreground -k 5 "$limit" "${@:2}" >"$out" 2>"$err" 3>&- 4>&- || status=$?
    ms=$(((${EPOCHREALTIME/./} - start) / 1000))
    took=$((ms / 1000)).$((ms / 100 % 10))
}

# What was said, but for a warning of ours, one of mpirun, when a child was quicker than its parent, and the banner of a
# rank that failed.
said() {
    without_banner <"$err" | grep -avE '^wc: warning: |plm:rsh: Warning: setpgid|plm:ssh: Warning: setpgid' || true
}

# expect_counted EXPECTED: the run succeeded, host 0 has the result.
expect_counted() {
    ((status == 0)) || wrong 'expected exit 0'
    [[ $(said) =~ ^wc:\ [^$'\n']*verified[^$'\n']*$ ]] || wrong 'expected only the closing line'
    on 0 cat counts >result
    expect_same "$1" result
}

# expect_said CODE LINE
expect_said() {
    ((status == $1)) || wrong "expected exit $1"
    grep -qxF -- "$2" "$err" || wrong "expected the line: $2"
}

# within SECONDS COMMAND...: COMMAND is true before they are over.
within() {
    local tries=$(($1 * 10 * slow))
    until "${@:2}"; do
        ((tries-- > 0)) || return
        sleep 0.1
    done
}

# is_idle I: nothing of a run is left on the host.
is_idle() {
    ! on "$1" ps -u lab -o comm= | grep -qxE "$launcher|wc"
}

expect_idle() {
    local i
    for i in "$@"; do
        within 15 is_idle "$i" || wrong "still running on h$i: $(on "$i" ps -u lab -o pid=,comm=)"
    done
}

# is_running: a run of host 0 has begun and writes its result later.
is_running() {
    [[ $(on 0 ls -A) == *.counts.wc-* ]]
}

# signal_run SIGNAL I...: to all processes of a run on these hosts.
signal_run() {
    local i pid
    for i in "${@:2}"; do
        for pid in $(on "$i" ps -u lab -o pid=,comm= | awk -v name="^($launcher|wc)\$" '$2 ~ name { print $1 }'); do
            on "$i" kill -"$1" "$pid" 2>/dev/null || true # one may take others with it
        done
    done
}

# crash_run I...: the run on these hosts is killed, without the time to see what happens on the other hosts.
crash_run() {
    signal_run STOP "$@"
    signal_run KILL "$@"
}
