/* SPDX-License-Identifier: BSD-3-Clause */
/* Pieces of ASCII. The steps of piece_end are the alternatives of the patterns, in their order, and
 * none of them needs to go back: classes do not overlap, so a run ends where it must, but for
 * blanks, whose end is looked for from behind. (cl100k: 108 instructions a piece, against 696.) */
#include "rules/pieces.h"

#include "rules/cutter.h"

enum { CASE_BIT = 'a' - 'A' }; /* the bit by which the cases of a letter differ */

/* White_Space is what the patterns call a blank; \x1c to \x1f are none. */
static const uint8_t class_of[128] = {
    [0x00 ... 0x08] = PIECES_MARK, ['\t'] = PIECES_TAB,          ['\n'] = PIECES_NEWLINE,
    ['\v' ... '\f'] = PIECES_TAB,  ['\r'] = PIECES_NEWLINE,      [0x0e ... 0x1f] = PIECES_MARK,
    [' '] = PIECES_SPACE,          ['!' ... '.'] = PIECES_MARK,  ['/'] = PIECES_SLASH,
    ['0' ... '9'] = PIECES_DIGIT,  [':' ... '@'] = PIECES_MARK,  ['A' ... 'Z'] = PIECES_UPPER,
    ['[' ... '`'] = PIECES_MARK,   ['a' ... 'z'] = PIECES_LOWER, ['{' ... 0x7f] = PIECES_MARK,
};

static unsigned class_at(const struct cutter_text *text, size_t at)
{
    return at < text->len ? class_of[text->bytes[at]] : 0;
}

/* The end of a run, perhaps empty, of characters of these classes. */
static size_t run_end(const struct cutter_text *text, size_t at, unsigned classes)
{
    while (at < text->len && class_of[text->bytes[at]] & classes)
        at++;
    return at;
}

/* The same for digits, of which so many at most are a number: a long run is gone through once. */
static size_t number_end(const struct cutter_text *text, size_t at, size_t most)
{
    size_t digits = 0;
    while (digits < most && class_at(text, at + digits) & PIECES_DIGIT)
        digits++;
    return at + digits;
}

/* The end of the contraction that begins here; `at` where there is none. */
static size_t contraction_end(const struct cutter_text *text, size_t at, bool capitals)
{
    const uint8_t *bytes = text->bytes + at;
    const size_t len = text->len - at;
    const unsigned small = capitals ? CASE_BIT : 0;
    if (len < 2 || bytes[0] != '\'')
        return at;
    const unsigned second = len > 2 ? bytes[2] | small : 0;
    switch (bytes[1] | small) {
    case 's':
    case 't':
    case 'm':
    case 'd':
        return at + 2;
    case 'r':
    case 'v':
        return second == 'e' ? at + 3 : at;
    case 'l':
        return second == 'l' ? at + 3 : at;
    default:
        return at;
    }
}

/* The end of blanks. The last of several is left to what follows. */
static size_t blanks_end(const struct pieces_way *way, const struct cutter_text *text, size_t at)
{
    const size_t end = run_end(text, at, PIECES_BLANKS);
    for (size_t last = end; way->lines && last > at; last--)
        if (class_of[text->bytes[last - 1]] == PIECES_NEWLINE)
            return last;
    return end == text->len || end == at + 1 ? end : end - 1;
}

/* The end of the piece that begins here. */
static size_t piece_end(const struct pieces_way *way, const struct cutter_text *text, size_t at)
{
    const unsigned here = class_at(text, at), next = class_at(text, at + 1);
    size_t end;
    if (way->contractions == PIECES_FIRST && (end = contraction_end(text, at, way->capitals)) > at)
        return end;
    if (here & PIECES_LETTERS || (here & way->before_word && next & PIECES_LETTERS)) {
        end = run_end(text, at + !(here & PIECES_LETTERS), way->first);
        end = run_end(text, end, way->second);
        return way->contractions == PIECES_FIRST ? end : contraction_end(text, end, way->capitals);
    }
    if (here & PIECES_DIGIT || (here & way->before_number && next & PIECES_DIGIT))
        return number_end(text, at + !(here & PIECES_DIGIT), way->digits);
    if (here & PIECES_MARKS || (here & PIECES_SPACE && next & PIECES_MARKS))
        return run_end(text, run_end(text, at + 1, PIECES_MARKS), way->behind_marks);
    return blanks_end(way, text, at);
}

bool pieces_cut(struct cutter *cutter, struct mem *mem, const struct cutter_text *text,
                regex_each *each, void *context, struct fail *fail)
{
    if (!text->ascii)
        return regex_cut(cutter, mem, text, each, context, fail);
    for (size_t at = 0, end; at < text->len; at = end) {
        end = piece_end(cutter->pieces, text, at);
        if (!each(context, text->bytes + at, end - at))
            return false;
    }
    return true;
}
