/* SPDX-License-Identifier: BSD-3-Clause */
/* seeded: random numbers that are the same on every machine and every rank. splitmix64 (Steele et
 * al. 2014). */
#ifndef SEEDED_H
#define SEEDED_H

#include <stddef.h>
#include <stdint.h>

struct seeded {
    uint64_t state;
};

static inline uint64_t seeded_next(struct seeded *seeded)
{
    uint64_t z = seeded->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* 0 to n - 1; n is at least 1. */
static inline size_t seeded_below(struct seeded *seeded, size_t n)
{
    return (size_t)(seeded_next(seeded) >> 1) % n;
}

/* One of the characters of a string. */
static inline uint8_t seeded_of(struct seeded *seeded, const char *letters, size_t len)
{
    return (uint8_t)letters[seeded_below(seeded, len)];
}

static inline void seeded_fill(struct seeded *seeded, uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)seeded_next(seeded);
}

#endif
