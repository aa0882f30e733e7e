#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# With --csv the text of a column is counted, as Python's csv finds it, on any number of ranks, however the input is cut,
# read or compressed; what is no CSV is exit 3 with file, line and byte, or is skipped and counted with --skip-bad.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    corpus zipf 100000 5000 7 | fold -s -w 60 >text
    # The same, with and without quotes: texts over several lines, with commas and quotes; and a mark.
    python3 - <<'END'
import csv
texts = [line.rstrip("\n") for line in open("text")]
with open("quoted.csv", "w", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["id", "the \"text\",\nof it", "note", "same"])
    for i, text in enumerate(texts):
        text = text.replace(" ", "\n" if i % 3 else ', "x"\r\n', i % 4)
        rows.writerow([i, text, "\n1,\"2\",3\n" if i % 7 == 0 else "", i % 5][:1 if i % 100 == 9 else 4])
        if i % 50 == 0:
            file.write("\r\n")
with open("plain.csv", "w", newline="", encoding="utf-8-sig") as file:
    rows = csv.writer(file, delimiter=";", lineterminator="\n")
    rows.writerow(["same", "id", "text"])
    rows.writerows([i % 5, i, text] for i, text in enumerate(texts))
END
    # column NUMBER SEPARATOR FILE...: the texts, as lines, but for those of the header.
    cat >column.py <<'END'
import csv
import sys
for path in sys.argv[3:]:
    rows = csv.reader(open(path, newline="", encoding="utf-8-sig"), strict=True, delimiter=sys.argv[2])
    next(rows)
    for row in rows:
        if len(row) >= int(sys.argv[1]):
            sys.stdout.write(row[int(sys.argv[1]) - 1] + "\n")
END
    python3 column.py 2 , quoted.csv >quoted.texts
    python3 column.py 3 ';' plain.csv >plain.texts
}

