/* SPDX-License-Identifier: BSD-3-Clause */
/* The object of an outlook, flat, a member on each line: scripts read it with sed. */
#include "status/outlook.h"

#include "status/run_record.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <version.h>

/* A number of bytes or keys, or seconds to the thousandth. */
static json_t *number_of(double number)
{
    return json_integer((json_int_t)(number + 0.5));
}

static json_t *seconds_of(double seconds)
{
    return json_real((double)(uint64_t)(seconds * 1e3 + 0.5) / 1e3);
}

static json_t *command_of(const struct outlook *outlook)
{
    size_t len;
    char *valid =
        run_record_utf8((const uint8_t *)outlook->command, strlen(outlook->command), &len);
    json_t *command = valid ? json_stringn(valid, len) : NULL;
    free(valid);
    return command;
}

/* NAME, NAME_least and NAME_most; false where there is no memory. */
static bool put_range(json_t *object, const char *name, const struct estimate_range *range,
                      json_t *(*value)(double number))
{
    char least[64], most[64];
    snprintf(least, sizeof least, "%s_least", name);
    snprintf(most, sizeof most, "%s_most", name);
    return json_object_set_new(object, name, value(range->likely)) == 0
        && json_object_set_new(object, least, value(range->low)) == 0
        && json_object_set_new(object, most, value(range->high)) == 0;
}

static bool put_all(json_t *object, const struct outlook *outlook)
{
    json_t *command = command_of(outlook);
    const json_int_t bytes = (json_int_t)outlook->bytes, sample = (json_int_t)outlook->sample_bytes;
    json_t *first = json_pack("{s:i, s:s, s:s, s:b, s:b, s:I, s:I, s:I, s:o}", "schema",
                              OUTLOOK_SCHEMA, "program", "mpiwc", "version", VERSION, "exact",
                              outlook->exact, "beginnings_only", outlook->beginnings, "files",
                              (json_int_t)outlook->files, "input_bytes", bytes, "sample_bytes",
                              sample, "sample_seconds", seconds_of(outlook->sample_s));
    json_t *last = json_pack(
        "{s:i, s:i, s:I, s:I, s:b, s:I, s:I, s:o, s:o, s:o}", "ranks", outlook->ranks, "hosts",
        outlook->hosts, "memory_bytes", (json_int_t)outlook->memory_bytes, "memory_limit_bytes",
        (json_int_t)outlook->limit_bytes, "fits", outlook->memory_bytes <= outlook->limit_bytes,
        "ranks_needed", (json_int_t)outlook->ranks_needed, "spill_memory_bytes",
        (json_int_t)outlook->spill_memory_bytes, "spill_bytes", number_of(outlook->spill_bytes),
        "spill_seconds", seconds_of(outlook->spill_s), "command", command);
    const bool ok = first && last && json_object_update(object, first) == 0
                 && put_range(object, "words", &outlook->tokens, number_of)
                 && put_range(object, "distinct_words", &outlook->keys, number_of)
                 && put_range(object, "output_bytes", &outlook->result_bytes, number_of)
                 && put_range(object, "seconds", &outlook->seconds, seconds_of)
                 && json_object_update(object, last) == 0;
    json_decref(first);
    json_decref(last);
    return ok;
}

char *outlook_json(const struct outlook *outlook, size_t *len)
{
    json_t *object = json_object();
    if (object && put_all(object, outlook))
        return run_record_print(object, len);
    json_decref(object);
    return NULL;
}
