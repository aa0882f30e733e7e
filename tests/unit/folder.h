/* SPDX-License-Identifier: BSD-3-Clause */
/* folder: a temporary folder, the files in it, and its end. */
#ifndef FOLDER_H
#define FOLDER_H

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder_name[PATH_MAX / 2];

/* Makes the folder; false where that is not possible. */
static inline bool folder_make(void)
{
    const char *above = getenv("TMPDIR");
    snprintf(folder_name, sizeof folder_name, "%s/wc-test-XXXXXX", above ? above : "/tmp");
    return mkdtemp(folder_name) != NULL;
}

static inline int folder_remove_one(const char *path, const struct stat *status, int kind,
                                    struct FTW *walk)
{
    (void)status, (void)kind, (void)walk;
    return remove(path);
}

static inline void folder_remove(void)
{
    if (folder_name[0])
        nftw(folder_name, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    folder_name[0] = '\0';
}

/* The path of a file in the folder; good until some more calls later. */
static inline const char *folder_path(const char *name)
{
    static char paths[16][PATH_MAX];
    static unsigned next;
    char *path = paths[next++ % 16];
    snprintf(path, PATH_MAX, "%s/%s", folder_name, name);
    return path;
}

/* Writes a file; returns its path. */
static inline const char *folder_put(const char *name, const void *bytes, size_t len)
{
    const char *path = folder_path(name);
    FILE *file = fopen(path, "w");
    if (!file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0) {
        perror(path);
        abort();
    }
    return path;
}

/* Reads a whole file into memory that the caller frees; NULL when there is none. */
static inline uint8_t *folder_get(const char *path, size_t *len)
{
    size_t cap = 4096, got;
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    uint8_t *bytes = malloc(cap);
    for (*len = 0; bytes && (got = fread(bytes + *len, 1, cap - *len, file)) > 0; *len += got)
        if (*len + got == cap)
            bytes = realloc(bytes, cap *= 2);
    fclose(file);
    return bytes;
}

#endif
