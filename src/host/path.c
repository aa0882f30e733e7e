/* SPDX-License-Identifier: BSD-3-Clause */
/* Paths. Links are followed one by one where realpath(3) would go too far: to what is behind a
 * descriptor, or not far enough: to what is not there yet. */
#include "host/path.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINKS_MAX = 40 };

bool path_split(const char *path, char folder[PATH_MAX], char base[PATH_MAX])
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
    path_split(path, folder, base);
    int needed = link[0] == '/' ? snprintf(target, PATH_MAX, "%s", link)
                                : snprintf(target, PATH_MAX, "%s/%s", folder, link);
    return needed < PATH_MAX;
}

bool path_resolve(const char *name, char path[PATH_MAX], struct fail *fail)
{
    char folder[PATH_MAX], base[PATH_MAX], real[PATH_MAX], at[PATH_MAX], target[PATH_MAX];
    if (strlen(name) >= PATH_MAX)
        return fail_errno(fail, FAIL_OUTPUT, name, ENAMETOOLONG);
    strcpy(at, name);
    for (;;) { /* where links go in a circle, realpath says so */
        if (realpath(at, path))
            return true;
        if (errno != ENOENT)
            return fail_errno(fail, FAIL_OUTPUT, name, errno);
        if (!follow(at, target))
            break;
        strcpy(at, target); /* a link to what is not there yet */
    }
    if (!path_split(at, folder, base) || !realpath(folder, real))
        return fail_errno(fail, FAIL_OUTPUT, name, errno);
    int len = snprintf(path, PATH_MAX, "%s/%s", strcmp(real, "/") == 0 ? "" : real, base);
    return len < PATH_MAX || fail_errno(fail, FAIL_OUTPUT, name, ENAMETOOLONG);
}

/* Whether a folder without links in its path is that of the descriptors of a process, or of one of
 * its threads, and whether the process is this one. */
static bool holds_descriptors(const char *folder, bool *ours)
{
    char self[PATH_MAX];
    int process, thread, end = 0;
    if (sscanf(folder, "/proc/%d/fd%n", &process, &end) < 1 || folder[end] != '\0' || end == 0) {
        end = 0;
        if (sscanf(folder, "/proc/%d/task/%d/fd%n", &process, &thread, &end) < 2
            || folder[end] != '\0' || end == 0)
            return false;
    }
    size_t len = realpath("/proc/self", self) ? strlen(self) : 0;
    *ours = len > 0 && strncmp(folder, self, len) == 0 && folder[len] == '/';
    return true;
}

bool path_descriptor(const char *path, int *fd)
{
    char folder[PATH_MAX], base[PATH_MAX], real[PATH_MAX], at[PATH_MAX], target[PATH_MAX];
    if (strlen(path) >= PATH_MAX)
        return false;
    strcpy(at, path);
    for (int links = 0; links < LINKS_MAX; links++) {
        bool ours;
        char end;
        if (!path_split(at, folder, base) || !realpath(folder, real))
            return false;
        if (holds_descriptors(real, &ours) && sscanf(base, "%d%c", fd, &end) == 1) {
            *fd = ours ? *fd : -1;
            return true;
        }
        if (!follow(at, target))
            return false;
        strcpy(at, target);
    }
    return false;
}

bool path_standard_input(const char *name)
{
    int fd;
    return strcmp(name, "-") == 0 || (path_descriptor(name, &fd) && fd == STDIN_FILENO);
}

bool path_same(const char *a, const char *b)
{
    char whole_a[PATH_MAX], whole_b[PATH_MAX];
    struct stat status_a, status_b;
    struct fail none = {0};
    int fd_a, fd_b;
    if (strcmp(a, b) == 0)
        return true;
    const bool open_a = path_descriptor(a, &fd_a), open_b = path_descriptor(b, &fd_b);
    if (open_a && open_b)
        return fd_a == fd_b && fd_a >= 0;
    if (stat(a, &status_a) == 0 && stat(b, &status_b) == 0)
        return status_a.st_dev == status_b.st_dev && status_a.st_ino == status_b.st_ino
            && (S_ISREG(status_a.st_mode) || S_ISDIR(status_a.st_mode));
    return path_resolve(a, whole_a, &none) && path_resolve(b, whole_b, &none)
        && strcmp(whole_a, whole_b) == 0;
}

bool path_lies_in(const char *path, const char *folder)
{
    char whole[PATH_MAX], above[PATH_MAX], base[PATH_MAX], whole_folder[PATH_MAX];
    struct fail none = {0};
    return path_resolve(path, whole, &none) && path_split(whole, above, base)
        && path_resolve(folder, whole_folder, &none) && strcmp(above, whole_folder) == 0;
}

bool path_ends(const char *path, const char *end)
{
    const size_t len = strlen(path), end_len = strlen(end);
    return len > end_len && strcmp(path + len - end_len, end) == 0;
}
