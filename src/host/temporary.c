/* Temporary files. Whoever holds the lock writes; an unlocked one was left by a run that was killed
 * together with its guard, and the next run that writes the same result removes it. The folder of
 * a lock is removed before it and made after it, so that there is never one without. */
#include "temporary.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

enum { SUFFIX_CHARS = 6, TRIES = 100, LINKS_MAX = 40 };

bool temporary_split(const char *path, char folder[PATH_MAX], char base[PATH_MAX])
{
    char copy[PATH_MAX];
    strcpy(copy, path);
    strcpy(folder, dirname(copy));
    strcpy(copy, path);
    strcpy(base, basename(copy));
    return strcmp(base, "/") != 0 && strcmp(base, ".") != 0 && strcmp(base, "..") != 0;
}

/* Where a symbolic link points, seen from where we are; false when `path` is none. */
static bool follow(const char *path, char target[PATH_MAX])
{
    char folder[PATH_MAX], base[PATH_MAX], link[PATH_MAX];
    ssize_t len = readlink(path, link, sizeof link - 1);
    if (len <= 0)
        return false;
    link[len] = '\0';
    temporary_split(path, folder, base);
    int needed = link[0] == '/' ? snprintf(target, PATH_MAX, "%s", link)
                                : snprintf(target, PATH_MAX, "%s/%s", folder, link);
    return needed < PATH_MAX;
}

bool temporary_resolve(const char *name, char path[PATH_MAX], struct fail *fail)
{
    char folder[PATH_MAX], base[PATH_MAX], real[PATH_MAX], at[PATH_MAX], target[PATH_MAX];
    if (strlen(name) >= PATH_MAX)
        return fail_errno(fail, FAIL_OUTPUT, name, ENAMETOOLONG);
    strcpy(at, name);
    for (int links = 0; links < LINKS_MAX; links++) {
        if (realpath(at, path))
            return true;
        if (errno != ENOENT || !follow(at, target))
            break;
        strcpy(at, target); /* a link to nothing yet */
    }
    if (!temporary_split(at, folder, base) || !realpath(folder, real))
        return fail_errno(fail, FAIL_OUTPUT, name, errno);
    int len = snprintf(path, PATH_MAX, "%s/%s", strcmp(real, "/") == 0 ? "" : real, base);
    return len < PATH_MAX || fail_errno(fail, FAIL_OUTPUT, name, ENAMETOOLONG);
}

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

/* Creates the file and starts its guard, with no moment between them at which a signal that can be
 * held back would leave the file behind. */
static int create_guarded(const char *temporary, struct guard *guard)
{
    sigset_t mask, before;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    sigprocmask(SIG_BLOCK, &mask, &before);
    int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int error = errno;
    if (fd >= 0)
        guard_start(guard, temporary);
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return fd;
}

bool temporary_create(const char *path, const char *name, char temporary[PATH_MAX],
                      struct guard *guard, int *fd, struct fail *fail)
{
    char folder[PATH_MAX], base[PATH_MAX], prefix[PATH_MAX + 8], suffix[SUFFIX_CHARS + 1];
    *fd = -1;
    if (!temporary_split(path, folder, base))
        return fail_errno(fail, FAIL_OUTPUT, name, EISDIR);
    snprintf(prefix, sizeof prefix, ".%s.wc-", base);
    for (int i = 0; *fd < 0 && i < TRIES; i++) {
        if (!random_suffix(suffix))
            return fail_errno(fail, FAIL_OTHER, "random numbers", errno);
        int len = snprintf(temporary, PATH_MAX, "%s/%s%s", strcmp(folder, "/") == 0 ? "" : folder,
                           prefix, suffix);
        if (len >= PATH_MAX)
            return fail_errno(fail, FAIL_OUTPUT, name, ENAMETOOLONG);
        *fd = create_guarded(temporary, guard);
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
    temporary_split(path, folder, base);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd); /* some file systems cannot sync a folder; the data is safe already */
        close(fd);
    }
    return true;
}

void temporary_remove(const char *temporary, struct guard *guard)
{
    remove_both(AT_FDCWD, temporary);
    guard_end(guard);
}
