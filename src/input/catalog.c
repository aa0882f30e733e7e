/* SPDX-License-Identifier: BSD-3-Clause */
/* Finds the input files: fts(3) walks folders, in byte order, so that the plan is the same on every
 * machine. */
#include "input/catalog.h"

#include "host/path.h"
#include "host/streams.h"
#include "input/decoder.h"
#include "input/magic.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a file with a filter weighs beyond its size, which is 0 where it is not known: to start a
 * command takes as long as to count so many bytes. */
enum { FILTER_BYTES = 1 << 20 };

void catalog_init(struct catalog *catalog, struct mem *mem)
{
    *catalog = (struct catalog){.mem = mem};
}

/* Memory is full before the first byte is read. */
static bool too_many(const struct catalog *catalog, const struct fail *cause, struct fail *fail)
{
    return fail_set(fail, cause->code, "%s (for the names of %zu files so far)", cause->text,
                    catalog->len);
}

static bool append(struct catalog *catalog, const char *path, const struct stat *status,
                   bool stream, bool encoded, struct fail *fail)
{
    struct fail cause = {0};
    size_t name_bytes = strlen(path) + 1;
    void *files = mem_reserve(catalog->mem, catalog->files, &catalog->files_bytes,
                              (catalog->len + 1) * sizeof *catalog->files, &cause);
    if (!files)
        return too_many(catalog, &cause, fail);
    catalog->files = files;
    stream |= catalog->follow_ns > 0;
    char *names = mem_reserve(catalog->mem, catalog->names, &catalog->names_bytes,
                              catalog->names_len + name_bytes, &cause);
    if (!names)
        return too_many(catalog, &cause, fail);
    catalog->names = names;
    memcpy(catalog->names + catalog->names_len, path, name_bytes);
    catalog->files[catalog->len++] = (struct catalog_file){
        .name_off = catalog->names_len,
        .bytes = stream ? 0 : (uint64_t)status->st_size,
        .device = status->st_dev,
        .inode = status->st_ino,
        .stream = stream,
        .live = stream && catalog->live,
        .follow_ns = S_ISREG(status->st_mode) ? catalog->follow_ns : 0,
        .encoded = encoded && !stream,
        .idle = &catalog->idle,
    };
    catalog->names_len += name_bytes;
    return true;
}

struct nature {
    bool stream, counts;
    const struct decoder *decoder; /* NULL: it is not encoded */
    size_t decoding_bytes;
};

/* Whether a file is a count file. One whose beginning was harmed is known by its name or its end,
 * and is not counted as text. */
static bool is_counts(int fd, const char *path, const struct stat *status, const uint8_t *head,
                      ssize_t got)
{
    uint8_t end[MAGIC_COUNTS_BYTES];
    return magic_counts(head, (size_t)got) || path_ends(path, ".mwc")
        || (status->st_size > got
            && pread(fd, end, sizeof end, status->st_size - (off_t)sizeof end) == sizeof end
            && magic_counts(end, sizeof end));
}

/* Looks at a regular file: whether it can be read, is text, encoded or a count file, and whether it
 * is a stream, one that has another number of bytes than its size says. Files of /proc say none,
 * those of /sys a page; neither has blocks on a disk. */
static bool probe(const struct catalog *catalog, const char *path, const struct stat *status,
                  struct nature *nature, struct fail *fail)
{
    uint8_t head[MAGIC_BYTES], last;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail_errno(fail, FAIL_INPUT, path, errno);
    ssize_t got = pread(fd, head, sizeof head, 0);
    int error = errno;
    if (status->st_size == 0)
        nature->stream = got > 0;
    else
        nature->stream = status->st_blocks == 0 && pread(fd, &last, 1, status->st_size - 1) != 1;
    if (got >= 0 && catalog->counts && !catalog->any_format && !nature->stream)
        nature->counts = is_counts(fd, path, status, head, got);
    close(fd);
    if (got < 0)
        return fail_errno(fail, FAIL_INPUT, path, error);
    if (catalog->any_format)
        return true;
    nature->decoder = nature->stream ? NULL : decoder_find(head, (size_t)got);
    if (nature->decoder)
        nature->decoding_bytes = decoder_needs(nature->decoder, head, (size_t)got);
    return nature->counts || nature->decoder || nature->stream
        || magic_text(path, head, (size_t)got, fail);
}

/* A name for the filter, be it that of a file or not. */
static bool add_name(struct catalog *catalog, const char *path, const struct stat *status,
                     struct fail *fail)
{
    if (!append(catalog, path, status, false, true, fail))
        return false;
    catalog->files[catalog->len - 1].bytes += FILTER_BYTES;
    catalog->files[catalog->len - 1].filter = catalog->filter;
    return true;
}

