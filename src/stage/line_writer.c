/* SPDX-License-Identifier: BSD-3-Clause */
/* The last step of the sort, bin by bin, and the check of its order: every record must come
 * strictly after the one before it. */
#include "line_writer.h"

#include "env.h"
#include "line.h"

enum { START_BYTES = 256 << 10 };

bool line_writer_init(struct env *env, struct line_writer *writer, struct box *bins,
                      enum order order, uint64_t limit)
{
    *writer =
        (struct line_writer){.bins = bins, .order = order, .limit = limit, .cap = START_BYTES};
    writer->buffer = mem_alloc(&env->mem, writer->cap, &env->fail);
    return writer->buffer != NULL;
}

/* Checks that a record comes after the last one, which it becomes. */
static bool in_order(struct env *env, struct line_writer *writer, const struct record *record)
{
    const enum order order = writer->order;
    uint64_t word[3];
    order_words(order, record, word);
    if (writer->records == 0) {
        ranking_mark(order, record, &writer->first_mark);
    } else {
        int after = order_compare_words(word, writer->last);
        if (after == 0 && record->bytes)
            after = order_compare_bytes(record->bytes, record->len, writer->last_bytes,
                                        writer->last_len);
        if (after <= 0)
            return fail_set(&env->fail, FAIL_VERIFY,
                            "verification failed: two %ss are out of order", env->mapper.noun);
    }
    memcpy(writer->last, word, sizeof word);
    writer->last_bytes = record->bytes;
    writer->last_len = record->len;
    return true;
}

static bool make_room(struct env *env, struct line_writer *writer, size_t line)
{
    size_t need = writer->len + line + LINE_EXTRA_BYTES;
    if (need <= writer->cap)
        return true;
    size_t cap = need > 2 * writer->cap ? need : 2 * writer->cap;
    uint8_t *grown = mem_grow(&env->mem, writer->buffer, writer->cap, cap, &env->fail);
    if (!grown)
        return false;
    writer->buffer = grown;
    writer->cap = cap;
    return true;
}

static void tally_record(const struct env *env, struct line_writer *writer,
                         const struct record *record)
{
    struct tally *sorted = &writer->tally;
    if (env->options.verify)
        tally_add(sorted, record->count, record_hash(&env->seed, record));
    else
        sorted->tokens += record->count;
}

/* The next record, from the next bin if need be; false at the end, or with fail set. */
static bool next(struct env *env, struct line_writer *writer, struct record *record)
{
    while (!ranking_next(&writer->run, record)) {
        if (writer->bin == writer->bins->len)
            return false;
        struct parcel *bin = &writer->bins->parcels[writer->bin++];
        parcel_settle(bin);
        if (!ranking_load(&writer->run, writer->order, &env->mem, bin, &env->fail))
            return false;
    }
    return true;
}

bool line_writer_fill(struct env *env, struct line_writer *writer, size_t want)
{
    const struct mapper *mapper = &env->mapper;
    const bool escape = env->options.escape;
    struct record record;
    while (writer->len < want && writer->records < writer->limit && next(env, writer, &record)) {
        if (!in_order(env, writer, &record)
            || !make_room(env, writer, escape ? 4 * record.len : record.len))
            return false;
        uint8_t *at = writer->buffer + writer->len;
        size_t line = (size_t)(mapper->line_write(at, &record, escape) - at);
        writer->len += line;
        writer->bytes += line;
        tally_record(env, writer, &record);
        if (++writer->records == writer->limit)
            ranking_mark(writer->order, &record, &writer->last_mark);
    }
    return env->fail.code == FAIL_NONE;
}

void line_writer_drop(struct line_writer *writer, size_t len)
{
    writer->len -= len;
    memmove(writer->buffer, writer->buffer + len, writer->len);
}

bool line_writer_skip_rest(struct env *env, struct line_writer *writer)
{
    struct record record;
    while (ranking_next(&writer->run, &record))
        tally_record(env, writer, &record);
    for (; writer->bin < writer->bins->len; writer->bin++) {
        parcel_settle(&writer->bins->parcels[writer->bin]);
        parcel_tally(&writer->bins->parcels[writer->bin], &env->seed, &writer->tally);
    }
    return env->fail.code == FAIL_NONE;
}

void line_writer_free(struct env *env, struct line_writer *writer)
{
    ranking_free(&writer->run);
    mem_free(&env->mem, writer->buffer, writer->buffer ? writer->cap : 0);
    *writer = (struct line_writer){0};
}
