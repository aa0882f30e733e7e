/* SPDX-License-Identifier: BSD-3-Clause */
/* topo: what the machine under a rank looks like. The only module that knows hwloc. */
#ifndef TOPO_H
#define TOPO_H

#include "host/fail.h"

#include <sched.h>
#include <stddef.h>
#include <stdint.h>

/* Facts of one host; plain data, shared by its ranks. */
struct topo {
    size_t l1_bytes, l2_bytes, l3_bytes; /* of one cache; 0 when unknown */
    uint64_t memory_bytes;
    int packages, cores, processors, numa_nodes;
};

/* Local. The version of hwloc, into text; returns text. */
char *topo_version(char *text, size_t text_bytes);

/* Local; once per host, takes milliseconds. Never fails: what hwloc does not know is 0. */
void topo_load(struct topo *topo);

/* Local. Memory this process may use: the least of the machine, its control group and its resource
 * limits. */
uint64_t topo_memory(const struct topo *topo);

/* A set of processors, sent as it is. */
struct topo_binding {
    cpu_set_t processors;
};

/* Local. Where this process may run. */
void topo_binding(struct topo_binding *binding);

/* Local. Whether so many processes of this host may have two processors each, and this one may run
 * on more than one. */
bool topo_spares(const struct topo *topo, int processes);

/* Local, takes milliseconds. The processors of `cores` whole cores, those of the slot of that
 * number: cores are dealt out to slots in the order of the machine, out of all that this process
 * may use, also where it is bound to fewer. False where there are not so many. */
bool topo_slot(int slot, int cores, struct topo_binding *processors);

/* Local. Writes the set as `0-3,8` into text; returns text. */
char *topo_binding_text(const struct topo_binding *binding, char *text, size_t text_bytes);

/* Local; on the host concerned, takes milliseconds. Whether `len` processes bound like this can all
 * have a core of their own; if not, *core_ranks is how many share the fullest. */
bool topo_cores_suffice(const struct topo_binding *bindings, size_t len, int *core_ranks);

#endif
