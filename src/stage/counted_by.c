/* SPDX-License-Identifier: BSD-3-Clause */
/* One line for each rule that was asked for: what is not said is as it is without options. */
#include "stage/counted_by.h"

#include "env.h"
#include "rules/edition.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line, whose value may have any bytes. NULL: there is none. */
static bool set(struct env *env, struct counts_meta *meta, const char *name, const char *value)
{
    if (!value)
        return true;
    struct buffer shown = {0};
    const size_t len = strlen(value);
    bool ok = env_append(env, &shown, NULL, len * ESCAPE_GROWTH + 1);
    if (ok) {
        *escape_write(shown.bytes, (const uint8_t *)value, len, ESCAPE_CONTROL) = '\0';
        ok = counts_meta_set(meta, &env->mem, name, (const char *)shown.bytes, &env->fail);
    }
    buffer_free(&shown, &env->mem);
    return ok;
}

static bool set_if(struct env *env, struct counts_meta *meta, const char *name, bool on)
{
    return set(env, meta, name, on ? "yes" : NULL);
}

static bool set_number(struct env *env, struct counts_meta *meta, const char *name, uint64_t number)
{
    return number <= 1 || counts_meta_set_number(meta, &env->mem, name, number, &env->fail);
}

static bool set_list(struct env *env, struct counts_meta *meta, const char *name, const char *file,
                     const struct word_list *list)
{
    char sum[64];
    snprintf(sum, sizeof sum, "%zu-%016" PRIx64, list->words, word_list_sum(list));
    return set(env, meta, name, file ? sum : NULL);
}

static bool set_lines(struct env *env, struct counts_meta *meta)
{
    const struct options *options = &env->options;
    return strcmp(options->count, "words") == 0
        || (set_if(env, meta, "crlf", options->crlf)
            && set_if(env, meta, "zero-terminated", options->zero_terminated));
}

static bool set_extractor(struct env *env, struct counts_meta *meta)
{
    const struct extractor *extractor = &env->kind.extractor;
    const char *argument = extractor->argument ? extractor->argument : "";
    char separator[8], *text = NULL;
    if (!kind_extracts(&env->kind) || !extractor->option)
        return true;
    if (asprintf(&text, "%s:%s", extractor->option, argument) < 0)
        return fail_set(&env->fail, FAIL_MEMORY, "memory: the rules of the count file");
    bool ok = set(env, meta, "extract", text);
    free(text);
    snprintf(separator, sizeof separator, "\\x%02x", extractor->separator);
    return ok
        && (extractor->separator == 0
            || counts_meta_set(meta, &env->mem, "separator", separator, &env->fail));
}

static bool set_rules(struct env *env, struct counts_meta *meta)
{
    const struct rules_options *rules = &env->options.rules;
    char editions[256];
    if (rules_idle(rules))
        return true;
    edition_describe(editions, sizeof editions);
    const bool cut = rules->words && strcmp(rules->words, "space") != 0;
    return set(env, meta, "words", cut ? rules->words : NULL)
        && set(env, meta, "case",
               rules->fold    ? "fold"
               : rules->lower ? "lower"
                              : NULL)
        && set(env, meta, "form",
               rules->nfkc  ? "nfkc"
               : rules->nfc ? "nfc"
                            : NULL)
        && set_if(env, meta, "strip", rules->strip)
        && set_number(env, meta, "min-length", rules->min_length)
        && set_list(env, meta, "stop", rules->stop_file, &env->rules.stop)
        && set_list(env, meta, "vocabulary", rules->vocabulary_file, &env->rules.vocabulary)
        && set(env, meta, "edition", editions);
}

bool counted_by(struct env *env, struct counts_meta *meta)
{
    return set(env, meta, "count", env->options.count) && set_lines(env, meta)
        && set_extractor(env, meta) && set_rules(env, meta);
}

bool counted_by_part(struct env *env, struct counts_meta *meta)
{
    const struct options *options = &env->options;
    return set_number(env, meta, "min-count", options->min_count)
        && (options->top == 0
            || counts_meta_set_number(meta, &env->mem, "top", options->top, &env->fail));
}

bool counted_by_all(const struct counts_meta *meta, const char *name, struct fail *fail)
{
    static const char *const parts[] = {"min-count", "top"};
    size_t len;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (counts_meta_get(meta, parts[i], &len))
            return fail_set(fail, FAIL_USAGE,
                            "%s: was written with --%s: counts are missing that cannot be added up",
                            name, parts[i]);
    return true;
}
