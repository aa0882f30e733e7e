/* SPDX-License-Identifier: BSD-3-Clause */
/* setup: a case of the pipeline test: files, and the options to count them with. A case is its
 * number: every rank makes the same, and it can be made again. What is drawn here must be seen to
 * have an effect in effects.h. */
#ifndef SETUP_H
#define SETUP_H

#include "spmd.h"

#include "texts.h"

#include "../unit/folder.h"

#include <inttypes.h>
#include <zlib.h>
#include <zstd.h>

struct text_kind {
    const char *name;
    void (*make)(struct seeded *seeded, uint64_t number, struct texts *texts);
    size_t split_max, block_max;
    size_t round_min; /* 0: rounds of the usual size only */
};

static const struct text_kind kinds[] = {
    {"short strings", texts_short_strings, 4, 8, 8},
    {"words that are alike", texts_hostile, 100, 200, 64},
    {"random bytes", texts_random_bytes, 100, 200, 64},
    {"nothing or the same", texts_uniform, 100, 200, 8},
    {"many small files", texts_small_files, 3, 100, 8},
    {"long words", texts_long_words, 5000, 3000, 0},
    {"many words", texts_many_words, 30000, 10000, 2000},
};

/* What is counted: the name of a mapper, and for fields their number and separator; a pair is a
 * field and the one behind it. */
enum records {
    RECORDS_WORDS,
    RECORDS_LINES,
    RECORDS_FIELDS,
    RECORDS_SEPARATED,
    RECORDS_PAIRS,
    RECORDS_KINDS
};

enum form { FORM_PLAIN, FORM_JSON_LINES, FORM_CSV, FORM_WARC };

/* Everything about a case, the same on all ranks. */
struct setup {
    uint64_t number;
    const struct text_kind *kind;
    enum records records;
    uint64_t field;
    uint8_t separator;
    char mapper[32]; /* the three above, as --count takes them */
    struct texts texts;
    struct options options;
    char *paths[2 * TEXTS_FILES_MAX];
    size_t twice;                  /* files that are named a second time */
    size_t bytes[TEXTS_FILES_MAX]; /* of the files, before they are compressed; on rank 0 */
    bool as_list, as_folder;
    bool compressed;     /* two of three files are, the first among them */
    size_t frame;        /* then, not 0: in frames of zstd of about so many bytes */
    enum form form;      /* of the records that hold the texts */
    uint64_t min_length; /* of words, in characters; 0: there are no rules */
    bool marked;         /* files begin with a byte order mark */
};

static char title[400]; /* of the case that runs, for messages */

/* The kernels that run here. */
static inline size_t kernels(void)
{
    size_t len = 0;
    while (scan_at(len))
        len++;
    return len;
}

static inline void choose_records(struct seeded *seeded, struct setup *setup)
{
    setup->records = (enum records)seeded_below(seeded, RECORDS_KINDS);
    setup->field = 1 + seeded_below(seeded, 3);
    setup->separator = seeded_of(seeded, " a,\0\xc3", 5);
    if (setup->records == RECORDS_FIELDS)
        snprintf(setup->mapper, sizeof setup->mapper, "field:%" PRIu64, setup->field);
    else if (setup->records == RECORDS_SEPARATED)
        snprintf(setup->mapper, sizeof setup->mapper, "field:%" PRIu64 ":\\x%02x", setup->field,
                 setup->separator);
    else if (setup->records == RECORDS_PAIRS)
        snprintf(setup->mapper, sizeof setup->mapper, "field:%" PRIu64 "-%" PRIu64 ":\\x%02x",
                 setup->field, setup->field + 1, setup->separator);
    else
        strcpy(setup->mapper, setup->records == RECORDS_LINES ? "lines" : "words");
}

/* Half of the cases are written as usual. */
static inline void choose_format(struct seeded *seeded, struct options *options)
{
    static const char *const formats[] = {"tsv", "csv", "jsonl"};
    static const char *const columns[] = {
        NULL,   "count,word", "rank,word,count", "word,per-million", "cumulative,word,count,rank",
        "count"};
    if (seeded_below(seeded, 2))
        return;
    size_t format = seeded_below(seeded, LEN(formats));
    options->format = formats[format];
    options->columns = columns[seeded_below(seeded, LEN(columns))];
    if (format < 2) {
        options->header = seeded_below(seeded, 2);
        options->separator = seeded_below(seeded, 3) ? NULL : ";";
    }
    if (format > 0)
        options->escape = ESCAPE_NONE;
}

