/* SPDX-License-Identifier: BSD-3-Clause */
/* signals: what the process does when the system or a user signals it. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* What users ask for: by SIGUSR1 and SIGUSR2. */
enum { SIGNALS_WIND_DOWN = 1, SIGNALS_SHOW = 2 };

/* Local. At the start of main. A reader that leaves (SIGPIPE) and a file beyond the limit of its
 * size (SIGXFSZ) become errors of write(2), which are reported. A terminal that is closed (SIGHUP)
 * ends the process, unless it was started with that signal ignored, as nohup does. SIGUSR1 and
 * SIGUSR2 end nothing from now on: they are noted. */
void signals_init(void);

/* Local. Which of the requests have come since this was last called. */
unsigned signals_take(void);

/* Local. From now on SIGUSR1 and SIGUSR2 are ignored here, and in what is started from here: Slurm
 * sends them to all processes, and only the ranks are meant. */
void signals_ignore_requests(void);

/* Local. Those that have their default action in what is started from here, and those that are
 * blocked in it until it calls signals_ignore_requests: nobody is ended by them meanwhile. */
void signals_of_started(sigset_t *defaults, sigset_t *blocked);

#endif
