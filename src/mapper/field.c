/* SPDX-License-Identifier: BSD-3-Clause */
/* Fields: the N-th of every line, between single separators or between runs of blanks. A line with
 * fewer has no record.
 *
 * A kernel finds newlines and separators, and a walk over them counts the fields of a line. Between
 * calls `within` holds how many are complete, plus one, so that only the field at hand must be in
 * the window: a line may have no end. A separator at the end of the block is seen again with what
 * follows: if the file ends there, an empty field does. */
#include "mapper/lines.h"

#include "text/escape.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Where the walk over the block is. */
struct walk {
    const struct mapper *mapper;
    const uint8_t *bytes;
    size_t line, start; /* where the line and its current field begin, as far as this call knows */
    uint64_t fields;    /* of the line that are complete */
    bool within;        /* the line began before this call */
    uint32_t *edges;
    size_t len;
    uint64_t record_bytes;
};

/* The current field ends at `end`. */
static void end_field(struct walk *walk, size_t end)
{
    if (walk->mapper->field.blanks && end == walk->start)
        return;
    if (++walk->fields != walk->mapper->field.number)
        return;
    walk->edges[walk->len++] = (uint32_t)walk->start;
    walk->edges[walk->len++] = (uint32_t)end;
    walk->record_bytes += end - walk->start;
}

/* Goes on over what was found; true when a line that begins at or after `own` is reached. */
static bool go_on(struct walk *walk, const uint32_t *at, size_t found, size_t own)
{
    for (size_t i = 0; i < found; i++) {
        end_field(walk, walk->bytes[at[i]] == walk->mapper->end
                            ? lines_end(walk->mapper, walk->bytes, walk->start, at[i])
                            : at[i]);
        if (walk->fields >= walk->mapper->field.number) /* the rest of the line does not matter */
            while (i + 1 < found && walk->bytes[at[i]] != walk->mapper->end)
                i++;
        walk->start = at[i] + 1;
        if (walk->bytes[at[i]] != walk->mapper->end)
            continue;
        walk->line = walk->start;
        walk->fields = 0;
        walk->within = false;
        if (walk->line >= own)
            return true;
    }
    return false;
}

/* Where the next call is to go on in a line that is not seen to its end, and what it must know. */
static void leave(struct walk *walk, size_t seen, struct cut *cut)
{
    cut->next = walk->start;
    if (walk->fields >= walk->mapper->field.number) {
        cut->next = seen;
    } else if (!walk->mapper->field.blanks && walk->fields > 0 && walk->start == seen) {
        cut->next--;
        walk->fields--;
    }
    cut->within = walk->within || cut->next > walk->line ? walk->fields + 1 : 0;
}

static void field_cut(const struct mapper *mapper, const struct block *block,
                      const struct scan *scan, uint32_t *edges, struct cut *cut)
{
    const uint8_t one = mapper->field.blanks ? ' ' : mapper->field.separator;
    const uint8_t other = mapper->field.blanks ? '\t' : one;
    uint32_t at[FIND_ROOM];
    *cut = (struct cut){.batch = {.base = block->bytes, .edges = edges}};
    const size_t first = lines_skip(mapper->end, block, cut), from = first + block->mark_bytes;
    struct walk walk = {.mapper = mapper, .bytes = block->bytes, .line = first, .start = from};
    walk.within = block->within != 0;
    walk.fields = walk.within ? block->within - 1 : 0;
    if (mapper->header
        && block->begins_file) /* as if it had been found, the rest of the line is passed */
        walk.fields = mapper->field.number;
    walk.edges = edges;
    size_t seen = from;
    bool done = first >= block->own && !walk.within;
    while (!done && seen < block->end && walk.len + 2 * FIND_MAX_BYTES + 2 <= SCAN_MAX_EDGES
           && (walk.start == from || seen - first < LINES_STRETCH_BYTES)) {
        size_t more = block->end - seen < FIND_MAX_BYTES ? block->end - seen : FIND_MAX_BYTES;
        size_t found =
            scan->find(block->bytes, seen, more, (struct find_set){{mapper->end, one, other}}, at);
        done = go_on(&walk, at, found, block->own);
        seen += more;
    }
    if (done || (!walk.within && walk.line == seen)) { /* between lines */
        cut->next = walk.line;
    } else if (block->ends_file && seen == block->end) { /* there is no newline */
        if (seen > from)                                 /* there is more than the mark */
            end_field(&walk, seen);
        cut->next = seen;
    } else {
        leave(&walk, seen, cut);
    }
    cut->batch.len = walk.len / 2;
    cut->record_bytes = walk.record_bytes;
    cut->gap_bytes = cut->next - first - walk.record_bytes;
}

static bool field_parse(struct mapper *mapper, const char *argument)
{
    char *end;
    errno = 0;
    mapper->field.number = strtoull(argument, &end, 10);
    mapper->field.blanks = *end == '\0';
    return *argument >= '0' && *argument <= '9' && errno == 0 && mapper->field.number > 0
        && (mapper->field.blanks
            || (*end == ':' && escape_parse(end + 1, &mapper->field.separator)));
}

const struct mapper field_mapper = {
    .behind_bytes = 1,
    .end = '\n',
    .parse = field_parse,
    .cut = field_cut,
    .part = lines_part,
};
