/* SPDX-License-Identifier: BSD-3-Clause */
/* The last step of the sort, bin by bin, and the check of its order: every record must come
 * strictly after the one before it. */
#include "stage/line_writer.h"

#include "env.h"

enum { START_BYTES = 256 << 10 };

bool line_writer_init(struct env *env, struct line_writer *writer, struct bins *bins, bool keeps,
                      const struct line_writer_part *part)
{
    *writer = (struct line_writer){.reader = {.bins = bins, .keeps = keeps},
                                   .part = *part,
                                   .place = part->before,
                                   .cap = START_BYTES};
    writer->buffer = mem_alloc(&env->mem, writer->cap, &env->fail);
    if (writer->buffer && part->head)
        writer->bytes = writer->len =
            (size_t)(part->format->head(part->format, writer->buffer) - writer->buffer);
    return writer->buffer != NULL;
}

/* Checks that a record comes after the last one, which it becomes. */
static bool in_order(struct env *env, struct line_writer *writer, const struct record *record)
{
    const enum order order = writer->reader.bins->order;
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
                            "verification failed: two %ss are out of order", env->kind.noun);
    }
    memcpy(writer->last, word, sizeof word);
    writer->last_bytes = record->bytes;
    writer->last_len = record->len;
    return true;
}

/* Room for a record with a key of `key_bytes`. */
static bool make_room(struct env *env, struct line_writer *writer, size_t key_bytes)
{
    size_t need = writer->len + key_bytes * writer->part.format->growth + FORMAT_EXTRA_BYTES;
    uint8_t *room = mem_reserve(&env->mem, writer->buffer, &writer->cap, need, &env->fail);
    if (!room)
        return false;
    writer->buffer = room;
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

/* The last key is compared with the next one, when its bin is gone. */
static bool copy_last(struct env *env, struct line_writer *writer)
{
    if (!writer->last_bytes || writer->last_bytes == writer->last_copy)
        return true;
    uint8_t *copy =
        mem_reserve(&env->mem, writer->last_copy, &writer->last_cap, writer->last_len, &env->fail);
    if (!copy)
        return false;
    writer->last_bytes = memcpy(copy, writer->last_bytes, writer->last_len);
    writer->last_copy = copy;
    return true;
}

/* The next record, from the next bin if need be; false at the end, or with fail set. */
static inline bool next(struct env *env, struct line_writer *writer, struct record *record)
{
    return ranking_next(&writer->reader.run, record)
        || (copy_last(env, writer) && bins_load(&writer->reader, record, &env->fail));
}

bool line_writer_fill(struct env *env, struct line_writer *writer, size_t want)
{
    const struct format *format = writer->part.format;
    struct record record;
    while (writer->len < want && writer->records < writer->part.limit
           && next(env, writer, &record)) {
        if (!in_order(env, writer, &record) || !make_room(env, writer, record.len))
            return false;
        uint8_t *at = writer->buffer + writer->len;
        writer->place.rank++;
        writer->place.cumulative += record.count;
        size_t line = (size_t)(format->write(format, at, &record, &writer->place) - at);
        writer->len += line;
        writer->bytes += line;
        tally_record(env, writer, &record);
        if (++writer->records == writer->part.limit)
            ranking_mark(writer->reader.bins->order, &record, &writer->last_mark);
    }
    return env->fail.code == FAIL_NONE;
}

void line_writer_drop(struct line_writer *writer, size_t len)
{
    writer->len -= len;
    memmove(writer->buffer, writer->buffer + len, writer->len);
}

struct skipping {
    const struct env *env;
    struct line_writer *writer;
};

static bool skip(void *context, const struct record *record)
{
    const struct skipping *skipping = context;
    tally_record(skipping->env, skipping->writer, record);
    return true;
}

bool line_writer_skip_rest(struct env *env, struct line_writer *writer)
{
    return bins_skip(&writer->reader, skip, &(struct skipping){env, writer}, &env->fail);
}

void line_writer_free(struct env *env, struct line_writer *writer)
{
    bins_close(&writer->reader);
    mem_free(&env->mem, writer->buffer, writer->buffer ? writer->cap : 0);
    mem_free(&env->mem, writer->last_copy, writer->last_cap);
    *writer = (struct line_writer){0};
}
