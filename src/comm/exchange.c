/* SPDX-License-Identifier: BSD-3-Clause */
/* Bulk exchange. One round: pack up to pair_bytes for every other rank, Ialltoall of the sizes,
 * Ialltoallv of the blocks, unpack. A block is a seal and segments; a segment is a chunk of one
 * bucket, or a fragment of a chunk that is larger than what is left of the block: the receiver puts
 * fragments together again, so a record of any length passes through rounds of any size.
 *
 * Every notice says whether its sender needs another round, and everybody gets one from everybody:
 * all know, without another collective, when it is over. Buckets that stay on this rank change
 * hands by pointer.
 *
 * Collectives, in order, on the route: per round Ialltoall, Ialltoallv. */
#include "comm/exchange.h"

#include "comm/seal.h"
#include "job.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

enum {
    PAIR_MIN_BYTES = 4 << 10,
    PAIR_MAX_BYTES = 1 << 19, /* packed and unpacked in cache */
};

enum { SEAL_BYTES = sizeof(uint64_t) }; /* at the beginning of a block */

/* Small, because a bucket may have but a few records. */
struct segment {
    uint32_t bucket;  /* of the destination's inbox */
    uint32_t records; /* that the bucket gets */
    uint32_t bytes : 30, part : 2;
};

/* A segment is a chunk, or what fits of one: the first part is preceded by the size of the chunk,
 * and the others follow in this order. */
enum { WHOLE, FIRST, LATER };

enum { SEGMENT_MAX_HEAD_BYTES = sizeof(struct segment) + sizeof(uint64_t) };

struct exchange_cursor {
    size_t bucket; /* of the destination's inbox */
    size_t offset; /* in its first chunk here */
};

static size_t pair_bytes(const struct route *route, size_t round_bytes)
{
    size_t pair = round_bytes / (size_t)route->size;
    pair = pair < PAIR_MIN_BYTES ? PAIR_MIN_BYTES : pair > PAIR_MAX_BYTES ? PAIR_MAX_BYTES : pair;
#ifdef FAULT_POINTS
    if (getenv("WC_ROUND_BYTES"))
        pair = SEAL_BYTES + SEGMENT_MAX_HEAD_BYTES + (size_t)atoi(getenv("WC_ROUND_BYTES"));
#endif
    return mem_padded(pair);
}

bool exchange_init(struct job *job, struct exchange *exchange, const struct route *route,
                   size_t round_bytes, struct fail *fail)
{
    size_t size = (size_t)route->size;
    *exchange = (struct exchange){.route = route,
                                  .pair_bytes = pair_bytes(route, round_bytes),
                                  .number = ++job->comm.exchanges << 32};
    if (size == 1)
        return true;
    assert(exchange->pair_bytes * size < INT32_MAX);
    exchange->bytes_out = mem_alloc(&job->env.mem, exchange->pair_bytes * size, fail);
    exchange->bytes_in = mem_alloc(&job->env.mem, exchange->pair_bytes * size, fail);
    exchange->notices_out =
        mem_alloc(&job->env.mem, size * 2 * sizeof *exchange->notices_out, fail);
    exchange->counts_out = mem_alloc(&job->env.mem, size * 4 * sizeof *exchange->counts_out, fail);
    exchange->cursors = mem_alloc(&job->env.mem, size * sizeof *exchange->cursors, fail);
    exchange->partial = mem_alloc(&job->env.mem, size * 2 * sizeof *exchange->partial, fail);
    if (!exchange->bytes_out || !exchange->bytes_in || !exchange->notices_out
        || !exchange->counts_out || !exchange->cursors || !exchange->partial)
        return false;
    exchange->missing_bytes = (uint64_t *)(void *)(exchange->partial + size);
    exchange->notices_in = exchange->notices_out + size;
    exchange->counts_in = exchange->counts_out + size;
    exchange->offsets_out = exchange->counts_out + 2 * size;
    exchange->offsets_in = exchange->counts_out + 3 * size;
    return true;
}

/* Where the outbox has what is for a bucket of the inbox of `rank`. */
static struct parcel *task_reader_of(const struct exchange *exchange, int rank, size_t bucket)
{
    size_t owner = exchange->route->owners[exchange->route->first[rank] + bucket / exchange->share];
    return &exchange->outbox->parcels[owner * exchange->share + bucket % exchange->share];
}

