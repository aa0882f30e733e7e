/* SPDX-License-Identifier: BSD-3-Clause */
/* usage: kernel FILE...
 * Measures the parts of the hot path one by one, so that a regression shows where it is. Each part
 * works on what the one before it made: scan, key (normal form and hash), count (the combiner),
 * reduce (a partition at a time), sort (a bin at a time), output (lines). A row for each: the least
 * time of some runs, for a word of the text, or for a record from reduce on. */
#include "data/combiner.h"
#include "data/ranking.h"
#include "data/records.h"
#include "format/format.h"
#include "mapper/mapper.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum {
    TEXT_MAX_BYTES = 64 << 20,
    RUNS = 7,
    BLOCK_BYTES = 256 << 10,
    BUCKETS = 4096,
    TABLE_BYTES = 16 << 20,
    BIN_RECORDS = 16 << 10,
};

static struct mem mem = {.limit_bytes = (size_t)16 << 30};
static struct arena arena;
static struct fail fail;
static struct hash_seed seed;

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void need(bool ok)
{
    if (ok)
        return;
    fprintf(stderr, "kernel: %s\n", fail.code ? fail.text : "no memory");
    exit(1);
}

struct text {
    const char *name;
    uint8_t *bytes;
    size_t len;
    struct batch *batches; /* its words, cut */
    size_t batches_len, words;
};

static void show(const struct text *text, const char *part, const char *kernel, double least,
                 size_t units)
{
    const char *name = strrchr(text->name, '/') ? strrchr(text->name, '/') + 1 : text->name;
    printf("%s\t%s\t%s\t%.2f\n", name, part, kernel, least * 1e9 / (double)units);
}

static void read_text(struct text *text)
{
    FILE *file = fopen(text->name, "rb");
    text->bytes = calloc(1, TEXT_MAX_BYTES + KEY_SLACK_BYTES);
    if (!file || !text->bytes) {
        perror(text->name);
        exit(1);
    }
    text->len = fread(text->bytes, 1, TEXT_MAX_BYTES, file);
    fclose(file);
}

/* Cuts the text into batches, which are kept when `keep` says so. */
static void cut_text(struct text *text, const struct scan *scan, bool keep)
{
    static uint32_t scratch[SCAN_MAX_EDGES];
    text->words = 0;
    for (size_t from = 0; from < text->len; from += BLOCK_BYTES) {
        size_t len = text->len - from < BLOCK_BYTES ? text->len - from : BLOCK_BYTES;
        struct block block = {.bytes = text->bytes + from,
                              .end = len,
                              .own = len,
                              .starts_file = true,
                              .ends_file = true};
        while (block.begin < block.end) {
            struct cut cut;
            uint32_t *edges = keep ? malloc(sizeof scratch) : scratch;
            need(edges != NULL);
            words_mapper.cut(&words_mapper, &block, scan, edges, &cut);
            block.begin = cut.next;
            block.starts_file = false;
            text->words += cut.batch.len;
            if (keep)
                text->batches[text->batches_len++] = cut.batch;
        }
    }
}

static void measure_scan(struct text *text)
{
    for (size_t k = 0; scan_at(k); k++) {
        double least = 1e9;
        for (int run = 0; run < RUNS; run++) {
            double start = seconds();
            cut_text(text, scan_at(k), false);
            double took = seconds() - start;
            least = took < least ? took : least;
        }
        show(text, "scan", scan_at(k)->name, least, text->words);
    }
    text->batches = calloc(text->len / 1024 + BLOCK_BYTES, sizeof *text->batches);
    need(text->batches != NULL);
    cut_text(text, scan_at(0), true);
}

static void measure_key(const struct text *text)
{
    volatile uint64_t sink;
    double least = 1e9;
    for (int run = 0; run < RUNS; run++) {
        uint64_t sum = 0;
        double start = seconds();
        for (size_t b = 0; b < text->batches_len; b++) {
            const struct batch *batch = &text->batches[b];
            for (size_t i = 0; i < batch->len; i++) {
                uint32_t at = batch->edges[2 * i], len = batch->edges[2 * i + 1] - at;
                sum += hash_short(&seed, key_short(batch->base + at, len & KEY_SHORT_MAX));
            }
        }
        double took = seconds() - start;
        least = took < least ? took : least;
        sink = sum;
    }
    (void)sink;
    show(text, "key", "-", least, text->words);
}

