/* SPDX-License-Identifier: BSD-3-Clause */
/* Reading for all ranks. A part is filled from the files in order until it has its bytes or its
 * number of files; what lies behind the last place where it may be cut is carried to the next part.
 * A part without such a place is sent as it is, and its rank gets the next one too. */
#include "stage/feed.h"

#include "host/magic.h"
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>
#include <xxhash.h>

bool feed_init(struct feed *feed, struct mem *mem, const struct catalog *catalog,
               const struct mapper *mapper, size_t part_bytes, struct fail *fail)
{
    *feed = (struct feed){.catalog = catalog, .mapper = mapper, .fd = -1};
    feed->carry_bytes = part_bytes;
    feed->carry = mem_alloc(mem, part_bytes, fail);
    return feed->carry != NULL;
}

bool feed_ended(const struct feed *feed)
{
    return feed->file == feed->catalog->len;
}

static bool open_file(struct feed *feed, struct fail *fail)
{
    const char *name = catalog_name(feed->catalog, feed->file);
    feed->pos = 0;
    feed->range_next = 0;
    feed->begun = true;
    if (feed->catalog->files[feed->file].range)
        return range_parse(name, &feed->range);
    if (name[0] == '-' && name[1] == '\0')
        feed->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    else
        feed->fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return feed->fd >= 0 || fail_errno(fail, FAIL_INPUT, name, errno);
}

/* The same of a range. */
static void read_range(struct feed *feed, uint8_t *into, size_t room, size_t *got, bool *ended)
{
    size_t len = range_read(&feed->range, &feed->range_next, (char *)into, room);
    *got += len;
    feed->read_bytes += len;
    *ended = feed->range_next == feed->range.parts;
}

/* Reads until `into` is full or the file ends; *ended says which. A file with a size is read up to
 * the size it had in the plan. */
static bool read_some(struct feed *feed, uint8_t *into, size_t room, size_t *got, bool *ended,
                      struct fail *fail)
{
    const struct catalog_file *file = &feed->catalog->files[feed->file];
    const char *name = catalog_name(feed->catalog, feed->file);
    uint64_t left = file->stream ? UINT64_MAX : file->bytes - feed->pos - *got;
    *ended = left == 0;
    while (room > 0 && !*ended) {
        ssize_t n = read(feed->fd, into, left < room ? (size_t)left : room);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail_errno(fail, FAIL_INPUT, name, errno);
        if (n == 0 && !file->stream)
            return fail_set(fail, FAIL_INPUT,
                            "%s: ends at byte %" PRIu64 ": it was cut while it was read", name,
                            feed->pos + *got);
        into += n;
        room -= (size_t)n;
        *got += (size_t)n;
        left -= (uint64_t)n;
        feed->read_bytes += (uint64_t)n;
        *ended = n == 0 || left == 0;
    }
    return true;
}

enum filled { FILLED_ENDED, FILLED_CUT, FILLED_OPEN, FILLED_FAILED };

/* Fills `into` from the current file with *got bytes: up to its end, or up to the last place where
 * it may be cut, the rest being carried; or, where there is no such place and nothing stands before
 * it in the part, to the last byte. */
static enum filled fill(struct feed *feed, uint8_t *into, size_t room, bool first, size_t *got,
                        struct fail *fail)
{
    bool ended,
        begins = feed->catalog->files[feed->file].stream && feed->pos + feed->carry_len == 0;
    *got = feed->carry_len;
    memcpy(into, feed->carry, feed->carry_len);
    feed->carry_len = 0;
    if (feed->catalog->files[feed->file].range)
        read_range(feed, into + *got, room - *got, got, &ended);
    else if (!read_some(feed, into + *got, room - *got, got, &ended, fail))
        return FILLED_FAILED;
    if (begins && !feed->catalog->any_format
        && !magic_text(catalog_name(feed->catalog, feed->file), into, *got, fail))
        return FILLED_FAILED;
    if (ended)
        return FILLED_ENDED;
    size_t cut = feed->mapper->part(into, *got);
    if (cut == 0 && first)
        return FILLED_OPEN;
    feed->carry_len = *got - cut;
    memcpy(feed->carry, into + cut, feed->carry_len);
    *got = cut;
    return FILLED_CUT;
}

/* Writes the head and the ranges of a part whose bytes are in place; returns its size. */
static size_t seal(struct feed_part *head, const struct input_range *ranges, uint8_t *part)
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

size_t feed_next(struct feed *feed, uint8_t *part, size_t part_bytes, struct fail *fail)
{
    struct input_range ranges[FEED_MAX_RANGES];
    struct feed_part head = {0};
    uint8_t *bytes = part + sizeof head;
    enum filled filled = FILLED_ENDED;
    /* A file begins where there is room to see by its first bytes what it is. */
    while (filled == FILLED_ENDED && !feed_ended(feed) && head.ranges < FEED_MAX_RANGES
           && (head.bytes == 0 || head.bytes + MAGIC_BYTES <= part_bytes)) {
        size_t got;
        if (!feed->begun && !open_file(feed, fail))
            return 0;
        filled =
            fill(feed, bytes + head.bytes, part_bytes - head.bytes, head.bytes == 0, &got, fail);
        if (filled == FILLED_FAILED)
            return 0;
        if (got > 0 || feed->open)
            ranges[head.ranges++] = (struct input_range){
                .begin = feed->pos,
                .end = feed->pos + got,
                .file_bytes = feed->pos + got,
                .file = (uint32_t)feed->file,
                .continues = filled == FILLED_OPEN,
            };
        feed->open = filled == FILLED_OPEN;
        feed->pos += got;
        head.bytes += got;
        if (filled == FILLED_ENDED) {
            if (feed->fd >= 0)
                close(feed->fd);
            feed->fd = -1;
            feed->begun = false;
            feed->file++;
        }
    }
    head.ends = feed_ended(feed);
    return seal(&head, ranges, part);
}

size_t feed_nothing(const struct feed *feed, uint8_t *part)
{
    struct feed_part head = {.ends = feed_ended(feed)};
    struct input_range none = {0};
    return seal(&head, &none, part);
}

void feed_free(struct feed *feed, struct mem *mem)
{
    if (feed->fd >= 0)
        close(feed->fd);
    mem_free(mem, feed->carry, feed->carry_bytes);
    *feed = (struct feed){.fd = -1};
}