/* The first bucket from the cursor on that has something to send, NULL when the flow is at its end.
 */
static struct parcel *seek(const struct exchange *exchange, int rank,
                           struct exchange_cursor *cursor)
{
    const size_t *first = exchange->route->first;
    size_t end = (first[rank + 1] - first[rank]) * exchange->share;
    for (; cursor->bucket < end; cursor->bucket++) {
        struct parcel *parcel = task_reader_of(exchange, rank, cursor->bucket);
        if (parcel->head)
            return parcel;
    }
    return NULL;
}

/* Appends one segment to a block of which `at` to `end` is free; returns where the next one goes,
 * NULL when nothing more fits. */
static uint8_t *pack_segment(struct exchange *exchange, struct arena *arena, struct parcel *parcel,
                             struct exchange_cursor *cursor, uint8_t *at, const uint8_t *end)
{
    struct chunk *chunk = parcel->head;
    size_t room = (size_t)(end - at);
    if (room <= SEGMENT_MAX_HEAD_BYTES)
        return NULL;
    struct segment segment = {.bucket = (uint32_t)cursor->bucket, .part = LATER};
    if (cursor->offset == 0) {
        parcel_settle(parcel);
        segment.records = parcel->records < UINT32_MAX ? (uint32_t)parcel->records : UINT32_MAX;
        segment.part = chunk->used_bytes <= room - sizeof segment ? WHOLE : FIRST;
        exchange->records_out += segment.records;
        parcel->records -= segment.records;
    }
    room -= segment.part == FIRST ? SEGMENT_MAX_HEAD_BYTES : sizeof segment;
    size_t left = chunk->used_bytes - cursor->offset;
    segment.bytes = (uint32_t)(left < room ? left : room) & (UINT32_MAX >> 2);
    memcpy(at, &segment, sizeof segment);
    at += sizeof segment;
    if (segment.part == FIRST) {
        uint64_t chunk_bytes = chunk->used_bytes;
        memcpy(at, &chunk_bytes, sizeof chunk_bytes);
        at += sizeof chunk_bytes;
    }
    memcpy(at, chunk->bytes + cursor->offset, segment.bytes);
    cursor->offset += segment.bytes;
    if (cursor->offset == chunk->used_bytes) {
        arena_give(arena, parcel_shift(parcel));
        cursor->offset = 0;
    }
    return at + segment.bytes;
}

static struct seal_label label(const struct exchange *exchange, enum seal_kind kind, int from,
                               int to)
{
    return (struct seal_label){.kind = kind,
                               .number = exchange->number,
                               .from = exchange->route->ranks[from],
                               .to = exchange->route->ranks[to]};
}

/* Without verification it is only known which block it is. */
static uint64_t seal_block(const struct job *job, const struct seal_label *label,
                           const uint8_t *block, size_t bytes)
{
    return seal_of(label, block + SEAL_BYTES, job->env.options.verify ? bytes - SEAL_BYTES : 0);
}

/* The next block to a rank; its length. A block without segments is sent too: that there is nothing
 * must be said, not guessed. */
static size_t pack(struct job *job, struct exchange *exchange, int rank, uint8_t *block)
{
    struct exchange_cursor *cursor = &exchange->cursors[rank];
    const struct seal_label sent = label(exchange, SEAL_BLOCK, exchange->route->rank, rank);
    uint8_t *at = block + SEAL_BYTES;
    const uint8_t *end = block + exchange->pair_bytes;
    for (struct parcel *parcel; (parcel = seek(exchange, rank, cursor));) {
        uint8_t *next = pack_segment(exchange, &job->env.arena, parcel, cursor, at, end);
        if (!next)
            break;
        at = next;
    }
    const size_t bytes = (size_t)(at - block);
    const uint64_t seal = seal_block(job, &sent, block, bytes);
    memcpy(block, &seal, sizeof seal);
    return bytes;
}

static uint64_t seal_notice(const struct exchange *exchange, const struct exchange_notice *notice,
                            int from, int to)
{
    const struct seal_label sent = label(exchange, SEAL_NOTICE, from, to);
    return seal_of(&sent, notice, offsetof(struct exchange_notice, seal));
}

