/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls about files, folders and streams. SQLite asks by names that end in 64, which are the same
 * functions. */
#include "refuse.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <fts.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

/* What is new has a mode behind the flags. */
#define MODE                                                                                       \
    va_list arguments;                                                                             \
    va_start(arguments, flags);                                                                    \
    const mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;             \
    va_end(arguments);

#define OPEN(named)                                                                                \
    int named(const char *path, int flags, ...)                                                    \
    {                                                                                              \
        KNOWN(named)                                                                               \
        MODE return due ? -1 : next(path, flags, mode);                                            \
    }
OPEN(open)
OPEN(open64)

int openat(int folder, const char *path, int flags, ...)
{
    KNOWN(openat)
    MODE return due ? -1 : next(folder, path, flags, mode);
}

int fcntl(int fd, int command, ...)
{
    KNOWN(fcntl)
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return due ? -1 : next(fd, command, argument);
}

TRANSFER(read, (int fd, void *bytes, size_t len), (fd, bytes, n), len)
TRANSFER(pread, (int fd, void *bytes, size_t len, off_t from), (fd, bytes, n, from), len)
TRANSFER(pread64, (int fd, void *bytes, size_t len, off_t from), (fd, bytes, n, from), len)
TRANSFER(write, (int fd, const void *bytes, size_t len), (fd, bytes, n), len)
TRANSFER(pwrite, (int fd, const void *bytes, size_t len, off_t from), (fd, bytes, n, from), len)
TRANSFER(pwrite64, (int fd, const void *bytes, size_t len, off_t from), (fd, bytes, n, from), len)
TRANSFER(getrandom, (void *bytes, size_t len, unsigned flags), (bytes, n, flags), len)

ssize_t preadv2(int fd, const struct iovec *parts, int number, off_t from, int flags)
{
    KNOWN(preadv2)
    const struct iovec half = {parts[0].iov_base, (parts[0].iov_len + 1) / 2};
    if (due && refuse_end())
        return 0;
    if (due && refuse_short())
        return next(fd, &half, 1, from, flags);
    return due ? -1 : next(fd, parts, number, from, flags);
}

/* What was closed is closed, whatever is said of it. */
int close(int fd)
{
    KNOWN(close)
    const int error = errno;
    const int done = next(fd);
    if (due)
        errno = error;
    return due ? -1 : done;
}

int fclose(FILE *file)
{
    KNOWN(fclose)
    const int error = errno;
    const int done = next(file);
    if (due)
        errno = error;
    return due ? EOF : done;
}

CALL(int, fsync, (int fd), (fd), -1)
CALL(int, fdatasync, (int fd), (fd), -1)
CALL(int, syncfs, (int fd), (fd), -1)
CALL(int, fstat, (int fd, struct stat *found), (fd, found), -1)
CALL(int, fstat64, (int fd, struct stat64 *found), (fd, found), -1)
CALL(int, stat, (const char *path, struct stat *found), (path, found), -1)
CALL(int, stat64, (const char *path, struct stat64 *found), (path, found), -1)
CALL(int, lstat, (const char *path, struct stat *found), (path, found), -1)
CALL(int, fstatat, (int folder, const char *path, struct stat *found, int flags),
     (folder, path, found, flags), -1)
CALL(int, statfs, (const char *path, struct statfs *found), (path, found), -1)
CALL(int, fstatfs, (int fd, struct statfs *found), (fd, found), -1)
CALL(off_t, lseek, (int fd, off_t to, int whence), (fd, to, whence), -1)
CALL(int, ftruncate, (int fd, off_t len), (fd, len), -1)
CALL(int, ftruncate64, (int fd, off_t len), (fd, len), -1)
CALL(int, fallocate, (int fd, int mode, off_t from, off_t len), (fd, mode, from, len), -1)
CALL(int, fchmod, (int fd, mode_t mode), (fd, mode), -1)
CALL(int, futimens, (int fd, const struct timespec times[2]), (fd, times), -1)
CALL(int, flock, (int fd, int operation), (fd, operation), -1)
CALL(int, dup2, (int fd, int other), (fd, other), -1)
CALL(int, rename, (const char *from, const char *to), (from, to), -1)
CALL(int, renameat, (int folder, const char *from, int other, const char *to),
     (folder, from, other, to), -1)
