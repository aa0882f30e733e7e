/* SPDX-License-Identifier: BSD-3-Clause */
/* spool_json: a struct as a file of JSON, by a table of its fields. For this room. */
#ifndef SPOOL_JSON_H
#define SPOOL_JSON_H

#include "spool/spool.h"

#include <stddef.h>

struct json_t;

/* What a field is in memory. */
enum spool_json_kind {
    SPOOL_JSON_TEXT,    /* const char *; NULL: not there */
    SPOOL_JSON_NUMBER,  /* uint64_t below 2^63; one that need not be there is not, when it is 0 */
    SPOOL_JSON_COUNT,   /* int64_t; below 0: not there */
    SPOOL_JSON_SECONDS, /* double; below 0: not there */
    SPOOL_JSON_HASH,    /* uint64_t; in the file 16 hexadecimal digits; 0: not there */
};

struct spool_json_field {
    const char *name;
    enum spool_json_kind kind;
    bool needed;
    size_t at; /* the offset in the struct */
};

/* Local. Reads the file `name` into the struct at `into`, all of whose fields are set. Its texts
 * belong to *held, which the caller gives back by spool_json_free. False with fail set, FAIL_INPUT,
 * when it is no such JSON, lacks a field or has others; or, without, when there is no such file.
 * *held is NULL then. */
bool spool_json_read(const struct spool *spool, const char *name,
                     const struct spool_json_field *fields, size_t fields_len, void *into,
                     struct json_t **held, struct fail *fail);

/* Local. The struct as a text of *len bytes, memory of malloc that the caller frees. NULL with fail
 * set: FAIL_USAGE, `--NAME: `, for what is no UTF-8. */
char *spool_json_text(const struct spool_json_field *fields, size_t fields_len, const void *from,
                      size_t *len, struct fail *fail);

/* Local. NULL is fine. */
void spool_json_free(struct json_t *held);

#endif