/* The records of the last run stay in the outbox. */
static void measure_count(const struct text *text, bool verify, struct box *outbox)
{
    double least = 1e9;
    for (int run = 0; run < RUNS; run++) {
        struct combiner combiner;
        box_free(outbox);
        need(box_init(outbox, &arena, BUCKETS, &fail)
             && combiner_init(&combiner, &arena, &seed, TABLE_BYTES, verify, &fail));
        double start = seconds();
        for (size_t b = 0; b < text->batches_len; b++)
            need(combiner_add(&combiner, &text->batches[b], outbox, &fail));
        need(combiner_flush(&combiner, outbox, &fail));
        double took = seconds() - start;
        least = took < least ? took : least;
        combiner_free(&combiner);
    }
    show(text, "count", verify ? "verified" : "plain", least, text->words);
}

static void measure_reduce(const struct text *text, struct box *outbox, struct parcel *distinct)
{
    struct table table;
    double least = 1e9;
    size_t records = box_records(outbox);
    table_init(&table, &mem, &seed);
    for (int run = 0; run < RUNS; run++) {
        struct tally all = {0}, kept = {0};
        parcel_clear(&arena, distinct);
        double start = seconds();
        for (size_t i = 0; i < outbox->len; i++) {
            struct parcel *part = &outbox->parcels[i];
            parcel_settle(part);
            need(table_reset(&table, part->records * 4 / 3 + 1, 64, &fail)
                 && table_add(&table, part, &fail)
                 && table_emit(&table, &arena, 1, distinct, &all, &kept, &fail));
        }
        double took = seconds() - start;
        least = took < least ? took : least;
    }
    table_free(&table);
    parcel_settle(distinct);
    show(text, "reduce", "-", least, records);
}

/* One bin of as many records as the sort stage puts into one. */
static void measure_sort(const struct text *text, const struct parcel *distinct)
{
    struct parcel bin = {0};
    struct records records = records_of(distinct);
    struct record record;
    while (bin.records < BIN_RECORDS && records_next(&records, &record))
        need(parcel_add(&arena, &bin, &record, &fail));
    parcel_settle(&bin);
    double sorting = 1e9, writing = 1e9;
    struct format format;
    need(format_choose("tsv", &format));
    format.prepare(&format);
    format.prepare(&format);
    uint8_t *line = malloc(TEXT_MAX_BYTES);
    need(line != NULL);
    for (int run = 0; run < RUNS; run++) {
        struct ranking_run ranking = {0};
        need(ranking_load(&ranking, ORDER_COUNT, &mem, &bin, &fail)); /* makes its buffers */
        double start = seconds();
        need(ranking_load(&ranking, ORDER_COUNT, &mem, &bin, &fail));
        double sorted = seconds();
        uint8_t *at = line;
        while (ranking_next(&ranking, &record))
            at = format.write(&format, at, &record, NULL);
        double written = seconds();
        sorting = sorted - start < sorting ? sorted - start : sorting;
        writing = written - sorted < writing ? written - sorted : writing;
        ranking_free(&ranking);
    }
    show(text, "sort", "-", sorting, bin.records);
    show(text, "output", "-", writing, bin.records);
    free(line);
    parcel_clear(&arena, &bin);
}

int main(int argc, char **argv)
{
    seed = hash_seed_from(1);
    arena_init(&arena, &mem, 2 << 20, 0);
    printf("text\tpart\tkernel\tns\n");
    for (int i = 1; i < argc; i++) {
        struct text text = {.name = argv[i]};
        struct box outbox = {0};
        struct parcel distinct = {0};
        read_text(&text);
        measure_scan(&text);
        measure_key(&text);
        measure_count(&text, false, &outbox);
        measure_count(&text, true, &outbox);
        measure_reduce(&text, &outbox, &distinct);
        measure_sort(&text, &distinct);
        parcel_clear(&arena, &distinct);
        box_free(&outbox);
        for (size_t b = 0; b < text.batches_len; b++)
            free((void *)(uintptr_t)text.batches[b].edges);
        free(text.batches);
        free(text.bytes);
    }
    return 0;
}
