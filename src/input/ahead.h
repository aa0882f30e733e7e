/* SPDX-License-Identifier: BSD-3-Clause */
/* ahead: a reader whose text is decoded by a thread of its own while the text before it is counted,
 * where there is a processor for it. Who reads cannot tell, but by the time.
 *
 * The sequence: reader_open, for a part reader_part; ahead_start, if it is wanted; ahead_read until
 * *ended; ahead_close. */
#ifndef AHEAD_H
#define AHEAD_H

#include "input/reader.h"

struct ahead_thread;

struct ahead {
    struct reader reader; /* the thread's, once it was started */

    /* As in the reader, where the text ends that was handed out. */
    uint64_t member;
    uint64_t stored; /* see reader_stored; with a thread, a little behind */
    bool before_joint;

    struct ahead_thread *thread; /* private; NULL: none */
};

/* Local. Starts the thread if the reader is one of an encoded file of at least `least_bytes`, no
 * stream, and there is much memory; with 0 never. */
void ahead_start(struct ahead *ahead, uint64_t least_bytes);

/* Local. As reader_read. */
bool ahead_read(struct ahead *ahead, uint8_t *into, size_t room, size_t *got, bool *ended,
                struct fail *fail);

/* Local. Ends the thread and closes the reader; idempotent. */
void ahead_close(struct ahead *ahead);

#endif
