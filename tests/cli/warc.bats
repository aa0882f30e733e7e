#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# A file that begins like WARC is read as records, of which the texts are counted, on any number of ranks, however it is cut,
# read or compressed; what is no WARC is exit 3 with file, line and byte, or is skipped and counted with --skip-bad.
load ../helpers

# record TYPE FIELDS: of standard input.
record() {
    cat >block
    printf 'WARC/1.0\r\nWARC-Type: %s\r\n%bContent-Length: %d\r\n\r\n' "$1" "$2" "$(stat -c %s block)"
    cat block
    printf '\r\n\r\n'
}

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    local part
    corpus zipf 150000 10000 7 | fold -s -w 70 >lines
    split -l 80 -a 3 lines part.
    printf 'Software-Info: none\r\n' | record warcinfo 'Content-Type: application/warc-fields\r\n' >rec.0
    for part in part.*; do
        record conversion 'Content-Type: text/plain\r\nWARC-Target-URI: http://a/WARC/1.0?x y\r\n' <"$part" >"rec.$part"
    done
    # What looks like a record, as the text of one.
    cat rec.0 rec.part.aaa | record conversion 'Content-Type: text/plain\r\n' >rec.inner
    cat rec.* >crawl.wet
    gzip -k rec.*
    cat rec.*.gz >crawl.wet.gz # a member for each record, as crawlers write them
    { cat rec.0 rec.part.aaa; echo; for part in part.*; do cat "$part"; echo; done; } >texts
    printf '<p>one two</p>' >body
    {
        cat rec.0
        printf 'GET / HTTP/1.1\r\nHost: here\r\n\r\nasked' | record request 'Content-Type: application/http\r\n'
        printf 'HTTP/1.1 200 OK\r\nServer: none\r\n\r\n<p>one two</p>' | record response 'Content-Type: application/http\r\n'
        printf 'HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nno' | record response 'Content-Type: application/http\r\n'
        printf 'two three' | record resource 'Content-Type: text/plain\r\n'
        printf 'fetchTimeMs: 7' | record metadata 'Content-Type: application/warc-fields\r\n'
    } >crawl.warc
}

setup() {
    begin
    ln -s "$BATS_FILE_TMPDIR"/{crawl.wet,crawl.wet.gz,crawl.warc} .
    cp "$BATS_FILE_TMPDIR/texts" .
}

# counted RANKS ARG...: what is in the file `texts`.
counted() {
    expect_texts texts "$@"
}

@test "words, lines and fields of the texts, as they are and compressed" {
    counted plain crawl.wet
    grep -qE '; [0-9]+ records, 1 without text;' "$err" || wrong "expected all records"
    counted plain crawl.wet.gz
    counted 3 crawl.wet
    counted 2 crawl.wet.gz
    kind=lines counted plain crawl.wet.gz
    kind=field:2 counted 3 --split-size 999 --block-size 100 crawl.wet
}

@test "splits and blocks of any size, both schedules, read by all and by one" {
    oracle texts >expected
    run_wc 3 -v --split-size 1 --block-size 7 crawl.wet
    expect_same expected "$out"
    grep -q 'input: every rank reads its own ranges' "$err"
    run_wc 3 -v --schedule=dynamic --split-size 777 --block-size 4K crawl.wet
    expect_same expected "$out"
    grep -q 'input: every rank reads its own ranges, for which it asks' "$err"
    counted 3 --input=root --memory 4M crawl.wet
    cat texts texts texts >more && mv more texts
    counted 2 --split-size 1000 crawl.wet crawl.wet.gz crawl.wet
}

@test "a record that lies in several members of a compressed file is not cut" {
    split -b 3000 --filter='zstd -qc' crawl.wet >frames.zst
    counted 3 --split-size 1000 frames.zst
    cp frames.zst again.zst
    cat texts texts >more && mv more texts
    counted 2 --input=shared --split-size 1000 frames.zst again.zst
}

