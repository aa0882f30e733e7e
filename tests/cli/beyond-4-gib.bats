#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Sizes, offsets and counts do not end at 32 bits.
load ../helpers

# times N FILE: the counts of a file named N times.
times() {
    oracle "$2" | awk -F '\t' -v n="$1" '{ printf "%s\t%.0f\n", $1, n * $2 }'
}

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 999999 20000 8 >unit
    echo >>unit
    for _ in {1..64}; do cat unit; done >text # 64,000,000 bytes
}

@test "4.4 GB in 70 files" {
    local files=()
    cd "$BATS_FILE_TMPDIR"
    for _ in {1..70}; do files+=(text); done
    limit=$((200 * slow))
    run_wc 2 -o "$BATS_TEST_TMPDIR/counts" "${files[@]}"
    expect_success
    tr -d , <"$err" | grep -q ' 4480000000 bytes' || wrong "expected the size"
    times 4480 unit >expected
    expect_same expected "$BATS_TEST_TMPDIR/counts"
}

@test "one file of 5 GB" {
    [[ ${WC_TEST_LONG-} ]] || skip 'WC_TEST_LONG is not set'
    cd "$BATS_FILE_TMPDIR"
    for _ in {1..80}; do cat text; done >large
    times 5120 unit >expected
    limit=$((600 * slow))
    for how in shared root; do
        run_wc 2 --input=$how -o "$BATS_TEST_TMPDIR/counts" large
        expect_success
        expect_same expected "$BATS_TEST_TMPDIR/counts"
    done
    rm large
}

@test "more than 2^32 of one word" {
    local files=()
    [[ ${WC_TEST_LONG-} ]] || skip 'WC_TEST_LONG is not set'
    cd "$BATS_FILE_TMPDIR"
    head -c 200000000 /dev/zero | tr '\0' '\n' | sed 's/^/a/' >letters
    for _ in {1..22}; do files+=(letters); done
    limit=$((600 * slow))
    run_wc 2 "${files[@]}"
    expect_success
    printf 'a\t4400000000\n' | cmp - "$out"
}
