/* SPDX-License-Identifier: BSD-3-Clause */
/* A file with a size is read up to the size that it had when it was found: what is appended later
 * is not counted. What a stream is shows when it is read. */
#include "input/reader.h"

#include "host/clock.h"
#include "input/decoder.h"
#include "input/joints.h"
#include "input/magic.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RAW_BYTES = 256 << 10, IDLE_MS = 50 };

/* Who has something else to do does it while nothing comes. */
static void await(const struct reader *reader)
{
    struct pollfd stream = {reader->fd, POLLIN, 0};
    while (reader->stream && reader->idle && reader->idle->call && poll(&stream, 1, IDLE_MS) <= 0)
        reader->idle->call(reader->idle->context);
}

/* As read(2), through interruptions. */
static bool read_some(struct reader *reader, uint8_t *into, size_t room, ssize_t *got,
                      struct fail *fail)
{
    if (reader->filter)
        return filter_read(reader->filter, into, room, got, fail);
    await(reader);
    while ((*got = read(reader->fd, into, room)) < 0 && errno == EINTR)
        ;
    return *got >= 0 || fail_errno(fail, FAIL_INPUT, reader->name, errno);
}

/* Whether there is more of a file that grows than was read, or it has not grown for so long that it
 * has ended. */
static bool has_grown(struct reader *reader)
{
    struct stat status;
    const uint64_t now = clock_ns();
    if (fstat(reader->fd, &status) == 0 && (uint64_t)status.st_size == reader->pos)
        return now - reader->grown_ns >= reader->follow_ns;
    reader->grown_ns = now;
    return true;
}

/* Whether it may be read now: of a live stream something has come, or its end. */
static bool has_come(struct reader *reader)
{
    struct pollfd stream = {reader->fd, POLLIN, 0};
    if (reader->follow_ns > 0)
        return has_grown(reader);
    return !reader->live || poll(&stream, 1, 0) > 0;
}

/* Whether a file that grows has lost what was read of it. */
static bool is_shorter(const struct reader *reader)
{
    struct stat status;
    return reader->follow_ns > 0 && fstat(reader->fd, &status) == 0
        && (uint64_t)status.st_size < reader->pos;
}

/* Reads until `into` is full or the file ends, which *ended says, or nothing more has come. */
static bool read_file(struct reader *reader, uint8_t *into, size_t room, size_t *got, bool *ended,
                      struct fail *fail)
{
    *got = 0;
    *ended = !reader->stream && reader->left == 0;
    while (*got < room && !*ended && has_come(reader)) {
        size_t want = room - *got;
        if (!reader->stream && reader->left < want)
            want = (size_t)reader->left;
        ssize_t n;
        if (!read_some(reader, into + *got, want, &n, fail))
            return false;
        if (n == 0 && (!reader->stream || is_shorter(reader)))
            return fail_set(fail, FAIL_INPUT,
                            "%s: ends at byte %" PRIu64 ": it was cut while it was read",
                            reader->name, reader->pos);
        *got += (size_t)n;
        reader->pos += (uint64_t)n;
        reader->left -= reader->stream ? 0 : (uint64_t)n;
        *ended = n == 0 || (!reader->stream && reader->left == 0);
    }
    return true;
}

static bool no_memory(const struct reader *reader, struct fail *fail)
{
    return fail_set(fail, FAIL_MEMORY, "%s: no memory to decode %s", reader->name,
                    reader->decoder->name);
}

/* Sees by the first bytes, which are kept, what it is. Of a live stream the mark of an encoding is
 * enough, or a line, beyond which there is none; less than that waits for more. */
static bool look(struct reader *reader, struct fail *fail)
{
    size_t got;
    if (!reader->raw)
        reader->raw = mem_alloc(reader->mem, RAW_BYTES, fail);
    if (!reader->raw
        || !read_file(reader, reader->raw + reader->raw_end, MAGIC_BYTES - reader->raw_end, &got,
                      &reader->raw_ends, fail))
        return false;
    reader->raw_end += got;
    reader->decoder = decoder_find(reader->raw, reader->raw_end);
    reader->known = !reader->live || reader->decoder || reader->raw_ends
                 || reader->raw_end == MAGIC_BYTES || memchr(reader->raw, '\n', reader->raw_end);
    if (!reader->known)
        return true;
    if (reader->decoder)
        return (reader->decoding = reader->decoder->open()) || no_memory(reader, fail);
    return reader->filter ? magic_filtered(reader->name, reader->raw, reader->raw_end, fail)
                          : magic_text(reader->name, reader->raw, reader->raw_end, fail);
}

