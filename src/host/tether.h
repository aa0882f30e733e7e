/* SPDX-License-Identifier: BSD-3-Clause */
/* tether: what a process that was started for a rank (process_start) does so as never to outlive
 * it, not even while it or a command of its loops for ever. */
#ifndef TETHER_H
#define TETHER_H

#include <stdbool.h>
#include <stdio.h>

/* Local. Whether this process was started by process_start. */
bool tether_held(void);

/* Local. Closes what else it inherited. From now on it ends when the connection does, which the
 * kernel closes however the rank dies, and with it all that descends from it. What the rank sends
 * can be read from the stream that is returned. NULL with errno. */
FILE *tether_begin(void);

/* Local. Both end this process where the connection is broken. False: the rank sends no more. */
bool tether_receive(FILE *from_rank, void *bytes, size_t len);
void tether_send(const void *bytes, size_t len);

/* Local. Ends this process and all that it started. */
_Noreturn void tether_end(void);

#endif
