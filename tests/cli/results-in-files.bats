#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# --results DIR: one file for each task, with exactly its bytes, all of them or none.
load ../helpers

# tasks N: one task a line.
tasks() {
    seq -f '{"n": %.0f}' "$1"
}

# expected_files N FOLDER: what squares makes of these tasks.
expected_files() {
    mkdir "$2"
    awk -v n="$1" -v folder="$2" 'BEGIN {
        for (i = 1; i <= n; i++) {
            printf "{\"n\": %d, \"result\": %.0f}", i, i * i >(folder "/" i)
            close(folder "/" i)
        }
    }'
}

expect_folder() {
    diff -r "$1" "$2" || wrong "$2 is not as expected"
    expect_no_temporary .
}

squares() {
    local ranks=$1
    shift
    run_wc "$ranks" --task squares --retries 1000 "$@"
}

@test "names and bytes, at any number of ranks" {
    local ranks
    tasks 100 >lines
    expected_files 100 expected
    for ranks in plain 1 3; do
        squares $ranks --results "files-$ranks" lines
        expect_success
        expect_folder expected "files-$ranks"
        [[ ! -s $out ]] || wrong "expected nothing on standard output"
    done
}

@test "the number of a task is its place in all inputs" {
    tasks 7 >first
    : >empty
    printf '\n\n{"n": 8}\n\n{"n": 9}\n' >second
    expected_files 10 expected
    squares 3 --results files first empty second - < <(printf '{"n": 10}')
    expect_success
    expect_folder expected files
}

@test "ten thousand tasks in little memory" {
    local ranks
    tasks 10000 >lines
    expected_files 10000 expected
    for ranks in plain 3; do
        squares $ranks --memory 5M --results "files-$ranks" lines
        expect_success
        expect_folder expected "files-$ranks"
    done
}

@test "sums go to a file of their own, and tasks without results have an empty one" {
    local ranks
    mkdir expected
    touch expected/{1..10}
    echo 333833500 >expected/combined
    for ranks in plain 3; do
        run_wc $ranks --task sum-squares --range 1..1000/10 --results "files-$ranks"
        expect_success
        expect_folder expected "files-$ranks"
    done
}

@test "no tasks: an empty folder" {
    : >empty
    squares 2 --results files empty
    expect_success
    [[ -d files && -z $(ls -A files) ]]
}

@test "a task that failed keeps its number, without a file" {
    local how ranks failed some=('1 plain' '1 3' '5 2' '12 plain' '12 3')
    [[ ! ${WC_TEST_LONG-} ]] || some=({1,5,12}' '{plain,2,3})
    for how in "${some[@]}"; do
        read -r failed ranks <<<"$how"
        rm -rf files expected
        tasks 12 | sed "$failed"'s/.*/"n":13/' >lines # no object of JSON
        expected_files 12 expected
        rm "expected/$failed"
        run_wc "$ranks" --task squares --retries 0 --results files lines
        ((status == 9)) || wrong "expected exit 9"
        grep -q '12 tasks, 11 done, 1 failed' "$err" || wrong "expected the number of failures"
        expect_folder expected files
    done
}

@test "the only task failed: an empty folder" {
    echo '"n":13' >lines
    run_wc 2 --task squares --retries 0 --results files lines
    ((status == 9)) || wrong "expected exit 9"
    [[ -d files && -z $(ls -A files) ]]
}

@test "an empty folder is taken, one that is not is refused before any work" {
    tasks 20 >lines
    expected_files 20 expected
    mkdir -m 750 files
    squares 2 --results files lines
    expect_success
    expect_folder expected files
    [[ $(stat -c %a files) == 750 ]] || wrong "the mode is another one"
    squares 2 --delay 100 --results files lines
    expect_failure 4 'files: is not empty'
    expect_folder expected files
    squares plain --results lines lines
    expect_failure 4 'lines: Not a directory'
    squares plain --results absent/files lines
    expect_failure 4 'absent/files: No such file or directory'
    [[ ! -e absent ]]
}

@test "modes are what umask leaves" {
    umask 027
    tasks 2 >lines
    squares 2 --results files lines
    expect_success
    [[ $(stat -c %a files files/1) == $'750\n640' ]] || wrong "modes: $(stat -c %a files files/1)"
}

@test "a folder that must not be written: exit 4" {
    tasks 2 >lines
    mkdir closed
    chmod 555 closed
    chmod 755 .
    run_unprivileged --task squares --results closed/files lines
    expect_failure 4 'closed/files: Permission denied'
}

@test "two runs at once: the second is refused" {
    local first
    tasks 3 >lines
    mkfifo pipe
    (start_wc 2 --task squares --results files pipe) >first.out 2>first.err &
    first=$!
    exec 9>pipe
    wait_until compgen -G '.files.wc-??????.d'
    squares plain --results files lines 9>&-
    ((status == 4)) || wrong "expected exit 4"
    grep -q '^wc: files: another run is writing it$' "$err" || wrong "expected the reason"
    tasks 5 >&9
    exec 9>&-
    wait $first
    expected_files 5 expected
    expect_folder expected files
}

