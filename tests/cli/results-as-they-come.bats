#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Results of tasks are written while others run, in their order or not, and memory does not hold them.
load ../helpers

# A result of a megabyte, the end of which says whose it is.
large='head -c 1000000 /dev/zero | tr "\0" x; echo {}'
# Comes when 90 others have, who leave a file in done/.
late="$large; [ {} != 1 ] || while [ \$(ls done | wc -l) -lt 90 ]; do sleep 0.1; done; touch done/{}"
# The fourth waits for a word. None is so short that another would be sent to its worker ahead.
asks='sleep 0.01; [ {} != 4 ] || read x <go; echo {}'

setup() {
    begin
    mkfifo go
}

# large_results N: those of N tasks.
large_results() {
    local i
    for ((i = 1; i <= $1; i++)); do
        head -c 1000000 /dev/zero | tr '\0' x
        echo "$i"
    done
}

# start ARG...: two ranks that run nine tasks; the pid is in $run.
start() {
    (start_wc 2 --exec "$asks" "$@" nine >"$out" 2>"$err") &
    run=$!
}

# finish: lets the fourth go, and waits for the end.
finish() {
    echo >go
    status=0
    wait "$run" || status=$?
    expect_success
}

# eight FILE...: whether the results of all but the fourth are there.
eight() {
    cmp -s <(seq 9 | grep -v 4) <(sort "$@")
}
eight_for_now() {
    eight .together.wc-*
}
eight_files() {
    eight .files.wc-*.d/?
}

expect_memory() {
    (($(jq '[.by_rank[].peak_bytes] | max' record) <= $1)) || wrong "expected no more memory than $1"
}

@test "150 results of a megabyte in 64 MB, with and without files and a journal" {
    local ranks more
    large_results 150 >expected
    seq 150 >list
    for ranks in plain 3; do
        for more in '' '--journal state.db' --unordered; do
            # shellcheck disable=SC2086 # one option, two, or none
            run_wc "$ranks" --memory 64M --json record --exec "$large" -o together $more list
            expect_success
            expect_memory $((64 << 20))
            if [[ $more == --unordered ]]; then
                cmp <(sort expected) <(sort together)
            else
                cmp expected together
            fi
            rm -rf together state.db*
        done
        run_wc "$ranks" --memory 64M --json record --exec "$large" --results files list
        expect_success
        expect_memory $((64 << 20))
        printf 'files/%s\0' {1..150} | xargs -0 cat | cmp expected
        rm -r files
    done
}

@test "all wait for the first: on the disk, where nothing is left of them" {
    large_results 100 >expected
    seq 100 >list
    mkdir done scratch
    run_wc 3 --memory 32M --scratch none,scratch --json record --exec "$late" -o together list
    expect_success
    expect_memory $((32 << 20))
    cmp expected together
    [[ -z $(ls -A scratch) ]] || wrong 'something is left in scratch'
}

# The size of the disk, not of memory, is the limit: 20 GB, half of which wait for the first.
@test "twenty gigabytes in 64 MB" {
    [[ ${WC_TEST_LONG-} ]] || skip 'takes two minutes and 30 GB; WC_TEST_LONG=1 runs it'
    (($(df --output=avail -k . | tail -n 1) > 40 << 20)) || skip 'needs 40 GB of the disk'
    limit=$((600 * slow))
    seq 5000 >list
    run_wc 2 --memory 64M --json record -o together \
        --exec '[ {} != 1 ] || sleep 20; head -c 4000000 /dev/zero | tr "\0" x; echo {}' list
    expect_success
    expect_memory $((64 << 20))
    for i in {1..5000}; do
        head -c 4000000 /dev/zero | tr '\0' x
        echo "$i"
    done | cmp - together
}

@test "they wait in the journal, where there is one" {
    large_results 100 >expected
    seq 100 >list
    mkdir done
    run_wc 3 --memory 32M --scratch none --journal state.db --json record --exec "$late" -o together list
    expect_success
    expect_memory $((32 << 20))
    cmp expected together
    run_wc 2 --memory 32M --scratch none --journal state.db --exec "$late" -o again list
    expect_success
    cmp expected again
}

@test "the folder where they wait is full: nobody waits for the task that they wait for" {
    local never='[ {} != 1 ] || read x <go; head -c 500000 /dev/zero'
    mounts_or_skip
    seq 100 >list
    mkdir small
    status=0
    BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR unshare -m bash -c '
        . "$1/tests/helpers.bash" && setup && mount -t tmpfs -o size=4m tmpfs small || exit 99
        run_wc 3 --memory 16M --scratch small --exec "$2" -o together list
        exit "$status"' bash "$top" "$never" || status=$?
    expect_failure 4 'small: a scratch file: No space left on device'
    [[ ! -e together ]] || wrong 'expected no result'
}

@test "in order, what is before the first missing one is there while the others run" {
    seq 9 >nine
    start
    wait_until grep -qx 3 "$out"
    sleep 1
    expect_same <(seq 3) "$out"
    finish
    expect_same nine "$out"
}

@test "unordered, each is there when it is done, on standard output and in the file that grows" {
    seq 9 >nine
    start --unordered
    wait_until eight "$out"
    finish
    expect_same nine <(sort "$out")
    start --unordered -o together
    wait_until eight_for_now
    [[ ! -e together ]] || wrong 'expected a name for the time being'
    finish
    expect_same nine <(sort together)
    expect_no_temporary .
}

@test "a file of --results is there when its task is done" {
    seq 9 >nine
    start --results files
    wait_until eight_files
    finish
    expect_same nine <(ls files)
}

@test "a task that failed leaves no gap" {
    local ranks
    for ranks in plain 3; do
        run_wc "$ranks" --retries 0 --exec 'test {} != 5 && echo {}' - < <(seq 9)
        ((status == 9)) || wrong 'expected exit 9'
        expect_same <(seq 9 | grep -v 5) "$out"
    done
}

@test "--unordered is for tasks, --scratch-limit is not" {
    run_wc plain --unordered list
    expect_misuse '--unordered needs --task or --exec'
    run_wc plain --unordered --task squares --collect count list
    expect_misuse '--unordered needs --task or --exec, and --collect=order'
    run_wc plain --scratch-limit 1M --task squares list
    expect_misuse '--scratch-limit: not for tasks'
}
