/* SPDX-License-Identifier: BSD-3-Clause */
/* usage: mpirun -n RANKS build/limits FILE
 *
 * What the machine gives to so many ranks that all do one thing at the same time: bytes a second
 * of all of them together, as one line of JSON. A limit is what is possible, so the best of some
 * passes counts; a pass ends with its last rank.
 *
 * read     each rank its stretch of FILE, in blocks of 256 KB as the program does; 0 if one cannot
 * copy     memcpy between two arrays, larger than most caches
 * network  MPI_Alltoallv of large blocks; what a rank sends to itself is not counted: 0 at one rank
 *
 * The first pass brings the file into the page cache and touches the arrays. */
#include <fcntl.h>
#include <mpi.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PASSES = 6, BLOCK_BYTES = 256 << 10, ARRAY_BYTES = 64 << 20 };
static const off_t most_read_bytes = 256 << 20; /* by one rank */

struct setting {
    int rank, ranks;
    int fd;
    off_t from, to; /* my stretch of the file */
    char *a, *b;    /* of ARRAY_BYTES */
    int *counts, *offsets;
};

/* Each pass returns how many bytes this rank moved, -1 if it could not. */
typedef int64_t pass(struct setting *);

static int64_t read_pass(struct setting *setting)
{
    for (off_t at = setting->from; at < setting->to;) {
        off_t left = setting->to - at;
        ssize_t got = pread(setting->fd, setting->a, left < BLOCK_BYTES ? left : BLOCK_BYTES, at);
        if (got <= 0)
            return -1;
        at += got;
    }
    return setting->fd < 0 ? -1 : setting->to - setting->from;
}

static int64_t copy_pass(struct setting *setting)
{
    memcpy(setting->b, setting->a, ARRAY_BYTES);
    /* Whoever looks at what was copied keeps the compiler from leaving it out. */
    setting->a[setting->rank % BLOCK_BYTES] ^= setting->b[ARRAY_BYTES - 1];
    return ARRAY_BYTES;
}

static int64_t network_pass(struct setting *setting)
{
    MPI_Alltoallv(setting->a, setting->counts, setting->offsets, MPI_BYTE, setting->b,
                  setting->counts, setting->offsets, MPI_BYTE, MPI_COMM_WORLD);
    return (int64_t)(setting->ranks - 1) * setting->counts[0];
}

/* Collective. Bytes a second of all ranks; 0 if one of them could not. */
static double best(pass *one, struct setting *setting)
{
    double most = 0;
    for (int i = 0; i < PASSES; i++) {
        MPI_Barrier(MPI_COMM_WORLD);
        double seconds = MPI_Wtime();
        int64_t bytes = one(setting), all = 0;
        MPI_Barrier(
            MPI_COMM_WORLD); /* ranks that share a core take turns: the first waits for the last */
        seconds = MPI_Wtime() - seconds;
        int able = bytes >= 0;
        MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
        MPI_Allreduce(&bytes, &all, 1, MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
        MPI_Allreduce(MPI_IN_PLACE, &able, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
        if (!able || seconds <= 0)
            return 0;
        if (i > 0 && (double)all / seconds > most)
            most = (double)all / seconds;
    }
    return most;
}

static void open_stretch(struct setting *setting, const char *name)
{
    struct stat status;
    setting->fd = open(name, O_RDONLY | O_CLOEXEC);
    if (setting->fd < 0 || fstat(setting->fd, &status) < 0)
        return;
    setting->from = status.st_size / setting->ranks * setting->rank;
    setting->to = setting->from + status.st_size / setting->ranks;
    if (setting->to - setting->from > most_read_bytes)
        setting->to = setting->from + most_read_bytes;
}

int main(int argc, char **argv)
{
    struct setting setting = {.fd = -1};
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &setting.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &setting.ranks);
    setting.a = malloc(ARRAY_BYTES);
    setting.b = malloc(ARRAY_BYTES);
    setting.counts = calloc((size_t)setting.ranks, sizeof *setting.counts);
    setting.offsets = calloc((size_t)setting.ranks, sizeof *setting.offsets);
    if (argc != 2 || !setting.a || !setting.b || !setting.counts || !setting.offsets) {
        fprintf(stderr, argc != 2 ? "usage: limits FILE\n" : "limits: no memory\n");
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    memset(setting.a, 1, ARRAY_BYTES); /* pages of zeros would be one page */
    for (int i = 0; i < setting.ranks; i++) {
        setting.counts[i] = ARRAY_BYTES / setting.ranks;
        setting.offsets[i] = i * setting.counts[i];
    }
    open_stretch(&setting, argv[1]);
    double read_rate = best(read_pass, &setting);
    double copy_rate = best(copy_pass, &setting);
    double network_rate = best(network_pass, &setting);
    if (setting.rank == 0)
        printf(
            "{\"ranks\": %d, \"read_bytes_per_s\": %.0f, \"copy_bytes_per_s\": %.0f, "
            "\"network_bytes_per_s\": %.0f}\n",
            setting.ranks, read_rate, copy_rate, network_rate);
    MPI_Finalize();
    return 0;
}
