/* SPDX-License-Identifier: BSD-3-Clause */
/* Files of a spool. They are opened relative to the descriptor of the folder, whose owner was
 * checked: what has its name is not asked again. */
#include "spool/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { JSON_MAX_BYTES = 4 << 20, STALE_SECONDS = 3600 };

char *spool_file_name(char name[SPOOL_NAME_BYTES], uint64_t number, const char *ending)
{
    snprintf(name, SPOOL_NAME_BYTES, "%" PRIu64 ".%s", number, ending);
    return name;
}

bool spool_file_parse(const char *name, uint64_t *number, const char **ending)
{
    char *end;
    if (*name < '1' || *name > '9')
        return false;
    errno = 0;
    *number = strtoull(name, &end, 10);
    *ending = end + 1;
    return errno == 0 && *end == '.';
}

bool spool_file_wrong(const struct spool *spool, const char *name, int code, struct fail *fail,
                      const char *format, ...)
{
    char cause[FAIL_TEXT_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(cause, sizeof cause, format, arguments);
    va_end(arguments);
    return fail_set(fail, code, "%s/%s: %s", spool->name, name, cause);
}

bool spool_file_errno(const struct spool *spool, const char *name, int code, int error,
                      struct fail *fail)
{
    return spool_file_wrong(spool, name, code, fail, "%s", strerror(error));
}

int spool_file_open(const struct spool *spool, const char *name, int flags, int code,
                    struct fail *fail)
{
    struct stat status;
    /* Not blocking: nobody may write to what is a pipe. */
    int fd =
        openat(spool->folder, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600);
    if (fd < 0 && errno == ENOENT && !(flags & O_CREAT))
        return -1;
    bool ok = fd >= 0
           || (errno == ELOOP ? spool_file_wrong(spool, name, code, fail, "is a symbolic link")
                              : spool_file_errno(spool, name, code, errno, fail));
    ok = ok && (fstat(fd, &status) == 0 || spool_file_errno(spool, name, code, errno, fail));
    ok = ok
      && (S_ISREG(status.st_mode)
          || spool_file_wrong(spool, name, code, fail, "is no regular file"));
    ok = ok
      && (status.st_uid == geteuid()
          || spool_file_wrong(spool, name, code, fail, "belongs to another user"));
    if (ok)
        return fd;
    if (fd >= 0 && flags & O_EXCL)
        unlinkat(spool->folder, name, 0);
    if (fd >= 0)
        close(fd);
    return -1;
}

/* Up to `room` bytes; less at the end of the file. -1 with errno set. */
static ssize_t read_all(int fd, char *into, size_t room)
{
    size_t len = 0;
    for (ssize_t got = 1; len < room && got != 0; len += (size_t)(got > 0 ? got : 0)) {
        got = read(fd, into + len, room - len);
        if (got < 0 && errno != EINTR)
            return -1;
    }
    return (ssize_t)len;
}

char *spool_file_read(const struct spool *spool, const char *name, size_t *len, struct fail *fail)
{
    struct stat status;
    int fd = spool_file_open(spool, name, O_RDONLY, FAIL_INPUT, fail);
    if (fd < 0)
        return NULL;
    bool ok = fstat(fd, &status) == 0 || spool_file_errno(spool, name, FAIL_INPUT, errno, fail);
    ok = ok
      && (status.st_size <= JSON_MAX_BYTES
          || spool_file_wrong(spool, name, FAIL_INPUT, fail, "is too large"));
    const size_t room = ok ? (size_t)status.st_size : 0;
    char *text = ok ? malloc(room + 1) : NULL;
    if (ok && !text)
        ok = spool_file_errno(spool, name, FAIL_MEMORY, ENOMEM, fail);
    ssize_t got = ok ? read_all(fd, text, room) : -1;
    if (ok && got < 0)
        ok = spool_file_errno(spool, name, FAIL_INPUT, errno, fail);
    close(fd);
    if (!ok) {
        free(text);
        return NULL;
    }
    text[got] = '\0';
    *len = (size_t)got;
    return text;
}

bool spool_file_write(int fd, const void *bytes, size_t len, const volatile int *interrupted)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t wrote = write(fd, at, len);
        if (wrote < 0 && (errno != EINTR || (interrupted && *interrupted)))
            return false;
        at += wrote > 0 ? wrote : 0;
        len -= (size_t)(wrote > 0 ? wrote : 0);
    }
    return true;
}

