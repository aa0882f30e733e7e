/* SPDX-License-Identifier: BSD-3-Clause */
/* What is compared of a file: its first, middle and last block. */
#include "input/file_print.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

enum { SAMPLE_BYTES = 4096, SAMPLES = 3 };

bool file_print_take(const char *name, struct file_print *print)
{
    uint8_t block[SAMPLE_BYTES];
    struct stat status;
    int fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return false;
    XXH3_state_t *state = XXH3_createState();
    bool ok = state && fstat(fd, &status) == 0;
    if (state)
        XXH3_64bits_reset(state);
    for (int i = 0; ok && i < SAMPLES; i++) {
        off_t last = status.st_size > SAMPLE_BYTES ? status.st_size - SAMPLE_BYTES : 0;
        ssize_t got = pread(fd, block, sizeof block, last / (SAMPLES - 1) * i);
        ok = got >= 0;
        if (ok)
            XXH3_64bits_update(state, block, (size_t)got);
    }
    if (ok) {
        print->bytes = (uint64_t)status.st_size;
        print->checksum = XXH3_64bits_digest(state);
    }
    XXH3_freeState(state);
    close(fd);
    return ok;
}

/* Whether there is something to compare: with a filter a name may be that of no file. */
static bool is_file(const struct catalog *catalog, const char *name)
{
    struct stat status;
    return !catalog->filter || (stat(name, &status) == 0 && S_ISREG(status.st_mode));
}

bool file_print_all(const struct catalog *catalog, struct file_print *prints, struct fail *fail)
{
    for (size_t i = 0; i < catalog->len; i++) {
        const char *name = catalog_name(catalog, i);
        if (!is_file(catalog, name))
            prints[i].bytes = FILE_PRINT_NONE;
        else if (!file_print_take(name, &prints[i]))
            return fail_errno(fail, FAIL_INPUT, name, errno);
        prints[i].name_off = catalog->files[i].name_off;
    }
    return true;
}
