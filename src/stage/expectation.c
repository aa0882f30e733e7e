/* SPDX-License-Identifier: BSD-3-Clause */
/* Keys, records and lines follow from the sample as estimate.h says, memory from the records
 * (budget.h). The time of the map is that of the sample, byte for byte, that of shuffle and
 * reduction record for record; what is not done with a sample, to sort and to write, takes so much
 * for each key as was measured on one machine (see forecast.c). No collectives. */
#include "stage/expectation.h"

#include "job.h"
#include "stage/counts_survey.h"
#include "stage/expectation_counts.h"

#include <math.h>
#include <string.h>

_Static_assert((int)CENSUS_LOTS == (int)ESTIMATE_LOTS, "they are the same lots");

enum {
    MEMORY_MIN_BYTES = 16 << 20,
    SPILL_PART = 4, /* the part of the memory for which scratch is planned, where all would fit */
};

static const double tail_s = 80e-9,         /* of a key, on its rank */
    write_rate = 1e9, scratch_rate = 300e6, /* bytes a second: the result; the scratch of a host */
    exact_low = 0.7, exact_high = 1.5, low = 0.6, high = 1.8; /* of the time */

static double sum(const double *numbers, size_t len)
{
    double all = 0;
    for (size_t i = 0; i < len; i++)
        all += numbers[i];
    return all;
}

/* The lot with the most tokens. */
static size_t largest(const struct expectation *seen)
{
    size_t found = 0;
    for (size_t lot = 1; lot < seen->lots; lot++)
        if (seen->words.tokens[lot] > seen->words.tokens[found])
            found = lot;
    return found;
}

static struct estimate estimate_of(const struct expectation *seen,
                                   const struct expectation_keys *keys, double all_bytes)
{
    struct estimate_sample sample = {
        .lots = seen->lots, .all_bytes = all_bytes, .beginnings = seen->beginnings};
    const double tokens = sum(keys->tokens, seen->lots), found = (double)keys->keys;
    if (seen->exact)
        return (struct estimate){.tokens = {tokens, tokens, tokens},
                                 .keys = {found, found, found},
                                 .known_tokens = tokens,
                                 .known_keys = found,
                                 .slope = found > 0 ? (double)keys->singles / found : 1};
    memcpy(sample.bytes, seen->bytes, sizeof sample.bytes);
    memcpy(sample.tokens, keys->tokens, sizeof sample.tokens);
    memcpy(sample.keys, keys->sums.keys, sizeof sample.keys);
    return estimate_whole(&sample);
}

static uint64_t first_in(const struct census_sums *sums, size_t lot)
{
    uint64_t keys = 0;
    for (size_t next = 0; next <= CENSUS_LOTS; next++)
        keys += sums->keys[lot][next];
    return keys;
}

/* The bytes of all keys, given those of the sample by the lots in which the keys came first. What
 * is still to come is like what came in the last half of the lots. */
static struct estimate_range bytes_of(const struct expectation *seen,
                                      const struct expectation_keys *keys,
                                      const struct estimate *estimate, const uint64_t *bytes)
{
    double known = 0, late = 0, late_keys = 0;
    for (size_t lot = 0; lot < seen->lots; lot++) {
        known += (double)bytes[lot];
        late += lot >= seen->lots / 2 ? (double)bytes[lot] : 0;
        late_keys += lot >= seen->lots / 2 ? (double)first_in(&keys->sums, lot) : 0;
    }
    if (late_keys <= 0) {
        late = known;
        late_keys = estimate->known_keys;
    }
    return estimate_bytes(estimate, known, late_keys > 0 ? late / late_keys : 0);
}

static struct estimate_range records_bytes(const struct expectation *seen,
                                           const struct expectation_keys *keys,
                                           const struct estimate *estimate)
{
    const double bytes = (double)keys->record_bytes;
    return seen->exact ? (struct estimate_range){bytes, bytes, bytes}
                       : bytes_of(seen, keys, estimate, keys->sums.record_bytes);
}

/* Of the lines: keys that come again have more digits in their count. Which are left out by
 * --min-count shows how the number of keys grows. */
static void put_lines(const struct job *job, const struct expectation *seen,
                      const struct estimate *estimate, struct expectation_sizes *sizes)
{
    const struct options *options = &job->env.options;
    const double exact = (double)seen->line_bytes;
    struct estimate_range bytes = {exact, exact, exact};
    sizes->kept = (double)seen->kept;
    if (!seen->exact) {
        const double part = estimate_kept(estimate, options->min_count);
        const double most = seen->words.tokens[largest(seen)];
        const double digits = most > 0 ? log10(estimate->tokens.likely / most)
                                             * estimate->known_keys * (1 - estimate->slope)
                                       : 0;
        bytes = bytes_of(seen, &seen->words, estimate, seen->words.sums.line_bytes);
        bytes.low += digits / 2;
        bytes.likely += digits;
        bytes.high += digits * 2;
        bytes.low *= options->min_count > 1 ? part / 2 : 1;
        bytes.likely *= part;
        bytes.high *= options->min_count > 1 ? fmin(1, 2 * part) : 1;
        sizes->kept = estimate->keys.likely * part;
    }
    sizes->line_bytes = bytes;
}

