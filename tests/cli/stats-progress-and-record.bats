#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What a run says about itself goes to standard error or a file of its own, and never into the result.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 2000000 5000 4 >text
    oracle text >expected
}

# said ARG...: the result is as always.
said() {
    run_wc "$@" "$BATS_FILE_TMPDIR/text"
    ((status == 0)) || wrong "expected exit 0"
    expect_same "$BATS_FILE_TMPDIR/expected" "$out"
}

@test "the closing line" {
    local words distinct
    words=$(wc -w <"$BATS_FILE_TMPDIR/text")
    distinct=$(wc -l <"$BATS_FILE_TMPDIR/expected")
    said 3
    expect_success
    for part in "$words words" "$distinct distinct" '3 ranks' '1 host' verified; do
        tr -d , <"$err" | grep -q "\b$part" || wrong "expected: $part"
    done
}

@test "-q is silent" {
    said 3 -q
    [[ ! -s $err ]] || wrong "expected silence"
}

@test "--verify=off does not claim to have verified" {
    said 2 --verify=off
    ! grep -q verified "$err" || grep -q 'not verified' "$err" || wrong "nothing was verified"
}

@test "--stats names the phases" {
    local phase
    said 3 --stats
    for phase in plan scatter map shuffle reduce sort gather; do
        grep -qw "$phase" "$err" || wrong "expected $phase"
    done
    said plain --stats
}

@test "--topology names host and ranks" {
    said 2 --topology
    grep -q "$(hostname)" "$err" || wrong "expected the host"
}

@test "--topology alone needs no input" {
    run_wc 2 --topology
    ((status == 0)) || wrong "expected exit 0"
}

@test "--progress: how much is counted so far" {
    local part
    said 2 --progress
    split -b 20000 "$BATS_FILE_TMPDIR/text" part-
    mkfifo pipe
    for part in part-*; do # in little memory rank 0 sends on what it has read a few times on the way
        sleep 0.02
        cat "$part"
    done >pipe &
    run_wc 2 --memory 4M --progress=0.05 pipe
    ((status == 0)) || wrong "expected exit 0"
    expect_same "$BATS_FILE_TMPDIR/expected" "$out"
    grep -qE '^wc: [a-z]+: [0-9.]+ [kM]?B, [0-9.]+ [kM]?B/s$' "$err" || wrong "expected progress"
}

# A line on standard error there would take the end of the result with it.
@test "--progress is silent while a result leaves through the mpirun of Open MPI 5" {
    corpus uniq 8000000 3 >words
    "$program" --progress=0.01 words 2>"$err" | (sleep 0.5 && cat) >told
    grep -q '^wc: gather: ' "$err" || wrong 'expected progress while the result leaves slowly'
    PRTE_LAUNCHED=1 "$program" --progress=0.01 words 2>"$err" | (sleep 0.5 && cat) >silent
    ! grep -q '^wc: gather: ' "$err" || wrong 'expected no progress while the result leaves'
    cmp told silent
    PRTE_LAUNCHED=1 "$program" --progress=0.000001 -o file words 2>"$err"
    grep -q '^wc: gather: ' "$err" || wrong 'expected progress while a file is written'
}

@test "-v says what is decided" {
    said 2 -v
    for part in memory input output; do
        grep -q "^wc: $part: " "$err" || wrong "expected a word about $part"
    done
}

@test "--json is a record in JSON" {
    local words distinct
    words=$(wc -w <"$BATS_FILE_TMPDIR/text")
    distinct=$(wc -l <"$BATS_FILE_TMPDIR/expected")
    said 3 --json record
    expect_success
    command -v jq >/dev/null || skip 'no jq'
    jq -e . record >/dev/null || wrong "$(<record)"
    jq -e --argjson words "$words" --argjson distinct "$distinct" \
        '.words == $words and .distinct_words == $distinct and .ranks == 3' record >/dev/null || wrong "$(<record)"
}

@test "--json with odd names stays JSON, and the new record replaces the old" {
    command -v jq >/dev/null || skip 'no jq'
    echo a >$'odd "name\\\n\x01\xff\xc3\xa9'
    echo old >record
    run_wc 2 --json record $'odd "name\\\n\x01\xff\xc3\xa9'
    expect_success
    jq -e . record >/dev/null || wrong "$(<record)"
}

@test "two runs give the same record of the result, whatever the seed" {
    command -v jq >/dev/null || skip 'no jq'
    local result='{words, distinct_words, input_bytes, output_bytes, fingerprint}'
    said 2 --json one
    said 5 --json two
    jq -e "$result | all(. != null and . != 0)" one >/dev/null || wrong "$(<one)"
    [[ $(jq "$result" one) == "$(jq "$result" two)" ]] || wrong "$(jq "$result" one two)"
    echo more | cat - "$BATS_FILE_TMPDIR/text" >text
    run_wc 2 --json other text
    [[ $(jq .fingerprint one) != "$(jq .fingerprint other)" ]] || wrong "another text has the same fingerprint"
}
