/* SPDX-License-Identifier: BSD-3-Clause */
/* What users ask for by signals, here and in what is started from here. */
#include "host/signals.h"

#include "host/process.h"

#include "check.h"

#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static void requests_are_noted_and_end_nothing(void **state)
{
    (void)state;
    signals_init();
    assert_int_equal(signals_take(), 0);
    assert_int_equal(raise(SIGUSR2), 0);
    assert_int_equal(signals_take(), SIGNALS_SHOW);
    assert_int_equal(signals_take(), 0);
    raise(SIGUSR1);
    raise(SIGUSR2);
    raise(SIGUSR2);
    assert_int_equal(signals_take(), SIGNALS_SHOW | SIGNALS_WIND_DOWN);
    assert_int_equal(signals_take(), 0);
}

/* How a shell ends that sends itself this signal. */
static int status_of(const char *script)
{
    posix_spawn_file_actions_t actions;
    char shell[] = "sh", option[] = "-c";
    char *argv[] = {shell, option, (char *)(uintptr_t)script, NULL};
    pid_t pid;
    int status;
    posix_spawn_file_actions_init(&actions);
    assert_int_equal(process_spawn(&pid, "/bin/sh", &actions, argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void what_a_rank_starts_is_not_ended_by_them(void **state)
{
    (void)state;
    signals_init();
    assert_int_equal(status_of("kill -USR1 $$; kill -USR2 $$; exit 3"), 3 << 8);
    assert_int_equal(status_of("kill -TERM $$; exit 3"), SIGTERM);
}

static void who_ignores_them_hands_that_on(void **state)
{
    (void)state;
    const pid_t child = fork();
    if (child == 0) {
        sigset_t blocked;
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGUSR1);
        sigprocmask(SIG_BLOCK, &blocked, NULL); /* as a rank starts it */
        raise(SIGUSR1);
        signals_ignore_requests();
        raise(SIGUSR1);
        raise(SIGUSR2);
        const char script[] =
            "kill -USR1 $$; kill -USR2 $$; grep -q '^SigBlk:[[:blank:]]*0*$' "
            "/proc/self/status && exit 3";
        _exit(status_of(script) >> 8);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 3 << 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_noted_and_end_nothing),
        cmocka_unit_test(what_a_rank_starts_is_not_ended_by_them),
        cmocka_unit_test(who_ignores_them_hands_that_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
