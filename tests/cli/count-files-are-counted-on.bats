#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Count files are inputs beside texts: what is printed, or written as a count file, is the count of all that was counted.
load ../helpers

setup() {
    begin
    for i in 1 2 3; do
        corpus zipf 600000 $((i * 20000)) $i >text-$i
        "$program" -q -o $i.mwc text-$i
    done
}

# expect_as_if_counted RANKS ARG...: the count file that is written is that of all keys going through the tables, as they do where a
# count of counts is wanted; and so are the numbers of the record.
expect_as_if_counted() {
    local numbers='.words, .distinct_words, .written_words, .left_out_words, .input_bytes, .files, .output_bytes, .fingerprint'
    "$program" -q --count-of-counts spectrum --json want.json -o want.mwc "${@:2}"
    run_wc "$@" --json result.json -o result.mwc
    expect_success
    expect_same want.mwc result.mwc
    jq "$numbers" want.json >want.numbers
    jq "$numbers" result.json | expect_same want.numbers -
}

@test "texts and count files are counted together, on any number of ranks, in any order" {
    "$program" -q text-? >want
    "$program" -q -o want.mwc text-?
    for ranks in plain 2 3 5 8; do
        for files in '1.mwc text-2 text-3' 'text-3 1.mwc 2.mwc' '3.mwc 2.mwc 1.mwc'; do
            # shellcheck disable=SC2086 # several files
            run_wc $ranks $files
            ((status == 0)) || wrong "$files"
            expect_same want "$out"
            # shellcheck disable=SC2086
            run_wc $ranks -o result.mwc $files
            expect_success
            expect_same want.mwc result.mwc
        done
    done
    gzip text-2
    run_wc 3 -o result.mwc 1.mwc text-2.gz 3.mwc
    expect_same want.mwc result.mwc
    run_wc 3 -q - 1.mwc 2.mwc <text-3
    expect_same want "$out"
    mkdir all
    mv 1.mwc text-2.gz 3.mwc all
    run_wc 2 -q -r all
    expect_same want "$out"
}

@test "keys of the text only, of the files only and of both, empty ones, and little of either" {
    local files ranks long
    corpus uniq 400000 9 >new
    head -c 100 text-3 >few
    : >empty
    "$program" -q -o empty.mwc empty
    "$program" -q -o few.mwc few
    # Behind the last key of the files, before the first one, and more bytes alike than a splitter holds.
    seq -f 'ÿ%.0f' 30000 | xargs -d '\n' printf '%b\n' >behind
    seq -f '%.0f' 30000 | xargs -d '\n' printf '%b\n' >before
    long=$(printf '%0300d' 0)
    seq 1 2 6000 | sed "s/^/$long/" >odd
    seq 1 3 6000 | sed "s/^/$long/" >third
    "$program" -q -o odd.mwc odd
    for files in '3.mwc new' '3.mwc text-3' '3.mwc few' '3.mwc empty' 'empty.mwc text-1' 'empty.mwc empty' 'few.mwc new' \
        '1.mwc 2.mwc 3.mwc text-1 new few' '3.mwc behind' '3.mwc before' 'odd.mwc third' 'odd.mwc 1.mwc third text-2 before'; do
        for ranks in plain 2 3 5; do
            # shellcheck disable=SC2086 # several files
            expect_as_if_counted $ranks $files
        done
        # shellcheck disable=SC2086
        expect_as_if_counted 3 --gather --min-count 3 $files
    done
    expect_as_if_counted 2 --min-count 2 1.mwc new text-2
    expect_as_if_counted 3 --schedule dynamic 1.mwc text-2 text-3
    printf 'a\t3\n' | "$top/build/make_counts" count=words >a.mwc
    printf 'a b' >ab
    run_wc 2 --min-count 4 -o result.mwc a.mwc ab
    expect_success
    "$program" -q result.mwc >result
    printf 'a\t4\n' | expect_same - result
}

@test "where blocks are made twice, because memory does not hold them, the files are read twice" {
    corpus uniq 16000000 1 >more
    "$program" -q -o more.mwc more
    "$program" -q -o want.mwc more text-1
    for ranks in plain 2 3 5; do
        run_wc $ranks --memory 4M -o result.mwc more.mwc text-1
        expect_success
        expect_same want.mwc result.mwc
    done
}

@test "they are printed in every way that a count is" {
    cat text-1 text-2 >both
    for options in '--top 20' '--sort key --format csv --header' '--min-count 3 --format jsonl' \
        '--columns rank,word,per-million,cumulative --top 7'; do
        # shellcheck disable=SC2086 # several options
        "$program" -q $options both >want
        # shellcheck disable=SC2086
        run_wc 3 -q $options 1.mwc 2.mwc
        ((status == 0)) || wrong "$options"
        expect_same want "$out"
    done
    run_wc 2 --top 1 1.mwc
    tr -d , <"$err" | grep -q " $(stat -c %s 1.mwc) bytes in " || wrong 'the bytes of the file are not said'
}

