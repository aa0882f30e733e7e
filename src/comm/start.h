/* SPDX-License-Identifier: BSD-3-Clause */
/* start: what MPI is told before it starts, and its start. */
#ifndef START_H
#define START_H

/* Local, before MPI is up. Settings for a process that no launcher started; nothing otherwise. */
void start_light(void);

/* Collective: MPI_Init_thread, in a process that leaves the environment as it was. */
void start_mpi(int *argc, char ***argv);

#endif
