/* SPDX-License-Identifier: BSD-3-Clause */
/* The constants below were fitted to twenty corpora, texts, code, manuals, logs, lists and
 * generated ones, at a third to an eightieth of each, so that one range in fifty does not hold what
 * is true.
 */
#include "status/estimate.h"

#include <math.h>

/* How the slope falls, in a logarithm of the tokens, where nothing is seen: in the middle between 0
 * and 1. Chance makes a slope uncertain by so much, and trends differ by so much. */
static const double usual_trend = -0.04, slope_error = 0.05, trend_spread = 0.03, steepest = -0.3;
/* Trends are looked for in the last part of the sample, of this logarithm. */
static const double looked_at = 2.3;
/* The least: the slope falls so many times as fast, and faster. */
static const double low_times = 2, low_more = 0.11;
/* The most: it falls by this part of the trend, from a little higher. */
static const double high_times = 0.3, high_more = 0.06;
/* What chance does to both. */
static const double tokens_more = 0.01, of_slope = 0.45, of_tokens = 1.5, of_counting = 0.01;
/* A wider range, between least and most, says nothing; where little is seen it may be wider. */
static const double widest = 4, widest_grows = 0.4, widest_from = 10, widest_beginnings = 3;
/* What the beginnings of files say of the rest. */
static const double beginnings_slope = 0.1, beginnings_tokens = 0.1, beginnings_keys = 0.2;

/* What is seen at the end of a lot. */
struct level {
    double tokens, keys;
    double slope, error; /* and by how much it may be wrong */
};

static double at_most(double a, double b)
{
    return a < b ? a : b;
}

static double at_least(double a, double b)
{
    return a > b ? a : b;
}

/* Keys that came first in lot `lot`, and in no other up to `last`. */
static double unique(const struct estimate_sample *sample, size_t lot, size_t last)
{
    double keys = 0;
    for (size_t next = last + 1; next <= ESTIMATE_LOTS; next++)
        keys += (double)sample->keys[lot][next];
    return keys;
}

static void count(const struct estimate_sample *sample, size_t last, struct level *level)
{
    *level = (struct level){0};
    for (size_t lot = 0; lot <= last; lot++) {
        level->tokens += sample->tokens[lot];
        for (size_t next = 0; next <= ESTIMATE_LOTS; next++)
            level->keys += (double)sample->keys[lot][next];
    }
}

/* What the sample would lack without a lot, as a slope. */
static double slope_by(const struct estimate_sample *sample, size_t lot, size_t last,
                       const struct level *level)
{
    const double lacks = at_most(unique(sample, lot, last) / level->keys, 1 - 1e-9);
    return log1p(-lacks) / log1p(-sample->tokens[lot] / level->tokens);
}

static struct level look(const struct estimate_sample *sample, size_t last)
{
    struct level level;
    double weights = 0, sum = 0, error = 0;
    count(sample, last, &level);
    for (int pass = 0; pass < 2; pass++) {
        for (size_t lot = 0; lot <= last; lot++) {
            const double weight = sample->tokens[lot];
            if (weight <= 0 || weight >= level.tokens || level.keys <= 0)
                continue;
            const double slope = slope_by(sample, lot, last, &level);
            if (pass == 0)
                sum += weight * slope;
            else
                error += weight * weight * (slope - sum / weights) * (slope - sum / weights);
            weights += pass == 0 ? weight : 0;
        }
    }
    level.slope = weights > 0 ? at_most(sum / weights, 1) : 1;
    level.error = weights > 0 ? sqrt(error) / weights : 0;
    return level;
}

/* The same where lots are no samples: from how many keys came new. */
static struct level look_back(const struct estimate_sample *sample, size_t last)
{
    struct level level, before;
    size_t lot = last;
    count(sample, last, &level);
    before = level;
    while (lot > 0 && before.tokens * 4 > level.tokens)
        count(sample, --lot, &before);
    level.slope = 1;
    if (before.keys > 0 && before.tokens < level.tokens)
        level.slope = log(level.keys / before.keys) / log(level.tokens / before.tokens);
    level.slope = at_most(level.slope, 1);
    level.error = beginnings_slope;
    return level;
}

/* By least squares, of the slopes at the ends of the last lots; and what is usual, where these say
 * little. */
static double trend_of(const struct estimate_sample *sample, const struct level *end)
{
    double n = 0, x_sum = 0, y_sum = 0, xx = 0, xy = 0;
    const double usual = usual_trend * 4 * end->slope * (1 - end->slope);
    for (size_t lot = 2; lot < sample->lots && !sample->beginnings; lot++) {
        const struct level level = look(sample, lot);
        const double x = log(level.tokens / end->tokens);
        if (level.tokens <= 0 || x < -looked_at)
            continue;
        n++;
        x_sum += x;
        y_sum += level.slope;
        xx += x * x;
        xy += x * level.slope;
    }
    const double spread = n > 0 ? xx - x_sum * x_sum / n : 0;
    const double seen = spread > 0 ? (xy - x_sum * y_sum / n) / spread : 0;
    const double weight = spread / (slope_error * slope_error),
                 weight_usual = 1 / (trend_spread * trend_spread);
    const double trend = (seen * weight + usual * weight_usual) / (weight + weight_usual);
    return at_most(at_least(trend, steepest), 0);
}

