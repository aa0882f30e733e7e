/* SPDX-License-Identifier: BSD-3-Clause */
/* signals: what the process does when the system or a user signals it. */
#ifndef SIGNALS_H
#define SIGNALS_H

/* Local. At the start of main. A reader that leaves (SIGPIPE) and a file beyond the limit of its
 * size (SIGXFSZ) become errors of write(2), which are reported. A terminal that is closed (SIGHUP)
 * ends the process, unless it was started with that signal ignored, as nohup does. */
void signals_init(void);

#endif
