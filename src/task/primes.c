/* SPDX-License-Identifier: BSD-3-Clause */
/* primes: how many primes a range has, by a segmented sieve of Eratosthenes over odd numbers.
 *
 * The primes below 2^20, enough to sieve up to 2^40, are found once. A range is sieved a segment at
 * a time, which stays in the second cache; each small prime remembers where it goes on in the next
 * segment, because finding that out takes a division. O(n log log n + the small primes). */
#include "task/builtin.h"
#include "task/interval.h"

#include <stdlib.h>
#include <string.h>

enum { SMALL = 1 << 20, SMALL_PRIMES = 82024 /* odd ones */, SEGMENT = 1 << 18 };

static const int64_t LIMIT = (int64_t)SMALL * SMALL;

struct primes {
    size_t len;
    uint32_t primes[SMALL_PRIMES];
    uint64_t next[SMALL_PRIMES]; /* the odd multiple to strike out next, counted in odd numbers from
                                    the begin of the segment */
    uint8_t struck[SEGMENT];
};

static int init(const struct task_call *call, const char *arguments, void **state)
{
    (void)arguments;
    struct primes *primes = calloc(1, sizeof *primes);
    uint8_t *struck = calloc(1, SMALL);
    if (!primes || !struck) {
        free(primes);
        free(struck);
        return call->fail(call, "no memory");
    }
    for (size_t n = 3; n < SMALL; n += 2) {
        if (struck[n])
            continue;
        primes->primes[primes->len++] = (uint32_t)n;
        for (size_t multiple = n * n; multiple < SMALL; multiple += 2 * n)
            struck[multiple] = 1;
    }
    free(struck);
    *state = primes;
    return 0;
}

/* How many small primes it takes to sieve up to `last`; sets where they begin to strike out. */
static size_t aim(struct primes *primes, uint64_t first, uint64_t last)
{
    size_t used = 0;
    for (; used < primes->len; used++) {
        uint64_t prime = primes->primes[used], multiple = (first + prime - 1) / prime * prime;
        if (prime * prime > last)
            break;
        if (multiple < prime * prime)
            multiple = prime * prime;
        if (multiple % 2 == 0)
            multiple += prime;
        primes->next[used] = (multiple - first) / 2;
    }
    return used;
}

/* The primes among `len` odd numbers. */
static size_t sieve(struct primes *primes, size_t used, size_t len)
{
    size_t found = 0;
    memset(primes->struck, 0, len);
    for (size_t i = 0; i < used; i++) {
        uint64_t at = primes->next[i];
        for (; at < len; at += primes->primes[i])
            primes->struck[at] = 1;
        primes->next[i] = at - len;
    }
    for (size_t i = 0; i < len; i++)
        found += !primes->struck[i];
    return found;
}

static int run(void *state, const struct task_call *call, const void *data, size_t len)
{
    struct primes *primes = state;
    struct interval range;
    if (interval_parse(call, data, len, &range) != 0)
        return -1;
    if (range.last > LIMIT)
        return call->fail(call, "only numbers up to %lld are sieved", (long long)LIMIT);
    int64_t found = range.first <= 2 && range.last >= 2;
    if (range.last >= 3) {
        uint64_t first = range.first < 3 ? 3 : (uint64_t)range.first | 1;
        size_t odd = first > (uint64_t)range.last ? 0 : ((size_t)range.last - first) / 2 + 1;
        size_t used = aim(primes, first, (uint64_t)range.last);
        for (size_t part; odd > 0; odd -= part) {
            part = odd < SEGMENT ? odd : SEGMENT;
            found += (int64_t)sieve(primes, used, part);
        }
    }
    return call->sum(call, "", 0, found);
}

const struct task primes_task = {
    .abi = TASK_ABI,
    .name = "primes",
    .init = init,
    .run = run,
    .free = free,
};
