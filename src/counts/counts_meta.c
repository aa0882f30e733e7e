/* SPDX-License-Identifier: BSD-3-Clause */
/* A few short lines, looked through from their beginning each time. */
#include "counts/counts_meta.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What two files have between them is the sum of what each has. */
static const char *const sums[] = {"input-bytes", "input-files"};

/* One line, taken apart. */
struct line {
    const char *name, *value, *end; /* the newline */
    size_t name_len;
};

/* The line at *at, which moves behind it. False at the end, or where it is none. */
static bool next(const struct counts_meta *meta, size_t *at, struct line *line)
{
    const char *text = (const char *)meta->text.bytes;
    if (*at >= meta->text.len)
        return false;
    line->name = text + *at;
    line->end = memchr(line->name, '\n', meta->text.len - *at);
    const char *sign = line->end ? memchr(line->name, '=', (size_t)(line->end - line->name)) : NULL;
    if (!sign)
        return false;
    line->name_len = (size_t)(sign - line->name);
    line->value = sign + 1;
    *at = (size_t)(line->end + 1 - text);
    return true;
}

static int compare(const struct line *line, const char *name, size_t len)
{
    const int order = memcmp(line->name, name, line->name_len < len ? line->name_len : len);
    return order ? order : (line->name_len > len) - (line->name_len < len);
}

/* Where the line of a name is, or would be; *end is behind it. */
static size_t find(const struct counts_meta *meta, const char *name, size_t *end)
{
    size_t at = 0, behind = 0;
    struct line line;
    while (next(meta, &behind, &line)) {
        const int order = compare(&line, name, strlen(name));
        *end = order == 0 ? behind : at;
        if (order >= 0)
            return at;
        at = behind;
    }
    return *end = at;
}

/* Room for more bytes: many files may be open, each with a few. */
static bool reserve(struct counts_meta *meta, struct mem *mem, size_t more, struct fail *fail)
{
    struct buffer *text = &meta->text;
    uint8_t *bytes = mem_reserve(mem, text->bytes, &text->cap, text->len + more + 1, fail);
    text->bytes = bytes ? bytes : text->bytes;
    return bytes != NULL;
}

bool counts_meta_set(struct counts_meta *meta, struct mem *mem, const char *name, const char *value,
                     struct fail *fail)
{
    size_t end, len = strlen(name) + strlen(value) + 2;
    const size_t at = find(meta, name, &end), old = end - at, rest = meta->text.len - end;
    if (!reserve(meta, mem, len, fail))
        return false;
    uint8_t *line = meta->text.bytes + at;
    memmove(line + len, line + old, rest);
    meta->text.len = at + len + rest;
    memcpy(line, name, strlen(name));
    line[strlen(name)] = '=';
    memcpy(line + strlen(name) + 1, value, strlen(value));
    line[len - 1] = '\n';
    meta->lines += old == 0;
    return true;
}

/* Takes a line away, if there is one. */
static void drop(struct counts_meta *meta, const char *name)
{
    size_t end;
    const size_t at = find(meta, name, &end);
    if (at == end)
        return;
    memmove(meta->text.bytes + at, meta->text.bytes + end, meta->text.len - end);
    meta->text.len -= end - at;
    meta->lines--;
}

bool counts_meta_set_number(struct counts_meta *meta, struct mem *mem, const char *name,
                            uint64_t value, struct fail *fail)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRIu64, value);
    return counts_meta_set(meta, mem, name, text, fail);
}

bool counts_meta_read(struct counts_meta *meta, struct mem *mem, const uint8_t *text, size_t len,
                      uint32_t lines, const char *path, struct fail *fail)
{
    *meta = (struct counts_meta){.lines = lines};
    if (!reserve(meta, mem, len, fail))
        return false;
    if (len > 0)
        memcpy(meta->text.bytes, text, len);
    meta->text.len = len;
    struct line line, last = {.name = NULL};
    size_t at = 0;
    uint32_t found = 0;
    bool good = true; /* control bytes would reach a terminal */
    for (size_t i = 0; i < len; i++)
        good &= (text[i] >= 0x20 && text[i] != 0x7f) || text[i] == '\n';
    for (; good && next(meta, &at, &line); found++, last = line)
        good = line.name_len > 0 && (!last.name || compare(&line, last.name, last.name_len) > 0);
    return (good && at == len && found == lines)
        || fail_set(fail, FAIL_INPUT, "%s: the lines of its meta block are malformed", path);
}

const char *counts_meta_get(const struct counts_meta *meta, const char *name, size_t *len)
{
    size_t end, at = find(meta, name, &end);
    if (at == end)
        return NULL;
    const char *value = (const char *)meta->text.bytes + at + strlen(name) + 1;
    *len = end - at - strlen(name) - 2;
    return value;
}

static bool is_sum(const struct line *line)
{
    bool found = false;
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        found |= compare(line, sums[i], strlen(sums[i])) == 0;
    return found;
}

/* The next line that is no sum; false at the end. */
static bool next_rule(const struct counts_meta *meta, size_t *at, struct line *line)
{
    bool found;
    while ((found = next(meta, at, line)) && is_sum(line))
        ;
    return found;
}

/* A line as it is shown; where there is none, what is said of it. */
static void show(const struct line *line, const struct line *other, char text[80])
{
    if (line)
        snprintf(text, 80, "%.*s", (int)(line->end - line->name), line->name);
    else
        snprintf(text, 80, "no %.*s", (int)other->name_len, other->name);
}

static bool same_rules(const struct counts_meta *meta, const char *first,
                       const struct counts_meta *other, const char *path, struct fail *fail)
{
    size_t at = 0, other_at = 0;
    for (;;) {
        struct line a = {0}, b = {0};
        const bool has_a = next_rule(meta, &at, &a), has_b = next_rule(other, &other_at, &b);
        if (!has_a && !has_b)
            return true;
        const int order = !has_a ? 1 : !has_b ? -1 : compare(&a, b.name, b.name_len);
        const size_t len = has_a ? (size_t)(a.end - a.value) : 0;
        if (order == 0 && (size_t)(b.end - b.value) == len && memcmp(a.value, b.value, len) == 0)
            continue;
        char mine[80], its[80];
        show(order <= 0 ? &a : NULL, &b, mine);
        show(order >= 0 ? &b : NULL, &a, its);
        return fail_set(fail, FAIL_USAGE, "%s: was counted by other rules than %s: %s, and %s",
                        path, first, its, mine);
    }
}

static uint64_t number_of(const struct counts_meta *meta, const char *name, bool *known)
{
    size_t len;
    const char *value = counts_meta_get(meta, name, &len);
    *known = value != NULL && *known;
    return value ? strtoull(value, NULL, 10) : 0; /* a newline ends it */
}

bool counts_meta_add(struct counts_meta *meta, struct mem *mem, const char *first,
                     const struct counts_meta *other, const char *path, struct fail *fail)
{
    if (!same_rules(meta, first, other, path, fail))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < sizeof sums / sizeof *sums; i++) {
        bool known = true;
        const uint64_t sum = number_of(meta, sums[i], &known) + number_of(other, sums[i], &known);
        if (known)
            ok = counts_meta_set_number(meta, mem, sums[i], sum, fail);
        else
            drop(meta, sums[i]);
    }
    return ok;
}

void counts_meta_free(struct counts_meta *meta, struct mem *mem)
{
    buffer_free(&meta->text, mem);
    meta->lines = 0;
}
