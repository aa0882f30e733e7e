#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# A file of many zstd or lz4 frames, blocks of xz, or of bgzip, is divided over the ranks between its members, wherever these
# part words and lines: the result is that of the text, and what is damaged is named as one rank would name it.
load ../helpers

formats=(gz zst lz4 xz)

# members SUFFIX BYTES: standard input in members of so many bytes of text each.
members() {
    case $1 in
    gz) python3 -c '
import struct, sys, zlib
def member(text): # as bgzip writes it
    body = zlib.compress(text, 6)[2:-4]
    return (b"\x1f\x8b\x08\4\0\0\0\0\0\xff\6\0BC\2\0" + struct.pack("<H", len(body) + 25) + body
            + struct.pack("<II", zlib.crc32(text), len(text)))
while text := sys.stdin.buffer.read(int(sys.argv[1])):
    sys.stdout.buffer.write(member(text))
sys.stdout.buffer.write(member(b""))' "$2" ;;
    zst) split -b "$2" --filter='zstd -qc' && zstd -qc </dev/null ;;
    lz4) split -b "$2" --filter='lz4 -qc' && lz4 -qc </dev/null ;;
    xz) xz -0c -T2 --block-size="$2" && xz -0c </dev/null ;; # with one thread blocks do not say how long they are
    esac
}

setup_file() {
    local format
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 300000 20000 7 >text
    for format in "${formats[@]}"; do
        members $format 17001 <text >text.$format
    done
}

setup() {
    begin
    cp "$BATS_FILE_TMPDIR"/* .
}

@test "one file, any number of ranks: every rank reads, and the result is that of the text" {
    local format ranks schedule
    for format in "${formats[@]}"; do
        for ranks in plain 5 3,dynamic; do
            schedule=${ranks#*,}
            run_wc ${ranks%,*} -v --schedule=${schedule/#$ranks/static} --split-size 1000 text.$format
            [[ $status == 0 ]]
            expect_counts text
            grep -q 'input: every rank reads its own ranges' "$err"
            grep -q ' 300,000 bytes in ' "$err"
        done
    done
}

@test "pieces and blocks of any size, and other files beside it" {
    local size
    gzip -c text >whole.gz
    for size in 1 100 5000; do
        run_wc 3 --split-size $size --block-size $size text.zst whole.gz text text.gz text.lz4
        expect_success
        expect_counts text text text text text
    done
}

@test "larger than the pieces of the usual size" {
    local format
    corpus zipf 3000000 50000 8 >large
    members gz 65280 <large >large.gz
    members zst 100000 <large >large.zst
    members xz 100000 <large >large.xz
    for format in gz zst xz; do
        run_wc 3 -v large.$format
        [[ $status == 0 ]]
        expect_counts large
        grep -q 'input: every rank reads its own ranges' "$err"
    done
}

@test "members of gzip that do not say how long they are" {
    python3 - <<'END'
import gzip
text = open("text", "rb").read()
members = [gzip.compress(text[at:at + 5000]) for at in range(0, len(text), 5000)]
open("plain.gz", "wb").write(b"".join(members))
# Its one member holds the bytes of others as they are, each of which can be decoded.
open("nested.gz", "wb").write(gzip.compress(b" ".join(members), 0))
END
    run_wc 3 -v --split-size 10000 plain.gz
    [[ $status == 0 ]]
    expect_counts text
    grep -q 'input: every rank reads its own ranges' "$err"
    echo old >result
    run_wc 3 --split-size 10000 --input=shared -o result nested.gz
    expect_failure 3 'its members are not where they seem to be (--input=root'
    [[ $(<result) == old ]]
    run_wc plain nested.gz
    [[ $status == 0 ]]
}

@test "members of a byte, and one word through all of them" {
    local format
    printf 'one two\n%s' "$(head -c 100 /dev/zero | tr '\0' w)" >small
    head -c 100 /dev/zero | tr '\0' w >word
    for format in "${formats[@]}"; do
        members $format 1 <small >small.$format
        members $format 7 <word >word.$format
    done
    run_wc 5 --split-size 1 small.*
    expect_success
    expect_counts "${formats[@]/*/small}"
    run_wc 5 --split-size 1 word.* word.gz
    expect_success
    expect_counts word "${formats[@]/*/word}"
}

