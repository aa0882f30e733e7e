#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# --count=lines is sort | uniq -c, and --count=field:N is cut or awk before it, on any number of ranks, however the input is cut.
#
# Every kind with every setting is in spmd/test_pipeline, in one mpirun; here each has its turn, with WC_TEST_LONG=1 all of
# them.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    make_hostile hostile
    printf '\n\n\na\n\n' >hostile/empty-lines
    printf 'a,b,c\n,,\na\n\n,b\na,b\n,\nb,,c,' >hostile/commas
    printf '  a b\n\ta\tb \n \n\na\nb a  \t c' >hostile/columns
}

kinds=(lines field:1 field:2 field:3 field:1:, field:2:, 'field:2: ')

# counted KIND RANKS ARG...: what is in the file `expected`.
counted() {
    run_wc "$2" --count="$1" "${@:3}"
    expect_success
    expect_same "$BATS_TEST_TMPDIR/expected" "$out"
}

# The files in which ends of lines and separators are what is odd; of the others each has one kind.
@test "each kind of odd input alone" {
    local file kind turn=0 alone=(lines field:1 field:2:,) some
    for file in "$BATS_FILE_TMPDIR"/hostile/*; do
        case ${WC_TEST_LONG:+all}${file##*/} in words-[2-9] | words-1[01]) continue ;; esac # of the same nature
        some=("${alone[turn++ % 3]}")
        case ${WC_TEST_LONG:+all}${file##*/} in
        all* | empty* | newline | blanks | unfinished | crlf | nul | nuls | commas | columns) some=("${alone[@]}") ;;
        esac
        for kind in "${some[@]}"; do
            oracle --count="$kind" "$file" >expected
            counted "$kind" plain "$file"
        done
    done
}

# Lines and one kind of fields in each way, the other kinds in one way each.
@test "all of them, in pieces and blocks of any size, read by all and sent by one" {
    local kind way turn=0 some
    local ways=('3 --split-size 64 --block-size 64' '2 --split-size 1000 --block-size 4K --combine=off'
        '3 --input=root --block-size 64')
    for kind in "${kinds[@]}"; do
        oracle --count="$kind" "$BATS_FILE_TMPDIR"/hostile/* >expected
        some=("${ways[turn++ % 3]}")
        case ${WC_TEST_LONG:+all}$kind in
        all* | lines | field:2:,) some=("${ways[@]}") ;;
        esac
        for way in "${some[@]}"; do
            # shellcheck disable=SC2086 # ranks and options
            counted "$kind" $way "$BATS_FILE_TMPDIR"/hostile/*
        done
    done
}

@test "pieces of one byte, more ranks than lines" {
    local kind some=(lines field:2 field:3:,)
    [[ ! ${WC_TEST_LONG-} ]] || some=("${kinds[@]}")
    cd "$BATS_FILE_TMPDIR/hostile"
    for kind in "${some[@]}"; do
        oracle --count="$kind" commas columns empty-lines crlf >"$BATS_TEST_TMPDIR/expected"
        counted "$kind" 7 --split-size 1 --block-size 1 commas columns empty-lines crlf
    done
}

@test "the same bytes as sort | uniq -c | sort -rn" {
    export LC_ALL=C
    corpus zipf 3000000 300 5 | tr ' ' '\n' >text
    run_wc 2 --count=lines text
    expect_success
    sort text | uniq -c | sort -rn >expected
    # There the count comes first, and of equal counts the last line.
    sed -E 's/(.*)\t(.*)/\2 \1/' "$out" | sort -rn >ours
    sed 's/^ *//' expected | cmp ours -
}

@test "the same fields as cut and awk" {
    local n
    for n in 1 3 7; do
        run_wc plain --count=field:$n:: /etc/passwd
        expect_success
        cut -d : -f $n /etc/passwd | LC_ALL=C sort >expected
        awk -F '\t' '{ for (i = 0; i < $2; i++) print $1 }' "$out" | LC_ALL=C sort | cmp - expected
    done
    seq 5000 | awk '{ print " ", $1 % 7, "\t", $1 % 11 }' >text
    run_wc 3 --count=field:2 --split-size 100 text
    expect_success
    awk '{ print $2 }' text | sort >expected
    awk '{ for (i = 0; i < $2; i++) print $1 }' "$out" | sort | cmp - expected
}

@test "separators by their escapes; a line with fewer fields is left out" {
    printf 'a\tb\nc\nd\t\n' >text
    run_wc plain --count='field:2:\t' text
    expect_success
    printf '\t1\nb\t1\n' | cmp - "$out"
    printf 'a\0b\n\0\n' >text
    run_wc plain --count='field:2:\0' text
    expect_success
    printf '\t1\nb\t1\n' | cmp - "$out"
}

