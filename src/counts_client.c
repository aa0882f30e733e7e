/* SPDX-License-Identifier: BSD-3-Clause */
/* Answers are written by the pieces; a file that they go to is there whole or not at all. */
#include "counts_client.h"

#include "counts/counts_check.h"
#include "counts/counts_merge.h"
#include "host/path.h"
#include "output/output.h"
#include "text/escape.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MEMORY_BYTES = 1 << 30,
    PIECE_BYTES = 256 << 10,
    NUMBER_BYTES = 40, /* decimals of 128 bits, and what stands beside them */
};

struct client {
    const struct options *options;
    struct fail *fail;
    struct mem mem;
    struct output output;
    struct buffer piece;
    uint64_t written;
};

static bool flush(struct client *client)
{
    const bool ok = output_write(&client->output, client->piece.bytes, client->piece.len,
                                 client->written, client->fail);
    client->written += client->piece.len;
    client->piece.len = 0;
    return ok;
}

static bool put(struct client *client, const void *bytes, size_t len)
{
    return buffer_append(&client->piece, &client->mem, bytes, len, client->fail)
        && (client->piece.len < PIECE_BYTES || flush(client));
}

static bool put_text(struct client *client, const char *text)
{
    return put(client, text, strlen(text));
}

/* The end of what is put as decimals, before a text. */
static char *number_before(char *end, unsigned __int128 number)
{
    do
        *--end = (char)('0' + number % 10);
    while (number /= 10);
    return end;
}

static bool put_number(struct client *client, unsigned __int128 number)
{
    char text[NUMBER_BYTES], *end = text + sizeof text;
    const char *begin = number_before(end, number);
    return put(client, begin, (size_t)(end - begin));
}

static bool put_key(struct client *client, const uint8_t *key, size_t len)
{
    struct buffer *piece = &client->piece;
    const enum escape escape = client->options->escape;
    if (escape == ESCAPE_NONE)
        return put(client, key, len);
    const size_t before = piece->len;
    if (!buffer_append(piece, &client->mem, NULL, len * ESCAPE_GROWTH, client->fail))
        return false;
    piece->len = (size_t)(escape_write(piece->bytes + before, key, len, escape) - piece->bytes);
    return true;
}

static bool put_end(struct client *client)
{
    return put(client, client->options->zero_terminated ? "" : "\n", 1);
}

/* One NAME<TAB>NUMBER. */
static bool put_line(struct client *client, const char *name, unsigned __int128 number)
{
    return put_text(client, name) && put_text(client, "\t") && put_number(client, number)
        && put_text(client, "\n");
}

/* The rules, whose sign of equality is a tab here. */
static bool put_rules(struct client *client, const struct counts_meta *meta)
{
    bool ok = true;
    const char *at = (const char *)meta->text.bytes, *end = at + meta->text.len;
    while (ok && at < end) {
        const char *sign = memchr(at, '=', (size_t)(end - at));
        const char *line = memchr(sign, '\n', (size_t)(end - sign));
        ok = put(client, at, (size_t)(sign - at)) && put_text(client, "\t")
          && put(client, sign + 1, (size_t)(line - sign));
        at = line + 1;
    }
    return ok;
}

static bool put_info(struct client *client, const struct counts_reader *reader)
{
    const struct counts_ends_footer *footer = &reader->path.footer;
    const struct counts_totals *totals = &footer->totals;
    char name[NUMBER_BYTES];
    bool ok = put_text(client, "file\t") && put_text(client, reader->path.name)
           && put_text(client, "\n") && put_line(client, "file-bytes", footer->file_bytes)
           && put_line(client, "keys", totals->records) && put_line(client, "sum", totals->sum)
           && put_line(client, "key-bytes", totals->key_bytes)
           && put_line(client, "longest-key", totals->longest)
           && put_line(client, "largest-count", totals->largest);
    for (int i = 0; ok && i < COUNTS_SPECTRUM; i++) {
        snprintf(name, sizeof name, "keys-of-%d", i + 1);
        ok = put_line(client, name, totals->of[i]);
    }
    return ok && put_line(client, "blocks", totals->blocks)
        && put_line(client, "index-levels", footer->levels) && put_rules(client, &reader->meta);
}

static bool info(struct client *client)
{
    bool ok = true;
    for (size_t i = 0; ok && i < client->options->files_len; i++) {
        struct counts_reader reader;
        ok = counts_reader_open(&reader, &client->mem, client->options->files[i], client->fail)
          && put_info(client, &reader);
        counts_reader_close(&reader);
    }
    return ok;
}

/* What is not what it should be has failed its verification, whoever found it. */
static bool check(struct client *client)
{
    bool ok = true;
    for (size_t i = 0; ok && i < client->options->files_len; i++) {
        struct counts_reader reader;
        struct fail found = {0};
        ok = counts_reader_open(&reader, &client->mem, client->options->files[i], &found)
          && counts_check(&reader, &found);
        if (!ok)
            fail_set(client->fail,
                     found.code == FAIL_INPUT && reader.path.fd >= 0 ? FAIL_VERIFY : found.code,
                     "%s", found.text);
        if (ok && !client->options->quiet)
            fprintf(stderr, "%s: %s: %" PRIu64 " keys, all sound\n", client->options->program,
                    client->options->files[i], reader.path.footer.totals.records);
        counts_reader_close(&reader);
    }
    return ok;
}

