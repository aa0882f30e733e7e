/* SPDX-License-Identifier: BSD-3-Clause */
/* WARC (ISO 28500), and WET and WAT, which are written in it: a head, and a block of as many bytes
 * as the head says; between two records there are empty lines, in whatever number. The text of a
 * record is its block; of an HTTP message that is the body.
 *
 * A block without text is passed over while it comes, however large it is, and so is one that the
 * end of the file cuts. A head that is bad does not say where the next record begins: with
 * --skip-bad that is the next line that begins like one. */
#include "extract/extractor.h"
#include "extract/warc_head.h"

#include <string.h>
#include <strings.h>

/* What block->within says, where it is not the number of bytes left of a block. */
#define SEEKING UINT64_MAX            /* in a line, for one that begins a record */
#define SEEKING_HERE (UINT64_MAX - 1) /* where a line begins */

static const char *const types[] = {"warcinfo", "response", "resource",   "request",
                                    "metadata", "revisit",  "conversion", "continuation"};
enum { TYPES = sizeof types / sizeof *types };

static const char usual_types[] = "conversion,resource,response";

static uint32_t type_of(const char *name, size_t len)
{
    for (size_t i = 0; i < TYPES; i++)
        if (strlen(types[i]) == len && strncasecmp(types[i], name, len) == 0)
            return 1u << i;
    return 0;
}

static bool warc_parse(struct extractor *extractor)
{
    const char *name = extractor->argument ? extractor->argument : usual_types;
    extractor->types = 0;
    for (size_t len;; name += len + 1) {
        len = strcspn(name, ",");
        const uint32_t type = type_of(name, len);
        extractor->types |= type;
        if (type == 0 || name[len] == '\0')
            return type != 0;
    }
}

static size_t blanks(const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    while (at < len && (bytes[at] == '\r' || bytes[at] == '\n'))
        at++;
    return at;
}

/* How far the bytes have come that are parted. */
struct reading {
    struct warc_head head; /* of the record that has begun */
    uint64_t left;         /* of its block */
    bool seeking;          /* a head was bad, and no other one has come */
};

_Static_assert(sizeof(struct reading) <= sizeof(struct parting_state), "it is kept there");

static bool is_between(const struct reading *reading)
{
    return reading->left == 0 && !reading->seeking && !reading->head.has_version
        && reading->head.line_bytes == 0;
}

static size_t warc_part(const struct extractor *extractor, const uint8_t *bytes, size_t len,
                        struct parting_state *state)
{
    struct reading reading;
    size_t at = 0, cut = 0;
    (void)extractor;
    memcpy(&reading, state, sizeof reading);
    while (at < len) {
        const size_t rest = len - at, some = reading.left < rest ? (size_t)reading.left : rest;
        reading.left -= some;
        at += some;
        if (is_between(&reading)) {
            at += blanks(bytes + at, len - at);
            cut = at;
        }
        at += warc_head_take(&reading.head, bytes + at, len - at);
        if (reading.head.state == WARC_HEAD_ENDED)
            reading = (struct reading){.left = reading.head.block_bytes};
        else if (reading.head.state == WARC_HEAD_BAD)
            reading = (struct reading){.seeking = true};
    }
    if (is_between(&reading))
        cut = len;
    memcpy(state, &reading, sizeof reading);
    return cut;
}

static uint64_t warc_next(const struct extractor *extractor, struct peek *peek, uint64_t at,
                          uint64_t from)
{
    struct warc_head head = {0};
    (void)extractor, (void)from;
    while (head.state == WARC_HEAD_MORE && at < peek->bytes) {
        const uint64_t left = peek->bytes - at;
        const size_t len = left < PEEK_BYTES ? (size_t)left : PEEK_BYTES;
        const uint8_t *bytes = peek_at(peek, at, len);
        if (!bytes || warc_head_hopeless(&head))
            return 0;
        const size_t before = head.line_bytes || head.has_version ? 0 : blanks(bytes, len);
        at += before + warc_head_take(&head, bytes + before, len - before);
    }
    return head.state == WARC_HEAD_ENDED ? at + head.block_bytes : 0;
}

