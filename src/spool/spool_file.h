/* SPDX-License-Identifier: BSD-3-Clause */
/* spool_file: the files of a spool: their names, how they are opened, read, replaced, and who
 * removes what is left of them. For this room. */
#ifndef SPOOL_FILE_H
#define SPOOL_FILE_H

#include "spool/spool.h"

#include <dirent.h>
#include <stddef.h>

/* The files of submissions that are not there yet. */
#define SPOOL_FILE_NEW ".new-"

/* Local. `N.ending` into name; returns it. */
char *spool_file_name(char name[SPOOL_NAME_BYTES], uint64_t number, const char *ending);

/* Local. The other way: whether `name` is of a submission, N >= 1 without needless zeros; *ending
 * is within it. */
bool spool_file_parse(const char *name, uint64_t *number, const char **ending);

/* Local. fail_set, fail_errno with `DIR/NAME: `. Return false. */
__attribute__((format(printf, 5, 6))) bool spool_file_wrong(const struct spool *spool,
                                                            const char *name, int code,
                                                            struct fail *fail, const char *format,
                                                            ...);
bool spool_file_errno(const struct spool *spool, const char *name, int code, int error,
                      struct fail *fail);

/* Local. Opens a file with these flags, for `code`: a regular one, ours, no link. The descriptor;
 * -1 with fail set, or without where there is no such file and none is to
 * be made. */
int spool_file_open(const struct spool *spool, const char *name, int flags, int code,
                    struct fail *fail);

/* Local. Reads a whole file of JSON, which ends with a NUL here; memory of malloc that the caller
 * frees. NULL as spool_file_open. */
char *spool_file_read(const struct spool *spool, const char *name, size_t *len, struct fail *fail);

/* Local. Writes all bytes to a descriptor. False with errno set; also after a signal where
 * `interrupted` is not 0, NULL being never. */
bool spool_file_write(int fd, const void *bytes, size_t len, const volatile int *interrupted);

/* Local. Writes a file under another name, brings it to the disk, and gives it its own. Only the
 * service does. False with fail set. */
bool spool_file_replace(const struct spool *spool, const char *name, const void *bytes, size_t len,
                        struct fail *fail);

/* Local. Makes an empty file, which may be there. False with fail set. */
bool spool_file_touch(const struct spool *spool, const char *name, struct fail *fail);

/* Local. Brings names to the disk. False with fail set. */
bool spool_file_sync(const struct spool *spool, struct fail *fail);

/* Local. What others made in the folder is seen from now on. */
void spool_file_refresh(const struct spool *spool);

/* Local. A lock of the whole file that belongs to the descriptor, so that it ends with the process
 * whatever the end, and that NFS has for all hosts. False with errno set: EAGAIN, EACCES when
 * somebody else holds it. */
bool spool_file_lock(int fd);

/* Local. A folder that is read from the beginning, apart from others that read it; to be closed by
 * closedir. NULL with fail set. */
DIR *spool_file_list(const struct spool *spool, struct fail *fail);

/* Local. Removes what is older than an hour and not locked: files of clients that died before their
 * submission was there. With `all`, also the N.tasks that they had a name for. */
void spool_file_sweep(const struct spool *spool, bool all);

#endif
