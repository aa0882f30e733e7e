/* SPDX-License-Identifier: BSD-3-Clause */
/* status_folder: how a run stands, as files of a folder that others read while it goes on:
 * status.json, status.txt, status.html and mpiwc.prom. Each is written beside and renamed, so that
 * none is ever missing or torn. When the run is killed, a cleaner says so in them. */
#ifndef STATUS_FOLDER_H
#define STATUS_FOLDER_H

#include "host/fail.h"
#include "output/cleaner.h"
#include "status/snapshot.h"

#define STATUS_FOLDER_SCREEN "status.txt"

struct status_folder {
    int fd, lock; /* -1: none */
    struct cleaner cleaner;
};

enum status_folder_end { STATUS_FOLDER_OPEN, STATUS_FOLDER_UNUSABLE, STATUS_FOLDER_TAKEN };

/* Local. Makes the folder if need be, and keeps others from writing there. Otherwise fail is set:
 * the folder cannot be used; or another run has it, and still has after a moment. The files are
 * those of an earlier run until the first write. */
enum status_folder_end status_folder_open(struct status_folder *folder, const char *path,
                                          struct fail *fail);

/* Local. Writes all files, as far as that is possible. False with fail set where one could not be
 * written: it stays as it was. */
bool status_folder_write(const struct status_folder *folder, const struct snapshot *snapshot,
                         struct fail *fail);

/* Local. Nothing more is written; what is there is the last word. Idempotent. */
void status_folder_close(struct status_folder *folder);

#endif