static bool add_file(struct catalog *catalog, const char *path, const struct stat *status,
                     struct fail *fail)
{
    struct nature nature = {.stream = !S_ISREG(status->st_mode)};
    if (catalog->filter)
        return add_name(catalog, path, status, fail);
    if (!nature.stream && !probe(catalog, path, status, &nature, fail))
        return false;
    if (nature.decoding_bytes > catalog->decoding_bytes) {
        catalog->decoding_bytes = nature.decoding_bytes;
        catalog->decoding_file = catalog->len;
    }
    return append(nature.counts ? catalog->counts : catalog, path, status, nature.stream,
                  nature.decoder != NULL, fail);
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool add_folder(struct catalog *catalog, const char *path, struct fail *fail)
{
    char *copy = strdup(path);
    char *roots[] = {copy, NULL};
    FTS *walk = copy ? fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name) : NULL;
    bool ok = walk || fail_errno(fail, FAIL_INPUT, path, errno);
    while (ok) {
        errno = 0;
        const FTSENT *entry = fts_read(walk);
        if (!entry) {
            ok = errno == 0 || fail_errno(fail, FAIL_INPUT, path, errno);
            break;
        }
        if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR || entry->fts_info == FTS_NS)
            ok = fail_errno(fail, FAIL_INPUT, entry->fts_path, entry->fts_errno);
        else if (entry->fts_info == FTS_F)
            ok = add_file(catalog, entry->fts_path, entry->fts_statp, fail);
    }
    if (walk)
        fts_close(walk);
    free(copy);
    return ok;
}

bool catalog_add_range(struct catalog *catalog, const char *text, struct fail *fail)
{
    struct stat status = {0};
    if (!append(catalog, text, &status, true, false, fail))
        return false;
    catalog->files[catalog->len - 1].range = true;
    return true;
}

/* Whether `path` is a standard stream that was closed when we started. */
static bool is_closed_stream(const char *path)
{
    int fd;
    if (strcmp(path, "-") == 0)
        return streams_closed(STDIN_FILENO);
    return streams_any_closed() && path_descriptor(path, &fd) && streams_closed(fd);
}

bool catalog_add(struct catalog *catalog, const char *path, bool recursive, struct fail *fail)
{
    struct stat status = {0};
    if (path[0] == '\0')
        return fail_set(fail, FAIL_INPUT, "'': the empty name is no file");
    if (catalog->filter && strcmp(path, "-") == 0)
        return fail_set(fail, FAIL_USAGE, "-: standard input has no name to give to --pre");
    if (!catalog->filter && is_closed_stream(path))
        return fail_errno(fail, FAIL_INPUT, path, EBADF);
    if (strcmp(path, "-") == 0)
        return append(catalog, path, &status, true, false, fail);
    if (stat(path, &status) != 0)
        return catalog->filter ? add_name(catalog, path, &(struct stat){0}, fail)
                               : fail_errno(fail, FAIL_INPUT, path, errno);
    if (!S_ISDIR(status.st_mode))
        return add_file(catalog, path, &status, fail);
    if (!recursive)
        return fail_set(fail, FAIL_INPUT, "%s: is a folder (-r counts what is below it)", path);
    return add_folder(catalog, path, fail);
}

bool catalog_add_list(struct catalog *catalog, const char *path, bool nul_ended, bool recursive,
                      struct fail *fail)
{
    bool standard = strcmp(path, "-") == 0;
    if (is_closed_stream(path))
        return fail_errno(fail, FAIL_INPUT, path, EBADF);
    FILE *list = standard ? stdin : fopen(path, "re");
    if (!list)
        return fail_errno(fail, FAIL_INPUT, path, errno);
    char *name = NULL;
    size_t cap = 0;
    bool ok = true, first = true;
    ssize_t len;
    errno = 0;
    for (; ok && (len = getdelim(&name, &cap, nul_ended ? '\0' : '\n', list)) > 0; errno = 0) {
        if (name[len - 1] == (nul_ended ? '\0' : '\n'))
            name[--len] = '\0';
        const size_t mark = first ? magic_mark((uint8_t *)name, (size_t)len) : 0;
        if (mark > 0)
            memmove(name, name + mark, (size_t)(len -= (ssize_t)mark) + 1);
        first = false;
        if (strlen(name) < (size_t)len)
            ok = fail_set(fail, FAIL_INPUT, "%s: a name holds a NUL byte (see -0)", path);
        else if (standard && strcmp(name, "-") == 0)
            ok = fail_set(fail, FAIL_USAGE,
                          "-: standard input is the list of names, and cannot be in it");
        else if (len > 0 && name[0] != '\0')
            ok = catalog_add(catalog, name, recursive, fail);
    }
    if (ok && !feof(list)) /* without memory it ends, too, and sets no error of the stream */
        ok = fail_errno(fail, errno == ENOMEM ? FAIL_MEMORY : FAIL_INPUT, path, errno);
    free(name);
    if (!standard)
        fclose(list);
    return ok;
}

uint64_t catalog_bytes(const struct catalog *catalog)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < catalog->len; i++)
        bytes += catalog->files[i].bytes;
    return bytes;
}

void catalog_free(struct catalog *catalog)
{
    if (catalog->mem) {
        mem_free(catalog->mem, catalog->files, catalog->files_bytes);
        mem_free(catalog->mem, catalog->parts, catalog->parts_bytes);
        mem_free(catalog->mem, catalog->names, catalog->names_bytes);
        mem_free(catalog->mem, catalog->joints, catalog->joints_bytes);
        mem_free(catalog->mem, catalog->joint_texts, catalog->joint_texts_bytes);
    }
    *catalog = (struct catalog){0};
}