@test "frames to skip, at the beginning, between and behind: no text, and no end of a word" {
    printf '\x50\x2a\x4d\x18\4\0\0\0abcd' >skipped
    (cat skipped skipped && printf 'half' | zstd -qc && cat skipped && printf 'word' | zstd -qc && cat skipped skipped) >skips.zst
    (printf 'half' | lz4 -qc && cat skipped && printf 'word' | lz4 -qc && cat skipped skipped) >skips.lz4
    run_wc 5 --split-size 1 skips.zst skips.lz4
    expect_success
    expect_same <(printf 'halfword\t2\n') "$out"
}

@test "streams of xz one after another, of other checks and with zeros between; blocks that do not say how long they are" {
    local ranks
    (members xz 9999 <text && head -c 8 /dev/zero && xz -0c -T2 -C sha256 --block-size=20000 text &&
        xz -0c -T2 -C none --block-size=7777 text && members xz 7777 <text) >many.xz
    xz -0c -T1 --block-size=9999 text >unsaid.xz
    cat text text text text >four # whose words go on, too
    for ranks in plain 2 5; do
        run_wc $ranks -v --split-size 100 many.xz
        [[ $status == 0 ]]
        expect_counts four
        grep -q 'input: every rank reads its own ranges' "$err"
        run_wc $ranks --split-size 100 unsaid.xz
        expect_success
        expect_counts text
    done
    run_wc 2 --input=shared -v --split-size 100 many.xz unsaid.xz
    [[ $status == 0 ]]
    expect_counts four text
}

@test "a block of xz that is damaged or missing: one rank and two say the same" {
    local file
    python3 - <<'END'
data = bytearray(open("text.xz", "rb").read())
half = len(data) // 2
open("damaged.xz", "wb").write(data[:half] + bytes(byte ^ 1 for byte in data[half:half + 9]) + data[half + 9:])
# A block has the length that its header says at byte 2, in seven bits a byte, and begins behind the 12 bytes of the stream.
def block(at):
    length, shift, field = 0, 0, at + 2
    while True:
        length |= (data[field] & 127) << shift
        shift += 7
        field += 1
        if data[field - 1] < 128:
            return at + (data[at] + 1) * 4 + (length + 3) // 4 * 4 + 8
second = block(12)
open("missing.xz", "wb").write(data[:second] + data[block(second):])
END
    run_wc 2 -v --split-size 100 damaged.xz
    [[ $status == 3 ]]
    grep -q 'input: every rank reads its own ranges' "$err"
    for file in damaged.xz missing.xz; do
        run_wc plain --split-size 100 $file
        expect_failure 3 "$file: at byte "
        grep -q 'damaged xz data: it contradicts itself' "$err"
        messages >expected
        run_wc 2 --split-size 100 $file
        expect_failure 3 "$(<expected)"
    done
}

@test "lines and fields" {
    local kind
    for kind in lines field:2; do
        run_wc plain -o result --count $kind "${formats[@]/*/text}"
        run_wc 3 --split-size 1 --count $kind text.*
        expect_success
        expect_same result "$out"
    done
}

@test "--jsonl, cut in the middle of lines; a malformed one is found where it is in the text" {
    local format
    seq 3000 | sed 's/.*/{"text": "w& of the word\\u0020& x"}/' >lines.jsonl
    sed 's/.*"text": "\(.*\)"}/\1/; s/\\u0020/ /' lines.jsonl >words
    sed '2222s/"}$/"/' lines.jsonl >bad.jsonl
    run_wc plain --jsonl text bad.jsonl
    sed 's/bad\.jsonl/bad/' "$err" >expected-error
    grep -q 'bad: line 2222, byte [0-9]*: malformed JSON' expected-error
    for format in "${formats[@]}"; do
        members $format 1234 <lines.jsonl >lines.$format
        members $format 1234 <bad.jsonl >bad
        run_wc 2 --split-size 100 --jsonl text lines.$format
        [[ $status == 0 ]]
        expect_counts words
        run_wc 5 --split-size 100 --jsonl text bad
        expect_failure 3 "$(<expected-error)"
    done
}

