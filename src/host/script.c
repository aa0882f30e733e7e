/* SPDX-License-Identifier: BSD-3-Clause */
/* The task never becomes text of the script: {} is a shell variable in double quotes, so nothing in
 * a task is ever interpreted, even where this reader of quotes and the shell disagree. A variable,
 * not $1 itself, which means something else inside of functions. */
#include "host/script.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *script_make(const char *command, bool *none)
{
    char *script = NULL, quote = '\0';
    size_t len;
    *none = !strstr(command, "{}");
    FILE *out = *none ? NULL : open_memstream(&script, &len);
    if (!out)
        return NULL;
    fputs("mpiwc_task=$1;shift;", out);
    for (const char *c = command; *c; c++) {
        if (c[0] == '{' && c[1] == '}') {
            fputs(quote == '"'    ? "${mpiwc_task}"
                  : quote == '\'' ? "'\"${mpiwc_task}\"'"
                                  : "\"${mpiwc_task}\"",
                  out);
            c++;
            continue;
        }
        fputc(*c, out);
        if (*c == '\\' && quote != '\'' && c[1])
            fputc(*++c, out);
        else if ((*c == '"' || *c == '\'') && (!quote || quote == *c))
            quote = quote ? '\0' : *c;
    }
    bool ok = !ferror(out);
    if (fclose(out) == 0 && ok)
        return script;
    free(script);
    return NULL;
}
