/* SPDX-License-Identifier: BSD-3-Clause */
/* Temporary files. Whoever holds the lock writes; an unlocked one was left by a run that was killed
 * together with its cleaner, and the next run that writes the same result removes it. The folder of
 * a lock is removed before it and made after it, so that there is never one without. */
#include "output/temporary.h"

#include "host/path.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SUFFIX_CHARS = 6, TRIES = 100 };

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

/* Removes a temporary file and its folder. */
static void remove_both(int above, const char *name)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%s.d", name);
    remove_folder(above, folder);
    unlinkat(above, name, 0);
}

/* Goes through the temporary files of this result: removes those that nobody holds a lock on, fails
 * when somebody does. */
static bool clear_stale(const char *folder, const char *prefix, const char *ours, const char *name,
                        struct fail *fail)
{
    bool ok = true;
    DIR *entries = opendir(folder);
    for (struct dirent *entry; ok && entries && (entry = readdir(entries));) {
        size_t len = strlen(prefix);
        if (strncmp(entry->d_name, prefix, len) != 0 || strlen(entry->d_name) != len + SUFFIX_CHARS
            || strcmp(entry->d_name, ours) == 0)
            continue;
        int fd = openat(dirfd(entries), entry->d_name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            continue;
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            remove_both(dirfd(entries), entry->d_name);
        else if (errno == EWOULDBLOCK)
            ok = fail_set(fail, FAIL_OUTPUT, "%s: another run is writing it", name);
        close(fd);
    }
    if (entries)
        closedir(entries);
    return ok;
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
    char folder[PATH_MAX], base[PATH_MAX], prefix[PATH_MAX + 8], suffix[SUFFIX_CHARS + 1];
    *fd = -1;
    if (!path_split(path, folder, base))
        return fail_errno(fail, FAIL_OUTPUT, name, EISDIR);
    snprintf(prefix, sizeof prefix, ".%s.wc-", base);
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
    flock(*fd, LOCK_EX | LOCK_NB); /* without locks only the two checks are lost */
    return clear_stale(folder, prefix, strrchr(temporary, '/') + 1, name, fail);
}

bool temporary_rename(const char *from, const char *path, const char *name, struct fail *fail)
{
    char folder[PATH_MAX], base[PATH_MAX];
    if (rename(from, path) != 0)
        return fail_errno(fail, FAIL_OUTPUT, name, errno);
    path_split(path, folder, base);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd); /* some file systems cannot sync a folder; the data is safe already */
        close(fd);
    }
    return true;
}

void temporary_remove(const char *temporary, struct cleaner *cleaner)
{
    remove_both(AT_FDCWD, temporary);
    cleaner_end(cleaner);
}