@test "--escape, --top and --min-count" {
    printf 'tab\there\n\n\ntab\there\nonce\n' >text
    run_wc 2 --count=lines --escape --min-count 2 text
    ((status == 0))
    printf '\t2\ntab\\x09here\t2\n' | cmp - "$out"
    grep -q '5 lines, 3 distinct, .* 1 distinct line left out' "$err" || wrong "expected lines"
    run_wc 2 --count=lines --top 1 text
    printf '\t2\n' | cmp - "$out"
}

@test "standard input, and a last line without newline that ends where a block does" {
    printf 'a,b,' >text
    for block in 1 2 3 4 5; do
        run_wc plain --count=field:3:, --block-size $block - <text
        expect_success
        printf '\t1\n' | cmp - "$out"
        ((block == 1 || block == 4)) || continue
        run_wc 3 --count=field:3:, --block-size $block --split-size 1 text
        expect_success
        printf '\t1\n' | cmp - "$out"
    done
}

@test "the messages say lines or fields, the record what was counted" {
    printf 'a b\n' >text
    run_wc plain --count=field:2 --json run.json text
    grep -q '^wc: 1 field, 1 distinct, ' "$err" || wrong "expected a field"
    [[ $(jq -r '.count, .words, .distinct_words' run.json | xargs) == 'field:2 1 1' ]]
    corpus uniq 20000000 1 | tr ' ' '\n' >many
    run_wc plain --count=lines --memory 8M -o counts many
    expect_failure 5 'too little for so many different lines'
}

@test "what cannot be counted is misuse" {
    local kind
    echo a >text
    for kind in '' word lines:1 field field:0 field:1: field:1, field:2-1 field:0-1 field:1:abcdefghijklmnopq 'field:1:\n' 'field:1,2:a\n' field:x; do
        run_wc plain --count="$kind" text
        ((status == 2)) || wrong "expected exit 2 for $kind"
        [[ $(messages | head -n 1) == "wc: --count: '$kind' is "* ]] || wrong "expected the argument"
    done
}

@test "lines of 40 MB, and fields in such lines" {
    local size=40000000
    [[ ! ${WC_TEST_LONG-} ]] || size=100000000
    corpus one "$size" >long
    { echo a; cat long; printf '\na\n\n'; cat long; } >text
    { printf 'a\t2\n'; cat long; printf '\t2\n\t1\n'; } >expected # of letters only, so behind a
    for how in shared root; do
        run_wc 3 --count=lines --input=$how -o counts text
        expect_success
        cmp expected counts
    done
    { printf 'one two '; cat long; printf ' end\none two\nthree'; } >text
    for how in shared root; do
        run_wc 3 --count=field:2 --memory 16M --input=$how text
        expect_success
        printf 'two\t2\n' | cmp - "$out"
    done
    run_wc plain --count=field:4 --memory 1G text
    printf 'end\t1\n' | cmp - "$out"
}

@test "a line without an end takes no memory for what follows its field" {
    (yes 'x y z' | tr '\n' ' ' | head -c 60000000) >text # some 4 times the memory
    for how in shared root; do
        run_wc 2 --count=field:1000000 --memory 16M --input=$how text
        expect_success
        printf 'x\t1\n' | cmp - "$out"
    done
}

@test "several fields, and separators of several bytes, are those of cut and awk" {
    local kind size
    corpus words 20000 3 | tr ' ' ',' | paste -d ',' - - - - >text
    printf ',,a\n\nx\n,\nlast,line, no newline,' >>text
    awk -F , 'NF > 2 { print $1 FS $3 }' text | oracle --count=lines - >field:1,3:,
    awk -F , 'NF > 1 { sub(/^[^,]*,/, ""); print }' text | oracle --count=lines - >field:2-:,
    awk -F , 'NF > 2 { print $1 FS $2 FS $3 }' text | oracle --count=lines - >field:3,1-2:,
    for kind in field:1,3:, field:2-:, field:3,1-2:,; do
        for size in 1 100; do
            run_wc 3 --count=$kind --split-size $size --block-size $size text
            expect_success
            expect_same $kind "$out"
        done
        run_wc 2 --count=$kind --input=root text
        expect_same $kind "$out"
        sed 's/$/\r/' text | run_wc plain --crlf --count=$kind -
        expect_same $kind "$out"
    done
    grep -q '; [0-9,]* records, 3 without text' "$err" || wrong 'expected the records'
    tr ',' '\t' <text | sed 's/\t/  \t /' >blanks
    awk 'NF > 3 { print $2, $4 }' blanks | oracle --count=lines - >expected
    run_wc 2 --count=field:2,4 blanks
    expect_same expected "$out"
    sed 's/,/, /g' text >commas
    awk -F ', ' 'NF > 1 { print $2 }' commas | oracle --count=lines - >expected
    run_wc 2 --count='field:2:, ' --split-size 1 commas
    expect_same expected "$out"
    run_wc plain --count=field:1,2 --jsonl a text
    expect_misuse '--jsonl: only with one field'
}

