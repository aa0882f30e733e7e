/* SPDX-License-Identifier: BSD-3-Clause */
/* Versions. libunistring says its own, which is of no use to who wants to know what a letter is;
 * the version of Unicode shows by the characters that are assigned. */
#include "rules/edition.h"

#include "rules/regex.h"

#include <stdio.h>
#include <unictype.h>
#include <unistring/version.h>

/* A character that came with each, newest first. */
static const struct row {
    const char *version;
    ucs4_t character;
} rows[] = {
    {"17.0", 0x20c1}, {"16.0", 0x1c89}, {"15.1", 0x2ffc}, {"15.0", 0x0cf3},
    {"14.0", 0x0870}, {"13.0", 0x08be}, {"12.1", 0x32ff},
};

const char *edition_of_properties(void)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (!uc_is_general_category_withtable(rows[i].character, UC_CATEGORY_MASK_Cn))
            return rows[i].version;
    return "12.0 or older";
}

void edition_describe(char *text, size_t size)
{
    char library[64], unicode[64];
    regex_versions(library, unicode);
    snprintf(text, size, "libunistring %d.%d (Unicode %s), PCRE2 %s (Unicode %s)",
             _libunistring_version >> 16, _libunistring_version >> 8 & 255, edition_of_properties(),
             library, unicode);
}
