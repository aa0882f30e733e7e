/* SPDX-License-Identifier: BSD-3-Clause */
/* A folder of large files. A file counts only once a row of the database names it, so none needs a
 * temporary name: what a crash left is not named by any row. */
#include "store/blob.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WRITE_MAX_BYTES = 1 << 30 };

bool blob_init(struct blob *blob, const char *folder, struct fail *fail)
{
    *blob = (struct blob){0};
    return snprintf(blob->folder, sizeof blob->folder, "%s", folder) < PATH_MAX
        || fail_errno(fail, FAIL_OUTPUT, folder, ENAMETOOLONG);
}

/* The name of a database that may be anybody's leads nowhere but into the folder. */
static bool path_of(const struct blob *blob, const char *name, char path[PATH_MAX],
                    struct fail *fail)
{
    if (name[0] == '.' || name[0] == '\0' || strchr(name, '/'))
        return fail_set(fail, FAIL_INPUT, "%s: '%s' is no name of a result in it", blob->folder,
                        name);
    return snprintf(path, PATH_MAX, "%s/%s", blob->folder, name) < PATH_MAX
        || fail_errno(fail, FAIL_OUTPUT, blob->folder, ENAMETOOLONG);
}

static bool sync_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool ok = fsync(fd) == 0 || errno == EINVAL; /* some file systems cannot, and need not */
    int error = errno;
    close(fd);
    errno = error;
    return ok;
}

static bool make_folder(const struct blob *blob)
{
    char above[PATH_MAX];
    if (mkdir(blob->folder, 0777) != 0)
        return errno == EEXIST;
    strcpy(above, blob->folder);
    char *slash = strrchr(above, '/');
    if (slash)
        slash[slash == above] = '\0';
    return sync_folder(slash ? above : ".");
}

static bool write_all(int fd, const uint8_t *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len < WRITE_MAX_BYTES ? len : WRITE_MAX_BYTES);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return fsync(fd) == 0;
}

bool blob_put(struct blob *blob, const char *name, const uint8_t *bytes, size_t len,
              struct fail *fail)
{
    char path[PATH_MAX];
    if (!path_of(blob, name, path, fail))
        return false;
    if (!make_folder(blob))
        return fail_errno(fail, FAIL_OUTPUT, blob->folder, errno);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail_errno(fail, FAIL_OUTPUT, path, errno);
    bool ok = write_all(fd, bytes, len) || fail_errno(fail, FAIL_OUTPUT, path, errno);
    close(fd);
    if (!ok)
        unlink(path);
    blob->unsynced |= ok;
    return ok;
}

bool blob_sync(struct blob *blob, struct fail *fail)
{
    if (blob->unsynced && !sync_folder(blob->folder))
        return fail_errno(fail, FAIL_OUTPUT, blob->folder, errno);
    blob->unsynced = false;
    return true;
}

static void unmap(struct blob *blob)
{
    if (blob->mapped)
        munmap(blob->mapped, blob->mapped_bytes);
    blob->mapped = NULL;
}

static bool map(struct blob *blob, int fd, const char *path, size_t len, struct fail *fail)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return fail_errno(fail, FAIL_INPUT, path, errno);
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != len)
        return fail_set(fail, FAIL_INPUT, "%s: has %jd bytes, %zu were written", path,
                        (intmax_t)status.st_size, len);
    void *bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        return fail_errno(fail, FAIL_INPUT, path, errno);
    blob->mapped = bytes;
    blob->mapped_bytes = len;
    return true;
}

const uint8_t *blob_get(struct blob *blob, const char *name, size_t len, struct fail *fail)
{
    char path[PATH_MAX];
    unmap(blob);
    if (!path_of(blob, name, path, fail))
        return NULL;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        fail_errno(fail, FAIL_INPUT, path, errno);
        return NULL;
    }
    bool ok = map(blob, fd, path, len, fail);
    close(fd);
    return ok ? blob->mapped : NULL;
}

bool blob_clear(struct blob *blob, bool (*unwanted)(void *context, const char *name), void *context,
                struct fail *fail)
{
    DIR *entries = opendir(blob->folder);
    if (!entries)
        return errno == ENOENT || fail_errno(fail, FAIL_OUTPUT, blob->folder, errno);
    bool ok = true;
    for (struct dirent *entry; ok && (errno = 0, entry = readdir(entries));)
        if (unwanted(context, entry->d_name) && unlinkat(dirfd(entries), entry->d_name, 0) != 0)
            ok = fail_errno(fail, FAIL_OUTPUT, blob->folder, errno);
    if (ok && errno != 0)
        ok = fail_errno(fail, FAIL_OUTPUT, blob->folder, errno);
    closedir(entries);
    return ok;
}

void blob_remove(const char *folder)
{
    DIR *entries = opendir(folder);
    if (!entries)
        return;
    for (struct dirent *entry; (entry = readdir(entries));)
        unlinkat(dirfd(entries), entry->d_name, 0); /* what is no file of ours stays */
    closedir(entries);
    rmdir(folder);
}

void blob_close(struct blob *blob)
{
    unmap(blob);
    blob->folder[0] = '\0';
}
