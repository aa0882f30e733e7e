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

static volatile sig_atomic_t came_wind_down, came_show;

static void on_wind_down(int number)
{
    (void)number;
    came_wind_down = 1;
}

static void on_show(int number)
{
    (void)number;
    came_show = 1;
}

static void note(int number, void (*handler)(int))
{
    const struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(number, &action, NULL);
}

static void note_requests(void)
{
    note(SIGUSR1, on_wind_down);
    note(SIGUSR2, on_show);
}

/* Runs before the constructors of libraries, which take longer than main. Only programs have that,
 * libraries (as for a simulator) do not; and a sanitizer is not ready by then. */
#if defined __ELF__ && (!defined __PIC__ || defined __PIE__) && !defined __SANITIZE_ADDRESS__
static void first(void)
{
    look();
    note_requests();
}

__attribute__((section(".preinit_array"), used)) static void (*const look_first)(void) = first;
#endif

void signals_init(void)
{
    look();
    note_requests();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGHUP, hangup == IGNORED ? SIG_IGN : SIG_DFL);
}

unsigned signals_take(void)
{
    unsigned came = 0;
    if (came_wind_down) {
        came_wind_down = 0; /* before it is acted upon: another one may come */
        came |= SIGNALS_WIND_DOWN;
    }
    if (came_show) {
        came_show = 0;
        came |= SIGNALS_SHOW;
    }
    return came;
}

static void requests(sigset_t *signals)
{
    sigemptyset(signals);
    sigaddset(signals, SIGUSR1);
    sigaddset(signals, SIGUSR2);
}

static bool ignoring;

void signals_ignore_requests(void)
{
    sigset_t both;
    ignoring = true;
    signal(SIGUSR1, SIG_IGN);
    signal(SIGUSR2, SIG_IGN);
    requests(&both);
    sigprocmask(SIG_UNBLOCK, &both, NULL); /* what came is gone */
}

void signals_of_started(sigset_t *defaults, sigset_t *blocked)
{
    sigfillset(defaults);
    sigemptyset(blocked);
    if (ignoring) {
        sigdelset(defaults, SIGUSR1);
        sigdelset(defaults, SIGUSR2);
    } else {
        requests(blocked);
    }
}
