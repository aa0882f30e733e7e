/* SPDX-License-Identifier: BSD-3-Clause */
/* The pieces of the encoding cl100k_base (GPT-3.5 and GPT-4). The published pattern. */
#include "rules/cutter.h"

#define PATTERN                                                                                    \
    "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}"                       \
    "| ?[^" REGEX_BLANK                                                                            \
    "\\p{L}\\p{N}]+[\\r\\n]*"                                                                      \
    "|" REGEX_BLANK "*[\\r\\n]+|" REGEX_BLANK "+(?!\\P{White_Space})|" REGEX_BLANK "+"

static const struct pieces_way way = {
    .contractions = PIECES_FIRST,
    .capitals = true,
    .before_word = PIECES_MARKS | PIECES_SPACE | PIECES_TAB,
    .first = PIECES_LETTERS,
    .digits = 3,
    .behind_marks = PIECES_NEWLINE,
    .lines = true,
};

const struct cutter cl100k_cutter = {
    .name = "cl100k",
    .pattern = PATTERN,
    .pieces = &way,
    .takes_blanks = true,
    .takes_newlines = true,
    .init = regex_init,
    .cut = pieces_cut,
};
