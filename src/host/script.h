/* SPDX-License-Identifier: BSD-3-Clause */
/* script: a shell command with places for a task. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "host/fail.h"

#include <stdbool.h>

/* Which places a command may have, together: {} is the task, {#} its number, {1} to {99} its
 * columns. */
enum { SCRIPT_TASK = 1, SCRIPT_NUMBER = 2, SCRIPT_COLUMNS = 4, SCRIPT_MAX_COLUMN = 99 };

struct script {
    char *text;       /* for `sh -c`; NULL: the command has no place */
    bool task;        /* {} or a column is in it */
    unsigned columns; /* the highest one in it; 0: none */
};

/* Local. The text in which each place of a command, however it is quoted, is one word, taken from
 * the arguments of the script: the task, its number, and as many columns as are needed. In $((...))
 * it is a number, and the command fails if it is none. \{} stays {}, and what follows a $ is the
 * shell's. False with fail set: FAIL_USAGE, where a place could not be that, FAIL_MEMORY. */
bool script_make(struct script *script, const char *command, unsigned places, struct fail *fail);

/* Local. Idempotent. */
void script_free(struct script *script);

/* Local. Whether a command may be one: every place of it can be what it stands for. False with fail
 * set. */
bool script_check(const char *command, unsigned places, struct fail *fail);

#endif
