#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# A shortened list is exact in what it shows, and says that it is one.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 2000000 50000 9 >text
    oracle text >expected
}

# shortened EXPECTED ARG...: by every way to write it.
shortened() {
    local expected=$1 ranks left_out
    shift
    left_out=$(($(wc -l <"$BATS_FILE_TMPDIR/expected") - $(wc -l <"$expected")))
    for ranks in plain 3; do
        run_wc $ranks "$@" "$BATS_FILE_TMPDIR/text"
        ((status == 0)) || wrong "expected exit 0"
        expect_same "$expected" "$out"
        tr -d , <"$err" | grep -q "\b$left_out distinct words left out" || wrong "expected to read of $left_out words left out"
        run_wc $ranks "$@" -q -o counts "$BATS_FILE_TMPDIR/text"
        ((status == 0)) || wrong "expected exit 0"
        expect_same "$expected" counts
        [[ ! -s $err ]] || wrong "-q is quiet"
    done
}

@test "--top" {
    head -n 1 "$BATS_FILE_TMPDIR/expected" >first
    shortened first --top 1
    head -n 777 "$BATS_FILE_TMPDIR/expected" >first
    shortened first --top=777
}

@test "--min-count" {
    awk -F '\t' '$2 >= 5' "$BATS_FILE_TMPDIR/expected" >often
    shortened often --min-count 5
    : >none
    shortened none --min-count 1000000000
}

@test "both: the sharper one decides" {
    awk -F '\t' '$2 >= 100' "$BATS_FILE_TMPDIR/expected" >often
    shortened often --min-count 100 --top 40000
    head -n 3 "$BATS_FILE_TMPDIR/expected" >first
    shortened first --min-count 100 --top 3
}

@test "nothing left out, nothing said" {
    run_wc 3 --top 1000000 --min-count 1 "$BATS_FILE_TMPDIR/text"
    expect_success
    expect_same "$BATS_FILE_TMPDIR/expected" "$out"
}

@test "none and less than none are refused" {
    for wrong in '--top 0' '--min-count 0' '--top -1' '--top x' '--min-count 1.5'; do
        # shellcheck disable=SC2086 # two words
        run_wc plain $wrong "$BATS_FILE_TMPDIR/text"
        ((status == 2)) || wrong "expected exit 2 for $wrong"
    done
}
