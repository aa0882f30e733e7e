#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Standard streams that are closed are errors where they are needed, and nothing else takes their place. By whatever name
# a stream is called, it is written to and never replaced.
load ../helpers

setup() {
    begin
    echo 'b a b' >text
    printf 'b\t2\na\t1\n' >expected
}

# plain_wc ARG...: one process, with the streams of the test.
plain_wc() {
    timeout "$limit" "$program" "$@"
}

@test "standard output closed, and standard input too: exit 4" {
    status=0
    plain_wc text <&- >&- 2>"$err" || status=$?
    : >"$out"
    expect_failure 4 'standard output: Bad file descriptor'
}

@test "all three closed: exit 4" {
    status=0
    plain_wc text <&- >&- 2>&- || status=$?
    ((status == 4)) || wrong "expected exit 4"
}

@test "standard input and error closed do not matter to a count of files" {
    plain_wc text <&- 2>&- >"$out"
    expect_same expected "$out"
    plain_wc -o counts text <&- >&- 2>&-
    expect_same expected counts
}

@test "standard input closed: exit 3, by each of its names" {
    local name
    for name in - /dev/stdin /dev/fd/0 /proc/self/fd/0; do
        status=0
        plain_wc "$name" <&- >"$out" 2>"$err" || status=$?
        expect_failure 3 "$name: Bad file descriptor"
    done
    status=0
    plain_wc --files-from - <&- >"$out" 2>"$err" || status=$?
    expect_failure 3 '-: Bad file descriptor'
}

@test "standard output by other names is appended to, not replaced" {
    local name
    ln -s /dev/stdout link
    ln -s link link-to-link
    for name in - /dev/stdout //dev/stdout /dev/fd/1 /proc/self/fd/1 link link-to-link; do
        echo kept >log
        plain_wc -q -o "$name" text >>log
        expect_same <(echo kept; cat expected) log
    done
    echo kept >log
    plain_wc -q -o /dev/stderr text 2>>log
    expect_same <(echo kept; cat expected) log
}

@test "a descriptor of another process is appended to" {
    echo kept >log
    sleep 100 7>>log &
    plain_wc -q -o "/proc/$!/fd/7" text
    kill $!
    expect_same <(echo kept; cat expected) log
}

@test "the closing line says what went to standard output, by whatever name" {
    run_wc plain text
    grep -q '8 bytes out, XXH3 ' "$err"
    run_wc plain -o - text
    grep -q '8 bytes out, XXH3 ' "$err"
    run_wc plain -o counts text
    ! grep -q 'bytes out' "$err"
}

@test "a limit of the size of files: exit 4" {
    corpus uniq 100000 1 >words
    status=0
    (ulimit -f 10; plain_wc -o counts words 2>"$err") || status=$?
    : >"$out"
    expect_failure 4 'counts: File too large'
    [[ ! -e counts ]]
}

# MPI, which may take the signal for itself, has a thread of its own.
mpi_is_up() {
    [[ /proc/$1/exe -ef $program && -e $(echo /proc/"$1"/task/*[0-9] | cut -s -d ' ' -f 2) ]]
}

@test "a closed terminal ends a run, unless it was started by nohup" {
    local reader
    mkfifo pipe
    for wanted in 129 0; do
        sleep 100 >pipe &
        reader=$!
        if ((wanted)); then
            env --default-signal=HUP "$program" -q - <pipe >"$out" 3>&- & # the tests themselves may run under nohup
        else
            (trap '' HUP; exec "$program" -q - <pipe >"$out" 3>&-) &
        fi
        run=$!
        wait_until mpi_is_up "$run"
        kill -HUP "$run"
        sleep 0.2
        kill "$reader"
        status=0
        wait "$run" || status=$?
        ((status == wanted)) || wrong "expected exit $wanted"
    done
}

@test "a large result through a launcher: a warning, once" {
    corpus uniq 200000 1 >words
    run_wc 2 words
    ((status == 0)) || wrong 'expected exit 0'
    (($(grep -c '^wc: warning: .*-o FILE' "$err") == 1)) || wrong 'expected a warning'
    run_wc 2 -o counts words
    ! grep -q '^wc: warning: .*-o FILE' "$err" || wrong 'expected no warning with -o'
    run_wc 2 text
    ! grep -q '^wc: warning: .*-o FILE' "$err" || wrong 'expected no warning for a small result'
    run_wc plain words
    ! grep -q '^wc: warning: .*-o FILE' "$err" || wrong 'expected no warning without a launcher'
}

# That launcher moves what is no line to standard error.
@test "a result that does not end with a newline does not go through the mpirun of Open MPI 5" {
    status=0
    PRTE_LAUNCHED=1 plain_wc -z --count=lines text >"$out" 2>"$err" || status=$?
    expect_failure 4 'standard output: mpirun of Open MPI 5'
    PRTE_LAUNCHED=1 plain_wc -z --count=lines -o result text
    plain_wc -z --count=lines text >"$out"
    cmp result "$out"
    PRTE_LAUNCHED=1 plain_wc -z --count=lines --format csv text >"$out"
}

# That launcher repeats and drops parts of it.
@test "standard input through the mpirun of Open MPI 5 is refused, under each of its names" {
    local name
    for name in - /dev/stdin /dev/fd/0; do
        status=0
        PRTE_LAUNCHED=1 plain_wc "$name" <text >"$out" 2>"$err" || status=$?
        expect_failure 3 "$name: mpirun of Open MPI 5"
    done
    status=0
    PRTE_LAUNCHED=1 plain_wc --files-from - <text >"$out" 2>"$err" || status=$?
    expect_failure 3 '-: mpirun of Open MPI 5'
    mkfifo pipe
    cat text >pipe &
    PRTE_LAUNCHED=1 plain_wc pipe >"$out" 2>"$err"
    expect_same expected "$out"
    if [[ $WC_LAUNCHER == openmpi5 ]]; then
        status=0
        "${mpirun[@]}" -n 2 "$program" - <text >"$out" 2>"$err" || status=$?
        expect_failure 3 '-: mpirun of Open MPI 5'
    fi
}
