#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# FOR THOSE WHO TRAIN in the manual is true: its commands lead from compressed shards to what trainers take, and the
# vocabulary that comes of counts is the one that comes of the text.
load ../helpers

# Licences and manual pages of many languages, in shards; and lines in which words are hard to find.
setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    {
        find /usr/share/common-licenses -type f -print0 | sort -z | xargs -0 cat
        find /usr/share/man -name '*[a-f]*.1.gz' -print0 | sort -z | xargs -0 -r zcat | head -c 300000
    } 2>/dev/null | iconv -c -f utf-8 -t utf-8 | LC_ALL=C tr -d '\v' >text || true
    printf '\n  two  blanks, \ta tab,\fa feed \r\nna\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xe2\x96\x81 <s> no\xc2\xa0break \xe3\x80\x80wide\n%.0s' \
        {1..50} >>text
    mkdir shards
    jq -Rc '{id: input_line_number, text: .}' text | split -n r/3 --additional-suffix=.jsonl --filter='zstd -q >$FILE.zst' - shards/
}

setup() {
    begin
    ln -s "$BATS_FILE_TMPDIR/shards" shards
}

mpiwc() {
    "$program" -q "$@"
}

mpirun() {
    if [[ $3 == mpiwc ]]; then # a function, which mpirun does not know
        set -- "${@:1:2}" "$program" "${@:4}"
    fi
    command "${mpirun[@]}" "$@" 2>/dev/null
}

# example START: the lines of the manual, from the one that begins so to the end of the example, as a reader sees them.
example() {
    sed 's/\\-/-/g; s/\\(aq/'\''/g; s/\\e$/\\/' "$top/src/mpiwc.1" |
        awk -v start="$1" 'index($0, start) == 1 { inside = 1 } inside && /^\.EE/ { exit } inside'
}

# run_example START [SED]: its commands; SED makes them smaller.
run_example() {
    local commands
    commands=$(example "$1" | sed "${2-}")
    [[ $commands ]] || wrong "the manual has no '$1'"
    eval "$commands" >"$out" 2>"$err" || wrong "failed: $commands"
}

@test "sentencepiece makes the same vocabulary of the counts as of the text" {
    command -v spm_train >/dev/null || skip 'no spm_train, of the package sentencepiece'
    run_example 'mpirun -n 2 mpiwc --jsonl text -o words.tsv' 's/--vocab_size=32000/--vocab_size=1000/'
    spm_train --input="$BATS_FILE_TMPDIR/text" --max_sentence_length=1000000 \
        --model_type=bpe --vocab_size=1000 --model_prefix=text 2>/dev/null
    (($(wc -l <text.vocab) == 1000)) || wrong 'expected a vocabulary of the text'
    expect_same text.vocab words.vocab
}

@test "WORD COUNT with a blank is read as learn-bpe reads it" {
    run_example "mpiwc --jsonl text --output-separator ' '"
    python3 -c '
for line in open("words.txt", encoding="utf-8"):
    word, count = line.strip("\r\n ").split(" ")
    print(word, int(count), sep="\t")' >read
    oracle "$BATS_FILE_TMPDIR/text" >expected
    expect_same expected read
}

@test "a dictionary of pieces has all of them, and all their occurrences" {
    run_example 'mpiwc --jsonl text --words gpt2 --format jsonl'
    read -r distinct all <"$out"
    run_wc plain --jsonl text --words gpt2 -o none.tsv shards/*.zst
    grep -qE "^wc: $(sed -E ':again; s/^([0-9]+)([0-9]{3})/\1,\2/; t again' <<<"$all") words, $(sed -E ':again; s/^([0-9]+)([0-9]{3})/\1,\2/; t again' <<<"$distinct") distinct" "$err" ||
        wrong "expected $distinct pieces, $all occurrences"
}
