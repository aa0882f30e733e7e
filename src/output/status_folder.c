/* SPDX-License-Identifier: BSD-3-Clause */
/* The files of a run for those who watch it. One run at a time holds a lock on a file in the
 * folder, because file systems of a network lock files for all hosts; its cleaner holds it as well,
 * so that the next run comes after its last word. The lock is a name that is removed in the end, so
 * whoever gets it looks whether it is still that name. */
#include "output/status_folder.h"

#include "status/metrics.h"
#include "status/page.h"
#include "status/run_record.h"
#include "status/screen.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK ".status.wc-lock"
#define BESIDE ".wc-new" /* behind the name of a file, and a dot before it */

/* What is done when the run is gone and has not closed the folder, $0: each file says so, as long
 * as it says that the run goes on. Where others write in the folder, too, no link of theirs is
 * followed (set -C). */
static const char last_words[] =
    "cd \"$0\" || exit\n"
    "export LC_ALL=C\n"
    "set -C\n"
    "text=\"ended without a word at $(date -u '+%Y-%m-%d %H:%M:%S') UTC\"\n"
    "put() {\n"
    "    file=$1 beside=.$1" BESIDE
    "\n"
    "    shift\n"
    "    [ ! -L \"$file\" ] || return\n"
    "    rm -f \"$beside\"\n"
    "    sed \"$@\" <\"$file\" >\"$beside\" && mv -f \"$beside\" \"$file\" || rm -f \"$beside\"\n"
    "}\n"
    "grep -q '^<meta http-equiv=\"refresh\"' status.html &&\n"
    "    put status.html -e '/^<meta http-equiv=\"refresh\"/d' \\\n"
    "        -e 's/, [^,<]* left<.p>$/<\\/p>/' -e 's/, time left unknown<.p>$/<\\/p>/' \\\n"
    "        -e 's/, renewed every 2 s<.p>$/<\\/p>/' \\\n"
    "        -e \"/^<!-- state -->\\$/,/^<!-- end of state -->\\$/c\\\\\n"
    "<p class=\\\"state bad\\\">$text</p>\"\n"
    "put mpiwc.prom -e '/mpiwc_left_seconds/d' -e '/^mpiwc_state{state=\"running\"} "
    "1$/,/^mpiwc_state{state=\"lost\"}/{' \\\n"
    "    -e 's/\"running\"} 1$/\"running\"} 0/' -e 's/\"lost\"} 0$/\"lost\"} 1/' -e '}'\n"
    "put status.json -e '/^  \"state\": \"running\",$/,/^  \"left_seconds\": /{' \\\n"
    "    -e 's/^  \"state\": .*/  \"state\": \"lost\",/' \\\n"
    "    -e 's/^  \"left_seconds\": .*/  \"left_seconds\": null,/' \\\n"
    "    -e \"s/^  \\\"failure\\\": .*/  \\\"failure\\\": \\\"$text\\\",/\" -e '}'\n"
    "put status.txt -e '2,3{' -e \"s/^running .*/lost: $text/\" \\\n"
    "    -e 's/, [^,]* left$//' -e 's/, time left unknown$//' -e '}'\n"
    "rm -f " LOCK "\n";

static bool put_record(FILE *file, const struct snapshot *snapshot)
{
    size_t len;
    char *text = run_record_text(snapshot, &len);
    const bool ok = text && fwrite(text, 1, len, file) == len;
    if (!text)
        errno = ENOMEM;
    free(text);
    return ok;
}

static bool put_screen(FILE *file, const struct snapshot *snapshot)
{
    screen_write(file, snapshot, SCREEN_COLUMNS);
    return true;
}

static bool put_page(FILE *file, const struct snapshot *snapshot)
{
    page_write(file, snapshot);
    return true;
}

static bool put_metrics(FILE *file, const struct snapshot *snapshot)
{
    metrics_write(file, snapshot);
    return true;
}

