/* SPDX-License-Identifier: BSD-3-Clause */
/* Words as UAX #29 of Unicode bounds them, by its default rules. Of the segments, those are words
 * that hold a letter or a number: a character of general category L* or N*. Scripts without blanks
 * that need a dictionary (Thai, Lao, Khmer, Burmese, Chinese, Japanese but for Katakana) fall into
 * single characters: the default rules know none.
 *
 * Of chunks: there is a boundary on both sides of a run of ASCII blanks, but for a combining mark
 * or a format character after a blank other than a line end, which belongs to the blank. Such a
 * segment has no letter, so no word is lost or changed: but for U+FF9E and U+FF9F, marks that are
 * letters, each of which is a word here, and a word with a blank in it by the letter of the rules.
 */
#include "rules/cutter.h"

#include <unictype.h>
#include <unistr.h>
#include <uniwbrk.h>

/* What an ASCII character does. */
enum {
    LETTER = 1,
    DIGIT = 2,
    JOINS = 4,        /* `_` */
    IN_LETTERS = 8,   /* stands between two letters without parting them */
    IN_DIGITS = 16,   /* and between two digits */
    SUBSTANTIAL = 32, /* makes a word of the segment it is in */
    BODY = LETTER | DIGIT | JOINS,
};

static bool is_substantial(ucs4_t character)
{
    return uc_is_general_category_withtable(character, UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_N);
}

/* From the library, because Unicode moves a character now and then: the colon was one. */
static bool init(struct cutter *cutter, const char *argument, struct fail *fail)
{
    (void)argument, (void)fail;
    static const uint8_t marks[] = {
        [WBP_ALETTER] = LETTER,
        [WBP_NUMERIC] = DIGIT,
        [WBP_EXTENDNUMLET] = JOINS,
        [WBP_MIDLETTER] = IN_LETTERS,
        [WBP_MIDNUM] = IN_DIGITS,
        [WBP_MIDNUMLET] = IN_LETTERS | IN_DIGITS,
        [WBP_SQ] = IN_LETTERS | IN_DIGITS,
    };
    for (ucs4_t i = 0; i < sizeof cutter->marks; i++) {
        const int property = uc_wordbreak_property(i);
        cutter->marks[i] = (property < (int)sizeof marks ? marks[property] : 0)
                         | (is_substantial(i) ? SUBSTANTIAL : 0);
    }
    return true;
}

/* The end of the segment that begins with bytes[start], of the BODY; *seen is what it has. */
static size_t segment_end(const uint8_t *marks, const uint8_t *bytes, size_t start, size_t len,
                          unsigned *seen)
{
    unsigned last = marks[bytes[start]];
    size_t at = start + 1;
    *seen = last;
    for (; at < len; at++) {
        unsigned here = marks[bytes[at]];
        if (!(here & BODY)) {
            const unsigned after = at + 1 < len ? marks[bytes[at + 1]] : 0;
            if (!(here & IN_LETTERS && last & after & LETTER)
                && !(here & IN_DIGITS && last & after & DIGIT))
                break;
            at++;
            here = after;
        }
        last = here;
        *seen |= here;
    }
    return at;
}

/* The rules for what there is in ASCII, without a table of breaks. (kjv: 19 ns a chunk, against
 * 106 ns.) */
static bool cut_ascii(const uint8_t *marks, const struct cutter_text *text, regex_each *each,
                      void *context)
{
    for (size_t start = 0, end; start < text->len; start = end) {
        end = start + 1;
        if (!(marks[text->bytes[start]] & BODY))
            continue;
        unsigned seen;
        end = segment_end(marks, text->bytes, start, text->len, &seen);
        if (seen & SUBSTANTIAL && !each(context, text->bytes + start, end - start))
            return false;
    }
    return true;
}

static bool has_substance(const uint8_t *bytes, size_t len)
{
    ucs4_t character;
    for (size_t at = 0; at < len;) {
        at += (size_t)u8_mbtouc_unsafe(&character, bytes + at, len - at);
        if (is_substantial(character))
            return true;
    }
    return false;
}

static bool cut_any(const struct cutter_text *text, char *breaks, regex_each *each, void *context)
{
    u8_wordbreaks(text->bytes, text->len, breaks);
    for (size_t start = 0, end; start < text->len; start = end) {
        end = start + 1;
        while (end < text->len && !breaks[end])
            end++;
        if (has_substance(text->bytes + start, end - start)
            && !each(context, text->bytes + start, end - start))
            return false;
    }
    return true;
}

static bool cut(struct cutter *cutter, struct mem *mem, const struct cutter_text *text,
                regex_each *each, void *context, struct fail *fail)
{
    if (text->ascii)
        return cut_ascii(cutter->marks, text, each, context);
    cutter->breaks.len = 0;
    return buffer_append(&cutter->breaks, mem, NULL, text->len, fail)
        && cut_any(text, (char *)cutter->breaks.bytes, each, context);
}

const struct cutter unicode_cutter = {.name = "unicode", .init = init, .cut = cut};
