/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON Lines: a value on each line, and the string at a path of it. Lines of blanks are no
 * records. */
#include "extract/line_records.h"

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
    line_records_extract(extractor, block, extracted, take);
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
