/* SPDX-License-Identifier: BSD-3-Clause */
/* env: what a rank works with that is its own: the command line, memory, the first failure, what
 * is counted and how. A function that takes it, and no job, talks to nobody: it cannot hang, and
 * it can be tried without MPI. */
#ifndef ENV_H
#define ENV_H

#include "budget.h"
#include "cli/options.h"
#include "data/arena.h"
#include "host/buffer.h"
#include "host/scratch_space.h"
#include "input/filter.h"
#include "kind.h"
#include "rules/rules.h"
#include "text/hash.h"
#include "text/scan.h"

struct env {
    struct options options;
    struct fail fail;
    struct mem mem;
    struct arena arena;
    struct budget budget;
    struct hash_seed seed; /* of this run, the same on all ranks */
    struct kind kind;
    struct rules rules;   /* that make words of what the mapper finds; in use unless rules_idle */
    struct filter filter; /* of --pre */
    const struct scan *scan;
    struct scratch_space space; /* on disks, for what memory does not hold */
};

/* Local. What is counted, by which rules and by which kernel, as the options say; needs the memory.
 * False with fail set. */
bool env_choose(struct env *env);

/* Local. Every size that follows from `memory_bytes`, which the rank with the least memory has,
 * and from the number of ranks; and the arena. */
void env_set_memory(struct env *env, size_t memory_bytes, size_t ranks);

/* Local. How much of the memory records may take, beside what is on its way to and from other
 * ranks. */
static inline size_t env_records_bytes(const struct env *env)
{
    const size_t room = env->arena.used_bytes + arena_room(&env->arena);
    const size_t moving = env->budget.outbox_bytes * 5 / 2;
    const size_t left = room > moving ? room - moving : 0;
    return left < env->budget.records_bytes ? left : env->budget.records_bytes;
}

/* Local. buffer_append with the memory of this rank. False with fail set. */
static inline bool env_append(struct env *env, struct buffer *to, const void *bytes, size_t len)
{
    return buffer_append(to, &env->mem, bytes, len, &env->fail);
}

/* Local. Idempotent. */
void env_free(struct env *env);

#endif