@test "--csv, cut in the middle of records, with and without quotes; a malformed one is found where it is in the text" {
    local format schedule
    # Newlines, commas and quotes in a text; empty lines; a header over two lines, behind a mark.
    python3 - <<'END'
import csv
with open("quoted.csv", "w", newline="", encoding="utf-8-sig") as file:
    rows = csv.writer(file)
    rows.writerow(["id", "the\ntext"])
    for i in range(3000):
        rows.writerow([i, f'w{i} of, the "word"\n1,2\n x' if i % 3 else f"w{i} of"])
        if i % 50 == 0:
            file.write("\r\n")
with open("plain.csv", "w", newline="") as file:
    csv.writer(file).writerows([["id", "the\ntext"]] + [[i, f"w{i} of the word"] for i in range(3000)])
END
    sed '5000,5004s/ x"/ x/' quoted.csv >bad.csv
    for format in "${formats[@]}"; do
        for name in quoted plain; do
            members $format 1234 <$name.csv >$name.$format
            run_wc plain -o expected --csv $'the\ntext' $name.csv
            for schedule in static dynamic; do
                run_wc 3 -v --split-size 100 --schedule=$schedule --csv $'the\ntext' $name.$format
                [[ $status == 0 ]]
                expect_same expected "$out"
                grep -q 'input: every rank reads its own ranges' "$err"
            done
            run_wc plain -o expected --count=lines --csv 2 $name.csv
            run_wc 5 --split-size 1 --block-size 64 --count=lines --csv 2 $name.$format
            expect_success
            expect_same expected "$out"
        done
        members $format 1234 <bad.csv >bad
        expect_refused 'malformed CSV' 3 --split-size 100 --csv 2 bad
        run_wc plain --skip-bad -o expected --csv 2 bad.csv
        run_wc 3 --split-size 100 --skip-bad --csv 2 bad
        expect_success
        expect_same expected "$out"
    done
}

@test "--csv: lines within quotes that look like records are no wrong count" {
    local way
    python3 -c '
print("id,text")
for i in range(40):
    print(f"{i},\"" + "word of text, and more\n" * 100 + "\"")' >alike.csv
    members zst 1234 <alike.csv >alike.zst
    expect_refused 'look like records, --input=root' 3 --split-size 100 --input=shared --csv text alike.zst
    run_wc plain -o expected --csv text alike.csv
    for way in --input=root --skip-bad; do
        run_wc 3 $way --split-size 100 --csv text alike.zst
        expect_success
        expect_same expected "$out"
    done
}

@test "damaged or cut short in a later part: exit 3, the byte that one rank names, and the old result" {
    local format file at
    echo old >result
    for format in "${formats[@]}"; do
        at=$(($(stat -c %s text.$format) * 3 / 4))
        (head -c $at text.$format && printf 'damaged' && tail -c +$((at + 8)) text.$format) >changed.$format
        head -c $at text.$format >short.$format
        for file in changed.$format short.$format; do
            run_wc plain -o result --split-size 100 $file
            expect_failure 3 "$file: at byte "
            messages >expected
            run_wc 3 -o result --split-size 100 $file
            expect_failure 3 "$(<expected)"
        done
        grep -q "short.$format: at byte $at: damaged" "$err"
    done
    [[ $(<result) == old ]]
}

@test "members of bgzip that say another length than they have are no other text" {
    local ranks
    # The first length, 26 bytes and more, becomes one less.
    python3 - <<'END'
data = bytearray(open("text.gz", "rb").read())
data[16] -= 1
open("lying.gz", "wb").write(data)
END
    for ranks in plain 3; do
        run_wc $ranks --split-size 100 lying.gz
        expect_success
        expect_counts text
    done
}

@test "pieces of tokenizers, whose borders are between characters of several bytes" {
    local format words
    printf 'a\u00a0 b\u3000\u3000 c\u2009\n\n d! \n\ne\u0301\u00a0\t f\u4e2d \u6587 \u1680 g' >small
    for words in gpt2 cl100k; do
        run_wc plain --words=$words -o expected "${formats[@]/*/small}"
        for format in "${formats[@]}"; do
            members $format 1 <small >small.$format
        done
        for ranks in 3 5; do
            run_wc $ranks --split-size 1 --words=$words small.*
            expect_success
            expect_same expected "$out"
        done
    done
}
