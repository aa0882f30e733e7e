/* SPDX-License-Identifier: BSD-3-Clause */
/* An archive to files. Nothing is held but the head that is cut, and the buffer of a stream; only
 * the file of the last task is open, and `combined`, whose lines may come before and after the
 * results. */
#include "output/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = 24 };

static bool malformed(struct fail *fail)
{
    return fail_set(fail, FAIL_VERIFY, "verification failed: the archive of results is malformed");
}

static void name_of(const struct unpack *unpack, const struct unpack_file *file,
                    char name[NAME_BYTES])
{
    if (file == &unpack->combined)
        strcpy(name, "combined");
    else
        snprintf(name, NAME_BYTES, "%" PRIu64, unpack->tasks);
}

static bool failed(const struct unpack *unpack, const struct unpack_file *file, struct fail *fail)
{
    char name[NAME_BYTES], path[PATH_MAX + NAME_BYTES];
    int error = errno;
    name_of(unpack, file, name);
    snprintf(path, sizeof path, "%s/%s", unpack->name, name);
    return fail_errno(fail, FAIL_OUTPUT, path, error);
}

static bool open_file(struct unpack *unpack, struct unpack_file *file, struct fail *fail)
{
    char name[NAME_BYTES];
    name_of(unpack, file, name);
    int fd =
        openat(unpack->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    *file = (struct unpack_file){.stream = fd >= 0 ? fdopen(fd, "w") : NULL};
    if (file->stream)
        return true;
    failed(unpack, file, fail);
    if (fd >= 0)
        close(fd);
    return false;
}

static bool close_file(struct unpack *unpack, struct unpack_file *file, struct fail *fail)
{
    struct stat status = {0};
    if (!file->stream)
        return true;
    bool ok = (fflush(file->stream) == 0 && fstat(fileno(file->stream), &status) == 0)
           || failed(unpack, file, fail);
    if (ok && (uint64_t)status.st_size != file->bytes) {
        errno = EIO;
        ok = failed(unpack, file, fail);
    }
    if (fclose(file->stream) != 0 && ok)
        ok = failed(unpack, file, fail);
    file->stream = NULL;
    unpack->all_bytes += file->bytes;
    return ok;
}

/* The head is there: finds the file that the entry goes to. */
static bool begin(struct unpack *unpack, struct fail *fail)
{
    uint64_t head;
    memcpy(&head, unpack->head, sizeof head);
    enum unpack_kind kind = head & ((1 << UNPACK_KIND_BITS) - 1);
    unpack->left = head >> UNPACK_KIND_BITS;
    unpack->into = kind == UNPACK_LINE ? &unpack->combined : &unpack->result;
    if (kind == UNPACK_FIRST || kind == UNPACK_FAILED) {
        if (!close_file(unpack, &unpack->result, fail))
            return false;
        unpack->tasks++;
    }
    if (kind == UNPACK_FAILED) {
        unpack->failed++;
        return unpack->left == 0 || malformed(fail);
    }
    if (kind == UNPACK_MORE && !unpack->result.stream)
        return malformed(fail);
    return unpack->into->stream || open_file(unpack, unpack->into, fail);
}

void unpack_init(struct unpack *unpack, int folder, const char *name)
{
    *unpack = (struct unpack){.folder = folder, .name = name};
}

bool unpack_add(struct unpack *unpack, const uint8_t *bytes, size_t len, struct fail *fail)
{
    while (len > 0) {
        bool head = unpack->left == 0;
        uint64_t want = head ? sizeof unpack->head - unpack->head_len : unpack->left;
        size_t part = want < len ? (size_t)want : len;
        if (head) {
            memcpy(unpack->head + unpack->head_len, bytes, part);
            unpack->head_len = (unpack->head_len + part) % sizeof unpack->head;
            if (unpack->head_len == 0 && !begin(unpack, fail))
                return false;
        } else {
            if (fwrite(bytes, 1, part, unpack->into->stream) != part)
                return failed(unpack, unpack->into, fail);
            unpack->into->bytes += part;
            unpack->left -= part;
        }
        bytes += part;
        len -= part;
    }
    return true;
}

bool unpack_end(struct unpack *unpack, struct fail *fail)
{
    bool ok = close_file(unpack, &unpack->result, fail);
    ok = close_file(unpack, &unpack->combined, fail) && ok;
    return ok && ((unpack->left == 0 && unpack->head_len == 0) || malformed(fail));
}

void unpack_free(struct unpack *unpack)
{
    if (unpack->result.stream)
        fclose(unpack->result.stream);
    if (unpack->combined.stream)
        fclose(unpack->combined.stream);
    *unpack = (struct unpack){0};
}
