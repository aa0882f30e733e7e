/* SPDX-License-Identifier: BSD-3-Clause */
/* The context of one rank. */
#include "env.h"

#include <stdlib.h>

static bool parts(const void *context, const uint8_t *bytes, size_t len, uint8_t blank)
{
    return rules_part(context, bytes, len, blank);
}

/* Which stretches of the text are looked at by themselves: what is between blanks; with the blanks
 * before it; or lines, where a match may lie across blanks. */
static void choose_chunks(struct env *env)
{
    if (rules_take_blanks(&env->rules)) {
        env->kind.mapper = chunks_mapper;
        env->kind.mapper.parts = parts;
        env->kind.mapper.context = &env->rules;
        env->kind.extractor.alone = true;
    } else if (rules_cross_blanks(&env->rules)) {
        env->kind.mapper = lines_mapper;
    }
}

bool env_choose(struct env *env)
{
    const struct rules_options *rules = &env->options.rules;
    env->scan = scan_choose(env->options.kernel);
    env->filter.command = env->options.pre;
    env->filter.any_format = env->options.input_format == OPTIONS_INPUT_FORMAT_BYTES;
    if (!kind_of_options(&env->options, &env->kind, &env->fail)
        || (!rules_idle(rules) && !rules_init(&env->rules, rules, &env->mem, &env->fail)))
        return false;
    choose_chunks(env);
    return true;
}

void env_set_memory(struct env *env, size_t memory_bytes, size_t ranks)
{
    const bool spills = env->space.len > 0 || env->options.checkpoint;
    env->budget = budget_of(memory_bytes, ranks, (size_t)env->options.block_bytes, spills);
#ifdef FAULT_POINTS
    if (getenv("WC_RECORDS_BYTES"))
        env->budget.records_bytes = (size_t)atoi(getenv("WC_RECORDS_BYTES"));
#endif
    arena_init(&env->arena, &env->mem, env->budget.slab_bytes, env->budget.spare_bytes);
}

void env_free(struct env *env)
{
    filter_stop(&env->filter);
    rules_free(&env->rules);
    arena_free(&env->arena);
}
