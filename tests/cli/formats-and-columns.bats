#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# --format, --columns, --header, --output-separator: read back by programs that were written for these formats.
load ../helpers

# Words that CSV must quote or JSON escape, and many that it need not.
make_text() {
    printf 'plain comma,comma semi;semi "quote" back\\slash q"q plain na\xc3\xafve \x01\x7f a\rb plain comma,comma ' >text
    corpus zipf 200000 3000 1 >>text
}

@test "CSV is read back by sqlite3" {
    local ranks
    make_text
    for ranks in plain 1 2 3 5; do
        run_wc "$ranks" --format csv --header text
        expect_success
        sqlite3 :memory: -cmd '.import --csv out counts' "SELECT word || char(9) || count FROM counts" >back
        oracle text >expected
        expect_same expected back
    done
}

@test "JSON Lines are read back by jq" {
    local ranks
    make_text
    oracle text >expected
    for ranks in plain 1 2 3 5; do
        run_wc "$ranks" --format jsonl text
        expect_success
        jq -j '"\(.word)\t\(.count)\n"' "$out" >back
        expect_same expected back
    done
}

@test "bytes that are not UTF-8 stay different in JSON" {
    printf 'a\xff a\xfe a\xff \xed\xa0\x80 \xc0\x80 \xf4\x90\x80\x80 \xf0\x9f\x98\x80\n' >text
    run_wc 2 --format jsonl text
    expect_success
    LC_ALL=C sort "$out" >lines
    cat >expected <<'EOF'
{"word":"\udcc0\udc80","count":1}
{"word":"\udced\udca0\udc80","count":1}
{"word":"\udcf4\udc90\udc80\udc80","count":1}
{"word":"a\udcfe","count":1}
{"word":"a\udcff","count":2}
{"word":"😀","count":1}
EOF
    expect_same expected lines
    jq -e . "$out" >/dev/null
}

@test "columns: rank, share and sum, on any number of ranks" {
    local ranks option
    corpus zipf 300000 5000 2 >text
    for option in '' '--top 700' '--min-count 4' '--sort key'; do
        run_wc plain $option text
        mawk -v OFS='\t' -v total="$(wc -w <text)" '{ sum += $2; print NR, $1, $2, share($2), sum }
            function share(count,    thousandths) {
                thousandths = int((count * 1000000000 + int(total / 2)) / total)
                return sprintf("%d.%03d", int(thousandths / 1000), thousandths % 1000)
            }' "$out" >expected
        for ranks in plain 3; do
            run_wc "$ranks" $option --columns rank,word,count,per-million,cumulative text
            expect_success
            expect_same expected "$out"
        done
    done
    run_wc 5 --columns count,word -o counts text
    expect_success
    oracle text | mawk -F '\t' -v OFS='\t' '{ print $2, $1 }' | cmp - counts
}

@test "the head names the columns, also when nothing follows" {
    local ranks
    : >empty
    for ranks in plain 3; do
        run_wc "$ranks" --header empty
        expect_success
        printf 'word\tcount\n' | cmp - "$out"
        run_wc "$ranks" --header --count=lines --format csv --columns per-million,word -o counts empty
        expect_success
        printf 'per-million,line\n' | cmp - counts
    done
    printf 'b a b' >text
    run_wc 3 --header --top 1 --output-separator ' ' text
    printf 'word count\nb 2\n' | cmp - "$out"
    run_wc 2 --gather --header --count=field:2 --output-separator='\x01' -o counts text
    printf 'field\x01count\na\x011\n' | cmp - counts
}

@test "a full device is noticed when only the head is written" {
    : >empty
    run_wc plain --header -o /dev/full empty
    expect_failure 4 'No space left on device'
}

@test "what does not go together is misuse" {
    echo a >text
    misused() {
        local text=$1
        shift
        run_wc plain "$@" text
        expect_misuse "$text"
    }
    misused "--format: 'xml' is none of tsv, csv, jsonl, counts" --format xml
    misused "--columns: 'words' is no list of" --columns words
    misused "--columns: 'word,word' is no list of" --columns word,word
    misused "--columns: 'word,' is no list of" --columns word,
    misused '--header: --format=jsonl has none' --format jsonl --header
    misused '--output-separator: --format=jsonl has none' --format jsonl --output-separator ,
    misused '--escape: --format=csv has its own way' --format csv --escape
    misused "--output-separator: 'ab' is not one byte" --output-separator ab
    misused "--output-separator: '\\n' is not one byte" --output-separator '\n'
    misused 'not for tasks' --task squares --format csv
    misused 'not for tasks' --exec true --header
}