/* A named pipe that is live is opened though nobody writes to it yet: until somebody has, poll says
 * nothing of it. */
static bool open_file(struct reader *reader, bool live, struct fail *fail)
{
    struct stat status;
    if (strcmp(reader->name, "-") == 0)
        reader->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    else
        reader->fd = open(reader->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | (live ? O_NONBLOCK : 0));
    if (reader->fd < 0 || fstat(reader->fd, &status) != 0)
        return fail_errno(fail, FAIL_INPUT, reader->name, errno);
    reader->live = live && (!S_ISREG(status.st_mode) || reader->follow_ns > 0);
    reader->grown_ns = clock_ns();
    if (live && strcmp(reader->name, "-") != 0)
        fcntl(reader->fd, F_SETFL, O_RDONLY);
    return true;
}

static bool start_filter(struct reader *reader, struct filter *filter, struct fail *fail)
{
    reader->filter = filter;
    reader->stream = true;
    return filter_start(filter, reader->name, fail);
}

bool reader_open(struct reader *reader, struct mem *mem, const char *name,
                 const struct catalog_file *entry, bool any_format, struct fail *fail)
{
    *reader = (struct reader){.mem = mem,
                              .name = name,
                              .fd = -1,
                              .stream = entry->stream,
                              .left = entry->bytes,
                              .idle = entry->idle,
                              .follow_ns = entry->follow_ns};
    if (entry->range)
        return number_range_parse(reader->name, &reader->range);
    if (!(entry->filter ? start_filter(reader, entry->filter, fail)
                        : open_file(reader, entry->live, fail)))
        return false;
    any_format = any_format || (entry->filter && entry->filter->any_format);
    reader->known = any_format || !(entry->stream || entry->encoded);
    return reader->known || reader->live || look(reader, fail);
}

bool reader_part(struct reader *reader, uint64_t begin, uint64_t end, uint64_t unit,
                 struct fail *fail)
{
    const uint64_t bytes = reader->pos + reader->left;
    reader->member = begin;
    reader->end = end < bytes ? end : begin;
    reader->unit = unit;
    if (begin == 0)
        return true;
    if (lseek(reader->fd, (off_t)begin, SEEK_SET) < 0)
        return fail_errno(fail, FAIL_INPUT, reader->name, errno);
    if (reader->decoder && reader->decoder->resume)
        reader->decoder->resume(reader->decoding, reader->raw, reader->raw_end);
    reader->left = bytes - begin;
    reader->pos = begin;
    reader->raw_begin = reader->raw_end = 0;
    reader->raw_ends = false;
    return true;
}

uint64_t reader_stored(const struct reader *reader)
{
    return reader->pos - (reader->raw_end - reader->raw_begin);
}

static bool damaged(const struct reader *reader, const char *cause, struct fail *fail)
{
    return fail_set(fail, FAIL_INPUT, "%s: at byte %" PRIu64 ": damaged %s: %s", reader->name,
                    reader_stored(reader), reader->decoder->name, cause);
}

/* A member has ended, and where the file goes on another one begins. What was found without
 * decoding must be what decoding finds: the next rank has begun there. */
static bool pass_member(struct reader *reader, bool ended, struct fail *fail)
{
    const uint64_t last = reader->member, at = reader_stored(reader);
    if (reader->unit == 0)
        return true;
    reader->member = at;
    reader->before_joint = !ended && joints_between(last, at, reader->unit);
    return last >= reader->end || at < reader->end || (at == reader->end && reader->before_joint)
        || damaged(reader,
                   "its members are not where they seem to be (--input=root takes them as they "
                   "come)",
                   fail);
}

/* What decoding holds is a part of the memory of the rank. */
static bool hold(struct reader *reader, size_t bytes)
{
    struct fail none = {0};
    if (bytes > reader->held_bytes && !mem_take(reader->mem, bytes - reader->held_bytes, &none))
        return false;
    if (bytes < reader->held_bytes)
        mem_give(reader->mem, reader->held_bytes - bytes);
    reader->held_bytes = bytes;
    return true;
}

static bool refill(struct reader *reader, struct fail *fail)
{
    reader->raw_begin = 0;
    return read_file(reader, reader->raw, RAW_BYTES, &reader->raw_end, &reader->raw_ends, fail);
}

