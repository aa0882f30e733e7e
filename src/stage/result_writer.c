/* SPDX-License-Identifier: BSD-3-Clause */
/* Results on rank 0. What waits is a head and the frames of a task, or the head alone where the
 * journal has the frames: it is read from there when its turn has come. No collectives. */
#include "stage/result_writer.h"

#include "env.h"
#include "host/path.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
    FLUSH_BYTES = 256 << 10, /* larger results are written from where they are */
    REORDER_SHARE = 16,      /* of the memory */
};

/* What a task left, and where that is. */
enum source {
    SOURCE_HERE,    /* the frames follow */
    SOURCE_JOURNAL, /* of this run, in the journal */
    SOURCE_KNOWN,   /* of an earlier run, in the journal */
    SOURCE_NONE,    /* it has failed */
};

struct head {
    uint32_t source, file;
    uint64_t offset;
};

struct span {
    const uint8_t *bytes;
    size_t len;
};

struct collect_form result_writer_form(const struct options *options)
{
    return (struct collect_form){options->collect, options->results || options->raw};
}

void result_writer_init(struct result_writer *writer, struct env *env,
                        const struct options *options, struct output *output, struct outdir *folder,
                        XXH3_state_t *checksum)
{
    *writer = (struct result_writer){
        .env = env,
        .options = options,
        .output = output,
        .folder = folder,
        .checksum = checksum,
        .form = result_writer_form(options),
    };
    char base[PATH_MAX];
    const bool beside = output && !output->direct && path_split(output->path, writer->beside, base);
    reorder_init(&writer->reorder, &env->mem, env->budget.memory_bytes / REORDER_SHARE,
                 options->scratch, beside ? writer->beside : NULL);
}

bool result_writer_is_used(const struct result_writer *writer)
{
    return writer->env && writer->form.collect == COLLECT_ORDER;
}

/* Whether results are written as they come. */
static bool at_once(const struct result_writer *writer)
{
    return writer->folder || writer->options->unordered;
}

/* To the output. */

static bool put_bytes(struct result_writer *writer, const uint8_t *bytes, size_t len)
{
    if (len == 0)
        return true;
    if (!output_write(writer->output, bytes, len, writer->bytes, &writer->env->fail))
        return false;
    XXH3_64bits_update(writer->checksum, bytes, len);
    writer->bytes += len;
    return true;
}

bool result_writer_flush(struct result_writer *writer)
{
    const size_t len = writer->text.len;
    writer->text.len = 0;
    return put_bytes(writer, writer->text.bytes, len);
}

static bool add_shown(struct result_writer *writer, struct span result)
{
    struct env *env = writer->env;
    const enum escape escape = writer->options->escape;
    const size_t len = writer->text.len;
    if (!env_append(env, &writer->text, NULL, escape_bytes(result.bytes, result.len, escape)))
        return false;
    escape_write(writer->text.bytes + len, result.bytes, result.len, escape);
    return true;
}

static bool add_plain(struct result_writer *writer, struct span result)
{
    if (result.len >= FLUSH_BYTES)
        return result_writer_flush(writer) && put_bytes(writer, result.bytes, result.len);
    return env_append(writer->env, &writer->text, result.bytes, result.len);
}

static bool add_line(struct result_writer *writer, struct span result)
{
    struct env *env = writer->env;
    return (writer->options->escape ? add_shown(writer, result) : add_plain(writer, result))
        && (writer->options->raw || env_append(env, &writer->text, "\n", 1))
        && (writer->text.len < FLUSH_BYTES || result_writer_flush(writer));
}

/* To its file. */

static bool open_file(struct result_writer *writer, uint64_t number)
{
    char name[OUTDIR_FILE_NAME_BYTES];
    snprintf(name, sizeof name, "%" PRIu64, number);
    return outdir_file_open(&writer->file, writer->folder, name, &writer->env->fail);
}

static bool close_file(struct result_writer *writer)
{
    writer->bytes += writer->file.bytes;
    return outdir_file_close(&writer->file, &writer->env->fail);
}

static bool put_result(struct result_writer *writer, struct span result)
{
    const uint64_t top = writer->options->top;
    if (top > 0 && writer->results == top) {
        writer->left++;
        return true;
    }
    writer->results++;
    return writer->folder
             ? outdir_file_add(&writer->file, result.bytes, result.len, &writer->env->fail)
             : add_line(writer, result);
}

