#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Several count files become one: the counts of all that was counted, and the bytes that they have, on any number of ranks.
load ../helpers

setup() {
    begin
}

# make_counts FILE [NAME=VALUE]...: a count file of standard input, WORD<TAB>COUNT in any order.
make_counts() {
    LC_ALL=C sort -t "$(printf '\t')" -k 1,1 | "$top/build/make_counts" "${@:2}" >"$1"
}

# shards N BYTES WORDS: text-1 ... text-N and their count files; all.mwc has the counts of all of them.
shards() {
    local i
    for ((i = 1; i <= $1; i++)); do
        corpus zipf "$2" "$3" "$i" >"text-$i"
        "$program" -q "text-$i" | make_counts "$i.mwc" count=words input-bytes="$(stat -c %s "text-$i")" input-files=1
    done
    "$program" -q text-* | make_counts all.mwc count=words input-bytes="$(cat text-* | wc -c)" input-files="$1"
}

@test "counts of 16 shards are the counts of all, byte for byte, on any number of ranks" {
    shards 16 1000000 100000
    for ranks in plain 2 3 5 8; do
        run_wc $ranks -o merged.mwc {1..16}.mwc
        expect_success
        [[ ! -s $out ]]
        expect_same all.mwc merged.mwc
        rm merged.mwc
    done
    grep -q '^wc: [0-9,]* words, [0-9,]* distinct, [0-9,]* bytes in .*, 8 ranks on 1 host, verified$' "$err"
    run_wc 3 --format=counts {16..1}.mwc
    if [[ $WC_LAUNCHER == openmpi5 ]]; then
        expect_failure 4 'moves the end of a count file: name a file (-o FILE)'
    else
        ((status == 0)) || wrong 'to standard output'
        expect_same all.mwc "$out"
    fi
    run_wc 3 --gather -o merged.mwc {1..16}.mwc
    expect_same all.mwc merged.mwc
    printf '%s\n' {1..16}.mwc | run_wc plain --files-from - -o merged.mwc
    expect_same all.mwc merged.mwc
}

@test "rounds of any size come to the same" {
    use_debug
    for i in 1 2; do
        corpus uniq 8000000 $i >"text-$i"
        "$program" -q "text-$i" | make_counts "$i.mwc"
    done
    "$program" -q text-1 text-2 | make_counts all.mwc
    for bytes in 100000 1000000 3000000; do
        for ranks in 2 3; do
            WC_ROUND_BYTES=$bytes run_wc $ranks --memory 8M -o merged.mwc 1.mwc 2.mwc
            expect_success
            expect_same all.mwc merged.mwc
        done
    done
}

@test "increments in any order come to the same" {
    shards 4 1000000 100000
    run_wc 2 -o a.mwc 3.mwc 1.mwc
    run_wc 3 -o b.mwc 4.mwc a.mwc
    run_wc 2 -o c.mwc b.mwc 2.mwc
    expect_same all.mwc c.mwc
    run_wc 5 -o d.mwc c.mwc
    expect_same all.mwc d.mwc
}

@test "a rank whose memory does not hold its blocks merges twice, to the same bytes" {
    for i in 1 2; do
        corpus uniq 8000000 $i >"text-$i"
        "$program" -q "text-$i" | make_counts "$i.mwc"
    done
    "$program" -q text-1 text-2 | make_counts all.mwc
    (($(stat -c %s all.mwc) > 8000000))
    run_wc 3 --memory 4M -o merged.mwc 1.mwc 2.mwc
    expect_success
    expect_same all.mwc merged.mwc
}

