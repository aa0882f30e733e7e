/* SPDX-License-Identifier: BSD-3-Clause */
/* The rank's end of the connection. Tasks are written ahead as far as the queue goes, so that a
 * small one costs no round trip.
 *
 * buffer:  … | frames of the running task | a part of one, or its mark and what follows | room
 *            begin                     frames_end                                      end      cap
 */
#include "task/wire.h"

#include "host/clock.h"
#include "task/child.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { CHUNK_BYTES = 256 << 10 };

void wire_init(struct wire *wire, struct mem *mem, size_t limit_bytes)
{
    *wire = (struct wire){.mem = mem, .limit_bytes = limit_bytes, .exit = -1};
}

bool wire_start(struct wire *wire, char *const argv[], struct fail *fail)
{
    wire->ready = false;
    wire->sent = wire->sent_bytes = 0;
    wire->begin = wire->frames_end = wire->end = 0;
    return process_start(&wire->process, argv, STDERR_FILENO, fail);
}

bool wire_has_room(const struct wire *wire)
{
    return wire->queue_len == 0
        || (wire->queue_len <= WIRE_AHEAD && wire->ahead_bytes < WIRE_AHEAD_BYTES);
}

void wire_add(struct wire *wire, const struct given *task)
{
    assert(wire_has_room(wire));
    if (wire->queue_len > 0)
        wire->ahead_bytes += task->len;
    wire->queue[wire->queue_len++] = *task;
}

void wire_drop(struct wire *wire)
{
    wire->queue_len--;
    memmove(wire->queue, wire->queue + 1, wire->queue_len * sizeof *wire->queue);
    if (wire->queue_len > 0)
        wire->ahead_bytes -= wire->queue[0].len;
    if (wire->sent > 0)
        wire->sent--;
    wire->exit = -1;
    wire->begun_ns = clock_ns();
}

/* Moves a part of what is to be sent to the list of parts, but for what was sent already. */
static size_t add_part(struct iovec *part, const void *bytes, size_t len, size_t *already)
{
    size_t skip = *already < len ? *already : len;
    *already -= skip;
    *part = (struct iovec){(char *)(uintptr_t)bytes + skip, len - skip};
    return len > skip;
}

/* As much as the socket takes. A process that is gone is noticed where its last words are read. */
void wire_send(struct wire *wire)
{
    while (wire->sent < wire->queue_len) {
        struct iovec parts[2 * (WIRE_AHEAD + 1)];
        struct msghdr message = {.msg_iov = parts};
        size_t already = wire->sent_bytes;
        for (size_t i = wire->sent; i < wire->queue_len; i++) {
            const struct given *task = &wire->queue[i];
            struct iovec *next = parts + message.msg_iovlen;
            next += add_part(next, task, GIVEN_HEAD_BYTES, &already);
            next += add_part(next, task->bytes, task->len, &already);
            message.msg_iovlen = (size_t)(next - parts);
        }
        ssize_t put = sendmsg(wire->process.socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (put < 0)
            return;
        wire->sent_bytes += (size_t)put;
        for (uint64_t all; wire->sent < wire->queue_len; wire->sent++) {
            all = GIVEN_HEAD_BYTES + wire->queue[wire->sent].len;
            if (wire->sent_bytes < all)
                break;
            wire->sent_bytes -= all;
            if (wire->sent == 0)
                wire->begun_ns = clock_ns();
        }
    }
}

/* Room for what comes next: the frames of a task up to the limit, and a bounded number of bytes. */
static bool make_room(struct wire *wire, struct fail *fail)
{
    size_t most = wire->limit_bytes, cap = 2 * wire->cap + CHUNK_BYTES;
    if (wire->cap - wire->end >= CHUNK_BYTES / 2)
        return true;
    if (wire->begin > 0) {
        memmove(wire->buffer, wire->buffer + wire->begin, wire->end - wire->begin);
        wire->frames_end -= wire->begin;
        wire->end -= wire->begin;
        wire->begin = 0;
        return make_room(wire, fail);
    }
    if (most < SIZE_MAX - 2 * CHUNK_BYTES && cap > most + 2 * CHUNK_BYTES)
        cap = most + 2 * CHUNK_BYTES;
    void *grown = mem_grow(wire->mem, wire->buffer, wire->cap, cap, fail);
    if (!grown)
        return false;
    wire->buffer = grown;
    wire->cap = cap;
    return true;
}

static bool is_frame(const struct frame *frame)
{
    return value_kind_is(frame->kind);
}

static bool is_mark(const struct frame *frame)
{
    return ((int)frame->kind == CHILD_DONE || (int)frame->kind == CHILD_FAILED)
        && frame->len < FAIL_TEXT_BYTES;
}

/* What is neither a frame nor a mark. */
static bool is_note(const struct frame *frame, bool first)
{
    const bool group = (int)frame->kind == CHILD_GROUP && first;
    return (group || (int)frame->kind == CHILD_EXIT) && frame->len == 0;
}

/* Goes past the next frame, note or mark, when all of it is here; then its bytes are set. */
static enum wire_event next_frame(struct wire *wire, struct frame *frame)
{
    const uint8_t *at = wire->buffer + wire->frames_end;
    size_t frames_len = wire->frames_end - wire->begin, limit = wire->limit_bytes;
    size_t left = wire->end - wire->frames_end;
    if (left < FRAME_HEADER_BYTES)
        return WIRE_NONE;
    bool is_whole = frame_read_header(at, frame), is_noted = is_note(frame, frames_len == 0);
    bool is_known = is_frame(frame) || is_mark(frame) || is_noted;
    bool is_due = wire->ready ? wire->sent > 0 : is_mark(frame);
    if (!is_whole || !is_known || !is_due)
        return WIRE_BROKEN;
    if (is_frame(frame)
        && (frame->len > limit || frames_len + FRAME_HEADER_BYTES > limit - frame->len))
        return WIRE_EXCESS;
    if (left - FRAME_HEADER_BYTES < frame->len)
        return WIRE_NONE;
    frame->bytes = at + FRAME_HEADER_BYTES;
    wire->frames_end += FRAME_HEADER_BYTES + frame->len;
    if ((int)frame->kind == CHILD_GROUP)
        wire->process.group = (pid_t)frame->value;
    else if (is_noted)
        wire->exit = (int)frame->value;
    if (is_noted)
        wire->begin = wire->frames_end; /* what failed leaves no frames */
    return WIRE_MARK;
}

enum wire_event wire_receive(struct wire *wire, struct frame *mark, const uint8_t **frames,
                             size_t *frames_len, struct fail *fail)
{
    for (;;) {
        enum wire_event event;
        size_t before = wire->frames_end;
        while ((event = next_frame(wire, mark)) == WIRE_MARK && !is_mark(mark))
            before = wire->frames_end;
        if (event == WIRE_MARK) {
            *frames = wire->buffer + wire->begin;
            *frames_len = before - wire->begin;
            wire->begin = wire->frames_end;
            wire->process.group = 0;
        }
        if (event != WIRE_NONE)
            return event;
        if (!make_room(wire, fail))
            return WIRE_FAILED;
        ssize_t got = recv(wire->process.socket, wire->buffer + wire->end, wire->cap - wire->end,
                           MSG_DONTWAIT);
        if (got < 0 && (errno == EAGAIN || errno == EINTR))
            return WIRE_NONE;
        if (got <= 0)
            return WIRE_LOST;
        wire->end += (size_t)got;
    }
}

void wire_free(struct wire *wire)
{
    process_end(&wire->process);
    mem_free(wire->mem, wire->buffer, wire->cap);
    *wire = (struct wire){0};
}
