/* SPDX-License-Identifier: BSD-3-Clause */
/* The folder, its service, and what is asked of it.
 *
 * The lock belongs to the open file, not to the process: it ends when the last descriptor does, and
 * nothing else in the process can end it by closing the file. NFS makes it one for all hosts. The
 * file stays for ever, so that no two services can hold locks on two files of one name. */
#include "spool/spool.h"

#include "spool/spool_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <linux/magic.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = SPOOL_HOST_BYTES + 64, LOOKS = 50 };

#define WAIT_NS 3000000000 /* for a service that ends */

static const char lock_name[] = "lock", close_name[] = "close";

/* Makes the folder, or finds that there is one. */
static bool make_folder(const char *name, struct fail *fail)
{
    char above[PATH_MAX];
    if (strlen(name) >= PATH_MAX)
        return fail_errno(fail, FAIL_OUTPUT, name, ENAMETOOLONG);
    if (mkdir(name, 0700) != 0)
        return errno == EEXIST || fail_errno(fail, FAIL_OUTPUT, name, errno);
    strcpy(above, name);
    int fd = open(dirname(above), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd); /* some file systems cannot */
        close(fd);
    }
    return true;
}

/* Whether nobody else can put something there. */
static bool is_ours(const struct stat *status, const char *name, int code, struct fail *fail)
{
    if (status->st_uid != geteuid()) {
        const struct passwd *owner = getpwuid(status->st_uid);
        return owner
                 ? fail_set(fail, code, "%s: belongs to %s", name, owner->pw_name)
                 : fail_set(fail, code, "%s: belongs to user %jd", name, (intmax_t)status->st_uid);
    }
    if (status->st_mode & (S_IWGRP | S_IWOTH))
        return fail_set(fail, code, "%s: may be written by others; chmod go-w ends that", name);
    return true;
}

bool spool_open(struct spool *spool, const char *name, bool make, struct fail *fail)
{
    const int code = make ? FAIL_OUTPUT : FAIL_INPUT;
    struct stat status;
    struct statfs system;
    *spool = (struct spool){.name = name, .folder = -1, .lock = -1};
    if (make && !make_folder(name, fail))
        return false;
    spool->folder = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = spool->folder >= 0 && fstat(spool->folder, &status) == 0
           && fstatfs(spool->folder, &system) == 0 && realpath(name, spool->path);
    if (ok && strlen(spool->path) + SPOOL_NAME_BYTES >= PATH_MAX) {
        ok = false;
        errno = ENAMETOOLONG;
    }
    ok = ok ? is_ours(&status, name, code, fail) : fail_errno(fail, code, name, errno);
    if (ok)
        spool->shared = system.f_type == NFS_SUPER_MAGIC;
    else
        spool_close(spool);
    return ok;
}

/* Says who we are in the file of the lock. */
static bool introduce(const struct spool *spool)
{
    char line[LINE_BYTES], host[SPOOL_HOST_BYTES];
    if (gethostname(host, sizeof host) != 0 || host[0] == '\0')
        strcpy(host, "?");
    host[sizeof host - 1] = '\0';
    snprintf(line, sizeof line, "%s %jd %jd\n", host, (intmax_t)getpid(), (intmax_t)time(NULL));
    return ftruncate(spool->lock, 0) == 0 && spool_file_write(spool->lock, line, strlen(line), NULL)
        && fsync(spool->lock) == 0;
}

static bool refuse_second(const struct spool *spool, struct fail *fail)
{
    struct spool_service service;
    if (!spool_find_service(spool, &service, fail))
        return false;
    return service.host[0]
             ? fail_set(fail, FAIL_OUTPUT, "%s: a service runs already, on %s as process %ld",
                        spool->name, service.host, service.pid)
             : fail_set(fail, FAIL_OUTPUT, "%s: a service runs already", spool->name);
}

/* The service before may be ending just now: a launcher that was killed leaves its ranks a moment.
 */
static bool lock_soon(int fd)
{
    const struct timespec pause = {.tv_nsec = WAIT_NS / LOOKS};
    bool locked = spool_file_lock(fd);
    for (int i = 0; !locked && i < LOOKS && (errno == EAGAIN || errno == EACCES); i++) {
        nanosleep(&pause, NULL);
        locked = spool_file_lock(fd);
    }
    return locked;
}

bool spool_serve(struct spool *spool, struct fail *fail)
{
    spool->lock = spool_file_open(spool, lock_name, O_RDWR | O_CREAT, FAIL_OUTPUT, fail);
    if (spool->lock < 0)
        return false;
    if (!lock_soon(spool->lock)) {
        int error = errno;
        close(spool->lock);
        spool->lock = -1;
        return error == EAGAIN || error == EACCES
                 ? refuse_second(spool, fail)
                 : spool_file_errno(spool, lock_name, FAIL_OUTPUT, error, fail);
    }
    if (!introduce(spool))
        return spool_file_errno(spool, lock_name, FAIL_OUTPUT, errno, fail);
    spool_file_sweep(spool, true);
    return spool_file_sync(spool, fail);
}

bool spool_find_service(const struct spool *spool, struct spool_service *service, struct fail *fail)
{
    char line[LINE_BYTES] = "";
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    *service = (struct spool_service){0};
    int fd = spool_file_open(spool, lock_name, O_RDONLY, FAIL_INPUT, fail);
    if (fd < 0)
        return fail->code == FAIL_NONE;
    bool ok = fcntl(fd, F_OFD_GETLK, &lock) == 0
           || spool_file_errno(spool, lock_name, FAIL_INPUT, errno, fail);
    service->runs = ok && lock.l_type != F_UNLCK;
    if (service->runs && read(fd, line, sizeof line - 1) > 0
        && sscanf(line, "%255s %ld %" SCNu64, service->host, &service->pid, &service->since_s) != 3)
        service->host[0] = '\0';
    close(fd);
    return ok;
}

void spool_path(const struct spool *spool, uint64_t number, const char *ending, char path[PATH_MAX])
{
    char name[SPOOL_NAME_BYTES];
    spool_file_name(name, number, ending);
    const size_t len = strlen(spool->path); /* spool_open has seen to it that there is room */
    memcpy(path, spool->path, len);
    path[len] = '/';
    strcpy(path + len + 1, name);
}

bool spool_ask_close(const struct spool *spool, struct fail *fail)
{
    return spool_file_touch(spool, close_name, fail);
}

bool spool_forget_close(const struct spool *spool, struct fail *fail)
{
    if (unlinkat(spool->folder, close_name, 0) != 0 && errno != ENOENT)
        return spool_file_errno(spool, close_name, FAIL_OUTPUT, errno, fail);
    return spool_file_sync(spool, fail);
}

bool spool_ask_cancel(const struct spool *spool, uint64_t number, struct fail *fail)
{
    char name[SPOOL_NAME_BYTES];
    return spool_file_touch(spool, spool_file_name(name, number, "cancel"), fail);
}

void spool_close(struct spool *spool)
{
    if (spool->lock >= 0) {
        fcntl(spool->lock, F_OFD_SETLK, &(struct flock){.l_type = F_UNLCK}); /* of children, too */
        close(spool->lock);
    }
    if (spool->folder >= 0)
        close(spool->folder);
    spool->lock = spool->folder = -1;
}
