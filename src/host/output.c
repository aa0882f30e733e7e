/* Writing the result. MPI-IO is not used: on a full disk it reports success. */
#include "output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITE_MAX_BYTES = 1 << 30, SUFFIX_CHARS = 6, TRIES = 100, LINKS_MAX = 40 };

/* Started for a temporary file: a process that waits until nobody holds the other end of its
 * standard input any more, which is when we are gone, and removes the file. A handler of signals
 * could not do it, because mpirun sends KILL right after TERM. A session of its own, and the mask,
 * keep it from what is sent to all of a job. Without it nothing is lost: the next run that writes
 * this result removes the file. */
static void start_guard(struct output *output)
{
    static char shell[] = "/bin/sh", option[] = "-c",
                script[] = "read -r end; exec rm -f -- \"$0\"";
    char *arguments[] = {shell, option, script, output->temporary, NULL};
    int ends[2];
    sigset_t mask;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t streams;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    sigaddset(&mask, SIGHUP);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &mask);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&streams);
    posix_spawn_file_actions_adddup2(&streams, ends[0], STDIN_FILENO);
    posix_spawn_file_actions_addopen(&streams, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&streams, STDOUT_FILENO, STDERR_FILENO);
    if (posix_spawn(&output->guard, shell, &streams, &attributes, arguments, environ) == 0) {
        output->guard_pipe = ends[1];
    } else {
        output->guard = 0;
        close(ends[1]);
    }
    close(ends[0]);
    posix_spawn_file_actions_destroy(&streams);
    posix_spawnattr_destroy(&attributes);
}

/* When the temporary file is no more. */
static void end_guard(struct output *output)
{
    if (output->guard == 0)
        return;
    kill(output->guard, SIGKILL);
    waitpid(output->guard, NULL, 0);
    close(output->guard_pipe);
    output->guard = 0;
}

static bool split(const char *path, char folder[PATH_MAX], char base[PATH_MAX])
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
    split(path, folder, base);
    int needed = link[0] == '/' ? snprintf(target, PATH_MAX, "%s", link)
                                : snprintf(target, PATH_MAX, "%s/%s", folder, link);
    return needed < PATH_MAX;
}

