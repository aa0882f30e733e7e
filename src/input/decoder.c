/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of decoders: a word for each. */
#include "input/decoder.h"

#define DECODERS(DECODER) DECODER(gzip) DECODER(zstd) DECODER(xz) DECODER(bzip2) DECODER(lz4)

#define DECLARE(name) extern const struct decoder name##_decoder;
DECODERS(DECLARE)

#define ROW(name) &name##_decoder,
static const struct decoder *const rows[] = {DECODERS(ROW)};

const struct decoder *decoder_find(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i]->begins(bytes, len))
            return rows[i];
    return NULL;
}
