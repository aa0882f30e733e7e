/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of built-in tasks. */
#include "task/builtin.h"

#include "text/likeness.h"

#include <stdio.h>
#include <string.h>

static const struct task *const tasks[] = {
    &primes_task,
    &squares_task,
    &sum_squares_task,
};

enum { TASKS = sizeof tasks / sizeof *tasks };

const struct task *builtin_find(const char *name)
{
    for (size_t i = 0; i < TASKS; i++)
        if (strcmp(tasks[i]->name, name) == 0)
            return tasks[i];
    return NULL;
}

char *builtin_names(char *text, size_t bytes)
{
    size_t len = 0;
    for (size_t i = 0; i < TASKS && len < bytes; i++)
        len += (size_t)snprintf(text + len, bytes - len, "%s%s", i > 0 ? ", " : "", tasks[i]->name);
    return text;
}

const char *builtin_like(const char *name)
{
    struct likeness likeness = {.given = name, .given_len = strlen(name)};
    for (size_t i = 0; i < TASKS; i++)
        likeness_try(&likeness, tasks[i]->name);
    return likeness.best;
}
