/* SPDX-License-Identifier: BSD-3-Clause */
/* mpi: of MPI, what the program and its tests use, for ranks that share one process: see engine.h.
 * Source: MPI: A Message-Passing Interface Standard, version 3.1. */
#ifndef MPI_H
#define MPI_H

#include <stddef.h>
#include <stdint.h>

typedef struct communicator *MPI_Comm;
typedef struct request *MPI_Request;
typedef struct datatype *MPI_Datatype;
typedef struct operation *MPI_Op;
typedef struct group *MPI_Group;
typedef struct errhandler *MPI_Errhandler;
typedef struct info *MPI_Info;
typedef void MPI_User_function(void *in, void *into, int *len, MPI_Datatype *type);
typedef void MPI_Comm_errhandler_function(MPI_Comm *comm, int *code, ...);

typedef struct {
    int MPI_SOURCE, MPI_TAG, MPI_ERROR;
} MPI_Status;

extern struct communicator engine_world, engine_self;
extern struct datatype engine_byte, engine_int, engine_uint64;
extern struct operation engine_sum, engine_min, engine_max;

#define MPI_COMM_WORLD (&engine_world)
#define MPI_COMM_SELF (&engine_self)
#define MPI_COMM_NULL ((MPI_Comm)0)
#define MPI_REQUEST_NULL ((MPI_Request)0)
#define MPI_INFO_NULL ((MPI_Info)0)
#define MPI_STATUS_IGNORE ((MPI_Status *)0)
#define MPI_IN_PLACE ((void *)1)
#define MPI_BYTE (&engine_byte)
#define MPI_INT (&engine_int)
#define MPI_UINT64_T (&engine_uint64)
#define MPI_SUM (&engine_sum)
#define MPI_MIN (&engine_min)
#define MPI_MAX (&engine_max)

enum {
    MPI_SUCCESS,
    MPI_UNDEFINED = -1,
    MPI_ANY_SOURCE = -1,
    MPI_ANY_TAG = -1,
    MPI_COMM_TYPE_SHARED = 1,
    MPI_THREAD_FUNNELED = 1,
    MPI_MAX_ERROR_STRING = 64,
    MPI_MAX_LIBRARY_VERSION_STRING = 64,
};

int MPI_Init_thread(int *argc, char ***argv, int wanted, int *level);
int MPI_Initialized(int *yes);
int MPI_Finalize(void);
_Noreturn int MPI_Abort(MPI_Comm comm, int code);
int MPI_Error_string(int code, char *text, int *len);
int MPI_Get_library_version(char *text, int *len);

int MPI_Comm_rank(MPI_Comm comm, int *rank);
int MPI_Comm_size(MPI_Comm comm, int *size);
int MPI_Comm_dup(MPI_Comm comm, MPI_Comm *copy);
int MPI_Comm_split(MPI_Comm comm, int color, int key, MPI_Comm *part);
int MPI_Comm_split_type(MPI_Comm comm, int type, int key, MPI_Info info, MPI_Comm *part);
int MPI_Comm_free(MPI_Comm *comm);
int MPI_Comm_group(MPI_Comm comm, MPI_Group *group);
int MPI_Group_free(MPI_Group *group);
int MPI_Group_translate_ranks(MPI_Group from, int len, const int ranks[], MPI_Group to,
                              int translated[]);
int MPI_Comm_create_errhandler(MPI_Comm_errhandler_function *function, MPI_Errhandler *handler);
int MPI_Comm_set_errhandler(MPI_Comm comm, MPI_Errhandler handler);
int MPI_Errhandler_free(MPI_Errhandler *handler);
int MPI_Type_contiguous(int len, MPI_Datatype of, MPI_Datatype *type);
int MPI_Type_commit(MPI_Datatype *type);
int MPI_Op_create(MPI_User_function *function, int commutes, MPI_Op *op);

