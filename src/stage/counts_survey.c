/* SPDX-License-Identifier: BSD-3-Clause */
/* A stretch is a range of keys of all files. What is measured of a row differs between stretches:
 * by how much says how far the mean may be off. Collectives: see the header. */
#include "stage/counts_survey.h"

#include "comm/agree.h"
#include "counts/counts_merge.h"
#include "data/census.h"
#include "host/clock.h"
#include "job.h"
#include "stage/split_keys.h"

#include <math.h>

enum {
    STEP_RECORDS = 4096,
    STRETCH_BYTES = 1 << 20,
    PARTS_EACH = 64, /* for each rank, or more, but not more than: */
    PARTS_MAX = 2048,
    SHARE_UNIT = 1 << 10, /* a share is a number of such parts, */
    SHARE_MAX = 1 << 26,  /* and what is more counts as that */
    FEW = 8,              /* stretches, from which no deviation is taken */
};

static const double most_s = 1, deviations = 3, golden = 0.618;

struct walk {
    struct job *job;
    struct counts_survey *survey;
    struct split_key *keys; /* one less than stretches */
    uint64_t stop_ns;
};

/* A power of two. */
static uint64_t parts_of(const struct job *job, const struct count_files *files)
{
    const uint64_t least = (uint64_t)job->comm.size * PARTS_EACH;
    uint64_t parts = 1;
    while (parts < PARTS_MAX && (parts < least || parts < files->bytes / STRETCH_BYTES))
        parts *= 2;
    return parts;
}

/* Rank 0 looks for the keys that part them. */
static bool find_keys(struct walk *walk)
{
    struct job *job = walk->job;
    const struct count_files *files = walk->survey->files;
    const uint64_t parts = walk->survey->parts = parts_of(job, files);
    const size_t bytes = (size_t)parts * sizeof *walk->keys;
    walk->keys = mem_alloc(&job->env.mem, bytes, &job->env.fail);
    bool ok = walk->keys != NULL;
    if (ok && comm_is_root(job))
        ok = split_keys_find(&job->env.mem, files->readers, files->len, (size_t)parts, walk->keys,
                             &job->env.fail);
    if (!agree(job, ok))
        return false;
    comm_bcast(job, walk->keys, bytes);
    return true;
}

static void look_at(const struct env *env, const struct counts_merge *merge, uint64_t *of)
{
    const struct record *record = &merge->record;
    of[COUNTS_SURVEY_KEYS]++;
    of[COUNTS_SURVEY_RECORD_BYTES] += census_record_bytes(record->len, record->count);
    if (record->count < env->options.min_count)
        return;
    of[COUNTS_SURVEY_KEPT]++;
    of[COUNTS_SURVEY_LINE_BYTES] += env->kind.format.bytes(&env->kind.format, record);
}

static void add_stretch(struct counts_survey_sums *sums, uint64_t rows, const uint64_t *of)
{
    sums->rows += rows;
    sums->stretches++;
    for (int i = 0; rows > 0 && i < COUNTS_SURVEY_MEASURES; i++) {
        const double share = fmin((double)of[i] / (double)rows * SHARE_UNIT, SHARE_MAX);
        sums->of[i] += of[i];
        sums->share[i] += (uint64_t)share;
        sums->square[i] += (uint64_t)(share * share);
    }
}

static bool merge_stretch(struct walk *walk, uint64_t part)
{
    struct job *job = walk->job;
    const struct count_files *files = walk->survey->files;
    const struct split_key *begin = part > 0 ? &walk->keys[part - 1] : NULL,
                           *end = part + 1 < walk->survey->parts ? &walk->keys[part] : NULL;
    struct counts_merge merge = {0};
    struct fail *fail = &job->env.fail;
    uint64_t rows = 0, of[COUNTS_SURVEY_MEASURES] = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < files->len; i++)
        ok = counts_reader_seek(&files->readers[i], begin ? begin->bytes : (const uint8_t *)"",
                                begin ? (size_t)begin->len : 0, fail);
    ok = ok && counts_merge_init(&merge, &job->env.mem, files->readers, files->len, fail);
    for (uint64_t step = 1; ok && counts_merge_next(&merge, NULL, fail); step++) {
        if (end && split_keys_reach(&merge.record, end))
            break;
        rows += merge.files;
        look_at(&job->env, &merge, of);
        if (step % STEP_RECORDS > 0)
            continue;
        comm_step(job);
        if (clock_ns() > walk->stop_ns) {
            walk->survey->sums.cut_short++;
            break;
        }
    }
    counts_merge_free(&merge);
    add_stretch(&walk->survey->sums, rows, of);
    return ok && fail->code == FAIL_NONE;
}

