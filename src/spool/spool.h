/* SPDX-License-Identifier: BSD-3-Clause */
/* spool: a folder in which submissions wait for a service, which runs them and leaves their results
 * there. Files are all that passes between the two: there is no port, and neither needs the other
 * to be there.
 *
 *     lock         the service holds an OFD lock on it, and wrote `HOST PID SECONDS` into it
 *     close        somebody wants the service to end when it has done what there is
 *     N.tasks      the tasks of submission N, a line each, text whatever the files were; where it
 *                  has a range there is none, or one that is not meant
 *     N.job        who submitted them and how they are to be run (spool_job.h): with it the
 *                  submission is there, and it never changes
 *     N.cancel     somebody wants its end
 *     N.state      how far it is (spool_state.h); not there: no service has seen it
 *     N.part       its results, as they grow
 *     N.result     its results, complete
 *     N.journal    and N.journal-*, N.journal.d: of the service
 *     .new-XXXXXX  what is being submitted, locked by who writes it
 *
 * All of it belongs to one user, and only he can write there. What is read is checked nevertheless:
 * regular files, ours, no symbolic links, and contents that are what they should be.
 *
 * The service opens the folder, serves it, and then, about once a second, takes a look
 * (spool_look.h), reads the job of each submission that the look shows for the first time, and
 * writes its state when that has changed. Several hosts may see the folder by NFS. */
#ifndef SPOOL_H
#define SPOOL_H

#include "host/fail.h"

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

enum { SPOOL_HOST_BYTES = 256, SPOOL_NAME_BYTES = 64 };

struct spool {
    const char *name;    /* of the folder, as it was given, for messages; borrowed */
    char path[PATH_MAX]; /* absolute, without links; there is room for SPOOL_NAME_BYTES behind it */
    int folder;          /* its descriptor; -1: closed */
    int lock;            /* -1: we are not its service */
    bool shared;         /* by hosts, so that what others write there is seen late */
};

/* The service of a folder. */
struct spool_service {
    bool runs;
    char host[SPOOL_HOST_BYTES]; /* empty: it has not said yet */
    long pid;
    uint64_t since_s; /* seconds since 1970 */
};

/* Local. Opens a folder; with `make` it is made where there is none. False with fail set, to
 * FAIL_OUTPUT with `make` and to FAIL_INPUT without, when it is not there, is no folder, belongs to
 * another user or may be written by others. `name` is borrowed. */
bool spool_open(struct spool *spool, const char *name, bool make, struct fail *fail);

/* Local. We are its service from now on, until spool_close or our end, whatever the end; one that
 * is ending is waited for, 3 seconds; what clients that died left long ago is removed. False with
 * fail set to FAIL_OUTPUT when another service runs (says where), or the lock cannot be had. */
bool spool_serve(struct spool *spool, struct fail *fail);

/* Local. Whether a service runs, on any host, and which. False with fail set. */
bool spool_find_service(const struct spool *spool, struct spool_service *service,
                        struct fail *fail);

/* Local. The absolute path of a file of a submission: `ending` is that of a name above, such as
 * "tasks", "part" or "journal". */
void spool_path(const struct spool *spool, uint64_t number, const char *ending,
                char path[PATH_MAX]);

/* Local. Makes `close`. False with fail set. */
bool spool_ask_close(const struct spool *spool, struct fail *fail);

/* Local. For the service that ends as it was asked to: removes `close`, if it is there. False with
 * fail set. */
bool spool_forget_close(const struct spool *spool, struct fail *fail);

/* Local. Makes N.cancel. Says nothing about whether there is such a submission, or whether it has
 * ended. False with fail set. */
bool spool_ask_cancel(const struct spool *spool, uint64_t number, struct fail *fail);

/* Local. A service ends to be one. Idempotent. */
void spool_close(struct spool *spool);

#endif