@test "a compressed file whose members are records is divided over the ranks" {
    local name record
    oracle texts >expected
    for record in "$BATS_FILE_TMPDIR"/rec.{0,inner,part.???}; do zstd -qc "$record"; done >frames.zst
    { printf 'P*M\x18\x04\0\0\0skip%.0s' {1..200}; cat frames.zst; } >skipped.zst # no text for a while
    for name in crawl.wet.gz frames.zst skipped.zst; do
        counted 5 --split-size 1000 "$name"
        run_wc 3 -v --schedule=dynamic --split-size 1000 --json record "$name"
        [[ $status == 0 ]] || wrong "expected exit 0"
        expect_same expected "$out"
        grep -q 'input: every rank reads its own ranges' "$err"
        jq -e '[.by_rank[] | select(.mapped_bytes > 0)] | length > 1' record >/dev/null || wrong "expected that several ranks read $name"
    done
}

@test "a member that begins with what looks like a record is not taken for one" {
    local at
    cat "$BATS_FILE_TMPDIR"/rec.inner "$BATS_FILE_TMPDIR"/rec.part.aa[b-f] >inner.wet
    at=$(grep -abo WARC/1.0 inner.wet | sed -n '3s/:.*//p') # the second one within the text of the first record
    { head -c "$at" inner.wet | gzip -c; tail -c "+$((at + 1))" inner.wet | gzip -c; } >inner.gz
    run_wc plain inner.wet
    cp "$out" expected
    run_wc 2 --split-size 1 --input=shared inner.gz
    expect_failure 3 'inner.gz: its records are not where they seem to be (--input=root takes them as they come)'
    for options in plain '2 --split-size 1 --input=root' '2 --split-size 1 --input=shared --warc --skip-bad'; do
        # shellcheck disable=SC2086 # ranks and options
        run_wc $options inner.gz
        expect_success
        expect_same expected "$out"
    done
}

@test "standard input and pipes, with --warc" {
    counted plain --warc - <crawl.wet
    mkfifo pipe
    cat crawl.wet.gz >pipe &
    cat texts texts >more && mv more texts
    counted 3 --warc --memory 4M pipe crawl.wet
}

@test "which records have text" {
    run_wc plain crawl.warc
    printf 'two\t1\n<p>one\t1\nthree\t1\ntwo</p>\t1\n' | LC_ALL=C sort >expected
    expect_same expected <(LC_ALL=C sort "$out")
    grep -q '; 6 records, 4 without text;' "$err" || wrong "expected two texts"
    run_wc 2 --warc-type request,metadata --split-size 1 --sort key crawl.warc
    printf '7\t1\nasked\t1\nfetchTimeMs:\t1\n' | cmp - "$out"
    run_wc plain --warc --warc-type conversion crawl.warc
    expect_success
    [[ ! -s $out ]] || wrong "expected no text"
}

@test "counted as bytes, and what is not recognised" {
    cp crawl.warc texts
    counted 2 --input-format=bytes crawl.warc
    (echo && cat crawl.warc) >texts
    counted plain texts
    run_wc plain --warc --count=lines texts
    grep -q '; 6 records, 4 without text;' "$err" || wrong "expected two texts"
    run_wc 2 texts crawl.warc
    expect_failure 3 'crawl.warc: begins with a record of WARC: --warc counts the texts of such'
    run_wc plain - <crawl.warc
    expect_failure 3 ': begins with a record of WARC: --warc counts'
    run_wc plain --count=lines --input-format=bytes - <crawl.warc
    expect_success
    for options in '-z --count=lines' '--skip-header --count=lines' '--count=field:1,2'; do
        # shellcheck disable=SC2086 # two options
        run_wc 2 $options crawl.warc
        expect_failure 3 'crawl.warc: begins with a record of WARC: --warc counts'
    done
}

@test "records that are larger than blocks, parts and memory" {
    corpus zipf 3000000 1000 3 >big # more than 4M leave to one
    printf 'a b' >small
    { record conversion '' <small; record conversion '' <big; record conversion '' <small; } >large.wet
    { cat small; echo; cat big; echo; cat small; } >texts
    oracle texts >expected
    run_wc 3 -v large.wet
    expect_same expected "$out"
    grep -q 'input: rank 0 reads, most of it is one stretch that cannot be cut' "$err"
    counted 2 --input=shared --block-size 100 large.wet
    run_wc 2 --memory 4M large.wet
    expect_failure 5 'large.wet: at byte '
    { record conversion '' <small; head -c 20M /dev/zero | record metadata ''; record conversion '' <small; } >none.wet
    printf 'a b\na b\n' >texts
    counted plain --memory 4M none.wet
    counted 2 --memory 4M none.wet
    gzip -1c none.wet | counted plain --memory 4M --warc -
}

