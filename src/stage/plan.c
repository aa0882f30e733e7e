/* SPDX-License-Identifier: BSD-3-Clause */
/* Plan. Only rank 0 looks at names and sizes; nothing here depends on the number of ranks.
 *
 * Collectives, in order. plan_run: agree, Ibcast (comm_bcast), agree, Ibcast. plan_check: Ibcast,
 * Iallreduce, those of verify_input. */
#include "stage/plan.h"

#include "cli/options_outputs.h"
#include "comm/agree.h"
#include "host/clock.h"
#include "host/path.h"
#include "input/decoder.h"
#include "input/encoded.h"
#include "input/joints.h"
#include "input/reader.h"
#include "job.h"
#include "stage/report.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

_Static_assert((int)EXTRACTOR_HEAD_BYTES == (int)sizeof(uint64_t), "it is one");
_Static_assert((int)EXTRACTOR_HEAD_BYTES == (int)JOINTS_HEAD_BYTES, "they are the same");

enum {
    PIECES =
        4096, /* pieces of an input, so that the splits differ by less than a part in thousand */
    SPLIT_MIN_BYTES = 64 << 10,
    SPLIT_MAX_BYTES = 64 << 20,
    SHARE_FILES = 16,    /* what is less than one of so many files of a share need not be cut */
    SAMPLED_PIECES = 16, /* so many times as many for a sample, of at most: */
    SAMPLED_MAX_BYTES = 1 << 20,
    SAMPLED_NS = 800000000, /* not longer are they looked for */
};

static uint64_t split_bytes(const struct options *options, uint64_t total_bytes)
{
    if (options->split_bytes)
        return options->split_bytes;
    uint64_t split = total_bytes / PIECES;
    return split < SPLIT_MIN_BYTES ? SPLIT_MIN_BYTES
         : split > SPLIT_MAX_BYTES ? SPLIT_MAX_BYTES
                                   : split;
}

static bool is_same(const struct stat *status, const char *path)
{
    struct stat other;
    return path && stat(path, &other) == 0 && other.st_dev == status->st_dev
        && other.st_ino == status->st_ino;
}

/* Writing over an input would destroy it, and what names the inputs or works on them is one, too.
 */
static bool is_no_input(const char *path, const struct options *options,
                        const struct catalog *catalog, struct fail *fail)
{
    struct stat status;
    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode))
        return true;
    for (size_t i = 0; options->lists && i < options->files_len; i++)
        if (is_same(&status, options->files[i]))
            return fail_set(fail, FAIL_USAGE, "%s: is both input and output", path);
    if (is_same(&status, options->files_from) || is_same(&status, options->task)
        || is_same(&status, options->rules.stop_file)
        || is_same(&status, options->rules.vocabulary_file))
        return fail_set(fail, FAIL_USAGE, "%s: is both input and output", path);
    for (; catalog; catalog = catalog->counts)
        for (size_t i = 0; i < catalog->len; i++)
            if (catalog->files[i].inode == status.st_ino
                && catalog->files[i].device == status.st_dev)
                return fail_set(fail, FAIL_USAGE, "%s: is both input and output", path);
    return true;
}

static bool no_input_is_written(const struct options *options, const struct catalog *catalog,
                                struct fail *fail)
{
    struct options_output outputs[OPTIONS_OUTPUTS];
    bool ok = true;
    options_outputs(options, outputs);
    for (size_t i = 0; ok && i < OPTIONS_OUTPUTS; i++)
        ok = !outputs[i].path || outputs[i].folder
          || is_no_input(outputs[i].path, options, catalog, fail);
    return ok;
}

bool plan_trusts(const char *name, struct fail *fail)
{
    if (!name || !path_standard_input(name) || !comm_launched_by_prrte())
        return true;
    return fail_set(fail, FAIL_INPUT,
                    "%s: mpirun of Open MPI 5 repeats and drops parts of standard input: name a "
                    "file or a named pipe, or start one process without mpirun",
                    name);
}

static uint64_t behind_record(const void *context, struct peek *peek, uint64_t at, uint64_t from)
{
    const struct extractor *extractor = context;
    return extractor->next(extractor, peek, at, from);
}

static uint64_t head(const void *context, const uint8_t *text, size_t len)
{
    const struct extractor *extractor = context;
    return extractor->head(extractor, text, len);
}

static size_t first(const void *context, const uint8_t *text, size_t len)
{
    const struct extractor *extractor = context;
    return extractor->first(extractor, text, len);
}

