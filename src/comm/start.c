/* SPDX-License-Identifier: BSD-3-Clause */
/* How MPI is started. */
#include "comm/start.h"

#include "comm/comm.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A process that nobody launched needs no daemon, no network and no session folder, which processes
 * that start at the same moment would make and remove under each other's hands. Without them MPI
 * starts in 0.1 s instead of 0.4. */
void start_light(void)
{
    if (comm_launched())
        return;
    static const char *const light[][2] = {{"OMPI_MCA_ess_singleton_isolated", "1"},
                                           {"OMPI_MCA_orte_create_session_dirs", "0"},
                                           {"OMPI_MCA_pml", "ob1"},
                                           {"OMPI_MCA_btl", "self"}};
    for (size_t i = 0; i < sizeof light / sizeof *light; i++)
        setenv(light[i][0], light[i][1], 0); /* without memory for it the start is slower */
}

/* Whether a file can be made in a folder: root may write anywhere but where the system forbids it.
 */
static bool takes_files(const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

/* Open MPI 5 always makes a session folder, below $TMPDIR or /tmp, and crashes where it cannot.
 * Where that takes no files, another one will do. */
static const char *writable_folder(const char *wanted)
{
    const char *const folders[] = {wanted, "/tmp", "/dev/shm", "."};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (folders[i] && takes_files(folders[i]))
            return folders[i];
    return wanted;
}

/* Sets a variable, or with NULL leaves it, until take_back, which is given what this returns. */
static char *lend(const char *name, const char *value)
{
    const char *given = getenv(name);
    char *copy = given ? strdup(given) : NULL;
    if (value)
        setenv(name, value, 1); /* without memory for it MPI says what it misses */
    return copy;
}

static void take_back(const char *name, char *given)
{
    if (given)
        setenv(name, given, 1); /* there was room for it before */
    else
        unsetenv(name);
    free(given);
}

/* The variables are for MPI alone: the tasks that we may run see those that were given. Looking for
 * graphics cards hwloc would ask up to ten X servers, by name, which takes seconds where names are
 * not resolved. */
void start_mpi(int *argc, char ***argv)
{
    static const char tmpdir[] = "TMPDIR", components[] = "HWLOC_COMPONENTS";
    static const char no_graphics[] = "-gl,-opencl,-cuda,-nvml,-rsmi,-levelzero";
    int level;
    char *folder = lend(tmpdir, comm_launched() ? NULL : writable_folder(getenv(tmpdir)));
    char *looked = lend(components, getenv(components) ? NULL : no_graphics);
    MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &level);
    take_back(tmpdir, folder);
    take_back(components, looked);
}