CALL(int, renameat2, (int folder, const char *from, int other, const char *to, unsigned flags),
     (folder, from, other, to, flags), -1)
CALL(int, linkat, (int folder, const char *from, int other, const char *to, int flags),
     (folder, from, other, to, flags), -1)
CALL(int, unlink, (const char *path), (path), -1)
CALL(int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), -1)
CALL(int, rmdir, (const char *path), (path), -1)
CALL(int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
CALL(int, mkostemp, (char *path, int flags), (path, flags), -1)
CALL(int, access, (const char *path, int how), (path, how), -1)
CALL(int, faccessat, (int folder, const char *path, int how, int flags), (folder, path, how, flags),
     -1)
CALL(int, chdir, (const char *path), (path), -1)
CALL(char *, getcwd, (char *path, size_t max), (path, max), NULL)
CALL(char *, realpath, (const char *restrict path, char *restrict made), (path, made), NULL)
CALL(ssize_t, readlink, (const char *restrict path, char *restrict to, size_t max), (path, to, max),
     -1)
CALL(DIR *, opendir, (const char *path), (path), NULL)
CALL(DIR *, fdopendir, (int fd), (fd), NULL)
CALL(struct dirent *, readdir, (DIR * folder), (folder), NULL)
CALL(FTS *, fts_open,
     (char *const *paths, int options, int (*order)(const FTSENT **, const FTSENT **)),
     (paths, options, order), NULL)
CALL(FTSENT *, fts_read, (FTS * walk), (walk), NULL)
CALL(FILE *, fopen, (const char *restrict path, const char *restrict mode), (path, mode), NULL)
CALL(FILE *, fdopen, (int fd, const char *mode), (fd, mode), NULL)
CALL(void *, dlopen, (const char *path, int flags), (path, flags), NULL)

/* A stream remembers that it has failed, unless memory was wanting: glibc says that in errno alone.
 */
static bool stream_failed(FILE *stream)
{
    enum { ERROR_SEEN = 0x20 };
    if (errno != ENOMEM)
        stream->_flags |= ERROR_SEEN;
    return true;
}

#define STREAM(result, named, parameters, arguments, refused)                                      \
    result named parameters                                                                        \
    {                                                                                              \
        KNOWN(named)                                                                               \
        return due && stream_failed(stream) ? refused : next arguments;                            \
    }

STREAM(ssize_t, getdelim,
       (char **restrict line, size_t *restrict max, int end, FILE *restrict stream),
       (line, max, end, stream), -1)
STREAM(char *, fgets, (char *restrict text, int max, FILE *restrict stream), (text, max, stream),
       NULL)
STREAM(size_t, fread, (void *restrict bytes, size_t size, size_t number, FILE *restrict stream),
       (bytes, size, number, stream), 0)
STREAM(size_t, fwrite,
       (const void *restrict bytes, size_t size, size_t number, FILE *restrict stream),
       (bytes, size, number, stream), 0)
STREAM(int, fputs, (const char *restrict text, FILE *restrict stream), (text, stream), EOF)

/* All of them, where none is named. */
int fflush(FILE *stream)
{
    KNOWN(fflush)
    if (due && stream)
        stream_failed(stream);
    return due ? EOF : next(stream);
}

/* The name that the headers give getdelim where it is inlined. */
ssize_t __getdelim(char **restrict line, size_t *restrict max, int end, FILE *restrict stream)
{
    static struct call call = {.name = "getdelim"};
    if (refuse_due(&call, RETURNS_TO) && stream_failed(stream))
        return -1;
    return getdelim(line, max, end, stream);
}
