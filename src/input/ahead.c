/* SPDX-License-Identifier: BSD-3-Clause */
/* The thread fills pieces of text, in a ring, and waits when all are full; who reads waits when all
 * are empty. A piece ends where the reader stops: full, at a joint, at the end, or at a failure,
 * which is told when all text before it was handed out. */
#include "input/ahead.h"

#include "input/decoder.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

enum {
    PIECE_BYTES = 128 << 10,
    PIECES_MIN = 4, /* so many fit the second-level cache */
    PIECES_MAX = 64,
    MEMORY_SHARE = 16, /* of the memory there is, a thread may take one part in so many */
};

struct piece {
    size_t len;
    uint64_t member, stored;
    bool before_joint, ended, failed;
};

struct ahead_thread {
    pthread_t thread;
    pthread_mutex_t lock; /* of filled, taken and stop */
    pthread_cond_t changed;
    uint64_t filled, taken; /* pieces so far */
    bool stop;

    struct reader *reader;
    struct fail fail; /* of the piece that failed */
    size_t at;        /* in the piece that is handed out */
    size_t bytes;     /* of all this */
    size_t pieces_len;
    struct piece pieces[PIECES_MAX];
    uint8_t text[][PIECE_BYTES]; /* of each piece */
};

static bool wait_for_room(struct ahead_thread *thread)
{
    pthread_mutex_lock(&thread->lock);
    while (!thread->stop && thread->filled - thread->taken == thread->pieces_len)
        pthread_cond_wait(&thread->changed, &thread->lock);
    const bool stop = thread->stop;
    pthread_mutex_unlock(&thread->lock);
    return !stop;
}

/* Counts a piece, filled or taken. */
static void add_one(struct ahead_thread *thread, uint64_t *pieces)
{
    pthread_mutex_lock(&thread->lock);
    ++*pieces;
    pthread_cond_signal(&thread->changed);
    pthread_mutex_unlock(&thread->lock);
}

static void *decode(void *context)
{
    struct ahead_thread *thread = context;
    struct reader *reader = thread->reader;
    for (bool last = false; !last && wait_for_room(thread);) {
        const size_t i = thread->filled % thread->pieces_len;
        struct piece *piece = &thread->pieces[i];
        *piece = (struct piece){0};
        piece->failed = !reader_read(reader, thread->text[i], PIECE_BYTES, &piece->len,
                                     &piece->ended, &thread->fail);
        if (piece->failed)
            piece->len = 0;
        piece->before_joint = reader->before_joint;
        piece->member = reader->member;
        piece->stored = reader_stored(reader);
        last = piece->ended || piece->failed;
        add_one(thread, &thread->filled);
    }
    return NULL;
}

static bool start(struct ahead_thread *thread)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old); /* signals are for who reads */
    const bool ok = pthread_create(&thread->thread, NULL, decode, thread) == 0;
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return ok;
}

/* How many pieces a thread gets, 0 where even the least do not fit the memory for it. While one
 * block is handed out the next one is decoded. */
static size_t pieces_of(const struct decoder *decoder, size_t memory_bytes)
{
    const size_t wanted = 2 * decoder->block_bytes / PIECE_BYTES, most = memory_bytes / PIECE_BYTES;
    size_t pieces = wanted < PIECES_MIN ? PIECES_MIN : wanted < PIECES_MAX ? wanted : PIECES_MAX;
    pieces = pieces < most ? pieces : most;
    return pieces < PIECES_MIN ? 0 : pieces;
}

void ahead_start(struct ahead *ahead, uint64_t least_bytes)
{
    struct reader *reader = &ahead->reader;
    struct fail fail = {0};
    if (least_bytes == 0 || !reader->decoder || reader->stream
        || reader->pos + reader->left < least_bytes)
        return;
    const size_t pieces = pieces_of(reader->decoder, mem_room(reader->mem) / MEMORY_SHARE);
    if (pieces == 0)
        return;
    const size_t bytes = sizeof(struct ahead_thread) + pieces * PIECE_BYTES;
    struct ahead_thread *thread = mem_alloc(reader->mem, bytes, &fail);
    if (!thread)
        return;
    thread->reader = reader;
    thread->bytes = bytes;
    thread->pieces_len = pieces;
    pthread_mutex_init(&thread->lock, NULL);
    pthread_cond_init(&thread->changed, NULL);
    if (start(thread))
        ahead->thread = thread;
    else
        mem_free(reader->mem, thread, bytes);
}

/* The piece that is handed out next. */
static const struct piece *wait_for_piece(struct ahead_thread *thread)
{
    pthread_mutex_lock(&thread->lock);
    while (thread->filled == thread->taken)
        pthread_cond_wait(&thread->changed, &thread->lock);
    pthread_mutex_unlock(&thread->lock);
    return &thread->pieces[thread->taken % thread->pieces_len];
}

static bool read_pieces(struct ahead *ahead, uint8_t *into, size_t room, size_t *got, bool *ended,
                        struct fail *fail)
{
    struct ahead_thread *thread = ahead->thread;
    *got = 0;
    *ended = false;
    while (*got < room && !*ended && !ahead->before_joint) {
        const struct piece *piece = wait_for_piece(thread);
        if (piece->failed)
            return fail_set(fail, thread->fail.code, "%s", thread->fail.text);
        const size_t left = piece->len - thread->at, len = left < room - *got ? left : room - *got;
        memcpy(into + *got, thread->text[piece - thread->pieces] + thread->at, len);
        thread->at += len;
        *got += len;
        if (thread->at < piece->len)
            continue;
        ahead->member = piece->member;
        ahead->stored = piece->stored;
        ahead->before_joint = piece->before_joint;
        *ended = piece->ended;
        if (*ended)
            break; /* the last piece stays: who asks again is told the same */
        thread->at = 0;
        add_one(thread, &thread->taken);
    }
    return true;
}

bool ahead_read(struct ahead *ahead, uint8_t *into, size_t room, size_t *got, bool *ended,
                struct fail *fail)
{
    ahead->before_joint = false;
    if (ahead->thread)
        return read_pieces(ahead, into, room, got, ended, fail);
    const bool ok = reader_read(&ahead->reader, into, room, got, ended, fail);
    ahead->before_joint = ahead->reader.before_joint;
    ahead->member = ahead->reader.member;
    ahead->stored = reader_stored(&ahead->reader);
    return ok;
}

void ahead_close(struct ahead *ahead)
{
    struct ahead_thread *thread = ahead->thread;
    if (thread) {
        pthread_mutex_lock(&thread->lock);
        thread->stop = true;
        pthread_cond_signal(&thread->changed);
        pthread_mutex_unlock(&thread->lock);
        pthread_join(thread->thread, NULL);
        pthread_cond_destroy(&thread->changed);
        pthread_mutex_destroy(&thread->lock);
        mem_free(ahead->reader.mem, thread, thread->bytes);
    }
    reader_close(&ahead->reader);
    *ahead = (struct ahead){.reader.fd = -1};
}
