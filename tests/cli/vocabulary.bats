#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Only the words of a list are counted, and those of them that never occur are in the result, too.
load ../helpers

setup() {
    begin
}

# python_counts [OPTION...]: what `text` holds of the lines of `words`, in our order. -l: in small letters.
python_counts() {
    python3 - "$@" <<'PYTHON'
import collections, re, sys
encoded = lambda word: word.encode("utf-8", "surrogateescape")
lower = (lambda word: word.lower()) if "-l" in sys.argv else (lambda word: word)
known = {lower(word) for word in open("words", encoding="utf-8", errors="surrogateescape").read().split("\n") if word}
counts = collections.Counter(lower(word) for word in re.split("[ \t\n\v\f\r]+", open("text", encoding="utf-8", errors="surrogateescape").read()))
for word in sorted(known, key=lambda word: (-counts[word], encoded(word))):
    sys.stdout.buffer.write(b"%s\t%d\n" % (encoded(word), counts[word]))
PYTHON
}

@test "those of the list are counted, zeros included, on any number of ranks" {
    corpus words 300000 5 >text
    { tr -s '[:space:]' '\n' <text | sort -u | awk 'NR % 3 == 0'; seq -f 'never%g' 5000; echo zeichen-größe; } >words
    python_counts >want
    (($(grep -c "$(printf '\t0$')" want) > 5000))
    for options in plain 2 '5 --memory 4M' '3 --combine=off --input=root' '3 --shuffle=host'; do
        # shellcheck disable=SC2086 # ranks and options
        run_wc $options --vocabulary words text
        expect_success
        expect_same want "$out"
    done
}

@test "its lines are taken as the words are" {
    printf 'The the THE\nÉTÉ, été; (dog) Dog cat\n' >text
    printf 'THE\nÉté\nDOG\nzebra\n' >words
    python_counts -l >want
    run_wc 2 --lower --vocabulary words text
    expect_same want "$out"
    run_wc 2 --lower --strip --vocabulary words text
    expect_same <(printf 'the\t3\ndog\t2\nété\t2\nzebra\t0\n') "$out"
    printf ' dog\n Dog\n cow\n' >words
    run_wc 2 --words=gpt2 --vocabulary words text
    expect_same <(printf ' Dog\t1\n cow\t0\n dog\t0\n') "$out"
}

@test "how many words are outside is said, and stands in the record of the run" {
    printf 'a b c a\n' >text
    printf 'a\nd\n' >words
    run_wc 2 --vocabulary words --json record text
    expect_same <(printf 'a\t2\nd\t0\n') "$out"
    grep -q '2 words, 2 distinct, .*; 2 words outside the vocabulary' "$err"
    [[ $(jq -c '[.words, .distinct_words, .outside_words, .left_out_words]' record) == '[2,2,2,0]' ]]
    [[ $(jq -r .rules record) == 'space, vocabulary of 2 words; '* ]]
}

@test "--top, --min-count, --sort, columns and the count of counts know of zeros" {
    printf 'a b c a\n' >text
    printf 'e\na\nd\nc\n' >words
    run_wc 3 --vocabulary words --top 3 text
    expect_same <(printf 'a\t2\nc\t1\nd\t0\n') "$out"
    run_wc 3 --vocabulary words --min-count 1 text
    expect_same <(printf 'a\t2\nc\t1\n') "$out"
    run_wc 3 --vocabulary words --sort key --count-of-counts counts text
    expect_same <(printf 'a\t2\nc\t1\nd\t0\ne\t0\n') "$out"
    expect_same <(printf '0\t2\n1\t1\n2\t1\n') counts
    run_wc 3 --vocabulary words --columns word,rank,per-million,cumulative --format csv text
    expect_same <(printf 'a,1,666666.667,2\nc,2,333333.333,3\nd,3,0.000,3\ne,4,0.000,3\n') "$out"
    run_wc 2 --vocabulary words --columns word,per-million /dev/null
    expect_same <(printf 'a\t0.000\nc\t0.000\nd\t0.000\ne\t0.000\n') "$out"
}

@test "what is no UTF-8 is counted where the list has it" {
    printf 'x\xff y\xff x\xff\n' >text
    printf 'x\xff\nz\xff\n' >words
    run_wc 2 --lower --vocabulary words text
    expect_same <(printf 'x\xff\t2\nz\xff\t0\n') "$out"
    grep -q '; 2 words not UTF-8, kept as they are; 1 word outside the vocabulary' "$err"
}

@test "it says what a word is, is not written over, and must be there" {
    printf 'a\n' | tee text >words
    run_wc plain --vocabulary words --count lines text
    expect_misuse 'only with --count=words'
    run_wc 2 --vocabulary words -o words text
    expect_misuse 'words: is both input and output'
    run_wc 2 --vocabulary missing text
    expect_failure 3 'missing: No such file'
}
