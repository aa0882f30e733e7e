/* SPDX-License-Identifier: BSD-3-Clause */
/* A walk from member to member. A member whose head or length cannot be believed ends the walk, and
 * whoever decodes it, or takes the record, says what is wrong. */
#include "input/joints.h"

#include "host/clock.h"
#include "input/decoder.h"
#include "input/magic.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* `text` bytes of what is behind it belong to what is before it. */
static bool add(struct catalog *catalog, size_t file, uint64_t at, uint64_t text, struct fail *fail)
{
    uint64_t *joints = mem_reserve(catalog->mem, catalog->joints, &catalog->joints_bytes,
                                   (catalog->joints_len + 1) * sizeof *joints, fail);
    if (!joints)
        return false;
    catalog->joints = joints;
    if (text > 0 || catalog->joint_texts) {
        const size_t old_bytes = catalog->joint_texts_bytes;
        uint8_t *texts =
            mem_reserve(catalog->mem, catalog->joint_texts, &catalog->joint_texts_bytes,
                        (catalog->joints_len + 1) * sizeof text, fail);
        if (!texts)
            return false;
        memset(texts + old_bytes, 0, catalog->joint_texts_bytes - old_bytes);
        catalog->joint_texts = (uint64_t *)(void *)texts;
        catalog->joint_texts[catalog->joints_len] = text;
    }
    catalog->joints[catalog->joints_len++] = at;
    catalog->files[file].joints_len++;
    return true;
}

/* The decoder of an encoded file, if it can tell where members begin. */
static const struct decoder *look(struct peek *peek)
{
    const size_t len = peek->bytes < MAGIC_BYTES ? (size_t)peek->bytes : MAGIC_BYTES;
    const uint8_t *head = peek_at(peek, 0, len);
    const struct decoder *decoder = head ? decoder_find(head, len) : NULL;
    return decoder && decoder->next ? decoder : NULL;
}

/* The text from a member on, as far as it is looked at. What is wrong shows when it is counted. */
struct beginning {
    const struct decoder *decoder;
    void *decoding;
    struct peek *peek;
    uint64_t at; /* what comes next of the file */
    struct decoder_step step;
    enum decoder_state state;
};

/* False: there is no memory. */
static bool begin(struct beginning *beginning, const struct decoder *decoder, struct peek *peek,
                  uint64_t at, size_t limit_bytes)
{
    const size_t len = peek->bytes < PEEK_BYTES ? (size_t)peek->bytes : PEEK_BYTES;
    const uint8_t *head = at > 0 && decoder->resume ? peek_at(peek, 0, len) : NULL;
    *beginning = (struct beginning){.decoder = decoder, .peek = peek, .at = at};
    beginning->step.limit_bytes = limit_bytes;
    beginning->decoding = decoder->open();
    if (beginning->decoding && head)
        decoder->resume(beginning->decoding, head, len);
    return beginning->decoding != NULL;
}

/* Decodes so many bytes, or fewer, up to the end of the file, or of the member. */
static size_t decode(struct beginning *beginning, uint8_t *text, size_t bytes, bool member)
{
    struct decoder_step *step = &beginning->step;
    step->out = text;
    step->out_len = bytes;
    while (step->out_len > 0
           && (beginning->state == DECODER_MORE || (beginning->state == DECODER_NEXT && !member))) {
        if (step->in_len == 0) {
            const uint64_t left = beginning->peek->bytes - beginning->at;
            step->in_len = left < PEEK_BYTES ? (size_t)left : PEEK_BYTES;
            step->in_ends = step->in_len == left;
            step->in = peek_at(beginning->peek, beginning->at, step->in_len);
            beginning->at += step->in_len;
        }
        beginning->state =
            step->in ? beginning->decoder->decode(beginning->decoding, step) : DECODER_BAD;
    }
    return bytes - step->out_len;
}

/* Whether a text that begins at a joint begins with a record, or *text bytes of it go before the
 * first one. That is looked for only in the first member: what is cut off there is text of the
 * part, then. */
static bool begins_record(struct beginning *beginning, const struct joints_records *records,
                          uint64_t *text)
{
    enum { LEAST_BYTES = 4 << 10 }; /* tell, mostly */
    uint8_t bytes[JOINTS_TEXT_BYTES + 64];
    *text = 0;
    if (!records->first)
        return records->begins(bytes, decode(beginning, bytes, JOINTS_HEAD_BYTES, false));
    size_t len = decode(beginning, bytes, LEAST_BYTES, true);
    *text = records->first(records->context, bytes, len);
    if (*text == 0 && len == LEAST_BYTES) {
        len += decode(beginning, bytes + len, JOINTS_TEXT_BYTES - len, true);
        *text = records->first(records->context, bytes, len);
    }
    return *text > 0;
}

