/* SPDX-License-Identifier: BSD-3-Clause */
/* refusing: one request for memory that is refused. Asked are these functions by the program and
 * the test alone, as nobody else sees them: not by MPI, whose memory nobody can do without. */
#ifndef REFUSING_H
#define REFUSING_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* On this rank, threads included. */
static struct {
    bool on;
    uint64_t asked, refused; /* the how manyth is refused; 0: none */
} refusing;

/* Local. From now on requests are counted. */
static inline void refusing_begin(uint64_t refused)
{
    refusing.refused = refused;
    __atomic_store_n(&refusing.asked, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&refusing.on, true, __ATOMIC_RELEASE);
}

/* Local. How many there were. */
static inline uint64_t refusing_end(void)
{
    __atomic_store_n(&refusing.on, false, __ATOMIC_RELEASE);
    return __atomic_load_n(&refusing.asked, __ATOMIC_RELAXED);
}

#ifdef __SANITIZE_ADDRESS__ /* which gives the memory itself */

static const bool refusing_works = false;

#else

static const bool refusing_works = true;

static bool refusing_now(void)
{
    if (!__atomic_load_n(&refusing.on, __ATOMIC_ACQUIRE)
        || __atomic_add_fetch(&refusing.asked, 1, __ATOMIC_RELAXED) != refusing.refused)
        return false;
    errno = ENOMEM;
    return true;
}

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t number, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);

void *malloc(size_t bytes)
{
    return refusing_now() ? NULL : __libc_malloc(bytes);
}

void *calloc(size_t number, size_t bytes)
{
    return refusing_now() ? NULL : __libc_calloc(number, bytes);
}

void *realloc(void *block, size_t bytes)
{
    return refusing_now() ? NULL : __libc_realloc(block, bytes);
}

void *mmap(void *at, size_t bytes, int protection, int flags, int fd, off_t offset)
{
    if (refusing_now())
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, at, bytes, protection, flags, fd, offset);
}

void *mremap(void *at, size_t bytes, size_t new_bytes, int flags, ...)
{
    if (refusing_now())
        return MAP_FAILED;
    return (void *)syscall(SYS_mremap, at, bytes, new_bytes, flags);
}

#endif

#endif
