/* SPDX-License-Identifier: BSD-3-Clause */
/* A typo in a command is one message, and not three tries of each of its tasks. */
#include "stage/retry.h"

#include <stdio.h>
#include <string.h>

enum {
    PAUSE_NS = 100000000, /* before the second try */
    PAUSE_GROWTH = 4,
    PAUSE_TRIES = 5,      /* after so many it grows no more */
    ALIKE = 8,            /* failures at the beginning that tell of the command */
    NOT_EXECUTABLE = 126, /* exit statuses of shells */
    NOT_FOUND = 127,
};

static void note(struct retry_alike *alike, const char *reason)
{
    if (alike->all++ == 0)
        snprintf(alike->reason, sizeof alike->reason, "%s", reason);
    alike->len += strcmp(reason, alike->reason) == 0;
}

void retry_note_try(struct retry *retry, int exit, const char *reason)
{
    if (exit == NOT_FOUND || exit == NOT_EXECUTABLE)
        note(&retry->tries, reason);
    else
        retry->tries.all++;
}

void retry_note_task(struct retry *retry, const char *reason)
{
    note(&retry->tasks, reason);
}

static bool are_alike(const struct retry_alike *alike, uint64_t least)
{
    return alike->len >= least && alike->len == alike->all;
}

bool retry_is_hopeless(const struct retry *retry, int ranks)
{
    return are_alike(&retry->tasks, ALIKE) || are_alike(&retry->tries, ALIKE + 2 * (uint64_t)ranks);
}

uint64_t retry_pause_ns(uint32_t tries, double timeout_s)
{
    const double most_ns = timeout_s > 0 ? timeout_s * 1e9 / 4 : UINT64_MAX;
    uint64_t ns = PAUSE_NS;
    for (uint32_t i = 1; i < tries && i < PAUSE_TRIES; i++)
        ns *= PAUSE_GROWTH;
    return (double)ns < most_ns ? ns : (uint64_t)most_ns;
}