@test "files without keys, with few, with long and equal ones" {
    make_counts empty.mwc </dev/null
    printf '%s\t%d\n' '' 1 a 2 b 3 | make_counts few.mwc
    corpus one 70000 >long
    "$program" -q long | make_counts long.mwc
    for ranks in plain 3 8; do
        run_wc $ranks -o merged.mwc empty.mwc empty.mwc
        expect_same empty.mwc merged.mwc
        run_wc $ranks -o merged.mwc empty.mwc few.mwc
        expect_same few.mwc merged.mwc
        run_wc $ranks -o merged.mwc few.mwc long.mwc empty.mwc few.mwc
        expect_same <({ printf '%s\t%d\n' '' 2 a 4 b 6; "$program" -q long; } | LC_ALL=C sort |
            "$top/build/make_counts") merged.mwc
    done
}

@test "--min-count leaves out what is rare in all of them together, and the file says so" {
    shards 3 300000 30000
    "$program" -q --min-count 3 text-* | make_counts want.mwc count=words input-bytes="$(cat text-* | wc -c)" input-files=3 min-count=3
    for ranks in plain 2 5; do
        run_wc $ranks --min-count 3 -o merged.mwc 1.mwc 2.mwc 3.mwc
        expect_success
        expect_same want.mwc merged.mwc
    done
    run_wc 2 -o other.mwc merged.mwc 1.mwc
    expect_misuse 'merged.mwc: was written with --min-count: counts are missing that cannot be added up'
    [[ ! -e other.mwc ]]
}

@test "what was counted by other rules is refused by name" {
    printf 'a\t1\n' | make_counts words.mwc count=words
    printf 'a\t1\n' | make_counts lines.mwc count=lines
    run_wc 2 -o merged.mwc words.mwc lines.mwc
    expect_misuse 'lines.mwc: was counted by other rules than words.mwc: count=lines, and count=words'
    run_wc 2 --fold -o merged.mwc words.mwc
    expect_misuse 'words.mwc: was counted by other rules than the options say: no case, and case=fold'
    run_wc 2 --count=lines -o merged.mwc words.mwc
    expect_misuse 'words.mwc: was counted by other rules than the options say: count=words, and count=lines'
    [[ ! -e merged.mwc ]]
    run_wc 2 --count=lines -o merged.mwc lines.mwc
    expect_success
}

@test "harm, a full count and misuse leave the old result" {
    shards 3 1000000 100000
    echo old >result.mwc
    for at in 3 100 60000 $(($(stat -c %s 2.mwc) - 300)); do
        cp 2.mwc harmed.mwc
        printf '\xa5' | dd of=harmed.mwc bs=1 seek="$at" conv=notrunc status=none
        run_wc 3 -o result.mwc 1.mwc harmed.mwc 3.mwc
        expect_failure 3 'harmed.mwc: byte '
        [[ $(<result.mwc) == old ]]
    done
    cp text-1 text.mwc
    run_wc 2 -o result.mwc 1.mwc text.mwc
    expect_failure 3 'text.mwc: byte 0: not a count file'
    printf '\xa5' | dd of=1.mwc bs=1 seek=3 conv=notrunc status=none
    mv 1.mwc unnamed
    run_wc 2 -o result.mwc unnamed
    expect_failure 3 'unnamed: byte 0: not a count file'
    printf 'C' | dd of=unnamed bs=1 seek=3 conv=notrunc status=none
    mv unnamed 1.mwc
    printf 'a\t18446744073709551615\n' | make_counts full.mwc
    run_wc 2 -o result.mwc full.mwc full.mwc
    expect_failure 5 'full.mwc: a count goes beyond 64 bits'
    run_wc 2 -o 1.mwc 1.mwc 2.mwc
    expect_misuse '1.mwc: is both input and output'
    run_wc 2 -o result.mwc --header 1.mwc
    expect_misuse '--format=counts: not with --header'
    [[ $(<result.mwc) == old ]]
    use_debug
    for rank in 0 2; do
        WC_FAULT=merge:$rank run_wc 3 -o result.mwc 1.mwc 2.mwc
        ((status == 1)) || wrong "fault on rank $rank"
        [[ $(<result.mwc) == old ]]
    done
    expect_no_temporary .
}