static void begin_round(struct job *job, struct exchange *exchange)
{
    const struct route *route = exchange->route;
    uint64_t more = 0;
    size_t filled = 0;
    for (int rank = 0; rank < route->size; rank++) {
        size_t bytes = 0;
        if (rank != route->rank) {
            bytes = pack(job, exchange, rank, exchange->bytes_out + filled);
            more |= seek(exchange, rank, &exchange->cursors[rank]) != NULL;
            exchange->network_bytes += comm_is_far(job, route->ranks[rank]) ? bytes : 0;
        }
        exchange->counts_out[rank] = (int)bytes; /* below pair_bytes * size, which fits */
        exchange->offsets_out[rank] = (int)filled;
        filled += bytes;
    }
    for (int rank = 0; rank < route->size; rank++) {
        struct exchange_notice *notice = &exchange->notices_out[rank];
        *notice =
            (struct exchange_notice){.bytes = (uint64_t)exchange->counts_out[rank], .more = more};
        notice->seal = seal_notice(exchange, notice, route->rank, rank);
    }
    exchange->moved_bytes += filled;
    MPI_Ialltoall(exchange->notices_out, sizeof(struct exchange_notice), MPI_BYTE,
                  exchange->notices_in, sizeof(struct exchange_notice), MPI_BYTE, route->comm,
                  &exchange->request);
    exchange->state = EXCHANGE_SIZES;
}

/* Nobody can receive what a damaged notice announces. */
static void check_notices(struct job *job, const struct exchange *exchange)
{
    const struct route *route = exchange->route;
    for (int rank = 0; rank < route->size; rank++) {
        const struct exchange_notice *notice = &exchange->notices_in[rank];
        if (notice->seal != seal_notice(exchange, notice, rank, route->rank)
            || notice->bytes > exchange->pair_bytes)
            seal_end(job, "the size of a block", route->ranks[rank]);
    }
}

static void begin_data(struct job *job, struct exchange *exchange)
{
    size_t filled = 0;
    check_notices(job, exchange);
    for (int rank = 0; rank < exchange->route->size; rank++) {
        exchange->counts_in[rank] = (int)exchange->notices_in[rank].bytes;
        exchange->offsets_in[rank] = (int)filled;
        filled += exchange->notices_in[rank].bytes;
    }
    MPI_Ialltoallv(exchange->bytes_out, exchange->counts_out, exchange->offsets_out, MPI_BYTE,
                   exchange->bytes_in, exchange->counts_in, exchange->offsets_in, MPI_BYTE,
                   exchange->route->comm, &exchange->request);
    exchange->state = EXCHANGE_DATA;
}

static bool check_block(struct job *job, const struct exchange *exchange, int from,
                        const uint8_t *block, size_t bytes)
{
    const struct seal_label due = label(exchange, SEAL_BLOCK, from, exchange->route->rank);
    uint64_t seal = 0;
    if (bytes >= sizeof seal)
        memcpy(&seal, block, sizeof seal);
    if (bytes < sizeof seal || seal != seal_block(job, &due, block, bytes))
        return seal_broken(job, "a block", due.from);
    return true;
}

/* Puts one segment where it belongs, and returns where the next one begins, NULL without memory. A
 * chunk that arrives whole is appended to its bucket's last chunk if it fits there. */
static const uint8_t *unpack_segment(struct job *job, struct exchange *exchange, int rank,
                                     const uint8_t *at)
{
    struct segment segment;
    memcpy(&segment, at, sizeof segment);
    at += sizeof segment;
    struct parcel *parcel = &exchange->inbox->parcels[segment.bucket];
    struct chunk **partial = &exchange->partial[rank];
    exchange->records_in += segment.records;
    parcel->records += segment.records;
    if (segment.part == WHOLE) {
        uint8_t *to = parcel_room(&job->env.arena, parcel, segment.bytes, &job->env.fail);
        if (to)
            memcpy(to, at, segment.bytes);
        return to ? at + segment.bytes : NULL;
    }
    uint64_t chunk_bytes = 0;
    if (segment.part == FIRST) {
        memcpy(&chunk_bytes, at, sizeof chunk_bytes);
        at += sizeof chunk_bytes;
        *partial = arena_take(&job->env.arena, chunk_bytes, &job->env.fail);
        exchange->missing_bytes[rank] = chunk_bytes;
    }
    if (!*partial)
        return NULL;
    memcpy((*partial)->bytes + (*partial)->used_bytes, at, segment.bytes);
    (*partial)->used_bytes += segment.bytes;
    exchange->missing_bytes[rank] -= segment.bytes;
    if (exchange->missing_bytes[rank] == 0) {
        parcel_join_chunk(&job->env.arena, parcel, *partial, 0);
        *partial = NULL;
    }
    return at + segment.bytes;
}

