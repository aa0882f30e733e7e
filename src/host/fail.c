/* SPDX-License-Identifier: BSD-3-Clause */
/* The first failure of a rank. What a terminal would obey in names and words, or nobody would see,
 * is shown as `?`: a message stays one line, and in its order, whatever is in it. */
#include "host/fail.h"

#include "text/plain.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool fail_set(struct fail *fail, int code, const char *format, ...)
{
    char text[FAIL_TEXT_BYTES];
    if (fail->code != FAIL_NONE)
        return false;
    fail->code = code;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    plain_write(fail->text, text, strlen(text), INT_MAX);
    return false;
}

bool fail_errno(struct fail *fail, int code, const char *object, int error)
{
    return fail_set(fail, code, "%s: %s", object, strerror(error));
}

#ifdef FAULT_POINTS
bool fail_point(struct fail *fail, const char *stage, int rank)
{
    const char *wanted = getenv("WC_FAULT");
    size_t len = strlen(stage);
    if (!wanted || strncmp(wanted, stage, len) != 0 || wanted[len] != ':')
        return true;
    const char *ranks = wanted + len + 1;
    if (strcmp(ranks, "all") != 0 && atoi(ranks) != rank)
        return true;
    const char *how = strchr(ranks, ':');
    if (how) {
        static bool stopped;
        if (!stopped || strcmp(how, ":once") != 0)
            raise(SIGSTOP);
        return stopped = true;
    }
    return fail_set(fail, FAIL_OTHER, "injected fault in %s", stage);
}
#endif
