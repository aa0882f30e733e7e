/* SPDX-License-Identifier: BSD-3-Clause */
/* Frames to outcomes. Values and counted keys that a task has named are taken as they are; only
 * what it left without a name is looked into. */
#include "task/collect.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

enum { NUMBER_BYTES = 24 };

/* What a line of a result becomes. */
static const struct {
    const char *name;
    enum value_kind kind;
} rows[] = {
    [COLLECT_ORDER] = {"order", VALUE_KIND_RESULT}, [COLLECT_COUNT] = {"count", VALUE_KIND_COUNT},
    [COLLECT_SUM] = {"sum", VALUE_KIND_SUM},        [COLLECT_MIN] = {"min", VALUE_KIND_MIN},
    [COLLECT_MAX] = {"max", VALUE_KIND_MAX},
};

const char *collect_name(enum collect collect)
{
    return rows[collect].name;
}

bool collect_find(const char *name, enum collect *collect)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name, name) == 0) {
            *collect = (enum collect)i;
            return true;
        }
    return false;
}

/* A line of a result, and what is left after it. */
static const uint8_t *next_line(const uint8_t *at, const uint8_t *end, size_t *len)
{
    const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
    *len = (size_t)((newline ? newline : end) - at);
    return newline ? newline + 1 : end;
}

/* Splits KEY<TAB>INTEGER at the last tab. */
static bool split(const uint8_t *line, size_t len, size_t *key_len, int64_t *value)
{
    const uint8_t *tab = memrchr(line, '\t', len);
    size_t from = tab ? (size_t)(tab - line) + 1 : 0, digits = len - from;
    char number[NUMBER_BYTES], *end;
    if (digits == 0 || digits >= sizeof number || line[from] == ' ')
        return false;
    memcpy(number, line + from, digits);
    number[digits] = '\0';
    errno = 0;
    *value = strtoll(number, &end, 10);
    *key_len = tab ? from - 1 : 0;
    return errno == 0 && end == number + digits;
}

static bool check_lines(const struct frame *frame, char *reason, size_t reason_bytes)
{
    const uint8_t *at = frame->bytes, *end = at + frame->len;
    while (at < end) {
        size_t len, key_len;
        int64_t value;
        const uint8_t *line = at;
        at = next_line(at, end, &len);
        if (!split(line, len, &key_len, &value)) {
            snprintf(reason, reason_bytes, "its result is no KEY<TAB>INTEGER: %.*s",
                     len < 64 ? (int)len : 64, (const char *)line);
            return false;
        }
    }
    return true;
}

bool collect_check(enum collect collect, const uint8_t *frames, size_t len, char *reason,
                   size_t reason_bytes)
{
    const uint8_t *end = frames + len;
    struct frame frame;
    while (frames < end) {
        frames = frame_next(frames, end, &frame);
        if (!frames) {
            snprintf(reason, reason_bytes, "its results are malformed");
            return false;
        }
        bool lines = frame.kind == VALUE_KIND_RESULT && value_kind_is_number(rows[collect].kind);
        if (lines && !check_lines(&frame, reason, reason_bytes))
            return false;
        if (frame.kind == VALUE_KIND_COUNT && frame.value < 1) {
            snprintf(reason, reason_bytes, "it counts a key %" PRId64 " times", frame.value);
            return false;
        }
    }
    return true;
}

static bool add_lines(enum collect collect, struct outcome *outcome, const struct frame *frame,
                      struct box *outbox, struct fail *fail)
{
    const uint8_t *at = frame->bytes, *end = at + frame->len;
    bool ok = true;
    while (ok && at < end) {
        size_t len, key_len;
        int64_t value;
        const uint8_t *line = at;
        at = next_line(at, end, &len);
        if (collect == COLLECT_COUNT)
            ok = outcome_add_count(outcome, line, len, 1, outbox, fail);
        else if (split(line, len, &key_len, &value))
            ok = outcome_add_value(outcome, rows[collect].kind, line, key_len, value, fail);
    }
    return ok;
}

/* What of a result is kept. */
static size_t kept_bytes(const struct collect_form *form, const struct frame *frame)
{
    const bool ended = !form->whole && frame->value == FRAME_PRINTED && frame->len > 0
                    && frame->bytes[frame->len - 1] == '\n';
    return frame->len - ended;
}

bool collect_add(const struct collect_form *form, struct outcome *outcome, const uint8_t *frames,
                 size_t len, struct box *outbox, struct fail *fail)
{
    const uint8_t *end = frames + len;
    struct frame frame;
    bool ok = true;
    while (ok && frames && frames < end && (frames = frame_next(frames, end, &frame))) {
        if (frame.kind == VALUE_KIND_COUNT)
            ok = outcome_add_count(outcome, frame.bytes, frame.len, (uint64_t)frame.value, outbox,
                                   fail);
        else if (frame.kind != VALUE_KIND_RESULT)
            ok = outcome_add_value(outcome, frame.kind, frame.bytes, frame.len, frame.value, fail);
        else if (form->collect != COLLECT_ORDER)
            ok = add_lines(form->collect, outcome, &frame, outbox, fail);
    }
    return ok;
}

bool collect_next(const struct collect_form *form, const uint8_t **at, const uint8_t *end,
                  const uint8_t **bytes, size_t *len)
{
    struct frame frame;
    while (form->collect == COLLECT_ORDER && *at && *at < end
           && (*at = frame_next(*at, end, &frame))) {
        if (frame.kind != VALUE_KIND_RESULT)
            continue;
        *bytes = frame.bytes;
        *len = kept_bytes(form, &frame);
        return true;
    }
    return false;
}

void collect_tally(const struct collect_place *place, const uint8_t *bytes, size_t len,
                   struct tally *tally)
{
    tally_add(tally, 1, XXH3_64bits_withSeed(bytes, len, XXH3_64bits(place, sizeof *place)));
}
