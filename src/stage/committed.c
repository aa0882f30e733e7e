/* SPDX-License-Identifier: BSD-3-Clause */
/* The contents of a commit. No collectives. */
#include "stage/committed.h"

#include "input/file_print.h"
#include "job.h"
#include "stage/counted_by.h"
#include "stage/plan.h"

#include <inttypes.h>

static const size_t item_bytes[COMMIT_SECTIONS] = {
    [COMMITTED_COUNT] = sizeof(struct committed_count),
    [COMMITTED_STARTS] = sizeof(struct committed_start),
    [COMMITTED_LOGS] = sizeof(struct committed_log),
    [COMMITTED_RUNS] = sizeof(uint64_t),
    [COMMITTED_DONE] = sizeof(struct done_range),
    [COMMITTED_INPUTS] = sizeof(struct file_print),
    [COMMITTED_NAMES] = 1,
    [COMMITTED_RULES] = 1,
};

size_t committed_len(const struct commit *commit, enum committed_section section)
{
    return commit->sections[section].len / item_bytes[section];
}

/* What counted_by says, and what only says which text there is. */
static bool describe(struct job *job, struct counts_meta *meta)
{
    struct env *env = &job->env;
    const struct options *options = &env->options;
    static const char *const formats[] = {"auto", "bytes", "counts-tsv"};
    return counted_by(env, meta)
        && counts_meta_set(meta, &env->mem, "input-format", formats[options->input_format],
                           &env->fail)
        && (!options->count_first
            || counts_meta_set(meta, &env->mem, "count-first", "yes", &env->fail))
        && (!options->skip_header
            || counts_meta_set(meta, &env->mem, "skip-header", "yes", &env->fail))
        && (!options->skip_bad || counts_meta_set(meta, &env->mem, "skip-bad", "yes", &env->fail))
        && (!options->pre || counts_meta_set(meta, &env->mem, "pre", options->pre, &env->fail));
}

/* Prints and names of a catalog, behind those that are there. */
static bool add_inputs(struct job *job, const struct catalog *catalog, struct commit *commit)
{
    struct env *env = &job->env;
    struct buffer *inputs = &commit->sections[COMMITTED_INPUTS];
    struct buffer *names = &commit->sections[COMMITTED_NAMES];
    const size_t bytes = inputs->len, base = names->len;
    if (catalog->len == 0)
        return true;
    if (!env_append(env, inputs, NULL, catalog->len * sizeof(struct file_print)))
        return false;
    struct file_print *prints = (struct file_print *)(void *)(inputs->bytes + bytes);
    memset(prints, 0, catalog->len * sizeof *prints);
    if (!file_print_all(catalog, prints, &env->fail))
        return false;
    for (size_t i = 0; i < catalog->len; i++)
        prints[i].name_off += base;
    return env_append(env, names, catalog->names, catalog->names_len);
}

bool committed_begin(struct job *job, const struct plan *plan, struct commit *commit)
{
    struct counts_meta meta = {0};
    struct committed_count count = {
        .split_bytes = plan->split_bytes, .unit = plan->catalog.unit, .texts = plan->catalog.len};
    bool ok = add_inputs(job, &plan->catalog, commit) && add_inputs(job, &plan->counts, commit)
           && describe(job, &meta)
           && env_append(&job->env, &commit->sections[COMMITTED_RULES], meta.text.bytes,
                         meta.text.len);
    count.rules_lines = meta.lines;
    counts_meta_free(&meta, &job->env.mem);
    return ok && env_append(&job->env, &commit->sections[COMMITTED_COUNT], &count, sizeof count);
}

static bool logs_are_right(const struct commit *commit)
{
    const struct committed_log *log = committed_items(commit, COMMITTED_LOGS);
    const size_t runs = committed_len(commit, COMMITTED_RUNS),
                 starts = committed_len(commit, COMMITTED_STARTS);
    const uint64_t *indexes = committed_items(commit, COMMITTED_RUNS);
    for (size_t i = committed_len(commit, COMMITTED_LOGS); i > 0; i--, log++) {
        if (log->start >= starts || log->buckets == 0 || log->buckets > UINT32_MAX
            || log->first_run > runs || log->runs > runs - log->first_run)
            return false;
        for (uint64_t run = 0; run < log->runs; run++)
            if (indexes[log->first_run + run] > log->bytes)
                return false;
    }
    return true;
}

