/* SPDX-License-Identifier: BSD-3-Clause */
/* json: the text at a path of one JSON value, as a record of JSON Lines holds it.
 *
 * The record is checked to its last byte against RFC 8259, whatever the path, in one pass, without
 * a copy of anything but the text and without memory that grows. Only two things are taken more
 * mildly: bytes that are no UTF-8 are kept as they are inside strings, and half of a surrogate pair
 * becomes U+FFFD. Numbers may be of any size. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    JSON_PATH_KEYS = 16,   /* steps that a path may have */
    JSON_DEPTH = 1024,     /* objects and arrays that may lie in each other */
    JSON_SLACK_BYTES = 32, /* behind a record, that may be read, and behind a text, written */
};

struct json_step {
    const char *name; /* borrowed, with its backslashes */
    size_t len;       /* of the key, without them */
    size_t index;     /* which element of an array, from 0; SIZE_MAX if the name is no number */
};

struct json_path {
    size_t len;
    struct json_step steps[JSON_PATH_KEYS];
};

enum json_state {
    JSON_FOUND, /* a string is at the path */
    JSON_NONE,  /* nothing is, or something else */
    JSON_BAD,   /* this is no JSON */
};

struct json_bad {
    const char *cause; /* static */
    size_t at;         /* offset of the byte that is wrong; the length, if there should be more */
};

/* Local. Parses keys with dots between them: `text`, `choices.0.message.content`. A key of digits
 * alone also names an element of an array. `\.` is a dot in a key, `\\` a backslash. False if a key
 * is empty, there are too many, or a backslash stands before anything else. Borrows `text`. */
bool json_path_parse(struct json_path *path, const char *text);

/* Local. Writes the string at the path to `text`, decoded, and its length to *text_len; it is never
 * longer than the record. `text` has room for len + JSON_SLACK_BYTES and does not overlap `bytes`,
 * behind which JSON_SLACK_BYTES can be read; what they are makes no difference. What is in `text`
 * is undefined if nothing is found. Where an object has a key twice the last one counts. A record
 * of nothing but blanks is bad: the caller knows whether lines may be empty. Sets *bad only for
 * JSON_BAD. */
enum json_state json_text(const struct json_path *path, const uint8_t *bytes, size_t len,
                          uint8_t *text, size_t *text_len, struct json_bad *bad);

#endif
