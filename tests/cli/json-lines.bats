#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# With --jsonl the string at a path of each record is counted, as jq shows it, on any number of ranks, however the input is
# cut, read or compressed; what is no JSON is exit 3 with file, line and byte, or is skipped and counted with --skip-bad.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 300000 20000 7 | fold -s -w 150 |
        jq -Rc '{id: input_line_number, text: ., meta: {length: length, tags: ["text", "meta"]}}' >text.jsonl
    # Records that a reader of JSON may trip over.
    cat >odd.jsonl <<'END'
{"text": "tab\there \"quoted\" back\\slash \/ \b\f feed\nnewline\r end"}
{"text":"\u00e9t\u00e9 \ud83d\ude00 \uD834\uDD1E \u4e2d \u0000 nul \u007f", "a": {"b.c": [{"d": "no"}, {"d": "deep down"}]}}
{"text": "first one", "other": {"text": "inner"}, "text": "second one"}
{"text": "given back", "text": 1}
{"other": 1e400, "text": "", "a": {"b.c": [{}, {"d": "deep again", "d": "down"}]}}
{"text": null}
{"text": ["in", "an", "array"]}
{"a":{"b.c":{"1":{"d":"keys may be digits"}}},"text":"x y"}
{}

   
 [1, {"text": "deep"}, [[[[]]]], -0.5E+1, true, false] 
"text"
17
{"t\u0065xt": "the key has an escape"}	
{"text": "été 😀 as bytes", "text ": "no", " text": "no"}
END
    printf '{"text": "no newline at the end"}' >>odd.jsonl
    sed 's/$/\r/' odd.jsonl >crlf.jsonl
}

# texts FILE...: what jq finds at .text, strings only.
texts() {
    jq -r '.text? | strings' "$@"
}

# counted RANKS ARG...: what is in the file `texts`, as $kind says.
counted() {
    expect_texts texts "$1" --jsonl text "${@:2}"
}

# refused PLACE RANKS ARG...: exit 3, what and where.
refused() {
    expect_refused "$1" "$2" --jsonl text "${@:3}"
}

# spoil FILE LINE: of text.jsonl, with a line that is wrong at its 13th byte; $place is where, as a message says it.
spoil() {
    sed "$2s/.*/{\"text\": \"x\" oops}/" "$BATS_FILE_TMPDIR/text.jsonl" >"$1"
    place="$1: line $2, byte $(($(head -n $(($2 - 1)) "$1" | wc -c) + 13)): malformed JSON: neither a comma nor"
}

@test "words, lines and fields of the texts, on any number of ranks" {
    local kind ranks
    texts "$BATS_FILE_TMPDIR/text.jsonl" >texts
    for ranks in plain 2 5; do
        counted $ranks "$BATS_FILE_TMPDIR/text.jsonl"
    done
    grep -q "; $(wc -l <"$BATS_FILE_TMPDIR/text.jsonl" | sed 's/...$/,&/') records; " "$err" || wrong "expected all records"
    for kind in lines field:2 field:3:e; do
        counted plain "$BATS_FILE_TMPDIR/text.jsonl"
        counted 3 --schedule=dynamic --split-size 999 --block-size 100 "$BATS_FILE_TMPDIR/text.jsonl"
    done
}

@test "splits and blocks of any size, both schedules, read by all and by one" {
    texts "$BATS_FILE_TMPDIR/text.jsonl" >texts
    counted 3 --split-size 10000 --block-size 64 "$BATS_FILE_TMPDIR/text.jsonl"
    counted 2 --schedule=dynamic --split-size 77 --block-size 4K "$BATS_FILE_TMPDIR/text.jsonl"
    counted 3 --input=root --memory 4M "$BATS_FILE_TMPDIR/text.jsonl"
}

@test "escapes, equal keys, values of every kind, blank lines, carriage returns, no newline at the end" {
    local file kind schedule=static split=1
    for file in odd crlf; do
        ln -s "$BATS_FILE_TMPDIR/$file.jsonl" .
        texts $file.jsonl >texts
        for kind in words lines; do
            counted plain --block-size 1 $file.jsonl
            counted 3 --split-size $split --block-size 7 --schedule="$schedule" $file.jsonl
            schedule=dynamic split=20
        done
        counted 2 --input=root $file.jsonl
        grep -q '; 15 records, 7 without text$' <(sed 's/; [0-9,]* bytes out.*//' "$err") || wrong "expected 15, 7 without"
    done
}

@test "a path goes through objects, arrays and keys with dots" {
    ln -s "$BATS_FILE_TMPDIR/odd.jsonl" .
    run_wc 2 --jsonl 'a.b\.c.1.d' --sort key --count lines odd.jsonl
    expect_same <(jq -r '.a?["b.c"]? | (.[1]?, .["1"]?) | .d? | strings' odd.jsonl | sort | uniq -c | awk '{ n = $1; $1 = ""; print substr($0, 2) "\t" n }') "$out"
    grep -q '; 15 records, 12 without text' "$err" || wrong "expected three texts"
    run_wc plain --jsonl 1.text odd.jsonl
    printf 'deep\t1\n' | cmp - "$out"
    printf '{"a\\\\b": {"": "empty", "é": "found"}}\n' >keys.jsonl
    run_wc plain --jsonl 'a\\b.é' keys.jsonl
    printf 'found\t1\n' | cmp - "$out"
}