/* The one that says whether the run goes on comes last. */
static const struct kind {
    const char *name, *beside;
    bool (*put)(FILE *file, const struct snapshot *snapshot);
} kinds[] = {
    {"status.html", ".status.html" BESIDE, put_page},
    {"mpiwc.prom", ".mpiwc.prom" BESIDE, put_metrics},
    {"status.json", ".status.json" BESIDE, put_record},
    {STATUS_FOLDER_SCREEN, "." STATUS_FOLDER_SCREEN BESIDE, put_screen},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

/* A new file of that name; a link in its place is not followed. */
static int create(const struct status_folder *folder, const char *name)
{
    unlinkat(folder->fd, name, 0);
    return openat(folder->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

static bool put(const struct status_folder *folder, const struct kind *kind,
                const struct snapshot *snapshot, struct fail *fail)
{
    const int fd = create(folder, kind->beside);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    errno = file ? 0 : errno;
    bool ok = file && kind->put(file, snapshot) && fflush(file) == 0 && !ferror(file);
    int error = errno;
    if (file && fclose(file) != 0 && ok) {
        ok = false;
        error = errno;
    } else if (!file && fd >= 0) {
        close(fd);
    }
    if (ok && renameat(folder->fd, kind->beside, folder->fd, kind->name) != 0) {
        ok = false;
        error = errno;
    }
    if (!ok && fd >= 0)
        unlinkat(folder->fd, kind->beside, 0);
    return ok || fail_errno(fail, FAIL_OUTPUT, kind->name, error ? error : EIO);
}

bool status_folder_write(const struct status_folder *folder, const struct snapshot *snapshot,
                         struct fail *fail)
{
    bool ok = true;
    for (size_t i = 0; i < KINDS; i++)
        ok = put(folder, &kinds[i], snapshot, fail) && ok;
    return ok;
}

/* Whether the file that is locked still has the name by which others look for it. */
static bool is_named(const struct status_folder *folder)
{
    struct stat ours, named;
    return fstat(folder->lock, &ours) == 0
        && fstatat(folder->fd, LOCK, &named, AT_SYMLINK_NOFOLLOW) == 0
        && ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

/* Without locks only this check is lost. */
static enum status_folder_end lock(struct status_folder *folder)
{
    folder->lock = openat(folder->fd, LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (folder->lock < 0)
        return STATUS_FOLDER_UNUSABLE;
    if (flock(folder->lock, LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK ? STATUS_FOLDER_TAKEN : STATUS_FOLDER_OPEN;
    return is_named(folder) ? STATUS_FOLDER_OPEN : STATUS_FOLDER_TAKEN;
}

/* Who was killed just now may have a last word to say. */
static enum status_folder_end lock_patiently(struct status_folder *folder)
{
    enum { TRIES = 20, WAIT_NS = 100000000 };
    enum status_folder_end end = lock(folder);
    for (int i = 1; end == STATUS_FOLDER_TAKEN && i < TRIES; i++) {
        close(folder->lock);
        nanosleep(&(struct timespec){.tv_nsec = WAIT_NS}, NULL);
        end = lock(folder);
    }
    return end;
}

enum status_folder_end status_folder_open(struct status_folder *folder, const char *path,
                                          struct fail *fail)
{
    char whole[PATH_MAX];
    *folder = (struct status_folder){.fd = -1, .lock = -1};
    if (mkdir(path, 0777) == 0 || errno == EEXIST)
        folder->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const enum status_folder_end end =
        folder->fd < 0 ? STATUS_FOLDER_UNUSABLE : lock_patiently(folder);
    if (end == STATUS_FOLDER_OPEN) {
        if (realpath(path, whole))
            cleaner_start(&folder->cleaner, last_words, whole, folder->lock);
        return end;
    }
    if (end == STATUS_FOLDER_TAKEN)
        fail_set(fail, FAIL_OUTPUT, "%s: another run writes its status there", path);
    else
        fail_errno(fail, FAIL_OUTPUT, path, errno);
    if (folder->lock >= 0)
        close(folder->lock);
    if (folder->fd >= 0)
        close(folder->fd);
    folder->fd = folder->lock = -1;
    return end;
}

void status_folder_close(struct status_folder *folder)
{
    if (folder->fd < 0)
        return;
    cleaner_end(&folder->cleaner);
    unlinkat(folder->fd, LOCK, 0);
    close(folder->lock);
    close(folder->fd);
    *folder = (struct status_folder){.fd = -1, .lock = -1};
}
