/* SPDX-License-Identifier: BSD-3-Clause */
/* Collectives: see the header. */
#include "stage/weighted.h"

#include "input/window.h"
#include "job.h"

#include <inttypes.h>
#include <stdio.h>

/* Of all counts together, so that those of other inputs can be added. */
static const uint64_t most = (uint64_t)1 << 62;

/* All bytes are digits, of a number with 64 bits. */
static bool parse_number(const uint8_t *at, const uint8_t *end, uint64_t *number)
{
    *number = 0;
    if (at == end)
        return false;
    for (; at < end; at++) {
        const unsigned digit = (unsigned)(*at - '0');
        if (digit > 9 || *number > (UINT64_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return true;
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

bool weighted_parse(const uint8_t *line, size_t line_len, bool count_first, const uint8_t **key,
                    size_t *len, uint64_t *count)
{
    const uint8_t *end = line + line_len, *at = line;
    if (!count_first) {
        const uint8_t *tab = memrchr(line, '\t', line_len);
        *key = line;
        *len = tab ? (size_t)(tab - line) : 0;
        return tab && parse_number(tab + 1, end, count);
    }
    while (at < end && is_blank(*at))
        at++;
    const uint8_t *number = at;
    while (at < end && !is_blank(*at))
        at++;
    *key = at + 1;
    *len = at < end ? (size_t)(end - at) - 1 : 0;
    return at < end && parse_number(number, at, count);
}

/* Where a line begins is not known in a part of an encoded file. */
static bool malformed(struct job *job, const struct window *window, size_t at)
{
    char place[32] = "";
    if (!window->range.encoded || window->range.begin == 0)
        snprintf(place, sizeof place, "byte %" PRIu64 ": ", window_offset(window, at));
    return fail_set(&job->env.fail, FAIL_INPUT,
                    "%s: %smalformed line: it is not %s (--skip-bad counts and skips such)",
                    window_name(window), place,
                    job->env.options.count_first ? "a count, a tab or space, and a word"
                                                 : "a word, a tab and a count");
}

static bool too_much(struct job *job)
{
    return fail_set(&job->env.fail, FAIL_INPUT,
                    "--input-format=counts-tsv: all counts add up to more than 62 bits hold");
}

bool weighted_add(struct job *job, struct weighted *weighted, const struct window *window,
                  const struct batch *batch, struct combiner *combiner, struct box *outbox)
{
    const struct options *options = &job->env.options;
    bool ok = true;
    for (size_t i = 0; ok && i < batch->len; i++) {
        const size_t begin = batch->edges[2 * i], end = batch->edges[2 * i + 1];
        struct record record = {.count = 0};
        const uint8_t *key;
        weighted->lines++;
        if (!weighted_parse(batch->base + begin, end - begin, options->count_first, &key,
                            &record.len, &record.count)) {
            weighted->bad++;
            ok = options->skip_bad || malformed(job, window, begin);
            continue;
        }
        if (record.count > most || combiner->tally.tokens > most - record.count)
            return too_much(job);
        const bool is_short = record.len <= KEY_SHORT_MAX;
        record.key = is_short ? key_short(key, (unsigned)record.len) : key_long(key);
        record.bytes = is_short ? NULL : key;
        ok = combiner_put(combiner, &record, outbox, &job->env.fail);
    }
    return ok;
}

bool weighted_check(struct job *job, const struct weighted *weighted, uint64_t tokens)
{
    uint64_t sums[] = {weighted->lines, weighted->bad, (uint32_t)tokens, tokens >> 32};
    comm_sum(job, sums, 4);
    job->totals.records = (struct snapshot_records){true, sums[0], 0, sums[1]};
    const unsigned __int128 all = sums[2] + ((unsigned __int128)sums[3] << 32);
    return all <= most || too_much(job);
}
