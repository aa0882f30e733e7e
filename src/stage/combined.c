/* SPDX-License-Identifier: BSD-3-Clause */
/* Records of equal keys become one when there are twice as many as after the last time, so that
 * what is held follows the number of different keys. No collectives. */
#include "stage/combined.h"

#include "data/ranking.h"
#include "env.h"

enum { COMBINE_MIN_RECORDS = 64 << 10, WRITE_BYTES = 256 << 10 };

bool combined_init(struct combined *combined, struct env *env)
{
    *combined = (struct combined){.env = env, .combine_at = COMBINE_MIN_RECORDS};
    outcome_init(&combined->outcome, &env->arena, &env->seed);
    table_init(&combined->table, &env->mem, &env->seed);
    return box_init(&combined->box, &env->arena, 1, &env->fail);
}

static bool combine(struct combined *combined)
{
    struct env *env = combined->env;
    struct parcel *parcel = &combined->box.parcels[0], all = *parcel;
    struct tally seen = {0}, kept = {0};
    *parcel = (struct parcel){0};
    bool ok =
        outcome_combine(&combined->table, &env->arena, &all, 1, parcel, &seen, &kept, &env->fail);
    combined->combine_at =
        2 * parcel->records > COMBINE_MIN_RECORDS ? 2 * parcel->records : COMBINE_MIN_RECORDS;
    return ok;
}

bool combined_add(struct combined *combined, const struct collect_form *form, const uint8_t *frames,
                  size_t len)
{
    return collect_add(form, &combined->outcome, frames, len, &combined->box, &combined->env->fail)
        && (combined->box.parcels[0].records < combined->combine_at || combine(combined));
}

/* The next lines of a sorted run, WRITE_BYTES of them; none at its end. */
static bool fill(struct env *env, struct ranking_run *run, struct buffer *text)
{
    const struct format *format = &env->kind.format;
    struct record record;
    while (text->len < WRITE_BYTES && ranking_next(run, &record)) {
        const size_t before = text->len;
        if (!env_append(env, text, NULL, record.len * format->growth + FORMAT_EXTRA_BYTES))
            return false;
        uint8_t *at = text->bytes + before;
        text->len = (size_t)(format->write(format, at, &record, NULL) - text->bytes);
    }
    return true;
}

bool combined_write(struct combined *combined,
                    bool (*put)(void *context, const uint8_t *bytes, size_t len), void *context)
{
    struct env *env = combined->env;
    struct parcel *parcel = &combined->box.parcels[0];
    struct ranking_run run = {0};
    struct buffer text = {0};
    bool ok = outcome_flush(&combined->outcome, &combined->box, &env->fail) && combine(combined);
    parcel_settle(parcel);
    ok = ok && ranking_load(&run, ORDER_COUNT, &env->mem, parcel, &env->fail);
    do {
        text.len = 0;
        ok = ok && fill(env, &run, &text) && (text.len == 0 || put(context, text.bytes, text.len));
    } while (ok && text.len > 0);
    ranking_free(&run);
    buffer_free(&text, &env->mem);
    parcel_clear(&env->arena, parcel);
    return ok;
}

void combined_free(struct combined *combined)
{
    if (!combined->env)
        return;
    outcome_free(&combined->outcome);
    box_free(&combined->box);
    table_free(&combined->table);
    *combined = (struct combined){0};
}
