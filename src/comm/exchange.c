/* Bulk exchange. One round: pack up to pair_bytes for every other rank, Ialltoall of the sizes,
 * Ialltoallv of the blocks, unpack. A block is a header and segments; a segment is a chunk of one
 * bucket, or a fragment of a chunk that is larger than what is left of the block: the receiver puts
 * fragments together again, so a record of any length passes through rounds of any size.
 *
 * Every notice says whether its sender needs another round, and everybody gets one from everybody:
 * all know, without another collective, when it is over. A rank's own buckets change hands by
 * pointer.
 *
 * Collectives, in order: per round Ialltoall, Ialltoallv. exchange_scatter: Iallreduce, agree, then
 * Iscatterv per round. */
#include "job.h"

#include "agree.h"
#include "exchange.h"

#include <assert.h>
#include <stdlib.h>
#include <xxhash.h>

enum {
    MAGIC = 0x77634231, /* `wcB1` */
    PAIR_MIN_BYTES = 4 << 10,
    PAIR_MAX_BYTES = 1 << 19, /* packed and unpacked in cache */
};

struct header {
    uint32_t magic;
    uint32_t source, destination; /* ranks; the destination is the final one */
    uint32_t phase;
    uint64_t round;
    uint64_t bytes;    /* that follow */
    uint64_t checksum; /* XXH3 of them */
};

struct segment {
    uint64_t bucket; /* of the destination */
    uint64_t
        records; /* of the whole bucket, in the first segment of its first chunk; otherwise 0 */
    uint64_t chunk_bytes, offset,
        bytes; /* bytes [offset, offset + bytes) of a chunk of chunk_bytes */
};

struct exchange_cursor {
    size_t bucket;
    uint64_t records; /* of the bucket, not sent yet */
    size_t offset;    /* in its first chunk */
};

static size_t pair_bytes(const struct job *job, size_t round_bytes)
{
    size_t pair = round_bytes / (size_t)job->comm.size;
    pair = pair < PAIR_MIN_BYTES ? PAIR_MIN_BYTES : pair > PAIR_MAX_BYTES ? PAIR_MAX_BYTES : pair;
#ifdef FAULT_POINTS
    if (getenv("WC_ROUND_BYTES"))
        pair =
            sizeof(struct header) + sizeof(struct segment) + (size_t)atoi(getenv("WC_ROUND_BYTES"));
#endif
    return (pair + 7) & ~(size_t)7;
}

bool exchange_init(struct job *job, struct exchange *exchange, size_t round_bytes,
                   struct fail *fail)
{
    size_t size = (size_t)job->comm.size;
    *exchange = (struct exchange){.pair_bytes = pair_bytes(job, round_bytes)};
    if (size == 1)
        return true;
    assert(exchange->pair_bytes * size < INT32_MAX);
    exchange->bytes_out = mem_alloc(&job->mem, exchange->pair_bytes * size, fail);
    exchange->bytes_in = mem_alloc(&job->mem, exchange->pair_bytes * size, fail);
    exchange->notices_out = mem_alloc(&job->mem, size * 2 * sizeof *exchange->notices_out, fail);
    exchange->counts_out = mem_alloc(&job->mem, size * 4 * sizeof *exchange->counts_out, fail);
    exchange->cursors = mem_alloc(&job->mem, size * sizeof *exchange->cursors, fail);
    exchange->partial = mem_alloc(&job->mem, size * sizeof *exchange->partial, fail);
    if (!exchange->bytes_out || !exchange->bytes_in || !exchange->notices_out
        || !exchange->counts_out || !exchange->cursors || !exchange->partial)
        return false;
    exchange->notices_in = exchange->notices_out + size;
    exchange->counts_in = exchange->counts_out + size;
    exchange->offsets_out = exchange->counts_out + 2 * size;
    exchange->offsets_in = exchange->counts_out + 3 * size;
    return true;
}

/* The first bucket from the cursor on that has something to send; false when the flow is at its
 * end. */
