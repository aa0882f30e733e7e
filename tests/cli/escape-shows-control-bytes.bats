#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# --escape: nothing in a word can move the cursor of a terminal; --escape=all: nothing in it is invisible. Without it words
# are written as they are.
load ../helpers

@test "control bytes become \\xNN, and printable text stays" {
    printf '\x1b[31mred \0a \x7f \x01 plain na\xc3\xafve' >text
    run_wc plain --escape text
    expect_success
    ! LC_ALL=C grep -qaP '[\x00-\x08\x0b-\x1f\x7f]' "$out" || wrong "expected no control bytes"
    for word in '\x1b[31mred' '\x00a' '\x7f' '\x01' plain; do
        grep -qF "$word"$'\t1' "$out" || wrong "expected $word"
    done
}

@test "two words never look the same" {
    printf 'a\\x1b a\x1b' >text
    run_wc 2 --escape text
    expect_success
    (($(sort -u "$out" | wc -l) == 2)) || wrong "two words became one"
}

@test "=all: words that look the same do not, and read back they are what was counted" {
    printf 'look look\xe2\x80\x8b \xef\xbb\xbflook lo\xc2\xadok look\xc2\xa0look \xe2\x80\xaelook look\xff \\xff \xe6\x97\xa5' >text
    run_wc 2 --escape=all text
    expect_success
    for word in look 'look\xe2\x80\x8b' '\xef\xbb\xbflook' 'lo\xc2\xadok' 'look\xc2\xa0look' '\xe2\x80\xaelook' 'look\xff' '\\xff' 日; do
        grep -qxF "$word"$'\t1' "$out" || wrong "expected $word"
    done
    while IFS= read -r line; do
        printf '%b\n' "$line"
    done <"$out" >back
    oracle text | cmp - back
}

@test "raw otherwise, through mpirun too" {
    printf '\x1b[31mred \0a \x7f \x04 \x03 \x1a \x11 \x13' >text
    run_wc 2 text
    expect_success
    expect_counts text
}
