#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The study of scaling: its numbers are those of the records, and its laws those that the records were made by.
load ../helpers

setup() {
    begin
    for tool in gnuplot jq mawk cmark-gfm; do
        command -v "$tool" >/dev/null || skip "$tool is missing"
    done
    [[ -z ${WC_BUILD-} ]] || skip 'the script is the same with every build'
    export RESULTS=$PWD/results RECORDS=$PWD/records
    results=("$RESULTS"/scaling{.csv,.md,.html,-{speedup,phases,efficiency}.svg})
}

# study ARG...
study() {
    status=0
    timeout "$limit" "$top/tests/scaling/study" "$@" >"$out" 2>"$err" 3>&- 4>&- || status=$?
}

# make_record RANKS SECONDS [PROCESSORS [KIND BYTES]]: a run that only mapped, with nothing in its record that an older one
# would lack.
make_record() {
    jq -n --argjson ranks "$1" --argjson seconds "$2" --arg processors "${3-}" --argjson bytes "${5-1000000}" '{ranks: $ranks,
        input_bytes: $bytes, seconds: $seconds, by_rank: [range($ranks) | {rank: ., host: "h\(.)", seconds: {map: $seconds}} +
            (if $processors == "" then {} else {host: "h", processors: $processors} end)]}' >"records/${4-strong}-$1-1.json"
}

# make_phases RANKS REPEAT MAP SHUFFLE GATHER: a run with a quarter of a second in none of these.
make_phases() {
    mkdir -p records
    jq -n --argjson ranks "$1" --argjson map "$3" --argjson shuffle "$4" --argjson gather "$5" '{ranks: $ranks,
        input_bytes: 1000000, seconds: ($map + $shuffle + $gather + 0.25), by_rank: [range($ranks) | {rank: ., host: "h\(.)",
        seconds: {map: $map, shuffle: $shuffle, gather: $gather}}]}' >"records/strong-$1-$2.json"
}

