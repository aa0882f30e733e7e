/* SPDX-License-Identifier: BSD-3-Clause */
/* The context of one rank. */
#include "env.h"

void env_choose(struct env *env)
{
    kind_of_options(&env->options, &env->kind, &env->fail);
    env->scan = scan_choose(env->options.kernel);
}

void env_set_memory(struct env *env, size_t memory_bytes, size_t ranks)
{
    env->budget = budget_of(memory_bytes, ranks, (size_t)env->options.block_bytes);
    arena_init(&env->arena, &env->mem, env->budget.slab_bytes, env->budget.spare_bytes);
}

void env_free(struct env *env)
{
    arena_free(&env->arena);
}