static bool seek(struct exchange *exchange, int rank, struct exchange_cursor *cursor)
{
    size_t end = ((size_t)rank + 1) * exchange->share;
    while (cursor->bucket < end && !exchange->outbox->parcels[cursor->bucket].head)
        cursor->bucket++;
    return cursor->bucket < end;
}

/* Appends one segment to a block of which `at` to `end` is free; returns where the next one goes,
 * NULL when nothing more fits. */
static uint8_t *pack_segment(struct exchange *exchange, struct arena *arena,
                             struct exchange_cursor *cursor, uint8_t *at, const uint8_t *end)
{
    struct parcel *parcel = &exchange->outbox->parcels[cursor->bucket];
    struct segment segment = {.bucket = cursor->bucket % exchange->share};
    size_t room = (size_t)(end - at);
    if (room <= sizeof segment)
        return NULL;
    if (cursor->offset == 0) {
        parcel_settle(parcel);
        segment.records = parcel->records;
        exchange->records_out += parcel->records;
        parcel->records = 0;
    }
    struct chunk *chunk = parcel->head;
    size_t left = chunk->used_bytes - cursor->offset;
    segment.chunk_bytes = chunk->used_bytes;
    segment.offset = cursor->offset;
    segment.bytes = left < room - sizeof segment ? left : room - sizeof segment;
    memcpy(at, &segment, sizeof segment);
    memcpy(at + sizeof segment, chunk->bytes + segment.offset, segment.bytes);
    cursor->offset += segment.bytes;
    if (cursor->offset == chunk->used_bytes) {
        arena_give(arena, parcel_shift(parcel));
        cursor->offset = 0;
    }
    return at + sizeof segment + segment.bytes;
}

/* The next block to a rank; its length. A block without segments is sent too: that there is nothing
 * must be said, not guessed. */
static size_t pack(struct job *job, struct exchange *exchange, int rank, uint8_t *block)
{
    struct exchange_cursor *cursor = &exchange->cursors[rank];
    struct header header = {
        .magic = MAGIC,
        .source = (uint32_t)job->comm.rank,
        .destination = (uint32_t)rank,
        .phase = job->timing.phase,
        .round = exchange->round,
    };
    uint8_t *at = block + sizeof header;
    const uint8_t *end = block + exchange->pair_bytes;
    while (at && seek(exchange, rank, cursor)) {
        uint8_t *next = pack_segment(exchange, &job->arena, cursor, at, end);
        if (!next)
            break;
        at = next;
    }
    header.bytes = (size_t)(at - block) - sizeof header;
    if (job->options.verify)
        header.checksum = XXH3_64bits(block + sizeof header, header.bytes);
    memcpy(block, &header, sizeof header);
    return sizeof header + header.bytes;
}

static void begin_round(struct job *job, struct exchange *exchange)
{
    uint64_t more = 0;
    size_t filled = 0;
    for (int rank = 0; rank < job->comm.size; rank++) {
        size_t bytes = 0;
        if (rank != job->comm.rank) {
            bytes = pack(job, exchange, rank, exchange->bytes_out + filled);
            more |= seek(exchange, rank, &exchange->cursors[rank]);
        }
        exchange->counts_out[rank] = (int)bytes; /* below pair_bytes * size, which fits */
        exchange->offsets_out[rank] = (int)filled;
        filled += bytes;
    }
    for (int rank = 0; rank < job->comm.size; rank++)
        exchange->notices_out[rank] =
            (struct exchange_notice){.bytes = (uint64_t)exchange->counts_out[rank], .more = more};
    exchange->moved_bytes += filled;
    MPI_Ialltoall(exchange->notices_out, sizeof(struct exchange_notice), MPI_BYTE,
                  exchange->notices_in, sizeof(struct exchange_notice), MPI_BYTE, job->comm.world,
                  &exchange->request);
    exchange->state = EXCHANGE_SIZES;
}

