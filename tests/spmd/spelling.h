/* SPDX-License-Identifier: BSD-3-Clause */
/* spelling: how a result is written, by an oracle that shares no code with the program: one byte at
 * a time, by printf. */
#ifndef SPELLING_H
#define SPELLING_H

#include "setup.h"

#include <unictype.h>
#include <unistr.h>

/* A text that grows. */
struct spelling {
    uint8_t *bytes;
    size_t len, cap;
};

static inline void spell_bytes(struct spelling *to, const void *bytes, size_t len)
{
    if (to->len + len > to->cap) {
        to->cap = 2 * (to->len + len);
        to->bytes = realloc(to->bytes, to->cap);
    }
    if (len > 0)
        memcpy(to->bytes + to->len, bytes, len);
    to->len += len;
}

__attribute__((format(printf, 2, 3))) static inline void spell_text(struct spelling *to,
                                                                    const char *format, ...)
{
    char text[128];
    va_list arguments;
    va_start(arguments, format);
    spell_bytes(to, text, (size_t)vsnprintf(text, sizeof text, format, arguments));
    va_end(arguments);
}

/* By libunistring: what of the word is no character, and which characters cannot be seen. */
static inline void spell_escaped(struct spelling *to, const uint8_t *word, size_t len,
                                 enum escape escape)
{
    for (size_t i = 0, step; i < len; i += step) {
        ucs4_t character = 0;
        const int got = u8_mbtoucr(&character, word + i, len - i);
        bool hex = character < ' ' || (character >= 0x7f && character < 0xa0);
        if (escape == ESCAPE_ALL && character != ' ')
            hex |= uc_is_general_category_withtable(character,
                                                    UC_CATEGORY_MASK_Cf | UC_CATEGORY_MASK_Zs
                                                        | UC_CATEGORY_MASK_Zl | UC_CATEGORY_MASK_Zp)
                || uc_is_property_default_ignorable_code_point(character);
        step = got > 0 ? (size_t)got : 1;
        if (got < 0)
            hex = escape == ESCAPE_ALL;
        if (word[i] == '\\')
            spell_text(to, "\\");
        if (!hex)
            spell_bytes(to, word + i, step);
        for (size_t j = 0; hex && j < step; j++)
            spell_text(to, "\\x%02x", word[i + j]);
    }
}

static inline void spell_quoted(struct spelling *to, const uint8_t *word, size_t len,
                                uint8_t separator)
{
    bool quoted = false;
    for (size_t i = 0; i < len; i++)
        quoted |= word[i] == separator || strchr("\"\r\n", word[i] ? word[i] : ' ');
    spell_text(to, quoted ? "\"" : "%s", "");
    for (size_t i = 0; i < len; i++) {
        spell_bytes(to, word + i, 1);
        if (word[i] == '"')
            spell_bytes(to, word + i, 1);
    }
    spell_text(to, quoted ? "\"" : "%s", "");
}

/* Whether one of the well-formed byte sequences of the Unicode standard, table 3-7, begins here. */
static inline size_t spell_character(const uint8_t *at, size_t len)
{
    static const uint8_t rows[][5] = {
        {2, 0xc2, 0xdf, 0x80, 0xbf}, {3, 0xe0, 0xe0, 0xa0, 0xbf}, {3, 0xe1, 0xec, 0x80, 0xbf},
        {3, 0xed, 0xed, 0x80, 0x9f}, {3, 0xee, 0xef, 0x80, 0xbf}, {4, 0xf0, 0xf0, 0x90, 0xbf},
        {4, 0xf1, 0xf3, 0x80, 0xbf}, {4, 0xf4, 0xf4, 0x80, 0x8f},
    };
    if (at[0] < 0x80)
        return 1;
    for (size_t i = 0; i < LEN(rows); i++) {
        size_t need = rows[i][0];
        if (at[0] < rows[i][1] || at[0] > rows[i][2] || len < need || at[1] < rows[i][3]
            || at[1] > rows[i][4])
            continue;
        for (size_t j = 2; j < need; j++)
            if (at[j] >> 6 != 2)
                need = 0;
        return need;
    }
    return 0;
}

static inline void spell_json(struct spelling *to, const uint8_t *word, size_t len)
{
    spell_text(to, "\"");
    for (size_t i = 0, step; i < len; i += step) {
        size_t character = spell_character(word + i, len - i);
        step = character ? character : 1;
        if (!character)
            spell_text(to, "\\udc%02x", word[i]);
        else if (word[i] < ' ' || word[i] == 0x7f)
            spell_text(to, "\\u00%02x", word[i]);
        else if (word[i] == '"' || word[i] == '\\')
            spell_text(to, "\\%c", word[i]);
        else
            spell_bytes(to, word + i, step);
    }
    spell_text(to, "\"");
}

/* The number in a column, by its name. */
static inline void spell_number(struct spelling *to, const char *column, uint64_t count,
                                uint64_t rank, uint64_t cumulative, uint64_t total)
{
    if (strcmp(column, "count") == 0)
        spell_text(to, "%" PRIu64, count);
    else if (strcmp(column, "rank") == 0)
        spell_text(to, "%" PRIu64, rank);
    else if (strcmp(column, "cumulative") == 0)
        spell_text(to, "%" PRIu64, cumulative);
    else if (total == 0)
        spell_text(to, "0.000");
    else
        spell_text(to, "%" PRIu64 ".%03" PRIu64, (count * 1000000000 + total / 2) / total / 1000,
                   (count * 1000000000 + total / 2) / total % 1000);
}

/* One line: the head, where `word` is NULL. `cumulative` includes the word. */
static inline void spell_line(struct spelling *to, const struct setup *setup,
                              const struct naive_word *word, uint64_t rank, uint64_t cumulative,
                              uint64_t total)
{
    static const char *const nouns[] = {"word", "line", "field", "field", "field"};
    const struct options *options = &setup->options;
    const char *format = options->format ? options->format : "tsv";
    const bool json = strcmp(format, "jsonl") == 0, csv = strcmp(format, "csv") == 0;
    const uint8_t separator = options->separator ? (uint8_t)options->separator[0]
                            : csv                ? ','
                                                 : '\t';
    char columns[128], *rest = columns;
    snprintf(columns, sizeof columns, "%s", options->columns ? options->columns : "word,count");
    spell_text(to, json ? "{" : "%s", "");
    for (const char *column; (column = strsep(&rest, ","));) {
        const bool key = strcmp(column, "word") == 0;
        const char *name = key ? nouns[setup->records] : column;
        if (json)
            spell_text(to, "\"%s\":", name);
        if (!word)
            spell_text(to, "%s", name);
        else if (!key)
            spell_number(to, column, word->count, rank, cumulative, total);
        else if (json)
            spell_json(to, word->bytes, word->len);
        else if (csv)
            spell_quoted(to, word->bytes, word->len, separator);
        else if (options->escape)
            spell_escaped(to, word->bytes, word->len, options->escape);
        else
            spell_bytes(to, word->bytes, word->len);
        if (rest)
            spell_bytes(to, json ? (const uint8_t *)"," : &separator, 1);
    }
    spell_text(to, json ? "}\n" : "\n");
}

#endif
