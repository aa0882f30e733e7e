#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Text that people wrote: the Bible, the documentation of this system in many languages.
load ../helpers

real() {
    oracle "$@" >expected
    for ranks in 1 2 3; do
        run_wc $ranks -o counts "$@"
        expect_success
        expect_same expected counts
    done
    run_wc 4 --input=root --split-size 64K -o counts "$@"
    expect_success
    expect_same expected counts
}

@test "the Bible" {
    command -v bible >/dev/null || skip 'no package bible-kjv'
    bible -f -l79 ge1:1-re22:21 | sed -E 's/^[0-9]*[A-Za-z]+([0-9]+:[0-9]+) /\1 /' >bible
    (($(wc -w <bible) > 700000))
    real bible
}

@test "the manual pages, in all languages" {
    local most=6000000
    [[ ! ${WC_TEST_LONG-} ]] || most=1000000000
    find /usr/share/man -name '*.gz' -print0 | sort -z | xargs -0 zcat | head -c $most >pages || true
    [[ -s pages ]] || skip 'no manual pages'
    real pages
}

# Compressed ones too, as they are.
@test "all files below /usr/share/doc" {
    local largest=8k
    [[ ! ${WC_TEST_LONG-} ]] || largest=1000000k
    find /usr/share/doc -type f -size "-$largest" -print0 | sort -z >list
    [[ -s list ]] || skip 'no documentation'
    oracle_of list --bytes >expected
    run_wc 2 --input-format=bytes -0 --files-from list -o counts
    expect_success
    expect_same expected counts
    run_wc 3 --input-format=bytes -0 --files-from list -o counts --input=root
    expect_success
    expect_same expected counts
}