@test "malformed: at the first, in the middle, at the end, cut" {
    local ranks
    (sed 's/^/x/;q' crawl.wet && cat crawl.wet) >first.wet
    expect_refused 'first.wet: line 1, byte 0: malformed WARC: no record begins here' plain --warc first.wet
    (cat crawl.wet && printf '\r\nWARC/1.0\r\nContent-Length: many\r\n\r\n') >last.wet
    for ranks in plain 3; do
        expect_refused "last.wet: line $(($(wc -l <crawl.wet) + 2)), byte $(($(wc -c <crawl.wet) + 2)): malformed WARC: the record has no valid Content-Length" \
            $ranks --split-size 2000 last.wet
    done
    head -c -20 crawl.wet >cut.wet
    expect_refused "cut.wet: line $(($(wc -l <cut.wet) + 1)), byte $(stat -c %s cut.wet): malformed WARC: the file ends within a record" \
        3 --split-size 2000 cut.wet
    expect_refused "cut.wet: line $(($(wc -l <cut.wet) + 1)), byte $(stat -c %s cut.wet): malformed" 3 --input=root --memory 4M crawl.wet cut.wet
    gzip -c cut.wet >cut.wet.gz
    expect_refused "cut.wet.gz: line $(($(wc -l <cut.wet) + 1)), byte $(stat -c %s cut.wet): malformed" 2 cut.wet.gz
    expect_refused '-: line ' plain --warc - <cut.wet
    echo text >text
    expect_refused 'text: line 1, byte 0: malformed WARC: no record begins here' 2 crawl.wet text
}

@test "--skip-bad skips up to the next line that begins a record, and says how many" {
    local way
    head -c 3000 /dev/zero >zeros
    (cat crawl.wet && printf 'WARC/1.0\r\nWARC/1.1\r\n\r\nlost\nWARC/2.0\n' && cat zeros crawl.wet) >bad.wet
    # The second is whole from its second record on.
    (cat texts && cat "$BATS_FILE_TMPDIR/texts") >both && mv both texts
    for way in 'plain --block-size 10' '3 --split-size 1000' '2 --schedule=dynamic --split-size 999' '3 --input=root --memory 4M'; do
        # shellcheck disable=SC2086 # ranks and options
        counted $way --warc --skip-bad bad.wet
        grep -q ', 1 without text, 1 malformed and skipped' "$err" || wrong "expected one"
    done
}

@test "words of a WET file are those of Python" {
    command -v python3 >/dev/null || skip 'no python3'
    cat >reference.py <<'END'
import collections, gzip, re, sys

counts = collections.Counter()
with gzip.open(sys.argv[1]) as wet:
    while wet.readline():
        fields = {}
        for line in iter(wet.readline, b"\r\n"):
            name, value = line.decode().split(":", 1)
            fields[name.lower()] = value.strip()
        text = wet.read(int(fields["content-length"])).decode()
        wet.read(4)
        if fields["warc-type"] == "conversion":
            counts.update(word.lower() for word in re.findall(r"\w+", text))
for word, count in counts.items():
    print(word, count, sep="\t")
END
    { cat "$BATS_FILE_TMPDIR/rec.0"; printf 'Été, ÉTÉ; naïve_1 Straße 中文 don’t\nx-y' | record conversion ''; cat crawl.wet; } | gzip >some.warc.wet.gz
    PYTHONUTF8=1 python3 reference.py some.warc.wet.gz | LC_ALL=C sort >expected
    grep -q "$(printf 'été\t2')" expected
    run_wc 2 --words 'regex:\w+' --lower some.warc.wet.gz
    expect_success
    expect_same expected <(LC_ALL=C sort "$out")
}

@test "what cannot be meant is misuse" {
    run_wc plain --warc-type conversion,text crawl.wet
    expect_misuse "--warc-type: 'conversion,text' is not a list of types"
    run_wc plain --jsonl text --warc crawl.wet
    expect_misuse '--jsonl and --warc: only one of them'
    run_wc plain --warc --jsonl text --warc-type response crawl.wet
    expect_misuse 'only one of them'
    run_wc plain --skip-bad crawl.wet
    expect_misuse '--skip-bad needs'
    run_wc plain --warc --exec 'echo {}' crawl.wet
    expect_misuse '--warc: not for tasks'
}
