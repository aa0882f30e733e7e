/* SPDX-License-Identifier: BSD-3-Clause */
/* written: an old and a new result in the folder of a test. */
#ifndef WRITTEN_H
#define WRITTEN_H

#include "output/output.h"

#include "world_in_folder.h"

#include <dirent.h>

static const char old_text[] = "the old result\n", new_text[] = "the new result, which is longer\n";

enum { NEW_BYTES = sizeof new_text - 1 };

static inline bool holds(const char *path, const char *text)
{
    size_t len;
    uint8_t *bytes = folder_get(path, &len);
    bool same = bytes && len == strlen(text) && memcmp(bytes, text, len) == 0;
    free(bytes);
    return same;
}

/* Names in the folder but for . and .. */
static inline int entries(void)
{
    int count = 0;
    DIR *folder = opendir(folder_name);
    for (struct dirent *entry; (entry = readdir(folder));)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return count;
}

static inline void create(struct world *world, struct output *output, const char *path)
{
    if (!output_create(output, path, &world->fail))
        fail_msg("%s", world->fail.text);
}

static inline void write_new(struct world *world, struct output *output)
{
    assert_true(output_write(output, new_text, NEW_BYTES, 0, &world->fail));
    assert_true(output_sync(output, &world->fail));
}

#endif
