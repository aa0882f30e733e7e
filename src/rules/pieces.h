/* SPDX-License-Identifier: BSD-3-Clause */
/* pieces: what the patterns of tokenizers match in ASCII, without the library of regular
 * expressions. The patterns are of one kind, and a table says in what they differ; what they match
 * in other text, and what is right, they say themselves. */
#ifndef RULES_PIECES_H
#define RULES_PIECES_H

#include "rules/regex.h"

struct cutter;
struct cutter_text;
struct mem;

/* The classes of ASCII characters, each of which is in one of them. */
enum {
    PIECES_UPPER = 1,
    PIECES_LOWER = 2,
    PIECES_DIGIT = 4,
    PIECES_SLASH = 8,
    PIECES_MARK = 16, /* any other character, controls too */
    PIECES_SPACE = 32,
    PIECES_TAB = 64, /* \t, \v and \f */
    PIECES_NEWLINE = 128,
    PIECES_LETTERS = PIECES_UPPER | PIECES_LOWER,
    PIECES_MARKS = PIECES_MARK | PIECES_SLASH,
    PIECES_BLANKS = PIECES_SPACE | PIECES_TAB | PIECES_NEWLINE,
};

/* Where a contraction is looked for: 's, 't, 're, 've, 'm, 'll, 'd. */
enum pieces_place { PIECES_FIRST, PIECES_BEHIND_LETTERS };

/* How a pattern cuts. Every uint8_t is a set of classes. */
struct pieces_way {
    enum pieces_place contractions;
    bool capitals;         /* make contractions too */
    uint8_t before_word;   /* one of them may stand before letters */
    uint8_t first, second; /* letters are a run of the one, then a run of the other */
    uint8_t before_number; /* one of them may stand before digits */
    size_t digits;         /* of a number, at most */
    uint8_t behind_marks;  /* a run of them belongs to the marks before it */
    bool lines;            /* blanks end behind their last newline, if they have any */
};

/* Local. cut of a way to cut (cutter.h) that has a pattern and `pieces`. */
bool pieces_cut(struct cutter *cutter, struct mem *mem, const struct cutter_text *text,
                regex_each *each, void *context, struct fail *fail);

#endif
