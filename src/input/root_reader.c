/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading for all ranks. A part is filled from the files in order until it has its bytes or its
 * number of files; what lies behind the last place where it may be cut is carried to the next part.
 * A part without such a place is sent as it is, and its rank gets the next one too. Of a live
 * stream a part is what has come up to such a place. */
#include "input/root_reader.h"

#include <string.h>

bool root_reader_init(struct root_reader *reader, struct mem *mem, const struct catalog *catalog,
                      struct parting parting, size_t part_bytes, struct fail *fail)
{
    *reader = (struct root_reader){.mem = mem, .catalog = catalog, .parting = parting};
    reader->carry_bytes = part_bytes + WINDOW_SLACK_BYTES;
    reader->carry = mem_alloc(mem, reader->carry_bytes, fail);
    return reader->carry != NULL;
}

bool root_reader_ended(const struct root_reader *reader)
{
    return reader->file == reader->catalog->len;
}

enum filled { FILLED_ENDED, FILLED_CUT, FILLED_OPEN, FILLED_LATER, FILLED_FAILED };

static enum filled too_long(const struct root_reader *reader, size_t bytes, struct fail *fail)
{
    fail_set(fail, FAIL_MEMORY,
             "%s: the first record is longer than the %zu bytes that are read at once",
             catalog_name(reader->catalog, reader->file), bytes);
    return FILLED_FAILED;
}

/* Where what has come of a live stream may be parted; 0: nowhere yet. */
static size_t part_live(struct root_reader *reader, size_t came)
{
    const size_t searched = reader->searched;
    struct parting_state *state = &reader->state;
    if (came == 0)
        return 0;
    state->begins = reader->pos == 0 && searched == 0;
    const size_t cut = reader->parting.part(reader->parting.context, reader->carry + searched,
                                            reader->carry_len - searched, state);
    reader->searched = cut > 0 ? 0 : reader->carry_len;
    if (cut > 0)
        *state = (struct parting_state){.head = state->head};
    return cut > 0 ? searched + cut : 0;
}

/* As fill, with what has come of a live stream. A record that is not complete stays in the carried
 * bytes, and only what is added to it is looked at: it may come byte by byte. */
static enum filled fill_live(struct root_reader *reader, uint8_t *into, size_t room, bool first,
                             size_t *got, struct fail *fail)
{
    bool ended;
    enum filled filled = FILLED_CUT;
    if (!ahead_read(&reader->input, reader->carry + reader->carry_len, room - reader->carry_len,
                    got, &ended, fail))
        return FILLED_FAILED;
    reader->read_bytes += *got;
    reader->carry_len += *got;
    size_t cut = ended ? reader->carry_len : part_live(reader, *got);
    if (ended) {
        filled = FILLED_ENDED;
    } else if (cut == 0) {
        filled = first && reader->carry_len == room ? FILLED_OPEN : FILLED_LATER;
        cut = filled == FILLED_OPEN ? room : 0;
    }
    if (filled != FILLED_LATER)
        reader->searched = 0;
    memcpy(into, reader->carry, cut);
    reader->carry_len -= cut;
    if (cut > 0)
        memmove(reader->carry, reader->carry + cut, reader->carry_len);
    *got = cut;
    return filled;
}

/* Fills `into` from the current file with *got bytes: up to its end, or up to the last place where
 * it may be cut, the rest being carried; or, where there is no such place and nothing stands before
 * it in the part, to the last byte. */
static enum filled fill(struct root_reader *reader, uint8_t *into, size_t room, bool first,
                        size_t *got, struct fail *fail)
{
    bool ended;
    size_t carried = reader->carry_len;
    struct parting_state state = reader->state;
    if (reader->input.reader.live)
        return fill_live(reader, into, room, first, got, fail);
    memcpy(into, reader->carry, carried);
    reader->carry_len = 0;
    if (!ahead_read(&reader->input, into + carried, room - carried, got, &ended, fail))
        return FILLED_FAILED;
    reader->read_bytes += *got;
    *got += carried;
    if (ended)
        return FILLED_ENDED;
    state.begins = reader->pos == 0;
    size_t cut = reader->parting.part(reader->parting.context, into, *got, &state);
    if (cut == 0 && first && state.lost)
        return too_long(reader, *got, fail);
    if (cut == 0 && first) {
        reader->state = state;
        return FILLED_OPEN;
    }
    if (cut > 0)
        reader->state = (struct parting_state){.head = state.head};
    reader->carry_len = *got - cut;
    memcpy(reader->carry, into + cut, reader->carry_len);
    *got = cut;
    return FILLED_CUT;
}

