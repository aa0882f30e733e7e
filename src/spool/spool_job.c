/* SPDX-License-Identifier: BSD-3-Clause */
/* What was submitted. */
#include "spool/spool_job.h"

#include "spool/spool_file.h"
#include "spool/spool_json.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { READ_BYTES = 64 << 10 };

/* The file also says of which form it is. */
struct written {
    uint64_t schema;
    struct spool_job job;
};

#define AT(field) offsetof(struct written, job.field)

static const struct spool_json_field fields[] = {
    {"schema", SPOOL_JSON_NUMBER, true, offsetof(struct written, schema)},
    {"user", SPOOL_JSON_TEXT, true, AT(user)},
    {"host", SPOOL_JSON_TEXT, true, AT(host)},
    {"time", SPOOL_JSON_NUMBER, true, AT(time_s)},
    {"tasks", SPOOL_JSON_NUMBER, true, AT(tasks)},
    {"bytes", SPOOL_JSON_NUMBER, false, AT(bytes)},
    {"xxh3", SPOOL_JSON_HASH, false, AT(xxh3)},
    {"exec", SPOOL_JSON_TEXT, false, AT(exec)},
    {"task", SPOOL_JSON_TEXT, false, AT(task)},
    {"task-arguments", SPOOL_JSON_TEXT, false, AT(task_arguments)},
    {"range", SPOOL_JSON_TEXT, false, AT(range)},
    {"collect", SPOOL_JSON_TEXT, false, AT(collect)},
    {"shell", SPOOL_JSON_TEXT, false, AT(shell)},
    {"chdir", SPOOL_JSON_TEXT, false, AT(chdir)},
    {"task-timeout", SPOOL_JSON_SECONDS, false, AT(task_timeout_s)},
    {"retries", SPOOL_JSON_COUNT, false, AT(retries)},
};

enum { FIELDS = sizeof fields / sizeof *fields };

bool spool_job_exists(const struct spool *spool, uint64_t number, struct fail *fail)
{
    char name[SPOOL_NAME_BYTES];
    spool_file_name(name, number, "job");
    return faccessat(spool->folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0
        || (errno == ENOENT ? fail_set(fail, FAIL_INPUT, "%s: there is no submission %" PRIu64,
                                       spool->name, number)
                            : spool_file_errno(spool, name, FAIL_INPUT, errno, fail));
}

bool spool_job_read(const struct spool *spool, uint64_t number, struct spool_job *job,
                    struct fail *fail)
{
    char name[SPOOL_NAME_BYTES];
    struct written written = {0};
    struct json_t *held;
    *job = (struct spool_job){0};
    spool_file_name(name, number, "job");
    if (!spool_json_read(spool, name, fields, FIELDS, &written, &held, fail))
        return fail->code == FAIL_NONE ? spool_file_errno(spool, name, FAIL_INPUT, ENOENT, fail)
                                       : false;
    written.job.held = held;
    written.job.number = number;
    if (written.schema == SPOOL_JOB_SCHEMA) {
        *job = written.job;
        return true;
    }
    spool_json_free(held);
    return spool_file_wrong(spool, name, FAIL_INPUT, fail,
                            "has form %" PRIu64 ", this version knows %d", written.schema,
                            SPOOL_JOB_SCHEMA);
}

char *spool_job_text(const struct spool_job *job, size_t *len, struct fail *fail)
{
    const struct written written = {SPOOL_JOB_SCHEMA, *job};
    return spool_json_text(fields, FIELDS, &written, len, fail);
}

void spool_job_free(struct spool_job *job)
{
    spool_json_free(job->held);
    *job = (struct spool_job){0};
}

bool spool_job_sum_begin(struct spool_job_sum *sum, struct fail *fail)
{
    *sum = (struct spool_job_sum){.hash = XXH3_createState()};
    return (sum->hash && XXH3_64bits_reset(sum->hash) == XXH_OK)
        || fail_errno(fail, FAIL_MEMORY, "XXH3", ENOMEM);
}

void spool_job_sum_add(struct spool_job_sum *sum, const char *bytes, size_t len)
{
    const char *at = bytes, *const end = bytes + len;
    XXH3_64bits_update(sum->hash, bytes, len);
    sum->bytes += len;
    for (const char *newline; at < end && (newline = memchr(at, '\n', (size_t)(end - at)));
         at = newline + 1) {
        sum->tasks += sum->within || newline > at;
        sum->within = false;
    }
    sum->within |= at < end;
}

uint64_t spool_job_sum_hash(const struct spool_job_sum *sum)
{
    return XXH3_64bits_digest(sum->hash);
}

void spool_job_sum_end(struct spool_job_sum *sum)
{
    XXH3_freeState(sum->hash);
    sum->hash = NULL;
}

bool spool_job_check_begin(struct spool_job_check *check, const struct spool *spool,
                           const struct spool_job *job, struct fail *fail)
{
    char name[SPOOL_NAME_BYTES];
    struct stat status;
    *check = (struct spool_job_check){.spool = spool, .job = job, .fd = -1};
    if (job->range)
        return true;
    spool_file_name(name, job->number, "tasks");
    check->fd = spool_file_open(spool, name, O_RDONLY, FAIL_INPUT, fail);
    if (check->fd < 0)
        return fail->code == FAIL_NONE ? spool_file_errno(spool, name, FAIL_INPUT, ENOENT, fail)
                                       : false;
    if (fstat(check->fd, &status) != 0)
        return spool_file_errno(spool, name, FAIL_INPUT, errno, fail);
    if ((uint64_t)status.st_size != job->bytes)
        return spool_file_wrong(spool, name, FAIL_INPUT, fail,
                                "has %jd bytes, %" PRIu64 " were submitted",
                                (intmax_t)status.st_size, job->bytes);
    return spool_job_sum_begin(&check->sum, fail);
}

/* Whether what was read to the end is what was submitted. */
static bool compare(const struct spool_job_check *check, const char *name, struct fail *fail)
{
    const struct spool_job *job = check->job;
    if (check->sum.bytes == job->bytes && check->sum.tasks == job->tasks
        && spool_job_sum_hash(&check->sum) == job->xxh3)
        return true;
    return spool_file_wrong(check->spool, name, FAIL_INPUT, fail, "is not what was submitted");
}

bool spool_job_check_more(struct spool_job_check *check, size_t bytes, bool *done,
                          struct fail *fail)
{
    char part[READ_BYTES];
    char name[SPOOL_NAME_BYTES];
    *done = check->fd < 0;
    spool_file_name(name, check->job->number, "tasks");
    for (size_t seen = 0; !*done && seen < bytes;) {
        const ssize_t got = read(check->fd, part, sizeof part);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return spool_file_errno(check->spool, name, FAIL_INPUT, errno, fail);
        *done = got == 0;
        seen += (size_t)got;
        spool_job_sum_add(&check->sum, part, (size_t)got);
    }
    return !*done || check->fd < 0 || compare(check, name, fail);
}

void spool_job_check_end(struct spool_job_check *check)
{
    if (check->fd >= 0)
        close(check->fd);
    spool_job_sum_end(&check->sum);
    *check = (struct spool_job_check){.fd = -1};
}
