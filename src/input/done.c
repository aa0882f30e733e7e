/* SPDX-License-Identifier: BSD-3-Clause */
/* Done. A rank has few ranges, as what it goes through is in one piece: they are looked at in
 * order, and there is no index. */
#include "input/done.h"

#include <stdlib.h>

/* Whether what is behind `range` is where `next` begins. */
static bool meets(const struct done_range *range, const struct done_range *next)
{
    return range->file == next->file && range->text == 0 && next->text == 0
        && next->begin <= range->end;
}

static void join(struct done_range *range, const struct done_range *next)
{
    range->end = next->end > range->end ? next->end : range->end;
    range->head = range->head ? range->head : next->head;
    range->jointed |= next->jointed;
}

bool done_add(struct done *done, const struct done_range *range, struct fail *fail)
{
    struct done_range *last = done->len > 0 ? &done->ranges[done->len - 1] : NULL;
    if (last && meets(last, range) && range->begin >= last->begin) {
        join(last, range);
        return true;
    }
    struct done_range *ranges =
        mem_reserve(done->mem, done->ranges, &done->bytes, (done->len + 1) * sizeof *ranges, fail);
    if (!ranges)
        return false;
    done->ranges = ranges;
    done->ranges[done->len++] = *range;
    return true;
}

bool done_add_whole(struct done *done, const struct window_range *given, struct fail *fail)
{
    const struct done_range range = {.file = given->file,
                                     .begin = given->begin,
                                     .end = given->end,
                                     .head = given->head,
                                     .jointed = given->unit > 0};
    return done_add(done, &range, fail);
}

/* Decoding goes on from the last joint that is far enough back: of a part the first bytes belong to
 * the one before it (encoded_own). */
static bool add_decoded(struct done *done, const struct window *window, struct done_range range,
                        uint64_t *passed, struct fail *fail)
{
    const struct encoded *encoded = &window->encoded;
    const uint64_t place = window_offset(window, window->block.begin);
    struct encoded_joint from = {0, range.begin};
    for (size_t i = 0; i < encoded->joints_len; i++)
        if (encoded->joints[i].text + window->behind_bytes <= place
            && encoded->joints[i].stored > range.begin)
            from = encoded->joints[i];
    *passed = from.text;
    range.end = from.stored;
    if (range.end > range.begin && !done_add(done, &range, fail))
        return false;
    range.begin = from.stored;
    range.text = place - from.text;
    return range.text == 0 || done_add(done, &range, fail);
}

bool done_add_begun(struct done *done, const struct window *window, uint64_t head, uint64_t *passed,
                    struct fail *fail)
{
    *passed = 0;
    const struct window_range *given = &window->given;
    const struct block *block = &window->block;
    if (!window->open)
        return true;
    if (window_ended(window))
        return done_add_whole(done, given, fail);
    struct done_range range = {.file = given->file,
                               .begin = given->begin,
                               .end = window_offset(window, block->begin),
                               .head = head,
                               .jointed = given->unit > 0};
    if (given->encoded)
        return add_decoded(done, window, range, passed, fail);
    return range.end <= range.begin || done_add(done, &range, fail);
}

/* By place; what is whole comes before what begins there and is not. */
static int by_place(const void *a, const void *b)
{
    const struct done_range *left = a, *right = b;
    if (left->file != right->file)
        return left->file < right->file ? -1 : 1;
    if (left->begin != right->begin)
        return left->begin < right->begin ? -1 : 1;
    return (left->text > 0) - (right->text > 0);
}

/* Text that is done of a stretch which was done to its end since then says nothing any more. */
static bool is_covered(const struct done_range *range, const struct done_range *next)
{
    if (range->file != next->file || next->text == 0)
        return false;
    return range->text > 0 ? range->begin == next->begin : next->begin < range->end;
}

