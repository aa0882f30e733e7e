/* SPDX-License-Identifier: BSD-3-Clause */
/* A head of numbers, and texts that end with NUL, all of it padded to 8. */
#include "stage/task_how.h"

#include <stddef.h>
#include <string.h>

struct head {
    uint64_t bytes; /* of all */
    double delay_s, timeout_s;
    uint32_t collect;
    uint32_t texts; /* a bit for each of them that is there */
};

static const size_t texts[] = {
    offsetof(struct options, task),  offsetof(struct options, exec),
    offsetof(struct options, shell), offsetof(struct options, task_arguments),
    offsetof(struct options, chdir),
};
enum { TEXTS = sizeof texts / sizeof *texts };

static const char *text_at(const struct options *options, size_t i)
{
    return *(const char *const *)(const void *)((const char *)options + texts[i]);
}

bool task_how_put(const struct options *options, struct buffer *to, struct mem *mem,
                  struct fail *fail)
{
    static const char padding[8];
    const size_t begin = to->len;
    struct head head = {.delay_s = options->delay_s,
                        .timeout_s = options->task_timeout_s,
                        .collect = options->collect};
    bool ok = buffer_append(to, mem, &head, sizeof head, fail);
    for (size_t i = 0; ok && i < TEXTS; i++) {
        const char *text = text_at(options, i);
        head.texts |= (uint32_t)(text != NULL) << i;
        ok = !text || buffer_append(to, mem, text, strlen(text) + 1, fail);
    }
    if (!ok)
        return false;
    const size_t len = to->len - begin;
    head.bytes = mem_padded(len);
    memcpy(to->bytes + begin, &head, sizeof head);
    return buffer_append(to, mem, padding, head.bytes - len, fail);
}

bool task_how_find(const uint8_t *bytes, size_t len, size_t *end)
{
    struct head head;
    if (len < sizeof head)
        return false;
    memcpy(&head, bytes, sizeof head);
    *end = head.bytes;
    return head.bytes >= sizeof head && head.bytes <= len;
}

void task_how_take(const uint8_t *bytes, struct options *options)
{
    struct head head;
    memcpy(&head, bytes, sizeof head);
    const char *text = (const char *)bytes + sizeof head;
    options->delay_s = head.delay_s;
    options->task_timeout_s = head.timeout_s;
    options->collect = head.collect;
    for (size_t i = 0; i < TEXTS; i++) {
        const bool there = head.texts >> i & 1;
        *(const char **)(void *)((char *)options + texts[i]) = there ? text : NULL;
        text += there ? strlen(text) + 1 : 0;
    }
}
