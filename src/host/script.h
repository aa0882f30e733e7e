/* SPDX-License-Identifier: BSD-3-Clause */
/* script: a shell command with places for a task. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "host/fail.h"

/* Local. The text for `sh -c` in which each {} of a command, however it is quoted, is the task, one
 * word that is given as the first argument; in $((...)) it is a number, and the command fails if it
 * is none. \{} stays {}. To be freed. NULL when there is no {} (*none); or with fail set:
 * FAIL_USAGE, where {} could not be the task, FAIL_MEMORY. */
char *script_make(const char *command, bool *none, struct fail *fail);

/* Local. Whether a command may be one: every {} of it can be the task. False with fail set. */
bool script_check(const char *command, struct fail *fail);

#endif
