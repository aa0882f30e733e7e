#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Two runs that write the same file: the second ends with exit 4, the first is not disturbed.
load ../helpers

@test "the second run is refused" {
    local first i
    echo 'of the second' >text
    mkfifo pipe
    (start_wc 2 -o counts pipe) >first.out 2>first.err &
    first=$!
    exec 9>pipe
    for ((i = 0; i < 100 * slow; i++)); do
        ! compgen -G '.counts.wc-*' >/dev/null || break
        sleep 0.05
    done
    status=0
    (start_wc plain -o counts text) >"$out" 2>"$err" 9>&- || status=$?
    ((status == 4)) || wrong "expected exit 4"
    grep -q '^wc: counts: ' "$err" || wrong "expected the name"
    echo 'of the first' >&9
    exec 9>&-
    wait $first
    printf 'first\t1\nof\t1\nthe\t1\n' | cmp - counts
    expect_no_temporary .
}
