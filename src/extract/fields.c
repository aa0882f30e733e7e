/* SPDX-License-Identifier: BSD-3-Clause */
/* Several fields of each line, as cut has them: in the order of the line, with the separator
 * between them. Also a single one where the separator has several bytes: of others the mapper
 * `field` makes a key without a copy. A line without one of the fields has no record. */
#include "extract/line_records.h"
#include "text/escape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BASE = 10 };

/* A number from 1 on; moves *text behind it. */
static bool parse_number(const char **text, uint64_t *number)
{
    char *end;
    if (**text < '0' || **text > '9')
        return false;
    errno = 0;
    *number = strtoull(*text, &end, NUMBER_BASE);
    *text = end;
    return errno == 0 && *number > 0;
}

/* N, N-M or N-; moves *text behind it. */
static bool parse_span(const char **text, struct extractor_fields *fields)
{
    const size_t room = sizeof fields->spans / sizeof *fields->spans;
    if (fields->len == room || !parse_number(text, &fields->spans[fields->len].first))
        return false;
    struct extractor_span *span = &fields->spans[fields->len++];
    span->last = span->first;
    if (**text != '-')
        return true;
    (*text)++;
    if (**text != '\0' && **text != ',' && **text != ':')
        return parse_number(text, &span->last) && span->last >= span->first;
    span->last = UINT64_MAX;
    return true;
}

/* One byte as escape_parse takes it, or several as they are. */
static bool parse_separator(const char *text, struct extractor_fields *fields)
{
    fields->separator_len = strlen(text);
    if (fields->separator_len > 1 && escape_parse(text, fields->separator)) {
        fields->separator_len = 1;
        return true;
    }
    if (fields->separator_len == 0 || fields->separator_len > sizeof fields->separator
        || strchr(text, '\n') || strchr(text, '\\'))
        return false;
    memcpy(fields->separator, text, fields->separator_len);
    return true;
}

static bool fields_parse(struct extractor *extractor)
{
    struct extractor_fields *fields = &extractor->fields;
    const char *text = extractor->argument;
    do {
        if (!parse_span(&text, fields))
            return false;
    } while (*text++ == ',');
    for (size_t i = 0; i < fields->len; i++) {
        const struct extractor_span *span = &fields->spans[i];
        const uint64_t needed = span->last == UINT64_MAX ? span->first : span->last;
        fields->needed = needed > fields->needed ? needed : fields->needed;
        fields->last = span->last > fields->last ? span->last : fields->last;
    }
    return text[-1] == '\0' || (text[-1] == ':' && parse_separator(text, fields));
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static bool is_wanted(const struct extractor_fields *fields, uint64_t number)
{
    for (size_t i = 0; i < fields->len; i++)
        if (number >= fields->spans[i].first && number <= fields->spans[i].last)
            return true;
    return false;
}

/* Finds the field at *at, or the next one between blanks: its end, and in *at where the next one is
 * looked for, or NULL behind the last one. NULL: there is none. */
static const uint8_t *find_end(const struct extractor_fields *fields, const uint8_t **begin,
                               const uint8_t **at, const uint8_t *end)
{
    const uint8_t *field = *at, *stop;
    if (fields->separator_len == 0) {
        while (field < end && is_blank(*field))
            field++;
        stop = field;
        while (stop < end && !is_blank(*stop))
            stop++;
        *begin = field;
        *at = stop;
        return stop > field ? stop : NULL;
    }
    if (!field)
        return NULL;
    *begin = field;
    stop = fields->separator_len == 1
             ? memchr(field, *fields->separator, (size_t)(end - field))
             : memmem(field, (size_t)(end - field), fields->separator, fields->separator_len);
    *at = stop ? stop + fields->separator_len : NULL;
    return stop ? stop : end;
}

/* Writes the fields of a line that are wanted; how many fields were seen. */
static uint64_t join(const struct extractor_fields *fields, const uint8_t *line, size_t len,
                     uint8_t *text, size_t *text_len)
{
    const uint8_t *at = line, *begin, *end;
    uint64_t seen = 0;
    bool several = false;
    *text_len = 0;
    while (seen < fields->last && (end = find_end(fields, &begin, &at, line + len))) {
        if (!is_wanted(fields, ++seen))
            continue;
        if (several && fields->separator_len == 0)
            text[(*text_len)++] = ' ';
        else if (several)
            *text_len = (size_t)((uint8_t *)mempcpy(text + *text_len, fields->separator,
                                                    fields->separator_len)
                                 - text);
        memcpy(text + *text_len, begin, (size_t)(end - begin));
        *text_len += (size_t)(end - begin);
        several = true;
    }
    return seen;
}

static bool take(const struct extractor *extractor, const uint8_t *line, size_t len, size_t skip,
                 struct extracted *extracted)
{
    uint8_t *text = extracted->text + extracted->len;
    size_t text_len;
    line += skip;
    len -= skip;
    if (extractor->crlf && len > 0 && line[len - 1] == '\r')
        len--;
    if (extracted->room - extracted->len < len + 1) {
        extracted->need = extracted->len == 0 ? len + 1 : 0;
        return false;
    }
    const bool whole =
        join(&extractor->fields, line, len, text, &text_len) >= extractor->fields.needed;
    if (whole) {
        text[text_len] = '\n';
        extracted->len += text_len + 1;
    }
    extracted->sums.records++;
    extracted->sums.without += !whole;
    return true;
}

static void fields_extract(const struct extractor *extractor, const struct block *block,
                           struct extracted *extracted)
{
    line_records_extract(extractor, block, extracted, take);
}

const struct extractor fields_extractor = {
    .form = "lines",
    .headed = true,
    .parse = fields_parse,
    .extract = fields_extract,
    .part = extractor_part_lines,
};
