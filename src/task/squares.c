/* SPDX-License-Identifier: BSD-3-Clause */
/* squares: a JSON object with an integer `n`, and its square added as `result`; with an argument
 * each task also sleeps that many seconds, as if it had much to do.
 *
 * The parser only says whether the object is one and what n is. The result is put into the text as
 * it came, so that all else stays as it is, byte for byte, numbers of any size included. */
#include "task/builtin.h"

#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct squares {
    struct timespec delay;
};

static int init(const struct task_call *call, const char *arguments, void **state)
{
    char *end = NULL;
    double seconds = arguments ? strtod(arguments, &end) : 0;
    if (arguments && (end == arguments || *end || !(seconds >= 0 && seconds < 1e9)))
        return call->fail(call, "seconds of delay are expected, not: %s", arguments);
    struct squares *squares = calloc(1, sizeof *squares);
    *state = squares;
    if (!squares)
        return call->fail(call, "no memory");
    squares->delay.tv_sec = (time_t)seconds;
    squares->delay.tv_nsec = (long)((seconds - (double)squares->delay.tv_sec) * 1e9);
    return 0;
}

/* Up to 2^126, which no type of printf has. Returns the text, which ends where `end` was. */
static char *digits(char *end, int64_t n)
{
    unsigned __int128 square = (unsigned __int128)((__int128)n * n);
    *--end = '\0';
    do
        *--end = (char)('0' + (int)(square % 10));
    while (square /= 10);
    return end;
}

static int read_n(const struct task_call *call, const char *text, size_t len, int64_t *n)
{
    json_error_t error;
    const char *nul = memchr(text, '\0', len); /* which the parser accepts behind a number */
    if (nul)
        return call->fail(call, "bad JSON at byte %zu: NUL", (size_t)(nul - text));
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!object)
        return call->fail(call, "bad JSON at byte %d: %s", error.position, error.text);
    json_t *value = json_object_get(object, "n");
    bool is_integer = json_is_integer(value), has_result = json_object_get(object, "result");
    *n = json_integer_value(value);
    json_decref(object);
    if (!is_integer)
        return call->fail(call, "a JSON object with an integer `n` is expected");
    if (has_result)
        return call->fail(call, "the object has a `result` already");
    return 0;
}

static int run(void *state, const struct task_call *call, const void *data, size_t len)
{
    struct squares *squares = state;
    const char *text = data;
    struct timespec left = squares->delay;
    char number[48], *result;
    int64_t n = 0;
    if (len > INT_MAX)
        return call->fail(call, "%zu bytes are too long for an object", len);
    if (read_n(call, text, len, &n) != 0)
        return -1;
    if (left.tv_sec > 0 || left.tv_nsec > 0) /* a sleep of nothing takes 50 microseconds */
        while (nanosleep(&left, &left) != 0 && errno == EINTR)
            ;
    while (text[len - 1] != '}')
        len--;
    int result_len = asprintf(&result, "%.*s, \"result\": %s}", (int)len - 1, text,
                              digits(number + sizeof number, n));
    if (result_len < 0)
        return call->fail(call, "no memory");
    int status = call->result(call, result, (size_t)result_len);
    free(result);
    return status;
}

const struct task squares_task = {
    .abi = TASK_ABI,
    .name = "squares",
    .init = init,
    .run = run,
    .free = free,
};
