/* SPDX-License-Identifier: BSD-3-Clause */
/* What the files have is known, or seen in stretches of their keys. How many keys of the text are
 * none of theirs is seen where those of a lot are looked for; a text that goes on has more and more
 * such keys, as those that occur once in the lot show. */
#include "stage/expectation_counts.h"

#include "job.h"
#include "stage/counts_survey.h"

#include <math.h>

enum {
    READER_BYTES = 40 << 10, /* for each level of an index, and the data */
    FILE_BYTES = 512,        /* of a count file, beside its records */
};

static const double merged_s = 25e-9, held_s = 100e-9, /* of a row, beside reading it */
    errors = 3, growing = 0.1,
                    /* a line of text becomes so much of a count file: counted were 0.3 to 0.7 */
    line_low = 0.15, line_likely = 0.6, line_high = 1;

static struct estimate_range sum(const struct estimate_range *a, const struct estimate_range *b)
{
    return (struct estimate_range){a->low + b->low, a->likely + b->likely, a->high + b->high};
}

static struct estimate_range times(const struct estimate_range *a, const struct estimate_range *b)
{
    return (struct estimate_range){a->low * b->low, a->likely * b->likely, a->high * b->high};
}

/* The part of the keys that were asked for that no file has. */
static double missing(const struct expectation *seen, int once)
{
    return seen->asked[once] > 0 ? 1 - (double)seen->found[once] / (double)seen->asked[once] : 1;
}

/* The part of the keys of the text that no file has. */
static struct estimate_range fresh(const struct expectation *seen, const struct estimate *text)
{
    const double any = missing(seen, 0), once = seen->asked[1] > 0 ? missing(seen, 1) : any;
    const double asked = fmax((double)seen->asked[0], 1);
    double error = errors * sqrt(any * (1 - any) / asked) + 1 / asked;
    if (seen->exact) {
        error = seen->asked[0] == seen->words.keys ? 0 : error;
        return (struct estimate_range){fmax(any - error, 0), any, fmin(any + error, 1)};
    }
    const double known = fmin(text->known_keys / fmax(text->keys.likely, 1), 1);
    const double later = (1 + once) / 2; /* rarer than all that came */
    error += growing * any;
    return (struct estimate_range){fmax(any - error, 0), any * known + once * (1 - known),
                                   fmin(any * known + later * (1 - known) + error, 1)};
}

/* Nobody knows which keys of the files the text lifts above --min-count. */
static double lifted_bytes(const struct job *job, const struct counts_survey *counts,
                           const struct expectation_sizes *text)
{
    const struct counts_survey_sums *sums = &counts->sums;
    const uint64_t *of = sums->of;
    const double line = of[COUNTS_SURVEY_KEPT] > 0
                          ? (double)of[COUNTS_SURVEY_LINE_BYTES] / (double)of[COUNTS_SURVEY_KEPT]
                          : 0;
    return job->env.options.min_count > 1 ? text->keys.high * line : 0;
}

void expectation_counts_add(const struct job *job, const struct expectation *seen,
                            const struct estimate *text, struct estimate_range *tokens,
                            struct expectation_sizes *sizes)
{
    const struct counts_survey *counts = seen->counts;
    const struct estimate_range share = fresh(seen, text),
                                of_keys = counts_survey_range(counts, COUNTS_SURVEY_KEYS),
                                of_records =
                                    counts_survey_range(counts, COUNTS_SURVEY_RECORD_BYTES),
                                of_lines = counts_survey_range(counts, COUNTS_SURVEY_LINE_BYTES),
                                of_kept = counts_survey_range(counts, COUNTS_SURVEY_KEPT);
    const struct expectation_sizes all = *sizes;
    const struct estimate_range keys = times(&sizes->keys, &share),
                                records = times(&sizes->record_bytes, &share),
                                lines = times(&sizes->line_bytes, &share);
    const double of_tokens = (double)counts->files->sum, of_text = tokens->likely;
    *tokens = sum(tokens, &(struct estimate_range){of_tokens, of_tokens, of_tokens});
    sizes->keys = sum(&of_keys, &keys);
    sizes->record_bytes = sum(&of_records, &records);
    sizes->line_bytes = sum(&of_lines, &lines);
    /* The count of a key that both have has no more digits than both counts together. */
    sizes->line_bytes.likely +=
        all.keys.likely * (1 - share.likely) * log10(1 + of_text / fmax(of_tokens, 1));
    sizes->line_bytes.high +=
        all.keys.high * (1 - share.low) * (1 + log10(fmax(of_text / fmax(all.keys.likely, 1), 1)))
        + lifted_bytes(job, counts, &all);
    sizes->kept = of_kept.likely + all.kept * share.likely;
}