static bool ranges_are_right(const struct commit *commit)
{
    const struct committed_count *count = committed_items(commit, COMMITTED_COUNT);
    const struct done_range *range = committed_items(commit, COMMITTED_DONE);
    for (size_t i = committed_len(commit, COMMITTED_DONE); i > 0; i--, range++)
        if (range->file >= count->texts || (range->text == 0 && range->begin > range->end))
            return false;
    return count->place.file <= count->texts;
}

static bool names_are_right(const struct commit *commit)
{
    const struct buffer *names = &commit->sections[COMMITTED_NAMES];
    const struct file_print *print = committed_items(commit, COMMITTED_INPUTS);
    for (size_t i = committed_len(commit, COMMITTED_INPUTS); i > 0; i--, print++)
        if (print->name_off >= names->len)
            return false;
    return names->len == 0 || names->bytes[names->len - 1] == '\0';
}

bool committed_check(const struct commit *commit, const char *path, struct fail *fail)
{
    bool ok = committed_len(commit, COMMITTED_COUNT) == 1;
    for (int i = 0; i < COMMIT_SECTIONS; i++)
        ok = ok && commit->sections[i].len % item_bytes[i] == 0;
    ok = ok && logs_are_right(commit) && ranges_are_right(commit) && names_are_right(commit);
    return ok || fail_set(fail, FAIL_INPUT, "%s: says what cannot be", path);
}

static bool same_rules(struct job *job, const struct commit *commit, const struct commit *mine,
                       const char *folder)
{
    struct env *env = &job->env;
    const struct committed_count *before = committed_items(commit, COMMITTED_COUNT),
                                 *now = committed_items(mine, COMMITTED_COUNT);
    const struct buffer *rules = &commit->sections[COMMITTED_RULES],
                        *rules_now = &mine->sections[COMMITTED_RULES];
    struct counts_meta meta = {0}, meta_now = {0};
    bool ok = counts_meta_read(&meta, &env->mem, rules->bytes, rules->len,
                               (uint32_t)before->rules_lines, folder, &env->fail)
           && counts_meta_read(&meta_now, &env->mem, rules_now->bytes, rules_now->len,
                               (uint32_t)now->rules_lines, folder, &env->fail)
           && counts_meta_add(&meta_now, &env->mem, "this run", &meta, folder, &env->fail);
    counts_meta_free(&meta, &env->mem);
    counts_meta_free(&meta_now, &env->mem);
    return ok;
}

/* The first input that is not what it was. */
static bool same_inputs(struct job *job, const struct commit *commit, const struct commit *mine,
                        const char *folder)
{
    const struct file_print *before = committed_items(commit, COMMITTED_INPUTS),
                            *now = committed_items(mine, COMMITTED_INPUTS);
    const char *names = committed_items(commit, COMMITTED_NAMES),
               *names_now = committed_items(mine, COMMITTED_NAMES);
    const size_t len = committed_len(commit, COMMITTED_INPUTS),
                 len_now = committed_len(mine, COMMITTED_INPUTS);
    for (size_t i = 0; i < len && i < len_now; i++) {
        const char *name = names_now + now[i].name_off;
        if (strcmp(names + before[i].name_off, name) != 0)
            return fail_set(&job->env.fail, FAIL_USAGE,
                            "--checkpoint: %s was begun with other inputs: number %zu was %s, and "
                            "is %s",
                            folder, i + 1, names + before[i].name_off, name);
        if (before[i].bytes != now[i].bytes || before[i].checksum != now[i].checksum)
            return fail_set(&job->env.fail, FAIL_USAGE,
                            "%s: is not what it was when %s was begun: %" PRIu64
                            " bytes then, %" PRIu64 " now%s",
                            name, folder, before[i].bytes, now[i].bytes,
                            before[i].bytes == now[i].bytes ? ", but others" : "");
    }
    return len == len_now
        || fail_set(&job->env.fail, FAIL_USAGE,
                    "--checkpoint: %s was begun with %zu inputs, not with %zu", folder, len,
                    len_now);
}

bool committed_same(struct job *job, const struct commit *commit, const struct commit *mine,
                    const char *folder)
{
    const struct committed_count *before = committed_items(commit, COMMITTED_COUNT),
                                 *now = committed_items(mine, COMMITTED_COUNT);
    return same_rules(job, commit, mine, folder) && same_inputs(job, commit, mine, folder)
        && (before->split_bytes == now->split_bytes
            || fail_set(&job->env.fail, FAIL_USAGE,
                        "--checkpoint: %s was begun with --split-size=%" PRIu64, folder,
                        before->split_bytes));
}
