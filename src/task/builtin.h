/* SPDX-License-Identifier: BSD-3-Clause */
/* builtin: the tasks that the program brings along; they use no more than what plug-ins have
 * (task.h). One file each in src/task/, and one line in the table of builtin.c. */
#ifndef BUILTIN_H
#define BUILTIN_H

#include "task.h"

extern const struct task squares_task;     /* {"n": 6} → {"n": 6, "result": 36} */
extern const struct task sum_squares_task; /* `A B` → the sum of the squares from A to B */
extern const struct task primes_task;      /* `A B` → the number of primes from A to B */

/* Local. The task of that name, NULL if there is none. */
const struct task *builtin_find(const char *name);

/* Local. Writes all names, `a, b, c`, into text; returns it. */
char *builtin_names(char *text, size_t bytes);

/* Local. The name that may have been meant by one that is none; NULL if none is like it. */
const char *builtin_like(const char *name);

#endif
