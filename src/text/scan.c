/* SPDX-License-Identifier: BSD-3-Clause */
/* Picks the scan kernel once at start, and the few byte-wise searches that are not worth a kernel.
 */
#include "text/scan.h"

#include <string.h>

static bool always(void)
{
    return true;
}

#if defined(__x86_64__)
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
        && __builtin_cpu_supports("popcnt");
}

static bool has_avx512bw(void)
{
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

static bool has_avx512(void)
{
    return has_avx512bw() && __builtin_cpu_supports("avx512vbmi2");
}
#endif

/* Fastest first. */
static const struct {
    struct scan scan;
    bool (*runs_here)(void);
} kernels[] = {
#if defined(__x86_64__)
    {{"avx512", scan_avx512, find_avx512}, has_avx512},
    {{"avx512bw", scan_avx512bw, find_avx512}, has_avx512bw},
    {{"avx2", scan_avx2, find_avx2}, has_avx2},
    {{"sse2", scan_sse2, find_sse2}, always},
#endif
#if defined(__aarch64__)
    {{"neon", scan_neon, find_neon}, always},
#endif
    {{"swar", scan_swar, find_swar}, always},
};

const struct scan *scan_at(size_t i)
{
    for (size_t k = 0; k < sizeof kernels / sizeof *kernels; k++)
        if (kernels[k].runs_here() && i-- == 0)
            return &kernels[k].scan;
    return NULL;
}

const struct scan *scan_choose(const char *name)
{
    const struct scan *scan;
    for (size_t i = 0; (scan = scan_at(i)); i++)
        if (!name || strcmp(scan->name, name) == 0)
            return scan;
    return NULL;
}

size_t scan_gap(const uint8_t *bytes, size_t from, size_t end)
{
    while (from < end && !scan_is_gap(bytes[from]))
        from++;
    return from;
}

size_t scan_last_gap(const uint8_t *bytes, size_t len)
{
    while (len > 0 && !scan_is_gap(bytes[len - 1]))
        len--;
    return len;
}
