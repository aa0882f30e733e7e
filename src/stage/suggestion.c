/* SPDX-License-Identifier: BSD-3-Clause */
/* The options of the plan stay, but for those that are about the plan or are chosen anew. No
 * collectives. */
#include "stage/suggestion.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct line {
    struct buffer *text;
    struct mem *mem;
    struct fail *fail;
};

static bool put(const struct line *line, const char *bytes, size_t len)
{
    return buffer_append(line->text, line->mem, bytes, len, line->fail);
}

/* An argument, in quotes if a shell would find anything in it. */
static bool put_argument(const struct line *line, const char *argument)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "_-./:,=+@%";
    const size_t len = strlen(argument);
    bool ok = line->text->len == 0 || put(line, " ", 1);
    if (len > 0 && strspn(argument, plain) == len)
        return ok && put(line, argument, len);
    ok = ok && put(line, "'", 1);
    for (const char *at = argument; ok && *at; at++)
        ok = *at == '\'' ? put(line, "'\\''", 4) : put(line, at, 1);
    return ok && put(line, "'", 1);
}

/* Whether an argument is this option, with its value behind `=` or without. The parser takes the
 * beginning of a name, too, where no other name begins like it: that needs `least` letters. */
static bool is_option(const char *argument, const char *name, size_t least)
{
    if (strncmp(argument, "--", 2) != 0)
        return false;
    const size_t len = strcspn(argument + 2, "=");
    return len >= least && len <= strlen(name) && strncmp(argument + 2, name, len) == 0;
}

static bool put_arguments(const struct line *line, const struct options *options)
{
    bool ok = true, ended = false;
    for (size_t i = 1; ok && i < options->arguments_len; i++) {
        const char *argument = options->arguments[i];
        const bool takes = is_option(argument, "memory", 3) || is_option(argument, "json", 4);
        ended = ended || strcmp(argument, "--") == 0;
        if (!ended && is_option(argument, "plan", 3))
            continue;
        if (!ended && takes)
            i += strchr(argument, '=') == NULL;
        else
            ok = put_argument(line, argument);
    }
    return ok;
}

bool suggestion_make(const struct suggestion *suggestion, const struct options *options,
                     struct buffer *text, struct mem *mem, struct fail *fail)
{
    const struct line line = {text, mem, fail};
    char ranks[32], memory[48];
    const uint64_t bytes = suggestion->memory_bytes, megabytes = bytes >> 20;
    const bool whole = megabytes << 20 == bytes;
    snprintf(ranks, sizeof ranks, "%d", suggestion->ranks);
    snprintf(memory, sizeof memory, "--memory=%" PRIu64 "%s", whole ? megabytes : bytes,
             whole ? "M" : "");
    bool ok = suggestion->ranks == 1
           || (put_argument(&line, "mpirun") && put_argument(&line, "-n")
               && put_argument(&line, ranks));
    ok = ok && put_argument(&line, options->arguments[0]) && put_argument(&line, memory);
    if (suggestion->spills && !options->scratch)
        ok = ok && put_argument(&line, "--scratch=DIR");
    return ok && put_arguments(&line, options) && put(&line, "", 1);
}
