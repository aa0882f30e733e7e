/* SPDX-License-Identifier: BSD-3-Clause */
/* Temporary files. Whoever holds the lock writes; an unlocked one was left by a run that was killed
 * together with its cleaner, and the next run that writes the same result removes it. The folder of
 * a lock is removed before it and made after it, so that there is never one without. */
#include "output/temporary.h"

#include "host/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum {
    SUFFIX_CHARS = 6,
    TRIES = 100,
    ADDED_CHARS = sizeof "..wc-.d" - 1 + SUFFIX_CHARS, /* at most to the name of the result */
    NAME_CHARS = 255,                                  /* of a name, where that is not known */
};

/* Removes the folder of a temporary file, which holds nothing but files. */
static void remove_folder(int above, const char *name)
{
    int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = fd >= 0 ? fdopendir(fd) : NULL;
    for (struct dirent *entry; entries && (entry = readdir(entries));)
        unlinkat(fd, entry->d_name, 0); /* not . and .. */
    if (entries)
        closedir(entries);
    else if (fd >= 0)
        close(fd);
    unlinkat(above, name, AT_REMOVEDIR);
}

/* Removes a temporary file and its folder. False: something of them is left. */
static bool remove_both(int above, const char *name)
{
    struct stat status;
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s.d", name);
    remove_folder(above, folder);
    unlinkat(above, name, 0);
    return fstatat(above, folder, &status, AT_SYMLINK_NOFOLLOW) != 0
        && fstatat(above, name, &status, AT_SYMLINK_NOFOLLOW) != 0;
}

/* Whether a temporary file may be taken for one of a run on this result: not in a folder where
 * everybody may write, and nobody may touch what is another's. */
static bool concerns_us(int folder, const struct stat *file)
{
    struct stat above;
    return file->st_uid == geteuid() || fstat(folder, &above) != 0 || !(above.st_mode & S_ISVTX);
}

/* Removes a temporary file that nobody holds a lock on. One of somebody else stays: in its place
 * could be what was never ours. False with fail set where somebody holds a lock on it. */
static bool clear_one(int folder, const char *entry, const char *name, struct fail *fail)
{
    struct stat status;
    bool ok = true;
    int fd = openat(folder, entry, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0)
        return true;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && concerns_us(folder, &status)) {
        if (flock(fd, LOCK_EX | LOCK_NB) != 0)
            ok = errno != EWOULDBLOCK
              || fail_set(fail, FAIL_OUTPUT, "%s: another run is writing it", name);
        else if (status.st_uid == geteuid())
            remove_both(folder, entry);
    }
    close(fd);
    return ok;
}

/* Goes through the temporary files of this result: removes those that nobody holds a lock on, fails
 * when somebody does. */
static bool clear_stale(const char *folder, const char *prefix, const char *ours, const char *name,
                        struct fail *fail)
{
    const size_t len = strlen(prefix);
    bool ok = true;
    DIR *entries = opendir(folder);
    for (struct dirent *entry; ok && entries && (entry = readdir(entries));)
        if (strncmp(entry->d_name, prefix, len) == 0 && strlen(entry->d_name) == len + SUFFIX_CHARS
            && strcmp(entry->d_name, ours) != 0)
            ok = clear_one(dirfd(entries), entry->d_name, name, fail);
    if (entries)
        closedir(entries);
    return ok;
}

/* How the names of temporary files of this result begin. One that would be too long is cut, and a
 * hash of all of it takes the place of its end. */
static void set_prefix(const char *folder, const char *base, char prefix[PATH_MAX + 32])
{
    enum { HASH_CHARS = 17 };
    const long most = pathconf(folder, _PC_NAME_MAX);
    const size_t room = (most > ADDED_CHARS + HASH_CHARS ? (size_t)most : (size_t)NAME_CHARS)
                      - ADDED_CHARS,
                 len = strlen(base);
    if (len <= room)
        snprintf(prefix, PATH_MAX + 32, ".%s.wc-", base);
    else
        snprintf(prefix, PATH_MAX + 32, ".%.*s~%016" PRIx64 ".wc-", (int)(room - HASH_CHARS), base,
                 (uint64_t)XXH3_64bits(base, len));
}