/* Whether a member is the beginning of a part. */
static bool is_joint(const struct catalog *catalog, const struct decoder *decoder,
                     const struct joints_records *records, struct peek *peek, uint64_t at,
                     uint64_t *text)
{
    struct beginning beginning;
    *text = 0;
    if (!decoder || !records)
        return true;
    const bool is = begin(&beginning, decoder, peek, at, decoder_limit(catalog->mem->limit_bytes))
                 && begins_record(&beginning, records, text);
    if (beginning.decoding)
        decoder->close(beginning.decoding);
    return is;
}

/* From member to member, or without a decoder from record to record. A joint before the last one is
 * kept only where that is whole: what may follow it, as zeros behind gzip data, is none. */
static bool walk(struct catalog *catalog, size_t file, const struct decoder *decoder,
                 const struct joints_records *records, struct peek *peek, struct fail *fail)
{
    const uint64_t unit = catalog->unit;
    uint64_t last = 0, next, text;
    for (uint64_t at = 0; at < peek->bytes; last = at, at = next) {
        const uint64_t from = (at / unit + 1) * unit;
        next = decoder ? decoder->next(peek, at, from)
                       : records->next(records->context, peek, at, from);
        if (next <= at || next > peek->bytes
            || (catalog->until_ns && clock_ns() > catalog->until_ns))
            return true;
        if (!joints_between(last, at, unit))
            continue;
        if (is_joint(catalog, decoder, records, peek, at, &text)) {
            if (!add(catalog, file, at, text, fail))
                return false;
        } else if (!records->first) {
            return true; /* members are not records here */
        }
    }
    return true;
}

/* What the beginning of a file says of all of it. */
static uint64_t look_at_head(const struct catalog *catalog, const struct decoder *decoder,
                             const struct joints_records *records, struct peek *peek)
{
    uint8_t bytes[JOINTS_TEXT_BYTES];
    struct beginning beginning;
    size_t len = peek->bytes < sizeof bytes ? (size_t)peek->bytes : sizeof bytes;
    if (!decoder)
        return peek_read(peek, 0, bytes, len) ? records->head(records->context, bytes, len) : 0;
    if (!begin(&beginning, decoder, peek, 0, decoder_limit(catalog->mem->limit_bytes)))
        return 0;
    len = decode(&beginning, bytes, sizeof bytes, false);
    decoder->close(beginning.decoding);
    return records->head(records->context, bytes, len);
}

bool joints_find(struct catalog *catalog, size_t file, const struct joints_records *records,
                 struct fail *fail)
{
    struct catalog_file *entry = &catalog->files[file];
    struct peek peek = {.bytes = entry->bytes};
    entry->joints = catalog->joints_len;
    if (entry->encoded && records && !records->begins && !records->first)
        return true;
    peek.fd = open(catalog_name(catalog, file), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (peek.fd < 0)
        return true; /* who wants to read it says why that is not possible */
    const struct decoder *decoder = entry->encoded ? look(&peek) : NULL;
    bool cut = !entry->encoded || decoder;
    if (cut && records && records->head)
        cut = (entry->head = look_at_head(catalog, decoder, records, &peek)) > 0;
    const bool ok = !cut || walk(catalog, file, decoder, records, &peek, fail);
    close(peek.fd);
    return ok;
}

/* Where an entry begins in its file. */
static uint64_t base_of(const struct catalog *catalog, size_t file)
{
    return catalog->parts ? catalog->parts[file].begin : 0;
}

/* How many joints of the entry lie at or before `offset` in it. */
static size_t count_upto(const struct catalog *catalog, size_t file, uint64_t offset)
{
    const uint64_t *joints = catalog->joints + catalog->files[file].joints;
    size_t low = 0, high = catalog->files[file].joints_len;
    offset += base_of(catalog, file);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (joints[middle] <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t joints_at_or_before(const struct catalog *catalog, size_t file, uint64_t offset)
{
    size_t count = count_upto(catalog, file, offset);
    if (count == 0)
        return 0;
    return catalog->joints[catalog->files[file].joints + count - 1] - base_of(catalog, file);
}

uint64_t joints_behind(const struct catalog *catalog, size_t file, uint64_t offset)
{
    const struct catalog_file *entry = &catalog->files[file];
    size_t count = count_upto(catalog, file, offset);
    if (count == entry->joints_len)
        return entry->bytes;
    return catalog->joints[entry->joints + count] - base_of(catalog, file);
}

uint64_t joints_text(const struct catalog *catalog, size_t file, uint64_t offset)
{
    const size_t count = count_upto(catalog, file, offset),
                 joint = catalog->files[file].joints + count - 1;
    return count > 0 && catalog->joint_texts
                && catalog->joints[joint] == offset + base_of(catalog, file)
             ? catalog->joint_texts[joint]
             : 0;
}

uint64_t joints_longest(const struct catalog *catalog, size_t file)
{
    uint64_t longest = 0;
    for (uint64_t at = 0, next; at < catalog->files[file].bytes; at = next) {
        next = joints_behind(catalog, file, at);
        longest = next - at > longest ? next - at : longest;
    }
    return longest;
}
