/* SPDX-License-Identifier: BSD-3-Clause */
/* Scatter.
 *
 * Collectives, in order. scatter_run: agree; on several hosts comm_bcast (size, table), Iallreduce
 * (who lacks files), agree; agree; then, where files are shared: scatterv_tell, agree,
 * scatterv_bytes, agree, or with a dynamic schedule agree alone; where rank 0 reads: agree, and
 * with an extractor comm_bcast, agree, comm_bcast (names). scatter_round, where rank 0 reads:
 * Iallreduce (is anybody still busy?), then agree, scatterv_tell, agree, scatterv_bytes. */
#include "stage/scatter.h"

#include "comm/agree.h"
#include "input/split.h"
#include "job.h"
#include "stage/checkpoint.h"
#include "stage/report.h"
#include "stage/same_files.h"

#include <string.h>

enum { PART_MIN_BYTES = 4 << 10, PART_MAX_BYTES = 4 << 20 };

/* What rank 0 sends a rank in one round. */
static size_t part_bytes(const struct job *job)
{
    size_t part = job->env.budget.round_bytes / (size_t)job->comm.size;
    return part < PART_MIN_BYTES ? PART_MIN_BYTES : part > PART_MAX_BYTES ? PART_MAX_BYTES : part;
}

/* Whether a rank can read what is given out. */
static bool takes(const struct job *job, const struct plan *plan, size_t rank)
{
    return !plan->first_host || job->comm.places[rank].host == 0;
}

/* Rank 0: all lists, one after another. */
static bool write_lists(struct job *job, const struct plan *plan, struct scatter *scatter)
{
    size_t size = (size_t)job->comm.size, total = 0, takers = 0;
    struct split_place from = {0}, to = {0};
    uint64_t at_bytes = 0;
    for (size_t rank = 0; rank < size; rank++)
        takers += takes(job, plan, rank);
    for (int pass = 0; pass < 2; pass++) {
        uint8_t *at = scatter->parts;
        from = (struct split_place){0};
        at_bytes = 0;
        for (size_t rank = 0, given = 0; rank < size; rank++) {
            given += takes(job, plan, rank);
            uint64_t target = (uint64_t)((unsigned __int128)plan->left_bytes * given / takers);
            to = given == takers ? (struct split_place){.file = plan->catalog.len}
                                 : split_boundary(&plan->catalog, plan->split_bytes, from, at_bytes,
                                                  target, &at_bytes);
            if (pass == 0)
                total += scatter->told[rank].bytes = split_list_bytes(&plan->catalog, from, to);
            else
                split_write(&plan->catalog, from, to, at, scatter->told[rank].bytes);
            at += pass == 0 ? 0 : scatter->told[rank].bytes;
            from = to;
        }
        if (pass == 0) {
            scatter->parts = mem_alloc(&job->env.mem, total, &job->env.fail);
            if (!scatter->parts)
                return false;
            scatter->parts_bytes = total;
        }
    }
    return true;
}

/* Everybody learns how much it gets and makes room for it. */
static bool receive_sizes(struct job *job, struct scatter *scatter, struct scatterv_part *mine)
{
    scatterv_tell(job, scatter->parts, scatter->told, mine);
    bool ok = true;
    if (mine->bytes > scatter->blob_bytes) {
        mem_free(&job->env.mem, scatter->blob, scatter->blob_bytes);
        scatter->blob_bytes = 0;
        scatter->blob = mem_alloc(&job->env.mem, mine->bytes, &job->env.fail);
        ok = scatter->blob != NULL;
        scatter->blob_bytes = ok ? mine->bytes : 0;
    }
    return agree(job, ok);
}

static bool scatter_lists(struct job *job, const struct plan *plan, struct scatter *scatter,
                          struct window *window)
{
    struct scatterv_part mine;
    bool ok = !comm_is_root(job) || write_lists(job, plan, scatter);
    ok = agree(job, ok) && receive_sizes(job, scatter, &mine);
    ok = ok
      && scatterv_bytes(job, scatter->parts, scatter->told, &mine, scatter->blob, part_bytes(job));
    if (!ok)
        return false;
    timing_moved(&job->timing, TIMING_SCATTER, mine.bytes, comm_is_far(job, 0));
    ok = split_set(window, scatter->blob, mine.bytes, true, &job->env.fail);
    mem_free(&job->env.mem, scatter->parts, scatter->parts_bytes);
    scatter->parts = NULL;
    return agree(job, ok);
}

/* The supply where rank 0 reads: more comes with the next round. */
static enum supply_answer want(void *context, struct window *window, struct fail *fail)
{
    struct scatter *scatter = context;
    (void)window;
    (void)fail;
    scatter->wanted = true;
    return SUPPLY_LATER;
}

