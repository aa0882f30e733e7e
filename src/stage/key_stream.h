/* SPDX-License-Identifier: BSD-3-Clause */
/* key_stream: the records of this rank in the order of their keys: those of a sort, and where count
 * files are added to it, what these have in its stretch of the keys. */
#ifndef KEY_STREAM_H
#define KEY_STREAM_H

#include "counts/counts_merge.h"
#include "data/tally.h"
#include "stage/count_files.h"
#include "stage/sort.h"

struct key_stream {
    struct tally seen;     /* of the records of the sort, so far */
    uint64_t rows;         /* of count files */
    unsigned __int128 sum; /* of their counts */

    /* Private. */
    struct job *job;
    struct fail *fail;            /* borrowed */
    const struct hash_seed *seed; /* borrowed; NULL: hashes are not looked at */
    struct bins_reader bins;
    struct counts_merge merge;
    const struct ranking_mark *end; /* of the stretch; NULL: there is none */
    bool merges;
    struct stream_head {
        struct record record;
        bool there; /* is at hand */
        bool taken; /* and was given out */
    } sorted, added;
};

/* Local. Begins with the first record of this rank; again and again, if `keeps` was given each time
 * but the last. `files` are added; NULL: none are. key_stream_close is due, also where it is false
 * with fail set. */
bool key_stream_open(struct key_stream *stream, struct job *job, struct sort *sort,
                     const struct count_files *files, bool keeps);

/* Local. The next record of the sort alone. False at the end, or with fail set. */
static inline bool key_stream_next_sorted(struct key_stream *stream, struct record *record)
{
    if (!bins_next(&stream->bins, record, stream->fail))
        return false;
    if (stream->seed)
        tally_add(&stream->seen, record->count, record_hash(stream->seed, record));
    else
        stream->seen.tokens += record->count;
    return true;
}

/* Local. The next record of both. False at the end, or with fail set. */
bool key_stream_next_merged(struct key_stream *stream, struct record *record);

/* Local. The next record, whose bytes are borrowed until the next one is asked for. False at the
 * end, or with fail set. */
static inline bool key_stream_next(struct key_stream *stream, struct record *record)
{
    return stream->merges ? key_stream_next_merged(stream, record)
                          : key_stream_next_sorted(stream, record);
}

/* Local. Idempotent; also of {0}. */
void key_stream_close(struct key_stream *stream);

#endif
