#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A rank that stands still ends the run after --timeout seconds, with its name; one that goes on again does not, nor one
# that only waits for its input.
load ../helpers

setup_file() {
    corpus zipf 200000 5000 1 >"$BATS_FILE_TMPDIR/text"
    oracle "$BATS_FILE_TMPDIR/text" >"$BATS_FILE_TMPDIR/expected"
}

setup() {
    begin
    use_debug
    limit=$((30 * slow))
    seconds=$(awk "BEGIN { print $slow / 2 }")
    ln -s "$BATS_FILE_TMPDIR"/{text,expected} .
}

# stuck RANK STAGE...: the run ends with exit 8 and names the rank, and the old result is as it was.
stuck() {
    local rank=$1 stage i
    shift
    for stage; do
        echo old >counts
        WC_FAULT=$stage:$rank:stop run_wc 3 --timeout "$seconds" -o counts text
        ((status == 8)) || wrong "expected exit 8 in $stage"
        grep -q "^wc: nothing has moved for $seconds s in .*: no sign of rank $rank ($(hostname))" "$err" ||
            wrong "expected rank $rank to be named in $stage"
        [[ $(<counts) == old ]] || wrong 'the old result is gone'
    done
    expect_no_process
    for ((i = 0; i < 100 * slow; i++)); do # what removes the temporary file comes after the last rank
        [[ -n $(find . -name '.*.wc-*') ]] || return 0
        sleep 0.02
    done
    expect_no_temporary .
}

@test "a rank stopped in any stage" {
    stuck 1 plan scatter map shuffle reduce finish sort gather
}

@test "the last rank" {
    stuck 2 sort ${WC_TEST_LONG:+map}
}

@test "rank 0" {
    stuck 0 map gather ${WC_TEST_LONG:+shuffle reduce finish sort}
}

@test "a rank that goes on again in time" {
    local run process stops=0
    (
        export WC_FAULT=shuffle:1:stop
        run_wc 3 --timeout $((3 * slow)) -o counts text
        echo "$status" >status
    ) 3>&- &
    run=$!
    while kill -0 "$run" 2>/dev/null; do
        sleep 0.05
        process=$(stopped_process) || continue
        sleep 0.5
        kill -CONT "$process"
        stops=$((stops + 1))
    done
    ((stops > 1)) || wrong 'expected it to stop in both shuffles'
    [[ $(<status) == 0 ]] || wrong 'it failed'
    cmp counts expected
}

@test "input that is late is waited for" {
    mkfifo late
    { sleep $((2 * slow)); cat text; } >late & # longer than any rank is patient
    run_wc 3 --timeout "$seconds" -o counts late
    ((status == 0)) || wrong 'expected exit 0'
    cmp counts expected
}

@test "a reader that is slow is waited for" {
    corpus uniq 20000000 1 >large # more than what pipes hold
    mkfifo slow
    { sleep $((2 * slow)); cat; } <slow >read &
    run_wc 3 --timeout "$seconds" -o slow large
    wait
    ((status == 0)) || wrong 'expected exit 0'
    [[ $(wc -l <read) == $(wc -w <large) ]] || wrong 'something is missing'
}

@test "--timeout 0 waits for ever" {
    limit=2
    WC_FAULT=map:1:stop run_wc 3 --timeout 0 -o counts text
    ((status == 124)) || wrong 'expected it to be ended by the test'
    expect_no_process
}

# hang_in FUNCTION RANK: the program hangs there on that rank, by a library that is loaded before MPI.
hang_in() {
    cat >hang.c <<END
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int P$1(void *, void *, void *, void *);
int $1(void *a, void *b, void *c, void *d)
{
    const char *rank = getenv("OMPI_COMM_WORLD_RANK") ? getenv("OMPI_COMM_WORLD_RANK") : getenv("PMI_RANK");
    while (strcmp(rank, "$2") == 0)
        pause();
    return P$1(a, b, c, d);
}
END
    cc -shared -fPIC -o hang.so hang.c
    LD_PRELOAD=$preload$PWD/hang.so run_wc 3 --timeout "$seconds" -o counts text
}

@test "a start that never ends: a rank that is not reached, with the cure" {
    echo old >counts
    hang_in MPI_Comm_dup 1
    ((status == 8)) || wrong 'expected exit 8'
    grep -q "^wc: nothing has moved for [0-9.]* s in start: ranks do not reach each other; MPIWC_INTERFACE .* (rank 0, $(hostname))$" "$err" ||
        wrong 'expected the reason'
    [[ $(messages | grep -c '^wc: ') == 1 ]] || wrong 'expected one rank to speak'
    [[ $(<counts) == old ]] || wrong 'the old result is gone'
    expect_no_process
}

@test "a start that never ends: a rank that never comes" {
    [[ ${WC_TEST_LONG-} ]] || skip 'takes a minute: WC_TEST_LONG=1'
    limit=$((90 * slow))
    hang_in MPI_Init_thread 2
    ((status == 8)) || wrong 'expected exit 8'
    grep -q '^wc: nothing has moved for [0-9.]* s in start: not all ranks have come' "$err" || wrong 'expected the reason'
    expect_no_process
}

@test "a plug-in that hangs while it is loaded, or in its init" {
    local how isolate ranks
    for how in '__attribute__((constructor)) static void hang(void) { for (;;) pause(); }' \
        'static int init(const struct task_call *call, const char *text, void **state) { for (;;) pause(); }'; do
        printf '%s\n' '#include "task.h"' '#include <unistd.h>' "$how" \
            'static int run(void *state, const struct task_call *call, const void *data, size_t len) { return call->result(call, data, len); }' \
            "const struct task task_plugin = {TASK_ABI, \"hang\", $([[ $how == *init* ]] && echo init || echo NULL), run, NULL};" >hang.c
        cc -w -shared -fPIC -I"$top/include" -o hang-task.so hang.c
        for isolate in on off; do
            for ranks in plain 2; do
                run_wc $ranks --timeout "$seconds" --task ./hang-task.so --isolate $isolate -o counts text
                ((status == 8)) || wrong "expected exit 8: $how, isolate $isolate, ranks $ranks"
                grep -q '^wc: .*\./hang-task.so.* in its init.*(--timeout gives it more)' "$err" || wrong 'expected what to try'
                expect_no_process
            done
        done
    done
    expect_no_temporary .
}
