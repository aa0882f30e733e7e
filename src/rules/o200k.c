/* SPDX-License-Identifier: BSD-3-Clause */
/* The pieces of the encoding o200k_base (GPT-4o). The published pattern. */
#include "rules/cutter.h"

#define UPPER "[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]"
#define LOWER "[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]"
#define BEFORE "[^\\r\\n\\p{L}\\p{N}]?"
#define AFTER "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"

#define PATTERN                                                                                    \
    BEFORE UPPER                                                                                   \
        "*" LOWER "+" AFTER "|" BEFORE UPPER "+" LOWER "*" AFTER "|\\p{N}{1,3}| ?[^" REGEX_BLANK   \
        "\\p{L}\\p{N}]+[\\r\\n/]*"                                                                 \
        "|" REGEX_BLANK "*[\\r\\n]+|" REGEX_BLANK "+(?!\\P{White_Space})|" REGEX_BLANK "+"

static const struct pieces_way way = {
    .contractions = PIECES_BEHIND_LETTERS,
    .capitals = true,
    .before_word = PIECES_MARKS | PIECES_SPACE | PIECES_TAB,
    .first = PIECES_UPPER,
    .second = PIECES_LOWER,
    .digits = 3,
    .behind_marks = PIECES_NEWLINE | PIECES_SLASH,
    .lines = true,
};

const struct cutter o200k_cutter = {
    .name = "o200k",
    .pattern = PATTERN,
    .pieces = &way,
    .takes_blanks = true,
    .takes_newlines = true,
    .init = regex_init,
    .cut = pieces_cut,
};
