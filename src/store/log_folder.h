/* SPDX-License-Identifier: BSD-3-Clause */
/* log_folder: the folder of a checkpoint, which one run at a time works in.
 *
 *   lock               who works in it; the lock ends with the process
 *   log-ATTEMPT-RANK   records, from each rank of each start of the run
 *   commit             which of that counts (commit.h) */
#ifndef LOG_FOLDER_H
#define LOG_FOLDER_H

#include "host/fail.h"

#include <limits.h>
#include <stdint.h>

struct log_folder {
    char path[PATH_MAX]; /* short enough for what is in it */
    uint64_t nonce;      /* in the lock: by it ranks see that they have the same folder */
    int lock;            /* -1: none */
};

/* Local. Opens the folder for this run alone, and makes it where it is not there. False with fail
 * set: FAIL_OUTPUT, and by whom it is used. */
bool log_folder_open(struct log_folder *folder, const char *path, struct fail *fail);

/* Local. Names the folder that another rank has opened. False with fail set to FAIL_OUTPUT where
 * this host sees another one of that name, or none. */
bool log_folder_join(struct log_folder *folder, const char *path, uint64_t nonce,
                     struct fail *fail);

/* Local. Names what is in it. */
void log_folder_commit(const struct log_folder *folder, char path[PATH_MAX]);
void log_folder_log(const struct log_folder *folder, uint64_t attempt, uint64_t rank,
                    char path[PATH_MAX]);

/* Local. Removes the logs that `wanted` says false to, as far as they can be. */
void log_folder_sweep(const struct log_folder *folder,
                      bool (*wanted)(void *context, uint64_t attempt, uint64_t rank),
                      void *context);

/* Local. Removes all that a run has left in it, the commit first: nothing goes on from here. False
 * with fail set to FAIL_OUTPUT. */
bool log_folder_clear(const struct log_folder *folder, struct fail *fail);

/* Local. Lets others in. Idempotent; {.lock = -1} is fine. */
void log_folder_close(struct log_folder *folder);

#endif
