/* SPDX-License-Identifier: BSD-3-Clause */
/* Topology by hwloc. Processes that are all bound to the same small set of processors share cores;
 * so do more processes than cores. */
#include "host/topo.h"

#include <hwloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

char *topo_version(char *text, size_t text_bytes)
{
    unsigned version = hwloc_get_api_version();
    snprintf(text, text_bytes, "%u.%u", version >> 16, version >> 8 & 255);
    return text;
}

static bool load(hwloc_topology_t *topology)
{
    if (hwloc_topology_init(topology) != 0)
        return false;
    hwloc_topology_set_io_types_filter(*topology, HWLOC_TYPE_FILTER_KEEP_NONE);
    if (hwloc_topology_load(*topology) == 0)
        return true;
    hwloc_topology_destroy(*topology);
    return false;
}

static size_t cache_bytes(hwloc_topology_t topology, hwloc_obj_type_t type)
{
    hwloc_obj_t cache = hwloc_get_obj_by_type(topology, type, 0);
    return cache ? cache->attr->cache.size : 0;
}

static int number(hwloc_topology_t topology, hwloc_obj_type_t type)
{
    int objects = hwloc_get_nbobjs_by_type(topology, type);
    return objects > 0 ? objects : 0;
}

/* The NUMA nodes may say less than the system where memory was added while it ran. */
static uint64_t machine_memory(hwloc_topology_t topology)
{
    uint64_t nodes = hwloc_get_root_obj(topology)->total_memory;
    uint64_t system = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    return nodes > system ? nodes : system;
}

void topo_load(struct topo *topo)
{
    *topo = (struct topo){0};
    hwloc_topology_t topology;
    if (!load(&topology))
        return;
    topo->l1_bytes = cache_bytes(topology, HWLOC_OBJ_L1CACHE);
    topo->l2_bytes = cache_bytes(topology, HWLOC_OBJ_L2CACHE);
    topo->l3_bytes = cache_bytes(topology, HWLOC_OBJ_L3CACHE);
    topo->memory_bytes = machine_memory(topology);
    topo->packages = number(topology, HWLOC_OBJ_PACKAGE);
    topo->cores = number(topology, HWLOC_OBJ_CORE);
    topo->processors = number(topology, HWLOC_OBJ_PU);
    topo->numa_nodes = number(topology, HWLOC_OBJ_NUMANODE);
    hwloc_topology_destroy(topology);
}

/* The limit in a control group file; UINT64_MAX when there is none or it says "max". */
static uint64_t group_limit(const char *path)
{
    unsigned long long limit;
    FILE *file = fopen(path, "re");
    if (!file)
        return UINT64_MAX;
    if (fscanf(file, "%llu", &limit) != 1)
        limit = UINT64_MAX;
    fclose(file);
    return limit;
}

/* The least memory.max from our own control group up to the root. */
static uint64_t group_memory(void)
{
    char group[4096] = "", path[4200];
    FILE *file = fopen("/proc/self/cgroup", "re");
    uint64_t least = group_limit("/sys/fs/cgroup/memory.max");
    while (file && fgets(group, sizeof group, file)) {
        group[strcspn(group, "\n")] = '\0';
        bool unified = strncmp(group, "0::", 3) == 0;
        char *name = unified ? group + 3 : strstr(group, ":memory:");
        if (!name)
            continue;
        name = unified ? name : name + strlen(":memory:");
        for (; *name && strcmp(name, "/") != 0; *strrchr(name, '/') = '\0') {
            snprintf(path, sizeof path, "/sys/fs/cgroup%s%s/%s", unified ? "" : "/memory", name,
                     unified ? "memory.max" : "memory.limit_in_bytes");
            uint64_t limit = group_limit(path);
            least = limit < least ? limit : least;
        }
    }
    if (file)
        fclose(file);
    return least;
}

static uint64_t variable(const char *name)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : 0;
}

/* What Slurm lets the job have on this host, which no group of processes need enforce. */
static uint64_t job_memory(void)
{
    uint64_t memory = variable("SLURM_MEM_PER_NODE");
    if (memory == 0)
        memory = variable("SLURM_MEM_PER_CPU") * variable("SLURM_CPUS_ON_NODE");
    return memory ? memory << 20 : UINT64_MAX; /* Slurm counts in MB */
}

