#!/usr/bin/env bats
# The scaling study says what its records say, and finds the law that they were made by.
load ../helpers

setup() {
    begin
    for tool in gnuplot jq mawk; do
        command -v "$tool" >/dev/null || skip "needs $tool"
    done
    mkdir records
    export REPORT=$PWD/report
}

# record KIND RANKS SECONDS BYTES: as the program writes it, of a run whose phases share the time as 6:0:1:1:2.
record() {
    jq -n --argjson ranks "$2" --argjson seconds "$3" --argjson bytes "$4" \
        '{ranks: $ranks, hosts: $ranks, input_bytes: $bytes, seconds: $seconds, between_hosts_bytes: 1000, by_rank:
          [range($ranks) | {mapped_bytes: ($bytes / $ranks), moved_bytes: {shuffle: 10, sort: 5},
           seconds: {map: ($seconds * .6), shuffle: 0, reduce: ($seconds * .1), sort: ($seconds * .1), gather: ($seconds * .2)}}]}' \
        >"records/$1-$2-1.json"
}

# row RANKS: of the first table, without blanks.
row() {
    grep -m 1 "^| $1 |" report.md | tr -d ' '
}

@test "runs made by Amdahl's law show its serial fraction" {
    for ranks in 1 2 4 8; do
        record strong "$ranks" "$(jq -n "1 + 9 / $ranks")" 1000000
    done
    "$top/tests/scaling" report records
    grep -q 'a serial fraction of 0.100' report.md || wrong 'expected a serial fraction of 0.100'
    grep -q 'more than 10 times as fast' report.md || wrong 'expected a bound of 10'
    [[ $(row 1) == '|1|1|6.000|0.000|1.000|1.000|2.000|0.000|10.000|0|1.00|1.00|-|'* ]] || wrong "$(row 1)"
    [[ $(row 2) == *'|5.500|0|1.82|0.91|0.100|1.00|'* ]] || wrong "$(row 2)"
    [[ $(row 8) == *'|2.125|0|4.71|0.59|0.100|1.00|120B|'* ]] || wrong "$(row 8)"
    ! grep -q 'stops paying' report.md || wrong 'there is no cost of ranks in these runs'
}

@test "a cost for each rank is found, and where it eats the gain" {
    for ranks in 1 2 4 8 16; do
        record strong "$ranks" "$(jq -n "1 + 16 / $ranks + 0.25 * $ranks")" 1000000
    done
    "$top/tests/scaling" report records
    grep -q 'adding ranks stops paying at 8' report.md || wrong 'expected the end at 8'
}

@test "weak scaling made by Gustafson's law" {
    for ranks in 1 2 4; do
        record strong "$ranks" "$(jq -n "1 / $ranks")" 1000000
        record weak "$ranks" "$(jq -n "$ranks / ($ranks - 0.2 * ($ranks - 1))")" $((1000000 * ranks))
    done
    "$top/tests/scaling" report records
    grep -q 'with α = 0.200' report.md || wrong 'expected 0.200'
    grep -q 'no phase limits' report.md || wrong 'the strong runs are perfect'
}

@test "the page needs nothing else, and has the plots in it" {
    record strong 1 2 1000000
    record strong 2 1 1000000
    "$top/tests/scaling" report records
    [[ $(grep -c '<svg' report.html) == 2 ]] || wrong 'expected two plots'
    ! grep -qE '(src|href)="(http|[a-z])' report.html || wrong 'it refers to something'
    [[ $(grep -c '<table' report.html) == $(grep -c '</table' report.html) ]] || wrong 'a table is open'
}

@test "a study from the beginning" {
    corpus zipf 1000000 20000 1 >text
    "$top/tests/scaling" run text '1 2' 2
    rm -rf "$top/build/scaling/text"
    [[ -s report.md && -s report.html && -s report-times.svg && -s report-speedup.svg ]]
    [[ $(grep -c '^strong,1,' report.csv) == 2 && $(grep -c '^weak,2,' report.csv) == 2 ]] || wrong 'expected two runs of each'
    grep -q 'wc -w | only totals' report.md || wrong 'expected the serial tools'
}
