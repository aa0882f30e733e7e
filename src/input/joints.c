/* SPDX-License-Identifier: BSD-3-Clause */
/* A walk from member to member. A member whose head or length cannot be believed ends the walk, and
 * whoever decodes it, or takes the record, says what is wrong. */
#include "input/joints.h"

#include "host/clock.h"
#include "input/decoder.h"
#include "input/magic.h"

#include <fcntl.h>
#include <unistd.h>

static bool add(struct catalog *catalog, size_t file, uint64_t at, struct fail *fail)
{
    uint64_t *joints = mem_reserve(catalog->mem, catalog->joints, &catalog->joints_bytes,
                                   (catalog->joints_len + 1) * sizeof *joints, fail);
    if (!joints)
        return false;
    catalog->joints = joints;
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

/* Decodes up to JOINTS_HEAD_BYTES of text from the member at `at` on; returns how many there are.
 * What is wrong shows when it is counted. */
static size_t read_text(const struct decoder *decoder, void *decoding, struct peek *peek,
                        uint64_t at, size_t limit_bytes, uint8_t *text)
{
    struct decoder_step step = {
        .out = text, .out_len = JOINTS_HEAD_BYTES, .limit_bytes = limit_bytes};
    enum decoder_state state = DECODER_MORE;
    while (step.out_len > 0 && (state == DECODER_MORE || state == DECODER_NEXT)) {
        if (step.in_len == 0) {
            const uint64_t left = peek->bytes - at;
            step.in_len = left < PEEK_BYTES ? (size_t)left : PEEK_BYTES;
            step.in_ends = step.in_len == left;
            step.in = peek_at(peek, at, step.in_len);
            at += step.in_len;
        }
        state = step.in ? decoder->decode(decoding, &step) : DECODER_BAD;
    }
    return JOINTS_HEAD_BYTES - step.out_len;
}

/* Whether the text of the member at `at` begins like a record. */
static bool begins_record(const struct decoder *decoder, const struct joints_records *records,
                          struct peek *peek, uint64_t at, size_t limit_bytes)
{
    uint8_t text[JOINTS_HEAD_BYTES];
    const size_t len = peek->bytes < PEEK_BYTES ? (size_t)peek->bytes : PEEK_BYTES;
    const uint8_t *head = decoder->resume ? peek_at(peek, 0, len) : NULL;
    void *decoding = decoder->open();
    if (!decoding)
        return false;
    if (head)
        decoder->resume(decoding, head, len);
    const size_t text_len = read_text(decoder, decoding, peek, at, limit_bytes, text);
    decoder->close(decoding);
    return records->begins(text, text_len);
}

/* From member to member, or without a decoder from record to record. A joint before the last one is
 * kept only where that is whole: what may follow it, as zeros behind gzip data, is none. */
static bool walk(struct catalog *catalog, size_t file, const struct decoder *decoder,
                 const struct joints_records *records, struct peek *peek, struct fail *fail)
{
    const uint64_t unit = catalog->unit;
    uint64_t last = 0, next;
    for (uint64_t at = 0; at < peek->bytes; last = at, at = next) {
        const uint64_t from = (at / unit + 1) * unit;
        next = decoder ? decoder->next(peek, at, from)
                       : records->next(records->context, peek, at, from);
        if (next <= at || next > peek->bytes
            || (catalog->until_ns && clock_ns() > catalog->until_ns))
            return true;
        if (!joints_between(last, at, unit))
            continue;
        if (decoder && records
            && !begins_record(decoder, records, peek, at, decoder_limit(catalog->mem->limit_bytes)))
            return true; /* members are not records here */
        if (!add(catalog, file, at, fail))
            return false;
    }
    return true;
}

bool joints_find(struct catalog *catalog, size_t file, const struct joints_records *records,
                 struct fail *fail)
{
    struct catalog_file *entry = &catalog->files[file];
    struct peek peek = {.bytes = entry->bytes};
    entry->joints = catalog->joints_len;
    if (entry->encoded && records && !records->begins)
        return true;
    peek.fd = open(catalog_name(catalog, file), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (peek.fd < 0)
        return true; /* who wants to read it says why that is not possible */
    const struct decoder *decoder = entry->encoded ? look(&peek) : NULL;
    if (!entry->encoded && records->head)
        entry->head = records->head(records->context, &peek);
    const bool cut = entry->encoded ? decoder != NULL : !records->head || entry->head > 0;
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

uint64_t joints_longest(const struct catalog *catalog, size_t file)
{
    uint64_t longest = 0;
    for (uint64_t at = 0, next; at < catalog->files[file].bytes; at = next) {
        next = joints_behind(catalog, file, at);
        longest = next - at > longest ? next - at : longest;
    }
    return longest;
}
