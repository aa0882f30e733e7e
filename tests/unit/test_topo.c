/* SPDX-License-Identifier: BSD-3-Clause */
/* Topology: of machines that hwloc makes up from a description, and of this one. */
#include "host/topo.h"

#include "check.h"

#include <hwloc.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Two packages of two cores of two hardware threads; processors 0 and 1 are one core. */
static const char small_machine[] =
    "pack:2 numa:1(memory=1073741824) l3:1(size=8388608) core:2 l2:1(size=1048576) "
    "l1:1(size=32768) pu:2";

static int pretend(void **state)
{
    (void)state;
    return setenv("HWLOC_SYNTHETIC", small_machine, 1);
}

static int stop_pretending(void **state)
{
    (void)state;
    return unsetenv("HWLOC_SYNTHETIC");
}

static struct topo_binding binding_of(const char *processors)
{
    struct topo_binding binding;
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    unsigned i;
    CPU_ZERO(&binding.processors);
    hwloc_bitmap_list_sscanf(set, processors);
    hwloc_bitmap_foreach_begin(i, set) CPU_SET((int)i, &binding.processors);
    hwloc_bitmap_foreach_end();
    hwloc_bitmap_free(set);
    return binding;
}

static void a_machine_is_what_its_description_says(void **state)
{
    (void)state;
    struct topo topo;
    memset(&topo, 0xee, sizeof topo);
    topo_load(&topo);
    assert_int_equal(topo.packages, 2);
    assert_int_equal(topo.numa_nodes, 2);
    assert_int_equal(topo.cores, 4);
    assert_int_equal(topo.processors, 8);
    assert_int_equal(topo.l1_bytes, 32768);
    assert_int_equal(topo.l2_bytes, 1 << 20);
    assert_int_equal(topo.l3_bytes, 8 << 20);
    assert_true(topo.memory_bytes >= (uint64_t)2 << 30);
}

static void this_machine_has_processors_and_memory(void **state)
{
    (void)state;
    struct topo topo;
    topo_load(&topo);
    assert_true(topo.processors >= 1 && topo.cores >= 1 && topo.cores <= topo.processors);
    assert_true(topo.memory_bytes
                >= (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE));
    assert_true(topo_memory(&topo) >= 16 << 20 && topo_memory(&topo) <= topo.memory_bytes);
}

static void what_hwloc_cannot_load_is_unknown_and_no_failure(void **state)
{
    (void)state;
    struct topo topo;
    struct topo_binding binding = binding_of("0");
    int core_ranks = 7;
    memset(&topo, 0xee, sizeof topo);
    setenv("HWLOC_SYNTHETIC", "no such machine", 1);
    topo_load(&topo); /* hwloc falls back or gives up; either way the numbers are sound */
    assert_true(topo.l1_bytes < 1 << 30 && topo.processors >= 0 && topo.processors < 1 << 20);
    assert_true(topo_cores_suffice(&binding, 1, &core_ranks));
    assert_int_equal(core_ranks, 1);
    assert_true(topo_memory(&(struct topo){0}) > 0);
}

static void a_job_of_slurm_has_its_share_of_the_memory(void **state)
{
    (void)state;
    const struct topo topo = {.memory_bytes = (uint64_t)8 << 30};
    uint64_t all = topo_memory(&topo);
    setenv("SLURM_MEM_PER_CPU", "100", 1);
    setenv("SLURM_CPUS_ON_NODE", "2", 1);
    assert_int_equal(topo_memory(&topo), 200 << 20);
    setenv("SLURM_MEM_PER_NODE", "150", 1);
    assert_int_equal(topo_memory(&topo), 150 << 20);
    setenv("SLURM_MEM_PER_NODE", "0", 1); /* all of it */
    unsetenv("SLURM_MEM_PER_CPU");
    assert_int_equal(topo_memory(&topo), all);
    unsetenv("SLURM_MEM_PER_NODE");
    unsetenv("SLURM_CPUS_ON_NODE");
}

