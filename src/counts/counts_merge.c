/* SPDX-License-Identifier: BSD-3-Clause */
/* A tree of losers (Knuth 5.4.1): a step plays one game on each level, whatever came before. */
#include "counts/counts_merge.h"

#include "data/order.h"

#include <string.h>

static const size_t nobody = SIZE_MAX;

/* Reads what a file has next. False with fail set. */
static bool read_head(struct counts_merge *merge, size_t i, struct fail *fail)
{
    struct counts_merge_head *head = &merge->heads[i];
    struct counts_reader *reader = &merge->readers[i];
    head->ended = !counts_reader_next(reader, fail);
    if (head->ended)
        return fail->code == FAIL_NONE;
    head->record = counts_reader_record(reader);
    order_words(ORDER_KEY, &head->record, head->word);
    return true;
}

/* Negative, zero or positive: the keys of two heads that have one. */
static int compare(const uint64_t a_word[3], const struct record *a, const uint64_t b_word[3],
                   const struct record *b)
{
    const int order = order_compare_words(a_word, b_word);
    return order || !a->bytes ? order : order_compare_bytes(a->bytes, a->len, b->bytes, b->len);
}

static bool is_before(const struct counts_merge *merge, size_t a, size_t b)
{
    const struct counts_merge_head *x = &merge->heads[a], *y = &merge->heads[b];
    return !x->ended && (y->ended || compare(x->word, &x->record, y->word, &y->record) < 0);
}

/* File `i` plays its way up, from the bottom, until nobody is there to play with. */
static void play(struct counts_merge *merge, size_t i)
{
    size_t winner = i;
    for (size_t node = (i + merge->len) / 2; node > 0; node /= 2) {
        const size_t other = merge->tree[node];
        if (other == nobody) {
            merge->tree[node] = winner;
            return;
        }
        if (is_before(merge, other, winner)) {
            merge->tree[node] = winner;
            winner = other;
        }
    }
    merge->tree[0] = winner;
}

bool counts_merge_init(struct counts_merge *merge, struct mem *mem, struct counts_reader *readers,
                       size_t len, struct fail *fail)
{
    *merge = (struct counts_merge){.mem = mem, .readers = readers, .len = len};
    merge->heads = mem_alloc(mem, len * sizeof *merge->heads, fail);
    merge->tree = mem_alloc(mem, len * sizeof *merge->tree, fail);
    bool ok = merge->heads && merge->tree;
    for (size_t i = 0; ok && i < len; i++) {
        merge->tree[i] = nobody;
        ok = read_head(merge, i, fail);
    }
    for (size_t i = 0; ok && i < len; i++)
        play(merge, i);
    return ok;
}

/* The key of a head becomes that of the record at hand. False with fail set. */
static bool take_key(struct counts_merge *merge, const struct counts_merge_head *head,
                     struct fail *fail)
{
    merge->record = head->record;
    merge->record.count = 0;
    memcpy(merge->word, head->word, sizeof merge->word);
    if (!head->record.bytes)
        return true;
    const size_t len = head->record.len;
    uint8_t *key =
        mem_reserve(merge->mem, merge->key, &merge->key_cap, len + KEY_SLACK_BYTES, fail);
    if (!key)
        return false;
    merge->record.bytes = merge->key = memcpy(key, head->record.bytes, len);
    return true;
}

/* Whether the least head has the key at hand. */
static bool has_key(const struct counts_merge *merge)
{
    const struct counts_merge_head *head = &merge->heads[merge->tree[0]];
    return !head->ended && compare(head->word, &head->record, merge->word, &merge->record) == 0;
}

bool counts_merge_next(struct counts_merge *merge, uint64_t *counts, struct fail *fail)
{
    const struct counts_merge_head *first = &merge->heads[merge->tree[0]];
    if (first->ended || !take_key(merge, first, fail))
        return false;
    if (counts)
        memset(counts, 0, merge->len * sizeof *counts);
    merge->files = 0;
    do {
        const size_t i = merge->tree[0];
        const uint64_t count = merge->heads[i].record.count;
        if (__builtin_add_overflow(merge->record.count, count, &merge->record.count))
            return fail_set(fail, FAIL_MEMORY,
                            "%s: a count goes beyond 64 bits with those of the "
                            "other files",
                            merge->readers[i].path.name);
        if (counts)
            counts[i] = count;
        merge->files++;
        if (!read_head(merge, i, fail))
            return false;
        play(merge, i);
    } while (has_key(merge));
    return true;
}

void counts_merge_free(struct counts_merge *merge)
{
    if (!merge->mem)
        return;
    mem_free(merge->mem, merge->heads, merge->len * sizeof *merge->heads);
    mem_free(merge->mem, merge->tree, merge->len * sizeof *merge->tree);
    mem_free(merge->mem, merge->key, merge->key_cap);
    *merge = (struct counts_merge){0};
}