/* The absolute path of a file that may not exist yet, in a folder that must. */
static bool resolve(struct output *output, struct fail *fail)
{
    char folder[PATH_MAX], base[PATH_MAX], real[PATH_MAX], path[PATH_MAX], target[PATH_MAX];
    strcpy(path, output->name);
    for (int links = 0; links < LINKS_MAX; links++) {
        if (realpath(path, output->path))
            return true;
        if (errno != ENOENT || !follow(path, target))
            break;
        strcpy(path, target); /* a link to nothing yet */
    }
    if (!split(path, folder, base) || !realpath(folder, real))
        return fail_errno(fail, FAIL_OUTPUT, output->name, errno);
    int len = snprintf(output->path, PATH_MAX, "%s/%s", strcmp(real, "/") == 0 ? "" : real, base);
    return len < PATH_MAX || fail_errno(fail, FAIL_OUTPUT, output->name, ENAMETOOLONG);
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
            unlinkat(dirfd(entries), entry->d_name, 0);
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

static bool create_temporary(struct output *output, struct fail *fail)
{
    char folder[PATH_MAX], base[PATH_MAX], prefix[PATH_MAX + 8], suffix[SUFFIX_CHARS + 1];
    if (!split(output->path, folder, base))
        return fail_errno(fail, FAIL_OUTPUT, output->name, EISDIR);
    snprintf(prefix, sizeof prefix, ".%s.wc-", base);
    for (int i = 0; output->fd < 0 && i < TRIES; i++) {
        if (!random_suffix(suffix))
            return fail_errno(fail, FAIL_OTHER, "random numbers", errno);
        int len = snprintf(output->temporary, PATH_MAX, "%s/%s%s",
                           strcmp(folder, "/") == 0 ? "" : folder, prefix, suffix);
        if (len >= PATH_MAX)
            return fail_errno(fail, FAIL_OUTPUT, output->name, ENAMETOOLONG);
        output->fd =
            open(output->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (output->fd < 0 && errno != EEXIST)
            return fail_errno(fail, FAIL_OUTPUT, output->name, errno);
    }
    if (output->fd < 0)
        return fail_errno(fail, FAIL_OUTPUT, output->name, EEXIST);
    output->created = true;
    start_guard(output);
    flock(output->fd, LOCK_EX | LOCK_NB); /* without locks only the two checks are lost */
    return clear_stale(folder, prefix, strrchr(output->temporary, '/') + 1, output->name, fail);
}

/* The descriptor that a path names by itself, whatever is behind it: never to be renamed over. -1:
 * none. */
static int named_descriptor(const char *path)
{
    int fd;
    char end;
    if (!path || strcmp(path, "-") == 0 || strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (sscanf(path, "/dev/fd/%d%c", &fd, &end) == 1
        || sscanf(path, "/proc/self/fd/%d%c", &fd, &end) == 1)
        return fd;
    return -1;
}

bool output_create(struct output *output, const char *path, struct fail *fail)
{
    struct stat status;
    *output = (struct output){.fd = -1};
    snprintf(output->name, PATH_MAX, "%s", path ? path : "standard output");
    int named = named_descriptor(path);
    if (named >= 0) {
        output->direct = true;
        output->fd = fcntl(named, F_DUPFD_CLOEXEC, 3);
        return output->fd >= 0 || fail_errno(fail, FAIL_OUTPUT, output->name, errno);
    }
    if (strlen(path) >= PATH_MAX)
        return fail_errno(fail, FAIL_OUTPUT, path, ENAMETOOLONG);
    bool exists = stat(path, &status) == 0;
    if (exists && S_ISDIR(status.st_mode))
        return fail_errno(fail, FAIL_OUTPUT, path, EISDIR);
    if (exists && !S_ISREG(status.st_mode)) {
        output->direct = true;
        output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return output->fd >= 0 || fail_errno(fail, FAIL_OUTPUT, path, errno);
    }
    if (exists && access(path, W_OK) != 0)
        return fail_errno(fail, FAIL_OUTPUT, path, errno);
    mode_t mask = umask(0);
    umask(mask);
    output->mode = exists ? status.st_mode & 07777 : 0666 & ~mask;
    return resolve(output, fail) && create_temporary(output, fail);
}

bool output_join(struct output *output, struct fail *fail)
{
    output->created = false;
    output->fd = open(output->temporary, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
    return output->fd >= 0 || fail_errno(fail, FAIL_OUTPUT, output->name, errno);
}

bool output_write(struct output *output, const void *bytes, size_t len, uint64_t offset,
                  struct fail *fail)
{
    const uint8_t *from = bytes;
    while (len > 0) {
        size_t want = len < WRITE_MAX_BYTES ? len : WRITE_MAX_BYTES;
        ssize_t wrote = output->direct ? write(output->fd, from, want)
                                       : pwrite(output->fd, from, want, (off_t)offset);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return fail_errno(fail, FAIL_OUTPUT, output->name, wrote < 0 ? errno : ENOSPC);
        from += wrote;
        len -= (size_t)wrote;
        offset += (uint64_t)wrote;
    }
    return true;
}

bool output_sync(struct output *output, struct fail *fail)
{
    if (output->direct || output->fd < 0 || fsync(output->fd) == 0)
        return true;
    return fail_errno(fail, FAIL_OUTPUT, output->name, errno);
}

bool output_commit(struct output *output, uint64_t bytes, struct fail *fail)
{
    if (output->direct)
        return true;
    struct stat status;
    char folder[PATH_MAX], base[PATH_MAX];
    if (fstat(output->fd, &status) != 0)
        return fail_errno(fail, FAIL_OUTPUT, output->name, errno);
    if ((uint64_t)status.st_size != bytes)
        return fail_set(fail, FAIL_OUTPUT, "%s: %" PRIu64 " bytes were written, %jd are there",
                        output->name, bytes, (intmax_t)status.st_size);
    if (fchmod(output->fd, output->mode) != 0 || rename(output->temporary, output->path) != 0)
        return fail_errno(fail, FAIL_OUTPUT, output->name, errno);
    output->created = false;
    end_guard(output);
    split(output->path, folder, base);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        fsync(fd); /* some file systems cannot sync a folder; the data is safe already */
        close(fd);
    }
    return true;
}

void output_close(struct output *output)
{
    if (output->created) {
        unlink(output->temporary);
        end_guard(output);
    }
    if (output->fd >= 0)
        close(output->fd);
    output->created = false;
    output->fd = -1;
}
