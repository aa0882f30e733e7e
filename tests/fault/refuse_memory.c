/* SPDX-License-Identifier: BSD-3-Clause */
/* Calls that give memory. The first of them come before dlsym can be asked, which wants memory
 * itself. */
#define KIND "memory"
#include "refuse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t number, size_t bytes);
void *__libc_realloc(void *old, size_t bytes);

#define MEMORY(named, parameters, instead)                                                         \
    void *named parameters                                                                         \
    {                                                                                              \
        static struct call call = {.name = #named, .kind = KIND};                                  \
        return refuse_due(&call, RETURNS_TO) ? NULL : instead;                                     \
    }

MEMORY(malloc, (size_t bytes), __libc_malloc(bytes))
MEMORY(calloc, (size_t number, size_t bytes), __libc_calloc(number, bytes))
MEMORY(realloc, (void *old, size_t bytes), __libc_realloc(old, bytes))
CALL(void *, reallocarray, (void *old, size_t number, size_t bytes), (old, number, bytes), NULL)
CALL(char *, strdup, (const char *text), (text), NULL)
CALL(char *, strndup, (const char *text, size_t max), (text, max), NULL)
CALL(int, posix_memalign, (void **made, size_t align, size_t bytes), (made, align, bytes), errno)
CALL(void *, aligned_alloc, (size_t align, size_t bytes), (align, bytes), NULL)
CALL(FILE *, open_memstream, (char **text, size_t *len), (text, len), NULL)
CALL(FILE *, fmemopen, (void *bytes, size_t len, const char *mode), (bytes, len, mode), NULL)
CALL(void *, mmap, (void *at, size_t len, int may, int flags, int fd, off_t from),
     (at, len, may, flags, fd, from), MAP_FAILED)
CALL(int, memfd_create, (const char *name, unsigned flags), (name, flags), -1)

void *mmap64(void *at, size_t len, int may, int flags, int fd, off_t from)
{
    static struct call call = {.name = "mmap", .kind = KIND};
    return refuse_due(&call, RETURNS_TO) ? MAP_FAILED : mmap(at, len, may, flags, fd, from);
}

void *mremap(void *old, size_t old_len, size_t len, int flags, ...)
{
    KNOWN(mremap)
    va_list arguments;
    va_start(arguments, flags);
    void *at = flags & MREMAP_FIXED ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    return due ? MAP_FAILED : next(old, old_len, len, flags, at);
}

int asprintf(char **made, const char *format, ...)
{
    static struct call call = {.name = "asprintf", .kind = KIND};
    va_list arguments;
    va_start(arguments, format);
    const int len = refuse_due(&call, RETURNS_TO) ? -1 : vasprintf(made, format, arguments);
    va_end(arguments);
    return len;
}
