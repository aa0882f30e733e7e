/* SPDX-License-Identifier: BSD-3-Clause */
/* usage: counts_peers WAY STEP ...
 *   WAY write TSV FILE       sorted lines WORD<TAB>COUNT into FILE
 *   WAY scan FILE            all records
 *   WAY merge OUT A B        two files into one
 *   WAY get LIST FILE        each line of LIST
 * Prints nanoseconds of CPU time for each record or line, without the time to read the TSV or LIST,
 * and the sum of the counts. WAY is mwc, mtbl (no compression, checksums on) or sqlite (a table
 * WITHOUT ROWID, no journal). */
#include "counts/counts_file.h"
#include "counts/counts_merge.h"

#include <fcntl.h>
#include <mtbl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct line {
    const uint8_t *key;
    size_t len;
    uint64_t count;
};

static struct line *lines;
static size_t lines_len;
static struct mem mem = {.limit_bytes = SIZE_MAX};
static struct fail failure;
static uint64_t sum, records;

static void must(bool good, const char *what)
{
    if (good)
        return;
    fprintf(stderr, "counts_peers: %s: %s\n", what, failure.text);
    exit(1);
}

static void load(const char *path)
{
    FILE *file = fopen(path, "r");
    must(file != NULL, path);
    fseek(file, 0, SEEK_END);
    const size_t bytes = (size_t)ftell(file);
    uint8_t *text = calloc(1, bytes + KEY_SLACK_BYTES);
    rewind(file);
    must(fread(text, 1, bytes, file) == bytes, path);
    fclose(file);
    for (uint8_t *at = text, *end = text + bytes; at < end;) {
        uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        uint8_t *tab = memrchr(at, '\t', (size_t)(newline - at));
        if (lines_len % 65536 == 0)
            lines = realloc(lines, (lines_len + 65536) * sizeof *lines);
        lines[lines_len++] = (struct line){at, (size_t)((tab ? tab : newline) - at),
                                           tab ? strtoull((char *)tab + 1, NULL, 10) : 0};
        at = newline + 1;
    }
}

/* Count files. */

static int out = -1;

static bool put(void *context, const void *bytes, size_t len, struct fail *fail)
{
    (void)context, (void)fail;
    return write(out, bytes, len) == (ssize_t)len;
}

static const struct counts_sink sink = {put, NULL};
static struct counts_writer writer;

static void mwc_begin(const char *path)
{
    out = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    must(out >= 0 && counts_writer_init(&writer, &mem, sink, &failure)
             && counts_file_begin(sink, &writer.form, &failure),
         path);
}

static void mwc_end(void)
{
    const struct counts_meta none = {0};
    uint64_t bytes;
    must(counts_writer_end(&writer, &failure)
             && counts_file_end(sink, &mem, &writer.entries, &writer.totals, &none, &bytes,
                                &failure),
         "end");
    close(out);
}

static void mwc_write(const char *path)
{
    mwc_begin(path);
    for (size_t i = 0; i < lines_len; i++)
        must(counts_writer_add(&writer, lines[i].key, lines[i].len, lines[i].count, &failure),
             path);
    mwc_end();
}

struct scanned {
    uint64_t records, sum;
};

static bool mwc_add(void *context, const uint8_t *key, size_t len, uint64_t count)
{
    struct scanned *scanned = context;
    (void)key, (void)len;
    scanned->records++;
    scanned->sum += count;
    return true;
}

static void mwc_scan(const char *path)
{
    struct counts_reader reader;
    struct scanned scanned = {0};
    must(counts_reader_open(&reader, &mem, path, &failure)
             && counts_reader_each(&reader, false, mwc_add, &scanned, &failure),
         path);
    records = scanned.records;
    sum = scanned.sum;
}

static void mwc_get(const char *path)
{
    struct counts_reader reader;
    must(counts_reader_open(&reader, &mem, path, &failure), path);
    for (size_t i = 0; i < lines_len; i++) {
        uint64_t count;
        bool found;
        must(counts_reader_get(&reader, lines[i].key, lines[i].len, &found, &count, &failure),
             path);
        sum += count;
    }
}