static void begin_data(struct job *job, struct exchange *exchange)
{
    size_t filled = 0;
    for (int rank = 0; rank < job->comm.size; rank++) {
        exchange->counts_in[rank] = (int)exchange->notices_in[rank].bytes;
        exchange->offsets_in[rank] = (int)filled;
        filled += exchange->notices_in[rank].bytes;
    }
    assert(filled <= exchange->pair_bytes * (size_t)job->comm.size);
    MPI_Ialltoallv(exchange->bytes_out, exchange->counts_out, exchange->offsets_out, MPI_BYTE,
                   exchange->bytes_in, exchange->counts_in, exchange->offsets_in, MPI_BYTE,
                   job->comm.world, &exchange->request);
    exchange->state = EXCHANGE_DATA;
}

static bool check_header(struct job *job, const struct exchange *exchange, int rank,
                         const uint8_t *block, size_t bytes)
{
    struct header header = {0};
    if (bytes >= sizeof header)
        memcpy(&header, block, sizeof header);
    if (header.magic != MAGIC || header.source != (uint32_t)rank
        || header.destination != (uint32_t)job->comm.rank || header.phase != job->timing.phase
        || header.round != exchange->round || header.bytes != bytes - sizeof header)
        return fail_set(&job->fail, FAIL_VERIFY,
                        "verification failed: the block from rank %d in %s is not the one expected",
                        rank, timing_names[job->timing.phase]);
    if (job->options.verify && header.checksum != XXH3_64bits(block + sizeof header, header.bytes))
        return fail_set(&job->fail, FAIL_VERIFY,
                        "verification failed: the block from rank %d in %s has a wrong checksum",
                        rank, timing_names[job->timing.phase]);
    return true;
}

/* Puts one segment where it belongs. A chunk that arrives whole is appended to its bucket's last
 * chunk if it fits there. */
static bool unpack_segment(struct job *job, struct exchange *exchange, int rank,
                           const struct segment *segment, const uint8_t *bytes)
{
    struct parcel *parcel = &exchange->inbox->parcels[segment->bucket];
    struct chunk **partial = &exchange->partial[rank];
    exchange->records_in += segment->records;
    if (segment->bytes == segment->chunk_bytes) {
        uint8_t *at = parcel_room(&job->arena, parcel, segment->bytes, &job->fail);
        if (!at)
            return false;
        parcel->records += segment->records;
        memcpy(at, bytes, segment->bytes);
        return true;
    }
    if (segment->offset == 0)
        *partial = arena_take(&job->arena, segment->chunk_bytes, &job->fail);
    if (!*partial)
        return false;
    parcel->records += segment->records;
    memcpy((*partial)->bytes + segment->offset, bytes, segment->bytes);
    (*partial)->used_bytes += segment->bytes;
    if ((*partial)->used_bytes == segment->chunk_bytes) {
        parcel_join_chunk(&job->arena, parcel, *partial, 0);
        *partial = NULL;
    }
    return true;
}

static bool unpack(struct job *job, struct exchange *exchange, int rank, const uint8_t *block,
                   size_t bytes)
{
    if (!check_header(job, exchange, rank, block, bytes))
        return false;
    const uint8_t *at = block + sizeof(struct header), *end = block + bytes;
    while (at < end) {
        struct segment segment;
        memcpy(&segment, at, sizeof segment);
        at += sizeof segment;
        assert(segment.bytes <= (size_t)(end - at) && segment.bucket < exchange->share);
        if (!unpack_segment(job, exchange, rank, &segment, at))
            return false;
        at += segment.bytes;
    }
    return true;
}

/* All blocks of this round have arrived. Returns whether there is another round; a local failure
 * changes nothing about that. */