/* Writes the head and the ranges of a part whose bytes are in place; returns its size. */
static size_t complete(struct root_reader_part *head, const struct window_range *ranges,
                       uint8_t *part)
{
    uint8_t *bytes = part + sizeof *head;
    size_t ranges_at = mem_padded(head->bytes);
    size_t size = ranges_at + head->ranges * sizeof *ranges;
    memset(bytes + head->bytes, 0, ranges_at - head->bytes);
    memcpy(bytes + ranges_at, ranges, head->ranges * sizeof *ranges);
    memcpy(part, head, sizeof *head);
    return sizeof *head + size;
}

static bool begin_file(struct root_reader *reader, struct fail *fail)
{
    const struct catalog *catalog = reader->catalog;
    if (reader->begun)
        return true;
    if (reader->pass_bytes == 0) {
        reader->pos = reader->lines = 0;
        reader->state = (struct parting_state){0};
    }
    reader->begun =
        reader_open(&reader->input.reader, reader->mem, catalog_name(catalog, reader->file),
                    &catalog->files[reader->file], catalog->any_format, fail);
    if (!reader->begun || !reader_pass(&reader->input.reader, reader->pass_bytes, fail))
        return false;
    reader->pass_bytes = 0;
    ahead_start(&reader->input, reader->ahead_bytes);
    return true;
}

struct root_reader_place root_reader_stands(const struct root_reader *reader)
{
    return (struct root_reader_place){
        .file = reader->file,
        .text = reader->begun ? reader->pos : 0,
        .lines = reader->begun ? reader->lines : 0,
        .head = reader->begun ? reader->state.head : 0,
        .read_bytes = reader->read_bytes - reader->carry_len,
    };
}

void root_reader_begin(struct root_reader *reader, const struct root_reader_place *place)
{
    reader->file = place->file;
    reader->pos = reader->pass_bytes = place->text;
    reader->lines = place->lines;
    reader->state = (struct parting_state){.head = place->head};
    reader->read_bytes = place->read_bytes;
}

size_t root_reader_next(struct root_reader *reader, uint8_t *part, size_t part_bytes,
                        struct fail *fail)
{
    struct window_range ranges[ROOT_READER_MAX_RANGES];
    struct root_reader_part head = {0};
    uint8_t *bytes = part + sizeof head;
    enum filled filled = FILLED_ENDED;
    while (filled == FILLED_ENDED && !root_reader_ended(reader)
           && head.ranges < ROOT_READER_MAX_RANGES && head.bytes < part_bytes) {
        size_t got;
        if (!begin_file(reader, fail))
            return 0;
        const uint64_t known = reader->state.head;
        filled =
            fill(reader, bytes + head.bytes, part_bytes - head.bytes, head.bytes == 0, &got, fail);
        if (filled == FILLED_FAILED)
            return 0;
        if (filled == FILLED_LATER)
            break;
        if (got > 0 || reader->open)
            ranges[head.ranges++] = (struct window_range){
                .begin = reader->pos,
                .end = reader->pos + got,
                .file_bytes = reader->pos + got,
                .file = (uint32_t)reader->file,
                .name_off = (uint32_t)reader->catalog->files[reader->file].name_off,
                .continues = filled == FILLED_OPEN,
                .head = known,
                .lines_before = reader->lines,
            };
        if (reader->counts_lines)
            reader->lines += window_lines(bytes + head.bytes, got);
        reader->open = filled == FILLED_OPEN;
        reader->pos += got;
        head.bytes += got;
        if (filled == FILLED_ENDED) {
            reader->stored_bytes += reader->input.stored;
            ahead_close(&reader->input);
            reader->begun = false;
            reader->file++;
        }
    }
    head.ends = root_reader_ended(reader);
    return complete(&head, ranges, part);
}

size_t root_reader_nothing(const struct root_reader *reader, uint8_t *part)
{
    struct root_reader_part head = {.ends = root_reader_ended(reader)};
    struct window_range none = {0};
    return complete(&head, &none, part);
}

void root_reader_feed(uint8_t *part, struct window *window)
{
    const struct root_reader_part *head = (const struct root_reader_part *)(void *)part;
    uint8_t *bytes = part + sizeof *head, *ranges = bytes + mem_padded(head->bytes);
    window_feed(window, (struct window_range *)(void *)ranges, head->ranges, bytes, head->ends);
}

void root_reader_free(struct root_reader *reader, struct mem *mem)
{
    ahead_close(&reader->input);
    mem_free(mem, reader->carry, reader->carry_bytes);
    *reader = (struct root_reader){0};
}