# killed SECONDS RANKS ARG...: a run whose rank 0 is killed after that time leaves nothing, or all.
killed() {
    local seconds=$1 child rank
    shift
    rm -rf files
    (start_wc "$@" --results files) >"$out" 2>"$err" &
    child=$!
    sleep "$seconds"
    rank=$child
    [[ $1 == plain ]] || rank=$(pgrep -P $child) || true
    rank=$(pgrep -P "$rank" | head -n 1) || true
    [[ ! $rank ]] || kill -KILL "$rank" 2>/dev/null || true
    wait $child || true
    wait_until expect_no_process
    wait_until expect_no_temporary .
    if [[ -e files ]]; then
        expect_folder expected files
    else
        kills=$((kills + 1))
    fi
}

@test "rank 0 is killed at any moment: all or nothing" {
    local i kills=0
    tasks 3000 >lines
    expected_files 3000 expected
    for i in 1 3 5 7; do
        killed 0.$i plain --task squares --retries 1000 lines
    done
    for i in 4 6 8; do
        killed 0.$i 3 --task squares --retries 1000 lines
    done
    ((kills > 0)) || wrong 'all runs were over before'
}

@test "what a killed run left is removed by the next" {
    local rank left
    tasks 3 >lines
    expected_files 3 expected
    mkfifo pipe
    (start_wc plain --task squares --results files pipe) >"$out" 2>"$err" &
    exec 9>pipe
    wait_until compgen -G '.files.wc-??????.d'
    rank=$(pgrep -P $!)
    pkill -KILL -P "$rank" # its cleaner
    kill -KILL "$rank"
    wait $! || true
    exec 9>&-
    left=$(compgen -G '.files.wc-??????.d')
    echo half >"$left/1"
    squares plain --results files lines
    expect_success
    expect_folder expected files
}

@test "a disk that is full: exit 4 with the name of the file, and nothing left" {
    local ranks
    mounts_or_skip
    tasks 100 >lines
    mkdir disk
    for ranks in plain 3; do
        status=0
        BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR unshare -m bash -c '
            . "$1/tests/helpers.bash" && setup && mount -t tmpfs -o size=200k tmpfs disk || exit 99
            run_wc "$2" --task squares --retries 1000 --results disk/files lines
            ls -A disk >names
            exit "$status"' bash "$top" $ranks || status=$?
        expect_failure 4 ': No space left on device'
        grep -qE '^wc: disk/files/[0-9]+: ' "$err" || wrong "expected the name of a file"
        [[ ! -s names ]] || wrong "left on the disk: $(<names)"
    done
}

@test "a folder that is a file system: refused before any work" {
    mounts_or_skip
    tasks 3 >lines
    mkdir disk
    status=0
    BATS_TEST_TMPDIR=$BATS_TEST_TMPDIR unshare -m bash -c '
        . "$1/tests/helpers.bash" && setup && mount -t tmpfs tmpfs disk || exit 99
        run_wc 2 --task squares --results disk lines
        exit "$status"' bash "$top" || status=$?
    expect_failure 4 'disk: is a file system of its own'
}

@test "the record of the run names the folder" {
    tasks 3 >lines
    squares 2 --results files --json record lines
    expect_success
    [[ $(jq -r '.output, .output_bytes, .output_xxh3' record) == $'files\n63\nnull' ]] ||
        wrong "the record: $(<record)"
}

@test "a fault in any stage leaves nothing" {
    local stage
    use_debug
    tasks 20 >lines
    export WC_FAULT
    for stage in plan map reduce gather report ${WC_TEST_LONG:+shuffle finish sort}; do
        WC_FAULT=$stage:1
        [[ $stage != report ]] || WC_FAULT=report:0
        squares 2 --results files lines
        expect_failure 1 "injected fault in $stage"
        [[ ! -e files ]] || wrong "a folder was left"
    done
    expect_no_process
}

@test "what a command prints is kept byte for byte" {
    local ranks i
    printf 'hello\n' >1
    printf '\001\n\002\n\n' >2
    printf '\n' >3
    printf 'end' >4
    : >5
    seq 5 >lines
    for ranks in plain 3; do
        run_wc $ranks --exec 'cat {}' --results "files-$ranks" lines
        expect_success
        for i in {1..5}; do
            cmp $i "files-$ranks/$i" || wrong "$i is another file"
        done
        run_wc $ranks --exec 'cat {}' --raw -o raw lines
        expect_success
        cat {1..5} | cmp - raw || wrong 'expected all of it and no more'
        run_wc $ranks --exec 'cat {}' lines
        expect_success
        (cat {1..4}; echo) | cmp - "$out" || wrong 'expected a newline behind the last one alone'
    done
}

@test "a journal keeps what a command printed, for files and for lines" {
    printf 'a\n' >1
    printf 'b' >2
    seq 2 >lines
    run_wc plain --exec 'cat {}' --journal j -o out.txt lines
    expect_success
    run_wc 2 --exec 'cat {}' --journal j --results files lines
    expect_success
    cmp 1 files/1
    cmp 2 files/2
    [[ $(<out.txt) == $'a\nb' ]] || wrong 'expected two lines'
}
