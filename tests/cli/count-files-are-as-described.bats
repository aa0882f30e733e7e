#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What mpiwc-counts(5) says of a count file is what is in it: a reader that was made of that page alone finds it so.
# bats file_tags=own
load ../helpers

setup() {
    begin
    for python in python3 /usr/bin/python3 none; do
        ! "$python" -c 'import xxhash' 2>/dev/null || break
    done
    [[ $python != none ]] || skip 'no module xxhash of Python'
}

# expect_described TSV [NAME=VALUE]...: lines WORD<TAB>COUNT in the order of their words.
expect_described() {
    "$top/build/make_counts" "${@:2}" <"$1" >a.mwc
    "$python" "$top/tests/tool/counts.py" a.mwc >read || wrong 'it is not as described'
    expect_same "$1" read
}

@test "texts of all kinds" {
    corpus uniq 14000000 1 | "$program" -q --sort key - >many
    expect_described many count=words input-files=1
    (($(awk -F '\t' '$1 == "index-levels" { print $2 }' <("$program" --info a.mwc)) >= 2))
    make_hostile hostile
    "$program" -q --sort key -r hostile >hostile.tsv
    expect_described hostile.tsv
    : >nothing
    expect_described nothing case=fold
    printf '\t18446744073709551615\n' >one
    expect_described one
}

@test "keys that are long, so that the index has many levels" {
    for i in {10000..10200}; do
        printf "%04000d$i%04500d\t$i\n" 0 1
    done >long
    expect_described long
    (($(awk -F '\t' '$1 == "index-levels" { print $2 }' <("$program" --info a.mwc)) >= 5))
}

@test "what several ranks wrote" {
    for i in 1 2; do
        corpus zipf 2000000 200000 $i | "$program" -q --sort key - | "$top/build/make_counts" >$i.mwc
    done
    run_wc 3 -o a.mwc 1.mwc 2.mwc
    "$python" "$top/tests/tool/counts.py" a.mwc >read
    run_wc plain --join a.mwc
    expect_same read "$out"
}

@test "it finds what is not as described" {
    corpus zipf 2000000 200000 1 | "$program" -q --sort key - | "$top/build/make_counts" >a.mwc
    for at in 20 70 5000 $(($(stat -c %s a.mwc) - 100)); do
        cp a.mwc b.mwc
        printf '\xa5' | dd of=b.mwc bs=1 seek="$at" conv=notrunc status=none
        ! "$python" "$top/tests/tool/counts.py" b.mwc >read 2>"$err" || wrong "byte $at"
        grep -q '^counts.py: b.mwc: ' "$err"
    done
}