/* Of the files that are compressed most are so in frames; half of those are one file, which ranks
 * can only share. */
static inline void choose_frames(struct setup *setup)
{
    struct seeded seeded = {~setup->number};
    if (!setup->compressed || seeded_below(&seeded, 4) == 0)
        return;
    setup->frame = 1 + seeded_below(&seeded, setup->kind->split_max);
    if (setup->kind == kinds || seeded_below(&seeded, 3) == 0)
        return;
    while (setup->texts.len > 1)
        free(setup->texts.files[--setup->texts.len].bytes);
    setup->twice = setup->twice > 0;
}

static inline void choose_form(struct seeded *seeded, struct setup *setup)
{
    static const struct {
        enum form form;
        const char *extractor, *argument;
    } forms[] = {{FORM_CSV, "csv", "2"},
                 {FORM_CSV, "csv", "\"n"},
                 {FORM_WARC, "warc", NULL},
                 {FORM_WARC, "warc", NULL},
                 {FORM_JSON_LINES, "jsonl", "data.1.text"},
                 {FORM_JSON_LINES, "jsonl", "data.1.text"},
                 {FORM_JSON_LINES, "jsonl", "data.1.text"}};
    const size_t form = seeded_below(seeded, 2 * LEN(forms));
    if (form >= LEN(forms) || setup->records == RECORDS_PAIRS)
        return;
    setup->form = forms[form].form;
    setup->options.extractor = forms[form].extractor;
    setup->options.extractor_argument = forms[form].argument;
}

static inline void choose_options(struct seeded *seeded, struct setup *setup)
{
    static char kernel[16], round_bytes[16];
    const struct text_kind *kind = setup->kind;
    const struct scan *scan = scan_at(seeded_below(seeded, kernels()));
    size_t extra = seeded_below(seeded, kind->round_min * 10 + 1);
    snprintf(kernel, sizeof kernel, "%s", scan->name);
    choose_records(seeded, setup);
    setup->options = (struct options){
        .program = "wc",
        .count = setup->mapper,
        .kernel = seeded_below(seeded, 2) ? kernel : NULL,
        .quiet = true,
        .gather = seeded_below(seeded, 2),
        .escape = (enum escape)seeded_below(seeded, 3),
        .verify = seeded_below(seeded, 4) > 0,
        .recursive = seeded_below(seeded, 2),
        .nul_ended = seeded_below(seeded, 2),
        .combine = seeded_below(seeded, 4) > 0,
        .shuffle = (enum options_shuffle)seeded_below(seeded, 3),
        .input = seeded_below(seeded, 3) ? OPTIONS_INPUT_AUTO : OPTIONS_INPUT_ROOT,
        .top = seeded_below(seeded, 4) ? 0 : 1 + seeded_below(seeded, 20),
        .min_count = seeded_below(seeded, 4) ? 1 : 1 + seeded_below(seeded, 4),
        .memory_bytes = (uint64_t)(4 + seeded_below(seeded, 13)) << 20,
        .split_bytes = seeded_below(seeded, 8) ? 1 + seeded_below(seeded, kind->split_max) : 0,
        .block_bytes = 1 + seeded_below(seeded, kind->block_max),
        .seed = seeded_below(seeded, 2) ? 1 + seeded_below(seeded, 1000) : 0,
        .schedule = (enum options_schedule)seeded_below(seeded, 3),
        .sort = seeded_below(seeded, 3) ? ORDER_COUNT : ORDER_KEY,
    };
    choose_format(seeded, &setup->options);
    setup->as_list = seeded_below(seeded, 5) == 0;
    setup->as_folder = !setup->as_list && setup->options.recursive && seeded_below(seeded, 2);
    if (!setup->as_list && !setup->as_folder && seeded_below(seeded, 3) == 0)
        setup->twice = seeded_below(seeded, setup->texts.len + 1);
    if (kind->round_min > 0 && seeded_below(seeded, 2)) {
        snprintf(round_bytes, sizeof round_bytes, "%zu", kind->round_min + extra);
        setenv("WC_ROUND_BYTES", round_bytes, 1);
    } else {
        unsetenv("WC_ROUND_BYTES");
    }
    setup->compressed = seeded_below(seeded, 4) == 0;
    choose_form(seeded, setup);
    choose_frames(setup);
    if (setup->records == RECORDS_WORDS && seeded_below(seeded, 3) == 0)
        setup->options.rules.min_length = setup->min_length = 2 + seeded_below(seeded, 2);
    if (setup->form == FORM_PLAIN && setup->records != RECORDS_WORDS)
        setup->options.skip_header = seeded_below(seeded, 3) == 0;
    setup->marked = seeded_below(seeded, 4) == 0 && setup->form != FORM_WARC;
}