static void mwc_merge(const char *path, char **from)
{
    static struct counts_reader readers[2];
    struct counts_merge merge;
    for (int i = 0; i < 2; i++)
        must(counts_reader_open(&readers[i], &mem, from[i], &failure), from[i]);
    must(counts_merge_init(&merge, &mem, readers, 2, &failure), path);
    mwc_begin(path);
    for (; counts_merge_next(&merge, NULL, &failure); records++)
        must(counts_writer_add_record(&writer, &merge.record, &failure), path);
    must(failure.code == FAIL_NONE, path);
    sum = (uint64_t)writer.totals.sum;
    mwc_end();
}

/* MTBL. */

static struct mtbl_writer *mtbl_begin(const char *path)
{
    struct mtbl_writer_options *options = mtbl_writer_options_init();
    mtbl_writer_options_set_compression(options, MTBL_COMPRESSION_NONE);
    unlink(path);
    struct mtbl_writer *made = mtbl_writer_init(path, options);
    must(made != NULL, path);
    return made;
}

static struct mtbl_reader *mtbl_opened(const char *path)
{
    struct mtbl_reader_options *options = mtbl_reader_options_init();
    mtbl_reader_options_set_verify_checksums(options, true);
    struct mtbl_reader *made = mtbl_reader_init(path, options);
    must(made != NULL, path);
    return made;
}

static void mtbl_write(const char *path)
{
    struct mtbl_writer *to = mtbl_begin(path);
    uint8_t value[10];
    for (size_t i = 0; i < lines_len; i++)
        must(mtbl_writer_add(to, lines[i].key, lines[i].len, value,
                             mtbl_varint_encode64(value, lines[i].count))
                 == mtbl_res_success,
             path);
    mtbl_writer_destroy(&to);
}

static void mtbl_scan(const char *path)
{
    struct mtbl_reader *reader = mtbl_opened(path);
    struct mtbl_iter *iter = mtbl_source_iter(mtbl_reader_source(reader));
    const uint8_t *key, *value;
    size_t key_len, value_len;
    for (; mtbl_iter_next(iter, &key, &key_len, &value, &value_len) == mtbl_res_success;
         records++) {
        uint64_t count;
        mtbl_varint_decode64(value, &count);
        sum += count;
    }
}

static void mtbl_get(const char *path)
{
    struct mtbl_reader *reader = mtbl_opened(path);
    for (size_t i = 0; i < lines_len; i++) {
        struct mtbl_iter *iter =
            mtbl_source_get(mtbl_reader_source(reader), lines[i].key, lines[i].len);
        const uint8_t *key, *value;
        size_t key_len, value_len;
        uint64_t count = 0;
        if (iter && mtbl_iter_next(iter, &key, &key_len, &value, &value_len) == mtbl_res_success)
            mtbl_varint_decode64(value, &count);
        sum += count;
        mtbl_iter_destroy(&iter);
    }
}

static void add(void *context, const uint8_t *key, size_t key_len, const uint8_t *a, size_t a_len,
                const uint8_t *b, size_t b_len, uint8_t **merged, size_t *merged_len)
{
    uint64_t first, second;
    (void)context, (void)key, (void)key_len, (void)a_len, (void)b_len;
    mtbl_varint_decode64(a, &first);
    mtbl_varint_decode64(b, &second);
    *merged = malloc(10);
    *merged_len = mtbl_varint_encode64(*merged, first + second);
}

static void mtbl_merge(const char *path, char **from)
{
    struct mtbl_merger_options *options = mtbl_merger_options_init();
    mtbl_merger_options_set_merge_func(options, add, NULL);
    struct mtbl_merger *merger = mtbl_merger_init(options);
    for (int i = 0; i < 2; i++)
        mtbl_merger_add_source(merger, mtbl_reader_source(mtbl_opened(from[i])));
    struct mtbl_writer *to = mtbl_begin(path);
    struct mtbl_iter *iter = mtbl_source_iter(mtbl_merger_source(merger));
    const uint8_t *key, *value;
    size_t key_len, value_len;
    for (; mtbl_iter_next(iter, &key, &key_len, &value, &value_len) == mtbl_res_success;
         records++) {
        uint64_t count;
        mtbl_varint_decode64(value, &count);
        sum += count;
        must(mtbl_writer_add(to, key, key_len, value, value_len) == mtbl_res_success, path);
    }
    mtbl_writer_destroy(&to);
}

/* SQLite. */

static sqlite3 *base;