/* Whether a body of this media type is text. */
static bool is_text(const uint8_t *head, size_t len)
{
    struct warc_head_value type;
    return !warc_head_find(head, len, "Content-Type", &type)
        || warc_head_value_begins(&type, "text/") || warc_head_value_holds(&type, "json")
        || warc_head_value_holds(&type, "xml")
        || warc_head_value_begins(&type, "application/warc-fields");
}

/* Whether the body of an HTTP message is as it was before it was sent. */
static bool is_plain(const uint8_t *head, size_t len)
{
    static const char *const names[] = {"Content-Encoding", "Transfer-Encoding"};
    struct warc_head_value value;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (warc_head_find(head, len, names[i], &value) && value.len > 0
            && !warc_head_value_begins(&value, "identity"))
            return false;
    return true;
}

enum judged { JUDGED_TEXT, JUDGED_NONE, JUDGED_LATER };

/* Whether a record has a text, of whose block so many bytes are there, and how many of these come
 * before it. */
static enum judged judge(const struct extractor *extractor, const uint8_t *head, size_t head_len,
                         size_t there, bool all, size_t *before)
{
    struct warc_head_value value;
    const uint8_t *block = head + head_len;
    *before = 0;
    if (!warc_head_find(head, head_len, "WARC-Type", &value)
        || !(extractor->types & type_of((const char *)value.bytes, value.len)))
        return JUDGED_NONE;
    if (!warc_head_find(head, head_len, "Content-Type", &value)
        || !warc_head_value_begins(&value, "application/http"))
        return is_text(head, head_len) ? JUDGED_TEXT : JUDGED_NONE;
    *before = warc_head_bytes(block, there);
    if (*before == 0)
        return all ? JUDGED_NONE : JUDGED_LATER;
    return is_text(block, *before) && is_plain(block, *before) ? JUDGED_TEXT : JUDGED_NONE;
}

/* A record is bad, as is seen at `at`. False where that is not to be skipped. */
static bool skip(const struct extractor *extractor, const char *cause, size_t at,
                 struct extracted *extracted)
{
    if (!extractor->skip_bad) {
        extracted->cause = cause;
        extracted->bad_at = at;
        return false;
    }
    extracted->sums.records++;
    extracted->sums.bad++;
    return true;
}

/* The file ends within a record. False where that is not to be skipped. */
static bool skip_cut(const struct extractor *extractor, const struct block *block,
                     struct extracted *extracted)
{
    if (!skip(extractor, "the file ends within a record", block->end, extracted))
        return false;
    extracted->next = block->end;
    extracted->within = 0;
    return true;
}

/* Goes to the line that begins a record. False where more is needed. */
static bool seek(const struct block *block, struct extracted *extracted)
{
    const uint8_t *line = block->bytes + extracted->next;
    const size_t left = block->end - extracted->next;
    const uint8_t *newline = memchr(line, '\n', left);
    if (extracted->within == SEEKING_HERE) {
        if (left < WARC_HEAD_VERSION_BYTES && !newline && !block->ends_file)
            return false;
        if (warc_head_begins(line, left)) {
            extracted->within = 0;
            return true;
        }
    }
    extracted->next += newline ? (size_t)(newline - line) + 1 : left;
    extracted->within = newline ? SEEKING_HERE : SEEKING;
    return true;
}

/* Passes over a block, of which extracted->within bytes are left. The last byte that is there waits
 * for what follows it, so that the end of the file shows with it. False where more is needed, or
 * the file ends too early. */
static bool pass(const struct extractor *extractor, const struct block *block,
                 struct extracted *extracted)
{
    const size_t there = block->end - extracted->next;
    if (extracted->within <= there) {
        extracted->next += (size_t)extracted->within;
        extracted->within = 0;
        extracted->sums.records++;
        extracted->sums.without++;
        return true;
    }
    if (block->ends_file)
        return skip_cut(extractor, block, extracted);
    extracted->next += there - 1;
    extracted->within -= there - 1;
    return false;
}

