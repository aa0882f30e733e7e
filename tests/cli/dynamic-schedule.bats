#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# With --schedule=dynamic ranks ask for pieces of the input: who is slow counts fewer, and nothing else changes.
#
# Random cases with this schedule on any number of ranks are in spmd/test_pipeline.
load ../helpers

setup_file() {
    local i
    cd "$BATS_FILE_TMPDIR" || return
    make_hostile hostile
    oracle hostile/* >expected-hostile
    corpus words 12000 99 >small
    oracle small >expected-small
    { corpus zipf 3999999 50000 1; echo; } >frequent
    oracle frequent >expected-frequent
    # The first stretch of a rank, 256 KB, is less than a hundredth of it.
    for i in {1..8}; do cat frequent; done >large
    awk -F '\t' '{ printf "%s\t%.0f\n", $1, 8 * $2 }' expected-frequent >expected-large
    corpus uniq 12000000 1 >distinct
    oracle distinct >expected-distinct
    { echo a; corpus one 10000000; printf ' a b '; corpus one 10000000; } >long
    oracle long >expected-long
    mkdir many
    awk 'BEGIN {
        for (i = 0; i < 10000; i++) {
            printf "file %d\nword%d", i % 97, i % 1000 >("many/" i)
            close("many/" i)
        }
    }'
    : >many/empty # the last one, in the order of names
    find many -type f -print0 >list
    oracle_of list >expected-many
}

# same RANKS NAME ARG...: the counts of NAME, and each byte is counted by one rank.
same() {
    cd "$BATS_FILE_TMPDIR" || return
    run_wc "$1" --schedule dynamic --json "$BATS_TEST_TMPDIR/record" -o "$BATS_TEST_TMPDIR/counts" "${@:3}"
    expect_success
    expect_same "expected-$2" "$BATS_TEST_TMPDIR/counts"
    cd "$BATS_TEST_TMPDIR" || return
    [[ $(jq '[.by_rank[].mapped_bytes] | add' record) == "$(jq .input_bytes record)" ]] ||
        wrong 'ranks counted more or fewer bytes than there are'
}

@test "any number of ranks" {
    local ranks
    for ranks in plain 2 8; do
        same "$ranks" hostile -r hostile
    done
    for ranks in 1 3 5; do
        same "$ranks" frequent frequent
    done
}

@test "pieces of a few bytes" {
    same 3 small --split-size 1 small
    same 2 small --split-size 1 --block-size 1 small
    same 5 small --split-size 7 --block-size 64 small
    same 3 hostile --split-size 64 --block-size 64 -r hostile
    same 8 hostile --split-size 64 -r hostile
}

@test "words of 10 MB, also in pieces of 64 KB" {
    same 3 long long
    same 5 long --split-size 64K long
}

@test "ten thousand small files" {
    same 3 many -r many
    same 2 many --memory 4M -0 --files-from list
}

@test "many rounds" {
    local ranks
    for ranks in 1 3; do
        same "$ranks" distinct --memory 24M distinct
        (($(jq .rounds record) > 2)) || wrong 'expected several rounds'
    done
    same 3 large --memory 4M --shuffle=host large
}

@test "nothing to count" {
    : >"$BATS_FILE_TMPDIR/empty"
    : >"$BATS_FILE_TMPDIR/expected-empty"
    same 3 empty empty
    same 1 empty empty empty
}

@test "a stage that fails on any rank ends the run on all" {
    local stage fault faults=(plan:2 scatter:1 map:{0,1,2,all} shuffle:{0,2} reduce:1)
    use_debug
    [[ ! ${WC_TEST_LONG-} ]] || faults=({plan,scatter,map,shuffle,reduce}:{0,1,2,all})
    limit=$((20 * slow))
    echo old >counts
    for fault in "${faults[@]}"; do
        stage=${fault%:*}
        WC_FAULT=$fault run_wc 3 --schedule dynamic -o counts "$BATS_FILE_TMPDIR/frequent"
        expect_failure 1 "injected fault in $stage"
        [[ $(<counts) == old ]] || wrong 'the old result is gone'
    done
    expect_no_process
}

@test "too little memory ends the run on all" {
    run_wc 3 --schedule dynamic --memory 4M -o counts "$BATS_FILE_TMPDIR/distinct"
    expect_failure 5 '--memory'
    run_wc 3 --schedule dynamic --memory 8M -o counts "$BATS_FILE_TMPDIR/long"
    expect_failure 5 'rank'
    expect_no_process
}

@test "a rank that stands still is found, with its name" {
    local rank seconds
    use_debug
    limit=$((20 * slow))
    seconds=$(awk "BEGIN { print $slow / 2 }")
    for rank in 0 1; do
        WC_FAULT=map:$rank:stop run_wc 3 --schedule dynamic --timeout "$seconds" -o counts "$BATS_FILE_TMPDIR/frequent"
        ((status == 8)) || wrong 'expected exit 8'
        grep -q "^wc: nothing has moved for $seconds s in .*: no sign of rank $rank ($(hostname))" "$err" ||
            wrong "expected rank $rank to be named"
    done
}

# How much of the input all ranks have counted, as the run has told last: percent.
told() {
    sed -nE 's/^wc: map: ([0-9.]+) ([kM]?B) of ([0-9.]+) ([kM]?B),.*/\1 \2 \3 \4/p' "$err" | tail -n 1 |
        awk '{ percent = $2 == $4 ? 100 * $1 / $3 : 0 } END { print int(percent) }'
}

# What shares the reports of speed lead to is tested without a clock, in spmd/test_split_queue.
@test "while a rank stands still the others count everything else" {
    local process shares
    export WC_FAULT=map:1:stop
    use_debug
    limit=$((60 * slow))
    (run_wc 3 --schedule dynamic --timeout 0 --progress=0.05 --json record -o counts "$BATS_FILE_TMPDIR/large" &&
        echo "$status" >status) 3>&- &
    until process=$(stopped_process) && (($(told) >= 99)); do
        kill -0 $! 2>/dev/null || wrong 'it ended before'
        sleep 0.05
    done
    kill -CONT "$process"
    wait
    [[ $(<status) == 0 ]] || wrong 'it failed'
    cmp counts "$BATS_FILE_TMPDIR/expected-large"
    shares=($(jq '.by_rank[].mapped_bytes' record))
    echo "bytes of each rank: ${shares[*]}"
    ((shares[0] + shares[1] + shares[2] == $(jq .input_bytes record))) || wrong 'ranks counted other bytes'
    ((shares[1] <= 300000)) || wrong 'it counted more than was left'
}