static void sql(const char *format, const char *a, const char *b)
{
    char text[1000];
    snprintf(text, sizeof text, format, a, b);
    if (sqlite3_exec(base, text, NULL, NULL, NULL) != SQLITE_OK)
        must(false, sqlite3_errmsg(base));
}

static void sqlite_begin(const char *path, bool anew)
{
    if (anew)
        unlink(path);
    must(sqlite3_open(path, &base) == SQLITE_OK, path);
    sql("PRAGMA page_size=8192; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF", "", "");
    if (anew)
        sql("CREATE TABLE counts (key BLOB PRIMARY KEY, count INTEGER) WITHOUT ROWID; BEGIN", "",
            "");
}

static sqlite3_stmt *prepare(const char *text)
{
    sqlite3_stmt *made;
    must(sqlite3_prepare_v2(base, text, -1, &made, NULL) == SQLITE_OK, text);
    return made;
}

static void sqlite_write(const char *path)
{
    sqlite_begin(path, true);
    sqlite3_stmt *insert = prepare("INSERT INTO counts VALUES (?, ?)");
    for (size_t i = 0; i < lines_len; i++) {
        sqlite3_bind_blob(insert, 1, lines[i].key, (int)lines[i].len, SQLITE_STATIC);
        sqlite3_bind_int64(insert, 2, (sqlite3_int64)lines[i].count);
        must(sqlite3_step(insert) == SQLITE_DONE, sqlite3_errmsg(base));
        sqlite3_reset(insert);
    }
    sql("COMMIT", "", "");
}

static void sqlite_scan(const char *path)
{
    sqlite_begin(path, false);
    sqlite3_stmt *all = prepare("SELECT key, count FROM counts ORDER BY key");
    for (; sqlite3_step(all) == SQLITE_ROW; records++)
        sum += (uint64_t)sqlite3_column_int64(all, 1);
}

static void sqlite_get(const char *path)
{
    sqlite_begin(path, false);
    sqlite3_stmt *get = prepare("SELECT count FROM counts WHERE key = ?");
    for (size_t i = 0; i < lines_len; i++) {
        sqlite3_bind_blob(get, 1, lines[i].key, (int)lines[i].len, SQLITE_STATIC);
        if (sqlite3_step(get) == SQLITE_ROW)
            sum += (uint64_t)sqlite3_column_int64(get, 0);
        sqlite3_reset(get);
    }
}

static void sqlite_merge(const char *path, char **from)
{
    sqlite_begin(path, true);
    sql("COMMIT; ATTACH '%s' AS a; ATTACH '%s' AS b; BEGIN", from[0], from[1]);
    sql("INSERT INTO counts SELECT key, sum(count) FROM (SELECT * FROM a.counts UNION ALL SELECT * "
        "FROM b.counts) GROUP BY key ORDER BY key; COMMIT",
        "", "");
    sqlite3_stmt *all = prepare("SELECT count(*), sum(count) FROM main.counts");
    sqlite3_step(all);
    records = (uint64_t)sqlite3_column_int64(all, 0);
    sum = (uint64_t)sqlite3_column_int64(all, 1);
}

static const struct way {
    const char *name;
    void (*write)(const char *path);
    void (*scan)(const char *path);
    void (*get)(const char *path);
    void (*merge)(const char *path, char **from);
} ways[] = {{"mwc", mwc_write, mwc_scan, mwc_get, mwc_merge},
            {"mtbl", mtbl_write, mtbl_scan, mtbl_get, mtbl_merge},
            {"sqlite", sqlite_write, sqlite_scan, sqlite_get, sqlite_merge}};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

int main(int argc, char **argv)
{
    const struct way *way = ways;
    must(argc >= 4, "WAY STEP FILE ...");
    while (way < ways + 2 && strcmp(way->name, argv[1]) != 0)
        way++;
    const bool writes = strcmp(argv[2], "write") == 0, gets = strcmp(argv[2], "get") == 0;
    if (writes || gets)
        load(argv[3]);
    const double begin = now();
    if (writes)
        way->write(argv[4]);
    else if (gets)
        way->get(argv[4]);
    else if (strcmp(argv[2], "scan") == 0)
        way->scan(argv[3]);
    else
        way->merge(argv[3], argv + 4);
    records = writes || gets ? lines_len : records;
    printf("%.1f %llu\n", (now() - begin) / (double)records, (unsigned long long)sum);
    return 0;
}