static bool decode(struct reader *reader, uint8_t *into, size_t room, size_t *got, bool *ended,
                   struct fail *fail)
{
    struct decoder_step step = {
        .out = into, .out_len = room, .limit_bytes = decoder_limit(reader->mem->limit_bytes)};
    reader->before_joint = false;
    while (step.out_len > 0 && !*ended && !reader->before_joint) {
        if (reader->raw_begin == reader->raw_end && !reader->raw_ends && !refill(reader, fail))
            return false;
        const size_t in_len = reader->raw_end - reader->raw_begin, out_len = step.out_len;
        if (in_len == 0 && !reader->raw_ends && !reader->filled)
            break; /* nothing has come */
        step.in = reader->raw + reader->raw_begin;
        step.in_len = in_len;
        step.in_ends = reader->raw_ends;
        step.held_bytes = reader->held_bytes;
        enum decoder_state state = reader->decoder->decode(reader->decoding, &step);
        reader->raw_begin = reader->raw_end - step.in_len;
        reader->filled = step.out_len == 0;
        if (state == DECODER_BAD)
            return damaged(reader, step.cause, fail);
        if (state == DECODER_NO_MEMORY)
            return no_memory(reader, fail);
        if (state == DECODER_EXCESS)
            return decoder_too_large(reader->name, step.held_bytes, reader->mem->limit_bytes, fail);
        if (!hold(reader, step.held_bytes))
            return decoder_no_room(reader->name, step.held_bytes, reader->mem->limit_bytes, fail);
        bool stuck = step.in_len == in_len && step.out_len == out_len;
        if (state == DECODER_MORE && stuck && (in_len > 0 || reader->raw_ends))
            return damaged(reader, in_len > 0 ? "nothing comes of it" : "it ends too early", fail);
        *ended = state == DECODER_END;
        if ((*ended || state == DECODER_NEXT) && !pass_member(reader, *ended, fail))
            return false;
    }
    if (*ended && reader->raw_begin < reader->raw_end)
        return damaged(reader, "something follows its end", fail);
    *got = room - step.out_len;
    return true;
}

bool reader_read(struct reader *reader, uint8_t *into, size_t room, size_t *got, bool *ended,
                 struct fail *fail)
{
    *got = 0;
    *ended = false;
    if (reader->fd < 0 && !reader->filter) {
        *got = number_range_read(&reader->range, &reader->next_number, (char *)into, room);
        *ended = reader->next_number == reader->range.parts;
        return true;
    }
    if (!reader->known && !look(reader, fail))
        return false;
    if (!reader->known)
        return true;
    if (reader->decoder)
        return decode(reader, into, room, got, ended, fail);
    size_t kept = reader->raw_end - reader->raw_begin;
    kept = kept < room ? kept : room;
    if (kept > 0)
        memcpy(into, reader->raw + reader->raw_begin, kept);
    reader->raw_begin += kept;
    bool ok = reader->raw_ends
           || read_file(reader, into + kept, room - kept, got, &reader->raw_ends, fail);
    *got += kept;
    *ended = reader->raw_ends && reader->raw_begin == reader->raw_end;
    return ok;
}

/* What lies in a file as it is need not be read. */
static bool lies_there(const struct reader *reader, uint64_t bytes)
{
    return reader->known && !reader->decoder && !reader->stream && !reader->raw && reader->fd >= 0
        && bytes <= reader->left;
}

bool reader_pass(struct reader *reader, uint64_t bytes, struct fail *fail)
{
    uint8_t text[4096];
    bool ended = false;
    if (bytes > 0 && lies_there(reader, bytes)) {
        reader->pos += bytes;
        reader->left -= bytes;
        return lseek(reader->fd, (off_t)reader->pos, SEEK_SET) >= 0
            || fail_errno(fail, FAIL_INPUT, reader->name, errno);
    }
    while (bytes > 0) {
        size_t got, want = bytes < sizeof text ? (size_t)bytes : sizeof text;
        if (ended)
            return fail_set(fail, FAIL_INPUT, "%s: there was more of its text before",
                            reader->name);
        if (!reader_read(reader, text, want, &got, &ended, fail))
            return false;
        bytes -= got;
    }
    return true;
}

void reader_close(struct reader *reader)
{
    if (reader->decoding)
        reader->decoder->close(reader->decoding);
    if (reader->held_bytes > 0)
        mem_give(reader->mem, reader->held_bytes);
    if (reader->mem && reader->fd >= 0)
        close(reader->fd);
    if (reader->filter && reader->filter->name)
        filter_stop(reader->filter);
    if (reader->mem)
        mem_free(reader->mem, reader->raw, reader->raw ? RAW_BYTES : 0);
    *reader = (struct reader){.fd = -1};
}
