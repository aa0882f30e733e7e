/* SPDX-License-Identifier: BSD-3-Clause */
/* streams: standard input, output and error of this process. */
#ifndef STREAMS_H
#define STREAMS_H

#include <stdbool.h>

/* Local. First of all in main: gives the standard streams that are closed a descriptor that can
 * neither be read nor written. Otherwise the next file opened, of the result or of a library, would
 * take the number and be mistaken for the stream. */
void streams_open(void);

/* Local. Whether the descriptor is a standard stream that was closed at the start. */
bool streams_closed(int fd);

/* Local. Whether any of them was. */
bool streams_any_closed(void);

#endif
