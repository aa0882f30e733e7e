/* SPDX-License-Identifier: BSD-3-Clause */
/* Compares files between hosts, one rank a host. Modification times are not compared: clocks and
 * caches differ where contents do not.
 *
 * Collectives, in order. same_files_input: comm_bcast (head), agree, comm_bcast (prints, names),
 * agree, Iallreduce. same_files_output: comm_bcast (struct), comm_bcast (nonce), Iallreduce. */
#include "stage/same_files.h"

#include "comm/agree.h"
#include "job.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { SAMPLE_BYTES = 4096, SAMPLES = 3 };

static const uint64_t no_file = UINT64_MAX; /* as the size of a name for --pre */

struct head {
    uint64_t files, names_bytes;
    char host[COMM_HOST_BYTES]; /* of rank 0 */
};

/* What is compared of a file. */
struct print {
    uint64_t bytes, checksum;
    uint64_t name_off;
};

/* First, middle and last block. False, with errno, when the file cannot be read. */
static bool take_print(const char *name, struct print *print)
{
    uint8_t block[SAMPLE_BYTES];
    struct stat status;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    XXH3_state_t *state = XXH3_createState();
    bool ok = state && fstat(fd, &status) == 0;
    if (state)
        XXH3_64bits_reset(state);
    for (int i = 0; ok && i < SAMPLES; i++) {
        off_t last = status.st_size > SAMPLE_BYTES ? status.st_size - SAMPLE_BYTES : 0;
        ssize_t got = pread(fd, block, sizeof block, last / (SAMPLES - 1) * i);
        ok = got >= 0;
        if (ok)
            XXH3_64bits_update(state, block, (size_t)got);
    }
    if (ok) {
        print->bytes = (uint64_t)status.st_size;
        print->checksum = XXH3_64bits_digest(state);
    }
    XXH3_freeState(state);
    close(fd);
    return ok;
}

/* Whether there is something to compare: with a filter a name may be that of no file. */
static bool is_file(const struct catalog *catalog, const char *name)
{
    struct stat status;
    return !catalog->filter || (stat(name, &status) == 0 && S_ISREG(status.st_mode));
}

static bool take_prints(struct job *job, const struct plan *plan, struct print *prints)
{
    for (size_t i = 0; i < plan->catalog.len; i++) {
        const char *name = catalog_name(&plan->catalog, i);
        if (!is_file(&plan->catalog, name))
            prints[i].bytes = no_file;
        else if (!take_print(name, &prints[i]))
            return fail_errno(&job->env.fail, FAIL_INPUT, name, errno);
        prints[i].name_off = plan->catalog.files[i].name_off;
    }
    return true;
}

/* Compares what this host has; sets *missing where a file cannot be read. */
static bool compare(struct job *job, const struct head *head, const struct print *prints,
                    const char *names, uint64_t *missing)
{
    for (uint64_t i = 0; i < head->files; i++) {
        struct print here;
        const char *name = names + prints[i].name_off;
        if (prints[i].bytes == no_file)
            continue;
        if (!take_print(name, &here)) {
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
    size_t prints_bytes = head.files * sizeof(struct print);
    size_t bytes = prints_bytes + head.names_bytes;
    uint8_t *table = mem_alloc(&job->env.mem, bytes, &job->env.fail);
    struct print *prints = (struct print *)(void *)table;
    bool ok = table != NULL;
    if (ok && comm_is_root(job)) {
        ok = take_prints(job, plan, prints);
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
