/* SPDX-License-Identifier: BSD-3-Clause */
/* Text between joints. The reader stops at each of them, and what lies where is noted here. */
#include "input/encoded.h"

#include <string.h>
#include <xxhash.h>

enum { PAST_OWN_BYTES = 4096 }; /* enough to end nearly every record that goes on behind a range */

static bool open_range(struct reader *reader, struct mem *mem, const char *name,
                       const struct encoded_range *range, struct fail *fail)
{
    const struct catalog_file entry = {
        .bytes = range->file_bytes, .encoded = true, .filter = range->filter};
    return reader_open(reader, mem, name, &entry, false, fail)
        && (range->unit == 0 || reader_part(reader, range->begin, range->end, range->unit, fail));
}

/* Forgets the joints that no place from `from` on is named after. */
static void forget(struct encoded *encoded, uint64_t from)
{
    size_t old = 0;
    while (old + 1 < encoded->joints_len && encoded->joints[old + 1].text < from)
        old++;
    encoded->joints_len -= old;
    if (old > 0)
        memmove(encoded->joints, encoded->joints + old,
                encoded->joints_len * sizeof *encoded->joints);
}

/* The text goes on at `text` behind a joint. Of several without text between them the last one
 * counts: that is the one that everybody passes who comes to the text behind them. */
static bool note_joint(struct encoded *encoded, uint64_t text, struct fail *fail)
{
    const uint64_t stored = encoded->input.member;
    if (stored == encoded->range.end && text < encoded->text_bytes)
        encoded->text_bytes = text;
    if (encoded->joints_len == 0 || encoded->joints[encoded->joints_len - 1].text < text) {
        void *joints = mem_reserve(encoded->mem, encoded->joints, &encoded->joints_bytes,
                                   (encoded->joints_len + 1) * sizeof *encoded->joints, fail);
        if (!joints)
            return false;
        encoded->joints = joints;
        encoded->joints_len++;
    }
    encoded->joints[encoded->joints_len - 1] = (struct encoded_joint){text, stored};
    return true;
}

bool encoded_open(struct encoded *encoded, struct mem *mem, const char *name,
                  const struct encoded_range *range, uint64_t behind, struct fail *fail)
{
    *encoded = (struct encoded){.mem = mem, .range = *range, .behind = behind};
    encoded->file_end = UINT64_MAX;
    encoded->text_bytes = range->text_bytes ? range->text_bytes : UINT64_MAX;
    if (!open_range(&encoded->input.reader, mem, name, range, fail))
        return false;
    encoded->input.member = range->begin;
    ahead_start(&encoded->input, range->ahead_bytes);
    return range->begin == 0 || note_joint(encoded, 0, fail);
}

/* Reads `room` bytes, or up to the next joint, or the end. */
static bool read_some(struct encoded *encoded, uint8_t *into, size_t room, size_t *got,
                      struct fail *fail)
{
    bool ended;
    if (!ahead_read(&encoded->input, into, room, got, &ended, fail))
        return false;
    encoded->pos += *got;
    if (encoded->input.before_joint && !note_joint(encoded, encoded->pos, fail))
        return false;
    if (ended)
        encoded->file_end = encoded->pos;
    if (ended && encoded->text_bytes > encoded->pos)
        encoded->text_bytes = encoded->pos;
    return true;
}

/* So the last byte of the text is not handed out before it is known to be the last. */
static bool read_ahead(struct encoded *encoded, struct fail *fail)
{
    size_t got = encoded->has_ahead;
    while (got == 0 && encoded->file_end == UINT64_MAX)
        if (!read_some(encoded, &encoded->ahead, 1, &got, fail))
            return false;
    encoded->has_ahead = got == 1;
    return true;
}

bool encoded_read(struct encoded *encoded, uint8_t *into, size_t *bytes, uint64_t from,
                  struct fail *fail)
{
    size_t want = *bytes, got;
    bool inside = encoded->text_bytes == UINT64_MAX;
    forget(encoded, from);
    *bytes = 0;
    if (encoded->has_ahead && want > 0) {
        into[(*bytes)++] = encoded->ahead;
        encoded->has_ahead = false;
    }
    while (*bytes < want && encoded->file_end == UINT64_MAX) {
        if (!read_some(encoded, into + *bytes, want - *bytes, &got, fail))
            return false;
        *bytes += got;
        if (inside && encoded->text_bytes != UINT64_MAX) {
            inside = false;
            want = want - *bytes > PAST_OWN_BYTES ? *bytes + PAST_OWN_BYTES : want;
        }
    }
    return read_ahead(encoded, fail);
}

uint64_t encoded_own(const struct encoded *encoded)
{
    if (encoded->text_bytes == UINT64_MAX)
        return UINT64_MAX;
    return encoded->file_end - encoded->text_bytes > encoded->behind
             ? encoded->text_bytes + encoded->behind
             : encoded->file_end;
}

uint64_t encoded_place(const struct encoded *encoded, uint64_t offset)
{
    return offset == 0 && encoded->range.begin == 0 ? 0 : encoded_place_behind(encoded, offset);
}

uint64_t encoded_place_behind(const struct encoded *encoded, uint64_t offset)
{
    if (offset == encoded->file_end)
        return (uint64_t)ENCODED_END;
    const struct encoded_joint *first = encoded->joints, *joint = first + encoded->joints_len;
    while (joint > first && joint[-1].text > offset)
        joint--;
    if (joint == first || joint[-1].stored == 0)
        return offset;
    const uint64_t name[] = {joint[-1].stored, offset - joint[-1].text};
    return XXH3_64bits(name, sizeof name);
}

bool encoded_before(const struct encoded *encoded, uint64_t offset, uint64_t *bytes,
                    uint64_t *lines)
{
    uint8_t text[4096];
    struct encoded_range range = encoded->range;
    struct reader reader;
    struct fail fail = {0};
    size_t got;
    bool ended = false, there = range.begin == 0; /* at the beginning of the range */
    range.begin = 0;
    range.end = encoded->range.begin;
    bool ok = open_range(&reader, encoded->mem, encoded->input.reader.name, &range, &fail);
    *bytes = *lines = 0;
    while (ok && !ended && !(there && offset == 0)) {
        size_t want = there && offset < sizeof text ? (size_t)offset : sizeof text;
        ok = reader_read(&reader, text, want, &got, &ended, &fail);
        for (size_t i = 0; ok && i < got; i++)
            *lines += text[i] == '\n';
        *bytes += got;
        offset -= there ? got : 0;
        there = there || (reader.before_joint && reader.member == encoded->range.begin);
    }
    reader_close(&reader);
    return ok && there && offset == 0;
}

void encoded_close(struct encoded *encoded)
{
    ahead_close(&encoded->input);
    if (encoded->mem)
        mem_free(encoded->mem, encoded->joints, encoded->joints_bytes);
    *encoded = (struct encoded){.input.reader.fd = -1};
}
