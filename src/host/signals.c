/* SPDX-License-Identifier: BSD-3-Clause */
/* UCX, which Open MPI 5 is linked with, takes SIGHUP for itself as soon as it is loaded, before
 * main and without a look at what was there. What we were started with is seen only before that. */
#include "host/signals.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

static enum { UNKNOWN, IGNORED, NOT_IGNORED } hangup;

static void look(void)
{
    struct sigaction action;
    if (hangup == UNKNOWN && sigaction(SIGHUP, NULL, &action) == 0)
        hangup = action.sa_handler == SIG_IGN ? IGNORED : NOT_IGNORED;
}

/* Runs before the constructors of libraries. Only programs have that, libraries (as for a
 * simulator) do not; and a sanitizer is not ready by then. */
#if defined __ELF__ && (!defined __PIC__ || defined __PIE__) && !defined __SANITIZE_ADDRESS__
__attribute__((section(".preinit_array"), used)) static void (*const look_first)(void) = look;
#endif

void signals_init(void)
{
    look();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGHUP, hangup == IGNORED ? SIG_IGN : SIG_DFL);
}
