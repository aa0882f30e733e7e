/* SPDX-License-Identifier: BSD-3-Clause */
/* normal: the normal forms of Unicode (UAX #15) that are composed. */
#ifndef NORMAL_H
#define NORMAL_H

#include "host/buffer.h"

enum normal_form { NORMAL_NONE, NORMAL_NFC, NORMAL_NFKC };

/* Local. Makes `to` a text, well-formed UTF-8, in a form other than NORMAL_NONE. False with fail
 * set. */
bool normal_map(enum normal_form form, struct mem *mem, const uint8_t *bytes, size_t len,
                struct buffer *to, struct fail *fail);

#endif
