/* SPDX-License-Identifier: BSD-3-Clause */
/* ISO 28500 (WARC) and RFC 9112 (HTTP/1.1). A line that begins with a blank goes on with the field
 * before it; none that is looked for here does that. */
#include "extract/warc_head.h"

#include <string.h>
#include <strings.h>

static const char length_name[] = "Content-Length";

bool warc_head_begins(const uint8_t *bytes, size_t len)
{
    return len >= WARC_HEAD_VERSION_BYTES
        && (memcmp(bytes, "WARC/1.", WARC_HEAD_VERSION_BYTES) == 0
            || memcmp(bytes, "WARC/0.", WARC_HEAD_VERSION_BYTES) == 0);
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static bool is_empty(const uint8_t *line, size_t len)
{
    return len == 0 || (len == 1 && *line == '\r');
}

/* The value in a line, without its newline, of a field of that name. */
static bool value_of(const uint8_t *line, size_t len, const char *name,
                     struct warc_head_value *value)
{
    size_t at = strlen(name);
    if (len <= at || line[at] != ':' || strncasecmp((const char *)line, name, at) != 0)
        return false;
    for (at++; at < len && is_blank(line[at]); at++)
        continue;
    while (len > at && is_blank(line[len - 1]))
        len--;
    *value = (struct warc_head_value){line + at, len - at};
    return true;
}

/* Less than 2^62. */
static bool parse_number(const struct warc_head_value *value, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < value->len; i++) {
        if (value->bytes[i] < '0' || value->bytes[i] > '9' || *number >> 58)
            return false;
        *number = *number * 10 + (value->bytes[i] - '0');
    }
    return value->len > 0;
}

/* A line has come to its end. */
static enum warc_head_state take_line(struct warc_head *head)
{
    const uint8_t *line = (const uint8_t *)head->line;
    const bool whole = head->line_bytes <= sizeof head->line;
    const size_t len = whole ? head->line_bytes : sizeof head->line;
    struct warc_head_value value;
    head->line_bytes = 0;
    if (!head->has_version) {
        head->has_version = warc_head_begins(line, len);
        return head->has_version ? WARC_HEAD_MORE : WARC_HEAD_BAD;
    }
    if (is_empty(line, len))
        return head->has_length ? WARC_HEAD_ENDED : WARC_HEAD_BAD;
    if (!value_of(line, len, length_name, &value))
        return WARC_HEAD_MORE;
    if (!whole || head->has_length || !parse_number(&value, &head->block_bytes))
        return WARC_HEAD_BAD;
    head->has_length = true;
    return WARC_HEAD_MORE;
}

size_t warc_head_take(struct warc_head *head, const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    while (at < len && head->state == WARC_HEAD_MORE) {
        const uint8_t *newline = memchr(bytes + at, '\n', len - at);
        const size_t more = newline ? (size_t)(newline - bytes) - at : len - at;
        const size_t kept =
            head->line_bytes < sizeof head->line ? head->line_bytes : sizeof head->line;
        const size_t room = sizeof head->line - kept, some = more < room ? more : room;
        memcpy(head->line + kept, bytes + at, some);
        if (more > room)
            head->line_bytes = sizeof head->line + 1;
        else if (head->line_bytes <= sizeof head->line)
            head->line_bytes = (uint8_t)(kept + some);
        at += more;
        if (newline) {
            head->state = (uint8_t)take_line(head);
            at++;
        }
    }
    return at;
}

bool warc_head_hopeless(const struct warc_head *head)
{
    return !head->has_version && head->line_bytes >= WARC_HEAD_VERSION_BYTES
        && !warc_head_begins((const uint8_t *)head->line, WARC_HEAD_VERSION_BYTES);
}

const char *warc_head_cause(const struct warc_head *head)
{
    return head->has_version ? "the record has no valid Content-Length"
                             : "no record begins here, which a line such as WARC/1.0 would do";
}

/* Goes to the next line, of which the length is without its newline. False: there is none that ends
 * with a newline. */
static bool next_line(const uint8_t *bytes, size_t len, size_t *at, const uint8_t **line,
                      size_t *line_len)
{
    const uint8_t *newline = memchr(bytes + *at, '\n', len - *at);
    if (!newline)
        return false;
    *line = bytes + *at;
    *line_len = (size_t)(newline - *line);
    *at += *line_len + 1;
    return true;
}

size_t warc_head_bytes(const uint8_t *bytes, size_t len)
{
    const uint8_t *line;
    size_t at = 0, line_len;
    while (next_line(bytes, len, &at, &line, &line_len))
        if (is_empty(line, line_len))
            return at;
    return 0;
}

bool warc_head_find(const uint8_t *head, size_t len, const char *name,
                    struct warc_head_value *value)
{
    const uint8_t *line;
    size_t at = 0, line_len;
    while (next_line(head, len, &at, &line, &line_len))
        if (value_of(line, line_len, name, value))
            return true;
    return false;
}

bool warc_head_value_begins(const struct warc_head_value *value, const char *text)
{
    const size_t len = strlen(text);
    return value->len >= len && strncasecmp((const char *)value->bytes, text, len) == 0;
}

bool warc_head_value_holds(const struct warc_head_value *value, const char *text)
{
    struct warc_head_value rest = *value;
    for (; rest.len > 0 && *rest.bytes != ';'; rest.bytes++, rest.len--)
        if (warc_head_value_begins(&rest, text))
            return true;
    return false;
}