static bool look_up(struct client *client, struct counts_reader *reader, const uint8_t *key,
                    size_t len)
{
    uint64_t count;
    bool found;
    return counts_reader_get(reader, key, len, &found, &count, client->fail)
        && put_key(client, key, len) && put(client, "\t", 1) && put_number(client, count)
        && put_end(client);
}

static bool look_up_lines(struct client *client, struct counts_reader *reader)
{
    const char *name = client->options->lookup_from;
    const int end = client->options->zero_terminated ? '\0' : '\n';
    FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
    char *line = NULL;
    size_t cap = 0;
    bool ok = file || fail_errno(client->fail, FAIL_INPUT, name, errno);
    errno = 0;
    for (ssize_t got; ok && (got = getdelim(&line, &cap, end, file)) > 0; errno = 0)
        ok = look_up(client, reader, (const uint8_t *)line,
                     (size_t)got - (line[got - 1] == (char)end));
    if (ok && !feof(file))
        ok = fail_errno(client->fail, FAIL_INPUT, name, errno);
    free(line);
    if (file && file != stdin)
        fclose(file);
    return ok;
}

static bool look_up_all(struct client *client)
{
    const struct options *options = client->options;
    struct counts_reader reader;
    bool ok = counts_reader_open(&reader, &client->mem, options->files[0], client->fail);
    for (size_t i = 0; ok && i < options->lookups; i++)
        ok = look_up(client, &reader, (const uint8_t *)options->lookup[i],
                     strlen(options->lookup[i]));
    ok = ok && (!options->lookup_from || look_up_lines(client, &reader));
    counts_reader_close(&reader);
    return ok;
}

static bool put_joined(struct client *client, const struct counts_merge *merge,
                       const uint64_t *counts, size_t len)
{
    bool ok = put_key(client, record_bytes(&merge->record), merge->record.len);
    for (size_t i = 0; ok && i < len; i++)
        ok = put(client, "\t", 1) && put_number(client, counts[i]);
    return ok && put_end(client);
}

static bool join_readers(struct client *client, struct counts_reader *readers, uint64_t *counts)
{
    const size_t len = client->options->files_len;
    struct counts_merge merge;
    bool ok = counts_merge_init(&merge, &client->mem, readers, len, client->fail);
    while (ok && counts_merge_next(&merge, counts, client->fail))
        ok = put_joined(client, &merge, counts, len);
    counts_merge_free(&merge);
    return ok && client->fail->code == FAIL_NONE;
}

/* Opens all files, which must have been counted by the same rules. */
static bool open_all(struct client *client, struct counts_reader *readers)
{
    const struct options *options = client->options;
    bool ok = true;
    for (size_t i = 0; ok && i < options->files_len; i++)
        ok = counts_reader_open(&readers[i], &client->mem, options->files[i], client->fail)
          && (i == 0
              || counts_meta_add(&readers[0].meta, &client->mem, options->files[0],
                                 &readers[i].meta, options->files[i], client->fail));
    return ok;
}

static bool join(struct client *client)
{
    const size_t len = client->options->files_len;
    struct counts_reader *readers = mem_alloc(&client->mem, len * sizeof *readers, client->fail);
    uint64_t *counts = mem_alloc(&client->mem, len * sizeof *counts, client->fail);
    const bool ok =
        readers && counts && open_all(client, readers) && join_readers(client, readers, counts);
    for (size_t i = 0; readers && i < len; i++)
        counts_reader_close(&readers[i]);
    mem_free(&client->mem, readers, len * sizeof *readers);
    mem_free(&client->mem, counts, len * sizeof *counts);
    return ok;
}

static bool answer(struct client *client)
{
    const struct options *options = client->options;
    return options->info ? info(client) : options->join ? join(client) : look_up_all(client);
}

/* What is read is not written over. */
static bool writes_no_input(const struct options *options, struct fail *fail)
{
    const char *output = options->output;
    bool is_input = output && options->lookup_from && path_same(output, options->lookup_from);
    for (size_t i = 0; output && i < options->files_len; i++)
        is_input |= path_same(output, options->files[i]);
    return !is_input || fail_set(fail, FAIL_USAGE, "%s: is both input and output", output);
}

bool counts_client_run(const struct options *options, struct fail *fail)
{
    struct client client = {.options = options,
                            .fail = fail,
                            .mem.limit_bytes =
                                options->memory_bytes ? options->memory_bytes : MEMORY_BYTES};
    if (options->check)
        return check(&client);
    const bool ok = writes_no_input(options, fail)
                 && output_create(&client.output, options->output, fail) && answer(&client)
                 && flush(&client) && output_sync(&client.output, fail)
                 && output_commit(&client.output, client.written, fail);
    output_close(&client.output);
    buffer_free(&client.piece, &client.mem);
    return ok;
}
