/* SPDX-License-Identifier: BSD-3-Clause */
/* CSV as in RFC 4180: the text of one column, by its name in the header or its number. Records end
 * with a newline, or a carriage return and one; empty lines are no records. */
#include "extract/csv_file.h"

#include "input/magic.h"
#include "text/escape.h"

#include <errno.h>
#include <stdlib.h>

enum {
    COPY_BYTES = 32,   /* that are copied at once: most fields are shorter */
    SHOWN_BYTES = 200, /* of a header that lacks a column */
};

_Static_assert((int)COPY_BYTES <= (int)EXTRACTOR_SLACK_BYTES, "texts need the slack");
_Static_assert((int)QUOTED_STEP_BYTES <= (int)WINDOW_SLACK_BYTES, "blocks need the slack");

static const char stray[] = "a quote within a field that does not begin with one";
static const char behind[] = "something follows the quote that ends a field";

/* Where the walk over the records is. */
struct walk {
    const struct extractor *extractor;
    const uint8_t *bytes;
    struct extracted *got;
    enum quoted_state state;
    size_t at, stop; /* what is seen ends at `at`; what is ours, as far as it is there, at `stop` */
    bool ends;       /* nothing of ours goes on behind it */
    bool file_ends;
    size_t record, field; /* where they begin that are not seen to their ends */
    size_t from, to;      /* the field that is wanted, where it has ended; from > to: it has not */
    uint64_t column, number; /* which one is wanted; how many fields have ended */
    uint64_t lines;          /* of the record, within quotes */
};

static void begin_record(struct walk *walk, size_t at)
{
    walk->record = walk->field = at;
    walk->from = 1;
    walk->to = 0;
    walk->number = walk->lines = 0;
}

/* False: whether the file begins with a mark does not show yet. */
static bool begin(struct walk *walk, const struct extractor *extractor, const struct block *block,
                  struct extracted *got)
{
    const size_t len = block->end - block->begin;
    got->next = block->begin;
    *walk = (struct walk){.extractor = extractor, .bytes = block->bytes, .got = got};
    walk->stop = block->own < block->end ? block->own : block->end;
    walk->ends = block->ends_file || block->own <= block->end;
    walk->file_ends = block->ends_file && block->own >= block->end;
    walk->column = extractor->header ? got->head : extractor->column;
    if (got->starts_file && len < MAGIC_MARK_BYTES && !block->ends_file)
        return false;
    begin_record(walk, block->begin
                           + (got->starts_file ? magic_mark(block->bytes + block->begin, len) : 0));
    walk->at = walk->record;
    return true;
}

/* Copies up to COPY_BYTES more than there are. */
static uint8_t *copy(uint8_t *into, const uint8_t *from, size_t len)
{
    memcpy(into, from, COPY_BYTES);
    if (len > COPY_BYTES)
        memcpy(into + COPY_BYTES, from + COPY_BYTES, len - COPY_BYTES);
    return into + len;
}

/* Writes what a field means, of which every quote is where it may be; returns its end. */
static uint8_t *unquote(uint8_t *into, const uint8_t *from, size_t len)
{
    if (len == 0 || *from != '"')
        return copy(into, from, len);
    const uint8_t *end = from + len - 1, *quote;
    for (from++; (quote = memchr(from, '"', (size_t)(end - from))); from = quote + 2)
        into = copy(into, from, (size_t)(quote + 1 - from));
    return copy(into, from, (size_t)(end - from));
}

/* False: there is no room. */
static bool take(struct walk *walk)
{
    struct extracted *got = walk->got;
    uint8_t *text = got->text + got->len;
    if (walk->from > walk->to) {
        got->sums.without++;
    } else {
        const size_t len = walk->to - walk->from;
        if (got->room - got->len < len + 1) {
            got->need = got->len == 0 ? len + 1 : 0;
            return false;
        }
        uint8_t *end = unquote(text, walk->bytes + walk->from, len);
        *end = '\n';
        got->len += (size_t)(end - text) + !walk->extractor->alone;
    }
    got->sums.records++;
    return true;
}

/* False: the column is not there, and the text is what is. */
static bool take_header(struct walk *walk, size_t end)
{
    struct extracted *got = walk->got;
    const uint8_t *header = walk->bytes + walk->record;
    const size_t len = end - walk->record, most = got->room / ESCAPE_GROWTH;
    walk->column = got->head = csv_file_column(walk->extractor, header, len);
    if (got->head != CSV_FILE_NO_COLUMN)
        return true;
    size_t shown = len < SHOWN_BYTES ? len : SHOWN_BYTES;
    shown = shown < most ? shown : most;
    got->lacks = "column";
    got->len = (size_t)(escape_write(got->text, header, shown, ESCAPE_ALL) - got->text);
    return false;
}

static void end_field(struct walk *walk, size_t end)
{
    if (++walk->number == walk->column) {
        walk->from = walk->field;
        walk->to = end;
    }
    walk->field = end + 1;
}

