/* SPDX-License-Identifier: BSD-3-Clause */
/* Two processes on one processor each take twice as long. */
#include "host/processor.h"

#include "host/clock.h"

#include "check.h"

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BUSY_NS = 600000000 };

static void be_busy(uint64_t ns)
{
    for (const uint64_t end = clock_ns() + ns; clock_ns() < end;) {}
}

/* What a process sees that keeps a processor busy for a while, beside so many others. */
static double crowding_beside(int others)
{
    double seen = 0;
    int ends[2];
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    assert_int_equal(pipe(ends), 0);
    pid_t pids[4] = {0};
    assert_true(others < (int)LEN(pids));
    for (int i = 0; i <= others; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] > 0)
            continue;
        sched_setaffinity(0, sizeof one, &one);
        be_busy(BUSY_NS);
        seen = processor_crowding();
        if (i == 0 && write(ends[1], &seen, sizeof seen) != sizeof seen)
            _exit(1);
        be_busy(i == 0 ? 0 : BUSY_NS);
        _exit(0);
    }
    assert_int_equal(read(ends[0], &seen, sizeof seen), sizeof seen);
    for (int i = 0; i <= others; i++) {
        kill(pids[i], SIGKILL);
        waitpid(pids[i], NULL, 0);
    }
    close(ends[0]);
    close(ends[1]);
    return seen;
}

static void who_shares_a_processor_is_slower(void **state)
{
    (void)state;
    if (access("/proc/self/schedstat", R_OK) != 0)
        skip();
    assert_true(processor_crowding() >= 1);
    assert_true(crowding_beside(2) >= 2.2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_shares_a_processor_is_slower),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
