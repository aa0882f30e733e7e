/* SPDX-License-Identifier: BSD-3-Clause */
/* script: a shell command with places for a task. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>

/* Local. The text for `sh -c` in which each {} of a command, quoted or not, is the task, one word
 * that is given as the first argument; \{} stays {}. NULL when there is no {} (*none), or no
 * memory. To be freed. */
char *script_make(const char *command, bool *none);

#endif
