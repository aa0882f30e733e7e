/* usage: mpirun -n RANKS build/limits FILE
 * What the machine allows RANKS ranks together, all at the same time: reading FILE in blocks of
 * 256 KB, each its own part; copying memory, 64 MB at a time; and MPI_Alltoall of 1 MB blocks.
 * Prints one line of JSON, in bytes a second; 0 where there is nothing to measure. */
#include <fcntl.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 256 << 10, COPY = 64 << 20, MESSAGE = 1 << 20, REPEATS = 5 };

static int rank, size;

/* Bytes of all ranks over the time of the slowest. */
static double rate(double bytes, double start)
{
    double seconds = MPI_Wtime() - start;
    MPI_Allreduce(MPI_IN_PLACE, &bytes, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, &seconds, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return bytes / seconds;
}

static double read_rate(const char *name, char *block)
{
    struct stat status;
    int fd = open(name, O_RDONLY);
    if (fd < 0 || fstat(fd, &status) != 0) {
        perror(name);
        MPI_Abort(MPI_COMM_WORLD, 1);
    }
    off_t at = status.st_size / size * rank, end = at + status.st_size / size;
    double bytes = 0;
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    for (ssize_t got; at < end && (got = pread(fd, block, BLOCK, at)) > 0; at += got)
        bytes += (double)got;
    close(fd);
    return rate(bytes, start);
}

static double copy_rate(char *to, const char *from)
{
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    for (int i = 0; i < REPEATS; i++) {
        memcpy(to, from, COPY);
        __asm__ volatile("" : : "r"(to) : "memory");
    }
    return rate((double)COPY * REPEATS, start);
}

static double network_rate(char *to, char *from)
{
    if (size == 1)
        return 0;
    MPI_Barrier(MPI_COMM_WORLD);
    double start = MPI_Wtime();
    for (int i = 0; i < REPEATS; i++)
        MPI_Alltoall(from, MESSAGE, MPI_BYTE, to, MESSAGE, MPI_BYTE, MPI_COMM_WORLD);
    return rate((double)MESSAGE * REPEATS * (size - 1), start);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    size_t bytes = (size_t)MESSAGE * (size_t)size;
    bytes = bytes < COPY ? COPY : bytes;
    char *from = malloc(bytes), *to = malloc(bytes);
    if (argc != 2 || !from || !to)
        MPI_Abort(MPI_COMM_WORLD, 2);
    memset(from, 1, bytes);
    memset(to, 2, bytes);
    read_rate(argv[1], to); /* into the cache */
    double reading = read_rate(argv[1], to), copying = copy_rate(to, from);
    double network = network_rate(to, from);
    if (rank == 0)
        printf("{\"ranks\": %d, \"read\": %.0f, \"memory\": %.0f, \"network\": %.0f}\n", size,
               reading, copying, network);
    free(from);
    free(to);
    MPI_Finalize();
    return 0;
}
