/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares files between hosts, one rank a host. Modification times are not compared: clocks and
 * caches differ where contents do not.
 *
 * Collectives, in order. same_files_input: comm_bcast (head), agree, comm_bcast (prints, names),
 * agree, Iallreduce. same_files_output: comm_bcast (struct), comm_bcast (nonce), Iallreduce. */
#include "stage/same_files.h"

#include "comm/agree.h"
#include "input/file_print.h"
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

struct head {
    uint64_t files, names_bytes;
    char host[COMM_HOST_BYTES]; /* of rank 0 */
};

/* Compares what this host has; sets *missing where a file cannot be read. */
static bool compare(struct job *job, const struct head *head, const struct file_print *prints,
                    const char *names, uint64_t *missing)
{
    for (uint64_t i = 0; i < head->files; i++) {
        struct file_print here;
        const char *name = names + prints[i].name_off;
        if (prints[i].bytes == FILE_PRINT_NONE)
            continue;
        if (!file_print_take(name, &here)) {
            *missing = 1;
            if (job->env.options.input == OPTIONS_INPUT_SHARED)
                return fail_errno(&job->env.fail, FAIL_INPUT, name, errno);
        } else if (here.bytes != prints[i].bytes || here.checksum != prints[i].checksum) {
            return fail_set(&job->env.fail, FAIL_INPUT, "%s: is another file on %s than on %s",
                            name, job->comm.host_name, head->host);
        }
    }
    return true;
}

bool same_files_input(struct job *job, const struct plan *plan, bool *root)
{
    struct head head = {.files = plan->catalog.len, .names_bytes = plan->catalog.names_len};
    uint64_t missing = 0;
    memcpy(head.host, job->comm.host_name, sizeof head.host);
    comm_bcast(job, &head, sizeof head);
    size_t prints_bytes = head.files * sizeof(struct file_print);
    size_t bytes = prints_bytes + head.names_bytes;
    uint8_t *table = mem_alloc(&job->env.mem, bytes, &job->env.fail);
    struct file_print *prints = (struct file_print *)(void *)table;
    bool ok = table != NULL;
    if (ok && comm_is_root(job)) {
        ok = file_print_all(&plan->catalog, prints, &job->env.fail);
        memcpy(table + prints_bytes, plan->catalog.names, head.names_bytes);
    }
    if (agree(job, ok)) {
        comm_bcast(job, table, bytes);
        if (job->comm.host_rank == 0 && !comm_is_root(job))
            ok = compare(job, &head, prints, (const char *)table + prints_bytes, &missing);
        ok = agree(job, ok);
    } else {
        ok = false;
    }
    mem_free(&job->env.mem, table, bytes);
    if (!ok)
        return false;
    comm_max(job, &missing, 1);
    *root = missing != 0;
    return true;
}

/* Rank 0: puts a nonce into the temporary file; a device or a pipe holds none. */
static bool plant(struct output *output, uint64_t *nonce)
{
    return !output->direct && getrandom(nonce, sizeof *nonce, 0) == sizeof *nonce
        && pwrite(output->fd, nonce, sizeof *nonce, 0) == sizeof *nonce && fsync(output->fd) == 0;
}

/* Another host: whether the nonce is there. */
static bool found(const struct output *output, uint64_t nonce)
{
    uint64_t here = 0;
    int fd = open(output->temporary, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool same = fd >= 0 && pread(fd, &here, sizeof here, 0) == sizeof here && here == nonce;
    if (fd >= 0)
        close(fd);
    return same;
}

bool same_files_output(struct job *job, struct output *output)
{
    uint64_t nonce = 0, alien = comm_is_root(job) && !plant(output, &nonce);
    struct output of_root = *output;
    comm_bcast(job, &of_root, sizeof of_root);
    comm_bcast(job, &nonce, sizeof nonce);
    if (!comm_is_root(job)) {
        *output = of_root;
        output->fd = -1;
        output->created = false;
    }
    if (job->comm.host_rank == 0 && !comm_is_root(job) && !output->direct)
        alien = !found(output, nonce);
    comm_max(job, &alien, 1);
    if (comm_is_root(job) && !output->direct && ftruncate(output->fd, 0) != 0)
        fail_errno(&job->env.fail, FAIL_OUTPUT, output->name, errno);
    return alien == 0;
}
