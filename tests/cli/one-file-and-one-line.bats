#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What src/README.md promises: a kind of key, a format and a decoder are one file and one line each, an extractor one file and two
# lines, for it has an option. They are added to a copy of the tree, which is built and used.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir -p tree/build/release
    cp -a "$top"/{Makefile,.packaging,src,include,hostfiles} tree
    [[ ! -d $top/build/release ]] || cp -a "$top/build/release" "$top/build/flags" tree/build # what did not change
    cd tree || return

    cat >src/mapper/bytes.c <<'EOF'
/* Every byte is a key. */
#include "mapper/mapper.h"

static void bytes_cut(const struct mapper *mapper, const struct block *block, const struct scan *scan, uint32_t *edges,
                      struct cut *cut)
{
    size_t stop = block->own < block->end ? block->own : block->end, at = block->begin, len = 0;
    (void)mapper, (void)scan;
    *cut = (struct cut){.batch = {.base = block->bytes, .edges = edges}};
    for (; at < stop && len + 2 <= SCAN_MAX_EDGES; at++) {
        edges[len++] = (uint32_t)at;
        edges[len++] = (uint32_t)at + 1;
    }
    cut->batch.len = len / 2;
    cut->next = at;
    cut->record_bytes = at - block->begin;
}

static size_t bytes_part(const uint8_t *bytes, size_t len)
{
    (void)bytes;
    return len;
}

extern const struct mapper bytes_mapper;
const struct mapper bytes_mapper = {.behind_bytes = 1, .cut = bytes_cut, .part = bytes_part};
EOF
    sed -i '/^    KIND("words"/a \    KIND("bytes", "byte", bytes, count, "tsv") \\' src/kind.c

    cat >src/format/counted.c <<'EOF'
/* COUNT KEY, as uniq -c writes it, but for the blanks before. */
#include "format/format.h"

static size_t counted_bytes(const struct format *format, const struct record *record)
{
    (void)format;
    return format_digits(record->count) + 1 + record->len + 1;
}

static uint8_t *counted_write(const struct format *format, uint8_t *at, const struct record *record,
                              const struct format_place *place)
{
    (void)format, (void)place;
    at = format_write_digits(at, record->count);
    *at++ = ' ';
    memcpy(at, record_bytes(record), record->len);
    at += record->len;
    *at++ = '\n';
    return at;
}

extern const struct format counted_format;
const struct format counted_format = {
    .name = "counted", .growth = 1, .bytes = counted_bytes, .write = counted_write};
EOF
    sed -i '/^    FORMAT(tsv)/a \    FORMAT(counted) \\' src/format/format.c

    cat >src/input/rot13.c <<'EOF'
/* Letters turned by 13 places, behind a mark. */
#include "input/decoder.h"

#include <stdlib.h>
#include <string.h>

static const char mark[] = "ROT13:";

static bool rot13_begins(const uint8_t *bytes, size_t len)
{
    return len >= strlen(mark) && memcmp(bytes, mark, strlen(mark)) == 0;
}

static void *rot13_open(void)
{
    return calloc(1, sizeof(size_t)); /* bytes taken so far */
}

static enum decoder_state rot13_decode(void *state, struct decoder_step *step)
{
    size_t *taken = state;
    for (; step->in_len > 0 && step->out_len > 0; step->in++, step->in_len--, ++*taken) {
        uint8_t byte = *step->in, letter = byte & 0xdf;
        if (*taken < strlen(mark))
            continue;
        if (byte == '!') {
            step->cause = "an exclamation mark";
            return DECODER_BAD;
        }
        *step->out++ = letter >= 'A' && letter <= 'Z' ? (byte & 0x20) | (uint8_t)('A' + (letter - 'A' + 13) % 26) : byte;
        step->out_len--;
    }
    return step->in_len == 0 && step->in_ends ? DECODER_END : DECODER_MORE;
}

extern const struct decoder rot13_decoder;
const struct decoder rot13_decoder = {
    .name = "rot13 text", .begins = rot13_begins, .open = rot13_open, .decode = rot13_decode, .close = free};
EOF
    sed -i 's/^#define DECODERS(DECODER) .*/& DECODER(rot13)/' src/input/decoder.c

    cat >src/extract/behind.c <<'EOF'
/* What stands in a line behind the first byte of a kind; lines that begin with an exclamation mark are malformed. */
#include "extract/extractor.h"
#include "mapper/lines.h"

#include <string.h>

static bool behind_parse(struct extractor *extractor)
{
    return strlen(extractor->argument) == 1;
}

/* False where there is too little room, or the line is bad. */
static bool take(const struct extractor *extractor, const uint8_t *line, size_t len, struct extracted *got)
{
    const bool bad = len > 0 && *line == '!';
    const uint8_t *byte = bad ? NULL : memchr(line, *extractor->argument, len);
    const size_t text = byte ? (size_t)(line + len - byte) : 0; /* with a newline for the byte */
    if (bad && !extractor->skip_bad) {
        got->cause = "an exclamation mark";
        got->bad_at = got->next;
        return false;
    }
    if (got->room - got->len < text) {
        got->need = got->len == 0 ? text : 0;
        return false;
    }
    if (byte) {
        memcpy(got->text + got->len, byte + 1, text - 1);
        got->text[got->len + text - 1] = '\n';
    }
    got->len += text;
    got->sums.records++;
    got->sums.without += !byte && !bad;
    got->sums.bad += bad;
    return true;
}