/* Whether there is room for the first byte: otherwise a full disk would show when all is done. */
static bool has_room(int fd)
{
    const bool has = pwrite(fd, "", 1, 0) == 1;
    return has && ftruncate(fd, 0) == 0;
}

static bool random_suffix(char *suffix)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
    uint8_t random[SUFFIX_CHARS];
    if (getrandom(random, sizeof random, 0) != sizeof random)
        return false;
    for (int i = 0; i < SUFFIX_CHARS; i++)
        suffix[i] = letters[random[i] % 32];
    suffix[SUFFIX_CHARS] = '\0';
    return true;
}

/* Creates the file, unless there is one of that name. Its cleaner is there first, so that there is
 * no moment at which a signal would leave the file behind. */
static int create_guarded(const char *temporary, struct cleaner *cleaner)
{
    struct stat status;
    if (lstat(temporary, &status) == 0) {
        errno = EEXIST; /* somebody else's, which our cleaner must not remove */
        return -1;
    }
    cleaner_start(cleaner, CLEANER_REMOVES, temporary, -1);
    int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int error = errno;
    if (fd < 0)
        cleaner_end(cleaner);
    errno = error;
    return fd;
}

bool temporary_create(const char *path, const char *name, char temporary[PATH_MAX],
                      struct cleaner *cleaner, int *fd, struct fail *fail)
{
    char folder[PATH_MAX], base[PATH_MAX], prefix[PATH_MAX + 32], suffix[SUFFIX_CHARS + 1];
    *fd = -1;
    if (!path_split(path, folder, base))
        return fail_errno(fail, FAIL_OUTPUT, name, EISDIR);
    set_prefix(folder, base, prefix);
    for (int i = 0; *fd < 0 && i < TRIES; i++) {
        if (!random_suffix(suffix))
            return fail_errno(fail, FAIL_OTHER, "random numbers", errno);
        int len = snprintf(temporary, PATH_MAX, "%s/%s%s", strcmp(folder, "/") == 0 ? "" : folder,
                           prefix, suffix);
        if (len >= PATH_MAX)
            return fail_errno(fail, FAIL_OUTPUT, name, ENAMETOOLONG);
        *fd = create_guarded(temporary, cleaner);
        if (*fd < 0 && errno != EEXIST)
            return fail_errno(fail, FAIL_OUTPUT, name, errno);
    }
    if (*fd < 0)
        return fail_errno(fail, FAIL_OUTPUT, name, EEXIST);
    if (!has_room(*fd))
        return fail_errno(fail, FAIL_OUTPUT, name, errno);
    flock(*fd, LOCK_EX | LOCK_NB); /* without locks only the two checks are lost */
    return clear_stale(folder, prefix, strrchr(temporary, '/') + 1, name, fail);
}

bool temporary_may_replace(const char *path, const char *name, const struct stat *there,
                           struct fail *fail)
{
    char folder[PATH_MAX], base[PATH_MAX];
    struct stat above;
    path_split(path, folder, base);
    if (geteuid() == 0 || stat(folder, &above) != 0 || !(above.st_mode & S_ISVTX)
        || above.st_uid == geteuid() || there->st_uid == geteuid())
        return true;
    return fail_errno(fail, FAIL_OUTPUT, name, EPERM);
}

/* Some file systems cannot sync a folder; the data is safe already. */
static void sync_folder_of(const char *path)
{
    char folder[PATH_MAX], base[PATH_MAX];
    path_split(path, folder, base);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd); /* see above */
    close(fd);
}

bool temporary_exchange(const char *from, const char *path, const char *name, struct fail *fail)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_EXCHANGE) != 0)
        return temporary_rename(from, path, name, fail);
    sync_folder_of(path);
    return true;
}

bool temporary_rename(const char *from, const char *path, const char *name, struct fail *fail)
{
    if (rename(from, path) != 0)
        return fail_errno(fail, FAIL_OUTPUT, name, errno);
    sync_folder_of(path);
    return true;
}

/* What this process cannot remove another one may be able to, such as where there are no more
 * descriptors. */
void temporary_remove(const char *temporary, struct cleaner *cleaner)
{
    if (remove_both(AT_FDCWD, temporary))
        cleaner_end(cleaner);
    else
        cleaner_run(cleaner);
}
