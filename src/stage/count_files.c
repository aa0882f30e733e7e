/* SPDX-License-Identifier: BSD-3-Clause */
/* Count files that are inputs. Collectives: see the header. */
#include "stage/count_files.h"

#include "comm/agree.h"
#include "input/catalog.h"
#include "job.h"
#include "stage/counted_by.h"

#include <sys/stat.h>
#include <xxhash.h>

static bool is_no_input(const struct catalog *catalog, const char *path, struct fail *fail)
{
    struct stat status;
    const bool exists = path && stat(path, &status) == 0 && S_ISREG(status.st_mode);
    for (size_t i = 0; exists && i < catalog->len; i++)
        if (catalog->files[i].inode == status.st_ino && catalog->files[i].device == status.st_dev)
            return fail_set(fail, FAIL_USAGE, "%s: is both input and output", path);
    return true;
}

/* On rank 0. */
static bool find(struct job *job, struct catalog *catalog, struct buffer *names)
{
    const struct options *options = &job->env.options;
    struct fail *fail = &job->env.fail;
    bool ok = fail_point(fail, "plan", job->comm.rank);
    for (size_t i = 0; ok && i < options->files_len; i++)
        ok = catalog_add(catalog, options->files[i], options->recursive, fail);
    if (ok && options->files_from)
        ok = catalog_add_list(catalog, options->files_from, options->nul_ended, options->recursive,
                              fail);
    if (ok && catalog->len == 0)
        ok = fail_set(fail, FAIL_INPUT, "there is no count file");
    ok = ok && is_no_input(catalog, options->output, fail);
    for (size_t i = 0; ok && i < catalog->len; i++) {
        const char *name = catalog_name(catalog, i);
        ok = env_append(&job->env, names, name, strlen(name) + 1);
    }
    return ok;
}

/* All ranks get the names. */
static bool share_names(struct job *job, struct count_files *files)
{
    struct catalog catalog;
    struct buffer names = {0};
    catalog_init(&catalog, &job->env.mem);
    catalog.any_format = true;
    bool ok = agree(job, comm_is_root(job) ? find(job, &catalog, &names)
                                           : fail_point(&job->env.fail, "plan", job->comm.rank));
    uint64_t shared[] = {names.len, catalog.len};
    catalog_free(&catalog);
    if (ok) {
        comm_bcast(job, shared, sizeof shared);
        files->names_bytes = (size_t)shared[0];
        files->len = (size_t)shared[1];
        files->names = mem_alloc(&job->env.mem, files->names_bytes, &job->env.fail);
        files->readers =
            mem_alloc(&job->env.mem, files->len * sizeof *files->readers, &job->env.fail);
        if (comm_is_root(job) && files->names)
            memcpy(files->names, names.bytes, names.len);
        ok = agree(job, files->names && files->readers);
    }
    if (ok)
        comm_bcast(job, files->names, files->names_bytes);
    buffer_free(&names, &job->env.mem);
    return ok;
}

/* What the options say of keys, if anything, is what the files say. */
static bool asked_for(struct job *job, const struct counts_reader *reader)
{
    const struct options *options = &job->env.options;
    struct counts_meta asked = {0};
    bool ok = counted_by(&job->env, &asked);
    if (ok && (asked.lines > 1 || options_given(options, "count")))
        ok = counts_meta_add(&asked, &job->env.mem, "the options say", &reader->meta,
                             reader->path.name, &job->env.fail);
    counts_meta_free(&asked, &job->env.mem);
    return ok;
}

static bool add_rules(struct job *job, struct count_files *files, size_t i)
{
    const struct counts_reader *reader = &files->readers[i];
    const struct buffer *text = &reader->meta.text;
    struct fail *fail = &job->env.fail;
    if (files->len > 1 && !counted_by_all(&reader->meta, reader->path.name, fail))
        return false;
    if (i > 0)
        return counts_meta_add(&files->meta, &job->env.mem, files->readers[0].path.name,
                               &reader->meta, reader->path.name, fail);
    return asked_for(job, reader)
        && counts_meta_read(&files->meta, &job->env.mem, text->bytes, text->len, reader->meta.lines,
                            reader->path.name, fail);
}

/* *digest is of what is in all of them. */
static bool open_all(struct job *job, struct count_files *files, uint64_t *digest)
{
    const char *name = files->names;
    bool ok = true;
    for (size_t i = 0; ok && i < files->len; i++, name += strlen(name) + 1) {
        struct counts_reader *reader = &files->readers[i];
        ok = counts_reader_open(reader, &job->env.mem, name, &job->env.fail)
          && add_rules(job, files, i);
        const uint64_t pair[] = {*digest, reader->path.footer.root.checksum};
        *digest = XXH3_64bits(pair, sizeof pair);
    }
    return ok;
}

bool count_files_open(struct job *job, struct count_files *files)
{
    uint64_t digest = 0;
    if (!share_names(job, files) || !agree(job, open_all(job, files, &digest)))
        return false;
    uint64_t root = digest;
    comm_bcast(job, &root, sizeof root);
    return agree(job, root == digest
                          || fail_set(&job->env.fail, FAIL_INPUT,
                                      "input: there are other count files here than on rank 0"));
}

void count_files_close(struct job *job, struct count_files *files)
{
    struct mem *mem = &job->env.mem;
    for (size_t i = 0; files->readers && i < files->len; i++)
        counts_reader_close(&files->readers[i]);
    counts_meta_free(&files->meta, mem);
    mem_free(mem, files->readers, files->len * sizeof *files->readers);
    mem_free(mem, files->names, files->names_bytes);
    *files = (struct count_files){0};
}
