/* SPDX-License-Identifier: BSD-3-Clause */
/* catalog: the input files, found and measured on rank 0. */
#ifndef CATALOG_H
#define CATALOG_H

#include "host/mem.h"
#include "input/filter.h"

#include <sys/types.h>

/* What is done now and then while nothing comes of a stream that is waited for. */
struct catalog_idle {
    void (*call)(void *context); /* NULL: nothing */
    void *context;
};

struct catalog_file {
    size_t name_off; /* see catalog_name */
    uint64_t bytes;  /* as stored; 0 for a stream; with a filter, what it weighs */
    dev_t device;
    ino_t inode;
    bool range;   /* see struct number_range; its name is what was given as --range */
    bool stream;  /* no size and no offsets: standard input, pipe, device, a file of /proc */
    bool live;    /* a stream of which is wanted at once what has come, and nobody waits for more */
    bool encoded; /* its text is made on the way to us, by a decoder or a filter; not said of a
                     stream */
    uint64_t follow_ns; /* a regular file that may grow, and ends when it has not for so long */
    const struct catalog_idle *idle; /* of the catalog */
    struct filter *filter;           /* that makes it; borrowed; NULL: none does */
    uint64_t head;                   /* see window_range */
    size_t joints, joints_len;       /* in catalog.joints; see joints.h */
};

/* What an entry stands for that is not all of a file. It may end anywhere: of the records that
 * begin in it all are counted. `bytes` of the entry are its own, its joints those within. */
struct catalog_part {
    size_t file; /* its number, as all know it */
    bool between_joints;
    uint64_t begin;      /* in its file, */
    uint64_t file_bytes; /* which ends here */
    uint64_t text_from;  /* of the text of an encoded file from `begin` on so much is counted */
    uint64_t text_bytes; /* not 0: not more of its text, of an encoded file, are counted */
};

struct catalog {
    struct mem *mem;    /* borrowed */
    bool any_format;    /* what is no text (magic.h) is taken, too */
    bool live;          /* streams are read as they come, see catalog_file */
    uint64_t follow_ns; /* regular files are such streams, see catalog_file; 0: they are not */
    bool jointed;       /* where records begin cannot be seen: not only encoded files have joints */
    struct filter *filter;  /* borrowed; for all files; NULL: none */
    struct catalog *counts; /* borrowed; where count files go; NULL: they are refused as no text */
    struct catalog_idle idle;
    struct catalog_file *files;
    struct catalog_part *parts; /* for each entry; NULL: they are whole files */
    char *names;
    size_t len, files_bytes, parts_bytes;
    size_t names_len, names_bytes;
    uint64_t decoding_bytes; /* that it takes to decode the file for which this is most, */
    size_t decoding_file;    /* this one, as far as beginnings show it */
    uint64_t unit;           /* of the joints: there is at most one in so many bytes, as stored */
    uint64_t until_ns; /* then nobody looks for more of them, by clock_ns; 0: whatever it takes */
    uint64_t *joints;  /* of all files, offsets in each of them */
    size_t joints_len, joints_bytes;
    uint64_t *joint_texts; /* for each joint; so much of the text behind it belongs to what is
                              before it; NULL: nothing does */
    size_t joint_texts_bytes;
};

/* Local. */
void catalog_init(struct catalog *catalog, struct mem *mem);

/* Local. Adds a file named by the user, or with `recursive` all files below a folder, in the byte
 * order of their names. Symbolic links are followed here but skipped below a folder, as are devices
 * and pipes. `-` is standard input. What is no text (magic.h) is refused,
 * unless any_format. With a filter any name will do, but that of standard input, and nothing is
 * opened. False with fail set. */
bool catalog_add(struct catalog *catalog, const char *path, bool recursive, struct fail *fail);

/* Local. Adds every name in a file (`-`: standard input, which then is no input itself), one a
 * line, or ended by NUL. Empty names are skipped. False with fail set. */
bool catalog_add_list(struct catalog *catalog, const char *path, bool nul_ended, bool recursive,
                      struct fail *fail);

/* Local. Borrowed until the next catalog_add. */
static inline const char *catalog_name(const struct catalog *catalog, size_t file)
{
    return catalog->names + catalog->files[file].name_off;
}

/* Local. Whether a file may be cut only at its joints. */
static inline bool catalog_jointed(const struct catalog *catalog, size_t file)
{
    return catalog->jointed || catalog->files[file].encoded;
}

/* Local. Adds the text of a range, a stream. False with fail set. */
bool catalog_add_range(struct catalog *catalog, const char *text, struct fail *fail);

/* Local. Bytes of all files together; streams count as nothing. */
uint64_t catalog_bytes(const struct catalog *catalog);

/* Local. Idempotent. */
void catalog_free(struct catalog *catalog);

#endif