@test "bytes that are not UTF-8 are kept, half of a surrogate pair is U+FFFD" {
    printf '{"text": "a\xffb \xed\xa0\x80"}\n{"text": "\\ud83d x\\ude00 \\ud83d\\u0041"}\n' >bytes.jsonl
    run_wc 2 --sort key --jsonl text bytes.jsonl
    expect_success
    printf 'a\xffb\t1\nx\xef\xbf\xbd\t1\n\xed\xa0\x80\t1\n\xef\xbf\xbd\t1\n\xef\xbf\xbdA\t1\n' | cmp - "$out"
}

@test "nothing: empty files, blank lines, no text in any record" {
    local ranks
    : >empty
    printf '\n \t\r\n\n' >blank
    printf '{"a": 1}\n{}\n' >none
    for ranks in plain 3; do
        run_wc $ranks --jsonl text empty blank
        expect_success
        grep -q '; 0 records' "$err" || wrong "expected no records"
        run_wc $ranks --jsonl text --split-size 1 empty none blank
        expect_success
        grep -q '; 2 records, 2 without text' "$err" || wrong "expected two without text"
        [[ ! -s $out ]]
    done
}

@test "compressed shards: each rank decodes its own, rank 0 one that is most of it" {
    local ranks
    texts "$BATS_FILE_TMPDIR/text.jsonl" >texts
    split -n l/11 "$BATS_FILE_TMPDIR/text.jsonl" part.
    gzip part.a[a-d]
    zstd -q --rm part.a[e-j] # and one as it is
    for ranks in plain 2 5; do
        counted $ranks --block-size 1000 part.*
    done
    run_wc 3 -v --schedule=dynamic --jsonl text part.*
    expect_same expected "$out"
    grep -q 'input: every rank reads its own ranges' "$err"
    zstd -q <"$BATS_FILE_TMPDIR/text.jsonl" >all.zst
    run_wc 3 -v --jsonl text all.zst
    expect_same expected "$out"
    grep -q 'input: rank 0 reads, most of it is one compressed file' "$err"
}

@test "standard input and pipes, as they are and compressed" {
    local file=$BATS_FILE_TMPDIR/text.jsonl
    texts "$file" >texts
    counted plain - <"$file"
    counted 3 - <"$file"
    mkfifo pipe
    gzip -c "$file" >pipe &
    counted 3 pipe
    texts "$file" "$BATS_FILE_TMPDIR/odd.jsonl" >texts
    zstd -qc "$file" | counted plain "$BATS_FILE_TMPDIR/odd.jsonl" -
}

@test "a byte order mark before the first record of a file is no part of it" {
    local way
    for file in one two; do
        printf '\xef\xbb\xbf{"text": "%s"}\n{"text": "more"}\n' $file >$file.jsonl
    done
    printf 'more\t2\none\t1\ntwo\t1\n' >expected
    for way in 'plain' 'plain --block-size 1' '5 --split-size 1 --block-size 1' '3 --split-size 1 --schedule=dynamic' \
        '3 --input=root'; do
        # shellcheck disable=SC2086 # ranks and options
        run_wc $way --jsonl text one.jsonl two.jsonl
        expect_success
        expect_same expected "$out"
    done
    run_wc plain --jsonl text <(gzip -c one.jsonl) - <two.jsonl
    expect_same expected "$out"
    cat one.jsonl two.jsonl >inside.jsonl
    refused "inside.jsonl: line 3, byte $(wc -c <one.jsonl): malformed JSON: no value begins here" plain inside.jsonl
    printf '\xef\xbb\xbf{"text": "x" oops}' >bad.jsonl
    refused 'bad.jsonl: line 1, byte 16: malformed JSON' 3 --split-size 1 bad.jsonl
    printf '\xef\xbb\xbf' >mark.jsonl
    run_wc plain --jsonl text mark.jsonl
    expect_success
    grep -q '; 0 records' "$err" || wrong "expected no record"
    printf '\xef\xbb' >half.jsonl
    refused 'half.jsonl: line 1, byte 0: malformed JSON' 2 --split-size 1 half.jsonl
}

@test "malformed: first, last, in the middle of what a late rank has" {
    local line last
    last=$(wc -l <"$BATS_FILE_TMPDIR/text.jsonl")
    for line in 1 $((last - 100)) $last; do
        spoil bad.jsonl $line
        [[ $line != "$last" ]] || truncate -s -1 bad.jsonl # no newline behind it
        refused "$place" plain bad.jsonl
        refused "$place" 5 --split-size 1000 --block-size 100 "$BATS_FILE_TMPDIR/odd.jsonl" bad.jsonl
        [[ $line == 1 ]] || refused "$place" 3 --input=root --memory 4M "$BATS_FILE_TMPDIR/text.jsonl" bad.jsonl
    done
    refused "$place" 3 --schedule=dynamic --split-size 1000 bad.jsonl "$BATS_FILE_TMPDIR/text.jsonl"
    (cat "$BATS_FILE_TMPDIR/text.jsonl" && printf '{"text": "cut') >short.jsonl
    refused "short.jsonl: line $((last + 1)), byte $(stat -c %s short.jsonl): malformed JSON: the record ends within a string" \
        3 --split-size 1000 short.jsonl
}

