#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A count is written as a count file: the bytes are those of its counts and rules, whoever wrote them, and of the files of its
# parts, added up.
load ../helpers

# make_counts FILE [NAME=VALUE]...: a count file of standard input, WORD<TAB>COUNT in any order.
make_counts() {
    LC_ALL=C sort -t "$(printf '\t')" -k 1,1 | "$top/build/make_counts" "${@:2}" >"$1"
}

# expect_counts_file FILE RANKS ARG...
expect_counts_file() {
    run_wc "$2" -o result.mwc "${@:3}"
    expect_success
    [[ ! -s $out ]]
    expect_same "$1" result.mwc
    rm result.mwc
}

@test "any number of ranks writes the bytes of the counts" {
    corpus zipf 3000000 200000 1 >text-1
    corpus mixed 500000 2 >text-2 2>/dev/null || corpus words 500000 2 >text-2
    corpus one 70000 >text-3
    "$program" -q text-? | make_counts all.mwc count=words input-bytes="$(cat text-? | wc -c)" input-files=3
    for ranks in plain 2 3 5 8; do
        expect_counts_file all.mwc $ranks text-?
        run_wc $ranks -q --format=counts text-?
        if [[ $WC_LAUNCHER == openmpi5 && $ranks != plain ]]; then
            expect_failure 4 'moves the end of a count file: name a file (-o FILE)'
        else
            ((status == 0)) || wrong 'to standard output'
            expect_same all.mwc "$out"
        fi
        expect_counts_file all.mwc $ranks --gather text-?
        expect_counts_file all.mwc $ranks --schedule=dynamic --no-progress text-?
    done
    "$program" -q --check all.mwc
    for i in 1 2 3; do
        run_wc 2 -o part-$i.mwc text-$i
        expect_success
    done
    expect_counts_file all.mwc 3 part-?.mwc
}

@test "texts without words, with one, with hostile ones" {
    make_hostile texts
    : >empty
    printf 'one' >one
    for files in empty one 'texts/nuls texts/utf8 texts/borders' "$(echo texts/*)"; do
        # shellcheck disable=SC2086 # several files
        run_wc plain -o want.mwc $files
        expect_success
        # shellcheck disable=SC2086
        "$program" -q --sort key --format jsonl $files >want
        "$program" -q --sort key --format jsonl want.mwc | expect_same want -
        for ranks in 2 3 8; do
            # shellcheck disable=SC2086
            expect_counts_file want.mwc $ranks $files
            # shellcheck disable=SC2086
            expect_counts_file want.mwc $ranks --gather $files
        done
    done
}

@test "little memory writes the same bytes, from the disk and in pieces, and without a disk when blocks are made twice" {
    corpus uniq 16000000 1 >text
    folder_on_disk
    run_wc plain -o want.mwc text
    expect_success
    for ranks in plain 2 3 5; do
        for memory in 8M 4M; do
            run_wc $ranks --memory $memory --scratch "$disk" -o result.mwc text
            ((status == 0)) || wrong "$ranks ranks with $memory"
            grep -q 'go to scratch' "$err"
            expect_same want.mwc result.mwc
            run_wc $ranks --memory $memory --scratch "$disk" --gather -o result.mwc text
            expect_same want.mwc result.mwc
        done
    done
    [[ -z $(ls -A "$disk") ]]
    rm_disk
    expect_counts_file want.mwc 2 --memory 40M text
}

@test "what is left out is said, and the most frequent ones are chosen before they are in order" {
    corpus zipf 1000000 50000 1 >text
    bytes=$(stat -c %s text)
    "$program" -q --top 100 text | make_counts top.mwc count=words input-bytes="$bytes" input-files=1 top=100
    "$program" -q --min-count 5 text | make_counts min.mwc count=words input-bytes="$bytes" input-files=1 min-count=5
    for ranks in plain 2 5; do
        expect_counts_file top.mwc $ranks --top 100 text
        expect_counts_file min.mwc $ranks --min-count 5 text
    done
    grep -q 'left out' "$err" || wrong 'the closing line says nothing'
    run_wc 2 -o other.mwc top.mwc text
    expect_misuse 'top.mwc: was written with --top: counts are missing that cannot be added up'
    run_wc 2 -q top.mwc
    "$program" -q --top 100 text >want
    expect_same want "$out"
    run_wc 2 -q --report page.html -o other.mwc top.mwc
    expect_same top.mwc other.mwc
}

@test "rules are in the file: what a word is, lines, columns, records" {
    printf '%s\n' 'Eins, zwei eins' 'zwei,DREI EINS' >text
    while read -r -a options; do
        run_wc 2 "${options[@]}" -o result.mwc text
        expect_success
        run_wc plain -q "${options[@]}" text
        cp "$out" want
        "$program" -q result.mwc | expect_same want -
        "$program" --info result.mwc | cut -f 1 >rules
        for rule in count ${options[0]#--}; do
            [[ $rule == count=* || $rule == lower || $rule == csv ]] || grep -qx "$rule" rules || wrong "$rule is not said"
        done
    done <<'END'
--count=lines
--count=field:2:,
--csv 1
--strip --lower
--lower --words unicode
END
    printf '%s\n' eins vier >list
    run_wc 3 --vocabulary list --lower -o result.mwc text
    expect_success
    "$program" -q result.mwc >"$out"
    printf 'eins\t2\nvier\t0\n' | expect_same - "$out"
    "$program" --info result.mwc | grep -q '^vocabulary	2-'
}

@test "a count of counts, a report, a record and a status come beside it" {
    corpus zipf 500000 20000 1 >text
    run_wc plain -q --count-of-counts want text
    run_wc 3 --count-of-counts counts --report page.html --plot plot.svg --json run.json --status state -o result.mwc text
    expect_success
    expect_same want counts
    "$program" -q --check result.mwc
    [[ -s page.html && -s plot.svg && -s state/status.html ]]
    jq -e --argjson bytes "$(stat -c %s result.mwc)" '.state == "done" and .output_bytes == $bytes and .verified' run.json
}

@test "what is about lines is refused, and a fault leaves the old file" {
    printf 'a b a' >text
    echo old >result.mwc
    for option in --sort=count --columns=count --header --escape --output-separator=, --compare; do
        run_wc plain -o result.mwc "$option" text
        expect_misuse "--format=counts: not with ${option%%=*}"
    done
    use_debug
    corpus zipf 500000 20000 1 >text
    for rank in 0 1 2; do
        for options in '' --gather; do
            WC_FAULT=gather:$rank run_wc 3 -o result.mwc $options text
            ((status == 1)) || wrong "fault on rank $rank"
            [[ $(<result.mwc) == old ]]
        done
    done
    expect_no_temporary .
}
