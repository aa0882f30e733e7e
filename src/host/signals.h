/* SPDX-License-Identifier: BSD-3-Clause */
/* signals: what the process does when the system or a user signals it. */
#ifndef SIGNALS_H
#define SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* Local. At the start of main. A reader that leaves (SIGPIPE) and a file beyond the limit of its
 * size (SIGXFSZ) become errors of write(2), which are reported. A terminal that is closed (SIGHUP)
 * ends the process, unless it was started with that signal ignored, as nohup does. */
void signals_init(void);

/* Local. From now on SIGUSR1 asks for an end that loses nothing, and SIGUSR2 is ignored; otherwise
 * both end the process. */
void signals_heed_wind_down(void);

/* Local. Whether SIGUSR1 has come since. */
bool signals_wind_down(void);

/* Local. From now on SIGUSR1 is ignored here, and in what is started from here: Slurm sends it to
 * all processes, and only the ranks are meant. */
void signals_ignore_wind_down(void);

/* Local. Those that have their default action in what is started from here. */
void signals_defaults(sigset_t *signals);

#endif
