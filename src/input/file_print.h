/* SPDX-License-Identifier: BSD-3-Clause */
/* file_print: by what a file is known again, on another host or in a later run: its size, and some
 * of its blocks. Times are not looked at: clocks and caches differ where contents do not. */
#ifndef FILE_PRINT_H
#define FILE_PRINT_H

#include "input/catalog.h"

struct file_print {
    uint64_t bytes, checksum;
    uint64_t name_off; /* as in the catalog */
};

/* The size of what is no file, but only a name for --pre. */
#define FILE_PRINT_NONE UINT64_MAX

/* Local. False, with errno, when the file cannot be read. */
bool file_print_take(const char *name, struct file_print *print);

/* Local. Those of all files of a catalog, which has no parts. False with fail set to FAIL_INPUT. */
bool file_print_all(const struct catalog *catalog, struct file_print *prints, struct fail *fail);

#endif