static void an_address_space_limit_lowers_the_memory(void **state)
{
    (void)state;
    struct topo topo;
    int status;
    topo_load(&topo);
    uint64_t memory = topo_memory(&topo);
    pid_t child = fork();
    if (child == 0) {
        struct rlimit limit = {memory / 2, memory / 2};
        _exit(setrlimit(RLIMIT_AS, &limit) == 0 && topo_memory(&topo) == memory / 2 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void the_binding_is_where_we_may_run(void **state)
{
    (void)state;
    struct topo_binding before, after;
    cpu_set_t one;
    int processor = 0;
    topo_binding(&before);
    assert_true(CPU_COUNT(&before.processors) >= 1);
    while (!CPU_ISSET(processor, &before.processors))
        processor++;
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    assert_int_equal(sched_setaffinity(0, sizeof one, &one), 0);
    topo_binding(&after);
    assert_int_equal(sched_setaffinity(0, sizeof before.processors, &before.processors), 0);
    assert_true(CPU_EQUAL(&after.processors, &one));
}

static void a_binding_is_shown_as_ranges(void **state)
{
    (void)state;
    static const char *const sets[] = {"0", "0-3,8", "1,3,5", "0-63", "1000-1023", ""};
    for (size_t i = 0; i < LEN(sets); i++) {
        struct topo_binding binding = binding_of(sets[i]);
        char text[64];
        assert_ptr_equal(topo_binding_text(&binding, text, sizeof text), text);
        assert_string_equal(text, sets[i]);
    }
}

static void a_binding_too_long_to_show_is_cut(void **state)
{
    (void)state;
    struct topo_binding binding;
    char text[20];
    CPU_ZERO(&binding.processors);
    for (int i = 0; i < 1000; i += 2)
        CPU_SET(i, &binding.processors);
    topo_binding_text(&binding, text, sizeof text);
    assert_true(strlen(text) < sizeof text);
    assert_memory_equal(text, "0,2,4,", 6);
}

/* Bindings on the small machine; `core_ranks` is how many share the fullest core, 1 where all have
 * their own. */
static void ranks_that_share_a_core_are_counted(void **state)
{
    (void)state;
    static const struct {
        const char *bindings[9];
        int core_ranks;
    } rows[] = {
        {{"0-7"}, 1},
        {{"0-7", "0-7", "0-7", "0-7"}, 1}, /* four unbound ranks, four cores */
        {{"0-7", "0-7", "0-7", "0-7", "0-7"}, 2},
        {{"0-7", "0-7", "0-7", "0-7", "0-7", "0-7", "0-7", "0-7", "0-7"}, 3},
        {{"0-1", "2-3", "4-5", "6-7"}, 1}, /* bound to cores */
        {{"0-1", "0-1"}, 2},               /* both to the same */
        {{"0", "1"}, 2},                   /* two hardware threads of one core */
        {{"0", "2", "4", "6"}, 1},
        {{"0-3", "0-3", "0-3"}, 2}, /* three on one package of two cores */
        {{"0-3", "0-3", "4-7", "4-7"}, 1},
        {{"0-1", "0-3", "0-3"}, 2}, /* one has a core, two must share the other */
        {{"0-1", "0-7", "0-7", "0-7"}, 1},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct topo_binding bindings[9];
        size_t len = 0;
        int core_ranks = 0;
        for (; len < 9 && rows[i].bindings[len]; len++)
            bindings[len] = binding_of(rows[i].bindings[len]);
        bool suffice = topo_cores_suffice(bindings, len, &core_ranks);
        if (core_ranks != rows[i].core_ranks || suffice != (core_ranks == 1))
            fail_msg("row %zu: %d ranks a core, %d expected", i, core_ranks, rows[i].core_ranks);
    }
}

/* The processors that the system lets us have, while there are any here; whatever is asked for. */
static struct topo_binding allowed;

int sched_getaffinity(pid_t pid, size_t bytes, cpu_set_t *set)
{
    if (CPU_COUNT(&allowed.processors) == 0)
        return syscall(SYS_sched_getaffinity, pid, bytes, set) < 0 ? -1 : 0;
    memcpy(set, &allowed.processors, bytes);
    return 0;
}

int sched_setaffinity(pid_t pid, size_t bytes, const cpu_set_t *set)
{
    if (CPU_COUNT(&allowed.processors) == 0)
        return (int)syscall(SYS_sched_setaffinity, pid, bytes, set);
    return 0;
}

/* Slots of the small machine, or NULL where there are not so many cores. */
static void slots_are_whole_cores(void **state)
{
    (void)state;
    static const struct {
        const char *allowed;
        int slot, cores;
        const char *processors;
    } rows[] = {
        {"0-7", 0, 1, "0-1"}, {"0-7", 1, 1, "2-3"}, {"0-7", 3, 1, "6-7"}, {"0-7", 4, 1, NULL},
        {"0-7", 0, 2, "0-3"}, {"0-7", 1, 2, "4-7"}, {"0-7", 1, 3, NULL},  {"0-7", 0, 4, "0-7"},
        {"0-7", 0, 5, NULL},  {"0-3", 1, 1, "2-3"}, {"0-3", 2, 1, NULL},  {"1-2", 0, 1, "1"},
        {"1-2", 1, 1, "2"},   {"1-2", 0, 2, "1-2"}, {"5", 0, 1, "5"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct topo_binding got;
        char text[64];
        allowed = binding_of(rows[i].allowed);
        const bool found = topo_slot(rows[i].slot, rows[i].cores, &got);
        CPU_ZERO(&allowed.processors);
        assert_int_equal(found, rows[i].processors != NULL);
        if (found)
            assert_string_equal(topo_binding_text(&got, text, sizeof text), rows[i].processors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_machine_is_what_its_description_says, pretend,
                                        stop_pretending),
        cmocka_unit_test(this_machine_has_processors_and_memory),
        cmocka_unit_test_setup_teardown(what_hwloc_cannot_load_is_unknown_and_no_failure, NULL,
                                        stop_pretending),
        cmocka_unit_test(a_job_of_slurm_has_its_share_of_the_memory),
        cmocka_unit_test(an_address_space_limit_lowers_the_memory),
        cmocka_unit_test(the_binding_is_where_we_may_run),
        cmocka_unit_test(a_binding_is_shown_as_ranges),
        cmocka_unit_test(a_binding_too_long_to_show_is_cut),
        cmocka_unit_test_setup_teardown(ranks_that_share_a_core_are_counted, pretend,
                                        stop_pretending),
        cmocka_unit_test_setup_teardown(slots_are_whole_cores, pretend, stop_pretending),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
