/* SPDX-License-Identifier: BSD-3-Clause */
/* One pass over a record: values and what stands between them take turns until nothing is open.
 *
 * Which brackets are open is a list of those that must close them, so depth costs a byte and not a
 * frame of the stack. The path goes through the `on_path` outermost of them, each by the step of
 * its depth. Only where that is all of them are keys compared and elements counted; other keys are
 * skipped like any string. A key that fits makes void what was found before: of two equal keys in
 * an object the last one counts. */
#include "text/json.h"

#include "text/json_string.h"

#include <string.h>

_Static_assert((int)JSON_SLACK_BYTES == (int)JSON_STRING_SLACK_BYTES, "strings need the slack");
_Static_assert(JSON_DEPTH == 1024, "a message says so");

struct reader {
    const struct json_path *path;
    const uint8_t *bytes;
    size_t len, at;
    const char *cause; /* of what is wrong at `at` */
    uint8_t *closing;  /* brackets that must close those that are open */
    size_t depth;      /* how many are open */
    size_t on_path;    /* and how many of these, from the outermost, are on the path */
    size_t elements[JSON_PATH_KEYS]; /* of those on the path which are arrays: how many began */
    bool opened;                     /* nothing stands between here and the last opening bracket */
    bool wanted;                     /* the path goes through the value that comes next */
    bool found;
    uint8_t *text;
    size_t text_len;
};

/* Reads one key of a path; returns its end, or NULL if it is none. */
static const char *step_parse(struct json_step *step, const char *text)
{
    *step = (struct json_step){.name = text};
    for (; *text != '\0' && *text != '.'; text++, step->len++) {
        if (*text == '\\' && *++text != '.' && *text != '\\')
            return NULL;
        unsigned digit = (unsigned)(uint8_t)*text - '0';
        bool counts = digit < 10 && step->index <= (SIZE_MAX - 9) / 10;
        step->index = counts ? step->index * 10 + digit : SIZE_MAX;
    }
    return step->len > 0 ? text : NULL;
}

bool json_path_parse(struct json_path *path, const char *text)
{
    path->len = 0;
    do {
        if (path->len == JSON_PATH_KEYS)
            return false;
        text = step_parse(&path->steps[path->len++], text);
    } while (text && *text++ == '.');
    return text != NULL;
}

static bool step_is(const struct json_step *step, const uint8_t *key, size_t len)
{
    if (len != step->len)
        return false;
    const char *name = step->name;
    for (size_t i = 0; i < len; i++, name++) {
        name += *name == '\\';
        if ((uint8_t)*name != key[i])
            return false;
    }
    return true;
}

static bool wrong(struct reader *reader, const char *cause)
{
    reader->cause = reader->at < reader->len ? cause : "the record ends too early";
    return false;
}

/* The byte at hand; behind the end a byte that is nothing outside of a string. */
static uint8_t here(const struct reader *reader)
{
    return reader->at < reader->len ? reader->bytes[reader->at] : 0;
}

static uint8_t here_after_blanks(struct reader *reader)
{
    uint8_t byte;
    while ((byte = here(reader)) == ' ' || byte == '\t' || byte == '\n' || byte == '\r')
        reader->at++;
    return byte;
}

static bool is_digit(uint8_t byte)
{
    return (uint8_t)(byte - '0') < 10;
}

static bool digits(struct reader *reader)
{
    size_t from = reader->at;
    while (is_digit(here(reader)))
        reader->at++;
    return reader->at > from || wrong(reader, "no digit where a number needs one");
}

static bool number(struct reader *reader)
{
    reader->at += here(reader) == '-';
    bool zero = here(reader) == '0';
    size_t from = reader->at;
    if (!digits(reader))
        return false;
    if (zero && reader->at > from + 1) {
        reader->at = from;
        return wrong(reader, "a number begins with a needless 0");
    }
    if (here(reader) == '.') {
        reader->at++;
        if (!digits(reader))
            return false;
    }
    if (here(reader) == 'e' || here(reader) == 'E') {
        reader->at++;
        reader->at += here(reader) == '+' || here(reader) == '-';
        return digits(reader);
    }
    return true;
}

static bool literal(struct reader *reader, const char *name, size_t len)
{
    if (reader->len - reader->at < len || memcmp(reader->bytes + reader->at, name, len) != 0)
        return wrong(reader, "no value begins here");
    reader->at += len;
    return true;
}

