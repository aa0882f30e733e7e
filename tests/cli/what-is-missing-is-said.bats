#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# A machine without the compiler, MPI or libraries: make says in one line what is missing, and in the next how to install it.
# bats file_tags=own
load ../helpers

setup() {
    begin
    mkdir bin
    local tool
    for tool in sh sed awk grep cmp cat mkdir dirname head tail; do
        ln -s "$(command -v "$tool")" bin/
    done
    make=$(command -v make)
}

# bare ARG...: make where the PATH has little, as an ordinary user.
bare() {
    printf '#!/bin/sh\necho 1000\n' >bin/id
    chmod +x bin/id
    status=0
    env -i PATH="$PWD/bin" "$make" -s -C "$top" "$@" >"$out" 2>"$err" || status=$?
}

# Whoever may not install is shown what an administrator has to type, and nothing else.
@test "a user is told what to install" {
    printf '#!/bin/sh\n' >bin/apt-get
    chmod +x bin/apt-get
    bare needs-run
    ((status == 2))
    [[ $(head -n 1 "$out") == 'missing: mpicc cc mpi.h hwloc.h '*' unistr.h mpirun' ]] || wrong "$(<"$out")"
    [[ $(sed -n 2p "$out") == 'install them: sudo apt-get update && sudo apt-get install --no-install-recommends libopenmpi-dev gcc '* ]] ||
        wrong "$(<"$out")"
    (($(wc -l <"$out") == 2)) || wrong "$(<"$out")"
    ! grep -v '^make: \*\*\* ' "$err" || wrong "$(<"$err")"
}

@test "a package is named once, and none whose things are there" {
    printf '#!/bin/sh\n' | tee bin/apt-get bin/mpirun >bin/cc
    chmod +x bin/*
    bare needs-run MPICC=cc # which knows all headers
    ((status == 0)) || wrong "$(<"$out")"
    bare needs-run MPICC=mpicc CC=nothing
    (($(tail -n 1 "$out" | tr ' ' '\n' | grep -cx libopenmpi-dev) == 1)) || wrong "$(<"$out")"
    [[ $(tail -n 1 "$out") != *openmpi-bin* ]] || wrong "$(<"$out")"
}

@test "where there is no apt-get the packages of Debian are a hint" {
    bare needs-build
    ((status == 2))
    [[ $(sed -n 2p "$out") == "install what brings them; Debian's packages are: libopenmpi-dev gcc "* ]] || wrong "$(<"$out")"
}

# As that of Open MPI 5 without a home, or of a module that lacks a variable: no package would help.
@test "an mpicc that is broken is shown, and no package is wanted for it" {
    printf '#!/bin/sh\n' | tee bin/apt-get >bin/mpirun
    printf '#!/bin/sh\n! grep -q mpi.h\n' >bin/cc
    printf '#!/bin/sh\necho "mpicc: no home" >&2\nexit 1\n' >bin/mpicc
    chmod +x bin/*
    bare needs-run
    ((status == 2))
    expect_same <(printf 'mpicc is here, but compiles nothing; it says:\nmpicc: no home\n') "$out"
}

@test "a home that is not set, and one that is not there, are no hindrance" {
    [[ ! ${WC_BUILD-} ]] || skip 'it runs another build'
    env -u HOME -u MAKEFLAGS -u MAKELEVEL make -C "$top" run INPUT="$top/README.md" >"$out" 2>&1 || wrong "$(<"$out")"
    env -u MAKEFLAGS -u MAKELEVEL HOME="$PWD/none" make -C "$top" run INPUT="$top/README.md" >"$out" 2>&1 || wrong "$(<"$out")"
}

@test "a TMPDIR that is not there is named" {
    [[ ! ${WC_BUILD-} ]] || skip 'it runs another build'
    ! env -u MAKEFLAGS -u MAKELEVEL TMPDIR=/dev/null/none make -C "$top" run >"$out" 2>&1 || wrong 'expected a failure'
    grep -qx 'TMPDIR is /dev/null/none, where nothing can be written: unset it, or name another folder' "$out" || wrong "$(<"$out")"
}

@test "make test says in a line what it leaves out for one reason" {
    printf '#!/bin/sh\nexit 1\n' >bin/mpirun
    chmod +x bin/mpirun
    rm bin/dirname
    for tool in bash dirname timeout cut; do ln -s "$(command -v "$tool")" bin/; done
    env -i PATH="$PWD/bin" COMPILE=false "$top/.packaging/test" unit spmd tests/cli/usage.bats tests/cli/csv.bats >"$out" 2>"$err"
    expect_same <(printf '%s\n' 'left out, for want of bats, an mpirun that starts here: cli/usage cli/csv' \
        'left out, for want of cmocka.h, zlib.h, an mpirun that starts here: spmd' 'left out, for want of cmocka.h, zlib.h: unit' \
        'no test is left: Debian has what they want in bats, libcmocka-dev and zlib1g-dev') <(LC_ALL=C sort "$out")
}
