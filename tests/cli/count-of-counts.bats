#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# --count-of-counts: how many keys occur once, twice, and so on, against sort and uniq of the counts.
load ../helpers

# spectrum_of: of the counts in standard input, KEY<TAB>COUNT.
spectrum_of() {
    cut -f 2 | LC_ALL=C sort -n | uniq -c | awk -v OFS='\t' '{ print $2, $1 }'
}

@test "beside the result, on any number of ranks" {
    local ranks option
    corpus zipf 2000000 20000 3 >text # the most frequent ones more than 4096 times
    for option in '' '--count=lines' '--min-count 3' '--top 10 --sort key' '--memory 8M'; do
        run_wc plain ${option/--top 10/} text
        spectrum_of <"$out" >expected
        for ranks in plain 2 3 5; do
            run_wc "$ranks" $option --count-of-counts spectrum -o counts text
            expect_success
            expect_same expected spectrum
        done
    done
    expect_no_temporary .
}

@test "of nothing there is nothing" {
    : >empty
    echo old >spectrum
    run_wc 2 --count-of-counts spectrum empty
    expect_success
    [[ -e spectrum && ! -s spectrum ]]
}

@test "it has its name only when the run is over, and none when it fails" {
    use_debug
    echo a b a >text
    echo old >spectrum
    echo old >counts
    for stage in spectrum:0 spectrum:1 spectrum:all sort:0 gather:1 report:0; do
        WC_FAULT=$stage run_wc 2 --count-of-counts spectrum -o counts text
        expect_failure 1 "${stage%:*}"
        [[ $(cat counts spectrum) == old$'\n'old ]] || wrong "the old files are gone after $stage"
    done
}

@test "where it cannot be written is noticed at the start" {
    echo a >text
    run_wc plain --count-of-counts missing/spectrum text
    expect_failure 4 'missing/spectrum: No such file or directory'
    run_wc 2 --count-of-counts /dev/full text
    ((status == 4)) || wrong 'expected exit 4'
}

@test "one file for two things is misuse" {
    echo a >text
    run_wc plain --count-of-counts counts -o counts text
    expect_misuse 'counts: is both the result and the count of counts'
    run_wc plain --count-of-counts record --json record text
    expect_misuse 'record: is both the record of the run and the count of counts'
    run_wc plain --count-of-counts ./counts -o counts text
    ((status == 2)) || wrong 'expected exit 2'
    grep -q 'is both the result and the count of counts' "$err"
    run_wc plain --count-of-counts counts --task squares text
    expect_misuse '--count-of-counts and tasks: only one of them'
}
