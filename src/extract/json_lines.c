/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON Lines: a value on each line, and the string at a path of it. Lines of blanks are no records,
 * and a byte order mark before the first line of a file is no part of it. It goes with that line
 * all the same: whoever owns its first byte accounts for both. */
#include "extract/extractor.h"
#include "mapper/lines.h"

#include <string.h>

_Static_assert((int)JSON_SLACK_BYTES <= (int)EXTRACTOR_SLACK_BYTES, "texts need the slack");
_Static_assert(JSON_PATH_KEYS == 16, "a message says so");

static bool json_lines_parse(struct extractor *extractor)
{
    return json_path_parse(&extractor->path, extractor->argument);
}

static size_t mark_bytes(const uint8_t *bytes, size_t len)
{
    static const uint8_t mark[] = {0xef, 0xbb, 0xbf};
    return len >= sizeof mark && memcmp(bytes, mark, sizeof mark) == 0 ? sizeof mark : 0;
}

static bool is_blank(const uint8_t *line, size_t len)
{
    size_t at = 0;
    while (at < len && (line[at] == ' ' || line[at] == '\t' || line[at] == '\r'))
        at++;
    return at == len;
}

/* Takes a line, of which the first `skip` bytes are no part of a record; false where that has to
 * wait for more room, or it is bad. */
static bool take(const struct extractor *extractor, const uint8_t *line, size_t len, size_t skip,
                 struct extracted *extracted)
{
    struct json_bad bad;
    size_t text_len;
    uint8_t *text = extracted->text + extracted->len;
    line += skip;
    len -= skip;
    if (is_blank(line, len))
        return true;
    if (extracted->room - extracted->len < len + 1) {
        extracted->need = extracted->len == 0 ? len + 1 : 0;
        return false;
    }
    enum json_state state = json_text(&extractor->path, line, len, text, &text_len, &bad);
    if (state == JSON_FOUND) {
        text[text_len] = '\n';
        extracted->len += text_len + !extractor->alone;
    }
    if (state == JSON_BAD && !extractor->skip_bad) {
        extracted->cause = bad.cause;
        extracted->bad_at = extracted->next + skip + bad.at;
        return false;
    }
    extracted->sums.records++;
    extracted->sums.without += state == JSON_NONE;
    extracted->sums.bad += state == JSON_BAD;
    return true;
}

static void json_lines_extract(const struct extractor *extractor, const struct block *block,
                               struct extracted *extracted)
{
    struct cut cut = {0};
    extracted->next = lines_skip('\n', block, &cut);
    extracted->skipped_bytes = cut.skipped_bytes;
    while (extracted->next < block->end && extracted->next < block->own
           && !(extractor->alone && extracted->len > 0)) {
        const uint8_t *line = block->bytes + extracted->next;
        const size_t left = block->end - extracted->next;
        const uint8_t *newline = memchr(line, '\n', left);
        if (!newline && !block->ends_file)
            return;
        const size_t len = newline ? (size_t)(newline - line) : left;
        const bool first = extracted->starts_file && extracted->next == block->begin;
        if (!take(extractor, line, len, first ? mark_bytes(line, len) : 0, extracted))
            return;
        extracted->next += newline ? len + 1 : len;
        extracted->lines++;
    }
}

extern const struct extractor json_lines_extractor;
const struct extractor json_lines_extractor = {
    .option = "jsonl",
    .wants = "a path of at most 16 keys with dots between them",
    .form = "JSON",
    .parse = json_lines_parse,
    .extract = json_lines_extract,
    .part = extractor_part_lines,
};