/* A record with this text, and one without. */
static inline void put_record(FILE *file, enum form form, const uint8_t *text, size_t len)
{
    if (form == FORM_JSON_LINES)
        fprintf(file, "{\"data\": [\"no\", {\"text\": \"");
    else if (form == FORM_CSV)
        fprintf(file, "no,\"");
    else
        fprintf(file, "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: %zu\r\n\r\n", len);
    for (size_t i = 0; i < len; i++)
        if (form == FORM_JSON_LINES && text[i] < ' ')
            fprintf(file, "\\u%04x", text[i]);
        else if (form == FORM_JSON_LINES && (text[i] == '"' || text[i] == '\\'))
            fprintf(file, "\\%c", text[i]);
        else
            fprintf(file, "%c%s", text[i], form == FORM_CSV && text[i] == '"' ? "\"" : "");
    fputs(form == FORM_JSON_LINES ? "\"}]}\n{\"data\": 1}\n"
          : form == FORM_CSV      ? "\",no\r\nno\n"
                                  : "\r\n\r\nWARC/1.0\r\nWARC-Type: request\r\n"
                                    "Content-Length: 8\r\n\r\nWARC/1.0\r\n\r\n",
          file);
}

/* A record for each line, or where records may hold several of them, for some; the newline behind
 * the last one is no part of a text. The caller frees it. */
static inline struct texts_file as_records(const struct setup *setup, const struct texts_file *text)
{
    struct texts_file records = {NULL, 0};
    FILE *file = open_memstream((char **)&records.bytes, &records.len);
    size_t begin = 0;
    if (setup->options.extractor_argument && strcmp(setup->options.extractor_argument, "\"n") == 0)
        fputs("first,\"\"\"n\"\n", file);
    for (size_t i = 0; i < text->len; i++) {
        const bool newline = text->bytes[i] == '\n', last = i + 1 == text->len;
        if (!last && (!newline || (setup->form != FORM_JSON_LINES && i % 3 == 0)))
            continue;
        put_record(file, setup->form, text->bytes + begin, i + !newline - begin);
        begin = i + 1;
    }
    fclose(file);
    return records;
}

/* What a file of this text holds. The caller frees it. */
static inline struct texts_file as_stored(const struct setup *setup, const struct texts_file *text)
{
    struct texts_file records = {NULL, 0};
    if (setup->form != FORM_PLAIN)
        records = as_records(setup, text);
    const struct texts_file *from = setup->form != FORM_PLAIN ? &records : text;
    const size_t mark = setup->marked ? 3 : 0;
    struct texts_file file = {malloc(mark + from->len + 1), mark + from->len};
    memcpy(file.bytes, "\xef\xbb\xbf", mark);
    memcpy(file.bytes + mark, from->bytes, from->len);
    free(records.bytes);
    return file;
}

static inline void put_gzip(const char *name, const struct texts_file *text)
{
    gzFile file = gzopen(folder_path(name), "w1");
    if (!file || gzwrite(file, text->bytes, (unsigned)text->len) != (int)text->len
        || gzclose(file) != Z_OK)
        perror(folder_path(name));
}

/* Frames of very different lengths; some hold nothing. */
static inline void put_zstd(const char *name, const struct texts_file *text, size_t frame)
{
    struct seeded seeded = {text->len};
    FILE *file = fopen(folder_path(name), "w");
    const size_t room = ZSTD_compressBound(2 * frame + 1);
    uint8_t *packed = malloc(room);
    size_t done = 0, packed_len = 1;
    do {
        const size_t left = text->len - done, wanted = seeded_below(&seeded, 2 * frame + 1);
        const size_t len = wanted < left ? wanted : left;
        packed_len = ZSTD_compress(packed, room, text->bytes + done, len, 1);
        done += len;
    } while (file && fwrite(packed, 1, packed_len, file) == packed_len && done < text->len);
    if (done < text->len || !file || fclose(file) != 0)
        perror(folder_path(name));
    free(packed);
}

