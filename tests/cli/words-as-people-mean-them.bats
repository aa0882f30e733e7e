#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What a word is can be said: small letters, case folding, normal forms, the words of Unicode, of a pattern, of
# tokenizers. The oracle is Python, on a text of many scripts.
load ../helpers

setup_file() {
    python3 - "$BATS_FILE_TMPDIR/text" <<'PYTHON'
import random, sys
random.seed(3)
letters = ("abcdeXYZäöüÄÖÜßéÉñçøØıİſΣσςΑαДдЖжｱｲ中文日本語カナไทย한국어𝐀𝒳🙂ﬁǅ\u0301\u0308\u00a0\u3000"
           "''’..,,--!?()/\"0123٣४")
with open(sys.argv[1], "w", encoding="utf-8", newline="") as text:
    for _ in range(30000):
        text.write("".join(random.choice(letters) for _ in range(random.randint(1, 9))))
        text.write(random.choice([" ", " ", "\n", "  ", "\t", "\r\n", "\n\n  "]))
PYTHON
}

setup() {
    begin
    cp "$BATS_FILE_TMPDIR/text" text
}

# python_counts EXPRESSION: the lines that the list of words which it makes of `text` gives, in our order.
python_counts() {
    python3 - "$1" <<'PYTHON'
import collections, re, sys, unicodedata
try:
    import regex
except ImportError:
    regex = None
text = open("text", encoding="utf-8", newline="").read()
def chunks(text): return re.split("[ \t\n\v\f\r]+", text)
counts = collections.Counter(word.encode() for word in eval(sys.argv[1]) if word)
for word, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
    sys.stdout.buffer.write(word + b"\t%d\n" % count)
PYTHON
}

# expect_words EXPRESSION OPTION...: on any number of ranks, however the text is cut and read.
expect_words() {
    local want=$BATS_TEST_TMPDIR/want
    python_counts "$1" >"$want"
    [[ -s $want ]]
    shift
    run_wc plain "$@" text
    expect_success
    expect_same "$want" "$out"
    run_wc 5 "$@" --schedule=dynamic --split-size 700 --block-size 300 text
    expect_success
    expect_same "$want" "$out"
    run_wc 3 "$@" --input=root text
    expect_success
    expect_same "$want" "$out"
}

@test "small letters are those of str.lower()" {
    expect_words 'chunks(text.lower())' --lower
}

@test "case folding and a normal form are those of str.casefold() and unicodedata" {
    expect_words '[unicodedata.normalize("NFC", word.casefold()) for word in chunks(text)]' --fold --nfc
}

@test "compatibility characters" {
    expect_words 'chunks(unicodedata.normalize("NFKC", text))' --nfkc
}

@test "the matches of a pattern are those of re.findall" {
    expect_words 're.findall(r"\w+", text.lower())' --lower --words='regex:[\p{L}\p{N}_]+'
}

@test "a pattern that may match a blank is searched for in lines" {
    expect_words '[m for line in text.split("\n") for m in re.findall("[a-e]+ [a-e]+", line)]' --words='regex:[a-e]+ [a-e]+'
}

@test "the pieces of tokenizers" {
    python3 -c 'import regex' || skip "python3 has no module regex"
    expect_words 'regex.findall(r"""'"'(?:[sdmt]|ll|ve|re)"'| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""", text)' --words=gpt2
    expect_words 'regex.findall(r"""'"'(?i:[sdmt]|ll|ve|re)"'|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+""", text)' \
        --words=cl100k
}

@test "texts of records are cut by themselves: what follows in the next one makes no difference" {
    local options record want=$BATS_TEST_TMPDIR/want
    python3 -c 'import regex' || skip "python3 has no module regex"
    split -C 100 text record.
    for record in record.*; do jq -Rsc '{text: .}' "$record"; done | head -n 1000 >records
    printf '%s\n' '{"text": "end \n\n"}' '{"text": " begin"}' '{"text": ""}' '{"text": "\n"}' >>records
    python_counts 'sum([regex.findall(r"""'"'(?:[sdmt]|ll|ve|re)"'| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""", __import__("json").loads(record)["text"]) for record in open("records")], [])' >"$want"
    for options in plain '3 --split-size 500 --block-size 50' '2 --input=root'; do
        # shellcheck disable=SC2086 # ranks and options
        run_wc $options --words=gpt2 --jsonl text records
        expect_success
        expect_same "$want" "$out"
    done
}

@test "the words of Unicode, without punctuation, of a length, and not those of a list" {
    printf "Can't stop, won't stop: 3.14 e-mails (don't)! naïve x\n" >text
    run_wc plain --words=unicode --lower text
    expect_same <(printf "stop\t2\n3.14\t1\ncan't\t1\ndon't\t1\ne\t1\nmails\t1\nna\xc3\xafve\t1\nwon't\t1\nx\t1\n") "$out"
    printf 'STOP\nx\n' >list
    run_wc 2 --strip --lower --stop list text
    expect_same <(printf "3.14\t1\ncan't\t1\ndon't\t1\ne-mails\t1\nna\xc3\xafve\t1\nwon't\t1\n") "$out"
    run_wc 2 --words=unicode --min-length 5 text
    expect_same <(printf "Can't\t1\ndon't\t1\nmails\t1\nna\xc3\xafve\t1\nwon't\t1\n") "$out"
}

@test "what is no UTF-8 is kept as it is, and said" {
    printf 'A\xff, A\xff, a A.\n' >text
    run_wc 2 --lower --strip text
    expect_same <(printf 'A\xff,\t2\na\t2\n') "$out"
    grep -q '; 2 words not UTF-8, kept as they are' "$err"
}

@test "--min-count and --top count words, not what they are made of" {
    printf 'a, a. (a) b, b. c\n' >text
    run_wc 3 --strip --min-count 2 text
    expect_same <(printf 'a\t3\nb\t2\n') "$out"
    run_wc 3 --strip --top 1 text
    expect_same <(printf 'a\t3\n') "$out"
    run_wc 3 --strip --count-of-counts counts text
    expect_same <(printf '1\t1\n2\t1\n3\t1\n') counts
}

@test "the record of the run names the rules and the version of Unicode" {
    run_wc 2 --words=unicode --fold --json record text
    [[ $(jq -r .rules record) =~ ^unicode,\ fold\;\ libunistring\ .*Unicode ]]
    run_wc 2 --json record text
    [[ $(jq .rules record) == null ]]
}

@test "memory is bounded: words that do not fit are exit 5" {
    corpus uniq 30000000 7 >many
    run_wc 2 --memory 8M --lower many
    expect_failure 5 --memory
}

@test "what contradicts itself, or is no pattern, is exit 2; a missing list is exit 3" {
    run_wc plain --words=nothing text
    expect_misuse "--words: 'nothing' is none of space, unicode, regex:PATTERN, gpt2, cl100k, o200k"
    run_wc plain --words='regex:(' text
    expect_misuse 'missing closing parenthesis'
    run_wc plain --words=regex: text
    expect_misuse 'needs a pattern'
    run_wc plain --fold --lower text
    expect_misuse 'only one of them'
    run_wc plain --lower --count lines text
    expect_misuse 'only with --count=words'
    run_wc 2 --stop missing text
    expect_failure 3 'missing: No such file'
}