# gaps FILE.svg: how far each label is above its stack, in order.
gaps() {
    mawk -F "points = '" '
        /<polygon/ { # of a bar: x,bottom x,bottom x,top x,top; that of the legend has no label
            split($2, at, "[ ,]+")
            middle = int((at[1] + at[3]) / 2)
            if (!(middle in top) || at[6] < top[middle])
                top[middle] = at[6]
        }
        /translate\(/ { split($0, at, "[(,)]"); x = int(at[2]); y = at[3] }
        / s<\/text>/ {
            for (middle in top)
                if ((middle - x) ^ 2 <= 4)
                    printf "%.2f\n", top[middle] - y
        }' "$1"
}

# floating FILE.svg: the number of bars that do not stand on zero, of how many.
floating() {
    mawk -F "points = '" '
        /<g id="[a-z]+_plot_/ { legend = 1 }
        /<polygon/ {
            split($2, at, "[ ,]+")
            if (!legend && !(at[1] in foot && foot[at[1]] > at[2]))
                foot[at[1]] = at[2] + 0
            legend = 0
        }
        sub(/.*translate\(/, "") { split($0, at, "[,)]"); y = at[2]; left = /text-anchor="end"/ }
        /<text> *0<\/text>/ && left { zero[++zeros] = y }
        END {
            for (x in foot) {
                bars++
                for (i = 1; i <= zeros; i++)
                    stands[x] += zero[i] - foot[x] > 0 && zero[i] - foot[x] < 8 # the number is that much below its line
                floats += !stands[x]
            }
            print floats + 0 " of " bars + 0
        }' "$1"
}

# field HEADING RANKS COLUMN: from the first table below the heading that has the column; without marks.
field() {
    mawk -F ' *[|] *' -v heading="$1" -v ranks="$2" -v column="$3" '
        { gsub(/[*]/, "") }
        $0 == heading { below = 1 }
        below && $2 == "ranks" { at = 0; for (i = 2; i < NF; i++) if ($i == column) at = i }
        below && at && $2 == ranks { print $at; exit }' "$RESULTS/scaling.md"
}

strong='## Strong scaling: the whole input for any number of ranks'
weak='## Weak scaling: as much input for each rank'

# near SHOWN EXACT [WITHIN]: the same, as far as a table shows it.
near() {
    awk -v a="$1" -v b="$2" -v within="${3-}" 'BEGIN {
        if (within == "")
            within = b < 0.0999 ? 0.00006 : b < 9.99 ? 0.0006 : b < 99.9 ? 0.006 : 0.06 # half of the last digit
        d = a - b
        exit !(a != "" && b != "" && d <= within && d >= -within)
    }' ||
        wrong "the table has $1, the records $2"
}

# median_of KIND RANKS EXPRESSION
median_of() {
    jq -s "[.[] | $3] | sort | (.[(length - 1) / 2 | floor] + .[length / 2 | floor]) / 2" "$RECORDS/$1-$2"-*.json
}

@test "a small study has all its files, and the numbers of its records" {
    corpus zipf 1000000 5000 4 >text
    INPUT=text RANKS='1 2' REPEATS=2 study
    ((status == 0)) || wrong 'expected exit 0'
    for file in "${results[@]}" "$RESULTS/scaling-weak.svg"; do
        [[ -s $file ]] || wrong "no $file"
    done
    # Two ranks, two repeats, strong and weak; wc -w twice, mawk once.
    [[ $(tail -n +2 "$RESULTS/scaling.csv" | wc -l) == 11 ]] || wrong 'expected 11 runs'
    local ranks phase sum
    for ranks in 1 2; do
        near "$(field "$strong" $ranks total)" "$(median_of strong $ranks .seconds)"
        near "$(field "$weak" $ranks total)" "$(median_of weak $ranks .seconds)"
        sum=0
        for phase in map shuffle reduce sort gather other; do
            sum=$(jq -n "$sum + $(field "$weak" $ranks $phase)")
        done
        near "$(field "$weak" $ranks total)" "$sum" 0.004 # as each is rounded
        for phase in map shuffle reduce sort gather; do
            near "$(field "$strong" $ranks $phase)" \
                "$(median_of strong $ranks "([.by_rank[].seconds.$phase] | add) / .ranks")"
        done
    done
    near "$(field "$strong" 2 speed-up)" \
        "$(jq -n "$(median_of strong 1 .seconds) / $(median_of strong 2 .seconds)")" 0.006
    [[ $(jq .input_bytes "$RECORDS/weak-1-1.json") == 500000 ]] || wrong 'half of the text for one of two ranks'
    [[ $(grep -c '<svg' "$RESULTS/scaling.html") == 4 ]] || wrong 'expected four plots in the page'
    ! grep -qE '<script|<img|<link' "$RESULTS/scaling.html" || wrong 'the page needs more than itself'
}

@test "the phases of a stack add up to its label, whatever the medians of each are" {
    # The medians of the phases would make 0.65 of the 1.35 s that are the median of the whole with one rank.
    make_phases 1 1 1.0 0.1 0.0
    make_phases 1 2 0.1 0.9 0.1
    make_phases 1 3 0.2 0.1 0.9
    make_phases 2 1 0.5 0.1 0.1 # of four the two in the middle
    make_phases 2 2 0.1 0.5 0.2
    make_phases 2 3 0.1 0.1 0.7
    make_phases 2 4 0.9 0.1 0.1
    study analyse records
    ((status == 0)) || wrong 'expected exit 0'
    local ranks phase sum
    for ranks in 1 2; do
        sum=0
        for phase in map shuffle reduce sort gather other; do
            sum=$(jq -n "$sum + $(field "$strong" $ranks $phase)")
        done
        near "$(field "$strong" $ranks total)" "$sum" 0.003
        near "$(field "$strong" $ranks total)" "$(median_of strong $ranks .seconds)"
        near "$(field "$strong" $ranks other)" 0.25
    done
    gaps "$RESULTS/scaling-phases.svg" >gaps
    [[ $(wc -l <gaps) == 2 ]] || wrong 'expected two labels'
    awk 'NR == 1 { first = $1 } { d = $1 - first; if (d > 0.5 || d < -0.5) exit 1 }' gaps ||
        wrong "the labels are $(paste -sd ' ' gaps) above their stacks"
}

@test "bars stand on zero, and where the axis is logarithmic there are none" {
    make_phases 1 1 1.0 0.2 0.1
    make_phases 2 1 0.5 0.2 0.1
    study analyse records
    ((status == 0)) || wrong 'expected exit 0'
    [[ $(floating "$RESULTS/scaling-phases.svg") == '0 of 2' ]] || wrong 'expected two bars, on zero'
    for file in "$RESULTS"/scaling-{speedup,efficiency}.svg; do
        ! grep -q '<polygon' "$file" || wrong "expected no bars in $file"
    done
    # So in the plots of make bench, where speeds are hundreds of times apart.
    printf 'corpus wc-w mpiwc-1 mpiwc-2\nkjv 227 1429 667\nuniq 263 4 ?\n' >speed
    printf 'run start map shuffle reduce sort gather sync\nkjv-1 1 2 1 1 1 1 1\nkjv-2 1 1 1 1 1 1 1\n' >phases
    LC_ALL=C.UTF-8 gnuplot -c "$top/tests/bench/words.gnuplot" . bench.svg 'of nothing' bench
    [[ $(floating bench.svg) == '0 of 2' ]] || wrong "expected two bars, on zero; $(floating bench.svg) are not"
    [[ $(grep -cE '<text>(227|1429|667|263|4)</text>' bench.svg) == 5 ]] || wrong 'expected each number beside its point'
}

@test "the page and its plots are of the colours of its style sheet, light and dark" {
    make_phases 1 1 1.0 0.2 0.1
    make_phases 2 1 0.5 0.2 0.1
    study analyse records
    ((status == 0)) || wrong 'expected exit 0'
    local page=$RESULTS/scaling.html colour paper
    sed -n '/^<style>/,/^<\/style>/p' "$page" >style
    sed '/^<style>/,/^<\/style>/d' "$page" >rest
    sed '/^@media (prefers-color-scheme: dark)/,/^}/d' style >light
    sed -n '/^@media (prefers-color-scheme: dark)/,/^}/p' style >dark
    grep -qE '^body .*background: var\(--paper\).* color: var\(--ink\)' style || wrong 'expected colours of the whole page'
    ! grep -nE "(fill|stroke|color) *[=:] *['\"]?(#|rgb|black|white)" rest || wrong 'expected no colour that stays'
    # But for the names themselves, and what knows no names takes the colour before.
    sed -E 's/--[a-z]+: #[0-9a-f]+//g; s/(fill|stroke): #[0-9a-f]+; \1: var/\1: var/g' style >named
    ! grep -E '#[0-9a-f]{3}' named || wrong 'expected colours by their names'
    for colour in $(grep -oE 'var\(--[a-z]+' "$page" | sort -u); do
        ! grep -qE -- "${colour#*(}: var\(" light || continue # another name of a colour
        grep -qE -- "${colour#*(}: #" light || wrong "$colour is not in the light colours"
        grep -qE -- "${colour#*(}: #" dark || wrong "$colour is not in the dark colours"
    done
    for colour in ink paper blue gold; do
        grep -q "var(--$colour)" rest || wrong "expected $colour in the plots"
    done
    # A plot by itself has a background of its own; in the page that would be a light one.
    paper=$(grep -oE -m 1 'paper: #[0-9a-f]+' light)
    for file in "$RESULTS"/scaling-*.svg; do
        grep -qE "^<rect x=\"0\" y=\"0\" .* fill=\"${paper#* }\"/>" "$file" || wrong "expected a background in $file"
        ! grep -q 'var(' "$file" || wrong "expected colours in $file that need no style sheet"
    done
    ! grep -q '^<rect x="0" y="0"' rest || wrong 'expected no background in the page'
    # What has no dark partner is refused.
    echo '![a](plot.svg)' >page.md
    echo '<svg><path stroke="rgb(1, 2, 3)"/></svg>' >plot.svg
    echo "paper = '#fefefc'" >colours
    ! cmark-gfm page.md | mawk -v folder=. -v style="$top/src/status/page.css" -v colours=colours -f "$top/tests/scaling/page.awk" >"$out" 2>"$err" ||
        wrong 'expected a failure'
    grep -qF 'plot.svg: the style sheet has no #010203' "$err" || wrong 'expected to hear of the colour'
}

@test "what is wider than the window is scrolled, and not cut" {
    make_phases 1 1 1.0 0.2 0.1
    make_phases 2 1 0.5 0.2 0.1
    study analyse records
    ((status == 0)) || wrong 'expected exit 0'
    local page=$RESULTS/scaling.html
    grep -q '^\.wide {.*overflow-x: auto' "$page" || wrong 'expected a scroll bar'
    ! grep -q 'overflow[-xy]*: *\(hidden\|clip\)' "$page" || wrong 'expected nothing to be cut'
    awk '/<(table|svg)/ { n++; if (before !~ /class="wide" tabindex="0"/ && $0 !~ /class="wide" tabindex="0".*<table/) exit bad = 1 }
        { before = $0 } END { exit bad || n < 4 }' "$page" || wrong 'expected tables and plots in what can be scrolled'
}

@test "a serial tenth is found" {
    mkdir records
    make_record 1 10
    make_record 2 5.5
    make_record 4 3.25
    make_record 8 2.125
    study analyse records
    ((status == 0)) || wrong 'expected exit 0'
    grep -qF "Amdahl's law: 0.100 of the time with one rank is serial" "$out" || wrong 'expected 0.100'
    grep -qF 'more than 10.0 times as fast' "$out" || wrong 'expected at most ten times'
    grep -qF 'No number of ranks is seen at which more would be slower' "$out" || wrong 'no cost for each rank'
    grep -qF 'The Karp-Flatt fraction stays near 0.100' "$out" || wrong 'expected 0.100'
    local expected
    for expected in 2:1.82 4:3.08 8:4.71; do
        [[ $(field "$strong" "${expected%:*}" speed-up) == "${expected#*:}" ]] || wrong "expected $expected"
        [[ $(field "$strong" "${expected%:*}" Karp-Flatt) == 0.100 ]] || wrong 'expected 0.100'
    done
    for file in "${results[@]}"; do
        [[ -s $file ]] || wrong "no $file"
    done
    [[ ! -e $RESULTS/scaling-weak.svg ]] || wrong 'there were no weak runs'
}

@test "a cost for each rank is found, and where it is least" {
    mkdir records
    for ranks in 1 2 4 8 16 32; do
        make_record "$ranks" "$(awk -v p="$ranks" 'BEGIN { print 1 + 9 / p + 0.04 * p }')"
    done
    study analyse records
    ((status == 0)) || wrong 'expected exit 0'
    grep -qF 'Adding ranks stops paying at about 15 ranks' "$out" || wrong 'expected the square root of 9 / 0.04'
    grep -qF 'As measured, 32 ranks are slower than 16.' "$out" || wrong 'expected what was measured'
}

@test "a serial fifth of weak scaling is found" {
    mkdir records
    for ranks in 1 2 4; do
        make_record "$ranks" "$(jq -n "1 / $ranks")"
        make_record "$ranks" "$(jq -n "$ranks / ($ranks - 0.2 * ($ranks - 1))")" '' weak "${ranks}000000"
    done
    study analyse records
    ((status == 0)) || wrong 'expected exit 0'
    grep -qF "By Gustafson's law 0.200 of the work is serial." "$out" || wrong 'expected 0.200'
    grep -qF 'No phase holds the speed-up back' "$out" || wrong 'the strong runs are perfect'
    [[ $(field "$weak" 4 speed-up) == 3.40 ]] || wrong 'expected 3.40'
    [[ -s $RESULTS/scaling-weak.svg ]] || wrong 'there were weak runs'
}

@test "ranks that share cores are marked, and no law is fitted to them" {
    mkdir records
    make_record 1 10 0-3
    make_record 2 5.5 0-3
    make_record 4 3.25 0-3
    make_record 8 7 0-3
    study analyse records
    ((status == 0)) || wrong 'expected exit 0'
    grep -qF '| 8* |' "$out" || wrong 'expected a mark'
    ! grep -qF '| 4* |' "$out" || wrong 'expected no mark'
    grep -qF "Amdahl's law: 0.100 of the time with one rank is serial" "$out" || wrong 'expected 0.100'
    grep -qF 'Left out: 8 ranks, which are oversubscribed.' "$out" || wrong 'expected to hear of it'
}

@test "runs that counted something else are refused" {
    mkdir records
    make_record 1 10
    make_record 2 5.5
    jq '.fingerprint = "1"' records/strong-2-1.json >changed
    mv changed records/strong-2-1.json
    study analyse records
    ((status != 0)) || wrong 'expected a failure'
    grep -q 'strong-2-1' "$err" || wrong 'expected the name of the run'
    [[ ! -e $RESULTS/scaling.md ]] || wrong 'expected no results'
}

@test "a folder without records is refused" {
    mkdir records
    study analyse records
    ((status != 0)) || wrong 'expected a failure'
    grep -q 'no records' "$err" || wrong 'expected the reason'
}

@test "a record that is not what its name says is refused" {
    mkdir records
    make_record 1 10
    make_record 4 3.25
    mv records/strong-4-1.json records/strong-2-1.json
    make_record 8 2.125
    study analyse records
    ((status != 0)) || wrong 'expected a failure'
    grep -q 'strong-2-1.json: 4 ranks' "$err" || wrong 'expected the name of the record'
    [[ ! -e $RESULTS/scaling.md ]] || wrong 'expected no results'
}