@test "malformed, in what is compressed, on standard input and in a pipe" {
    local place line=1500
    spoil bad.jsonl $line
    zstd -q bad.jsonl
    refused "${place/jsonl/jsonl.zst}" plain bad.jsonl.zst
    refused "${place/jsonl/jsonl.zst}" 3 bad.jsonl.zst
    refused "${place/jsonl/jsonl.zst}" 3 --input=shared "$BATS_FILE_TMPDIR/text.jsonl" bad.jsonl.zst
    refused "${place/bad.jsonl/-}" plain - <bad.jsonl
    mkfifo pipe
    cat bad.jsonl >pipe &
    refused "${place/bad.jsonl/pipe}" 3 --memory 4M pipe
}

@test "several that are malformed: one of them is named" {
    spoil bad.jsonl 1700
    sed -i '1000s/.*/{"text": }/; 1800s/.*/[/' bad.jsonl
    refused 'bad.jsonl: line 1' 5 --split-size 1000 bad.jsonl
    grep -qE 'line 1(00|70|80)0, byte [0-9]+: malformed JSON: .* \(rank [0-4], ' "$err" || wrong "expected one of the three"
}

@test "--skip-bad skips what is malformed, and says how many" {
    local ranks
    spoil bad.jsonl 1700
    texts <(sed 1700d bad.jsonl) "$BATS_FILE_TMPDIR/odd.jsonl" >texts
    sed -i '1000s/$/\n{"text": }\n\n[/' bad.jsonl
    for ranks in plain 5; do
        counted $ranks --skip-bad --split-size 500 --json run.json bad.jsonl "$BATS_FILE_TMPDIR/odd.jsonl"
        grep -qE '; [0-9],[0-9]{3} records, 7 without text, 3 malformed and skipped' "$err" || wrong "expected three"
    done
    counted 3 --skip-bad --input=root bad.jsonl "$BATS_FILE_TMPDIR/odd.jsonl"
    jq -e --argjson all $(($(wc -l <bad.jsonl) - 1 + 15)) \
        '.records == $all and .records_without_text == 7 and .records_skipped == 3' run.json
}

@test "the record of a run without --jsonl does not have records" {
    echo '{"text": "a"}' >text.jsonl
    run_wc plain --json run.json text.jsonl
    jq -e 'has("records") or has("records_without_text") or has("records_skipped") | not' run.json
    run_wc 2 --json run.json --jsonl text text.jsonl
    jq -e '.records == 1 and .records_without_text == 0 and .records_skipped == 0' run.json
}

@test "a record larger than blocks and than the splits of all ranks but one" {
    local way
    corpus zipf 3000000 10000 3 | jq -Rsc '{text: .}' >big.jsonl
    ln -s "$BATS_FILE_TMPDIR/odd.jsonl" .
    texts odd.jsonl big.jsonl odd.jsonl >texts
    for way in '3 --split-size 1000' '3 --split-size 1000 --schedule=dynamic --block-size 100' '3 --input=root' \
        'plain --block-size 1'; do
        # shellcheck disable=SC2086 # ranks and options
        counted $way odd.jsonl big.jsonl odd.jsonl
    done
    gzip -1 big.jsonl
    counted 2 odd.jsonl big.jsonl.gz odd.jsonl
    sed 's/.$/x&/' <(zcat big.jsonl.gz) >big.jsonl
    refused "big.jsonl: line 1, byte $(($(stat -c %s big.jsonl) - 3))" 3 --split-size 1000 big.jsonl
    for way in plain '3 --input=root'; do
        # shellcheck disable=SC2086 # ranks and options
        run_wc $way --memory 4M --jsonl text -o result big.jsonl
        expect_failure 5 'big.jsonl: at byte 0: '
    done
    [[ $(<result) == old ]]
}

@test "what cannot be meant is misuse" {
    local path
    echo '{"text": "a"}' >text.jsonl
    for path in . a. .a a..b 'a\b' 'a\' 1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17; do
        run_wc plain --jsonl "$path" text.jsonl
        expect_misuse "--jsonl: '$path' is not a path"
    done
    run_wc 2 --jsonl '' text.jsonl
    expect_misuse "--jsonl: '' is not a valid PATH"
    run_wc plain --skip-bad text.jsonl
    expect_misuse '--skip-bad needs'
    run_wc plain --jsonl text --exec 'echo {}' text.jsonl
    expect_misuse '--jsonl: not for tasks'
    run_wc plain --jsonl text.jsonl
    expect_misuse 'no input'
}