static bool unpack(struct job *job, struct exchange *exchange, int rank, const uint8_t *block,
                   size_t bytes)
{
    if (!check_block(job, exchange, rank, block, bytes))
        return false;
    const uint8_t *at = block + SEAL_BYTES, *end = block + bytes;
    while (at && at < end)
        at = unpack_segment(job, exchange, rank, at);
    assert(!at || at == end);
    return at != NULL;
}

/* How far the shuffle is that is a step of the run. */
static void note_step(struct job *job, const struct exchange *exchange)
{
    struct snapshot_step *step = &job->work.step;
    if (step->phase != TIMING_SHUFFLE)
        return;
    step->done = exchange->records_out - exchange->begun_records;
    step->all = exchange->all_records;
}

/* All blocks of this round have arrived. Returns whether there is another round; a local failure
 * changes nothing about that. */
static bool end_round(struct job *job, struct exchange *exchange)
{
    uint64_t more = 0;
    for (int rank = 0; rank < exchange->route->size; rank++) {
        more |= exchange->notices_in[rank].more;
        if (rank != exchange->route->rank && job->env.fail.code == FAIL_NONE)
            unpack(job, exchange, rank, exchange->bytes_in + exchange->offsets_in[rank],
                   (size_t)exchange->counts_in[rank]);
    }
    exchange->number++;
    note_step(job, exchange);
    return more != 0;
}

void exchange_begin(struct job *job, struct exchange *exchange, struct box *outbox,
                    struct box *inbox)
{
    const struct route *route = exchange->route;
    exchange->outbox = outbox;
    exchange->inbox = inbox;
    exchange->share = inbox->len / route_owners_in(route);
    exchange->begun_records = exchange->records_out;
    exchange->all_records = box_records(outbox);
    for (size_t i = 0; i < inbox->len; i++) {
        struct parcel *parcel = task_reader_of(exchange, route->rank, i);
        exchange->records_out += parcel->records;
        exchange->records_in += parcel->records;
        if (parcel->head)
            parcel_join(&job->env.arena, &inbox->parcels[i], parcel);
    }
    if (route->size == 1)
        return;
    memset(exchange->cursors, 0, (size_t)route->size * sizeof *exchange->cursors);
    begin_round(job, exchange);
}

/* The collective under way is done: what follows it. */
static void advance(struct job *job, struct exchange *exchange)
{
    if (exchange->state == EXCHANGE_SIZES)
        begin_data(job, exchange);
    else if (end_round(job, exchange))
        begin_round(job, exchange);
    else
        exchange->state = EXCHANGE_IDLE;
}

bool exchange_poll(struct job *job, struct exchange *exchange)
{
    if (exchange->state != EXCHANGE_IDLE && comm_poll(job, &exchange->request))
        advance(job, exchange);
    return exchange->state == EXCHANGE_IDLE;
}

void exchange_finish(struct job *job, struct exchange *exchange)
{
    while (exchange->state != EXCHANGE_IDLE) {
        comm_wait(job, &exchange->request);
        advance(job, exchange);
    }
}

void exchange_free(struct job *job, struct exchange *exchange)
{
    size_t size = exchange->route ? (size_t)exchange->route->size : 0;
    for (size_t rank = 0; exchange->partial && rank < size; rank++)
        if (exchange->partial[rank])
            arena_give(&job->env.arena, exchange->partial[rank]);
    mem_free(&job->env.mem, exchange->bytes_out, exchange->pair_bytes * size);
    mem_free(&job->env.mem, exchange->bytes_in, exchange->pair_bytes * size);
    mem_free(&job->env.mem, exchange->notices_out, size * 2 * sizeof *exchange->notices_out);
    mem_free(&job->env.mem, exchange->counts_out, size * 4 * sizeof *exchange->counts_out);
    mem_free(&job->env.mem, exchange->cursors, size * sizeof *exchange->cursors);
    mem_free(&job->env.mem, exchange->partial, size * 2 * sizeof *exchange->partial);
    *exchange = (struct exchange){0};
}