/* What a result adds to the sums. */
static void sum_up(struct result_writer *writer, const struct collect_place *place,
                   struct span result, bool known)
{
    struct tally one = {0};
    collect_tally(place, result.bytes, result.len, &one);
    writer->fingerprint += (uint64_t)one.keyed;
    if (known)
        return;
    tally_join(&writer->tally, &one);
}

/* The results of a task are next. */
static bool put_task(struct result_writer *writer, uint64_t number, const struct head *head,
                     struct span frames)
{
    const uint8_t *at = frames.bytes, *end = at + frames.len;
    struct collect_place place = {.file = head->file, .offset = head->offset};
    struct span result;
    writer->tasks++;
    if (head->source == SOURCE_NONE) {
        writer->failed++;
        return true;
    }
    bool ok = !writer->folder || open_file(writer, number);
    for (; ok && collect_next(&writer->form, &at, end, &result.bytes, &result.len); place.part++) {
        if (writer->options->verify)
            sum_up(writer, &place, result, head->source == SOURCE_KNOWN);
        ok = put_result(writer, result);
    }
    return ok && (!writer->folder || close_file(writer));
}

/* The same, of what may be in the journal. */
static bool fetch_task(struct result_writer *writer, uint64_t number, const struct head *head,
                       struct span frames)
{
    const bool stored = head->source == SOURCE_JOURNAL || head->source == SOURCE_KNOWN;
    if (stored
        && !ledger_fetch(writer->env, writer->ledger, head->file, head->offset, &frames.bytes,
                         &frames.len))
        return false;
    return put_task(writer, number, head, frames);
}

/* Those that have waited for the one before them. */
static bool put_waiting(struct result_writer *writer)
{
    struct reorder *reorder = &writer->reorder;
    struct span item;
    uint64_t number = reorder->next;
    bool ok = true;
    for (; ok && reorder_take(reorder, &item.bytes, &item.len, &writer->env->fail); number++) {
        struct head head;
        memcpy(&head, item.bytes, sizeof head);
        ok = fetch_task(writer, number, &head,
                        (struct span){item.bytes + sizeof head, item.len - sizeof head});
    }
    return ok && writer->env->fail.code == FAIL_NONE;
}

/* A task has ended: its results are written now, or wait for their turn. */
static bool end_task(struct result_writer *writer, const struct task_reader_task *task,
                     enum source source, struct span frames)
{
    struct head head = {source, task->file, task->offset};
    struct reorder *reorder = &writer->reorder;
    const bool wait = !at_once(writer) && task->number != reorder->next;
    if (source == SOURCE_HERE && wait && writer->ledger->open)
        head.source = SOURCE_JOURNAL;
    if (wait)
        return reorder_put(reorder, task->number, &head, sizeof head, frames.bytes,
                           head.source == SOURCE_HERE ? frames.len : 0, &writer->env->fail);
    if (!fetch_task(writer, task->number, &head, frames))
        return false;
    if (at_once(writer))
        return true;
    reorder_pass(reorder);
    return put_waiting(writer);
}

bool result_writer_add(struct result_writer *writer, const struct ledger_entry *entry)
{
    return !result_writer_is_used(writer)
        || end_task(writer, &entry->task, SOURCE_HERE,
                    (struct span){entry->frames, entry->frames_len});
}

bool result_writer_add_known(struct result_writer *writer, const struct task_reader_task *task)
{
    return !result_writer_is_used(writer) || end_task(writer, task, SOURCE_KNOWN, (struct span){0});
}

bool result_writer_skip(struct result_writer *writer, const struct task_reader_task *task)
{
    return !result_writer_is_used(writer) || end_task(writer, task, SOURCE_NONE, (struct span){0});
}

bool result_writer_is_full(const struct result_writer *writer)
{
    return result_writer_is_used(writer) && reorder_is_full(&writer->reorder);
}

bool result_writer_check(struct result_writer *writer, uint64_t tasks, uint64_t failed)
{
    if (!result_writer_is_used(writer)
        || (writer->tasks == tasks && writer->failed == failed && writer->reorder.waiting == 0))
        return true;
    return fail_set(&writer->env->fail, FAIL_VERIFY,
                    "verification failed: results of %" PRIu64 " tasks of %" PRIu64 ", %" PRIu64
                    " failed of %" PRIu64,
                    writer->tasks, tasks, writer->failed, failed);
}

void result_writer_free(struct result_writer *writer)
{
    if (!writer->env)
        return;
    outdir_file_free(&writer->file);
    reorder_free(&writer->reorder);
    buffer_free(&writer->text, &writer->env->mem);
    *writer = (struct result_writer){0};
}
