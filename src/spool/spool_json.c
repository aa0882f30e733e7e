/* SPDX-License-Identifier: BSD-3-Clause */
/* Structs as JSON, by jansson. A field that this version does not know is an error: who wrote it
 * wants something that would not be done. */
#include "spool/spool_json.h"

#include "spool/spool_file.h"
#include "text/utf8.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HASH_DIGITS = 16 };

static bool parse_hash(const char *text, uint64_t *hash)
{
    *hash = strlen(text) == HASH_DIGITS && strspn(text, "0123456789abcdef") == HASH_DIGITS
              ? strtoull(text, NULL, 16)
              : 0;
    return *hash != 0;
}

/* Stores what says that the field was not there. */
static void store_absent(const struct spool_json_field *field, void *at)
{
    switch (field->kind) {
    case SPOOL_JSON_TEXT:
        *(const char **)at = NULL;
        break;
    case SPOOL_JSON_NUMBER:
    case SPOOL_JSON_HASH:
        *(uint64_t *)at = 0;
        break;
    case SPOOL_JSON_COUNT:
        *(int64_t *)at = -1;
        break;
    case SPOOL_JSON_SECONDS:
        *(double *)at = -1;
    }
}

/* Stores a value; false when it is not of the kind. */
static bool store(const struct spool_json_field *field, void *at, const json_t *value)
{
    switch (field->kind) {
    case SPOOL_JSON_TEXT:
        *(const char **)at = json_string_value(value);
        return json_is_string(value);
    case SPOOL_JSON_NUMBER:
        *(uint64_t *)at = (uint64_t)json_integer_value(value);
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case SPOOL_JSON_COUNT:
        *(int64_t *)at = json_integer_value(value);
        return json_is_integer(value) && json_integer_value(value) >= 0;
    case SPOOL_JSON_SECONDS:
        *(double *)at = json_number_value(value);
        return json_is_number(value) && json_number_value(value) >= 0;
    case SPOOL_JSON_HASH:
        return json_is_string(value) && parse_hash(json_string_value(value), at);
    }
    return false;
}

/* Reads the fields out of the object. */
static bool take(const struct spool *spool, const char *name, const struct spool_json_field *fields,
                 size_t fields_len, void *into, json_t *object, struct fail *fail)
{
    size_t taken = 0;
    const char *key;
    json_t *value;
    for (size_t i = 0; i < fields_len; i++) {
        void *at = (char *)into + fields[i].at;
        value = json_object_get(object, fields[i].name);
        store_absent(&fields[i], at);
        if (!value && fields[i].needed)
            return spool_file_wrong(spool, name, FAIL_INPUT, fail, "does not say '%s'",
                                    fields[i].name);
        if (value && !store(&fields[i], at, value))
            return spool_file_wrong(spool, name, FAIL_INPUT, fail, "'%s' is not what it should be",
                                    fields[i].name);
        taken += value != NULL;
    }
    if (taken == json_object_size(object))
        return true;
    json_object_foreach(object, key, value)
    {
        size_t i = 0;
        while (i < fields_len && strcmp(fields[i].name, key) != 0)
            i++;
        if (i == fields_len)
            break;
    }
    return spool_file_wrong(spool, name, FAIL_INPUT, fail,
                            "says '%.64s', which this version does not know", key);
}

bool spool_json_read(const struct spool *spool, const char *name,
                     const struct spool_json_field *fields, size_t fields_len, void *into,
                     json_t **held, struct fail *fail)
{
    json_error_t error;
    size_t len;
    *held = NULL;
    char *text = spool_file_read(spool, name, &len, fail);
    if (!text)
        return false;
    *held = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    free(text);
    bool ok = *held
           || spool_file_wrong(spool, name, FAIL_INPUT, fail, "is not JSON, at byte %d: %s",
                               error.position, error.text);
    ok = ok
      && (json_is_object(*held)
          || spool_file_wrong(spool, name, FAIL_INPUT, fail, "is no object of JSON"));
    ok = ok && take(spool, name, fields, fields_len, into, *held, fail);
    if (!ok)
        spool_json_free(*held), *held = NULL;
    return ok;
}

static bool is_utf8(const char *text)
{
    size_t len = strlen(text), sequence = 1;
    for (; len > 0 && sequence > 0; text += sequence, len -= sequence)
        sequence = utf8_sequence((const uint8_t *)text, len);
    return sequence > 0;
}

/* The value of a field; NULL where it is not there, or with fail set. */
static json_t *value_of(const struct spool_json_field *field, const void *at, struct fail *fail)
{
    switch (field->kind) {
    case SPOOL_JSON_TEXT: {
        const char *text = *(const char *const *)at;
        if (text && !is_utf8(text))
            fail_set(fail, FAIL_USAGE, "--%s: is not UTF-8, and nothing else can be submitted",
                     field->name);
        return text ? json_string(text) : NULL;
    }
    case SPOOL_JSON_NUMBER: {
        const uint64_t number = *(const uint64_t *)at;
        return number || field->needed ? json_integer((json_int_t)number) : NULL;
    }
    case SPOOL_JSON_COUNT:
        return *(const int64_t *)at < 0 ? NULL : json_integer(*(const int64_t *)at);
    case SPOOL_JSON_SECONDS:
        return *(const double *)at < 0 ? NULL : json_real(*(const double *)at);
    case SPOOL_JSON_HASH:
        return *(const uint64_t *)at ? json_sprintf("%016" PRIx64, *(const uint64_t *)at) : NULL;
    }
    return NULL;
}

char *spool_json_text(const struct spool_json_field *fields, size_t fields_len, const void *from,
                      size_t *len, struct fail *fail)
{
    json_t *object = json_object();
    bool ok = object != NULL;
    for (size_t i = 0; ok && i < fields_len; i++) {
        json_t *value = value_of(&fields[i], (const char *)from + fields[i].at, fail);
        ok = fail->code == FAIL_NONE
          && (!value || json_object_set_new(object, fields[i].name, value) == 0);
    }
    char *text = NULL;
    FILE *file = ok ? open_memstream(&text, len) : NULL;
    ok = file && json_dumpf(object, file, JSON_INDENT(2)) == 0 && fputc('\n', file) != EOF;
    json_decref(object);
    ok = file && fclose(file) == 0 && ok;
    if (ok)
        return text;
    free(text);
    if (fail->code == FAIL_NONE)
        fail_errno(fail, FAIL_MEMORY, "JSON", ENOMEM);
    return NULL;
}

void spool_json_free(json_t *held)
{
    json_decref(held);
}
