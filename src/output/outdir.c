/* SPDX-License-Identifier: BSD-3-Clause */
/* Writing a folder. All files are brought to the disk at once, by syncfs(2), not each by itself:
 * see outdir_sync. */
#include "output/outdir.h"

#include "host/path.h"
#include "output/temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whether a folder has nothing in it; sets *error where that is not known. */
static bool is_empty(const char *path, int *error)
{
    DIR *entries = opendir(path);
    int others = 0;
    for (struct dirent *entry; entries && (errno = 0, entry = readdir(entries));)
        others += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    *error = errno; /* of the one that failed, 0 where none did */
    if (entries)
        closedir(entries);
    return others == 0;
}

/* Whether a new folder may take the place of the one at `path`. */
static bool may_replace(struct outdir *outdir, const struct stat *status, struct fail *fail)
{
    char above[PATH_MAX], base[PATH_MAX];
    struct stat status_above;
    int error;
    if (!S_ISDIR(status->st_mode))
        return fail_errno(fail, FAIL_OUTPUT, outdir->name, ENOTDIR);
    bool empty = is_empty(outdir->path, &error);
    if (error)
        return fail_errno(fail, FAIL_OUTPUT, outdir->name, error);
    if (!empty)
        return fail_set(fail, FAIL_OUTPUT, "%s: is not empty", outdir->name);
    path_split(outdir->path, above, base);
    if (stat(above, &status_above) != 0 || status_above.st_dev != status->st_dev)
        return fail_set(fail, FAIL_OUTPUT, "%s: is a file system of its own, name a folder in it",
                        outdir->name);
    return temporary_may_replace(outdir->path, outdir->name, status, fail);
}

/* Private until it is whole; the mode it will have is that of the old folder, or what umask leaves.
 */
static bool make_folder(struct outdir *outdir, const struct stat *old, struct fail *fail)
{
    struct stat status;
    int len = snprintf(outdir->folder, PATH_MAX, "%s.d", outdir->temporary);
    if (len >= PATH_MAX)
        return fail_errno(fail, FAIL_OUTPUT, outdir->name, ENAMETOOLONG);
    const mode_t mask = umask(0);
    umask(mask);
    if (mkdir(outdir->folder, 0700) != 0
        || (outdir->fd = open(outdir->folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0
        || fstat(outdir->fd, &status) != 0)
        return fail_errno(fail, FAIL_OUTPUT, outdir->name, errno);
    outdir->mode = old ? old->st_mode & 07777 : (0777 & ~mask) | (status.st_mode & S_ISGID);
    return true;
}

bool outdir_create(struct outdir *outdir, const char *path, struct fail *fail)
{
    struct stat status;
    *outdir = (struct outdir){.fd = -1, .lock = -1};
    snprintf(outdir->name, PATH_MAX, "%s", path);
    if (!path_resolve(path, outdir->path, fail))
        return false;
    bool exists = stat(outdir->path, &status) == 0;
    if (exists && !may_replace(outdir, &status, fail))
        return false;
    bool ok = temporary_create(outdir->path, outdir->name, outdir->temporary, &outdir->cleaner,
                               &outdir->lock, fail);
    outdir->created = outdir->lock >= 0;
    return ok && make_folder(outdir, exists ? &status : NULL, fail);
}

/* One call for all files, whatever else is written to that file system meanwhile: to sync 100,000
 * small files one by one takes a minute and more, this a second. It reports what could not be
 * written since the folder was opened (Linux 5.8). */
bool outdir_sync(struct outdir *outdir, struct fail *fail)
{
    return syncfs(outdir->fd) == 0 || fail_errno(fail, FAIL_OUTPUT, outdir->name, errno);
}

bool outdir_commit(struct outdir *outdir, struct fail *fail)
{
    if (fchmod(outdir->fd, outdir->mode) != 0)
        return fail_errno(fail, FAIL_OUTPUT, outdir->name, errno);
    if (!temporary_rename(outdir->folder, outdir->path, outdir->name, fail))
        return false;
    outdir_close(outdir);
    return true;
}

void outdir_close(struct outdir *outdir)
{
    if (!outdir->created)
        return;
    temporary_remove(outdir->temporary, &outdir->cleaner);
    if (outdir->fd >= 0)
        close(outdir->fd);
    close(outdir->lock);
    outdir->created = false;
}
