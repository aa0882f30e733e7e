/* SPDX-License-Identifier: BSD-3-Clause */
/* xz_file: streams of xz data whose members are known, and what comes of decoding them. */
#ifndef XZ_FILE_H
#define XZ_FILE_H

#include "input/decoder.h"

#include "packed.h"
#include "world_in_folder.h"

enum { XZ_FILE_MEMBERS = 20, XZ_FILE_TEXT = 2000, XZ_FILE_STORED = 40000 };

extern const struct decoder xz_decoder;

/* What is known of a file; places behind the last member are those of its end. */
struct xz_file {
    uint8_t text[XZ_FILE_TEXT], stored[XZ_FILE_STORED];
    size_t len, members;
    struct packed packed;
    struct member {
        size_t begin, text;
        bool stream; /* it begins one */
        bool sized;  /* all blocks of its stream say how long they are */
    } member[XZ_FILE_MEMBERS + 1];
};

static inline void xz_file_member(struct xz_file *file, bool stream, bool sized)
{
    assert_true(file->members <= XZ_FILE_MEMBERS);
    file->member[file->members++] = (struct member){file->packed.len, file->len, stream, sized};
}

static inline void xz_file_block(struct seeded *seeded, struct xz_file *file, lzma_index *index,
                                 lzma_check check, size_t longest, bool sized)
{
    uint8_t *text = file->text + file->len;
    const size_t len = seeded_below(seeded, longest + 1);
    const uint32_t header =
        seeded_below(seeded, 4) ? 0 : 4 + 4 * (uint32_t)seeded_below(seeded, 20);
    for (size_t i = 0; i < len; i++)
        text[i] = seeded_of(seeded, "abc \n\xff", 6);
    packed_xz_add(&file->packed, index, check, text, len, sized, header);
    file->len += len;
}

/* One that has another check than the first one is a member. */
static inline void xz_file_stream(struct seeded *seeded, struct xz_file *file, lzma_check check,
                                  lzma_check first, size_t longest, bool sized)
{
    size_t blocks = seeded_below(seeded, 5);
    sized = sized || blocks == 0;
    xz_file_member(file, true, sized);
    lzma_index *index = packed_xz_begin(&file->packed, check);
    for (; blocks > 0; blocks--) {
        xz_file_block(seeded, file, index, check, longest, sized);
        if (blocks > 1 && check == first)
            xz_file_member(file, false, sized);
    }
    packed_xz_end(&file->packed, index, check);
    packed_zeros(&file->packed, seeded_below(seeded, 2) * 4 * seeded_below(seeded, 5));
}

/* Streams of up to four blocks, with these kinds of checks. */
static inline void xz_file_make(struct seeded *seeded, size_t checks, size_t longest, bool sized,
                                struct xz_file *file)
{
    static const lzma_check check[] = {LZMA_CHECK_CRC32, LZMA_CHECK_CRC64, LZMA_CHECK_SHA256,
                                       LZMA_CHECK_NONE};
    const lzma_check first = check[seeded_below(seeded, checks)];
    file->packed = (struct packed){.bytes = file->stored, .room = XZ_FILE_STORED};
    file->len = file->members = 0;
    for (size_t streams = 1 + seeded_below(seeded, 4), i = 0; i < streams; i++)
        xz_file_stream(seeded, file,
                       i == 0 || seeded_below(seeded, 3) ? first
                                                         : check[seeded_below(seeded, checks)],
                       first, longest, sized || seeded_below(seeded, 3) > 0);
    xz_file_member(file, true, true);
    file->members--;
}

/* What came of decoding. */
struct xz_result {
    uint8_t text[XZ_FILE_TEXT + 1];
    size_t len, members, next[XZ_FILE_MEMBERS + 1]; /* where members began behind the first one */
    const char *cause;                              /* NULL: none was wrong */
};

/* Decodes `len` bytes from `begin` on, in pieces of up to `most`. */
static inline void xz_file_decode(struct seeded *seeded, const struct xz_file *file, size_t begin,
                                  size_t len, size_t most, struct xz_result *result)
{
    struct decoder_step step = {0};
    enum decoder_state state = DECODER_MORE;
    size_t at = begin, taken, wrote;
    void *decoding = xz_decoder.open();
    assert_non_null(decoding);
    if (begin > 0)
        xz_decoder.resume(decoding, file->stored, len < 50 ? len : 50);
    result->len = result->members = 0;
    result->cause = NULL;
    for (int stuck = 0; state == DECODER_MORE || state == DECODER_NEXT; at += taken) {
        const size_t in = seeded_below(seeded, most + 1), out = seeded_below(seeded, most + 1);
        step.in = file->stored + at;
        taken = step.in_len = in < len - at ? in : len - at;
        step.in_ends = at + step.in_len == len;
        step.out = result->text + result->len;
        wrote = step.out_len =
            out < XZ_FILE_TEXT + 1 - result->len ? out : XZ_FILE_TEXT + 1 - result->len;
        state = xz_decoder.decode(decoding, &step);
        taken -= step.in_len;
        result->len += wrote - step.out_len;
        stuck = taken > 0 || state == DECODER_NEXT || wrote > step.out_len ? 0 : stuck + 1;
        assert_true(stuck < 1000);
        if (state == DECODER_NEXT)
            result->next[result->members++] = at + taken;
    }
    result->cause = state == DECODER_BAD ? step.cause : NULL;
    assert_true(state == DECODER_BAD || (state == DECODER_END && at == len));
    xz_decoder.close(decoding);
}

static inline bool xz_file_has_text(const struct xz_file *file, size_t member,
                                    const struct xz_result *result)
{
    const size_t from = file->member[member].text;
    return result->len == file->len - from
        && memcmp(result->text, file->text + from, result->len) == 0;
}

static inline void xz_file_put(struct peek *peek, const struct xz_file *file, size_t len)
{
    *peek = (struct peek){.bytes = len};
    peek->fd = open(folder_put("xz", file->stored, len), O_RDONLY | O_CLOEXEC);
    assert_true(peek->fd >= 0);
}

#endif