static bool end_round(struct job *job, struct exchange *exchange)
{
    uint64_t more = 0;
    for (int rank = 0; rank < job->comm.size; rank++) {
        more |= exchange->notices_in[rank].more;
        if (rank != job->comm.rank && job->fail.code == FAIL_NONE)
            unpack(job, exchange, rank, exchange->bytes_in + exchange->offsets_in[rank],
                   (size_t)exchange->counts_in[rank]);
    }
    exchange->round++;
    return more != 0;
}

void exchange_begin(struct job *job, struct exchange *exchange, struct box *outbox,
                    struct box *inbox)
{
    size_t mine = (size_t)job->comm.rank * inbox->len;
    exchange->outbox = outbox;
    exchange->inbox = inbox;
    exchange->share = inbox->len;
    exchange->round = 0;
    for (size_t i = 0; i < inbox->len; i++) {
        exchange->records_out += outbox->parcels[mine + i].records;
        exchange->records_in += outbox->parcels[mine + i].records;
        if (outbox->parcels[mine + i].head)
            parcel_join(&job->arena, &inbox->parcels[i], &outbox->parcels[mine + i]);
    }
    if (job->comm.size == 1)
        return;
    for (int rank = 0; rank < job->comm.size; rank++)
        exchange->cursors[rank] =
            (struct exchange_cursor){.bucket = (size_t)rank * exchange->share};
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
    size_t size = (size_t)job->comm.size;
    for (int rank = 0; exchange->partial && rank < job->comm.size; rank++)
        if (exchange->partial[rank])
            arena_give(&job->arena, exchange->partial[rank]);
    mem_free(&job->mem, exchange->bytes_out, exchange->pair_bytes * size);
    mem_free(&job->mem, exchange->bytes_in, exchange->pair_bytes * size);
    mem_free(&job->mem, exchange->notices_out, size * 2 * sizeof *exchange->notices_out);
    mem_free(&job->mem, exchange->counts_out, size * 4 * sizeof *exchange->counts_out);
    mem_free(&job->mem, exchange->cursors, size * sizeof *exchange->cursors);
    mem_free(&job->mem, exchange->partial, size * sizeof *exchange->partial);
    *exchange = (struct exchange){0};
}

bool exchange_scatter(struct job *job, const uint8_t *bytes, const uint64_t *sizes, uint8_t *mine,
                      uint64_t my_size, size_t rank_bytes)
{
    size_t size = (size_t)job->comm.size;
    bool root = comm_is_root(job);
    uint64_t largest = my_size;
    size_t bound = rank_bytes < INT32_MAX / size ? rank_bytes : INT32_MAX / size;
    comm_max(job, &largest, 1);
    bool pack = largest > bound; /* otherwise they lie beside each other as they are */
    size_t room = root ? (pack ? bound * size : 0) + 2 * size * sizeof(int) : 0;
    uint8_t *packed = root ? mem_alloc(&job->mem, room, &job->fail) : NULL;
    if (!agree(job, packed || !root))
        return false;
    int *counts = (int *)(void *)packed; /* the blocks follow counts and offsets */
    int *offsets = counts + size;
    uint8_t *blocks = (uint8_t *)(offsets + size);
    for (uint64_t done = 0; done < largest; done += bound) {
        const uint8_t *from = bytes;
        size_t filled = 0;
        for (size_t rank = 0; root && rank < size; rank++) {
            uint64_t left = sizes[rank] > done ? sizes[rank] - done : 0;
            size_t part = left < bound ? (size_t)left : bound;
            if (pack && part > 0)
                memcpy(blocks + filled, from + done, part);
            counts[rank] = (int)part;
            offsets[rank] = (int)filled;
            filled += part;
            from += sizes[rank];
        }
        uint64_t left = my_size > done ? my_size - done : 0;
        MPI_Request request;
        MPI_Iscatterv(pack ? blocks : bytes, counts, offsets, MPI_BYTE, mine + (left ? done : 0),
                      (int)(left < bound ? left : bound), MPI_BYTE, 0, job->comm.world, &request);
        comm_wait(job, &request);
    }
    mem_free(&job->mem, packed, room);
    return true;
}
