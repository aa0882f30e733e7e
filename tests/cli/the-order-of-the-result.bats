#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# --sort: by count or by key, for each kind of key, on any number of ranks.
load ../helpers

# by_key: the lines of standard input, KEY<TAB>COUNT, in the order of their keys; no key here has a byte below a tab.
by_key() {
    LC_ALL=C sort
}

@test "words by key, on any number of ranks" {
    local ranks
    corpus zipf 300000 5000 2 >text
    oracle text | by_key >expected
    for ranks in plain 1 2 3 5; do
        run_wc "$ranks" --sort key text
        expect_success
        expect_same expected "$out"
    done
}

@test "the default is by count" {
    printf 'b a b\n' >text
    run_wc plain text
    printf 'b\t2\na\t1\n' | cmp - "$out"
    run_wc plain --sort=count text
    printf 'b\t2\na\t1\n' | cmp - "$out"
}

@test "the same words, whatever they are" {
    make_hostile hostile
    run_wc 1 --escape -r hostile
    expect_success
    LC_ALL=C sort "$out" >lines
    run_wc 3 --sort key --escape -r hostile
    expect_success
    LC_ALL=C sort "$out" | cmp - lines
}

@test "--top keeps the most frequent ones, --min-count the frequent ones" {
    local ranks
    corpus zipf 300000 5000 2 >text
    for ranks in plain 3; do
        for option in '--top 1' '--top 100' '--top 1000000' '--min-count 5' '--min-count 3 --top 200'; do
            run_wc plain $option text
            by_key <"$out" >expected
            run_wc "$ranks" --sort key $option text
            expect_success
            expect_same expected "$out"
        done
    done
    grep -q 'distinct words left out' "$err"
}

@test "lines, fields and what tasks leave behind" {
    printf 'x 2\ny 1\ny 1\n\n' >text
    run_wc 2 --count=lines --sort key text
    printf '\t1\nx 2\t1\ny 1\t2\n' | cmp - "$out"
    run_wc 2 --count=field:2 --sort key text
    printf '1\t2\n2\t1\n' | cmp - "$out"
    printf 'b\nc\nb\na\n' >list
    run_wc 2 --exec 'echo {}' --collect count list
    printf 'b\t2\na\t1\nc\t1\n' | cmp - "$out"
    run_wc 2 --exec 'echo {}' --collect count --sort key list
    printf 'a\t1\nb\t2\nc\t1\n' | cmp - "$out"
    run_wc 2 --exec 'echo {}' --sort key list # results keep the order of the tasks
    printf 'b\nc\nb\na\n' | cmp - "$out"
}

@test "another order is misuse" {
    echo a >text
    run_wc plain --sort random text
    expect_misuse "--sort: 'random' is not a valid count|key"
}
