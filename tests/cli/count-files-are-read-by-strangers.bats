#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What is installed is enough to read count files with: a header, a library, a plain compiler.
# bats file_tags=own
load ../helpers

setup() {
    begin
    printf '%s\n' 'a	1' 'be	20' 'bee	300' 'c	4' | "$top/build/make_counts" count=words >a.mwc
}

install_here() {
    make -C "$top" install DESTDIR="$PWD/root" PREFIX=/usr >"$out" 2>&1 || wrong "$(tail -n 5 "$out")"
}

@test "a program of theirs is made with the installed files alone" {
    install_here
    cp "$top/tests/tool/print_counts.c" example.c
    cc -Wall -Wextra -Werror -o example example.c -I root/usr/include -L root/usr/lib -lmpiwc-counts -lxxhash
    ./example a.mwc be >"$out"
    expect_same <(printf 'be\t20\nbee\t300\nof 4 keys, counted 325 times\n') "$out"
    head -c 100 a.mwc >b.mwc
    ! ./example b.mwc be >"$out" 2>"$err" || wrong 'it says nothing'
    [[ $(<"$err") == 'print_counts: b.mwc: byte 100: no footer: the file was cut short' && ! -s $out ]]
    c++ -Wall -Werror -fsyntax-only -x c++ -I root/usr/include - <<<'#include <mpiwc/counts.h>'
}

@test "pkg-config knows it, and nothing but the names of the header is seen" {
    install_here
    command -v pkg-config >/dev/null || skip 'no pkg-config'
    [[ $(PKG_CONFIG_PATH=root/usr/lib/pkgconfig pkg-config --libs mpiwc-counts) == *-lmpiwc-counts\ -lxxhash* ]]
    [[ -z $(nm -g --defined-only root/usr/lib/libmpiwc-counts.a | awk 'NF == 3 && $3 !~ /^mpiwc_counts_/') ]]
    make -C "$top" uninstall DESTDIR="$PWD/root" PREFIX=/usr >"$out"
    [[ -z $(find root -type f) ]] || wrong "$(find root -type f)"
}