/* The mean of a slope that begins with `slope`, along `way`; it ends at 0. */
static double mean_slope(double slope, double trend, double way)
{
    return slope + trend * way < 0 ? slope * (slope / -trend) / 2 / way : slope + trend * way / 2;
}

static struct estimate_range tokens_of(const struct estimate_sample *sample, double tokens,
                                       double *error)
{
    double bytes = 0, squares = 0;
    for (size_t lot = 0; lot < sample->lots; lot++)
        bytes += sample->bytes[lot];
    const double rate = tokens / bytes, lots = (double)sample->lots,
                 left = at_least(1 - bytes / sample->all_bytes, 0);
    for (size_t lot = 0; lot < sample->lots; lot++) {
        const double off = sample->tokens[lot] - rate * sample->bytes[lot];
        squares += off * off;
    }
    /* Of few lots chance shows but a part. */
    const double few = lots > 2 ? lots / (lots - 2) : 4;
    *error = few * sqrt(squares * (lots > 1 ? lots / (lots - 1) : 1) * left) / tokens;
    *error += (sample->beginnings ? beginnings_tokens : tokens_more) * left;
    const double likely = at_least(rate * sample->all_bytes, tokens), off = exp(2 * *error);
    return (struct estimate_range){at_least(likely / off, tokens), likely, likely * off};
}

/* Not wider than it may be, from its middle on. */
static void narrow(struct estimate_range *range, double factor, bool beginnings)
{
    const double most = widest * pow(at_least(factor / widest_from, 1), widest_grows)
                      * (beginnings ? widest_beginnings : 1);
    if (range->high <= range->low * most)
        return;
    const double middle = sqrt(range->low * range->high);
    range->low = middle / sqrt(most);
    range->high = middle * sqrt(most);
}

static struct estimate_range keys_of(const struct estimate_sample *sample,
                                     const struct estimate *estimate, const struct level *end,
                                     double tokens_error)
{
    const double factor = estimate->tokens.likely / end->tokens, way = log(factor), s = end->slope,
                 bow = 4 * s * (1 - s);
    if (way < 1e-9)
        return (struct estimate_range){end->keys, end->keys, end->keys};
    const double chance = exp(of_tokens * tokens_error * s + of_slope * end->error * way
                              + of_counting * at_most(way, 1) * s
                              + (sample->beginnings ? beginnings_keys * at_most(way, 1) : 0));
    const double fast = mean_slope(s, low_times * estimate->trend - low_more, way),
                 slow =
                     at_most(mean_slope(s, high_times * estimate->trend, way) + high_more * bow, 1);
    struct estimate_range keys = {
        .low = end->keys * pow(factor, fast) / chance,
        .likely = end->keys * pow(factor, mean_slope(s, estimate->trend, way)),
        .high = end->keys * pow(factor, slow) * chance,
    };
    /* New keys do not come faster than they come at the end of a fair sample. */
    if (!sample->beginnings)
        keys.high = at_most(keys.high, end->keys * (1 + s * (factor - 1)) * chance);
    keys.high = at_most(keys.high, estimate->tokens.high);
    narrow(&keys, factor, sample->beginnings);
    keys.low = at_least(keys.low, end->keys);
    keys.high = at_least(keys.high, end->keys + 1); /* rare ones of a few */
    keys.likely = at_most(at_least(keys.likely, keys.low), keys.high);
    return keys;
}

struct estimate estimate_whole(const struct estimate_sample *sample)
{
    struct estimate estimate = {0};
    double error;
    if (sample->lots == 0)
        return estimate;
    const struct level end =
        sample->beginnings ? look_back(sample, sample->lots - 1) : look(sample, sample->lots - 1);
    if (end.tokens <= 0)
        return estimate;
    estimate.known_tokens = end.tokens;
    estimate.known_keys = end.keys;
    estimate.slope = end.slope;
    estimate.trend = trend_of(sample, &end);
    estimate.tokens = tokens_of(sample, end.tokens, &error);
    estimate.keys = keys_of(sample, &estimate, &end, error);
    return estimate;
}

/* Where fewer are known, they came faster than at the end. */
double estimate_tokens_with(const struct estimate *estimate, double keys)
{
    const double growth = keys / estimate->known_keys,
                 slope = at_least(estimate->slope, growth < 1 ? 0.5 : 0.1);
    return at_most(estimate->known_tokens * pow(growth, 1 / slope), estimate->tokens.likely);
}

struct estimate_range estimate_bytes(const struct estimate *estimate, double known_bytes,
                                     double mean)
{
    const struct estimate_range *keys = &estimate->keys;
    const double known = estimate->known_keys, spread = 0.15; /* of the mean of those to come */
    return (struct estimate_range){
        known_bytes + (keys->low - known) * mean * (1 - spread),
        known_bytes + (keys->likely - known) * mean,
        known_bytes + (keys->high - known) * mean * (1 + spread) + keys->high - known,
    };
}

double estimate_kept(const struct estimate *estimate, uint64_t min_count)
{
    double kept = 1;
    for (uint64_t count = 1; count < min_count && kept > 1e-9; count++)
        kept *= ((double)count - estimate->slope) / (double)count;
    return at_least(kept, 0);
}
