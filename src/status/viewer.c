/* SPDX-License-Identifier: BSD-3-Clause */
/* A viewer. How old a file is it knows by its own clock, from when it saw the file change: those of
 * two hosts may differ. The file is opened anew each time, so that NFS asks for what another host
 * has written. While it draws, the terminal shows its other screen; the last one is left on the one
 * that the user had. */
#include "status/viewer.h"

#include "host/clock.h"
#include "status/screen.h"
#include "text/plain.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
    SCREEN_BYTES = 32 << 10,
    SECOND_NS = 1000000000,
    LOOK_NS = SECOND_NS / 4, /* between two looks at the file */
    DRAW_LOOKS = 4,          /* between two drawings, where nothing is new */
};

#define TO_OTHER_SCREEN "\x1b[?1049h\x1b[?25l" /* and without a cursor */
#define FROM_OTHER_SCREEN "\x1b[?25h\x1b[?1049l"
#define TO_BEGIN "\x1b[H"
#define ERASE_LINE "\x1b[K"
#define ERASE_BELOW "\x1b[J"

struct viewer {
    const char *path;
    FILE *out;
    bool terminal;
    char text[SCREEN_BYTES]; /* what was read last */
    size_t len;
    struct screen_seen seen;
    struct timespec changed; /* of the file, as its host says */
    ino_t inode;
    uint64_t seen_ns;    /* when it was written, by our clock */
    uint64_t between_ns; /* so long after the one before; 0: it is the first */
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int number)
{
    interrupted = number;
}

char *viewer_age(char text[VIEWER_TEXT_BYTES], uint64_t age_s, uint64_t between_s)
{
    if (age_s > VIEWER_PATIENCE_S && age_s > 2 * between_s)
        snprintf(text, VIEWER_TEXT_BYTES,
                 "no news for %" PRIu64 " s: the run or the folder does not answer", age_s);
    else
        snprintf(text, VIEWER_TEXT_BYTES, "written %" PRIu64 " s ago", age_s);
    return text;
}

/* How long ago a file was changed that we see for the first time. */
static uint64_t age_ns(const struct timespec *changed)
{
    const uint64_t now = clock_calendar_ns(),
                   then = (uint64_t)changed->tv_sec * 1000000000 + (uint64_t)changed->tv_nsec;
    return now > then ? now - then : 0;
}

/* Reads the file; *news: it is another one than before. One that is gone for a moment stays as it
 * was. False, with errno, where it cannot be read or is no screen. */
static bool look(struct viewer *viewer, bool *news)
{
    char text[SCREEN_BYTES];
    struct stat status;
    struct screen_seen seen;
    const bool first = viewer->len == 0;
    const int fd = open(viewer->path, O_RDONLY | O_CLOEXEC);
    *news = false;
    if (fd < 0)
        return !first;
    const ssize_t len = read(fd, text, sizeof text);
    const bool ok = len >= 0 && fstat(fd, &status) == 0;
    close(fd);
    if (!ok || !screen_read(text, (size_t)len, &seen)) {
        errno = ok ? EBADMSG : errno;
        return !first;
    }
    *news = first || status.st_ino != viewer->inode
         || memcmp(&status.st_mtim, &viewer->changed, sizeof status.st_mtim) != 0;
    if (!*news)
        return true;
    const uint64_t now = clock_ns(), age = first ? age_ns(&status.st_mtim) : 0;
    viewer->between_ns = first ? 0 : now - viewer->seen_ns;
    viewer->seen_ns = now > age ? now - age : 0;
    viewer->changed = status.st_mtim;
    viewer->inode = status.st_ino;
    viewer->seen = seen;
    memcpy(viewer->text, text, (size_t)len);
    viewer->len = (size_t)len;
    return true;
}

/* A line of the screen, made plain once more: who knows who wrote it. */
static void draw_line(FILE *out, const char *line, size_t len, int columns)
{
    char shown[PLAIN_GROWTH * SCREEN_COLUMNS_MAX + 1];
    plain_write(shown, line, len, columns < SCREEN_COLUMNS_MAX ? columns : SCREEN_COLUMNS_MAX);
    fputs(shown, out);
}