/* Where ranks may find fault with the input they must be able to say where. */
static bool share_names(struct job *job, const struct plan *plan, struct scatter *scatter,
                        struct window *window)
{
    uint64_t bytes = plan->catalog.names_len;
    comm_bcast(job, &bytes, sizeof bytes);
    scatter->names_bytes = bytes + 1; /* there may be no file */
    scatter->names = mem_alloc(&job->env.mem, scatter->names_bytes, &job->env.fail);
    if (!agree(job, scatter->names != NULL))
        return false;
    if (comm_is_root(job)) {
        memcpy(scatter->names, plan->catalog.names, bytes);
        scatter->reader->counts_lines = true;
    }
    comm_bcast(job, scatter->names, bytes);
    window->names = scatter->names;
    return true;
}

/* Who reads cannot change where a run is taken up: the one way to say what is done is not the
 * other. */
static bool goes_on(const struct job *job)
{
    return job->checkpoint && job->checkpoint->resumed;
}

static bool stays(struct job *job, bool root)
{
    if (goes_on(job) && root)
        fail_set(&job->env.fail, FAIL_INPUT,
                 "--checkpoint: all hosts could read the files when %s was begun, and one cannot",
                 job->checkpoint->folder.path);
    return agree(job, job->env.fail.code == FAIL_NONE);
}

/* Rank 0 gets ready to read for all. */
static bool start_feed(struct job *job, const struct plan *plan, struct scatter *scatter,
                       struct window *window)
{
    scatter->blob_bytes = root_reader_room(part_bytes(job));
    scatter->blob = mem_alloc(&job->env.mem, scatter->blob_bytes, &job->env.fail);
    bool ok = scatter->blob != NULL;
    if (comm_is_root(job)) {
        scatter->reader = mem_alloc(&job->env.mem, sizeof *scatter->reader, &job->env.fail);
        scatter->parts_bytes = root_reader_room(part_bytes(job)) * (size_t)job->comm.size;
        scatter->parts = mem_alloc(&job->env.mem, scatter->parts_bytes, &job->env.fail);
        ok = ok && scatter->reader && scatter->parts
          && root_reader_init(scatter->reader, &job->env.mem, &plan->catalog,
                              kind_parting(&job->env.kind), part_bytes(job), &job->env.fail);
        if (ok)
            scatter->reader->ahead_bytes = job->ahead_bytes;
        if (ok && goes_on(job))
            root_reader_begin(scatter->reader, &job->checkpoint->place);
    }
    scatter->wanted = true;
    window_supply(window, (struct supply){scatter, want});
    return agree(job, ok)
        && (!kind_extracts(&job->env.kind) || share_names(job, plan, scatter, window));
}

/* What lies between two joints of a file is one rank's, which decodes it where it is encoded. Where
 * that is the larger half of the input the others had nothing to do for most of the time; they
 * count what rank 0 reads. How long commands take nobody knows: they are shared out unless there is
 * only one. */
static bool one_has_most(const struct job *job, const struct plan *plan)
{
    if (job->comm.size == 1 || plan->sampled || job->env.options.input == OPTIONS_INPUT_SHARED)
        return false;
    return job->env.options.pre ? plan->files == 1 : plan->longest_bytes > plan->total_bytes / 2;
}

/* For the same reason they are handed out on demand. */
static bool is_dynamic(const struct job *job)
{
    const struct options *options = &job->env.options;
    return options->schedule == OPTIONS_SCHEDULE_DYNAMIC
        || (options->schedule == OPTIONS_SCHEDULE_AUTO && options->pre && job->comm.size > 1);
}

static const char *who_reads(const struct job *job, const struct plan *plan,
                             const struct scatter *scatter)
{
    if (!scatter->root)
        return "every rank reads its own ranges";
    if (plan->streams > 0)
        return "rank 0 reads, a stream is among them";
    if (job->env.options.input == OPTIONS_INPUT_ROOT)
        return "rank 0 reads, as --input=root says";
    if (!one_has_most(job, plan))
        return "rank 0 reads, a host lacks some of the files";
    if (job->env.options.pre)
        return "rank 0 reads, there is only one command";
    return plan->encoded_bytes > plan->total_bytes / 2
             ? "rank 0 reads, most of it is one compressed file"
             : "rank 0 reads, most of it is one stretch that cannot be cut";
}

/* Whoever decodes keeps the memory for it, which words would fill before the file comes that needs
 * most. */
static bool keep_for_decoding(struct job *job, const struct plan *plan,
                              const struct scatter *scatter)
{
    return (scatter->root && !comm_is_root(job))
        || mem_keep(&job->env.mem, plan->decoding_bytes, &job->env.fail);
}

