/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing the result. MPI-IO is not used: on a full disk it reports success. */
#include "output/output.h"

#include "host/path.h"
#include "output/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_MAX_BYTES = 1 << 30 };

/* What is written in order and never renamed over is standard output (NULL and -), a descriptor by
 * whatever name, a device or a pipe. A file behind the descriptor of another process is appended
 * to, as that process would do. */
static bool open_direct(struct output *output, const char *path, const struct stat *exists)
{
    int named = STDOUT_FILENO;
    bool descriptor = !path || strcmp(path, "-") == 0 || path_descriptor(path, &named);
    output->standard = descriptor && named == STDOUT_FILENO;
    output->direct = descriptor || (exists && !S_ISREG(exists->st_mode));
    if (descriptor && named >= 0)
        output->fd = fcntl(named, F_DUPFD_CLOEXEC, 3);
    else if (output->direct)
        output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | (descriptor ? O_APPEND : 0));
    return output->direct;
}

bool output_create(struct output *output, const char *path, struct fail *fail)
{
    struct stat status;
    *output = (struct output){.fd = -1};
    snprintf(output->name, PATH_MAX, "%s", path ? path : "standard output");
    bool exists = path && stat(path, &status) == 0;
    if (exists ? S_ISDIR(status.st_mode) : path && path[strlen(path) - 1] == '/')
        return fail_errno(fail, FAIL_OUTPUT, path, EISDIR);
    if (open_direct(output, path, exists ? &status : NULL))
        return output->fd >= 0 || fail_errno(fail, FAIL_OUTPUT, output->name, errno);
    if (exists && access(path, W_OK) != 0)
        return fail_errno(fail, FAIL_OUTPUT, path, errno);
    mode_t mask = umask(0);
    umask(mask);
    output->mode = exists ? status.st_mode & 07777 : 0666 & ~mask;
    if (!path_resolve(path, output->path, fail)
        || (exists && !temporary_may_replace(output->path, output->name, &status, fail)))
        return false;
    bool ok = temporary_create(output->path, output->name, output->temporary, &output->cleaner,
                               &output->fd, fail);
    output->created = output->fd >= 0;
    return ok;
}

bool output_join(struct output *output, struct fail *fail)
{
    output->created = false;
    output->fd = open(output->temporary, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    return output->fd >= 0 || fail_errno(fail, FAIL_OUTPUT, output->name, errno);
}

bool output_write(struct output *output, const void *bytes, size_t len, uint64_t offset,
                  struct fail *fail)
{
    const uint8_t *from = bytes;
    while (len > 0) {
        size_t want = len < WRITE_MAX_BYTES ? len : WRITE_MAX_BYTES;
        ssize_t wrote = output->direct ? write(output->fd, from, want)
                                       : pwrite(output->fd, from, want, (off_t)offset);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return fail_errno(fail, FAIL_OUTPUT, output->name, wrote < 0 ? errno : ENOSPC);
        from += wrote;
        len -= (size_t)wrote;
        offset += (uint64_t)wrote;
    }
    return true;
}

bool output_sync(struct output *output, struct fail *fail)
{
    if (output->direct || output->fd < 0 || fsync(output->fd) == 0)
        return true;
    return fail_errno(fail, FAIL_OUTPUT, output->name, errno);
}

/* All of it is there, and it has its mode. */
static bool is_complete(const struct output *output, uint64_t bytes, struct fail *fail)
{
    struct stat status;
    if (fstat(output->fd, &status) != 0)
        return fail_errno(fail, FAIL_OUTPUT, output->name, errno);
    if ((uint64_t)status.st_size != bytes)
        return fail_set(fail, FAIL_OUTPUT, "%s: %" PRIu64 " bytes were written, %jd are there",
                        output->name, bytes, (intmax_t)status.st_size);
    return fchmod(output->fd, output->mode) == 0
        || fail_errno(fail, FAIL_OUTPUT, output->name, errno);
}

/* What a file system of a network could not write of a file behind standard output shows here. */
static bool close_direct(struct output *output, struct fail *fail)
{
    const int fd = output->fd;
    output->fd = -1;
    return fd < 0 || close(fd) == 0 || errno == EINTR
        || fail_errno(fail, FAIL_OUTPUT, output->name, errno);
}

bool output_commit(struct output *output, uint64_t bytes, struct fail *fail)
{
    if (output->direct)
        return close_direct(output, fail);
    if (!is_complete(output, bytes, fail)
        || !temporary_rename(output->temporary, output->path, output->name, fail))
        return false;
    output->created = false;
    cleaner_end(&output->cleaner);
    return true;
}

bool output_commit_beside(struct output *output, uint64_t bytes, struct fail *fail)
{
    if (output->direct)
        return close_direct(output, fail);
    if (!is_complete(output, bytes, fail)
        || !temporary_exchange(output->temporary, output->path, output->name, fail))
        return false;
    output->committed = true;
    return true;
}

void output_take_back(struct output *output)
{
    struct fail ignored = {0};
    if (output->committed && access(output->temporary, F_OK) == 0)
        temporary_exchange(output->temporary, output->path, output->name, &ignored);
    else if (output->committed)
        unlink(output->path);
    output->committed = false;
}

void output_close(struct output *output)
{
    if (output->created)
        temporary_remove(output->temporary, &output->cleaner);
    if (output->fd >= 0)
        close(output->fd);
    output->created = false;
    output->fd = -1;
}
