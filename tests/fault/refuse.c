/* SPDX-License-Identifier: BSD-3-Clause */
/* Which call it is, and whose. */
#include "refuse.h"

#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OWN_MAX = 64, NAME_BYTES = 40 };

static struct {
    uintptr_t begin, end;
} own[OWN_MAX];
static int own_len;

static struct call *calls;
static char wanted[NAME_BYTES], how[NAME_BYTES];
static long wanted_n;
static bool stays;
static int error_number, my_rank;
static char *met_path, *counts_path;

/* The program, and the libraries that it chose. MPI uses some of the others, too. */
static bool is_own(const char *path)
{
    static const char *const chosen[] = {
        "/libsqlite3.", "/libjansson.", "/libzstd.",   "/liblzma.", "/liblz4.",
        "/libbz2.",     "/libpcre2-8.", "/libxxhash.", "/libisal.", "/libunistring."};
    bool found = path[0] == '\0';
    for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++)
        found = found || strstr(path, chosen[i]);
    return found;
}

static int note_own(struct dl_phdr_info *object, size_t size, void *context)
{
    (void)size, (void)context;
    for (int i = 0; is_own(object->dlpi_name) && i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X) || own_len == OWN_MAX)
            continue;
        own[own_len].begin = object->dlpi_addr + part->p_vaddr;
        own[own_len].end = own[own_len].begin + part->p_memsz;
        own_len++;
    }
    return 0;
}

/* What a setting says, which the processes that are started do not see. */
static char *taken(const char *name)
{
    const char *value = getenv(name);
    char *kept = value ? strdup(value) : NULL;
    unsetenv(name);
    return kept;
}

__attribute__((constructor)) static void read_settings(void)
{
    static const char *const names[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"};
    const char *given = NULL, *stay = NULL;
    int rank = 0, end = 0;
    for (size_t i = 0; !given && i < sizeof names / sizeof *names; i++)
        given = getenv(names[i]);
    my_rank = given ? atoi(given) : 0;
    char *fault = taken("CALL_FAULT");
    met_path = taken("CALL_FAULT_MET");
    counts_path = taken("CALL_FAULT_COUNTS");
    if (!fault && !counts_path)
        return;
    if (fault) {
        if (sscanf(fault, "%39[^:]:%ld:%39[^:]:%d%n", wanted, &wanted_n, how, &rank, &end) < 4) {
            fprintf(stderr, "CALL_FAULT=%s: not understood\n", fault);
            abort();
        }
        stay = fault + end;
        stays = strcmp(stay, ":stay") == 0;
        for (int i = 1; i < 200 && error_number == 0; i++)
            if (strerrorname_np(i) && strcmp(strerrorname_np(i), how) == 0)
                error_number = i;
        if (rank != my_rank)
            wanted_n = 0;
        free(fault);
    }
    dl_iterate_phdr(note_own, NULL);
}

static bool is_from_own(const void *address)
{
    for (int i = 0; i < own_len; i++)
        if ((uintptr_t)address >= own[i].begin && (uintptr_t)address < own[i].end)
            return true;
    return false;
}

static void note_call(struct call *call)
{
    if (__atomic_exchange_n(&call->known, true, __ATOMIC_RELAXED))
        return;
    call->next = __atomic_load_n(&calls, __ATOMIC_RELAXED);
    while (!__atomic_compare_exchange_n(&calls, &call->next, call, false, __ATOMIC_RELEASE,
                                        __ATOMIC_RELAXED))
        ;
}

/* Whether it is this one of that name. */
static bool is_wanted(struct call *call)
{
    note_call(call);
    const long n = __atomic_add_fetch(&call->n, 1, __ATOMIC_RELAXED);
    return wanted_n > 0 && (stays ? n >= wanted_n : n == wanted_n)
        && strcmp(call->name, wanted) == 0;
}

bool refuse_due(struct call *call, const void *returns_to)
{
    static struct call memory = {.name = "memory"};
    if (!is_from_own(returns_to))
        return false;
    const bool by_kind = call->kind && is_wanted(&memory);
    if (!is_wanted(call) && !by_kind)
        return false;
    FILE *met = met_path ? fopen(met_path, "w") : NULL;
    if (met)
        fclose(met);
    errno = error_number;
    return true;
}

void refuse_no_more(void)
{
    own_len = 0;
}

bool refuse_short(void)
{
    return strcmp(how, "short") == 0;
}

bool refuse_end(void)
{
    return strcmp(how, "end") == 0;
}

void *refuse_next(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

__attribute__((destructor)) static void write_counts(void)
{
    char path[4096];
    if (!counts_path)
        return;
    snprintf(path, sizeof path, "%s.%d", counts_path, my_rank);
    FILE *file = fopen(path, "w");
    for (struct call *call = calls; file && call; call = call->next)
        fprintf(file, "%s %ld\n", call->name, call->n);
    if (file)
        fclose(file);
}
