/* SPDX-License-Identifier: BSD-3-Clause */
/* Marks as the formats define them: the lzip format, APPNOTE (zip), POSIX (tar), Apache Parquet,
 * Unicode (byte order marks). Marks that a text could begin with are looked at together with what
 * follows them. */
#include "input/magic.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COUNTS_MARK "\x89MWC\r\n\x1a\n" /* as mpiwc-counts(5) says */
#define MARK(at, bytes) (at), sizeof(bytes) - 1, (bytes)

struct kind {
    size_t at, len;
    const char *mark;
    const char *name;
    const char *command; /* to which the file is given, to get text; NULL: none that is at hand */
};

/* In the order of looking: UTF-32 begins like UTF-16. */
static const struct kind kinds[] = {
    {MARK(0, "LZIP\1"), "lzip data", "lzip -dc"},
    {MARK(0, "\x1f\x9d"), "compress(1) data", "zcat"},
    {MARK(0, "PK\3\4"), "a zip archive", "unzip -p"},
    {MARK(0, "PK\5\6"), "an empty zip archive", "unzip -p"},
    {MARK(0, "7z\xbc\xaf\x27\x1c"), "a 7z archive", "7z x -so"},
    {MARK(257, "ustar\0"), "a tar archive", "tar -xOf"},
    {MARK(257, "ustar "), "a tar archive", "tar -xOf"},
    {MARK(0, "PAR1\x15"), "a Parquet file", NULL},
    {MARK(0, COUNTS_MARK), "a count file", NULL},
    {MARK(0, "\xff\xfe\0\0"), "UTF-32 text", "iconv -f UTF-32 -t UTF-8"},
    {MARK(0, "\0\0\xfe\xff"), "UTF-32 text", "iconv -f UTF-32 -t UTF-8"},
    {MARK(0, "\xff\xfe"), "UTF-16 text", "iconv -f UTF-16 -t UTF-8"},
    {MARK(0, "\xfe\xff"), "UTF-16 text", "iconv -f UTF-16 -t UTF-8"},
};

static bool matches(const struct kind *kind, const uint8_t *bytes, size_t len)
{
    return len >= kind->at + kind->len && memcmp(bytes + kind->at, kind->mark, kind->len) == 0;
}

/* The name as a shell takes it. */
static void quote(const char *name, char *quoted, size_t room)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+=:,@%-";
    size_t len = 0;
    if (name[0] != '-' && name[strspn(name, plain)] == '\0') {
        snprintf(quoted, room, "%s", name);
        return;
    }
    len += (size_t)snprintf(quoted, room, "%s'", name[0] == '-' ? "./" : "");
    for (; *name && len + 6 < room; name++)
        len += (size_t)snprintf(quoted + len, room - len, *name == '\'' ? "'\\''" : "%c", *name);
    snprintf(quoted + len, room - len, "'");
}

/* NULL: it may be text. */
static const struct kind *find(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (matches(&kinds[i], bytes, len))
            return &kinds[i];
    return NULL;
}

bool magic_text(const char *name, const uint8_t *bytes, size_t len, struct fail *fail)
{
    const struct kind *kind = find(bytes, len);
    char quoted[FAIL_TEXT_BYTES / 2];
    bool standard = strcmp(name, "-") == 0;
    if (!kind)
        return true;
    quote(standard ? "" : name, quoted, sizeof quoted);
    if (!kind->command)
        return fail_set(fail, FAIL_INPUT,
                        "%s: is %s: export its text (--input-format=bytes counts it as it is)",
                        name, kind->name);
    return fail_set(fail, FAIL_INPUT,
                    "%s: is %s: %s%s%s | %s - (--input-format=bytes counts it as it is)", name,
                    kind->name, kind->command, standard ? "" : " ", quoted,
                    program_invocation_short_name);
}

bool magic_counts(const uint8_t *bytes, size_t len)
{
    _Static_assert(sizeof COUNTS_MARK - 1 == MAGIC_COUNTS_BYTES, "it is as long");
    return len >= MAGIC_COUNTS_BYTES && memcmp(bytes, COUNTS_MARK, MAGIC_COUNTS_BYTES) == 0;
}

bool magic_filtered(const char *name, const uint8_t *bytes, size_t len, struct fail *fail)
{
    const struct kind *kind = find(bytes, len);
    return !kind
        || fail_set(fail, FAIL_INPUT,
                    "%s: what --pre prints is %s (--input-format=bytes counts it as it is)", name,
                    kind->name);
}
