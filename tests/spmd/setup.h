/* SPDX-License-Identifier: BSD-3-Clause */
/* setup: the files of a case of the pipeline test, and the options to count them with. */
#ifndef SETUP_H
#define SETUP_H

#include "draw.h"

#include <zlib.h>
#include <zstd.h>

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

/* How many bytes lie before the next record of WARC behind so many. */
static inline size_t before_record(const uint8_t *bytes, size_t len, size_t behind)
{
    static const char record[] = "WARC/1.0\r\nWARC-Type: conversion";
    const uint8_t *found = memmem(bytes + behind, len - behind, record, sizeof record - 1);
    return found ? (size_t)(found - bytes) : len;
}

/* Frames of very different lengths; some hold nothing. With `records` they end where one does. */
static inline void put_zstd(const char *name, const struct texts_file *text, size_t frame,
                            bool records)
{
    struct seeded seeded = {text->len};
    FILE *file = fopen(folder_path(name), "w");
    const size_t room = ZSTD_compressBound(records ? text->len : 2 * frame + 1);
    uint8_t *packed = malloc(room);
    size_t done = 0, packed_len = 1;
    do {
        const size_t left = text->len - done, wanted = seeded_below(&seeded, 2 * frame + 1);
        size_t len = wanted < left ? wanted : left;
        len = records && len > 0 ? before_record(text->bytes + done, left, len) : len;
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
        put_zstd(name, &stored, setup->frame, setup->form == FORM_WARC);
    else if (setup->compressed && number % 3 != 2)
        put_gzip(name, &stored);
    else
        folder_put(name, stored.bytes, stored.len);
    free(stored.bytes);
}

/* Names the vocabulary; rank 0 writes it. */
static inline void put_vocabulary(struct setup *setup)
{
    if (setup->vocabulary.len == 0)
        return;
    setup->options.rules.vocabulary_file = strdup(folder_path("vocabulary"));
    FILE *file = spmd.rank == 0 ? fopen(setup->options.rules.vocabulary_file, "w") : NULL;
    for (size_t i = 0; file && i < setup->vocabulary.len; i++) {
        fwrite(setup->vocabulary.words[i].bytes, 1, setup->vocabulary.words[i].len, file);
        fputc('\n', file);
    }
    if (spmd.rank == 0 && (!file || fclose(file) != 0))
        perror(setup->options.rules.vocabulary_file);
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
    put_vocabulary(setup);
    const struct options *options = &setup->options;
    const char *round_bytes = getenv("WC_ROUND_BYTES");
    const char *records_bytes = getenv("WC_RECORDS_BYTES");
    snprintf(
        title, sizeof title,
        "case %" PRIu64 ": %s, %zu files%s%s%s%s%s%s, --count %s --split-size %" PRIu64
        " --block-size %" PRIu64 " --memory %" PRIu64 "M --top %" PRIu64 " --min-count %" PRIu64
        " --input %d --shuffle %d --schedule %d%s%s%s%s%s %s %s%s%s%s rounds %s%s%s",
        number, setup->kind->name, setup->texts.len, setup->as_list ? " in a list" : "",
        !setup->compressed  ? ""
        : setup->frame == 0 ? ", compressed"
                            : ", compressed in frames",
        setup->compressed && setup->ahead ? ", decoded by a thread" : "",
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
        options->rules.vocabulary_file ? " --vocabulary" : "",
        round_bytes ? round_bytes : "as usual", records_bytes ? " --scratch beyond " : "",
        records_bytes ? records_bytes : "");
    spmd.test = title;
    return setup;
}

static inline void free_setup(struct setup *setup)
{
    for (size_t i = 0; i < LEN(setup->paths); i++)
        free(setup->paths[i]);
    free((char *)(uintptr_t)setup->options.files_from);
    free((char *)(uintptr_t)setup->options.output);
    free((char *)(uintptr_t)setup->options.rules.vocabulary_file);
    naive_free(&setup->vocabulary);
    texts_free(&setup->texts);
    if (spmd.rank == 0)
        nftw(folder_path("in"), folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(setup);
}

#endif
