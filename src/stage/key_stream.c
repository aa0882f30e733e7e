/* SPDX-License-Identifier: BSD-3-Clause */
/* The splitters of the sort part the keys of the files, too. */
#include "stage/key_stream.h"

#include "job.h"

/* The next key of the files in the stretch. False at its end, or with fail set. */
static inline bool next_added(struct key_stream *stream, struct record *record)
{
    struct counts_merge *merge = &stream->merge;
    if (!counts_merge_next(merge, NULL, stream->fail)
        || (stream->end && ranking_reaches(stream->end, ORDER_KEY, &merge->record)))
        return false;
    *record = merge->record;
    stream->rows += merge->files;
    stream->sum += record->count;
    return true;
}

/* Goes to the first key of the files that is not before the stretch. */
static bool seek(struct key_stream *stream, const struct sort *sort,
                 const struct count_files *files)
{
    const struct comm *comm = &stream->job->comm;
    struct fail *fail = stream->fail;
    const size_t bins = sort->bins.box.len, rank = (size_t)comm->rank;
    const struct ranking_mark *marks = sort->splitters.marks;
    struct record begin = {.len = 0};
    if (rank > 0)
        begin = ranking_mark_key(ORDER_KEY, &marks[rank * bins - 1]);
    stream->end = comm->rank + 1 < comm->size ? &marks[(rank + 1) * bins - 1] : NULL;
    bool ok = true;
    for (size_t i = 0; ok && i < files->len; i++)
        ok = counts_reader_seek(&files->readers[i], record_bytes(&begin), begin.len, fail);
    return ok
        && counts_merge_init(&stream->merge, &stream->job->env.mem, files->readers, files->len,
                             fail);
}

bool key_stream_open(struct key_stream *stream, struct job *job, struct sort *sort,
                     const struct count_files *files, bool keeps)
{
    key_stream_close(stream);
    *stream = (struct key_stream){.job = job,
                                  .fail = &job->env.fail,
                                  .seed = job->env.options.verify ? &job->env.seed : NULL,
                                  .bins = {.bins = &sort->bins, .keeps = keeps},
                                  .merges = files != NULL,
                                  .sorted = {.there = true, .taken = true},
                                  .added = {.there = true, .taken = true}};
    return !files || seek(stream, sort, files);
}

/* Negative, zero or positive, as in qsort. */
static inline int compare(const struct record *a, const struct record *b)
{
    uint64_t x[3], y[3];
    order_words(ORDER_KEY, a, x);
    order_words(ORDER_KEY, b, y);
    const int order = order_compare_words(x, y);
    return order || !a->bytes ? order : order_compare_bytes(a->bytes, a->len, b->bytes, b->len);
}

/* Both at hand, if there are, or with fail set. */
static bool advance(struct key_stream *stream)
{
    struct stream_head *sorted = &stream->sorted, *added = &stream->added;
    if (sorted->there && sorted->taken)
        sorted->there = key_stream_next_sorted(stream, &sorted->record);
    if (added->there && added->taken)
        added->there = next_added(stream, &added->record);
    sorted->taken = added->taken = false;
    return stream->fail->code == FAIL_NONE;
}

static bool add(struct key_stream *stream, struct record *record)
{
    return !__builtin_add_overflow(record->count, stream->added.record.count, &record->count)
        || fail_set(stream->fail, FAIL_MEMORY, "the same key occurs more than 2^64 times");
}

bool key_stream_next_merged(struct key_stream *stream, struct record *record)
{
    struct stream_head *sorted = &stream->sorted, *added = &stream->added;
    if (!advance(stream) || !(sorted->there || added->there))
        return false;
    const int order = !added->there  ? -1
                    : !sorted->there ? 1
                                     : compare(&sorted->record, &added->record);
    sorted->taken = order <= 0;
    added->taken = order >= 0;
    *record = sorted->taken ? sorted->record : added->record;
    return order != 0 || add(stream, record);
}

void key_stream_close(struct key_stream *stream)
{
    bins_close(&stream->bins);
    counts_merge_free(&stream->merge);
}
