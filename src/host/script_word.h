/* SPDX-License-Identifier: BSD-3-Clause */
/* script_word: what stands for a word of a command (script.h): {} for the task, {#}, {1}. */
#ifndef SCRIPT_WORD_H
#define SCRIPT_WORD_H

#include "host/script.h"

#include <stddef.h>

/* A column is its number. */
enum {
    SCRIPT_WORD_TASK = 0,
    SCRIPT_WORD_NUMBER = SCRIPT_MAX_COLUMN + 1,
    SCRIPT_WORDS,
    SCRIPT_WORD_BYTES = 32 /* of the texts below */
};

/* Local. The length of the {...} at `at` in the command, and what it stands for; 0 if it is none
 * of these places. */
size_t script_word_read(const char *command, const char *at, unsigned places, int *word);

/* Local. The variable that has the word, and how it is written in a command; return text. */
char *script_word_variable(int word, char text[SCRIPT_WORD_BYTES]);
char *script_word_place(int word, char text[SCRIPT_WORD_BYTES]);

/* Local. Which argument of the script it is, from 1. */
int script_word_argument(int word);

#endif
