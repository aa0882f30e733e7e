/* SPDX-License-Identifier: BSD-3-Clause */
/* warc_head: the heads of WARC records, and of the HTTP messages in them: lines up to an empty one,
 * which end with CRLF, or LF alone. */
#ifndef WARC_HEAD_H
#define WARC_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WARC_HEAD_LINE_BYTES = 48,   /* of a line that are kept: a Content-Length fits */
    WARC_HEAD_VERSION_BYTES = 7, /* WARC/1. or WARC/0. */
};

enum warc_head_state { WARC_HEAD_MORE, WARC_HEAD_ENDED, WARC_HEAD_BAD };

/* The head of a record, in whatever stretches its bytes come. All zero: nothing has come. */
struct warc_head {
    uint64_t block_bytes; /* of what follows it, when it has ended */
    uint8_t state;        /* an enum warc_head_state */
    bool has_version, has_length;
    uint8_t line_bytes; /* of the line that has begun; one more than are kept: or more */
    char line[WARC_HEAD_LINE_BYTES];
};

/* Local. Whether a record begins with these bytes. */
bool warc_head_begins(const uint8_t *bytes, size_t len);

/* Local. Takes bytes up to the end of the head, or of the line where it is seen to be bad; returns
 * how many. */
size_t warc_head_take(struct warc_head *head, const uint8_t *bytes, size_t len);

/* Local. Whether it will be bad, whatever comes, because it does not begin like one. */
bool warc_head_hopeless(const struct warc_head *head);

/* Local. What is wrong with one that is bad; static. */
const char *warc_head_cause(const struct warc_head *head);

/* Local. The bytes of a head, with its empty line; 0: that is not there. */
size_t warc_head_bytes(const uint8_t *bytes, size_t len);

/* A value in a head, without the blanks around it. */
struct warc_head_value {
    const uint8_t *bytes;
    size_t len;
};

/* Local. The first field of a head that has this name, large and small letters alike. False: there
 * is none. */
bool warc_head_find(const uint8_t *head, size_t len, const char *name,
                    struct warc_head_value *value);

/* Local. Whether a value begins with a text, and whether it holds one before a semicolon, large and
 * small letters alike. */
bool warc_head_value_begins(const struct warc_head_value *value, const char *text);
bool warc_head_value_holds(const struct warc_head_value *value, const char *text);

#endif
