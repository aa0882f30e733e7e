/* SPDX-License-Identifier: BSD-3-Clause */
/* A launcher may take a rank to another folder than it was started in, when its host does not have
 * that one, and gives it few variables. */
#include "stage/task_setting.h"

#include "comm/agree.h"
#include "job.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Appends NAME=VALUE. */
static bool add_variable(struct env *env, struct buffer *to, const char *name, size_t len)
{
    char copy[256];
    if (len >= sizeof copy || len == 0 || memchr(name, '=', len))
        return fail_set(&env->fail, FAIL_USAGE, "--env: '%.*s' is no name", (int)len, name);
    snprintf(copy, sizeof copy, "%.*s", (int)len, name);
    const char *value = getenv(copy);
    if (!value)
        return fail_set(&env->fail, FAIL_USAGE, "--env: %s is not set where rank 0 runs", copy);
    return env_append(env, to, name, len) && env_append(env, to, "=", 1)
        && env_append(env, to, value, strlen(value) + 1);
}

/* On rank 0. The folder is empty where it has no name any more. */
static bool describe(struct env *env, struct buffer *to)
{
    char folder[PATH_MAX];
    if (!getcwd(folder, sizeof folder))
        *folder = '\0';
    bool ok = env_append(env, to, folder, strlen(folder) + 1);
    for (const char *name = env->options.env; ok && name;) {
        const size_t len = strcspn(name, ",");
        ok = add_variable(env, to, name, len);
        name = name[len] ? name + len + 1 : NULL;
    }
    return ok;
}

static bool set_shared(const struct task_setting *setting)
{
    bool ok = true;
    char *at = (char *)setting->shared.bytes, *end = at + setting->shared.len;
    for (at += strlen(at) + 1; at < end; at += strlen(at) + 1) {
        char *value = strchr(at, '=');
        *value = '\0';
        ok = setenv(at, value + 1, 1) == 0 && ok;
        *value = '=';
    }
    return ok;
}

static bool set_number(const char *name, int number)
{
    char text[16];
    snprintf(text, sizeof text, "%d", number);
    return setenv(name, text, 1) == 0;
}

static bool set_place(const struct comm *comm)
{
    return set_number("MPIWC_RANK", comm->rank) && set_number("MPIWC_RANKS", comm->size)
        && set_number("MPIWC_SLOT", comm->host_rank)
        && setenv("MPIWC_HOST", comm->host_name, 1) == 0;
}

/* What commands find in their environment. */
static bool set_variables(struct job *job, const struct task_setting *setting)
{
    return (set_shared(setting) && set_place(&job->comm))
        || fail_errno(&job->env.fail, FAIL_MEMORY, "the environment of tasks", errno);
}

/* Slots of cores on a host are for its first ranks. Under Slurm each rank has what was asked for.
 */
static bool choose_cores(struct job *job, struct task_setting *setting)
{
    const int cores = (int)job->env.options.task_cores, slot = job->comm.host_rank;
    if (!set_number("MPIWC_CORES", cores))
        return fail_errno(&job->env.fail, FAIL_MEMORY, "the environment of tasks", errno);
    if (getenv("SLURM_JOB_ID")) {
        topo_binding(&setting->processors);
        return CPU_COUNT(&setting->processors.processors) >= cores
            || fail_set(&job->env.fail, FAIL_USAGE,
                        "--task-cores %d: this rank has %d: srun or sbatch --cpus-per-task=%d",
                        cores, CPU_COUNT(&setting->processors.processors), cores);
    }
    setting->idle = !topo_slot(slot, cores, &setting->processors);
    return slot > 0 || !setting->idle
        || fail_set(&job->env.fail, FAIL_USAGE, "--task-cores %d: this host has fewer", cores);
}

static bool share_cores(struct job *job, struct task_setting *setting)
{
    uint64_t ranks = 1;
    if (job->env.options.task_cores > 0) {
        if (!agree(job, choose_cores(job, setting)))
            return false;
        ranks = !setting->idle;
    }
    comm_sum(job, &ranks, 1);
    job->task_ranks = (int)ranks;
    return true;
}

bool task_setting_share(struct job *job, struct task_setting *setting)
{
    char folder[PATH_MAX];
    struct buffer *shared = &setting->shared;
    if (!agree(job, !comm_is_root(job) || describe(&job->env, shared)))
        return false;
    uint64_t len = shared->len;
    comm_bcast(job, &len, sizeof len);
    if (!agree(job, comm_is_root(job) || env_append(&job->env, shared, NULL, len)))
        return false;
    comm_bcast(job, shared->bytes, len);
    if (!agree(job, set_variables(job, setting)))
        return false;
    const char *home = (const char *)shared->bytes;
    const bool here = *home == '\0' || (getcwd(folder, sizeof folder) && !strcmp(folder, home));
    setting->home = here ? NULL : home;
    return share_cores(job, setting);
}

void task_setting_free(struct job *job, struct task_setting *setting)
{
    buffer_free(&setting->shared, &job->env.mem);
    *setting = (struct task_setting){0};
}
