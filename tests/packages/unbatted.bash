# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash

# unbatted [NAME=VALUE]... COMMAND...: as from a login, so that COMMAND may run tests of bats, too.
unbatted() {
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$HOME" LC_ALL=C.UTF-8 \
        ${WC_TEST_SLOW:+WC_TEST_SLOW="$WC_TEST_SLOW"} "$@"
}
