/* SPDX-License-Identifier: BSD-3-Clause */
/* Where records begin, and in which column the text is. A newline ends a record where the number of
 * quotes before it is even; in most files a few bytes tell whether it is, see `tells`. */
#include "extract/csv_file.h"

#include "input/magic.h"

enum {
    READ_BYTES = 64 << 10,
    TELL_LEAST_BYTES = 4 << 10, /* most quotes tell, and most files have some */
    TELL_GROWTH = 4,
};

/* Where a field ends that begins at `at`. */
static size_t field_end(const uint8_t *bytes, size_t at, size_t len, uint8_t separator)
{
    for (bool inside = false; at < len && (inside || bytes[at] != separator); at++)
        inside ^= bytes[at] == '"';
    return at;
}

static bool is_named(const uint8_t *field, size_t len, const char *name)
{
    const bool quoted = len > 0 && *field == '"';
    const uint8_t *end = field + len - quoted;
    for (field += quoted; field < end; field++, name++) {
        if (*name == '\0' || *field != (uint8_t)*name)
            return false;
        field += quoted && *field == '"';
    }
    return *name == '\0';
}

uint64_t csv_file_column(const struct extractor *extractor, const uint8_t *header, size_t len)
{
    if (extractor->column > 0)
        return extractor->column;
    for (uint64_t number = 1, begin = 0;; number++) {
        const size_t end = field_end(header, begin, len, extractor->separator);
        if (is_named(header + begin, end - begin, extractor->argument))
            return number;
        if (end == len)
            return CSV_FILE_NO_COLUMN;
        begin = end + 1;
    }
}

/* What the header says, which is the first record in these bytes, and where it ends; 0: not all of
 * it is there. */
static uint64_t look(const struct extractor *extractor, const uint8_t *bytes, size_t len,
                     size_t begin, size_t *behind)
{
    bool inside = false;
    for (size_t at = begin; at < len; at++) {
        inside ^= bytes[at] == '"';
        if (inside || bytes[at] != '\n')
            continue;
        const size_t end = at - (at > begin && bytes[at - 1] == '\r');
        *behind = at + 1;
        if (end > begin) /* is no empty line */
            return csv_file_column(extractor, bytes + begin, end - begin);
        begin = at + 1;
    }
    return 0;
}

/* In the state: where a record stands that goes on, or that it is bad. */
enum { STATE_BAD = QUOTED_RETURNED + 1 };

/* A bad record ends where extracting goes on behind it. */
size_t csv_file_part(const struct extractor *extractor, const uint8_t *bytes, size_t len,
                     struct parting_state *state)
{
    size_t at = state->begins ? magic_mark(bytes, len) : 0, last = 0, behind_header;
    uint64_t *where = &state->words[0];
    if (extractor->header && state->head == 0)
        state->head = look(extractor, bytes, len, at, &behind_header);
    while (at < len) {
        const size_t some = len - at < QUOTED_STEP_BYTES ? len - at : QUOTED_STEP_BYTES;
        enum quoted_state quoted = (enum quoted_state) * where;
        if (*where == STATE_BAD) {
            const uint8_t *newline = memchr(bytes + at, '\n', len - at);
            if (!newline)
                break;
            at = last = (size_t)(newline - bytes) + 1;
            *where = QUOTED_BEGINS;
            continue;
        }
        const struct quoted_marks marks =
            quoted_step(&quoted, bytes + at, some, extractor->separator);
        const uint64_t good = marks.bad ? (marks.bad & -marks.bad) - 1 : UINT64_MAX;
        const uint64_t ends = marks.ends & marks.newlines & good;
        if (ends)
            last = at + 64 - (size_t)__builtin_clzll(ends);
        at += marks.bad ? (size_t)__builtin_ctzll(marks.bad) : some;
        *where = marks.bad ? STATE_BAD : quoted;
    }
    state->lost = last == 0 && extractor->header && state->head == 0;
    return last;
}

/* Whether bytes[1] lies within quotes, if what follows tells, in a file that is not bad. A quote
 * stands within quotes, and ends them or is the first of two, unless a field begins with it. Where
 * none ends behind it, it begins one, and two are what one means. */
static bool tells(uint8_t separator, const uint8_t *bytes, size_t len, bool *inside)
{
    bool odd = false; /* how many quotes came before the ones at hand */
    const uint8_t *end = bytes + len, *quote, *rest = bytes + 1;
    for (; (quote = memchr(rest, '"', (size_t)(end - rest))); odd ^= (rest - quote) % 2) {
        for (rest = quote; rest < end && *rest == '"'; rest++)
            ;
        if (rest == end)
            return false;
        if (quote[-1] != separator && quote[-1] != '\n') {
            *inside = !odd;
            return true;
        }
        if (*rest != separator && *rest != '\n' && *rest != '\r') {
            *inside = odd != ((rest - quote) % 2 == 0);
            return true;
        }
    }
    return false;
}

/* The same of the byte at *at, or of one a little behind it, with nothing but quotes between them;
 * reads no more than `most`. */
static bool find_out(uint8_t separator, struct peek *peek, uint64_t *at, uint64_t most,
                     uint8_t *block, bool *inside)
{
    const uint64_t left = peek->bytes - *at + 1;
    most = most < READ_BYTES ? most : READ_BYTES;
    most = most < left ? most : left;
    for (size_t len = TELL_LEAST_BYTES;; len *= TELL_GROWTH) {
        size_t begin = 0;
        len = len < most ? len : (size_t)most;
        if (!peek_read(peek, *at - 1, block, len))
            return false;
        while (begin < len && block[begin] == '"')
            begin++;
        if (begin < len && tells(separator, block + begin, len - begin, inside)) {
            *at += begin;
            return true;
        }
        if (len == most)
            return false;
    }
}