setup() {
    begin
    ln -s "$BATS_FILE_TMPDIR"/*.csv .
    name=$'the "text",\nof it'
}

# counted TEXTS RANKS ARG...: what is in TEXTS.
counted() {
    expect_texts "$BATS_FILE_TMPDIR/$1" "${@:2}"
}

@test "a column by its name, with quotes and newlines in them, however it is cut" {
    local kind
    counted quoted.texts plain --csv "$name" quoted.csv
    grep -q '; 2,407 records, 24 without text' "$err" || wrong "expected some without text"
    counted quoted.texts 3 --csv "$name" --split-size 999 --block-size 100 quoted.csv
    kind=lines
    counted quoted.texts 3 --csv "$name" --split-size 1 --block-size 64 --schedule=dynamic quoted.csv
    counted quoted.texts 3 --csv "$name" --input=root --memory 4M quoted.csv
}

@test "another separator, without any quote" {
    local kind=lines
    counted plain.texts plain --csv text --separator ';' plain.csv
    counted plain.texts 3 --csv text --separator '\x3b' --split-size 777 --block-size 100 plain.csv
    run_wc 2 -v --count=lines --csv text --separator ';' --split-size 500 --schedule=dynamic plain.csv
    expect_same expected "$out"
    grep -q 'input: every rank reads its own ranges' "$err"
    counted plain.texts 2 --csv text --separator ';' --input=root plain.csv
}

@test "by its number there is no header" {
    (echo text && cat "$BATS_FILE_TMPDIR/plain.texts") >"$BATS_FILE_TMPDIR/numbered.texts"
    counted numbered.texts 3 --csv 3 --separator ';' --split-size 1000 plain.csv
    kind=field:2 counted numbered.texts 2 --csv 3 --separator ';' --input=root plain.csv
}

@test "each file has its own header" {
    (echo same,text,id && tail -n +2 plain.csv | sed 's/;\(.*\);/,"\1",/') >second.csv
    sed 's/;/,/g' plain.csv >first.csv
    (python3 "$BATS_FILE_TMPDIR/column.py" 1 , first.csv second.csv && python3 "$BATS_FILE_TMPDIR/column.py" 4 , quoted.csv) \
        >"$BATS_FILE_TMPDIR/same.texts"
    for way in 'plain' '3 --split-size 3000 --block-size 100' '2 --input=root --memory 4M'; do
        # shellcheck disable=SC2086 # ranks and options
        counted same.texts $way --csv same first.csv second.csv quoted.csv
    done
}

@test "compressed, on standard input, in a pipe" {
    gzip -c quoted.csv >quoted.gz
    split -b 20000 --filter='zstd -qc' quoted.csv >quoted.zst
    counted quoted.texts plain --csv "$name" - <quoted.csv
    counted quoted.texts 3 --csv "$name" quoted.gz
    counted quoted.texts 2 --csv "$name" --input=shared quoted.zst
    mkfifo pipe
    cat quoted.gz >pipe &
    counted quoted.texts 2 --csv "$name" pipe
}

@test "malformed: with file, line and byte, wherever it is" {
    head -c 3000 quoted.csv | sed '$d' >head.csv
    local lines bytes way
    python3 - <<'END' # the last record of the head may be cut: it ends behind a quote, if it has one
text = open("head.csv", newline="").read()
open("head.csv", "w", newline="").write(text + ('"\r\n' if text.count('"') % 2 else ""))
END
    lines=$(wc -l <head.csv) bytes=$(stat -c %s head.csv)
    (cat head.csv && printf '1,"2\n3"4\n' && tail -n +2 plain.csv) >bad.csv
    for way in plain '3 --split-size 500 --block-size 64' '2 --input=root'; do
        # shellcheck disable=SC2086 # ranks and options
        expect_refused "bad.csv: line $((lines + 2)), byte $((bytes + 7)): malformed CSV: something follows" $way --csv 2 bad.csv
    done
    (cat head.csv && printf '1,2"3"\n') >bad.csv
    expect_refused "bad.csv: line $((lines + 1)), byte $((bytes + 3)): malformed CSV: a quote within" 2 --csv 1 --split-size 99 bad.csv
    (cat head.csv && printf '1,"2\n3,4\n') | gzip >bad.gz
    expect_refused "bad.gz: line $((lines + 1)), byte $((bytes + 2)): malformed CSV: the file ends" plain --csv 1 bad.gz
    expect_refused ": line $((lines + 1)), byte $((bytes + 2)): malformed CSV: the file ends" 2 --csv 1 - < <(zcat bad.gz)
    zcat bad.gz >bad.csv
    expect_refused 'malformed CSV' 3 --csv 1 --split-size 50 bad.csv # it may be cut where it must not be: then it is bad there
}

@test "--skip-bad skips what is malformed up to a newline, and says how many" {
    local way
    printf 'a,b\n1,x\n2,"y"z\n3,"u\n4,"v"\n5,w "quoted"\n6,"q\n7,r\n' >bad.csv # 3 to 4 are one, then v follows
    printf 'r\t1\nx\t1\n' >expected
    for way in plain '3 --split-size 1 --block-size 1' '2 --input=root'; do
        # shellcheck disable=SC2086 # ranks and options
        run_wc $way --skip-bad --sort key --csv b bad.csv
        expect_success
        expect_same expected "$out"
        grep -q '; 6 records, 4 malformed and skipped' "$err" || wrong "expected 4 of 6"
    done
    printf 'a,b"\n1,2\n' >bad.csv
    expect_refused 'bad.csv: line 1, byte 3: malformed CSV' plain --skip-bad --csv b bad.csv
}

@test "a column that is not there" {
    echo 'x;y' >other.csv
    local way
    expect_refused "other.csv: has no column 'id'; what it has: x;y" plain --separator ';' --csv id plain.csv other.csv
    for way in '3 --split-size 100' '2 --input=root'; do
        # shellcheck disable=SC2086 # ranks and options
        expect_refused $'quoted.csv: has no column \'text\'; what it has: id,"the ""text"",\\x0aof it",note,same' $way --csv text quoted.csv
    done
    : >empty.csv
    run_wc plain --csv id empty.csv
    expect_success
    grep -q '; 0 records' "$err" || wrong "expected no records"
}

@test "what cannot be meant is misuse" {
    run_wc plain --csv 0 plain.csv
    expect_misuse "--csv: '0' is not the name of a column, or its number from 1"
    run_wc plain --csv '' plain.csv
    expect_misuse "--csv: '' is not a valid NAME|N"
    for separator in ab '"' '\r' '\n'; do
        run_wc plain --csv a --separator "$separator" plain.csv
        expect_misuse "--separator: '$separator' is not one byte"
    done
    run_wc plain --jsonl a --separator ';' plain.csv
    expect_misuse '--separator: only with --csv'
    run_wc plain --csv a --jsonl a plain.csv
    expect_misuse '--csv and --jsonl: only one of them'
}
