#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What src/README.md promises: a kind of key and a format are one file and one line each. They are added to a copy of the
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

@test "both" {
    printf 'aab' >text
    run_wc 2 --count=bytes --format counted --sort key text
    printf '2 a\n1 b\n' | cmp - "$out"
}

@test "the names that there are include the new one" {
    run_wc plain --format other text
    expect_misuse "--format: 'other' is none of tsv, counted, csv, jsonl"
}
