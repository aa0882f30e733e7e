#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# --report writes the run as a page, --plot a plot of what was counted: with the numbers of the closing line and of --json,
# whole or not at all, and harmless whatever names there are.
load ../helpers

# expect_page FILE: it is XML, as all pages are, and needs nothing from outside.
expect_page() {
    [[ -s $1 ]] || wrong "no $1"
    ! command -v xmllint >/dev/null || xmllint --noout "$1" || wrong "$1 is not well-formed"
    ! grep -iE '<script|<link|<iframe|<img|@import|url\(|(href|src)=' "$1" || wrong "$1 loads something"
    ! grep -E 'https?://' "$1" | grep -v 'xmlns="http://www.w3.org/' || wrong "$1 names another place"
    ! grep -aP '[\x00-\x08\x0b-\x1f\x7f]' "$1" || wrong "$1 has control bytes"
}

# said_by_page FILE: its closing line.
said_by_page() {
    sed -nE 's,^<p class="closing">(.*)</p>$,\1,p' "$1"
}

@test "a count: the page has the numbers of the closing line and of --json" {
    local ranks
    corpus zipf 2000000 20000 5 >text
    for ranks in plain 3; do
        run_wc "$ranks" --report page.html --json record -o counts text
        expect_success
        expect_page page.html
        [[ $(messages | sed 's/^wc: //') == "$(said_by_page page.html)" ]] || wrong "$(said_by_page page.html)"
        ! grep http-equiv page.html || wrong 'it renews itself'
        [[ $(grep -c '<figure' page.html) == 5 ]] || wrong "expected four plots and a timeline"
        grep -q "<code>$(jq -r .fingerprint record)</code>" page.html || wrong 'expected the fingerprint of the record'
        grep -q "N = $(jq -r .words record | sed -E ':a; s/([0-9])([0-9]{3})($|,)/\1,\2\3/; ta') words" page.html ||
            wrong 'expected N'
    done
    expect_no_temporary .
}

@test "each kind of plot" {
    local kind title
    corpus zipf 2000000 20000 5 >text
    run_wc plain --count-of-counts spectrum -o counts text
    for kind in rank counts coverage growth; do
        run_wc 3 --plot "$kind:$kind.svg" -o counts text
        expect_success
        expect_page "$kind.svg"
        (($(wc -c <"$kind.svg") <= 12288)) || wrong "$kind.svg is large"
        case $kind in
        rank) title='Rank and frequency' ;; counts) title='Frequency spectrum' ;;
        coverage) title='What the most frequent' ;; growth) title='Growth of the vocabulary' ;;
        esac
        grep -q "$title" "$kind.svg" || wrong "expected: $title"
        grep -q '^<svg xmlns="http://www.w3.org/2000/svg"' "$kind.svg" || wrong "$kind.svg cannot stand alone"
    done
    run_wc 2 --plot rank -o counts text
    expect_same rank.svg rank
    awk 'NR <= 3 { printf "%sV(%d) = %d", (NR > 1 ? ", " : ""), $1, $2 }' spectrum >first
    tr -d , <counts.svg | grep -q "$(tr -d , <first)" || wrong "expected: $(<first)"
}

@test "plots are the same on any number of ranks" {
    local kind ranks
    corpus uniq 300000 6 >text
    for kind in rank coverage; do
        run_wc plain --plot "$kind:one.svg" -o counts text
        expect_success
        for ranks in 2 5; do
            run_wc "$ranks" --plot "$kind:many.svg" -o counts text
            expect_success
            expect_same one.svg many.svg
        done
    done
}

@test "lines and fields are named, and rarer ones that are left out" {
    printf 'a,b\na,c\na,b\n' >text
    run_wc 2 --count=field:1:, --plot page.svg text
    grep -q 'Rank and frequency of fields' page.svg || wrong "$(<page.svg)"
    run_wc 2 --count=lines --min-count 2 --plot counts:page.svg text
    grep -q 'N = 2 of 3 lines, V = 1 distinct; rarer ones are left out (--min-count)' page.svg || wrong "$(<page.svg)"
    : >empty
    run_wc 2 --plot growth:page.svg --report page.html empty
    expect_success
    expect_page page.svg
    expect_page page.html
    grep -q 'nothing was counted' page.svg || wrong "$(<page.svg)"
}

