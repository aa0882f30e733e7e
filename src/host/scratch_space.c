/* SPDX-License-Identifier: BSD-3-Clause */
/* Which folders are taken for scratch, and in which order. */
#include "host/scratch_space.h"

#include "host/scratch.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

enum { LIMIT_PERCENT = 90 };

static uint64_t free_bytes(const char *folder)
{
    struct statfs about;
    return statfs(folder, &about) == 0 ? (uint64_t)about.f_bavail * (uint64_t)about.f_bsize : 0;
}

/* Whether a file can be there, and the first byte of it. */
static bool has_room(const char *folder)
{
    struct scratch scratch = {.fd = -1};
    struct fail none = {0};
    const bool has = scratch_open_in(&scratch, folder, &none) && pwrite(scratch.fd, "", 1, 0) == 1;
    const int error = errno;
    scratch_close(&scratch);
    errno = error;
    return has;
}

/* NULL: it will do; else why not. */
static const char *objection(const char *folder)
{
    struct statfs about;
    struct stat status;
    if (stat(folder, &status) != 0 || statfs(folder, &about) != 0)
        return strerror(errno);
    if (!S_ISDIR(status.st_mode))
        return strerror(ENOTDIR);
    if (about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC)
        return "lies in memory (tmpfs)";
    return has_room(folder) ? NULL : strerror(errno);
}

/* Whether a folder before it lies in the same file system. */
static bool is_known(const struct scratch_space *space, size_t folder)
{
    struct stat status, other;
    if (stat(space->folders[folder], &status) != 0)
        return true;
    for (size_t i = 0; i < folder; i++)
        if (stat(space->folders[i], &other) == 0 && other.st_dev == status.st_dev)
            return true;
    return false;
}

uint64_t scratch_space_free(const struct scratch_space *space)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < space->len; i++)
        sum += is_known(space, i) ? 0 : free_bytes(space->folders[i]);
    return sum;
}

bool scratch_space_init(struct scratch_space *space, const char *folders, uint64_t limit_bytes,
                        int ranks, struct fail *fail)
{
    const char *temporary = getenv("TMPDIR");
    const char *list = folders ? folders : temporary ? temporary : "";
    char refused[PATH_MAX + 128] = "no folder is named";
    *space = (struct scratch_space){0};
    for (const char *at = list; *at && space->len < SCRATCH_SPACE_FOLDERS; at += strspn(at, ",")) {
        char *folder = space->folders[space->len];
        const size_t len = folders ? strcspn(at, ",") : strlen(at);
        snprintf(folder, PATH_MAX, "%.*s", (int)len, at);
        at += len;
        if (len == 0)
            continue;
        const char *why = objection(folder);
        if (why)
            snprintf(refused, sizeof refused, "%s: %s", folder, why);
        else
            space->len++;
    }
    space->limit_bytes =
        limit_bytes ? limit_bytes : scratch_space_free(space) / 100 * LIMIT_PERCENT;
    space->limit_bytes /= (uint64_t)ranks;
    return !folders || space->len > 0 || fail_set(fail, FAIL_OUTPUT, "--scratch: %s", refused);
}

size_t scratch_space_order(const struct scratch_space *space, uint64_t bytes,
                           size_t order[SCRATCH_SPACE_FOLDERS])
{
    uint64_t room[SCRATCH_SPACE_FOLDERS];
    if (space->used_bytes + bytes > space->limit_bytes)
        return 0;
    for (size_t i = 0; i < space->len; i++) {
        const uint64_t here = free_bytes(space->folders[i]);
        size_t at = i;
        for (; at > 0 && room[at - 1] < here; at--) {
            room[at] = room[at - 1];
            order[at] = order[at - 1];
        }
        room[at] = here;
        order[at] = i;
    }
    return space->len;
}

void scratch_space_took(struct scratch_space *space, uint64_t bytes)
{
    space->used_bytes += bytes;
    space->written_bytes += bytes;
    if (space->used_bytes > space->peak_bytes)
        space->peak_bytes = space->used_bytes;
}

void scratch_space_gave(struct scratch_space *space, uint64_t bytes)
{
    space->used_bytes -= bytes < space->used_bytes ? bytes : space->used_bytes;
}