@test "--skip-header: the first line of each file is not counted" {
    local kind size file
    printf 'word,count\na,1\na,2\nb,1\n' >one
    printf '\xef\xbb\xbfa,1,and,more,that,is,long\na,1' >two
    printf '\na,1\n' >three
    printf 'alone' >four
    : >five
    for file in one two three four five; do tail -n +2 $file; echo; done | grep . >expected-lines
    for kind in lines field:1:, field:2-:,; do
        oracle --count=lines - <expected-lines >want
        [[ $kind != field:1:, ]] || cut -d , -f 1 expected-lines | oracle --count=lines - >want
        [[ $kind != field:2-:, ]] || cut -d , -f 2- expected-lines | oracle --count=lines - >want
        for size in 1 3 100; do
            run_wc 3 --skip-header --count=$kind --split-size $size --block-size $size one two three four five
            expect_success
            expect_same want "$out"
        done
        run_wc 2 --skip-header --count=$kind --input=root --block-size 1 one two three four five
        expect_same want "$out"
        gzip -k one
        cat two | run_wc plain --skip-header --count=$kind - one.gz three four five
        expect_same want "$out"
        rm one.gz
    done
    run_wc 2 --skip-header --csv 1 one three # an empty line is no record of CSV
    expect_same <(printf 'a\t2\nb\t1\n') "$out"
    printf '"a\nheader",x\nb,x\n' >quoted
    run_wc 2 --skip-header --csv 1 quoted
    expect_same <(printf 'b\t1\n') "$out"
    for kind in --count=words '--count=lines --jsonl a' '--count=lines --warc'; do
        # shellcheck disable=SC2086 # two options
        run_wc plain --skip-header $kind one
        expect_misuse '--skip-header: for lines, fields and --csv'
    done
}

@test "-z: lines end with NUL, in the files and in the result" {
    local kind size
    python3 - <<'EOF'
import collections, itertools
text = b"".join(map(bytes, itertools.product(b"\0\n,xy", repeat=5)))
lines = text.split(b"\0")
if not lines[-1]:
    del lines[-1]
def write(name, keys):
    counts = sorted(collections.Counter(keys).items(), key=lambda item: (-item[1], item[0]))
    open(name, "wb").write(b"".join(b"%s\t%d\0" % item for item in counts))
open("text", "wb").write(text)
write("lines", lines)
fields = [line.split(b",") for line in lines]
write("field:2:,", [each[1] for each in fields if len(each) > 1])
EOF
    for kind in lines field:2:,; do
        for size in 1 7 1000; do
            run_wc 3 -z -o result --count=$kind --split-size $size --block-size $size text
            expect_success
            expect_same $kind result
        done
        run_wc 2 --zero-terminated -o result --input=root --block-size 7 --count=$kind text
        expect_same $kind result
    done
    printf 'a\nb\0a\nb\0' >text
    run_wc plain -z --count=lines --escape --header text
    expect_same <(printf 'line\tcount\0a\\x0ab\t2\0') "$out"
    run_wc plain -z --count=lines --format=csv text
    expect_same <(printf '"a\nb",2\n') "$out"
    for kind in words 'field:1:\0'; do
        run_wc plain -z --count="$kind" text
        expect_misuse '-z: '
    done
    run_wc plain -z --count=lines --jsonl a text
    expect_misuse '-z: for lines and single fields'
}

@test "--crlf: a carriage return before a newline is no part of a line or field" {
    local kind size
    # Every string of four of these characters is a line or lies across lines.
    for a in '\r' '\n' ',' ' ' x; do
        for b in '\r' '\n' ',' ' ' x; do
            for c in '\r' '\n' ',' ' ' x; do
                for d in '\r' '\n' ',' ' ' x; do printf "$a$b$c$d"; done
            done
        done
        printf '\r\n'
    done >text
    sed 's/\r$//' text >unix
    for kind in lines field:1 field:2 field:2:,; do
        run_wc plain -o expected --count=$kind unix
        for size in 1 7; do
            run_wc 3 --crlf --count=$kind --split-size $size --block-size $size text
            expect_success
            expect_same expected "$out"
        done
    done
    printf 'a\r\na\nb\r' >text
    run_wc 2 --crlf --count=lines text
    expect_same <(printf 'a\t2\nb\r\t1\n') "$out"
    printf '6\r\n7\r\n' >text
    run_wc 2 --crlf --exec 'echo {}x' text
    expect_same <(printf '6x\n7x\n') "$out"
    run_wc plain --crlf text
    expect_misuse '--crlf: for lines, fields and tasks'
}
