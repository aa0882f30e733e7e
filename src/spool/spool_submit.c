/* SPDX-License-Identifier: BSD-3-Clause */
/* A submission is written under names of its own, and is there when link(2) gives it a number: of
 * all who want one name only one gets it, also on NFS, where creating a file exclusively was not
 * always that.
 *
 * The tasks get the number first: with N.job a service may begin. Where N.job is taken by a range,
 * which has no tasks, they give it back. What a client that dies leaves is removed an hour later,
 * by others: it holds a lock on what it writes. */
#include "spool/spool_submit.h"

#include "spool/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool create(const struct spool *spool, struct spool_submit_file *file, uint64_t random,
                   const char *ending, struct fail *fail)
{
    snprintf(file->name, sizeof file->name, SPOOL_FILE_NEW "%016" PRIx64 ".%s", random, ending);
    file->fd = spool_file_open(spool, file->name, O_RDWR | O_CREAT | O_EXCL, FAIL_OUTPUT, fail);
    if (file->fd >= 0)
        (void)!spool_file_lock(file->fd); /* where there are no locks nobody removes it, either */
    return file->fd >= 0;
}

bool spool_submit_begin(struct spool_submit *submit, const struct spool *spool, bool ranged,
                        struct fail *fail)
{
    uint64_t random;
    *submit = (struct spool_submit){.spool = spool, .tasks.fd = -1, .job.fd = -1};
    spool_file_sweep(spool, false);
    if (getrandom(&random, sizeof random, 0) != sizeof random)
        return fail_errno(fail, FAIL_OTHER, "random numbers", errno);
    return (ranged
            || (spool_job_sum_begin(&submit->sum, fail)
                && create(spool, &submit->tasks, random, "tasks", fail)))
        && create(spool, &submit->job, random, "job", fail);
}

bool spool_submit_add(struct spool_submit *submit, const void *bytes, size_t len, struct fail *fail)
{
    spool_job_sum_add(&submit->sum, bytes, len);
    return spool_file_write(submit->tasks.fd, bytes, len, NULL)
        || spool_file_errno(submit->spool, submit->tasks.name, FAIL_OUTPUT, errno, fail);
}

bool spool_submit_end_line(struct spool_submit *submit, struct fail *fail)
{
    return !submit->sum.within || spool_submit_add(submit, "\n", 1, fail);
}

static bool write_job(struct spool_submit *submit, const struct spool_job *job, struct fail *fail)
{
    const struct spool_submit_file *file = &submit->job;
    const struct passwd *user = getpwuid(geteuid());
    char host[SPOOL_HOST_BYTES] = "", number[24];
    struct spool_job full = *job;
    size_t len;
    snprintf(number, sizeof number, "%jd", (intmax_t)geteuid());
    gethostname(host, sizeof host - 1);
    full.user = user ? user->pw_name : number;
    full.host = host;
    full.time_s = (uint64_t)time(NULL);
    if (submit->tasks.fd >= 0) {
        full.tasks = submit->sum.tasks;
        full.bytes = submit->sum.bytes;
        full.xxh3 = spool_job_sum_hash(&submit->sum);
    }
    char *text = spool_job_text(&full, &len, fail);
    bool ok = text
           && ((spool_file_write(file->fd, text, len, NULL) && fsync(file->fd) == 0)
               || spool_file_errno(submit->spool, file->name, FAIL_OUTPUT, errno, fail));
    free(text);
    return ok;
}

/* Gives a file the name of a number. *taken: somebody else has it. The answer of a server of NFS
 * may be lost, and the second question find the name there that the first one made. */
static bool give_name(const struct spool *spool, const struct spool_submit_file *file,
                      uint64_t number, const char *ending, bool *taken, struct fail *fail)
{
    char name[SPOOL_NAME_BYTES];
    struct stat ours, theirs;
    spool_file_name(name, number, ending);
    *taken = false;
    if (linkat(spool->folder, file->name, spool->folder, name, 0) == 0)
        return true;
    if (errno != EEXIST)
        return spool_file_errno(spool, name, FAIL_OUTPUT, errno, fail);
    *taken = fstat(file->fd, &ours) != 0
          || fstatat(spool->folder, name, &theirs, AT_SYMLINK_NOFOLLOW) != 0
          || ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino;
    return true;
}

/* Whether the number is ours now; if not, with fail set where it never will be. */
static bool take_number(const struct spool_submit *submit, uint64_t number, struct fail *fail)
{
    const struct spool *spool = submit->spool;
    const bool has_tasks = submit->tasks.fd >= 0;
    char name[SPOOL_NAME_BYTES];
    bool taken;
    if (has_tasks && (!give_name(spool, &submit->tasks, number, "tasks", &taken, fail) || taken))
        return false;
    if (give_name(spool, &submit->job, number, "job", &taken, fail) && !taken)
        return true;
    if (has_tasks)
        unlinkat(spool->folder, spool_file_name(name, number, "tasks"), 0);
    return false;
}

/* The highest number that is in use. */
static bool find_last(const struct spool *spool, uint64_t *last, struct fail *fail)
{
    DIR *entries = spool_file_list(spool, fail);
    uint64_t number;
    const char *ending;
    bool ok = entries != NULL;
    *last = 0;
    for (struct dirent *entry; ok && (errno = 0, entry = readdir(entries));)
        if (spool_file_parse(entry->d_name, &number, &ending) && number > *last)
            *last = number;
    if (ok && errno != 0)
        ok = fail_errno(fail, FAIL_INPUT, spool->name, errno);
    if (entries)
        closedir(entries);
    return ok;
}

/* The next number that nobody has. */
static bool number_it(const struct spool_submit *submit, uint64_t *number, struct fail *fail)
{
    bool ok = find_last(submit->spool, number, fail), ours = false;
    while (ok && !ours) {
        if (++*number == 0 || *number > INT64_MAX)
            ok = fail_set(fail, FAIL_OUTPUT, "%s: no number is left", submit->spool->name);
        ours = ok && take_number(submit, *number, fail);
        ok = fail->code == FAIL_NONE;
    }
    return ok;
}

/* The tasks are on the disk before the job, which says what they are. */
bool spool_submit_finish(struct spool_submit *submit, const struct spool_job *job, uint64_t *number,
                         struct fail *fail)
{
    if (submit->tasks.fd >= 0 && fsync(submit->tasks.fd) != 0)
        return spool_file_errno(submit->spool, submit->tasks.name, FAIL_OUTPUT, errno, fail);
    return write_job(submit, job, fail) && number_it(submit, number, fail)
        && spool_file_sync(submit->spool, fail);
}

static void discard(const struct spool *spool, struct spool_submit_file *file)
{
    if (file->fd < 0)
        return;
    unlinkat(spool->folder, file->name, 0);
    close(file->fd);
    file->fd = -1;
}

void spool_submit_free(struct spool_submit *submit)
{
    discard(submit->spool, &submit->tasks);
    discard(submit->spool, &submit->job);
    spool_job_sum_end(&submit->sum);
}