@test "tasks, with those that failed" {
    local ranks
    seq 1 60 >list
    for ranks in plain 3; do
        run_wc "$ranks" --retries 0 --report page.html --json record -o results list \
            --exec '[ {} -ne 7 ] || { echo "<script>alert(1)</script>" >&2; exit 3; }; echo {}'
        ((status == 9)) || wrong 'expected exit 9'
        expect_page page.html
        grep -q '<dt><i class="key p5"></i>done</dt><dd>59</dd>' page.html || wrong 'expected 59 that are done'
        grep -q 'failed for good</dt><dd>1</dd>' page.html || wrong 'expected one that failed'
        [[ $(jq -r '.failures[0].reason' record) == 'exit 3: <script>'* ]] || wrong 'expected another reason'
        grep -qF 'exit 3: &lt;script&gt;alert(1)&lt;/script&gt;</td>' page.html || wrong 'expected its reason'
        [[ $(said_by_page page.html) == '60 tasks, 59 done, 1 failed in '*verified ]] || wrong "$(said_by_page page.html)"
        grep -q "<code>$(jq -r .fingerprint record)</code>" page.html || wrong 'expected the fingerprint'
    done
}

@test "names that want to be more than names" {
    local evil=$'<script>]]>"&\e[31m\xe2\x80\xae\xff'
    echo "$evil" >"list $evil"
    mkdir -p "out $evil"
    run_wc 2 --retries 0 --report page.html -o "out $evil/results" "list $evil" --exec 'exit 1; echo {}'
    ((status == 9)) || wrong 'expected exit 9'
    expect_page page.html
    grep -qF '&lt;script&gt;]]&gt;"&amp;\x1b[31m\xe2\x80\xae\xff' page.html || wrong 'expected the name'
    echo a >"$evil"
    run_wc 2 --report page.html --plot "./$evil.svg" -o "$evil counts" "$evil"
    expect_success
    expect_page page.html
    expect_page "$evil.svg"
}

@test "what stands for the state can be put in its place by sed, as page.h shows" {
    echo a >text
    run_wc 2 --report page.html text
    sed -e '/^<meta http-equiv="refresh"/d' -e '/^<!-- state -->$/,/^<!-- end of state -->$/c\
<p class="state bad">ended without a word</p>' page.html >last.html
    expect_page last.html
    diff page.html last.html >changes || ((status == 0))
    [[ $(grep -c '^>' changes) == 1 && $(grep -c '^<' changes) == 3 ]] || wrong "$(<changes)"
    grep -q '^> <p class="state bad">ended without a word</p>$' changes || wrong "$(<changes)"
}

@test "on a failure the old files stay" {
    local stage
    use_debug
    echo a b a >text
    for stage in map:0 spectrum:1 sort:0 gather:1 report:0 report:all; do
        echo old | tee page.html plot.svg counts >record
        WC_FAULT=$stage run_wc 2 --report page.html --plot plot.svg --json record -o counts text
        expect_failure 1 "${stage%:*}"
        [[ $(cat page.html plot.svg record counts) == $'old\nold\nold\nold' ]] || wrong "files are gone after $stage"
    done
    expect_no_temporary .
}

@test "what cannot be written is noticed at the start, and what does not fit at the end" {
    local option
    echo a >text
    for option in --report --plot; do
        run_wc 2 -o counts "$option" missing/file text
        expect_failure 4 'missing/file: No such file or directory'
        run_wc 2 -o counts "$option" /dev/full text
        expect_failure 4 '/dev/full: No space left on device'
        [[ ! -e counts ]] || wrong 'there is a result'
        run_wc plain "$option" text text
        ((status == 2)) || wrong 'expected exit 2: it is an input'
        [[ $(<text) == a ]] || wrong 'the input is gone'
    done
}

@test "what does not go together is misuse" {
    echo a >text
    run_wc plain --plot zipf:a.svg text
    expect_misuse "--plot: 'zipf:a.svg' is not a valid FILE or rank|counts|coverage|growth:FILE"
    run_wc plain --plot a.svg --task squares text
    expect_misuse '--plot and tasks: only one of them'
    run_wc plain --report a --plot a text
    expect_misuse 'a: is both the report and the plot'
    run_wc plain --report a --json a text
    expect_misuse 'a: is both the record of the run and the report'
    run_wc plain --report ./a -o a text
    expect_misuse './a: is both the result and the report'
    run_wc plain --report - text
    expect_misuse '-: is both the result and the report'
    run_wc plain --spool spool --plot a
    expect_misuse '--spool: not with --plot'
}

@test "a page on standard output, when the result is elsewhere" {
    echo a b a >text
    run_wc 2 -o counts --report=- text
    expect_success
    expect_page "$out"
}

@test "both of a comparison have one report" {
    corpus uniq 200000 7 >text
    run_wc 2 --compare --report page.html --plot plot.svg -o counts text
    ((status == 0)) || wrong 'expected exit 0'
    expect_page page.html
    expect_page plot.svg
    grep -q '2 ranks on 1 host' page.html || wrong 'expected the run of two ranks'
}
