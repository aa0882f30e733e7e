/* SPDX-License-Identifier: BSD-3-Clause */
/* Count files that are inputs. Collectives: see the header. */
#include "stage/count_files.h"

#include "comm/agree.h"
#include "job.h"
#include "stage/counted_by.h"
#include "stage/plan.h"

#include <xxhash.h>

/* On rank 0. */
static bool join_names(struct env *env, const struct catalog *catalog, struct buffer *names)
{
    bool ok = true;
    for (size_t i = 0; ok && i < catalog->len; i++) {
        const char *name = catalog_name(catalog, i);
        ok = env_append(env, names, name, strlen(name) + 1);
    }
    return ok;
}

/* All ranks get the names. */
static bool share_names(struct job *job, const struct plan *plan, struct count_files *files)
{
    struct buffer names = {0};
    bool ok = agree(job, !comm_is_root(job) || join_names(&job->env, &plan->counts, &names));
    uint64_t names_len = names.len;
    if (ok) {
        comm_bcast(job, &names_len, sizeof names_len);
        files->names_bytes = (size_t)names_len;
        files->len = (size_t)plan->count_files;
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
static bool asked_for(struct job *job, const struct count_files *files,
                      const struct counts_reader *reader)
{
    const struct options *options = &job->env.options;
    struct counts_meta asked = {0};
    bool ok = counted_by(&job->env, &asked);
    if (ok && (files->with_text || asked.lines > 1 || options_given(options, "count")))
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
    if ((files->len > 1 || files->with_text)
        && !counted_by_all(&reader->meta, reader->path.name, fail))
        return false;
    if (i > 0)
        return counts_meta_add(&files->meta, &job->env.mem, files->readers[0].path.name,
                               &reader->meta, reader->path.name, fail);
    return asked_for(job, files, reader)
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
        files->bytes += reader->path.footer.file_bytes;
        files->rows += reader->path.footer.totals.records;
        files->sum += reader->path.footer.totals.sum;
    }
    return ok;
}

bool count_files_open(struct job *job, const struct plan *plan, struct count_files *files)
{
    uint64_t digest = 0;
    files->with_text = plan->files > 0;
    if (!share_names(job, plan, files) || !agree(job, open_all(job, files, &digest)))
        return false;
    if (!files->late)
        count_files_expect(job, files);
    uint64_t root = digest;
    comm_bcast(job, &root, sizeof root);
    return agree(job, root == digest
                          || fail_set(&job->env.fail, FAIL_INPUT,
                                      "input: there are other count files here than on rank 0"));
}

void count_files_expect(struct job *job, const struct count_files *files)
{
    if (!files->with_text || job->expected_read > 0)
        job->expected_read += files->bytes;
    if (!files->with_text || job->expected_bytes > 0)
        job->expected_bytes += files->bytes;
}

/* Counts of keys are added as 64 bits; half of that is left for text. */
bool count_files_fit(struct job *job, const struct count_files *files)
{
    return files->sum <= INT64_MAX
        || fail_set(&job->env.fail, FAIL_INPUT,
                    "%s: the counts of all files add up to more than 63 bits hold",
                    files->readers[0].path.name);
}

bool count_files_have(struct count_files *files, const struct record *record, bool *found,
                      struct fail *fail)
{
    uint64_t count;
    bool ok = true;
    *found = false;
    for (size_t i = 0; ok && !*found && i < files->len; i++)
        ok = counts_reader_get(&files->readers[i], record_bytes(record), record->len, found, &count,
                               fail);
    return ok;
}

uint64_t count_files_share(const struct job *job, uint64_t bytes)
{
    const uint64_t size = (uint64_t)job->comm.size, rank = (uint64_t)job->comm.rank;
    return bytes / size + (rank < bytes % size);
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
