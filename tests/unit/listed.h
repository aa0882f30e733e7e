/* SPDX-License-Identifier: BSD-3-Clause */
/* listed: what tests of the catalog share: files in the folder of a test, and which are in it. */
#ifndef LISTED_H
#define LISTED_H

#include "input/catalog.h"

#include "world_in_folder.h"

static inline void make_folder(const char *name)
{
    assert_int_equal(mkdir(folder_path(name), 0777), 0);
}

static inline void make_link(const char *to, const char *name)
{
    assert_int_equal(symlink(to, folder_path(name)), 0);
}

static inline void put_text(const char *name, const char *text)
{
    folder_put(name, text, strlen(text));
}

/* The catalog holds these files of the folder, in this order. */
static inline void check_names(const struct catalog *catalog, const char *const *names, size_t len)
{
    assert_int_equal(catalog->len, len);
    for (size_t i = 0; i < len; i++)
        assert_string_equal(catalog_name(catalog, i), folder_path(names[i]));
}

#endif
