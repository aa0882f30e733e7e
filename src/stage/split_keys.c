/* SPDX-License-Identifier: BSD-3-Clause */
/* A sample is a key of an index and how many bytes of its file lie between it and the sample
 * before: in the order of the keys of all files, their sums are places in all files together. */
#include "stage/split_keys.h"

#include "data/order.h"

#include <stdlib.h>
#include <string.h>

/* Of each file: so many, and so many for each part, and no more. */
enum { SAMPLES = 64, SAMPLES_PART = 4, SAMPLES_MAX = 1 << 16 };

struct sample {
    struct split_key key;
    uint64_t bytes;
};

struct sampling {
    struct mem *mem;
    struct buffer samples;
    uint64_t step, since; /* bytes between two samples, and since the last one */
};

static bool take(void *context, const struct counts_entry *entry, struct fail *fail)
{
    struct sampling *sampling = context;
    bool ok = true;
    if (sampling->since >= sampling->step) {
        struct sample sample = {.bytes = sampling->since};
        sample.key.len = entry->key_len < SPLIT_KEYS_BYTES ? entry->key_len : SPLIT_KEYS_BYTES;
        memcpy(sample.key.bytes, entry->key, sample.key.len);
        ok = buffer_append(&sampling->samples, sampling->mem, &sample, sizeof sample, fail);
        sampling->since = 0;
    }
    sampling->since += entry->bytes;
    return ok;
}

static int compare(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;
    return order_compare_bytes(x->key.bytes, (size_t)x->key.len, y->key.bytes, (size_t)y->key.len);
}

static void choose(struct sample *samples, size_t len, uint64_t total, size_t parts,
                   struct split_key *keys)
{
    uint64_t before = 0;
    size_t at = 0;
    if (len > 0)
        qsort(samples, len, sizeof *samples, compare);
    for (size_t i = 1; i < parts; i++) {
        const uint64_t due = (uint64_t)((unsigned __int128)total * i / parts);
        while (at < len && before + samples[at].bytes < due)
            before += samples[at++].bytes;
        keys[i - 1] = at < len ? samples[at].key
                    : len > 0  ? samples[len - 1].key
                               : (struct split_key){0};
    }
}

bool split_keys_find(struct mem *mem, struct counts_reader *readers, size_t len, size_t parts,
                     struct split_key *keys, struct fail *fail)
{
    struct sampling sampling = {.mem = mem};
    const uint64_t wanted = SAMPLES + SAMPLES_PART * (uint64_t)parts;
    const uint64_t want = wanted < SAMPLES_MAX ? wanted : SAMPLES_MAX;
    uint64_t total = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < len; i++) {
        struct counts_path *path = &readers[i].path;
        sampling.since = 0;
        sampling.step = path->footer.file_bytes / want + 1;
        total += path->footer.file_bytes;
        ok = counts_path_walk(path, want, take, &sampling, fail);
    }
    if (ok)
        choose((struct sample *)(void *)sampling.samples.bytes,
               sampling.samples.len / sizeof(struct sample), total, parts, keys);
    buffer_free(&sampling.samples, mem);
    return ok;
}

bool split_keys_reach(const struct record *record, const struct split_key *key)
{
    return order_compare_bytes(record_bytes(record), record->len, key->bytes, (size_t)key->len)
        >= 0;
}
