/* SPDX-License-Identifier: BSD-3-Clause */
/* parsed: a command line as the program reads it. */
#ifndef PARSED_H
#define PARSED_H

#include "cli/options.h"

#include "check.h"

#include <stdarg.h>
#include <stdio.h>

enum { ARGS_MAX = 16 };

static struct options options;
static struct fail failure;

/* Parses `wc` and the arguments, up to NULL. */
static inline enum options_next parse(const char *first, ...)
{
    static char words[ARGS_MAX][200], *argv[ARGS_MAX + 1];
    int argc = 0;
    va_list rest;
    va_start(rest, first);
    strcpy(words[0], "/usr/bin/wc");
    argv[argc++] = words[0];
    for (const char *word = first; word; word = va_arg(rest, const char *)) {
        strcpy(words[argc], word);
        argv[argc] = words[argc];
        argc++;
    }
    va_end(rest);
    argv[argc] = NULL;
    failure = (struct fail){0};
    memset(&options, 0xee, sizeof options);
    return options_parse(argc, argv, true, &options, &failure);
}

#endif