/* Between joints; parts of a sample are small. */
static uint64_t unit_of(const struct plan *plan, bool sampled)
{
    const uint64_t piece = plan->total_bytes / PIECES, small = piece / SAMPLED_PIECES;
    if (!sampled)
        return plan->split_bytes > piece ? plan->split_bytes : piece;
    return small < SPLIT_MIN_BYTES   ? SPLIT_MIN_BYTES
         : small > SAMPLED_MAX_BYTES ? SAMPLED_MAX_BYTES
                                     : small;
}

/* Where the files may be cut that cannot be cut anywhere: those that are no small part of what a
 * rank gets, if there are others to get a part. A record may lie in several members of an encoded
 * one: that what looks like one is none shows when those before it are counted, unless bad ones are
 * skipped. A sample is taken of all parts of all files, on one rank too; its parts, and what a
 * checkpoint leaves, begin where members do. */
static bool find_joints(struct job *job, struct plan *plan)
{
    struct catalog *catalog = &plan->catalog;
    const struct extractor *extractor = &job->env.kind.extractor;
    const bool sampled = job->env.options.plan > 0, known = !extractor->skip_bad,
               shifted = known && extractor->first && !sampled && !job->env.options.checkpoint;
    const struct joints_records records = {.next = behind_record,
                                           .head = extractor->head ? head : NULL,
                                           .begins = known ? extractor->begins : NULL,
                                           .first = shifted ? first : NULL,
                                           .context = extractor};
    catalog->jointed = extractor->next != NULL;
    const uint64_t share = plan->total_bytes / (uint64_t)job->comm.size,
                   least = sampled ? (uint64_t)SAMPLED_MAX_BYTES : share / SHARE_FILES;
    const bool wanted = (job->comm.size > 1 || sampled) && plan->streams == 0
                     && job->env.options.input != OPTIONS_INPUT_ROOT && !job->env.options.pre
                     && !options_tasks(&job->env.options);
    catalog->unit = unit_of(plan, sampled);
    catalog->until_ns = sampled ? clock_ns() + SAMPLED_NS : 0;
    for (size_t i = 0; i < catalog->len; i++) {
        const struct catalog_file *file = &catalog->files[i];
        if (!catalog_jointed(catalog, i))
            continue;
        if (wanted && file->bytes > catalog->unit && file->bytes > least
            && !joints_find(catalog, i, catalog->jointed ? &records : NULL, &job->env.fail))
            return false;
        uint64_t longest = joints_longest(catalog, i);
        plan->longest_bytes = longest > plan->longest_bytes ? longest : plan->longest_bytes;
    }
    return true;
}

/* How the text of the first input begins that is a file. What is wrong with it shows when it is
 * counted. False with FAIL_MEMORY. */
static bool read_head(struct job *job, struct plan *plan)
{
    const struct catalog *catalog = &plan->catalog;
    struct reader reader;
    struct fail fail = {0};
    size_t file = 0, len;
    bool ended;
    while (file < catalog->len && (catalog->files[file].stream || catalog->files[file].bytes == 0))
        file++;
    if (file == catalog->len)
        return true;
    if (reader_open(&reader, &job->env.mem, catalog_name(catalog, file), &catalog->files[file],
                    catalog->any_format, &fail))
        reader_read(&reader, (uint8_t *)&plan->head, sizeof plan->head, &len, &ended, &fail);
    reader_close(&reader);
    return fail.code != FAIL_MEMORY || fail_set(&job->env.fail, fail.code, "%s", fail.text);
}

/* By how the input begins, if that may be. */
static void choose_extractor(struct job *job, const struct plan *plan)
{
    struct kind *kind = &job->env.kind;
    if (kind_recognise(kind, &job->env.options, (const uint8_t *)&plan->head, sizeof plan->head))
        report_say(job, "input: begins with a record of %s: as with --%s", kind->extractor.form,
                   kind->extractor.option);
}

/* What a command makes is read but once. */
static bool recognise(struct job *job, struct plan *plan)
{
    if (!plan->catalog.filter && kind_recognises(&job->env.kind, &job->env.options)
        && !read_head(job, plan))
        return false;
    choose_extractor(job, plan);
    return true;
}

/* Nobody need wait, nor think that nothing moves, because rank 0 waits for a stream. */
static void idle(void *context)
{
    comm_step(context);
}

/* Whether there is memory to decode every file, on every rank. */
static bool fits(struct job *job, struct plan *plan)
{
    const struct catalog *catalog = &plan->catalog;
    const size_t memory_bytes = job->env.budget.memory_bytes;
    plan->decoding_bytes = catalog->decoding_bytes;
    return plan->decoding_bytes <= decoder_limit(memory_bytes)
        || decoder_too_large(catalog_name(catalog, catalog->decoding_file), plan->decoding_bytes,
                             memory_bytes, &job->env.fail);
}

