/* SPDX-License-Identifier: BSD-3-Clause */
#include "host/script_word.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t script_word_read(const char *command, const char *at, unsigned places, int *word)
{
    const bool expands = at > command && at[-1] == '$';
    if ((places & SCRIPT_TASK) && strncmp(at, "{}", 2) == 0) {
        *word = SCRIPT_WORD_TASK;
        return 2;
    }
    if ((places & SCRIPT_NUMBER) && strncmp(at, "{#}", 3) == 0 && !expands) {
        *word = SCRIPT_WORD_NUMBER;
        return 3;
    }
    const size_t digits = *at == '{' ? strspn(at + 1, "0123456789") : 0;
    if (!(places & SCRIPT_COLUMNS) || expands || digits < 1 || digits > 2 || at[1] == '0'
        || at[1 + digits] != '}')
        return 0;
    *word = atoi(at + 1);
    return digits + 2;
}

char *script_word_variable(int word, char text[SCRIPT_WORD_BYTES])
{
    if (word == SCRIPT_WORD_TASK || word == SCRIPT_WORD_NUMBER)
        return strcpy(text, word == SCRIPT_WORD_TASK ? "mpiwc_task" : "mpiwc_number");
    snprintf(text, SCRIPT_WORD_BYTES, "mpiwc_column_%d", word);
    return text;
}

char *script_word_place(int word, char text[SCRIPT_WORD_BYTES])
{
    if (word == SCRIPT_WORD_TASK || word == SCRIPT_WORD_NUMBER)
        return strcpy(text, word == SCRIPT_WORD_TASK ? "{}" : "{#}");
    snprintf(text, SCRIPT_WORD_BYTES, "{%d}", word);
    return text;
}

int script_word_argument(int word)
{
    return word == SCRIPT_WORD_TASK ? 1 : word == SCRIPT_WORD_NUMBER ? 2 : word + 2;
}