/* What --top leaves of the lines. Frequent words are short. */
static void cut_lines(const struct job *job, struct expectation_sizes *sizes)
{
    const double top = (double)job->env.options.top;
    const double cut = top > 0 && sizes->kept > top ? top / sizes->kept : 1;
    struct estimate_range *bytes = &sizes->line_bytes;
    bytes->low *= cut < 1 ? cut / 2 : 1;
    bytes->likely *= cut;
    bytes->high *= cut < 1 ? fmin(1, 2 * cut) : 1;
}

/* How many records will be reduced: a longer lot has fewer of them for its tokens, because more are
 * combined before they are sent. How much fewer the lots of the sample show, which have different
 * sizes. */
static double records_of(const struct expectation *seen, const struct estimate *estimate)
{
    const size_t last = largest(seen);
    const double *tokens = seen->words.tokens;
    double n = 0, x_sum = 0, y_sum = 0, xx = 0, xy = 0;
    for (size_t lot = 0; lot < seen->lots; lot++) {
        if (seen->records[lot] < 1 || tokens[lot] * 8 < tokens[last])
            continue;
        const double x = log(tokens[lot]), y = log(seen->records[lot]);
        n++;
        x_sum += x;
        y_sum += y;
        xx += x * x;
        xy += x * y;
    }
    const double spread = n > 0 ? xx - x_sum * x_sum / n : 0;
    double slope = spread > 0.01 ? (xy - x_sum * y_sum / n) / spread : 1;
    slope = fmin(fmax(slope, estimate->slope), 1);
    if (seen->exact || tokens[last] < 1)
        return sum(seen->records, seen->lots);
    return fmax(seen->records[last] * pow(estimate->tokens.likely / tokens[last], slope),
                estimate->keys.likely);
}

/* Seconds for one of `amounts`, as the larger lots show it: every lot takes some time that does not
 * depend on what it has. */
static double cost_of(const double *amounts, const double *seconds, size_t lots)
{
    double most = 0, some = 0, some_s = 0;
    for (size_t lot = 0; lot < lots; lot++)
        most = fmax(most, amounts[lot]);
    for (size_t lot = 0; lot < lots; lot++) {
        some += amounts[lot] * 2 >= most ? amounts[lot] : 0;
        some_s += amounts[lot] * 2 >= most ? seconds[lot] : 0;
    }
    return some > 0 ? some_s / some : 0;
}

static struct estimate_range seconds_of(const struct plan *plan, const struct expectation *seen,
                                        const struct estimate *estimate,
                                        const struct outlook *outlook)
{
    double seconds = cost_of(seen->counted, seen->map_s, seen->lots) * (double)plan->total_bytes;
    seconds += cost_of(seen->records, seen->rest_s, seen->lots) * records_of(seen, estimate);
    seconds += estimate->keys.likely / outlook->ranks * tail_s;
    seconds += outlook->result_bytes.likely / write_rate;
    seconds += expectation_counts_s(seen, outlook->ranks);
    return (struct estimate_range){seconds * (seen->exact ? exact_low : low), seconds,
                                   seconds * (seen->exact ? exact_high : high)};
}

/* All ranks together: whole runs, each as much as the memory holds, of so many tokens, and what
 * count files bring; and once more all keys in their order, unless they fit. */
static double spilled(const struct job *job, const struct estimate *estimate, double record_bytes,
                      double brought_bytes, uint64_t memory_bytes)
{
    const size_t ranks = (size_t)job->comm.size;
    const double holds = (double)(budget_holds(memory_bytes, ranks) * ranks);
    if (holds >= record_bytes || holds < 1)
        return 0;
    double text_bytes = 0;
    if (estimate->keys.likely >= 1) {
        const double of_text = record_bytes - fmin(brought_bytes, record_bytes);
        const double keys = holds / (fmax(of_text, 1) / estimate->keys.likely);
        text_bytes =
            estimate->tokens.likely / fmax(estimate_tokens_with(estimate, keys), 1) * holds;
    }
    return fmax(text_bytes + brought_bytes, record_bytes) + record_bytes;
}

/* Whole megabytes, the more the larger it is. */
static uint64_t rounded_up(uint64_t bytes)
{
    uint64_t unit = 1 << 20;
    while (bytes / unit >= 64)
        unit *= 2;
    return (bytes + unit - 1) / unit * unit;
}

