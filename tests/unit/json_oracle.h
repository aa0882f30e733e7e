/* SPDX-License-Identifier: BSD-3-Clause */
/* json_oracle: what jansson finds at a path.
 *
 * It differs in five things, and is given a document in which they are changed into what both see
 * alike, so that what is JSON stays so and nothing else becomes it: a byte that is no UTF-8 is
 * written as ?, a NUL, which jansson takes for the end, as another control character, half of a
 * surrogate pair as \ufffd; and where jansson complains of them, \u0000 in a key as \u0001, and the
 * digits of exponents as 0. What was found is compared with the same changes. */
#ifndef JSON_ORACLE_H
#define JSON_ORACLE_H

#include "json_random.h"

#include <ctype.h>
#include <jansson.h>

struct json_oracle {
    json_t *root;              /* NULL: no JSON; else the caller gives it back */
    json_t *text;              /* NULL: nothing found; else borrowed from `root` */
    bool no_nul, no_exponents; /* which changes were made */
};

static inline void json_oracle_utf8(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len;) {
        size_t sequence = utf8_sequence(bytes + i, len - i);
        if (sequence == 0)
            bytes[i] = '?';
        i += sequence ? sequence : 1;
    }
}

static inline void json_oracle_nuls(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] == 0)
            bytes[i] = 1;
}

/* The code unit of a \uXXXX, or 0x10000. */
static inline unsigned json_oracle_unit(const uint8_t *bytes, size_t len)
{
    char digits[5] = {0};
    if (len < 6 || bytes[0] != '\\' || bytes[1] != 'u')
        return 0x10000;
    memcpy(digits, bytes + 2, 4);
    return strspn(digits, "0123456789abcdefABCDEF") == 4 ? (unsigned)strtoul(digits, NULL, 16)
                                                         : 0x10000;
}

/* If it is JSON, backslashes stand in strings only, and every second of a row of them is meant by
 * the one before it. */
static inline void json_oracle_escapes(uint8_t *bytes, size_t len, bool no_nul)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] != '\\')
            continue;
        unsigned unit = json_oracle_unit(bytes + i, len - i);
        bool first = unit >> 10 == 0x36;
        if (first && len - i > 6 && json_oracle_unit(bytes + i + 6, len - i - 6) >> 10 == 0x37)
            i += 11;
        else if (unit >> 11 == 0x1b)
            memcpy(bytes + i + 2, "fffd", 4);
        else if (unit == 0 && no_nul)
            bytes[i + 5] = '1';
        else
            i++;
    }
}

static inline void json_oracle_exponents(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (bytes[i] == '\\') {
            i += i + 1 < len && bytes[i + 1] == 'u' ? 5 : 1;
        } else if (bytes[i] == 'e' || bytes[i] == 'E') {
            size_t digit = i + 1;
            digit += digit < len && (bytes[digit] == '+' || bytes[digit] == '-');
            for (; digit < len && isdigit(bytes[digit]); digit++)
                bytes[digit] = '0';
        }
}

static inline json_t *json_oracle_at(const struct json_random *made, json_t *value)
{
    for (size_t i = 0; i < made->step_count; i++) {
        const char *key = made->steps[i]->key;
        if (json_is_object(value))
            value = json_object_get(value, key);
        else if (json_is_array(value) && isdigit((uint8_t)*key))
            value = json_array_get(value, (size_t)atoi(key));
        else
            return NULL;
    }
    return json_is_string(value) ? value : NULL;
}

static inline struct json_oracle json_oracle(const struct json_random *made)
{
    const size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL;
    static uint8_t changed[JSON_RANDOM_ROOM];
    struct json_oracle oracle = {0};
    json_error_t error;
    for (;;) {
        memcpy(changed, made->bytes, made->len);
        json_oracle_utf8(changed, made->len);
        json_oracle_nuls(changed, made->len);
        json_oracle_escapes(changed, made->len, oracle.no_nul);
        if (oracle.no_exponents)
            json_oracle_exponents(changed, made->len);
        oracle.root = json_loadb((const char *)changed, made->len, flags, &error);
        if (oracle.root)
            oracle.text = json_oracle_at(made, oracle.root);
        enum json_error_code code = oracle.root ? json_error_unknown : json_error_code(&error);
        if (code == json_error_null_byte_in_key && !oracle.no_nul)
            oracle.no_nul = true;
        else if (code == json_error_numeric_overflow && !oracle.no_exponents)
            oracle.no_exponents = true;
        else
            return oracle;
    }
}

/* Whether both found the same text. Exponents may have been letters and digits of it, which are
 * then only counted. */
static inline bool json_oracle_same(const struct json_oracle *oracle, const uint8_t *text,
                                    size_t len)
{
    static uint8_t changed[JSON_RANDOM_ROOM];
    memcpy(changed, text, len);
    json_oracle_utf8(changed, len);
    if (oracle->no_nul)
        json_oracle_nuls(changed, len);
    return json_string_length(oracle->text) == len
        && (oracle->no_exponents || memcmp(json_string_value(oracle->text), changed, len) == 0);
}

#endif
