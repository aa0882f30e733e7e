/* SPDX-License-Identifier: BSD-3-Clause */
/* Commands read nothing and inherit our standard output, which is the pipe to the rank: what they
 * print passes nobody on its way. */
#include "input/filter_child.h"

#include "host/fail.h"
#include "host/script.h"
#include "host/signals.h"
#include "host/tether.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A file whose name begins with a dash is given with this, which makes no option of it. */
static const char here[] = "./";

enum { HERE_BYTES = sizeof here - 1 };

bool filter_child_wanted(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], FILTER_CHILD_ARGUMENT) == 0;
}

/* What the shell runs: without {} the name is the last word of the command. False: no memory. */
static bool make_script(struct script *script, const char *command)
{
    struct fail fail = {0};
    char *longer;
    bool ok = script_make(script, command, SCRIPT_TASK, &fail);
    if (!ok || script->text)
        return ok;
    if (asprintf(&longer, "%s {}", command) < 0)
        return false;
    ok = script_make(script, longer, SCRIPT_TASK, &fail);
    free(longer);
    return ok;
}

/* The next name, behind `here`, to be freed; NULL: there is none. */
static char *next_name(FILE *from_rank)
{
    uint64_t len;
    if (!tether_receive(from_rank, &len, sizeof len))
        return NULL;
    char *name = calloc(1, HERE_BYTES + len + 1);
    if (!name)
        tether_end();
    memcpy(name, here, HERE_BYTES);
    if (tether_receive(from_rank, name + HERE_BYTES, len))
        return name;
    free(name);
    return NULL;
}

static void run(struct shell *shell, const char *script, const char *path,
                struct filter_child_end *end)
{
    const char *name = path + HERE_BYTES;
    int status = 0;
    fcntl(STDOUT_FILENO, F_SETFL, 0); /* whatever the last command made of it */
    const char *arguments[] = {name[0] == '-' && access(name, F_OK) == 0 ? path : name, NULL};
    int error = shell_start(shell, script, arguments);
    if (error)
        snprintf(end->reason, sizeof end->reason, "/bin/sh: %s", strerror(error));
    while (!error && !shell_wait(shell, -1, &status))
        ;
    end->done = !error && status == 0;
    if (!error && status != 0)
        shell_describe(shell, status, end->reason);
}

int filter_child_main(int argc, char **argv)
{
    struct shell shell;
    struct script script;
    signals_ignore_requests();
    if (!tether_held() || argc != 3) {
        fprintf(stderr, "%s: " FILTER_CHILD_ARGUMENT " is for ranks alone\n",
                program_invocation_short_name);
        return FAIL_USAGE;
    }
    FILE *from_rank = tether_begin();
    if (!from_rank || !make_script(&script, argv[2]) || !shell_open(&shell)) {
        perror(program_invocation_short_name);
        return FAIL_OTHER;
    }
    for (char *path; (path = next_name(from_rank));) {
        struct filter_child_end end = {0};
        run(&shell, script.text, path, &end);
        tether_send(&end, sizeof end);
        free(path);
    }
    shell_close(&shell);
    script_free(&script);
    return FAIL_NONE;
}