/* How many stretches --plan=SIZE wants of this rank, at least one. */
static uint64_t wanted(const struct job *job, const struct counts_survey *survey)
{
    const uint64_t limit = job->env.options.plan, size = (uint64_t)job->comm.size;
    if (limit >= survey->files->bytes)
        return survey->parts;
    const double share = (double)limit / (double)survey->files->bytes;
    return 1 + (uint64_t)(share * (double)survey->parts / (double)size);
}

/* Those of this rank, until it is time: they come in steps that are odd and so reach all of them,
 * far apart at first. */
static bool merge_some(struct walk *walk)
{
    struct job *job = walk->job;
    struct counts_survey *survey = walk->survey;
    const uint64_t size = (uint64_t)job->comm.size, parts = survey->parts,
                   stride = (uint64_t)((double)parts * golden) | 1,
                   first = job->env.seed.word[3] % parts;
    uint64_t left = wanted(job, survey);
    const uint64_t begun = clock_ns();
    bool ok = fail_point(&job->env.fail, "counts", job->comm.rank);
    walk->stop_ns = begun + (uint64_t)(most_s * 1e9);
    for (uint64_t i = (uint64_t)job->comm.rank; ok && i < parts && left > 0; i += size) {
        ok = merge_stretch(walk, (first + i * stride) % parts);
        left -= survey->sums.rows > 0; /* of nothing nothing follows */
        if (clock_ns() > walk->stop_ns)
            break;
    }
    survey->sums.ns = clock_ns() - begun;
    return ok;
}

bool counts_survey_run(struct job *job, const struct count_files *files,
                       struct counts_survey *survey)
{
    struct walk walk = {.job = job, .survey = survey};
    *survey = (struct counts_survey){.files = files};
    const bool ok = find_keys(&walk) && agree(job, merge_some(&walk));
    if (ok) {
        comm_sum(job, (uint64_t *)&survey->sums, sizeof survey->sums / sizeof(uint64_t));
        survey->exact = survey->sums.stretches == survey->parts && survey->sums.cut_short == 0;
    }
    mem_free(&job->env.mem, walk.keys, (size_t)survey->parts * sizeof *walk.keys);
    return ok;
}

/* The keys of all files are no fewer than those of one, and no more than all rows. */
static struct estimate_range bounded(const struct count_files *files, struct estimate_range keys)
{
    double least = 0;
    for (size_t i = 0; i < files->len; i++)
        least = fmax(least, (double)files->readers[i].path.footer.totals.records);
    const double most = (double)files->rows;
    return (struct estimate_range){fmin(fmax(keys.low, least), most),
                                   fmin(fmax(keys.likely, least), most),
                                   fmin(fmax(keys.high, least), most)};
}

struct estimate_range counts_survey_range(const struct counts_survey *survey,
                                          enum counts_survey_measure measure)
{
    const struct counts_survey_sums *sums = &survey->sums;
    const double rows = (double)survey->files->rows, n = (double)sums->stretches;
    const double of = (double)sums->of[measure], unit = SHARE_UNIT;
    if (survey->exact || sums->rows == 0)
        return (struct estimate_range){of, of, of};
    const double likely = of / (double)sums->rows * rows;
    const double mean = (double)sums->share[measure] / unit / n,
                 square = (double)sums->square[measure] / (unit * unit) / n,
                 error = sqrt(fmax(square - mean * mean, 0) / n) * deviations * rows,
                 off = n < FEW ? likely : error;
    const struct estimate_range range = {fmax(likely - off, of), likely, likely + off};
    return measure == COUNTS_SURVEY_KEYS ? bounded(survey->files, range) : range;
}

uint64_t counts_survey_bytes(const struct counts_survey *survey)
{
    const struct count_files *files = survey->files;
    return survey->exact || files->rows == 0
             ? files->bytes
             : (uint64_t)((double)survey->sums.rows / (double)files->rows * (double)files->bytes);
}

double counts_survey_row_s(const struct counts_survey *survey)
{
    const struct counts_survey_sums *sums = &survey->sums;
    return sums->rows > 0 ? (double)sums->ns / 1e9 / (double)sums->rows : 0;
}