void viewer_draw(FILE *out, const char *screen, size_t len, const char *said, int rows, int columns)
{
    const char *line = screen, *end = screen + len;
    fputs(TO_BEGIN, out);
    for (int row = 1; line < end && row < rows; row++) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline ? newline : end;
        draw_line(out, line, (size_t)(stop - line), columns);
        fputs(ERASE_LINE "\r\n", out);
        line = newline ? newline + 1 : end;
    }
    draw_line(out, said, strlen(said), columns);
    fputs(ERASE_LINE ERASE_BELOW, out);
    fflush(out);
}

static void draw(const struct viewer *viewer)
{
    char said[VIEWER_TEXT_BYTES];
    struct winsize size;
    if (ioctl(fileno(viewer->out), TIOCGWINSZ, &size) != 0 || size.ws_row == 0 || size.ws_col == 0)
        size = (struct winsize){.ws_row = SCREEN_LINES, .ws_col = SCREEN_COLUMNS};
    viewer_age(said, (clock_ns() - viewer->seen_ns) / SECOND_NS, viewer->between_ns / SECOND_NS);
    viewer_draw(viewer->out, viewer->text, viewer->len, said, size.ws_row, size.ws_col);
}

/* As lines. */
static void print(const struct viewer *viewer)
{
    for (const char *line = viewer->text, *end = line + viewer->len, *newline;
         line < end && (newline = memchr(line, '\n', (size_t)(end - line))); line = newline + 1) {
        draw_line(viewer->out, line, (size_t)(newline - line), SCREEN_COLUMNS_MAX);
        fputc('\n', viewer->out);
    }
    fflush(viewer->out);
}

/* Until the run has ended, or we are told to go. */
static bool follow(struct viewer *viewer, struct fail *fail)
{
    bool news = true, first = true;
    if (viewer->terminal)
        fputs(TO_OTHER_SCREEN, viewer->out);
    for (int looks = 0;; looks++) {
        if (viewer->terminal && (news || looks % DRAW_LOOKS == 0))
            draw(viewer);
        else if (news && !viewer->terminal) {
            fputs(first ? "" : "\n", viewer->out);
            print(viewer);
        }
        first = false;
        if (viewer->seen.state != SNAPSHOT_RUNS || interrupted || ferror(viewer->out))
            break;
        nanosleep(&(struct timespec){.tv_nsec = LOOK_NS}, NULL);
        look(viewer, &news);
    }
    if (viewer->terminal) {
        fputs(FROM_OTHER_SCREEN, viewer->out);
        print(viewer);
    }
    return !ferror(viewer->out) || fail_errno(fail, FAIL_OUTPUT, "standard output", EIO);
}

static int status_of(const struct screen_seen *seen)
{
    switch (seen->state) {
    case SNAPSHOT_DONE:
        return seen->tasks_failed ? FAIL_TASKS : FAIL_NONE;
    case SNAPSHOT_WOUND_DOWN:
        return FAIL_WOUND_DOWN;
    case SNAPSHOT_FAILED:
        return FAIL_OTHER;
    case SNAPSHOT_RUNS:
        break;
    }
    return 128 + interrupted;
}

/* Signals that end a process, while it draws; one that is ignored stays so. */
static void heed(struct sigaction before[3], bool restore)
{
    static const int numbers[3] = {SIGINT, SIGTERM, SIGHUP};
    const struct sigaction action = {.sa_handler = on_interrupt};
    for (size_t i = 0; i < 3; i++) {
        if (restore)
            sigaction(numbers[i], &before[i], NULL);
        else if (sigaction(numbers[i], NULL, &before[i]) == 0 && before[i].sa_handler != SIG_IGN)
            sigaction(numbers[i], &action, NULL);
    }
}

bool viewer_run(const char *path, FILE *out, int *status, struct fail *fail)
{
    static struct viewer viewer;
    struct sigaction before[3];
    bool news;
    viewer = (struct viewer){.path = path, .out = out, .terminal = isatty(fileno(out)) == 1};
    if (!look(&viewer, &news))
        return errno == EBADMSG ? fail_set(fail, FAIL_INPUT, "%s: is no status of a run", path)
                                : fail_errno(fail, FAIL_INPUT, path, errno);
    interrupted = 0;
    heed(before, false);
    const bool ok = follow(&viewer, fail);
    heed(before, true);
    *status = status_of(&viewer.seen);
    return ok;
}
