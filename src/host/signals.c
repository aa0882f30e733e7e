/* SPDX-License-Identifier: BSD-3-Clause */
/* UCX, which Open MPI 5 is linked with, takes SIGHUP for itself as soon as it is loaded, before
 * main and without a look at what was there. What we were started with is seen only before that. */
#include "host/signals.h"

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

static volatile sig_atomic_t wind_down;

static void on_wind_down(int number)
{
    (void)number;
    wind_down = 1;
}

void signals_heed_wind_down(void)
{
    const struct sigaction action = {.sa_handler = on_wind_down, .sa_flags = SA_RESTART};
    sigaction(SIGUSR1, &action, NULL);
    signal(SIGUSR2, SIG_IGN);
}

bool signals_wind_down(void)
{
    return wind_down;
}

static bool ignoring;

void signals_ignore_wind_down(void)
{
    ignoring = true;
    signal(SIGUSR1, SIG_IGN);
}

void signals_defaults(sigset_t *signals)
{
    sigfillset(signals);
    if (ignoring)
        sigdelset(signals, SIGUSR1);
}