/* Takes the text of a record, which is there whole. False where it needs more room. */
static bool copy(const struct extractor *extractor, const uint8_t *text, size_t len,
                 struct extracted *extracted)
{
    uint8_t *to = extracted->text + extracted->len;
    if (extracted->room - extracted->len < len + 1) {
        extracted->need = extracted->len == 0 ? len + 1 : 0;
        return false;
    }
    memcpy(to, text, len);
    to[len] = '\n';
    extracted->len += len + !extractor->alone;
    extracted->sums.records++;
    return true;
}

/* Takes a record behind its head. False where it needs more, of bytes or of room. */
static bool take_block(const struct extractor *extractor, const struct block *block,
                       size_t head_len, uint64_t block_bytes, struct extracted *extracted)
{
    const uint8_t *head = block->bytes + extracted->next;
    const size_t begin = extracted->next + head_len, there = block->end - begin;
    const uint64_t own = block->own > begin ? block->own - begin : 0;
    const bool all = block_bytes <= there;
    /* Nothing comes behind what is ours: a record that would go on there is cut. */
    const bool cut = !all && (block->ends_file || (block->own != SIZE_MAX && block_bytes > own));
    size_t before;
    if (block_bytes > 0 && there == 0 && !block->ends_file) /* whether it ends here shows later */
        return false;
    const enum judged judged =
        judge(extractor, head, head_len, all ? (size_t)block_bytes : there, all, &before);
    if (judged == JUDGED_NONE || cut) {
        extracted->next = begin;
        extracted->within = block_bytes;
        return pass(extractor, block, extracted);
    }
    if (!all || !copy(extractor, head + head_len + before, (size_t)block_bytes - before, extracted))
        return false;
    extracted->next = begin + (size_t)block_bytes;
    return true;
}

/* Takes a record. False where it needs more, of bytes or of room, or is bad. */
static bool take(const struct extractor *extractor, const struct block *block,
                 struct extracted *extracted)
{
    struct warc_head head = {0};
    const uint8_t *record = block->bytes + extracted->next;
    const size_t left = block->end - extracted->next,
                 head_len = warc_head_take(&head, record, left);
    if (head.state == WARC_HEAD_ENDED)
        return take_block(extractor, block, head_len, head.block_bytes, extracted);
    const bool hopeless = warc_head_hopeless(&head);
    if (head.state == WARC_HEAD_MORE && !hopeless)
        return block->ends_file && skip_cut(extractor, block, extracted);
    if (!skip(extractor, warc_head_cause(&head), extracted->next, extracted))
        return false;
    extracted->next += hopeless ? 0 : head_len;
    extracted->within = hopeless ? SEEKING : SEEKING_HERE;
    return true;
}

static bool take_some(const struct extractor *extractor, const struct block *block,
                      struct extracted *extracted)
{
    if (extracted->within >= SEEKING_HERE)
        return seek(block, extracted);
    if (extracted->within > 0)
        return pass(extractor, block, extracted);
    const size_t stop = block->end < block->own ? block->end : block->own;
    extracted->next += blanks(block->bytes + extracted->next, stop - extracted->next);
    return extracted->next == stop || take(extractor, block, extracted);
}

static void warc_extract(const struct extractor *extractor, const struct block *block,
                         struct extracted *extracted)
{
    extracted->next = block->begin;
    extracted->within = block->within;
    while (extracted->next < block->end && (extracted->next < block->own || extracted->within)
           && !(extractor->alone && extracted->len > 0))
        if (!take_some(extractor, block, extracted))
            break;
    extracted->lines = window_lines(block->bytes + block->begin, extracted->next - block->begin);
}

extern const struct extractor warc_extractor;
const struct extractor warc_extractor = {
    .option = "warc",
    .wants = "a list of types of records, such as conversion,response",
    .form = "WARC",
    .parse = warc_parse,
    .begins = warc_head_begins,
    .extract = warc_extract,
    .part = warc_part,
    .next = warc_next,
};
