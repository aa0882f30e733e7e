/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON Lines: a value on each line, and the string at a path of it. Lines of blanks are no records.
 */
#include "extract/extractor.h"
#include "mapper/lines.h"

#include <string.h>

_Static_assert((int)JSON_SLACK_BYTES <= (int)EXTRACTOR_SLACK_BYTES, "texts need the slack");
_Static_assert(JSON_PATH_KEYS == 16, "a message says so");

static bool json_lines_parse(struct extractor *extractor)
{
    return json_path_parse(&extractor->path, extractor->argument);
}

static bool is_blank(const uint8_t *line, size_t len)
{
    size_t at = 0;
    while (at < len && (line[at] == ' ' || line[at] == '\t' || line[at] == '\r'))
        at++;
    return at == len;
}

/* Takes a line; false where that has to wait for more room, or it is bad. */
static bool take(const struct extractor *extractor, const uint8_t *line, size_t len,
                 struct extracted *extracted)
{
    struct json_bad bad;
    size_t text_len;
    uint8_t *text = extracted->text + extracted->len;
    if (is_blank(line, len))
        return true;
    if (extracted->room - extracted->len < len + 1) {
        extracted->need = extracted->len == 0 ? len + 1 : 0;
        return false;
    }
    enum json_state state = json_text(&extractor->path, line, len, text, &text_len, &bad);
    if (state == JSON_FOUND) {
        text[text_len] = '\n';
        extracted->len += text_len + 1;
    }
    if (state == JSON_BAD && !extractor->skip_bad) {
        extracted->cause = bad.cause;
        extracted->bad_at = extracted->next + bad.at;
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
    extracted->next = lines_skip(block, &cut);
    extracted->skipped_bytes = cut.skipped_bytes;
    while (extracted->next < block->end && extracted->next < block->own) {
        const uint8_t *line = block->bytes + extracted->next;
        const size_t left = block->end - extracted->next;
        const uint8_t *newline = memchr(line, '\n', left);
        if (!newline && !block->ends_file)
            return;
        const size_t len = newline ? (size_t)(newline - line) : left;
        if (!take(extractor, line, len, extracted))
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
    .part = lines_part,
};