@test "in little memory they go to the disk, too" {
    corpus uniq 8000000 1 >more
    "$program" -q -o more.mwc more
    "$program" -q -o want.mwc text-1 more
    "$program" -q want.mwc >want
    folder_on_disk
    for ranks in plain 2 3; do
        run_wc $ranks --memory 4M --scratch "$disk" text-1 more.mwc
        ((status == 0)) || wrong "$ranks ranks"
        grep -q 'go to scratch' "$err"
        expect_same want "$out"
        run_wc $ranks --memory 4M --scratch "$disk" -o result.mwc more 1.mwc
        ((status == 0)) || wrong "$ranks ranks, the text is the large one"
        grep -q 'go to scratch' "$err"
        expect_same want.mwc result.mwc
    done
    rm_disk
}

@test "where rules say what a word is, words of count files are not made again" {
    printf '%s\n' 'Eins, ZWEI eins' >a
    printf '%s\n' 'zwei; Drei' >b
    rules=(--lower --strip --words unicode)
    "$program" -q "${rules[@]}" -o a.mwc a
    "$program" -q "${rules[@]}" -o want.mwc a b
    for ranks in plain 2 3; do
        run_wc $ranks "${rules[@]}" -o result.mwc a.mwc b
        expect_success
        expect_same want.mwc result.mwc
        run_wc $ranks "${rules[@]}" -q --sort key a.mwc b
        printf '%s\t%d\n' drei 1 eins 2 zwei 2 | expect_same - "$out"
    done
    printf '%s\n' eins drei neun >list
    "$program" -q --lower --strip --vocabulary list -o a.mwc a
    run_wc 3 -q --lower --strip --vocabulary list a.mwc b
    printf '%s\t%d\n' eins 2 drei 1 neun 0 | expect_same - "$out"
    run_wc 2 -o result.mwc a.mwc b
    expect_misuse 'a.mwc: was counted by other rules than the options say: '
    run_wc 2 --lower b 1.mwc
    expect_misuse '1.mwc: was counted by other rules than the options say: no case, and case=lower'
    run_wc 2 --count=lines b 1.mwc
    expect_misuse '1.mwc: was counted by other rules than the options say: '
}

@test "bytes of a count file are counted where that is asked for, and a stream of them is refused" {
    "$program" -q --input-format=bytes 1.mwc >want
    oracle 1.mwc | expect_same - want
    run_wc plain - <1.mwc
    expect_failure 3 '-: is a count file'
    run_wc plain --pre 'cat {}' 1.mwc
    expect_failure 3 '1.mwc: what --pre prints is a count file'
}

@test "harm and sums that are too large end the run, and the old result stays" {
    echo old >result.mwc
    for at in 3 100 30000 $(($(stat -c %s 2.mwc) - 300)); do
        cp 2.mwc harmed.mwc
        printf '\xa5' | dd of=harmed.mwc bs=1 seek="$at" conv=notrunc status=none
        run_wc 3 -o result.mwc text-1 harmed.mwc
        expect_failure 3 'harmed.mwc: byte '
        [[ $(<result.mwc) == old ]]
    done
    run_wc 2 -o 1.mwc 1.mwc text-2
    expect_misuse '1.mwc: is both input and output'
    printf 'a\t9223372036854775807\n' | "$top/build/make_counts" count=words >full.mwc
    run_wc 2 full.mwc
    printf 'a\t9223372036854775807\n' | expect_same - "$out"
    run_wc 2 full.mwc 1.mwc
    expect_failure 3 'full.mwc: the counts of all files add up to more than 63 bits hold'
    run_wc 2 -o result.mwc full.mwc 1.mwc text-1
    expect_failure 3 'full.mwc: the counts of all files add up to more than 63 bits hold'
    use_debug
    for rank in 0 2; do
        WC_FAULT=counts:$rank run_wc 3 text-1 2.mwc
        ((status == 1)) || wrong "fault on rank $rank"
        WC_FAULT=gather:$rank run_wc 3 -o result.mwc text-1 2.mwc
        ((status == 1)) || wrong "fault on rank $rank, in the gather"
    done
    [[ $(<result.mwc) == old ]]
    expect_no_temporary .
}

@test "rounds of any size come to the same" {
    use_debug
    corpus uniq 3000000 1 >more
    "$program" -q -o more.mwc more
    "$program" -q text-1 more >want
    for ranks in 1 3; do
        WC_ROUND_BYTES=100 run_wc $ranks --memory 8M -q text-1 more.mwc
        ((status == 0)) || wrong "$ranks ranks"
        expect_same want "$out"
    done
}

@test "a run with a checkpoint that ended while files were added goes on" {
    use_debug
    "$program" -q -o want.mwc text-?
    for ranks in plain 2; do
        WC_FAULT=gather:0 run_wc $ranks --checkpoint kept --checkpoint-every 0.001 --block-size 64 -o result.mwc 1.mwc text-2 text-3
        ((status == 1)) || wrong 'the fault'
        run_wc 3 --checkpoint kept --json record -o result.mwc 1.mwc text-2 text-3
        expect_success
        expect_same want.mwc result.mwc
        jq -e '.resumed_bytes > 0' record >&2 || wrong 'all was counted again'
    done
}
