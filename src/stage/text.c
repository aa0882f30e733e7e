/* SPDX-License-Identifier: BSD-3-Clause */
/* The last step of the sort, bin by bin, and the check of its order: every record must come
 * strictly after the one before it. */
#include "text.h"

#include "job.h"
#include "line.h"

enum { SPELT_BYTES = 16, START_BYTES = 256 << 10 };

bool text_init(struct job *job, struct text *text, struct box *bins, uint64_t limit)
{
    *text = (struct text){.bins = bins, .limit = limit, .cap = START_BYTES};
    text->buffer = mem_alloc(&job->env.mem, text->cap, &job->env.fail);
    return text->buffer != NULL;
}

/* Checks that a record comes after the last one, which it becomes. */
static bool in_order(struct job *job, struct text *text, const struct record *record)
{
    uint64_t word[3];
    ranking_words(record, word);
    if (text->records == 0) {
        ranking_mark(record, &text->first_mark);
    } else {
        int order = 0;
        for (int w = 0; w < 3 && order == 0; w++)
            order = (word[w] > text->last[w]) - (word[w] < text->last[w]);
        if (order == 0 && key_tag(record->key) == KEY_LONG) {
            size_t common = record->len < text->last_len ? record->len : text->last_len;
            order = memcmp(record->bytes, text->last_bytes, common);
            order = order ? order : (record->len > text->last_len) - (record->len < text->last_len);
        }
        if (order <= 0)
            return fail_set(&job->env.fail, FAIL_VERIFY,
                            "verification failed: two %ss are out of order", job->env.mapper.noun);
    }
    memcpy(text->last, word, sizeof word);
    text->last_bytes = record->bytes;
    text->last_len = record->len;
    return true;
}

static bool make_room(struct job *job, struct text *text, size_t line)
{
    size_t need = text->len + line + LINE_EXTRA_BYTES;
    if (need <= text->cap)
        return true;
    size_t cap = need > 2 * text->cap ? need : 2 * text->cap;
    uint8_t *grown = mem_grow(&job->env.mem, text->buffer, text->cap, cap, &job->env.fail);
    if (!grown)
        return false;
    text->buffer = grown;
    text->cap = cap;
    return true;
}

static void tally_record(struct job *job, const struct record *record)
{
    struct tally *sorted = &job->verify.sorted;
    if (!job->env.options.verify)
        sorted->tokens += record->count;
    else if (key_tag(record->key) == KEY_LONG)
        tally_add(sorted, record->count, hash_long(&job->env.seed, record->bytes, record->len));
    else
        tally_add(sorted, record->count, hash_short(&job->env.seed, record->key));
}

/* The next record, from the next bin if need be; false at the end, or with fail set. */
static bool next(struct job *job, struct text *text, struct record *record, uint8_t *spelt)
{
    while (!ranking_next(&text->run, record, spelt)) {
        if (text->bin == text->bins->len)
            return false;
        struct parcel *bin = &text->bins->parcels[text->bin++];
        parcel_settle(bin);
        if (!ranking_load(&text->run, &job->env.mem, bin, &job->env.fail))
            return false;
    }
    return true;
}

bool text_fill(struct job *job, struct text *text, size_t want)
{
    const struct mapper *mapper = &job->env.mapper;
    const bool escape = job->env.options.escape;
    uint8_t spelt[SPELT_BYTES];
    struct record record;
    while (text->len < want && text->records < text->limit && next(job, text, &record, spelt)) {
        if (!in_order(job, text, &record)
            || !make_room(job, text, escape ? 4 * record.len : record.len))
            return false;
        uint8_t *at = text->buffer + text->len;
        size_t line = (size_t)(mapper->line_write(at, &record, escape) - at);
        text->len += line;
        text->bytes += line;
        tally_record(job, &record);
        if (++text->records == text->limit)
            ranking_mark(&record, &text->last_mark);
    }
    return job->env.fail.code == FAIL_NONE;
}

void text_drop(struct text *text, size_t len)
{
    text->len -= len;
    memmove(text->buffer, text->buffer + len, text->len);
}

bool text_skip_rest(struct job *job, struct text *text)
{
    uint8_t spelt[SPELT_BYTES];
    struct record record;
    while (ranking_next(&text->run, &record, spelt))
        tally_record(job, &record);
    for (; text->bin < text->bins->len; text->bin++) {
        parcel_settle(&text->bins->parcels[text->bin]);
        parcel_tally(&text->bins->parcels[text->bin], &job->env.seed, &job->verify.sorted);
    }
    return job->env.fail.code == FAIL_NONE;
}

void text_free(struct job *job, struct text *text)
{
    ranking_free(&text->run);
    mem_free(&job->env.mem, text->buffer, text->buffer ? text->cap : 0);
    *text = (struct text){0};
}