static inline void put_file(struct setup *setup, const char *name, size_t number)
{
    struct texts_file stored = as_stored(setup, &setup->texts.files[number]);
    setup->bytes[number] = stored.len;
    if (setup->compressed && number % 3 != 2 && setup->frame > 0)
        put_zstd(name, &stored, setup->frame);
    else if (setup->compressed && number % 3 != 2)
        put_gzip(name, &stored);
    else
        folder_put(name, stored.bytes, stored.len);
    free(stored.bytes);
}

/* Names the files; rank 0 writes them. */
static inline void put_files(struct setup *setup)
{
    struct options *options = &setup->options;
    size_t files = setup->texts.len, list_len = 0;
    char name[32], *list = malloc(files * PATH_MAX + 1);
    if (spmd.rank == 0 && mkdir(folder_path("in"), 0777) != 0)
        perror(folder_path("in"));
    for (size_t i = 0; i < files; i++) {
        snprintf(name, sizeof name, "in/file%zu", i);
        list_len += (size_t)sprintf(list + list_len, "%s", folder_path(name));
        list[list_len++] = options->nul_ended ? '\0' : '\n';
        if (spmd.rank == 0)
            put_file(setup, name, i);
    }
    for (size_t i = 0; i < files + setup->twice && !setup->as_list && !setup->as_folder; i++) {
        snprintf(name, sizeof name, "in/file%zu", i % files);
        setup->paths[options->files_len++] = strdup(folder_path(name));
    }
    if (setup->as_folder)
        setup->paths[options->files_len++] = strdup(folder_path("in"));
    if (setup->as_list)
        options->files_from = strdup(folder_path("list"));
    if (setup->as_list && spmd.rank == 0)
        folder_put("list", list, list_len);
    options->files = setup->paths;
    options->output = strdup(folder_path("result"));
    free(list);
}

/* Case `number`, of its own kind or of a given one. */
static inline struct setup *make_setup(uint64_t number, const struct text_kind *kind)
{
    struct setup *setup = calloc(1, sizeof *setup);
    struct seeded seeded = {number};
    seeded_next(&seeded);
    setup->number = number;
    setup->kind = &kinds[number % 2 ? 0 : 1 + seeded_below(&seeded, LEN(kinds) - 1)];
    setup->kind = kind ? kind : setup->kind;
    setup->kind->make(&seeded, number / 2, &setup->texts);
    choose_options(&seeded, setup);
    put_files(setup);
    const struct options *options = &setup->options;
    const char *round_bytes = getenv("WC_ROUND_BYTES");
    snprintf(
        title, sizeof title,
        "case %" PRIu64 ": %s, %zu files%s%s%s%s%s, --count %s --split-size %" PRIu64
        " --block-size %" PRIu64 " --memory %" PRIu64 "M --top %" PRIu64 " --min-count %" PRIu64
        " --input %d --shuffle %d --schedule %d%s%s%s%s%s %s %s%s%s rounds %s",
        number, setup->kind->name, setup->texts.len, setup->as_list ? " in a list" : "",
        !setup->compressed  ? ""
        : setup->frame == 0 ? ", compressed"
                            : ", compressed in frames",
        setup->options.extractor ? ", --" : "",
        setup->options.extractor ? setup->options.extractor : "",
        setup->marked ? ", with marks" : "", setup->mapper, options->split_bytes,
        options->block_bytes, options->memory_bytes >> 20, options->top, options->min_count,
        (int)options->input, (int)options->shuffle, (int)options->schedule,
        options->combine ? "" : " --combine=off", options->gather ? " --gather" : "",
        options->escape == ESCAPE_NONE      ? ""
        : options->escape == ESCAPE_CONTROL ? " --escape"
                                            : " --escape=all",
        options->verify ? "" : " --verify=off", options->sort == ORDER_KEY ? " --sort key" : "",
        options->format ? options->format : "", options->columns ? options->columns : "",
        options->header ? " --header" : "", options->skip_header ? " --skip-header" : "",
        round_bytes ? round_bytes : "as usual");
    spmd.test = title;
    return setup;
}

static inline void free_setup(struct setup *setup)
{
    for (size_t i = 0; i < LEN(setup->paths); i++)
        free(setup->paths[i]);
    free((char *)(uintptr_t)setup->options.files_from);
    free((char *)(uintptr_t)setup->options.output);
    texts_free(&setup->texts);
    if (spmd.rank == 0)
        nftw(folder_path("in"), folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(setup);
}

#endif
