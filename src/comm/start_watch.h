/* SPDX-License-Identifier: BSD-3-Clause */
/* start_watch: ends a start that never ends. Until the ranks have exchanged their first messages
 * nobody can tell who gives no sign, but networks that do not connect the hosts show just there:
 * MPI waits in its own calls, without end. */
#ifndef START_WATCH_H
#define START_WATCH_H

/* Local, before MPI starts, on a rank of several. If start_watch_end does not come in time, the
 * process says why and ends with FAIL_STUCK, in the middle of any call of MPI; the launcher ends
 * the others, which end a little later by themselves. Time is seconds, 0 for never; a start gets
 * more where that is little. Takes SIGALRM. */
void start_watch_begin(const char *program, double seconds, int rank);

/* Local. MPI has started, so all ranks are there: the time begins anew. */
void start_watch_connect(void);

/* Local. The same while a plug-in is loaded in the process of a rank. */
void start_watch_load(const char *program, double seconds, int rank, const char *name);

/* Local. The ranks are connected, and the watch is on; harmless where there was no beginning. */
void start_watch_end(void);

#endif
