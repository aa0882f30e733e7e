#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# --collect: what tasks leave is counted, added, or the least or greatest of it is kept.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    awk 'BEGIN { srand(7); for (i = 0; i < 120; i++) print int(rand() * 30), int(rand() * 2000) - 1000 }' >tasks
    # What the tasks print, and what has to become of it.
    awk '{ print "key " $1 "\t" $2; print "all\t" 1 }' tasks >printed
}

# combined AWK-EXPRESSION: of value v into s, which is "" at first.
combined() {
    LC_ALL=C sort <(awk -F '\t' '{ v = $2; s = sum[$1]; '"$1"'; sum[$1] = s } END { for (k in sum) print k "\t" sum[k] }' \
        "$BATS_FILE_TMPDIR/printed")
}

check() { # COLLECT RANKS...
    local ranks some=("${@:2}")
    [[ ! ${WC_TEST_LONG-} ]] || some=(plain 2 3)
    for ranks in "${some[@]}"; do
        run_wc "$ranks" --collect "$1" \
            --exec 'set -- {}; set -- $1; printf "key %s\t%s\nall\t1\n" "$1" "$2"' "$BATS_FILE_TMPDIR/tasks"
        ((status == 0)) || wrong "expected exit 0"
        expect_same expected "$out"
    done
}

@test "sums" {
    combined 's += v' >expected
    check sum plain 3
}

@test "minima" {
    combined 's = s == "" || v + 0 < s + 0 ? v : s' >expected
    check min 3
}

@test "maxima" {
    combined 's = s == "" || v + 0 > s + 0 ? v : s' >expected
    check max 2
}

@test "lines are counted, most frequent first" {
    LC_ALL=C sort "$BATS_FILE_TMPDIR/printed" | uniq -c |
        awk '{ n = $1; sub(/^ *[0-9]+ /, ""); print n "\t" $0 }' | LC_ALL=C sort -t '	' -k1,1nr -k2 |
        awk -F '\t' '{ print $2 "\t" $3 "\t" $1 }' >expected
    check count 3
}

@test "a result that is no KEY<TAB>INTEGER fails its task" {
    printf '1\n2\nx\n' >tasks
    run_wc 2 --collect sum --retries 0 --exec 'echo n {} | tr " " "\t"' tasks
    ((status == 9)) || wrong "expected exit 9"
    [[ $(<"$out") == $'n\t3' ]] || wrong "expected the sum of the others"
    messages | grep -q 'its result is no KEY<TAB>INTEGER' || wrong "expected a reason"
}

@test "sums of more than 64 bits" {
    printf '%s\n' 9223372036854775807 9223372036854775807 9223372036854775807 >tasks
    run_wc 3 --collect sum --exec 'echo {}' tasks
    [[ $(<"$out") == 27670116110564327421 ]] || wrong "expected all of it"
}

@test "words and lines of what commands print are counted as they come, on all ranks" {
    local ranks i
    for i in {1..12}; do
        corpus words $((i * 5000)) "$i" >"text-$i"
        tar -cf "archive $i.tar" "text-$i"
        printf 'archive %d.tar\n' "$i" >>list
    done
    oracle text-* >expected
    oracle --count=lines text-* >expected-lines
    for ranks in plain 3; do
        run_wc "$ranks" --exec 'tar -xOf {}' --collect words list
        expect_success
        expect_same expected "$out"
        run_wc "$ranks" --exec 'tar -xOf {}' --collect lines -o lines list
        expect_success
        expect_same expected-lines lines
        run_wc "$ranks" --memory 16M --exec 'yes "a b" | head -c 40000000; : {}' --collect words - < <(seq 4)
        expect_success # more than memory, and more than one result may be
        expect_same <(printf '%s\t40000000\n' a b) "$out"
    done
    rm 'archive 7.tar'
    run_wc 2 --exec 'tar -xOf {}' --collect words -o counts list
    ((status == 3)) || wrong 'expected that no count is there without all'
    grep -q 'archive 7.tar: --pre: exit' "$err" || wrong 'expected which'
    [[ ! -e counts ]]
    run_wc 2 --exec 'tar -xOf {}' --collect words -o list list
    ((status == 2)) && grep -q 'list: is both input and output' "$err" || wrong 'expected a refusal'
    run_wc plain --exec 'tar -xOf {}' --collect words --journal state.db list
    expect_misuse '--collect=words: not with --journal'
    run_wc plain --task squares --collect lines list
    expect_misuse '--collect=lines needs --exec'
}