/* Reads a string from its opening quote on; decodes it if it is the one at the path. */
static bool string(struct reader *reader)
{
    const struct json_path *path = reader->path;
    reader->at++;
    if (reader->wanted && reader->depth == path->len) {
        reader->found = true;
        reader->cause = json_string_copy(reader->bytes, reader->len, &reader->at, reader->text,
                                         &reader->text_len);
    } else {
        reader->cause = json_string_skip(reader->bytes, reader->len, &reader->at);
    }
    return !reader->cause;
}

static bool open_bracket(struct reader *reader, uint8_t closing)
{
    if (reader->depth == JSON_DEPTH)
        return wrong(reader, "more than 1024 objects and arrays in each other");
    if (reader->wanted && reader->depth < reader->path->len) {
        reader->elements[reader->depth] = 0;
        reader->on_path = reader->depth + 1;
    }
    reader->closing[reader->depth++] = closing;
    reader->opened = true;
    reader->at++;
    return true;
}

/* Reads a value, or the bracket that one begins with. */
static bool value(struct reader *reader)
{
    const uint8_t byte = here_after_blanks(reader);
    switch (byte) {
    case '"':
        return string(reader);
    case '{':
        return open_bracket(reader, '}');
    case '[':
        return open_bracket(reader, ']');
    case 't':
        return literal(reader, "true", 4);
    case 'f':
        return literal(reader, "false", 5);
    case 'n':
        return literal(reader, "null", 4);
    default:
        if (byte == '-' || is_digit(byte))
            return number(reader);
        return wrong(reader, "no value begins here");
    }
}

/* The step of the path that may come next in the innermost bracket; NULL if it is off the path. */
static const struct json_step *step_here(const struct reader *reader)
{
    return reader->on_path == reader->depth ? &reader->path->steps[reader->depth - 1] : NULL;
}

/* Reads a key and its colon. It is decoded behind what is found: the strings that both come from
 * do not overlap in the record, so there is room. */
static bool key(struct reader *reader)
{
    const struct json_step *step = step_here(reader);
    if (here_after_blanks(reader) != '"')
        return wrong(reader, "no key begins here");
    reader->at++;
    if (step) {
        uint8_t *name = reader->text + reader->text_len;
        size_t len;
        reader->cause = json_string_copy(reader->bytes, reader->len, &reader->at, name, &len);
        reader->wanted = step_is(step, name, len);
    } else {
        reader->cause = json_string_skip(reader->bytes, reader->len, &reader->at);
    }
    if (reader->cause)
        return false;
    if (reader->wanted)
        reader->found = false;
    if (here_after_blanks(reader) != ':')
        return wrong(reader, "no colon behind a key");
    reader->at++;
    return true;
}

/* Reads what stands between values: brackets that close, a comma, a key. */
static bool between(struct reader *reader)
{
    bool first = reader->opened;
    for (reader->opened = false; reader->depth > 0; first = false) {
        const uint8_t closing = reader->closing[reader->depth - 1];
        const uint8_t byte = here_after_blanks(reader);
        if (byte != closing) {
            if (!first && byte != ',')
                return wrong(reader, "neither a comma nor the closing bracket");
            reader->at += !first;
            const struct json_step *step = step_here(reader);
            reader->wanted =
                step && closing == ']' && reader->elements[reader->depth - 1]++ == step->index;
            return closing == ']' || key(reader);
        }
        reader->at++;
        if (reader->on_path == reader->depth--)
            reader->on_path--;
    }
    return true;
}

static bool record(struct reader *reader)
{
    do {
        if (!value(reader) || !between(reader))
            return false;
    } while (reader->depth > 0);
    here_after_blanks(reader);
    return reader->at == reader->len || wrong(reader, "something follows the value");
}

enum json_state json_text(const struct json_path *path, const uint8_t *bytes, size_t len,
                          uint8_t *text, size_t *text_len, struct json_bad *bad)
{
    uint8_t closing[JSON_DEPTH];
    struct reader reader = {
        .path = path, .bytes = bytes, .len = len, .closing = closing, .wanted = true, .text = text};
    if (!record(&reader)) {
        *bad = (struct json_bad){reader.cause, reader.at};
        return JSON_BAD;
    }
    *text_len = reader.text_len;
    return reader.found ? JSON_FOUND : JSON_NONE;
}