/* A record ends, and what is behind it begins at `next`. False: the call is over. */
static bool end_record(struct walk *walk, size_t end, size_t next)
{
    struct extracted *got = walk->got;
    end -= next > end && end > walk->field && walk->bytes[end - 1] == '\r';
    if (end > walk->record) { /* is no empty line */
        end_field(walk, end);
        if (walk->column == 0 ? !take_header(walk, end) : !take(walk))
            return false;
    }
    got->lines += walk->lines + (next > end);
    got->next = next;
    begin_record(walk, next);
    return !walk->extractor->alone || got->len == 0;
}

/* The record is bad; where such are skipped, all of it up to the first newline from `from` on. */
static bool end_badly(struct walk *walk, const char *cause, size_t bad_at, size_t from)
{
    struct extracted *got = walk->got;
    if (!walk->extractor->skip_bad || walk->column == 0) {
        got->cause = cause;
        got->bad_at = bad_at;
        return false;
    }
    const uint8_t *newline = memchr(walk->bytes + from, '\n', walk->stop - from);
    if (!newline && !walk->ends)
        return false;
    const size_t next = newline ? (size_t)(newline - walk->bytes) + 1 : walk->stop;
    for (size_t at = walk->record; at < next; at++)
        got->lines += walk->bytes[at] == '\n';
    got->sums.records++;
    got->sums.bad++;
    got->next = walk->at = next;
    walk->state = QUOTED_BEGINS;
    begin_record(walk, next);
    return true;
}

/* The quote that begins the field in which all are well but for the last one, which is missing. */
static size_t opening(const struct walk *walk)
{
    size_t at = walk->record, last = at;
    for (bool inside = false; at < walk->stop; at++)
        if (walk->bytes[at] == '"') {
            last = inside || (at > walk->record && walk->bytes[at - 1] == '"') ? last : at;
            inside = !inside;
        }
    return last;
}

/* All is seen that there is. */
static bool end_block(struct walk *walk)
{
    if (walk->record == walk->stop)
        walk->got->next = walk->stop;
    if (walk->record == walk->stop || !walk->ends)
        return false;
    if (!walk->file_ends)
        return end_badly(walk,
                         "a record goes on where one begins: a quote is missing, or one too many",
                         walk->stop, walk->record);
    if (walk->state == QUOTED_INSIDE)
        return end_badly(walk, "the file ends before the quote that would end this field",
                         opening(walk), walk->record);
    if (walk->state == QUOTED_RETURNED)
        return end_badly(walk, behind, walk->stop - 1, walk->stop);
    return end_record(walk, walk->stop, walk->stop);
}

/* Goes on by a step, or has come to the end. False: the call is over. */
static bool go_on(struct walk *walk)
{
    if (walk->at == walk->stop)
        return end_block(walk);
    const size_t base = walk->at, left = walk->stop - base;
    const size_t len = left < QUOTED_STEP_BYTES ? left : QUOTED_STEP_BYTES;
    const struct quoted_marks marks =
        quoted_step(&walk->state, walk->bytes + base, len, walk->extractor->separator);
    const uint64_t good = marks.bad ? (marks.bad & -marks.bad) - 1 : UINT64_MAX;
    walk->at += len;
    for (uint64_t rest = (marks.ends | marks.newlines) & good; rest; rest &= rest - 1) {
        const uint64_t mark = rest & -rest;
        const size_t at = base + (size_t)__builtin_ctzll(mark);
        if (!(marks.newlines & mark))
            end_field(walk, at);
        else if (!(marks.ends & mark))
            walk->lines++;
        else if (!end_record(walk, at, at + 1))
            return false;
    }
    if (!marks.bad)
        return true;
    const size_t bad_at = base + (size_t)__builtin_ctzll(marks.bad);
    return end_badly(walk, walk->bytes[bad_at] == '"' ? stray : behind, bad_at, bad_at);
}

static void csv_column_extract(const struct extractor *extractor, const struct block *block,
                               struct extracted *extracted)
{
    struct walk walk;
    if (begin(&walk, extractor, block, extracted))
        while (go_on(&walk))
            ;
}

static bool csv_column_parse(struct extractor *extractor)
{
    const char *argument = extractor->argument;
    extractor->header = argument[strspn(argument, "0123456789")] != '\0';
    if (extractor->header)
        return true;
    errno = 0;
    extractor->column = strtoull(argument, NULL, 10);
    return errno == 0 && extractor->column > 0;
}

extern const struct extractor csv_column_extractor;
const struct extractor csv_column_extractor = {
    .option = "csv",
    .wants = "the name of a column, or its number from 1",
    .form = "CSV",
    .parse = csv_column_parse,
    .extract = csv_column_extract,
    .part = csv_file_part,
    .next = csv_file_next,
    .first = csv_file_first,
    .head = csv_file_head,
    .separator = ',',
    .headed = true,
};
