/* SPDX-License-Identifier: BSD-3-Clause */
/* Linked into the asan build: libraries stay loaded, so that a leak report can still name the one
 * it comes from. */
int dlclose(void *handle);

int dlclose(void *handle)
{
    (void)handle;
    return 0;
}
