/* SPDX-License-Identifier: BSD-3-Clause */
/* The sink of the file that should be there is a comparison with the one that is. */
#include "counts/counts_check.h"

#include "counts/counts_file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

struct compared {
    const struct counts_reader *reader;
    struct mem *mem;
    uint64_t at;
    struct buffer there;
};

static bool differs(const struct compared *compared, uint64_t at, struct fail *fail)
{
    return fail_set(fail, FAIL_VERIFY,
                    "%s: byte %" PRIu64 ": not what a file of these records has there",
                    compared->reader->path.name, at);
}

static bool compare(void *context, const void *bytes, size_t len, struct fail *fail)
{
    struct compared *compared = context;
    compared->there.len = 0;
    if (!buffer_append(&compared->there, compared->mem, NULL, len, fail))
        return false;
    const uint8_t *due = bytes, *there = compared->there.bytes;
    for (size_t done = 0; done < len;) {
        const ssize_t got = pread(compared->reader->path.fd, compared->there.bytes + done,
                                  len - done, (off_t)(compared->at + done));
        if (got < 0 && errno != EINTR)
            return fail_errno(fail, FAIL_INPUT, compared->reader->path.name, errno);
        if (got == 0)
            return differs(compared, compared->at + done, fail);
        done += got > 0 ? (size_t)got : 0;
    }
    size_t same = 0;
    while (same < len && there[same] == due[same])
        same++;
    compared->at += len;
    return same == len || differs(compared, compared->at - len + same, fail);
}

bool counts_check(struct counts_reader *reader, struct fail *fail)
{
    struct mem *mem = reader->path.mem;
    struct compared compared = {.reader = reader, .mem = mem};
    const struct counts_sink sink = {compare, &compared};
    struct counts_writer writer;
    uint64_t bytes = 0;
    bool ok = counts_writer_init(&writer, mem, sink, fail);
    writer.form = reader->path.header;
    ok = ok && counts_file_begin(sink, &writer.form, fail);
    while (ok && counts_reader_next(reader, fail))
        ok = counts_writer_add(&writer, reader->key, reader->key_len, reader->count, fail);
    ok = ok && fail->code == FAIL_NONE && counts_writer_end(&writer, fail)
      && counts_file_end(sink, mem, &writer.entries, &writer.totals, &reader->meta, &bytes, fail);
    if (ok && bytes != reader->path.footer.file_bytes)
        ok = differs(&compared, bytes, fail);
    counts_writer_free(&writer);
    buffer_free(&compared.there, mem);
    return ok;
}
