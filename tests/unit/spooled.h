/* SPDX-License-Identifier: BSD-3-Clause */
/* spooled: a spool in the folder of a test, and what can be put there as if by a client. */
#ifndef SPOOLED_H
#define SPOOLED_H

#include "spool/spool_look.h"

#include "slow.h"
#include "world_in_folder.h"

#include <inttypes.h>
#include <sys/wait.h>

#define expect_ok(call)                                                                            \
    do {                                                                                           \
        if (!(call))                                                                               \
            fail_msg("%s", world->fail.text);                                                      \
        assert_int_equal(world->fail.code, FAIL_NONE);                                             \
    } while (0)

/* The name of the spool, which it borrows. */
static inline const char *spool_name(void)
{
    static char text[PATH_MAX];
    snprintf(text, sizeof text, "%s/spool", folder_name);
    return text;
}

static inline void must_make(struct world *world, struct spool *spool)
{
    expect_ok(spool_open(spool, spool_name(), true, &world->fail));
}

/* The path of a file in the spool; good until some more calls later. */
static inline const char *in_spool(const char *name)
{
    char within[PATH_MAX / 4];
    snprintf(within, sizeof within, "spool/%s", name);
    return folder_path(within);
}

static inline void put(const char *name, const char *text)
{
    char within[PATH_MAX / 4];
    snprintf(within, sizeof within, "spool/%s", name);
    folder_put(within, text, strlen(text));
}

static inline bool is_there(const char *name)
{
    struct stat status;
    return lstat(in_spool(name), &status) == 0;
}

/* The last call failed, with this code and `SPOOL` and then this text; nothing has failed now. */
static inline void expect_failure(struct world *world, int code, const char *text)
{
    char expected[FAIL_TEXT_BYTES + PATH_MAX];
    snprintf(expected, sizeof expected, "%s%s", spool_name(), text);
    assert_string_equal(world->fail.text, expected);
    assert_int_equal(world->fail.code, code);
    world->fail = (struct fail){0};
}

/* Ends in its own time, with what it returns. */
static inline int status_of(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

#endif
