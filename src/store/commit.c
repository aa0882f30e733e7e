/* SPDX-License-Identifier: BSD-3-Clause */
/* A head, and the sections one after another. The checksum in the head is that of all else. */
#include "store/commit.h"

#include "host/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

static const char magic[8] = "MPIWCck"; /* with its zero */

enum { FORMAT = 1, NAME_BYTES = PATH_MAX + 8 };

struct head {
    char magic[8];
    uint64_t version;
    uint64_t bytes[COMMIT_SECTIONS]; /* of the sections */
    uint64_t checksum;
};

/* The checksum of a head, but for itself, and of sections. */
static uint64_t checksum(const struct head *head, const struct commit *commit)
{
    uint64_t sum = XXH3_64bits(head, offsetof(struct head, checksum));
    for (int i = 0; i < COMMIT_SECTIONS; i++)
        sum = XXH3_64bits_withSeed(commit->sections[i].bytes, commit->sections[i].len, sum);
    return sum;
}

static bool write_all(int fd, const void *bytes, size_t len)
{
    for (const char *at = bytes; len > 0;) {
        const ssize_t put = write(fd, at, len);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            errno = put < 0 ? errno : ENOSPC;
            return false;
        }
        at += put;
        len -= (size_t)put;
    }
    return true;
}

static bool write_file(const struct commit *commit, int fd)
{
    struct head head = {.version = FORMAT};
    memcpy(head.magic, magic, sizeof magic);
    for (int i = 0; i < COMMIT_SECTIONS; i++)
        head.bytes[i] = commit->sections[i].len;
    head.checksum = checksum(&head, commit);
    bool ok = write_all(fd, &head, sizeof head);
    for (int i = 0; ok && i < COMMIT_SECTIONS; i++)
        ok = write_all(fd, commit->sections[i].bytes, commit->sections[i].len);
    return ok && fsync(fd) == 0;
}

/* A name is on the disk when its folder is. */
static bool sync_folder(const char *path)
{
    char folder[PATH_MAX], base[PATH_MAX];
    int fd = path_split(path, folder, base) ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool commit_write(const struct commit *commit, const char *path, struct fail *fail)
{
    char beside[NAME_BYTES];
    snprintf(beside, sizeof beside, "%s.new", path);
    unlink(beside);
    int fd = open(beside, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
    bool ok = fd >= 0 && write_file(commit, fd);
    ok = (fd < 0 || close(fd) == 0) && ok;
    ok = ok && rename(beside, path) == 0 && sync_folder(path);
    if (!ok)
        fail_errno(fail, FAIL_OUTPUT, path, errno);
    if (!ok && fd >= 0)
        unlink(beside);
    return ok;
}

static bool damaged(const char *path, const char *what, struct fail *fail)
{
    return fail_set(fail, FAIL_INPUT,
                    "%s: %s: nothing can go on from it (without the folder the run begins anew)",
                    path, what);
}

static bool read_exactly(int fd, void *bytes, size_t len, const char *path, struct fail *fail)
{
    for (char *at = bytes; len > 0;) {
        const ssize_t got = read(fd, at, len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail_errno(fail, FAIL_INPUT, path, errno);
        if (got == 0)
            return damaged(path, "was cut short", fail);
        at += got;
        len -= (size_t)got;
    }
    return true;
}

static bool read_head(int fd, struct head *head, const char *path, struct fail *fail)
{
    struct stat status;
    if (!read_exactly(fd, head, sizeof *head, path, fail))
        return false;
    if (memcmp(head->magic, magic, sizeof magic) != 0)
        return damaged(path, "is no commit of a checkpoint", fail);
    if (head->version != FORMAT)
        return damaged(path, "was written by another version", fail);
    if (fstat(fd, &status) != 0)
        return fail_errno(fail, FAIL_INPUT, path, errno);
    uint64_t left = (uint64_t)status.st_size - sizeof *head;
    for (int i = 0; i < COMMIT_SECTIONS; i++) {
        if (head->bytes[i] > left)
            return damaged(path, "was cut short", fail);
        left -= head->bytes[i];
    }
    return left == 0 || damaged(path, "has something behind its end", fail);
}

static bool read_file(struct commit *commit, struct mem *mem, int fd, const char *path,
                      struct fail *fail)
{
    struct head head;
    if (!read_head(fd, &head, path, fail))
        return false;
    for (int i = 0; i < COMMIT_SECTIONS; i++) {
        struct buffer *section = &commit->sections[i];
        section->len = 0;
        if (!buffer_append(section, mem, NULL, head.bytes[i], fail)
            || !read_exactly(fd, section->bytes, head.bytes[i], path, fail))
            return false;
        section->len = head.bytes[i];
    }
    return head.checksum == checksum(&head, commit) || damaged(path, "is damaged", fail);
}

bool commit_read(struct commit *commit, struct mem *mem, const char *path, bool *found,
                 struct fail *fail)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
    *found = fd >= 0;
    if (fd < 0)
        return errno == ENOENT || fail_errno(fail, FAIL_INPUT, path, errno);
    bool ok = read_file(commit, mem, fd, path, fail);
    close(fd);
    return ok;
}

void commit_free(struct commit *commit, struct mem *mem)
{
    for (int i = 0; i < COMMIT_SECTIONS; i++)
        buffer_free(&commit->sections[i], mem);
}
