#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Words are never cut: what does not fit is a stated limit. With WC_TEST_LONG=1 the words have 100 MB.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    local size=40000000
    [[ ! ${WC_TEST_LONG-} ]] || size=100000000
    corpus one "$size" >word
    { echo a; cat word; printf ' a b '; cat word; } >text
    { printf 'a\t2\n'; cat word; printf '\t2\nb\t1\n'; } >expected # the word is of letters only, so behind a
}

huge() {
    run_wc "$@" -o counts "$BATS_FILE_TMPDIR/text"
    expect_success
    cmp "$BATS_FILE_TMPDIR/expected" counts
    rm counts
}

@test "a word of 40 MB, without mpirun" {
    huge plain
}

@test "a word of 40 MB, 4 ranks that read" {
    huge 4 --input=shared
}

@test "a word of 40 MB, 3 ranks that are sent it" {
    huge 3 --input=root
}

@test "a word beyond the memory is exit 5" {
    run_wc plain --memory 32M -o counts "$BATS_FILE_TMPDIR/text"
    expect_failure 5 ''
    run_wc 3 --memory 32M -o counts "$BATS_FILE_TMPDIR/text"
    expect_failure 5 'rank'
}

@test "a sparse file of NULs is one word: exit 5" {
    truncate -s 5G sparse
    run_wc plain --memory 64M -o counts sparse
    expect_failure 5 memory
    truncate -s 1G sparse
    run_wc 2 --memory 64M -o counts sparse
    expect_failure 5 'rank'
}
