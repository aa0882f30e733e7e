/* SPDX-License-Identifier: BSD-3-Clause */
/* Memory under a limit. Every block is a mapping of its own: they are few and large (tables,
 * buffers, slabs of the arena), so one system call each does not matter, and mremap grows them
 * without touching a byte. First touch of fresh memory is the dearest thing a counter does (0.3 to
 * 1 GB/s where pages are 4 KB), hence MADV_HUGEPAGE for what is large. */
#include "host/mem.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { PAGE_BYTES = 4096, HUGE_BYTES = 2 << 20 };

#ifdef __SANITIZE_ADDRESS__

/* The sanitizer watches the bounds and the life of what malloc gives, not of mappings. */
static void *map_pages(size_t bytes)
{
    void *block = aligned_alloc(PAGE_BYTES, bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

static void *remap_pages(void *block, size_t old_bytes, size_t new_bytes)
{
    void *grown = map_pages(new_bytes);
    if (grown) {
        memcpy(grown, block, old_bytes);
        free(block);
    }
    return grown;
}

static void unmap_pages(void *block, size_t bytes)
{
    (void)bytes;
    free(block);
}

#else

static void *advise(void *block, size_t bytes)
{
    if (block == MAP_FAILED)
        return NULL;
    if (bytes >= HUGE_BYTES)
        madvise(block, bytes, MADV_HUGEPAGE);
    return block;
}

static void *map_pages(size_t bytes)
{
    return advise(mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                  bytes);
}

static void *remap_pages(void *block, size_t old_bytes, size_t new_bytes)
{
    return advise(mremap(block, old_bytes, new_bytes, MREMAP_MAYMOVE), new_bytes);
}

static void unmap_pages(void *block, size_t bytes)
{
    munmap(block, bytes);
}

#endif

static size_t whole_pages(size_t bytes)
{
    size_t rounded = (bytes + PAGE_BYTES - 1) & ~(size_t)(PAGE_BYTES - 1);
    return rounded < bytes ? SIZE_MAX : rounded ? rounded : PAGE_BYTES;
}

bool mem_has(const struct mem *mem, size_t bytes, struct fail *fail)
{
    char limit[16], needed[16];
    return bytes <= mem_room(mem)
        || fail_set(fail, FAIL_MEMORY, "memory: at least %s a rank are needed, --memory allows %s",
                    mem_human(needed, mem->used_bytes + bytes), mem_human(limit, mem->limit_bytes));
}

/* The thread that decodes ahead takes memory, too. Nobody waits: a block is a system call. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void set_used(struct mem *mem, size_t bytes)
{
    __atomic_store_n(&mem->used_bytes, bytes, __ATOMIC_RELAXED);
    if (bytes > mem->peak_bytes)
        mem->peak_bytes = bytes;
}

static bool charge(struct mem *mem, size_t bytes, struct fail *fail)
{
    pthread_mutex_lock(&lock);
    const bool ok = mem_has(mem, bytes, fail);
    if (ok)
        set_used(mem, mem->used_bytes + bytes);
    pthread_mutex_unlock(&lock);
    return ok;
}

static void discharge(struct mem *mem, size_t bytes)
{
    pthread_mutex_lock(&lock);
    set_used(mem, mem->used_bytes - bytes);
    pthread_mutex_unlock(&lock);
}

static size_t more(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Of what is kept and what is taken the greater is in use. */
static bool set_aside(struct mem *mem, size_t kept, size_t taken, struct fail *fail)
{
    const size_t before = more(mem->kept_bytes, mem->taken_bytes), after = more(kept, taken);
    if (after > before && !mem_has(mem, after - before, fail))
        return false;
    set_used(mem, mem->used_bytes - before + after);
    mem->kept_bytes = kept;
    mem->taken_bytes = taken;
    return true;
}

bool mem_take(struct mem *mem, size_t bytes, struct fail *fail)
{
    pthread_mutex_lock(&lock);
    const bool ok = set_aside(mem, mem->kept_bytes, mem->taken_bytes + bytes, fail);
    pthread_mutex_unlock(&lock);
    return ok;
}

void mem_give(struct mem *mem, size_t bytes)
{
    pthread_mutex_lock(&lock);
    set_aside(mem, mem->kept_bytes, mem->taken_bytes - bytes, NULL);
    pthread_mutex_unlock(&lock);
}

bool mem_keep(struct mem *mem, size_t bytes, struct fail *fail)
{
    pthread_mutex_lock(&lock);
    const bool ok = set_aside(mem, bytes, mem->taken_bytes, fail);
    pthread_mutex_unlock(&lock);
    return ok;
}

static void *refused(struct mem *mem, size_t bytes, struct fail *fail)
{
    char wanted[16];
    discharge(mem, bytes);
    fail_set(fail, FAIL_MEMORY, "memory: the system refuses %s more", mem_human(wanted, bytes));
    return NULL;
}

void *mem_alloc(struct mem *mem, size_t bytes, struct fail *fail)
{
    bytes = whole_pages(bytes);
    if (!charge(mem, bytes, fail))
        return NULL;
    void *block = map_pages(bytes);
    return block ? block : refused(mem, bytes, fail);
}

void *mem_grow(struct mem *mem, void *block, size_t old_bytes, size_t new_bytes, struct fail *fail)
{
    if (!block)
        return mem_alloc(mem, new_bytes, fail);
    old_bytes = whole_pages(old_bytes);
    new_bytes = whole_pages(new_bytes);
    if (new_bytes <= old_bytes)
        return block;
    if (!charge(mem, new_bytes - old_bytes, fail))
        return NULL;
    void *grown = remap_pages(block, old_bytes, new_bytes);
    return grown ? grown : refused(mem, new_bytes - old_bytes, fail);
}

void mem_free(struct mem *mem, void *block, size_t bytes)
{
    if (!block)
        return;
    unmap_pages(block, whole_pages(bytes));
    discharge(mem, whole_pages(bytes));
}

char *mem_human(char *text, uint64_t bytes)
{
    static const char units[] = "BKMGTPE";
    double value = (double)bytes;
    int unit = 0;
    for (; value >= 1024 && units[unit + 1]; unit++)
        value /= 1024;
    bool whole = unit == 0 || value >= 100 || (value >= 10 && value == (int)value);
    double parts = whole ? value : value * 10;
    int rounded = (int)parts + (parts > (int)parts);
    snprintf(text, 16, "%.*f%c", whole ? 0 : 1, whole ? rounded : rounded / 10.0, units[unit]);
    return text;
}