bool spool_file_replace(const struct spool *spool, const char *name, const void *bytes, size_t len,
                        struct fail *fail)
{
    char beside[SPOOL_NAME_BYTES];
    snprintf(beside, sizeof beside, SPOOL_FILE_NEW "%s", name);
    int fd = spool_file_open(spool, beside, O_WRONLY | O_CREAT | O_TRUNC, FAIL_OUTPUT, fail);
    if (fd < 0)
        return false;
    bool ok = spool_file_write(fd, bytes, len, NULL) && fsync(fd) == 0;
    int error = errno;
    if (close(fd) != 0 && ok) { /* NFS says here what it could not write */
        ok = false;
        error = errno;
    }
    if (ok && renameat(spool->folder, beside, spool->folder, name) != 0) {
        ok = false;
        error = errno;
    }
    if (ok)
        return spool_file_sync(spool, fail);
    unlinkat(spool->folder, beside, 0);
    return spool_file_errno(spool, name, FAIL_OUTPUT, error, fail);
}

bool spool_file_touch(const struct spool *spool, const char *name, struct fail *fail)
{
    int fd = spool_file_open(spool, name, O_WRONLY | O_CREAT, FAIL_OUTPUT, fail);
    if (fd < 0)
        return false;
    close(fd);
    return spool_file_sync(spool, fail);
}

bool spool_file_sync(const struct spool *spool, struct fail *fail)
{
    return fsync(spool->folder) == 0 || errno == EINVAL /* some cannot, and need not */
        || fail_errno(fail, FAIL_OUTPUT, spool->name, errno);
}

/* A client of NFS takes the names in a folder, and their absence, from its cache for up to a
 * minute. A folder that it changes itself it asks for anew. */
void spool_file_refresh(const struct spool *spool)
{
    if (spool->shared)
        (void)!futimens(spool->folder, NULL);
}

bool spool_file_lock(int fd)
{
    return fcntl(fd, F_OFD_SETLK, &(struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET}) == 0;
}

DIR *spool_file_list(const struct spool *spool, struct fail *fail)
{
    spool_file_refresh(spool);
    int fd = openat(spool->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    if (entries)
        return entries;
    fail_errno(fail, FAIL_INPUT, spool->name, errno);
    if (fd >= 0)
        close(fd);
    return NULL;
}

/* Whether it is a file that only a client which is at work needs. */
static bool is_passing(const struct spool *spool, const char *name, bool all)
{
    char job[SPOOL_NAME_BYTES];
    uint64_t number;
    const char *ending;
    if (strncmp(name, SPOOL_FILE_NEW, strlen(SPOOL_FILE_NEW)) == 0)
        return true;
    return all && spool_file_parse(name, &number, &ending) && strcmp(ending, "tasks") == 0
        && faccessat(spool->folder, spool_file_name(job, number, "job"), F_OK, AT_SYMLINK_NOFOLLOW)
               != 0
        && errno == ENOENT;
}

/* N.tasks and the name it had before are one file: its lock is for both. */
static void remove_stale(const struct spool *spool, const char *name)
{
    struct stat status;
    int fd = openat(spool->folder, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &status) == 0 && time(NULL) - status.st_ctime > STALE_SECONDS
        && spool_file_lock(fd))
        unlinkat(spool->folder, name, 0);
    close(fd);
}

void spool_file_sweep(const struct spool *spool, bool all)
{
    struct fail fail = {0};
    DIR *entries = spool_file_list(spool, &fail);
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        if (is_passing(spool, entry->d_name, all))
            remove_stale(spool, entry->d_name);
    if (entries)
        closedir(entries);
}
