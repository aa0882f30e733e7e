/* SPDX-License-Identifier: BSD-3-Clause */
/* warc_file: a file of WARC records that is made, and the ways in which the extractor may see it.
 */
#ifndef WARC_FILE_H
#define WARC_FILE_H

#include "extracting.h"

#include <stdarg.h>
#include <stdio.h>

/* A file, and where it may be cut. */
struct warc_file {
    char bytes[EXTRACTING_MAX];
    size_t len;
    size_t places[20]; /* behind the block of each record, and 0 */
    size_t places_len;
};

static inline void warc_file_put(struct warc_file *file, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    const int len =
        vsnprintf(file->bytes + file->len, sizeof file->bytes - file->len, format, values);
    va_end(values);
    file->len += (size_t)len;
    assert_true(file->len < sizeof file->bytes);
}

/* A record, and what stands between it and the next one. */
static inline void warc_file_record(struct warc_file *file, const char *type, const char *fields,
                                    const char *block, const char *between)
{
    if (file->places_len == 0)
        file->places[file->places_len++] = file->len;
    warc_file_put(file, "WARC/1.0\r\nWARC-Type: %s\r\n%sContent-Length: %zu\r\n\r\n%s", type,
                  fields, strlen(block), block);
    file->places[file->places_len++] = file->len;
    warc_file_put(file, "%s", between);
}

/* The bytes with one before them, and nothing but newlines or letters behind them. */
static inline const uint8_t *warc_file_shown(const struct warc_file *file, uint8_t behind)
{
    static uint8_t bytes[1 + EXTRACTING_MAX + EXTRACTOR_SLACK_BYTES];
    memset(bytes, behind, sizeof bytes);
    memcpy(bytes + 1, file->bytes, file->len);
    return bytes;
}

typedef void warc_file_check(const char *text, const struct found *found, const void *expected);

/* In two ranges, by blocks of a size. */
static inline void warc_file_by_ranges(const struct extractor *extractor,
                                       const struct warc_file *file, struct way way, size_t cut,
                                       struct found *found)
{
    const uint8_t *bytes = warc_file_shown(file, way.block % 2 ? '\n' : 'W');
    *found = (struct found){0};
    extracting_range(extractor, bytes, file->len, 0, cut, way, found);
    if (!found->cause)
        extracting_range(extractor, bytes, file->len, cut, file->len, way, found);
}

/* What rank 0 sends as a stretch goes to a rank that sees nothing else. */
static inline void warc_file_by_itself(const struct extractor *extractor, const uint8_t *bytes,
                                       size_t begin, size_t len, struct way way,
                                       struct found *found)
{
    struct found part = {0};
    extracting_range(extractor, bytes + begin, len, 0, len, way, &part);
    memcpy(found->text + found->len, part.text, part.len);
    memcpy(found->owners + begin, part.owners, len);
    found->len += part.len;
    found->lines += part.lines;
    found->sums.records += part.sums.records;
    found->sums.without += part.sums.without;
    found->sums.bad += part.sums.bad;
    if (part.cause && !found->cause) {
        found->cause = part.cause;
        found->bad_at = begin + part.bad_at;
    }
}

/* In the stretches into which it is parted, by parts of a size, as root_reader does. Returns how
 * many these are. */
static inline size_t warc_file_by_parts(const struct extractor *extractor,
                                        const struct warc_file *file, struct way way,
                                        size_t part_bytes, struct found *found)
{
    const uint8_t *bytes = warc_file_shown(file, 'W');
    struct parting_state state = {0};
    size_t begin = 0, stretches = 0;
    *found = (struct found){0};
    for (size_t at = 0; at < file->len && !found->cause;) {
        const size_t left = file->len - at, len = part_bytes < left ? part_bytes : left;
        struct parting_state after = state;
        size_t cut = extractor->part(extractor, bytes + 1 + at, len, &after);
        assert_true(cut <= len);
        state = cut > 0 ? (struct parting_state){0} : after;
        at += cut > 0 ? cut : len;
        if (cut == 0 && at < file->len)
            continue;
        warc_file_by_itself(extractor, bytes, begin, at - begin, way, found);
        begin = at;
        stretches++;
    }
    return stretches;
}

/* All ways: every place where a record begins, every size of blocks and of parts. */
static inline void warc_file_each_way(const struct extractor *extractor,
                                      const struct warc_file *file, warc_file_check *check,
                                      const void *expected)
{
    static const size_t rooms[] = {1, 10, EXTRACTING_MAX};
    struct found found;
    for (size_t block = 1; block <= file->len; block++) {
        struct way way = {block, rooms[block % LEN(rooms)], block / 3 % 2};
        for (size_t i = 0; i < file->places_len; i++) {
            warc_file_by_ranges(extractor, file, way, file->places[i], &found);
            check(file->bytes, &found, expected);
            way.late = !way.late;
        }
        warc_file_by_parts(extractor, file, (struct way){1 + block % 50, 10, false}, block, &found);
        check(file->bytes, &found, expected);
    }
}

#endif
