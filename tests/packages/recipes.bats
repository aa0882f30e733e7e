#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What .packaging has for Spack, EasyBuild, Apptainer and modules can be followed, with the tarball of make dist. As root,
# and with a mirror of Debian.
load ../helpers
load unbatted

setup_file() {
    "$top/.packaging/dist" "$BATS_FILE_TMPDIR"
}

followed() {
    unbatted "$top/.packaging/follow" "$1" "$BATS_FILE_TMPDIR"/mpiwc-*.tar.xz >"$out" 2>"$err" || wrong "$(tail -n 20 "$out")"
    [[ $(tail -n 1 "$out") == "follow: $1: built, and counts what it should" ]]
}

@test "the recipe for Spack" {
    followed spack
}

@test "the recipe for EasyBuild" {
    followed easybuild
}

@test "the module" {
    [[ -e /usr/share/modules/init/bash || -e /usr/share/lmod/lmod/init/bash ]] || skip 'neither Environment Modules nor Lmod'
    followed module
}

@test "the definition for Apptainer" {
    followed apptainer
}

@test "a tarball is unpacked, built, tested, installed and made again" {
    unbatted "$top/.packaging/distcheck" "$BATS_FILE_TMPDIR"/mpiwc-*.tar.xz >"$out" 2>"$err" || wrong "$(tail -n 20 "$out")"
}
