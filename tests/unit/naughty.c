/* SPDX-License-Identifier: BSD-3-Clause */
/* A plug-in that does whatever its task says, for the tests of workers: what plug-ins should not.
 */
#include "task.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef ABI
#define ABI TASK_ABI
#endif

static int init(const struct task_call *call, const char *arguments, void **state)
{
    const char *text = arguments ? arguments : "none";
    if (strcmp(text, "refuse") == 0)
        return call->fail(call, "it does\nnot want to");
    if (strcmp(text, "silent") == 0)
        return -1;
    if (strcmp(text, "early") == 0)
        return call->result(call, "x", 1);
    if (strcmp(text, "crash") == 0)
        raise(SIGKILL);
    /* Begins once: not again after its process was lost. */
    if (text[0] == '/' && access(text, F_OK) == 0)
        return call->fail(call, "%s: exists", text);
    if (text[0] == '/')
        fclose(fopen(text, "w"));
    *state = strdup(text);
    return 0;
}

/* Says which descriptors are open. */
static int list_descriptors(const struct task_call *call)
{
    DIR *folder = opendir("/proc/self/fd");
    int status = 0;
    for (struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.' && atoi(entry->d_name) != dirfd(folder))
            status |= call->result(call, entry->d_name, strlen(entry->d_name));
    closedir(folder);
    return status;
}

static int emit_all(const struct task_call *call)
{
    int status = call->result(call, "a\n\0b", 4);
    status |= call->result(call, NULL, 0);
    status |= call->sum(call, "k", 1, -5);
    status |= call->minimum(call, "", 0, INT64_MIN);
    status |= call->maximum(call, "m\0n", 3, INT64_MAX);
    return status | call->count(call, "c", 1);
}

static int run_large(const struct task_call *call, size_t len)
{
    char *bytes = malloc(len);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 7 >> 3);
    int status = call->result(call, bytes, len);
    free(bytes);
    return status;
}

static void run_endless(const struct task_call *call)
{
    for (;;)
        call->result(call, "again and again", 15); /* whatever it returns */
}

static int run(void *state, const struct task_call *call, const void *data, size_t len)
{
    char word[128], text[64];
    snprintf(word, sizeof word, "%.*s", (int)(len < 127 ? len : 127), (const char *)data);
#define IS(name) (strcmp(word, name) == 0)
    if (IS("segv"))
        raise(SIGSEGV);
    if (IS("kill"))
        raise(SIGKILL);
    if (IS("fork and kill")) {
        if (fork() == 0)
            pause();
        raise(SIGKILL);
    }
    if (IS("exit"))
        _exit(3);
    if (IS("exit 0"))
        exit(0);
    if (IS("fork and answer") || IS("fork and return")) {
        pid_t child = fork();
        if (child == 0 && IS("fork and return"))
            return 0;
        if (child == 0)
            return call->result(call, "of the child", 12);
        waitpid(child, NULL, 0);
    }
    while (IS("hang"))
        ;
    if (IS("deaf")) { /* to all that can be ignored */
        for (int i = 1; i < 32; i++)
            signal(i, SIG_IGN);
        for (;;)
            pause();
    }
    if (IS("stop"))
        raise(SIGSTOP);
    if (IS("close")) {
        for (int i = 3; i < 64; i++)
            close(i);
        for (;;)
            call->result(call, "?", 1);
    }
    if (IS("nonsense") && write(3, "this is not a frame, not at all", 31) == 31)
        pause();
    if (IS("print"))
        return printf("noise\n") + fflush(stdout) - 6;
    if (IS("fail"))
        return call->fail(call, "reason %d\n%s", 42, "%s");
    if (IS("fail and go on"))
        return call->fail(call, "no") + 1;
    if (IS("return"))
        return 7;
    if (IS("emit"))
        return emit_all(call);
    if (IS("endless"))
        run_endless(call);
    if (IS("descriptors"))
        return list_descriptors(call);
    if (IS("arguments"))
        return call->result(call, state, strlen(state));
    if (strncmp(word, "large ", 6) == 0)
        return run_large(call, (size_t)atoll(word + 6));
    if (strncmp(word, "sh ", 3) == 0)
        return system(word + 3);
    if (strncmp(word, "sleep ", 6) == 0)
        return usleep((useconds_t)atoi(word + 6) * 1000);
    snprintf(text, sizeof text, "%zu:", len); /* otherwise: how long it is, and its last bytes */
    size_t tail = len < 20 ? len : 20, text_len = strlen(text);
    if (tail > 0)
        memcpy(text + text_len, (const char *)data + len - tail, tail);
    return call->result(call, text, text_len + tail);
}

#ifndef NO_RUN
#define RUN run
#else
#define RUN NULL
#endif

#ifndef SYMBOL
#define SYMBOL task_plugin
#endif

const struct task SYMBOL = {ABI, "naughty", init, RUN, free};