static bool look(struct job *job, struct plan *plan)
{
    const struct options *options = &job->env.options;
    bool ok = fail_point(&job->env.fail, "plan", job->comm.rank);
    catalog_init(&plan->catalog, &job->env.mem);
    catalog_init(&plan->counts, &job->env.mem);
    plan->catalog.counts = options_tasks(options) ? NULL : &plan->counts;
    plan->catalog.any_format = options->input_format == OPTIONS_INPUT_FORMAT_BYTES;
    plan->catalog.idle = (struct catalog_idle){idle, job};
    plan->catalog.live = options_tasks(options);
    plan->catalog.follow_ns = (uint64_t)(options->follow_s * 1e9);
    plan->catalog.filter = options->pre ? &job->env.filter : NULL;
    ok = ok && plan_trusts(options->files_from, &job->env.fail);
    for (size_t i = 0; ok && i < options->files_len; i++)
        ok = plan_trusts(options->files[i], &job->env.fail)
          && (options->lists ? catalog_add_list(&plan->catalog, options->files[i], false, false,
                                                &job->env.fail)
                             : catalog_add(&plan->catalog, options->files[i], options->recursive,
                                           &job->env.fail));
    if (ok && options->files_from)
        ok = catalog_add_list(&plan->catalog, options->files_from, options->nul_ended,
                              options->recursive, &job->env.fail);
    if (ok && options->range)
        ok = catalog_add_range(&plan->catalog, options->range, &job->env.fail);
    ok = ok && no_input_is_written(options, &plan->catalog, &job->env.fail);
    plan->total_bytes = catalog_bytes(&plan->catalog);
    plan->files = plan->catalog.len;
    plan->split_bytes = split_bytes(options, plan->total_bytes);
    for (size_t i = 0; i < plan->catalog.len; i++) {
        const struct catalog_file *file = &plan->catalog.files[i];
        uint64_t end = file->encoded ? (uint64_t)ENCODED_END : file->bytes;
        plan->streams += file->stream;
        plan->encoded_bytes += file->encoded ? file->bytes : 0;
        plan->boundary_sum += verify_place(i, end) - verify_place(i, 0);
    }
    for (size_t i = 0; i < plan->catalog.len; i++)
        if (strcmp(catalog_name(&plan->catalog, i), "-") == 0)
            job->totals.standard_input = true;
    plan->count_files = plan->counts.len;
    return ok && fits(job, plan) && recognise(job, plan) && find_joints(job, plan);
}

bool plan_run(struct job *job, struct plan *plan)
{
    timing_enter(&job->timing, TIMING_PLAN);
    bool ok =
        comm_is_root(job) ? look(job, plan) : fail_point(&job->env.fail, "plan", job->comm.rank);
    if (!agree(job, ok))
        return false;
    uint64_t shared[] = {plan->total_bytes, plan->files,         plan->split_bytes,
                         plan->streams,     plan->encoded_bytes, plan->longest_bytes,
                         plan->head,        plan->count_files,   plan->decoding_bytes};
    comm_bcast(job, shared, sizeof shared);
    plan->total_bytes = plan->left_bytes = shared[0];
    plan->files = shared[1];
    plan->split_bytes = shared[2];
    plan->streams = shared[3];
    plan->encoded_bytes = shared[4];
    plan->longest_bytes = shared[5];
    plan->head = shared[6];
    plan->count_files = shared[7];
    plan->decoding_bytes = shared[8];
    if (!comm_is_root(job))
        choose_extractor(job, plan);
    job->expected_read = plan->streams || job->env.options.pre ? 0 : plan->total_bytes;
    job->expected_bytes = plan->encoded_bytes ? 0 : job->expected_read;
    job->totals.files = plan->files;
    const char *plural = plan->files == 1 ? "" : "s";
    if (job->env.options.pre)
        report_say(job, "plan: %" PRIu64 " command%s, one after another on each rank", plan->files,
                   plural);
    else
        report_say(job, "plan: %" PRIu64 " file%s, %" PRIu64 " bytes, in pieces of %" PRIu64,
                   plan->files, plural, plan->total_bytes, plan->split_bytes);
    return true;
}

bool plan_check(struct job *job, const struct plan *plan)
{
    struct snapshot_totals *totals = &job->totals;
    uint64_t decoded_bytes = job->verify.input.decoded_bytes;
    if (plan->sampled)
        return true;
    comm_bcast(job, &totals->input_bytes, sizeof totals->input_bytes);
    comm_sum(job, &decoded_bytes, 1);
    if (!totals->root_input)
        totals->input_bytes = plan->total_bytes - plan->encoded_bytes + decoded_bytes;
    return verify_input(job, totals->input_bytes, plan->boundary_sum);
}

void plan_free(struct plan *plan)
{
    catalog_free(&plan->catalog);
    catalog_free(&plan->counts);
}