/* Of the files alone. One that nothing is left out of is what it was. */
static struct estimate_range file_of_files(const struct job *job, const struct expectation *seen)
{
    const struct counts_survey *counts = seen->counts;
    const struct count_files *files = counts->files;
    const struct estimate_range keys = counts_survey_range(counts, COUNTS_SURVEY_KEYS),
                                kept = job->env.options.min_count > 1
                                         ? counts_survey_range(counts, COUNTS_SURVEY_KEPT)
                                         : keys;
    const double bytes = (double)files->bytes, row = bytes / fmax((double)files->rows, 1);
    if (kept.low >= (double)files->rows)
        return (struct estimate_range){bytes, bytes, bytes};
    /* The fewer there are, the less of a key is in the one before it. */
    return (struct estimate_range){row * kept.low * 0.8, row * kept.likely,
                                   fmin(row * kept.high * 1.3, bytes)};
}

/* Lines that the files do not have become so much of it, too. */
struct estimate_range expectation_counts_file(const struct job *job, const struct expectation *seen,
                                              const struct expectation_sizes *sizes)
{
    const struct estimate_range part = {line_low, line_likely, line_high};
    const struct estimate_range *lines = &sizes->line_bytes;
    struct estimate_range files = {FILE_BYTES, FILE_BYTES, 2 * FILE_BYTES}, of_lines = {0};
    if (seen->counts && job->env.options.top == 0) {
        files = file_of_files(job, seen);
        of_lines = counts_survey_range(seen->counts, COUNTS_SURVEY_LINE_BYTES);
    }
    const struct estimate_range others = {fmax(lines->low - of_lines.low, 0),
                                          fmax(lines->likely - of_lines.likely, 0),
                                          fmax(lines->high - of_lines.high, 0)};
    const struct estimate_range added = times(&others, &part);
    return sum(&files, &added);
}

bool expectation_counts_held(const struct expectation *seen)
{
    return seen->counts && !seen->counts->files->late && !seen->counts->files->merged;
}

double expectation_counts_s(const struct expectation *seen, int ranks)
{
    const struct counts_survey *counts = seen->counts;
    if (!counts)
        return 0;
    const double beside_s = expectation_counts_held(seen) ? held_s : merged_s;
    return (double)counts->files->rows / ranks * (counts_survey_row_s(counts) + beside_s);
}

uint64_t expectation_counts_memory(const struct expectation *seen)
{
    uint64_t bytes = 0;
    for (size_t i = 0; seen->counts && i < seen->counts->files->len; i++)
        bytes += READER_BYTES * (seen->counts->files->readers[i].path.depth + 2);
    return bytes;
}

double expectation_counts_brought(const struct expectation *seen)
{
    const struct counts_survey *counts = seen->counts;
    if (!expectation_counts_held(seen))
        return 0;
    const struct estimate_range keys = counts_survey_range(counts, COUNTS_SURVEY_KEYS),
                                bytes = counts_survey_range(counts, COUNTS_SURVEY_RECORD_BYTES);
    return bytes.likely / fmax(keys.likely, 1) * (double)counts->files->rows;
}
