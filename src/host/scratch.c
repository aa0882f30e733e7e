/* SPDX-License-Identifier: BSD-3-Clause */
/* Scratch files. They have no name from the start (O_TMPFILE), or, on file systems that cannot do
 * that, such as NFS, lose it at once. */
#include "host/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Opens a file in scratch->folder. False with errno set. */
static bool open_in(struct scratch *scratch)
{
    char name[PATH_MAX + 16];
    scratch->fd = open(scratch->folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (scratch->fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR))
        return scratch->fd >= 0;
    snprintf(name, sizeof name, "%s/.wc-XXXXXX", scratch->folder);
    scratch->fd = mkostemp(name, O_CLOEXEC);
    return scratch->fd >= 0 && unlink(name) == 0;
}

static bool failed(const struct scratch *scratch, int error, struct fail *fail)
{
    if (scratch->log)
        return fail_errno(fail, FAIL_OUTPUT, scratch->folder, error);
    return fail_set(fail, FAIL_OUTPUT, "%s: a scratch file: %s (--scratch names another folder)",
                    scratch->folder, strerror(error));
}

bool scratch_open_in(struct scratch *scratch, const char *folder, struct fail *fail)
{
    snprintf(scratch->folder, sizeof scratch->folder, "%s", folder);
    if (!open_in(scratch))
        return failed(scratch, errno, fail);
    posix_fadvise(scratch->fd, 0, 0, POSIX_FADV_RANDOM);
    return true;
}

bool scratch_create_log(struct scratch *scratch, const char *name, struct fail *fail)
{
    snprintf(scratch->folder, sizeof scratch->folder, "%s", name);
    scratch->log = true;
    scratch->fd = open(name, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC, 0600);
    return scratch->fd >= 0 || failed(scratch, errno, fail);
}

bool scratch_open_log(struct scratch *scratch, const char *name, struct fail *fail)
{
    snprintf(scratch->folder, sizeof scratch->folder, "%s", name);
    scratch->log = true;
    scratch->fd = open(name, O_NOFOLLOW | O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return scratch->fd >= 0 || fail_errno(fail, FAIL_INPUT, name, errno);
}

bool scratch_sync(struct scratch *scratch, struct fail *fail)
{
    return fdatasync(scratch->fd) == 0 || failed(scratch, errno, fail);
}

/* Tries the folders of a list in turn. The cause of a failure is that of the last one. */
static bool open_first(struct scratch *scratch, const char *folders, struct fail *fail)
{
    for (const char *at = folders; *at; at += strspn(at, ",")) {
        size_t len = strcspn(at, ",");
        snprintf(scratch->folder, sizeof scratch->folder, "%.*s", (int)len, at);
        at += len;
        if (len > 0 && open_in(scratch))
            return true;
    }
    return failed(scratch, errno, fail);
}

bool scratch_open(struct scratch *scratch, const char *folders, const char *beside,
                  struct fail *fail)
{
    const char *temporary = getenv("TMPDIR");
    if (!folders && temporary && *temporary)
        folders = temporary;
    return open_first(scratch, folders ? folders : beside ? beside : "/var/tmp", fail);
}

bool scratch_write(struct scratch *scratch, const void *bytes, size_t len, uint64_t offset,
                   struct fail *fail)
{
    for (const char *at = bytes; len > 0;) {
        ssize_t put = pwrite(scratch->fd, at, len, (off_t)offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return failed(scratch, put < 0 ? errno : ENOSPC, fail);
        at += put;
        offset += (uint64_t)put;
        len -= (size_t)put;
    }
    return true;
}

bool scratch_read(struct scratch *scratch, void *bytes, size_t len, uint64_t offset,
                  struct fail *fail)
{
    for (char *at = bytes; len > 0;) {
        ssize_t got = pread(scratch->fd, at, len, (off_t)offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return failed(scratch, got < 0 ? errno : EIO, fail);
        at += got;
        offset += (uint64_t)got;
        len -= (size_t)got;
    }
    return true;
}

void scratch_forget(struct scratch *scratch, uint64_t offset, uint64_t len)
{
    if (fallocate(scratch->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
                  (off_t)len)
        != 0)
        return; /* the file stays larger than it need be */
}

bool scratch_reserve(struct scratch *scratch, uint64_t offset, uint64_t len)
{
    int failed;
    do
        failed = fallocate(scratch->fd, 0, (off_t)offset, (off_t)len);
    while (failed != 0 && errno == EINTR);
    return failed == 0 || (errno != ENOSPC && errno != EDQUOT && errno != EFBIG);
}

void scratch_cut(struct scratch *scratch, uint64_t len)
{
    if (ftruncate(scratch->fd, (off_t)len) != 0)
        return; /* likewise */
}

void scratch_put_by(struct scratch *scratch, uint64_t offset, uint64_t len)
{
    sync_file_range(scratch->fd, (off_t)offset, (off_t)len, SYNC_FILE_RANGE_WRITE);
    if (offset > 0)
        posix_fadvise(scratch->fd, 0, (off_t)offset, POSIX_FADV_DONTNEED);
}

void scratch_expect(struct scratch *scratch, uint64_t offset, uint64_t len)
{
    posix_fadvise(scratch->fd, (off_t)offset, (off_t)len, POSIX_FADV_WILLNEED);
}

void scratch_empty(struct scratch *scratch)
{
    scratch_cut(scratch, 0);
}

void scratch_close(struct scratch *scratch)
{
    if (scratch->fd >= 0)
        close(scratch->fd);
    scratch->fd = -1;
}
