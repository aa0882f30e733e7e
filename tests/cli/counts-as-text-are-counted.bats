#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Lines of words and their counts are inputs: what is counted is how often they say that a word occurs.
load ../helpers

setup() {
    begin
    for i in 1 2 3; do
        corpus zipf 800000 50000 $i >text-$i
        "$program" -q text-$i >$i.tsv
    done
    "$program" -q text-? >want
}

@test "counts of parts are the counts of all, on any number of ranks, however they come" {
    for ranks in plain 2 3 5; do
        run_wc $ranks --input-format=counts-tsv ?.tsv
        ((status == 0)) || wrong "$ranks ranks"
        expect_same want "$out"
        for options in --combine=off --schedule=dynamic --input=root '--split-size 1000 --block-size 4096'; do
            # shellcheck disable=SC2086 # several options
            run_wc $ranks -q --input-format=counts-tsv $options ?.tsv
            ((status == 0)) || wrong "$options"
            expect_same want "$out"
        done
    done
    run_wc 3 -q --input-format=counts-tsv - 1.tsv 2.tsv <3.tsv
    expect_same want "$out"
    gzip 2.tsv
    run_wc 2 -q --input-format=counts-tsv 1.tsv 2.tsv.gz 3.tsv
    expect_same want "$out"
}

@test "a count file is made of them, and they are counted on from one" {
    "$program" -q -o 1.mwc text-1
    run_wc 3 -o all.mwc --input-format=counts-tsv 1.mwc 2.tsv 3.tsv
    expect_success
    "$program" -q all.mwc | expect_same want -
    "$program" -q --check all.mwc
    run_wc 2 -o text.mwc --input-format=counts-tsv ?.tsv
    for ranks in plain 5; do
        run_wc $ranks -o other.mwc --input-format=counts-tsv ?.tsv
        expect_same text.mwc other.mwc
    done
}

@test "with --count-first they are what uniq -c prints, of words and of lines" {
    for text in text-?; do
        tr -s ' \n' '\n\n' <"$text"
        echo
    done | grep . | LC_ALL=C sort | uniq -c >uniq
    run_wc 3 -q --input-format=counts-tsv --count-first uniq
    expect_same want "$out"
    printf '%s\n' b ' a' '' 'c	d' b ' a' b >lines
    LC_ALL=C sort lines | uniq -c >uniq
    run_wc 2 -q --input-format=counts-tsv --count-first --count=lines uniq
    "$program" -q --count=lines lines | expect_same - "$out"
    tr '\n' '\0' <uniq >nul
    run_wc 2 -q --input-format=counts-tsv --count-first -z -o zeros nul
    "$program" -q --count=lines lines | tr '\n' '\0' | expect_same - zeros
    printf 'WORD\tCOUNT\r\n' | cat - 1.tsv >headed
    run_wc 2 -q --input-format=counts-tsv --skip-header headed
    expect_same 1.tsv "$out"
}

@test "a malformed line is exit 3 with its file and byte, or is skipped and counted" {
    { cat 1.tsv && echo 'word 7' && cat 2.tsv; } >bad
    at=$(stat -c %s 1.tsv)
    for ranks in plain 3; do
        expect_refused "bad: byte $at: malformed line: it is not a word, a tab and a count (--skip-bad counts and skips such)" \
            $ranks --input-format=counts-tsv bad
        run_wc $ranks --input-format=counts-tsv --skip-bad bad
        ((status == 0)) || wrong 'skipped'
        grep -q ' 1 malformed and skipped' "$err"
        "$program" -q text-1 text-2 | expect_same - "$out"
    done
    expect_refused 'malformed line: it is not a count, a tab or space, and a word' 2 --input-format=counts-tsv --count-first 1.tsv
    gzip bad
    expect_refused 'malformed line: it is not a word, a tab and a count' 2 --input-format=counts-tsv bad.gz
}

@test "counts that are too large are refused, and so is what does not go together" {
    printf 'a\t4611686018427387904\n' >most
    run_wc plain -q --input-format=counts-tsv most
    expect_same most "$out"
    printf 'b\t1\n' >one
    for ranks in plain 2; do
        expect_refused '--input-format=counts-tsv: all counts add up to more than 62 bits hold' $ranks --split-size 1 --input-format=counts-tsv most one
    done
    expect_refused 'more than 62 bits' 2 --input-format=counts-tsv most most most most
    run_wc plain --count-first most
    expect_misuse '--count-first needs --input-format=counts-tsv'
    for option in --lower --warc '--jsonl text' '--csv 1' '--task squares'; do
        # shellcheck disable=SC2086 # an option and its argument
        run_wc plain --input-format=counts-tsv $option most
        expect_misuse '--input-format=counts-tsv: not with tasks, nor with options that say what a word or a record is'
    done
    run_wc plain --skip-bad most
    expect_misuse '--skip-bad needs an option that says what a record is'
}