void done_merge(struct done *done)
{
    size_t len = 0;
    if (done->len > 0)
        qsort(done->ranges, done->len, sizeof *done->ranges, by_place);
    for (size_t i = 0; i < done->len; i++) {
        const struct done_range range = done->ranges[i];
        struct done_range *last = len > 0 ? &done->ranges[len - 1] : NULL;
        if (last && meets(last, &range))
            join(last, &range);
        else if (last && is_covered(last, &range))
            last->text = last->text > 0 && range.text > last->text ? range.text : last->text;
        else
            done->ranges[len++] = range;
    }
    done->len = len;
}

/* The catalog that is being made. */
struct rest {
    const struct catalog *whole;
    struct catalog_file *files;
    struct catalog_part *parts;
    size_t len;
};

/* Of the joints of the file those that lie in the entry. */
static void keep_joints(const struct catalog *whole, const struct catalog_file *file,
                        uint64_t begin, struct catalog_file *entry)
{
    const uint64_t *joints = whole->joints + file->joints;
    size_t first = 0, len = 0;
    while (first < file->joints_len && joints[first] <= begin)
        first++;
    while (first + len < file->joints_len && joints[first + len] < begin + entry->bytes)
        len++;
    entry->joints = file->joints + first;
    entry->joints_len = len;
}

static void add_entry(struct rest *rest, size_t number, const struct done_range *known,
                      uint64_t begin, uint64_t end, uint64_t text)
{
    const struct catalog_file *file = &rest->whole->files[number];
    struct catalog_file *entry = &rest->files[rest->len];
    if (begin >= end)
        return;
    *entry = *file;
    entry->bytes = end - begin;
    entry->head = known && known->head ? known->head : file->head;
    rest->parts[rest->len++] = (struct catalog_part){
        .file = number,
        .between_joints = file->encoded && (known ? known->jointed != 0 : file->joints_len > 0),
        .begin = begin,
        .file_bytes = file->bytes,
        .text_from = text,
    };
    entry->joints_len = 0;
    if (!file->encoded || rest->parts[rest->len - 1].between_joints)
        keep_joints(rest->whole, file, begin, entry);
}

/* What is between the `len` ranges of a file. */
static void add_gaps(struct rest *rest, size_t number, const struct done_range *ranges, size_t len)
{
    struct done_range known = len > 0 ? ranges[0] : (struct done_range){0};
    uint64_t begin = 0, text = 0;
    for (size_t i = 1; i < len; i++)
        join(&known, &ranges[i]);
    for (size_t i = 0; i < len; i++) {
        add_entry(rest, number, &known, begin, ranges[i].begin, text);
        begin = ranges[i].text > 0 ? ranges[i].begin : ranges[i].end;
        text = ranges[i].text;
    }
    add_entry(rest, number, len > 0 ? &known : NULL, begin, rest->whole->files[number].bytes, text);
}

bool done_rest(const struct done *done, struct catalog *catalog, struct fail *fail)
{
    const size_t room = catalog->len + done->len + 1;
    struct rest rest = {.whole = catalog};
    const struct done_range *range = done->ranges, *end = range + done->len;
    rest.files = mem_alloc(catalog->mem, room * sizeof *rest.files, fail);
    rest.parts = mem_alloc(catalog->mem, room * sizeof *rest.parts, fail);
    if (!rest.files || !rest.parts) {
        mem_free(catalog->mem, rest.files, room * sizeof *rest.files);
        mem_free(catalog->mem, rest.parts, room * sizeof *rest.parts);
        return false;
    }
    for (size_t file = 0; file < catalog->len; file++) {
        const struct done_range *first = range;
        while (range < end && range->file == file)
            range++;
        add_gaps(&rest, file, first, (size_t)(range - first));
    }
    mem_free(catalog->mem, catalog->files, catalog->files_bytes);
    catalog->files = rest.files;
    catalog->files_bytes = room * sizeof *rest.files;
    catalog->parts = rest.parts;
    catalog->parts_bytes = room * sizeof *rest.parts;
    catalog->len = rest.len;
    return true;
}

void done_free(struct done *done)
{
    if (done->mem)
        mem_free(done->mem, done->ranges, done->bytes);
    *done = (struct done){0};
}
