/* SPDX-License-Identifier: BSD-3-Clause */
/* A layer between the program and the system, to be preloaded, that refuses one call:
 *
 *     CALL_FAULT=CALL:N:HOW:RANK[:stay]     pwrite:3:ENOSPC:0 is the third pwrite of rank 0
 *
 *     EIO ENOMEM ...  it fails with this error: nothing is done, but what is closed is closed
 *     short           half of the bytes are read or written; one byte stays one
 *     end             nothing is read, as at the end of a file
 *     stay            all calls of this name fail from the Nth on
 *
 * Counted and refused are calls by the program itself and by the libraries that it chose, wherever
 * their threads are, but not those by MPI, the C library and what they use: the address that a call
 * returns to tells. Processes that the rank starts have a layer that refuses nothing.
 * CALL_FAULT_MET=FILE: the file is made when a call is refused. CALL_FAULT_COUNTS=FILE: how many
 * calls of each name there were, into FILE.RANK, `NAME N` in each line. */
#ifndef REFUSE_H
#define REFUSE_H

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* One name that may be called. */
struct call {
    const char *name, *kind;
    long n;
    bool known;
    struct call *next;
};

/* Counts the call that returns to this address, if it is an own one; whether it is to be refused.
 * Sets errno, then. */
bool refuse_due(struct call *call, const void *returns_to);

/* Whether a call that is refused is to be short, or to find the end. */
bool refuse_short(void);
bool refuse_end(void);

/* From now on none is refused: a program that knows the layer may say so. */
void refuse_no_more(void);

/* The function of this name that the layer stands before. */
void *refuse_next(const char *name);

/* What the calls of a file are counted as, too. */
#ifndef KIND
#define KIND NULL
#endif

#define RETURNS_TO __builtin_extract_return_addr(__builtin_return_address(0))

#define KNOWN(named)                                                                               \
    static struct call call = {.name = #named, .kind = KIND};                                      \
    static __typeof__(named) *next;                                                                \
    if (!next)                                                                                     \
        *(void **)&next = refuse_next(#named);                                                     \
    const bool due = refuse_due(&call, RETURNS_TO);

/* A function that returns `refused` when it is. */
#define CALL(result, named, parameters, arguments, refused)                                        \
    result named parameters                                                                        \
    {                                                                                              \
        KNOWN(named)                                                                               \
        return due ? refused : next arguments;                                                     \
    }

/* One that reads or writes `len` bytes, and whose arguments have `n` in their place. */
#define TRANSFER(named, parameters, arguments, len)                                                \
    ssize_t named parameters                                                                       \
    {                                                                                              \
        KNOWN(named)                                                                               \
        const size_t n = due && len > 1 ? len / 2 : len;                                           \
        if (due && refuse_end())                                                                   \
            return 0;                                                                              \
        return due && !refuse_short() ? -1 : next arguments;                                       \
    }

#endif
