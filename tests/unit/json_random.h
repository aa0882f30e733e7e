/* SPDX-License-Identifier: BSD-3-Clause */
/* json_random: random documents of JSON, with paths that lead into them, and damage to documents.
 * Keys are few, so that they are met, and met twice. What can be written in several ways is. */
#ifndef JSON_RANDOM_H
#define JSON_RANDOM_H

#include "text/utf8.h"

#include "seeded.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

enum {
    JSON_RANDOM_ENOUGH = 1000, /* bytes after which nothing more is begun */
    JSON_RANDOM_ROOM = 8000,   /* that the longest document and its damage stay below */
    JSON_RANDOM_STEPS = 3,
};

/* A key: its characters, their UTF-8, and how a path names it. */
static const struct json_random_name {
    const wchar_t *codes;
    const char *key, *step;
} json_random_names[] = {{L"a", "a", "a"},
                         {L"0", "0", "0"},
                         {L"text", "text", "text"},
                         {L"1", "1", "1"},
                         {L"a.b", "a.b", "a\\.b"},
                         {L"\\", "\\", "\\\\"},
                         {L"\u00e9", "\u00e9", "\u00e9"}};

struct json_random {
    struct seeded seeded;
    uint8_t bytes[JSON_RANDOM_ROOM];
    size_t len;
    const struct json_random_name *steps[JSON_RANDOM_STEPS]; /* of the path */
    size_t step_count;
    char path[64];
};

static inline size_t json_random_below(struct json_random *made, size_t n)
{
    return seeded_below(&made->seeded, n);
}

static inline void json_random_put(struct json_random *made, const char *text)
{
    size_t len = strlen(text);
    memcpy(made->bytes + made->len, text, len);
    made->len += len;
}

static inline void json_random_put_byte(struct json_random *made, size_t byte)
{
    made->bytes[made->len++] = (uint8_t)byte;
}

static inline void json_random_blanks(struct json_random *made)
{
    if (json_random_below(made, 4) == 0)
        for (size_t i = json_random_below(made, 4); i > 0; i--)
            json_random_put_byte(made, seeded_of(&made->seeded, " \t\n\r", 4));
}

/* \uXXXX of a code unit, each letter large or small. */
static inline void json_random_unit(struct json_random *made, unsigned unit)
{
    json_random_put(made, "\\u");
    for (int shift = 12; shift >= 0; shift -= 4) {
        const char *digits = json_random_below(made, 2) ? "0123456789abcdef" : "0123456789ABCDEF";
        json_random_put_byte(made, (uint8_t)digits[unit >> shift & 15]);
    }
}

/* One character of a string: as it is, by a letter, or by its code units. */
static inline void json_random_code(struct json_random *made, unsigned code)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    const char *short_form = code > 0 && code < 0x80 ? strchr(meant, (int)code) : NULL;
    bool must = code < 0x20 || code == '"' || code == '\\';
    if (short_form && json_random_below(made, 2) == 0) {
        json_random_put_byte(made, '\\');
        json_random_put_byte(made, (uint8_t)letters[short_form - meant]);
    } else if (!must && json_random_below(made, 4) > 0) {
        made->len = (size_t)(utf8_write(made->bytes + made->len, code) - made->bytes);
    } else if (code > 0xffff) {
        json_random_unit(made, 0xd800 + ((code - 0x10000) >> 10));
        json_random_unit(made, 0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
        json_random_unit(made, code);
    }
}

static inline void json_random_piece(struct json_random *made)
{
    static const unsigned least[] = {0x20, 0x80, 0x800, 0xe000, 0x10000},
                          most[] = {0x7f, 0x7ff, 0xd7ff, 0xffff, 0x10ffff};
    size_t range = json_random_below(made, 5);
    switch (json_random_below(made, 16)) {
    case 0:
        json_random_unit(made, 0xd800 + (unsigned)json_random_below(made, 0x800));
        break;
    case 1:
        json_random_put_byte(made, 0x80 + json_random_below(made, 0x80));
        break;
    case 2 ... 4:
        json_random_code(made, seeded_of(&made->seeded, "\"\\/\b\f\n\r\t\0\x01\x1f", 11));
        break;
    case 5 ... 8:
        json_random_code(made, least[range]
                                   + (unsigned)json_random_below(made, most[range] - least[range]));
        break;
    default:
        for (size_t i = json_random_below(made, 70); i > 0; i--)
            json_random_put_byte(made, 'a' + json_random_below(made, 26));
    }
}

static inline void json_random_string(struct json_random *made)
{
    json_random_put_byte(made, '"');
    for (size_t i = json_random_below(made, 5); i > 0; i--)
        json_random_piece(made);
    json_random_put_byte(made, '"');
}

static inline void json_random_digits(struct json_random *made)
{
    for (size_t i = json_random_below(made, json_random_below(made, 16) ? 4 : 40); i > 0; i--)
        json_random_put_byte(made, '0' + json_random_below(made, 10));
}

