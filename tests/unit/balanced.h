/* SPDX-License-Identifier: BSD-3-Clause */
/* balanced: whether a text is XML such as pages and plots are: every element is closed by its own
 * name, attributes are quoted, & begins an entity that all know, and bytes are UTF-8 without
 * control characters or what turns the direction of writing. */
#ifndef BALANCED_H
#define BALANCED_H

#include "text/utf8.h"

#include "check.h"

enum { BALANCED_DEPTH = 64, BALANCED_NAME = 32 };

static inline void balanced_characters(const char *text)
{
    const uint8_t *at = (const uint8_t *)text, *end = at + strlen(text);
    while (at < end) {
        uint32_t character;
        const size_t len = utf8_read(at, (size_t)(end - at), &character);
        if (len == 0 || (character < ' ' && character != '\n') || character == 0x7f
            || (character >= 0x202a && character <= 0x202e)
            || (character >= 0x2066 && character <= 0x2069))
            fail_msg("a character that must not be there: %.40s", at);
        at += len;
    }
}

static inline void balanced_entity(const char *at)
{
    static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;"};
    for (size_t i = 0; i < LEN(known); i++)
        if (strncmp(at, known[i], strlen(known[i])) == 0)
            return;
    fail_msg("not an entity: %.40s", at);
}

/* The tag at `at`, behind its <: what it is called, and its end, behind its >. */
static inline const char *balanced_tag(const char *at, char name[BALANCED_NAME])
{
    const size_t len = strcspn(at, " />\n");
    assert_true(len > 0 && len < BALANCED_NAME);
    memcpy(name, at, len);
    name[len] = '\0';
    for (at += len; *at == ' ';) {
        at += 1 + strcspn(at + 1, "= />\"'<&");
        if (at[0] != '=' || at[1] != '"' || !(at = strchr(at + 2, '"')))
            fail_msg("an attribute of %s that is not quoted", name);
        at++;
    }
    return at;
}

static inline void balanced_check(const char *text)
{
    char open[BALANCED_DEPTH][BALANCED_NAME], name[BALANCED_NAME];
    size_t depth = 0;
    balanced_characters(text);
    for (const char *at = text; *at;) {
        if (*at == '&')
            balanced_entity(at);
        if (*at != '<') {
            at++;
            continue;
        }
        if (at[1] == '!') {
            at = strchr(at, '>') + 1;
        } else if (at[1] == '/') {
            at = balanced_tag(at + 2, name);
            if (depth == 0 || strcmp(open[--depth], name) != 0)
                fail_msg("</%s> closes what is not open", name);
            assert_int_equal(*at++, '>');
        } else {
            at = balanced_tag(at + 1, name);
            if (strncmp(at, "/>", 2) == 0) {
                at += 2;
                continue;
            }
            if (*at++ != '>' || depth == BALANCED_DEPTH)
                fail_msg("<%s> does not end", name);
            strcpy(open[depth++], name);
        }
    }
    if (depth > 0)
        fail_msg("<%s> is not closed", open[depth - 1]);
}

#endif
