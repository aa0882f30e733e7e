/* SPDX-License-Identifier: BSD-3-Clause */
/* The masks of the normal form of short keys. */
#include "text/key.h"

#define ALL UINT64_MAX
#define LOW(bytes) (ALL >> (64 - 8 * (bytes)))

#define TAG(len) (uint64_t)((len) + 1) << 56
#define FORM(len, low, high)                                                                       \
    {                                                                                              \
        {low, high},                                                                               \
        {                                                                                          \
            0, TAG(len)                                                                            \
        }                                                                                          \
    }

const struct key_form key_forms[KEY_SHORT_MAX + 1] = {
    FORM(0, 0, 0),         FORM(1, LOW(1), 0),    FORM(2, LOW(2), 0),    FORM(3, LOW(3), 0),
    FORM(4, LOW(4), 0),    FORM(5, LOW(5), 0),    FORM(6, LOW(6), 0),    FORM(7, LOW(7), 0),
    FORM(8, ALL, 0),       FORM(9, ALL, LOW(1)),  FORM(10, ALL, LOW(2)), FORM(11, ALL, LOW(3)),
    FORM(12, ALL, LOW(4)), FORM(13, ALL, LOW(5)), FORM(14, ALL, LOW(6)), FORM(15, ALL, LOW(7)),
};