/* Where the first record begins at or behind `from`, seen from `at`, or the file ends; 0: it cannot
 * be read. */
static uint64_t first_begin(uint8_t separator, struct peek *peek, uint64_t at,
                            enum quoted_state state, uint64_t from, uint8_t *block)
{
    while (at < peek->bytes) {
        const uint64_t left = peek->bytes - at;
        const size_t len = left < READ_BYTES ? (size_t)left : READ_BYTES;
        if (!peek_read(peek, at, block, len))
            return 0;
        for (size_t i = 0; i < len; i += QUOTED_STEP_BYTES) {
            const size_t some = len - i < QUOTED_STEP_BYTES ? len - i : QUOTED_STEP_BYTES;
            const struct quoted_marks marks = quoted_step(&state, block + i, some, separator);
            for (uint64_t ends = marks.ends & marks.newlines; ends && at + i + 64 >= from;
                 ends &= ends - 1) {
                const uint64_t begin = at + i + (uint64_t)__builtin_ctzll(ends) + 1;
                if (begin >= from)
                    return begin;
            }
        }
        at += len;
    }
    return peek->bytes;
}

/* Reads the header, if the file has one and it is short enough, and what is behind it. */
static uint64_t read_header(const struct extractor *extractor, struct peek *peek, uint8_t *block,
                            size_t *behind)
{
    const size_t len = peek->bytes < READ_BYTES ? (size_t)peek->bytes : READ_BYTES;
    *behind = 0;
    if (!extractor->header)
        return extractor->column;
    return peek_read(peek, 0, block, len)
             ? look(extractor, block, len, magic_mark(block, len), behind)
             : 0;
}

/* What is looked at before it is known whether `from` lies within quotes is no more than what lies
 * before it: that is counted through where nothing tells, as where there are no quotes at all. Of a
 * file with bad records nothing is known. */
uint64_t csv_file_next(const struct extractor *extractor, struct peek *peek, uint64_t at,
                       uint64_t from)
{
    const uint8_t separator = extractor->separator;
    uint8_t block[READ_BYTES + QUOTED_STEP_BYTES];
    bool inside;
    size_t behind = 0;
    if (extractor->skip_bad || (at == 0 && read_header(extractor, peek, block, &behind) == 0))
        return 0;
    from = from > behind ? from : behind;
    if (from >= peek->bytes)
        return peek->bytes;
    uint64_t place = from;
    if (from > MAGIC_MARK_BYTES && find_out(separator, peek, &place, from - at, block, &inside))
        return first_begin(separator, peek, place - 1, inside ? QUOTED_INSIDE : QUOTED_FIELD, from,
                           block);
    return first_begin(separator, peek, at, QUOTED_BEGINS, from, block);
}

/* Where there is no quote, lines that have equally many fields, and several, are taken for records.
 * A text within quotes that looks so far like that is noticed: no record ends then where one was
 * believed to begin. */
static size_t first_alike(uint8_t separator, const uint8_t *bytes, size_t len)
{
    enum { ALIKE = 16 };
    const uint8_t *end = bytes + len, *newline = memchr(bytes, '\n', len);
    const uint8_t *first = newline ? newline + 1 : end, *at = first;
    size_t alike = 0;
    for (int line = 0; line < ALIKE; line++, at = newline + 1) {
        size_t separators = 0;
        if (!(newline = memchr(at, '\n', (size_t)(end - at))))
            return 0;
        for (; at < newline; at++)
            separators += *at == separator;
        alike = line == 0 ? separators : alike;
        if (separators == 0 || separators != alike)
            return 0;
    }
    return memchr(bytes, '"', (size_t)(at - bytes)) ? 0 : (size_t)(first - bytes);
}

/* Behind the first byte, as what stands before a quote must be known. Of a file with a mark, all of
 * which is behind what has no text, nothing is known. */
size_t csv_file_first(const struct extractor *extractor, const uint8_t *bytes, size_t len)
{
    bool inside;
    size_t at = 0;
    if (magic_mark(bytes, len) > 0)
        return 0;
    while (at < len && bytes[at] == '"')
        at++;
    if (at == len || !tells(extractor->separator, bytes + at, len - at, &inside))
        return first_alike(extractor->separator, bytes, len);
    enum quoted_state state = inside ? QUOTED_INSIDE : QUOTED_FIELD;
    for (; at < len; at += QUOTED_STEP_BYTES) {
        const size_t some = len - at < QUOTED_STEP_BYTES ? len - at : QUOTED_STEP_BYTES;
        const struct quoted_marks marks =
            quoted_step(&state, bytes + at, some, extractor->separator);
        if (marks.ends & marks.newlines)
            return at + (size_t)__builtin_ctzll(marks.ends & marks.newlines) + 1;
    }
    return 0;
}

/* 0 where the header is too long: then the file is not cut. */
uint64_t csv_file_head(const struct extractor *extractor, const uint8_t *bytes, size_t len)
{
    size_t behind;
    return extractor->header ? look(extractor, bytes, len, magic_mark(bytes, len), &behind)
                             : extractor->column;
}
