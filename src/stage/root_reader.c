/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading for all ranks. A part is filled from the files in order until it has its bytes or its
 * number of files; what lies behind the last place where it may be cut is carried to the next part.
 * A part without such a place is sent as it is, and its rank gets the next one too. */
#include "stage/root_reader.h"

#include "input/magic.h"
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>
#include <xxhash.h>

bool root_reader_init(struct root_reader *reader, struct mem *mem, const struct catalog *catalog,
                      const struct mapper *mapper, size_t part_bytes, struct fail *fail)
{
    *reader = (struct root_reader){.catalog = catalog, .mapper = mapper, .fd = -1};
    reader->carry_bytes = part_bytes;
    reader->carry = mem_alloc(mem, part_bytes, fail);
    return reader->carry != NULL;
}

bool root_reader_ended(const struct root_reader *reader)
{
    return reader->file == reader->catalog->len;
}

static bool open_file(struct root_reader *reader, struct fail *fail)
{
    const char *name = catalog_name(reader->catalog, reader->file);
    reader->pos = 0;
    reader->range_next = 0;
    reader->begun = true;
    if (reader->catalog->files[reader->file].range)
        return range_parse(name, &reader->range);
    if (name[0] == '-' && name[1] == '\0')
        reader->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    else
        reader->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return reader->fd >= 0 || fail_errno(fail, FAIL_INPUT, name, errno);
}

/* The same of a range. */
static void read_range(struct root_reader *reader, uint8_t *into, size_t room, size_t *got,
                       bool *ended)
{
    size_t len = range_read(&reader->range, &reader->range_next, (char *)into, room);
    *got += len;
    reader->read_bytes += len;
    *ended = reader->range_next == reader->range.parts;
}

/* Reads until `into` is full or the file ends; *ended says which. A file with a size is read up to
 * the size it had in the plan. */
static bool read_some(struct root_reader *reader, uint8_t *into, size_t room, size_t *got,
                      bool *ended, struct fail *fail)
{
    const struct catalog_file *file = &reader->catalog->files[reader->file];
    const char *name = catalog_name(reader->catalog, reader->file);
    uint64_t left = file->stream ? UINT64_MAX : file->bytes - reader->pos - *got;
    *ended = left == 0;
    while (room > 0 && !*ended) {
        ssize_t n = read(reader->fd, into, left < room ? (size_t)left : room);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(fail, FAIL_INPUT, name, errno);
        if (n == 0 && !file->stream)
            return fail_set(fail, FAIL_INPUT,
                            "%s: ends at byte %" PRIu64 ": it was cut while it was read", name,
                            reader->pos + *got);
        into += n;
        room -= (size_t)n;
        *got += (size_t)n;
        left -= (uint64_t)n;
        reader->read_bytes += (uint64_t)n;
        *ended = n == 0 || left == 0;
    }
    return true;
}

enum filled { FILLED_ENDED, FILLED_CUT, FILLED_OPEN, FILLED_FAILED };

/* Fills `into` from the current file with *got bytes: up to its end, or up to the last place where
 * it may be cut, the rest being carried; or, where there is no such place and nothing stands before
 * it in the part, to the last byte. */
static enum filled fill(struct root_reader *reader, uint8_t *into, size_t room, bool first,
                        size_t *got, struct fail *fail)
{
    bool ended, begins = reader->catalog->files[reader->file].stream
                      && reader->pos + reader->carry_len == 0;
    *got = reader->carry_len;
    memcpy(into, reader->carry, reader->carry_len);
    reader->carry_len = 0;
    if (reader->catalog->files[reader->file].range)
        read_range(reader, into + *got, room - *got, got, &ended);
    else if (!read_some(reader, into + *got, room - *got, got, &ended, fail))
        return FILLED_FAILED;
    if (begins && !reader->catalog->any_format
        && !magic_text(catalog_name(reader->catalog, reader->file), into, *got, fail))
        return FILLED_FAILED;
    if (ended)
        return FILLED_ENDED;
    size_t cut = reader->mapper->part(into, *got);
    if (cut == 0 && first)
        return FILLED_OPEN;
    reader->carry_len = *got - cut;
    memcpy(reader->carry, into + cut, reader->carry_len);
    *got = cut;
    return FILLED_CUT;
}

/* Writes the head and the ranges of a part whose bytes are in place; returns its size. */
static size_t seal(struct root_reader_part *head, const struct input_range *ranges, uint8_t *part)
{
    uint8_t *bytes = part + sizeof *head;
    size_t padded = (head->bytes + 7) & ~(size_t)7;
    size_t size = padded + head->ranges * sizeof *ranges;
    memset(bytes + head->bytes, 0, padded - head->bytes);
    memcpy(bytes + padded, ranges, head->ranges * sizeof *ranges);
    head->checksum = XXH3_64bits(bytes, size);
    memcpy(part, head, sizeof *head);
    return sizeof *head + size;
}

size_t root_reader_next(struct root_reader *reader, uint8_t *part, size_t part_bytes,
                        struct fail *fail)
{
    struct input_range ranges[ROOT_READER_MAX_RANGES];
    struct root_reader_part head = {0};
    uint8_t *bytes = part + sizeof head;
    enum filled filled = FILLED_ENDED;
    /* A file begins where there is room to see by its first bytes what it is. */
    while (filled == FILLED_ENDED && !root_reader_ended(reader)
           && head.ranges < ROOT_READER_MAX_RANGES
           && (head.bytes == 0 || head.bytes + MAGIC_BYTES <= part_bytes)) {
        size_t got;
        if (!reader->begun && !open_file(reader, fail))
            return 0;
        filled =
            fill(reader, bytes + head.bytes, part_bytes - head.bytes, head.bytes == 0, &got, fail);
        if (filled == FILLED_FAILED)
            return 0;
        if (got > 0 || reader->open)
            ranges[head.ranges++] = (struct input_range){
                .begin = reader->pos,
                .end = reader->pos + got,
                .file_bytes = reader->pos + got,
                .file = (uint32_t)reader->file,
                .continues = filled == FILLED_OPEN,
            };
        reader->open = filled == FILLED_OPEN;
        reader->pos += got;
        head.bytes += got;
        if (filled == FILLED_ENDED) {
            if (reader->fd >= 0)
                close(reader->fd);
            reader->fd = -1;
            reader->begun = false;
            reader->file++;
        }
    }
    head.ends = root_reader_ended(reader);
    return seal(&head, ranges, part);
}

size_t root_reader_nothing(const struct root_reader *reader, uint8_t *part)
{
    struct root_reader_part head = {.ends = root_reader_ended(reader)};
    struct input_range none = {0};
    return seal(&head, &none, part);
}

void root_reader_free(struct root_reader *reader, struct mem *mem)
{
    if (reader->fd >= 0)
        close(reader->fd);
    mem_free(mem, reader->carry, reader->carry_bytes);
    *reader = (struct root_reader){.fd = -1};
}
