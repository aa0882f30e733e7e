#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What is in count files is told, and what is wrong with one. Without MPI, without ranks.
# bats file_tags=own
load ../helpers

setup() {
    begin
}

# make_counts FILE [NAME=VALUE]...: a count file of standard input, WORD<TAB>COUNT in any order.
make_counts() {
    LC_ALL=C sort -t "$(printf '\t')" -k 1,1 | "$top/build/make_counts" "${@:2}" >"$1"
}

@test "words are looked up in the order asked, 0 where one is not there" {
    corpus zipf 400000 30000 2 >text
    "$program" -q text >counts
    make_counts a.mwc <counts
    cut -f 1 counts | shuf -n 500 --random-source=text >asked
    printf 'not-there\n\nzz\n' >>asked
    awk -F '\t' 'NR == FNR { count[$1] = $2; next } { printf "%s\t%d\n", $1, count[$1] }' counts asked >want
    run_wc plain --lookup-from asked a.mwc
    ((status == 0))
    expect_same want "$out"
    LC_ALL=C sort asked >sorted
    LC_ALL=C sort want >want.sorted
    run_wc plain --lookup-from - -o result a.mwc <sorted
    ((status == 0))
    expect_same want.sorted result
    [[ ! -s $out && ! -s $err ]]
    run_wc plain --lookup zz --lookup "$(head -n 1 asked)" --lookup-from sorted a.mwc
    expect_same <(printf 'zz\t0\n'; head -n 1 want; cat want.sorted) "$out"
}

@test "keys may be empty, and have any byte" {
    printf '\t3\na\x1b[1m\t2\nz\xff\t18446744073709551615\n' | make_counts a.mwc
    run_wc plain --lookup '' --lookup $'z\xff' --lookup $'a\x1b[1m' --escape a.mwc
    expect_same <(printf '\t3\nz\xff\t18446744073709551615\na\\x1b[1m\t2\n') "$out"
    printf 'z\xff\0\0' >asked
    run_wc plain -z --lookup-from asked a.mwc
    expect_same <(printf 'z\xff\t18446744073709551615\0\t3\0') "$out"
}

@test "--info tells totals and rules" {
    printf 'a\t1\nb\t1\nccc\t2\nd\t9\ne\t18446744073709551615\nf\t8\n' | make_counts a.mwc count=words case=fold input-bytes=70
    run_wc plain --info a.mwc
    ((status == 0))
    bytes=$(stat -c %s a.mwc)
    expect_same <(printf '%s\t%s\n' file a.mwc file-bytes "$bytes" keys 6 sum 18446744073709551636 key-bytes 8 \
        longest-key 3 largest-count 18446744073709551615 keys-of-1 2 keys-of-2 1 keys-of-3 0 keys-of-4 0 keys-of-5 0 \
        keys-of-6 0 keys-of-7 0 keys-of-8 1 blocks 1 index-levels 1 case fold count words input-bytes 70) "$out"
    make_counts empty.mwc </dev/null
    run_wc plain --info a.mwc empty.mwc
    [[ $(grep -c '^file' "$out") == 4 ]]
    grep -q "$(printf '^keys\t0$')" "$out"
}

@test "--check is silent or exit 6, with the place" {
    corpus zipf 400000 30000 2 >text
    "$program" -q text | make_counts a.mwc
    run_wc plain --check -q a.mwc a.mwc
    [[ $status == 0 && ! -s $out && ! -s $err ]]
    run_wc plain --check a.mwc
    [[ $(<"$err") == "wc: a.mwc: $("$program" -q text | wc -l) keys, all sound" ]]
    bytes=$(stat -c %s a.mwc)
    for at in 3 20 70 40000 $((bytes - 400)) $((bytes - 100)) $((bytes - 1)); do
        cp a.mwc b.mwc
        printf '\xa5' | dd of=b.mwc bs=1 seek="$at" conv=notrunc status=none
        run_wc plain --check a.mwc b.mwc
        ((status == 6)) || wrong "byte $at"
        grep -q 'wc: b.mwc: byte [0-9]*: ' "$err"
        run_wc plain --lookup-from text b.mwc
        ((status == 3)) || grep -q . "$out" || wrong "byte $at: no answer and no error"
    done
    head -c 40000 a.mwc >b.mwc
    run_wc plain --check b.mwc
    expect_failure 6 'b.mwc: byte 39744: no footer: the file was cut short'
    run_wc plain --check missing.mwc
    expect_failure 3 'missing.mwc: No such file'
    run_wc plain --info text
    expect_failure 3 'text: byte 0: not a count file'
    run_wc plain --join . a.mwc
    expect_failure 3 '.: not a regular file'
}

@test "--join shows what each has of every word" {
    for i in 1 2 3; do
        corpus zipf 200000 20000 $i | "$program" -q - >counts.$i
        make_counts $i.mwc count=words input-bytes=$i <counts.$i
    done
    awk -F '\t' '{ word[$1]; count[$1, FILENAME] = $2 }
        END { for (w in word) printf "%s\t%d\t%d\t%d\n", w, count[w, "counts.1"], count[w, "counts.2"], count[w, "counts.3"] }' \
        counts.* | LC_ALL=C sort >want
    run_wc plain --join 1.mwc 2.mwc 3.mwc
    ((status == 0))
    expect_same want "$out"
    echo old >result
    run_wc plain --join -o result 1.mwc 2.mwc 3.mwc
    [[ $status == 0 && ! -s $out ]]
    expect_same want result
    echo old >result
    head -c 20000 2.mwc >cut.mwc
    cp 3.mwc harmed.mwc
    printf '\xa5' | dd of=harmed.mwc bs=1 seek=50000 conv=notrunc status=none
    run_wc plain --join -o result 1.mwc harmed.mwc
    expect_failure 3 'harmed.mwc: byte'
    [[ $(<result) == old ]]
    make_counts other.mwc count=lines input-bytes=4 <counts.1
    run_wc plain --join 1.mwc other.mwc
    expect_misuse 'other.mwc: was counted by other rules than 1.mwc: count=lines, and count=words'
}

@test "several ranks that are started by mistake answer once" {
    printf 'a\t1\n' | make_counts a.mwc
    run_wc 2 --lookup a a.mwc
    expect_same <(printf 'a\t1\n') "$out"
}