static void behind_extract(const struct extractor *extractor, const struct block *block, struct extracted *got)
{
    struct cut cut = {0};
    got->next = lines_skip('\n', block, &cut);
    got->skipped_bytes = cut.skipped_bytes;
    while (got->next < block->end && got->next < block->own) {
        const uint8_t *line = block->bytes + got->next;
        const size_t left = block->end - got->next;
        const uint8_t *newline = memchr(line, '\n', left);
        if ((!newline && !block->ends_file) || !take(extractor, line, newline ? (size_t)(newline - line) : left, got))
            return;
        got->next += newline ? (size_t)(newline - line) + 1 : left;
        got->lines++;
    }
}

extern const struct extractor behind_extractor;
const struct extractor behind_extractor = {.option = "behind",
                                           .wants = "one byte",
                                           .form = "line",
                                           .parse = behind_parse,
                                           .extract = behind_extract,
                                           .part = extractor_part_lines};
EOF
    sed -i 's/^#define EXTRACTORS(EXTRACTOR) .*/& EXTRACTOR(behind)/' src/extract/extractor.c
    sed -i '/^    {0, "jsonl",/i \    {0, "behind", "BYTE", EXTRACTOR, 0, 0, "count what follows BYTE in each line"},' src/cli/options.c
    make -s wc >make.log 2>&1
}

setup() {
    begin
    program=$BATS_FILE_TMPDIR/tree/wc
    [[ ! -s $BATS_FILE_TMPDIR/tree/make.log ]] || wrong "$(head -n 20 "$BATS_FILE_TMPDIR/tree/make.log")"
    corpus zipf 200000 1000 1 >text
}

@test "a kind of key" {
    local ranks
    od -An -v -c -w1 text | sed 's/^ *//' | LC_ALL=C sort | uniq -c | awk '{ print $1 }' | sort -rn >expected
    for ranks in plain 1 2 3 5; do
        run_wc "$ranks" --count=bytes --split-size 999 --block-size 100 --escape text
        expect_success
        cut -f 2 "$out" | cmp - expected
    done
    grep -q "200,000 bytes, " "$err"
}

@test "a format" {
    local ranks
    oracle text | awk -F '\t' '{ print $2, $1 }' >expected
    for ranks in plain 1 2 3 5; do
        run_wc "$ranks" --format counted text
        expect_success
        expect_same expected "$out"
    done
}

@test "a decoder" {
    local ranks
    (printf 'ROT13:' && tr 'A-Za-z' 'N-ZA-Mn-za-m' <text) >turned
    for ranks in plain 1 2 3 5; do
        run_wc "$ranks" turned text
        expect_success
        expect_counts text text
    done
    printf 'ROT13:nyy jryy!' >bad
    run_wc 2 text bad
    expect_failure 3 'bad: at byte 14: damaged rot13 text: an exclamation mark'
}

@test "an extractor, by a line in the table of options as well" {
    local ranks
    (fold -s -w 50 text | sed 's/[aeiou]/=/2' && printf 'no sign\n=\nlast = sign') >lines
    sed -n 's/^[^=]*=//p' lines >behind
    for ranks in plain 1 2 3 5; do
        run_wc "$ranks" --behind = --split-size 999 --block-size 100 lines
        expect_success
        expect_counts behind
    done
    grep -qE "; $(wc -l <lines | awk '{ print $1 + 1 }' | sed 's/...$/,&/') records, [0-9,]+ without text" "$err" || wrong "expected all records"
    printf '\n!\n' >>lines
    run_wc 2 --behind = text lines
    expect_failure 3 "lines: line $(wc -l <lines), byte $(($(stat -c %s lines) - 2)): malformed line: an exclamation mark"
    run_wc 3 --behind = --skip-bad lines
    expect_success
    expect_counts behind
    grep -q ', 1 malformed and skipped' "$err" || wrong "expected one to be skipped"
    run_wc plain --behind == lines
    expect_misuse "--behind: '==' is not one byte"
    run_wc plain --jsonl text --behind = lines
    expect_misuse '--jsonl and --behind: only one of them'
    run_wc plain --help
    grep -q '^ *--behind BYTE  *count what follows' "$out"
}

@test "all of them" {
    printf 'ROT13:k=nno' >text
    run_wc 2 --behind = --count=bytes --format counted --sort key text
    printf '1 \n\n2 a\n1 b\n' | cmp - "$out"
}

@test "the names that there are include the new one" {
    run_wc plain --format other text
    expect_misuse "--format: 'other' is none of tsv, counted, csv, jsonl, counts"
}
