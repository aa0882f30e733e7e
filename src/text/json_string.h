/* SPDX-License-Identifier: BSD-3-Clause */
/* json_string: strings of JSON, checked only, or checked and decoded.
 *
 * Both begin at bytes[*at], behind the opening quote, and know nothing of what is around it. They
 * return NULL and leave *at behind the closing quote; or they return what is wrong and leave *at
 * where that is, or at `len` if the bytes end within the string. Up to JSON_STRING_SLACK_BYTES - 1
 * bytes behind `len` are read and ignored. */
#ifndef JSON_STRING_H
#define JSON_STRING_H

#include <stddef.h>
#include <stdint.h>

enum { JSON_STRING_SLACK_BYTES = 32 };

/* Local. Checks a string. */
const char *json_string_skip(const uint8_t *bytes, size_t len, size_t *at);

/* Local. Checks a string and writes what it means to `text`, with up to JSON_STRING_SLACK_BYTES of
 * no meaning behind it. *text_len is no more than the length of the string, which is what `text`
 * must have room for, and that slack. */
const char *json_string_copy(const uint8_t *bytes, size_t len, size_t *at, uint8_t *text,
                             size_t *text_len);

#endif