bool scatter_run(struct job *job, const struct plan *plan, struct scatter *scatter,
                 struct window *window)
{
    timing_enter(&job->timing, TIMING_SCATTER);
    bool ok = fail_point(&job->env.fail, "scatter", job->comm.rank);
    if (comm_is_root(job)) {
        scatter->told = mem_alloc(&job->env.mem, (size_t)job->comm.size * sizeof *scatter->told,
                                  &job->env.fail);
        ok = ok && scatter->told;
    }
    if (job->env.options.input == OPTIONS_INPUT_SHARED && plan->streams > 0)
        ok = fail_set(
            &job->env.fail, FAIL_INPUT,
            "--input=shared: standard input, pipes and devices can only be read by rank 0");
    if (!agree(job, ok))
        return false;
    scatter->root = goes_on(job) ? job->checkpoint->root
                                 : !plan->sampled
                                       && (job->env.options.input == OPTIONS_INPUT_ROOT
                                           || plan->streams > 0 || one_has_most(job, plan));
    if (!scatter->root && !plan->sampled && job->comm.hosts > 1
        && (!same_files_input(job, plan, &scatter->root) || !stays(job, scatter->root)))
        return false;
    job->totals.root_input = scatter->root;
    if (!agree(job, keep_for_decoding(job, plan, scatter)))
        return false;
    const bool dynamic = is_dynamic(job) && !plan->sampled;
    job->dealt = !scatter->root && !dynamic;
    if (!plan->sampled)
        report_say(job, "input: %s%s", who_reads(job, plan, scatter),
                   !dynamic         ? ""
                   : !scatter->root ? ", for which it asks one by one"
                   : job->env.options.schedule == OPTIONS_SCHEDULE_DYNAMIC
                       ? ", and divides all parts alike: --schedule=dynamic changes nothing"
                       : "");
    return scatter->root ? start_feed(job, plan, scatter, window)
         : dynamic       ? split_queue_open(job, &scatter->splits, plan, window)
                         : scatter_lists(job, plan, scatter, window);
}

/* Rank 0: one part for every rank, in the order of the input; a rank whose record goes on comes
 * first. */
static bool read_parts(struct job *job, struct scatter *scatter)
{
    struct root_reader *reader = scatter->reader;
    uint8_t *at = scatter->parts;
    bool open = false; /* a part of this round ended inside a record: what follows belongs to the
                          same rank */
    for (int rank = 0; rank < job->comm.size; rank++) {
        bool mine = rank >= scatter->continuing && !open;
        size_t size = mine ? root_reader_next(reader, at, part_bytes(job), &job->env.fail)
                           : root_reader_nothing(reader, at);
        if (size == 0)
            return false;
        scatter->told[rank].bytes = size;
        at += size;
        if (mine) {
            open = reader->open;
            scatter->continuing = open ? rank : 0;
        }
    }
    job->work.read_bytes = root_reader_stored(reader);
    return true;
}

bool scatter_round(struct job *job, struct scatter *scatter, struct window *window)
{
    if (!scatter->root)
        return true;
    timing_enter(&job->timing, TIMING_SCATTER);
    struct scatterv_part mine;
    uint64_t busy = !scatter->wanted && window_left(window);
    comm_max(job, &busy, 1);
    if (busy)
        return true;
    bool ok = !comm_is_root(job) || read_parts(job, scatter);
    ok = agree(job, ok) && receive_sizes(job, scatter, &mine);
    ok = ok
      && scatterv_bytes(job, scatter->parts, scatter->told, &mine, scatter->blob,
                        root_reader_room(part_bytes(job)));
    if (!ok)
        return false;
    timing_moved(&job->timing, TIMING_SCATTER, mine.bytes, comm_is_far(job, 0));
    root_reader_feed(scatter->blob, window);
    scatter->wanted = false;
    if (comm_is_root(job))
        job->totals.input_bytes = scatter->reader->read_bytes;
    return true;
}

void scatter_free(struct job *job, struct scatter *scatter)
{
    mem_keep(&job->env.mem, 0, &job->env.fail);
    if (scatter->reader) {
        root_reader_free(scatter->reader, &job->env.mem);
        mem_free(&job->env.mem, scatter->reader, sizeof *scatter->reader);
    }
    split_queue_free(job, &scatter->splits);
    mem_free(&job->env.mem, scatter->blob, scatter->blob_bytes);
    mem_free(&job->env.mem, scatter->names, scatter->names_bytes);
    mem_free(&job->env.mem, scatter->parts, scatter->parts ? scatter->parts_bytes : 0);
    mem_free(&job->env.mem, scatter->told, (size_t)job->comm.size * sizeof *scatter->told);
    *scatter = (struct scatter){0};
}