/* What rank 0 needs to know of the files, and each rank of its own. */
static uint64_t files_bytes(const struct plan *plan, size_t ranks)
{
    const struct catalog *catalog = &plan->catalog;
    const size_t list = catalog->len * sizeof(struct window_range) + catalog->names_len;
    return catalog->files_bytes + catalog->names_bytes + catalog->joints_bytes + list
         + list / ranks;
}

/* Of a rank. Chunks are there until the words of them are made. */
static void plan_memory(const struct job *job, const struct plan *plan,
                        const struct expectation *seen, const struct estimate *words,
                        const struct estimate *chunks, const struct expectation_sizes *held,
                        struct outlook *outlook)
{
    const size_t ranks = (size_t)job->comm.size;
    const struct estimate_range *of_words = &held->record_bytes,
                                of_chunks = records_bytes(seen, &seen->chunks, chunks);
    const double all =
        fmax(of_words->high, of_chunks.high) + fmin(of_words->high, of_chunks.high) / 4;
    const double likely = fmax(of_words->likely, of_chunks.likely);
    const uint64_t needed = budget_needed((uint64_t)(all / (double)ranks), ranks);
    const uint64_t with_files = needed + files_bytes(plan, ranks) + 2 * plan->decoding_bytes
                              + expectation_counts_memory(seen);
    outlook->limit_bytes = job->env.budget.memory_bytes;
    const bool fits = with_files <= outlook->limit_bytes;
    outlook->memory_bytes =
        rounded_up(with_files > MEMORY_MIN_BYTES ? with_files : MEMORY_MIN_BYTES);
    if (fits && outlook->memory_bytes > outlook->limit_bytes)
        outlook->memory_bytes = outlook->limit_bytes;
    const double holds = (double)budget_holds(outlook->limit_bytes, ranks);
    outlook->ranks_needed = fits ? ranks : (uint64_t)ceil(all / fmax(holds, 1));
    const uint64_t some = outlook->memory_bytes / SPILL_PART;
    outlook->spill_memory_bytes = !fits                    ? outlook->limit_bytes >> 20 << 20
                                : some >= MEMORY_MIN_BYTES ? rounded_up(some)
                                                           : MEMORY_MIN_BYTES;
    const bool of_text = likely > of_words->likely;
    outlook->spill_bytes =
        spilled(job, of_text ? chunks : words, likely,
                of_text ? 0 : expectation_counts_brought(seen), outlook->spill_memory_bytes);
}

/* What was looked at of text and count files. */
static uint64_t sample_bytes(const struct plan *plan, const struct expectation *seen)
{
    const double bytes = sum(seen->bytes, seen->lots), all = (double)plan->total_bytes;
    return (seen->exact ? plan->total_bytes : (uint64_t)fmin(bytes, all))
         + (seen->counts ? counts_survey_bytes(seen->counts) : 0);
}

/* As far as it is exact, nothing but one or the other was counted. */
static bool is_exact(const struct plan *plan, const struct expectation *seen)
{
    return seen->exact && (!seen->counts || (seen->counts->exact && plan->files == 0));
}

struct outlook expectation_outlook(const struct job *job, const struct plan *plan,
                                   const struct expectation *seen)
{
    const struct counts_survey *counts = seen->counts;
    const double all = (double)plan->total_bytes;
    const struct estimate words = estimate_of(seen, &seen->words, all),
                          chunks = estimate_of(seen, &seen->chunks, all);
    struct expectation_sizes text = {.keys = words.keys,
                                     .record_bytes = records_bytes(seen, &seen->words, &words)};
    struct outlook outlook = {
        .noun = job->env.kind.noun,
        .files = plan->files + plan->count_files,
        .bytes = plan->total_bytes + (counts ? counts->files->bytes : 0),
        .sample_bytes = sample_bytes(plan, seen),
        .sample_s = seen->seconds,
        .exact = is_exact(plan, seen),
        .beginnings = seen->beginnings,
        .weighs = job->env.options.pre != NULL,
        .ranks = job->comm.size,
        .hosts = job->comm.hosts,
        .tokens = words.tokens,
    };
    put_lines(job, seen, &words, &text);
    struct expectation_sizes result = text;
    if (counts)
        expectation_counts_add(job, seen, &words, &outlook.tokens, &result);
    plan_memory(job, plan, seen, &words, &chunks, expectation_counts_held(seen) ? &result : &text,
                &outlook);
    outlook.keys = result.keys;
    cut_lines(job, &result);
    outlook.result_bytes =
        job->env.options.counts ? expectation_counts_file(job, seen, &result) : result.line_bytes;
    outlook.seconds = seconds_of(plan, seen, &words, &outlook);
    outlook.spill_s =
        outlook.seconds.likely + 2 * outlook.spill_bytes / (scratch_rate * job->comm.hosts);
    return outlook;
}
