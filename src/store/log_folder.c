/* SPDX-License-Identifier: BSD-3-Clause */
/* The folder of a checkpoint. The lock is one of fcntl(2), which holds on NFS, too. */
#include "store/log_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NAME_BYTES = 64, LINE_BYTES = 512 };

/* Whether there is room for the names in it. */
static bool set_path(struct log_folder *folder, const char *path, struct fail *fail)
{
    *folder = (struct log_folder){.lock = -1};
    if (strlen(path) + NAME_BYTES >= PATH_MAX)
        return fail_errno(fail, FAIL_OUTPUT, path, ENAMETOOLONG);
    strcpy(folder->path, path);
    return true;
}

static void name_in(const struct log_folder *folder, const char *name, char path[PATH_MAX])
{
    const size_t len = strlen(folder->path);
    memcpy(path, folder->path, len);
    path[len] = '/';
    snprintf(path + len + 1, NAME_BYTES, "%s", name);
}

void log_folder_commit(const struct log_folder *folder, char path[PATH_MAX])
{
    name_in(folder, "commit", path);
}

void log_folder_log(const struct log_folder *folder, uint64_t attempt, uint64_t rank,
                    char path[PATH_MAX])
{
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "log-%" PRIu64 "-%" PRIu64, attempt, rank);
    name_in(folder, name, path);
}

/* Who has the lock; the others see it in the file. */
static bool introduce(struct log_folder *folder)
{
    char host[256] = "", line[LINE_BYTES], since[32];
    const time_t now = time(NULL);
    struct tm local;
    if (gethostname(host, sizeof host - 1) != 0 || !localtime_r(&now, &local)
        || getrandom(&folder->nonce, sizeof folder->nonce, 0) != sizeof folder->nonce)
        return false;
    strftime(since, sizeof since, "%F %T", &local);
    const int len = snprintf(line, sizeof line, "%016" PRIx64 " process %ld on %s since %s\n",
                             folder->nonce, (long)getpid(), host, since);
    return ftruncate(folder->lock, 0) == 0 && pwrite(folder->lock, line, (size_t)len, 0) == len
        && fsync(folder->lock) == 0;
}

/* The line in the lock; false: there is none. */
static bool read_lock(const char *path, uint64_t *nonce, char who[LINE_BYTES])
{
    char line[LINE_BYTES] = "";
    int at = 0;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);
    const ssize_t len = fd >= 0 ? read(fd, line, sizeof line - 1) : -1;
    if (fd >= 0)
        close(fd);
    if (len <= 0 || sscanf(line, "%16" SCNx64 " %n", nonce, &at) != 1)
        return false;
    line[strcspn(line, "\n")] = '\0';
    strcpy(who, line + at);
    return true;
}

static bool in_use(const struct log_folder *folder, const char *path, struct fail *fail)
{
    char who[LINE_BYTES] = "another process";
    uint64_t nonce;
    read_lock(path, &nonce, who);
    return fail_set(fail, FAIL_OUTPUT, "--checkpoint: %s is in use by %s", folder->path, who);
}

/* Once more where a run that has ended removed the file meanwhile. False with errno. */
static bool take_lock(struct log_folder *folder, const char *lock)
{
    const struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct stat status = {.st_nlink = 0};
    while (status.st_nlink == 0) {
        if (folder->lock >= 0)
            close(folder->lock);
        folder->lock = open(lock, O_CREAT | O_NOFOLLOW | O_RDWR | O_CLOEXEC | O_NOCTTY, 0600);
        if (folder->lock < 0 || fcntl(folder->lock, F_OFD_SETLK, &range) != 0
            || fstat(folder->lock, &status) != 0)
            return false;
    }
    return true;
}

bool log_folder_open(struct log_folder *folder, const char *path, struct fail *fail)
{
    char lock[PATH_MAX];
    if (!set_path(folder, path, fail))
        return false;
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        return fail_errno(fail, FAIL_OUTPUT, path, errno);
    name_in(folder, "lock", lock);
    if (!take_lock(folder, lock))
        return folder->lock >= 0 && (errno == EAGAIN || errno == EACCES)
                 ? in_use(folder, lock, fail)
                 : fail_errno(fail, FAIL_OUTPUT, lock, errno);
    return introduce(folder) || fail_errno(fail, FAIL_OUTPUT, lock, errno);
}

bool log_folder_join(struct log_folder *folder, const char *path, uint64_t nonce, struct fail *fail)
{
    char lock[PATH_MAX], who[LINE_BYTES];
    uint64_t here;
    if (!set_path(folder, path, fail))
        return false;
    folder->nonce = nonce;
    name_in(folder, "lock", lock);
    return (read_lock(lock, &here, who) && here == nonce)
        || fail_set(fail, FAIL_OUTPUT,
                    "--checkpoint: %s is another folder here than for rank 0: it must be one that "
                    "all hosts share",
                    path);
}

/* Whether it is the name of a log. */
static bool parse(const char *name, uint64_t *attempt, uint64_t *rank)
{
    int end = 0;
    return sscanf(name, "log-%20" SCNu64 "-%20" SCNu64 "%n", attempt, rank, &end) == 2
        && name[end] == '\0';
}

void log_folder_sweep(const struct log_folder *folder,
                      bool (*wanted)(void *context, uint64_t attempt, uint64_t rank), void *context)
{
    DIR *entries = opendir(folder->path);
    struct dirent *entry;
    uint64_t attempt, rank;
    while (entries && (entry = readdir(entries)))
        if (parse(entry->d_name, &attempt, &rank) && !wanted(context, attempt, rank))
            unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries)
        closedir(entries);
}

static bool unwanted(void *context, uint64_t attempt, uint64_t rank)
{
    (void)context, (void)attempt, (void)rank;
    return false;
}

bool log_folder_clear(const struct log_folder *folder, struct fail *fail)
{
    char path[PATH_MAX];
    log_folder_commit(folder, path);
    if (unlink(path) != 0 && errno != ENOENT)
        return fail_errno(fail, FAIL_OUTPUT, path, errno);
    log_folder_sweep(folder, unwanted, NULL);
    name_in(folder, "commit.new", path); /* see commit.c: of a run that was killed */
    unlink(path);
    name_in(folder, "lock", path);
    unlink(path);
    return true;
}

void log_folder_close(struct log_folder *folder)
{
    if (folder->lock >= 0) {
        fcntl(folder->lock, F_OFD_SETLK, &(struct flock){.l_type = F_UNLCK}); /* of children, too */
        close(folder->lock);
    }
    folder->lock = -1;
}
