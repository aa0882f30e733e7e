/* SPDX-License-Identifier: BSD-3-Clause */
/* Small files, of which there may be many: each is written through a buffer, and its size is looked
 * at before it is closed. The folder brings them to the disk. */
#include "output/outdir_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool failed(const struct outdir_file *file, int error, struct fail *fail)
{
    char path[PATH_MAX + OUTDIR_FILE_NAME_BYTES + 1];
    snprintf(path, sizeof path, "%s/%s", file->outdir->name, file->name);
    return fail_errno(fail, FAIL_OUTPUT, path, error);
}

bool outdir_file_open(struct outdir_file *file, const struct outdir *outdir, const char *name,
                      struct fail *fail)
{
    *file = (struct outdir_file){.outdir = outdir};
    snprintf(file->name, sizeof file->name, "%s", name);
    int fd = openat(outdir->fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    file->stream = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file->stream)
        return true;
    failed(file, errno, fail);
    if (fd >= 0)
        close(fd);
    return false;
}

bool outdir_file_add(struct outdir_file *file, const void *bytes, size_t len, struct fail *fail)
{
    file->bytes += len;
    return fwrite(bytes, 1, len, file->stream) == len || failed(file, errno, fail);
}

bool outdir_file_close(struct outdir_file *file, struct fail *fail)
{
    struct stat status = {0};
    if (!file->stream)
        return true;
    bool ok = (fflush(file->stream) == 0 && fstat(fileno(file->stream), &status) == 0)
           || failed(file, errno, fail);
    if (ok && (uint64_t)status.st_size != file->bytes)
        ok = failed(file, EIO, fail);
    if (fclose(file->stream) != 0 && ok)
        ok = failed(file, errno, fail);
    file->stream = NULL;
    return ok;
}

void outdir_file_free(struct outdir_file *file)
{
    if (file->stream)
        fclose(file->stream);
    file->stream = NULL;
}
