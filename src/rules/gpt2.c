/* SPDX-License-Identifier: BSD-3-Clause */
/* The pieces that GPT-2 cut a text into before byte pairs were merged: a word with the one space
 * before it, contractions apart. The published pattern. */
#include "rules/cutter.h"

#define PATTERN                                                                                    \
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+"                                                  \
    "| ?[^" REGEX_BLANK "\\p{L}\\p{N}]+|" REGEX_BLANK "+(?!\\P{White_Space})|" REGEX_BLANK "+"

static const struct pieces_way way = {
    .contractions = PIECES_FIRST,
    .before_word = PIECES_SPACE,
    .first = PIECES_LETTERS,
    .before_number = PIECES_SPACE,
    .digits = SIZE_MAX,
};

const struct cutter gpt2_cutter = {
    .name = "gpt2",
    .pattern = PATTERN,
    .pieces = &way,
    .takes_blanks = true,
    .init = regex_init,
    .cut = pieces_cut,
};