int MPI_Test(MPI_Request *request, int *done, MPI_Status *status);
int MPI_Wait(MPI_Request *request, MPI_Status *status);
int MPI_Request_free(MPI_Request *request);
int MPI_Iprobe(int from, int tag, MPI_Comm comm, int *there, MPI_Status *status);
int MPI_Isend(const void *bytes, int len, MPI_Datatype type, int to, int tag, MPI_Comm comm,
              MPI_Request *request);
int MPI_Irecv(void *bytes, int len, MPI_Datatype type, int from, int tag, MPI_Comm comm,
              MPI_Request *request);
int MPI_Recv(void *bytes, int len, MPI_Datatype type, int from, int tag, MPI_Comm comm,
             MPI_Status *status);

int MPI_Iallgather(const void *out, int out_len, MPI_Datatype out_type, void *in, int in_len,
                   MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request);
int MPI_Iallreduce(const void *out, void *in, int len, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
                   MPI_Request *request);
int MPI_Ialltoall(const void *out, int out_len, MPI_Datatype out_type, void *in, int in_len,
                  MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request);
int MPI_Ialltoallv(const void *out, const int out_lens[], const int out_at[], MPI_Datatype out_type,
                   void *in, const int in_lens[], const int in_at[], MPI_Datatype in_type,
                   MPI_Comm comm, MPI_Request *request);
int MPI_Ibcast(void *bytes, int len, MPI_Datatype type, int root, MPI_Comm comm,
               MPI_Request *request);
int MPI_Iexscan(const void *out, void *in, int len, MPI_Datatype type, MPI_Op op, MPI_Comm comm,
                MPI_Request *request);
int MPI_Igather(const void *out, int out_len, MPI_Datatype out_type, void *in, int in_len,
                MPI_Datatype in_type, int root, MPI_Comm comm, MPI_Request *request);
int MPI_Igatherv(const void *out, int out_len, MPI_Datatype out_type, void *in, const int in_lens[],
                 const int in_at[], MPI_Datatype in_type, int root, MPI_Comm comm,
                 MPI_Request *request);
int MPI_Ireduce_scatter_block(const void *out, void *in, int len, MPI_Datatype type, MPI_Op op,
                              MPI_Comm comm, MPI_Request *request);
int MPI_Iscatter(const void *out, int out_len, MPI_Datatype out_type, void *in, int in_len,
                 MPI_Datatype in_type, int root, MPI_Comm comm, MPI_Request *request);
int MPI_Iscatterv(const void *out, const int out_lens[], const int out_at[], MPI_Datatype out_type,
                  void *in, int in_len, MPI_Datatype in_type, int root, MPI_Comm comm,
                  MPI_Request *request);
int MPI_Barrier(MPI_Comm comm);
int MPI_Bcast(void *bytes, int len, MPI_Datatype type, int root, MPI_Comm comm);
int MPI_Allreduce(const void *out, void *in, int len, MPI_Datatype type, MPI_Op op, MPI_Comm comm);

/* For those who stand between the program and MPI. */
int PMPI_Isend(const void *bytes, int len, MPI_Datatype type, int to, int tag, MPI_Comm comm,
               MPI_Request *request);
int PMPI_Ialltoallv(const void *out, const int out_lens[], const int out_at[],
                    MPI_Datatype out_type, void *in, const int in_lens[], const int in_at[],
                    MPI_Datatype in_type, MPI_Comm comm, MPI_Request *request);
int PMPI_Igatherv(const void *out, int out_len, MPI_Datatype out_type, void *in,
                  const int in_lens[], const int in_at[], MPI_Datatype in_type, int root,
                  MPI_Comm comm, MPI_Request *request);
int PMPI_Iscatterv(const void *out, const int out_lens[], const int out_at[], MPI_Datatype out_type,
                   void *in, int in_len, MPI_Datatype in_type, int root, MPI_Comm comm,
                   MPI_Request *request);

#endif