static inline void json_random_number(struct json_random *made)
{
    if (json_random_below(made, 3) == 0)
        json_random_put(made, "-");
    json_random_put_byte(made, '0' + json_random_below(made, 10));
    if (made->bytes[made->len - 1] != '0')
        json_random_digits(made);
    if (json_random_below(made, 3) == 0) {
        json_random_put(made, ".0");
        json_random_digits(made);
    }
    if (json_random_below(made, 3) == 0) {
        static const char *const exponents[] = {"e", "E", "e+", "E-"};
        json_random_put(made, exponents[json_random_below(made, 4)]);
        json_random_put_byte(made, '0' + json_random_below(made, 10));
        for (size_t i = json_random_below(made, 4); i > 0; i--) /* more than a double can hold */
            json_random_put_byte(made, '0' + json_random_below(made, 10));
    }
}

static inline void json_random_key(struct json_random *made, size_t depth)
{
    size_t name = json_random_below(made, sizeof json_random_names / sizeof *json_random_names);
    const wchar_t *codes = json_random_names[name].codes;
    if (depth < made->step_count && json_random_below(made, 2))
        codes = made->steps[depth]->codes;
    if (json_random_below(made, 8) == 0) {
        json_random_string(made);
        return;
    }
    json_random_put_byte(made, '"');
    for (; *codes; codes++)
        json_random_code(made, (unsigned)*codes);
    json_random_put_byte(made, '"');
}

static inline void json_random_value(struct json_random *made, size_t depth)
{
    size_t kind = json_random_below(made, depth < made->step_count ? 6 : depth < 5 ? 12 : 24);
    bool text = depth == made->step_count && json_random_below(made, 2);
    bool object = kind < 3 && !text, array = kind == 3 && !text;
    json_random_blanks(made);
    if (depth < 8 && (object || array)) {
        json_random_put(made, object ? "{" : "[");
        size_t count = json_random_below(made, 5);
        json_random_blanks(made);
        for (size_t i = 0; i < count && made->len < JSON_RANDOM_ENOUGH; i++) {
            json_random_put(made, i > 0 ? "," : "");
            json_random_blanks(made);
            if (object) {
                json_random_key(made, depth);
                json_random_blanks(made);
                json_random_put(made, ":");
            }
            json_random_value(made, depth + 1);
        }
        json_random_put(made, object ? "}" : "]");
    } else if (kind % 3 == 2 && !text) {
        static const char *const words[] = {"true", "false", "null"};
        size_t word = json_random_below(made, 6);
        if (word < 3)
            json_random_put(made, words[word]);
        else
            json_random_number(made);
    } else {
        json_random_string(made);
    }
    json_random_blanks(made);
}

/* A document and a path, from a number. */
static inline void json_random_make(struct json_random *made, uint64_t number)
{
    made->seeded = (struct seeded){number};
    made->len = 0;
    made->path[0] = '\0';
    made->step_count = 1 + json_random_below(made, 1 + json_random_below(made, JSON_RANDOM_STEPS));
    for (size_t i = 0; i < made->step_count; i++) {
        size_t names = sizeof json_random_names / sizeof *json_random_names;
        made->steps[i] = &json_random_names[json_random_below(made, names)];
        strcat(strcat(made->path, i > 0 ? "." : ""), made->steps[i]->step);
    }
    json_random_value(made, 0);
}

/* Moves what begins at `from` to `to`: a gap, or a loss. */
static inline void json_random_move(struct json_random *made, size_t from, size_t to)
{
    memmove(made->bytes + to, made->bytes + from, made->len - from);
    made->len = made->len - from + to;
}

/* A flaw or a few: bytes that change, go, come and are repeated, and an end that is lost. */
static inline void json_random_damage(struct json_random *made)
{
    static const char telling[] = "{}[]\",:\\/u0019eE.-+ \n\tdDcfnt\x1f\xc3";
    for (size_t flaws = 1 + json_random_below(made, 3); flaws > 0 && made->len > 0; flaws--) {
        size_t at = json_random_below(made, made->len), span = 1 + json_random_below(made, 12);
        uint8_t again[12];
        span = span < made->len - at ? span : made->len - at;
        memcpy(again, made->bytes + at, span);
        switch (json_random_below(made, 10)) {
        case 0 ... 1:
            made->bytes[at] ^= (uint8_t)(1 << json_random_below(made, 8));
            break;
        case 2 ... 3:
            made->bytes[at] = seeded_of(&made->seeded, telling, sizeof telling - 1);
            break;
        case 4 ... 5:
            json_random_move(made, at + (span < 3 ? span : 1), at);
            break;
        case 6 ... 7:
            json_random_move(made, at, at + 1);
            made->bytes[at] = seeded_of(&made->seeded, telling, sizeof telling - 1);
            break;
        case 8:
            at = json_random_below(made, made->len);
            json_random_move(made, at, at + span);
            memcpy(made->bytes + at, again, span);
            break;
        default:
            made->len -= json_random_below(made, 4) ? 0 : span;
        }
    }
}

#endif
