/* SPDX-License-Identifier: BSD-3-Clause */
/* processor: whether this process has one when it wants one. */
#ifndef PROCESSOR_H
#define PROCESSOR_H

/* Local. How many times as long this thread has taken so far as it would have with a processor of
 * its own; 1 where the system does not say. The thread is the first one of the process. */
double processor_crowding(void);

#endif