uint64_t topo_memory(const struct topo *topo)
{
    struct rlimit space;
    uint64_t memory = topo->memory_bytes ? topo->memory_bytes : (uint64_t)1 << 30;
    uint64_t group = group_memory(), job = job_memory();
    if (group < memory)
        memory = group;
    if (job < memory)
        memory = job;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur < memory)
        memory = space.rlim_cur;
    return memory;
}

void topo_binding(struct topo_binding *binding)
{
    CPU_ZERO(&binding->processors);
    if (sched_getaffinity(0, sizeof binding->processors, &binding->processors) != 0)
        CPU_SET(0, &binding->processors);
}

bool topo_spares(const struct topo *topo, int processes)
{
    struct topo_binding binding;
    topo_binding(&binding);
    return CPU_COUNT(&binding.processors) > 1 && topo->processors / 2 >= processes;
}

static hwloc_bitmap_t bitmap(const struct topo_binding *binding)
{
    hwloc_bitmap_t set = hwloc_bitmap_alloc();
    for (int i = 0; set && i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &binding->processors))
            hwloc_bitmap_set(set, (unsigned)i);
    return set;
}

/* All that this process may be bound to: whoever asks for more gets what there is. */
static void widest(struct topo_binding *binding)
{
    struct topo_binding now, all;
    topo_binding(&now);
    memset(&all, 0xff, sizeof all);
    *binding = now;
    if (sched_setaffinity(0, sizeof all.processors, &all.processors) != 0)
        return;
    topo_binding(binding);
    sched_setaffinity(0, sizeof now.processors, &now.processors);
}

bool topo_slot(int slot, int cores, struct topo_binding *processors)
{
    hwloc_topology_t topology;
    struct topo_binding all;
    int number = 0;
    widest(&all);
    hwloc_bitmap_t set = bitmap(&all);
    CPU_ZERO(&processors->processors);
    if (!set || !load(&topology)) {
        hwloc_bitmap_free(set);
        return false;
    }
    for (hwloc_obj_t core = NULL;
         (core = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_CORE, core));) {
        if (!hwloc_bitmap_intersects(core->cpuset, set))
            continue;
        for (int i = 0; number / cores == slot && i < CPU_SETSIZE; i++)
            if (hwloc_bitmap_isset(core->cpuset, (unsigned)i) && CPU_ISSET(i, &all.processors))
                CPU_SET(i, &processors->processors);
        number++;
    }
    hwloc_topology_destroy(topology);
    hwloc_bitmap_free(set);
    return number >= (slot + 1) * cores;
}

char *topo_binding_text(const struct topo_binding *binding, char *text, size_t text_bytes)
{
    hwloc_bitmap_t set = bitmap(binding);
    text[0] = '\0';
    if (set)
        hwloc_bitmap_list_snprintf(text, text_bytes, set);
    hwloc_bitmap_free(set);
    return text;
}

/* All processors of the cores that a binding touches: who is on one hardware thread of a core is on
 * that core. */
static hwloc_bitmap_t whole_cores(hwloc_topology_t topology, const struct topo_binding *binding)
{
    hwloc_bitmap_t set = bitmap(binding);
    for (hwloc_obj_t core = NULL;
         set && (core = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_CORE, core));)
        if (hwloc_bitmap_intersects(core->cpuset, set))
            hwloc_bitmap_or(set, set, core->cpuset);
    return set;
}

bool topo_cores_suffice(const struct topo_binding *bindings, size_t len, int *core_ranks)
{
    hwloc_topology_t topology;
    *core_ranks = 1;
    hwloc_bitmap_t *sets = calloc(len, sizeof *sets);
    if (!sets || !load(&topology)) {
        free(sets);
        return true;
    }
    for (size_t i = 0; i < len; i++)
        sets[i] = whole_cores(topology, &bindings[i]);
    /* Those who are confined to the cores of one binding must find as many cores there. */
    for (size_t i = 0; i < len; i++) {
        int confined = 0;
        for (size_t j = 0; j < len; j++)
            confined += sets[i] && sets[j] && hwloc_bitmap_isincluded(sets[j], sets[i]);
        int cores =
            sets[i] ? hwloc_get_nbobjs_inside_cpuset_by_type(topology, sets[i], HWLOC_OBJ_CORE) : 0;
        int ranks = cores > 0 ? (confined + cores - 1) / cores : 1;
        *core_ranks = ranks > *core_ranks ? ranks : *core_ranks;
    }
    for (size_t i = 0; i < len; i++)
        hwloc_bitmap_free(sets[i]);
    free(sets);
    hwloc_topology_destroy(topology);
    return *core_ranks == 1;
}
