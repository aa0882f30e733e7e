#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What src/README.md promises: a kind of key, a format and a decoder are one file and one line each. They are added to a copy of the
# tree, which is built and used.
load ../helpers

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return
    mkdir -p tree/build/release
    cp -a "$top"/{Makefile,src,include} tree
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
const struct decoder rot13_decoder = {"rot13 text", rot13_begins, rot13_open, rot13_decode, free};
EOF
    sed -i 's/^#define DECODERS(DECODER) .*/& DECODER(rot13)/' src/input/decoder.c
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

@test "all of them" {
    printf 'ROT13:nno' >text
    run_wc 2 --count=bytes --format counted --sort key text
    printf '2 a\n1 b\n' | cmp - "$out"
}

@test "the names that there are include the new one" {
    run_wc plain --format other text
    expect_misuse "--format: 'other' is none of tsv, counted, csv, jsonl"
}
