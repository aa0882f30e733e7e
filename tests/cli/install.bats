#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What make install brings works by itself, make uninstall takes it all away, and a tarball is made of the same bytes again.
# bats file_tags=own
load ../helpers

made() {
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -C "$top" "$@" >"$out" 2>"$err" || wrong "$(tail -n 5 "$out")"
}

installed() {
    find root ! -type d | LC_ALL=C sort
}

@test "the folders of GNU, and the way by PREFIX" {
    made install DESTDIR="$PWD/root" PREFIX=/opt/x
    [[ -x root/opt/x/bin/mpiwc && -s root/opt/x/share/man/man1/mpiwc-run.1 ]]
    rm -r root
    made install DESTDIR="$PWD/root" prefix=/usr bindir=/b libdir=/l64 mandir=/m docdir=/d
    [[ -x root/b/mpiwc && -L root/b/mpiwc-run && -s root/l64/libmpiwc-counts.a && -s root/m/man5/mpiwc-counts.5 ]]
    [[ -s root/d/LICENSE && $(head -n 1 root/d/LICENSE) == Copyright* && -s root/usr/share/mpiwc/jobs/job.bash ]]
    grep -qx 'Libs: -L/l64 -lmpiwc-counts -lxxhash' root/l64/pkgconfig/mpiwc-counts.pc
}

@test "what is installed works by itself" {
    made install DESTDIR="$PWD/root"
    made installcheck DESTDIR="$PWD/root"
    grep -qx 'installcheck: what is installed works' "$out" || wrong "$(<"$out")"
}

@test "installcheck finds what is missing or broken" {
    made install DESTDIR="$PWD/root" prefix=/usr
    for file in share/mpiwc/hostfiles/hosts.bash include/mpiwc/counts.h share/mpiwc/jobs/job.bash; do
        mv "root/usr/$file" kept
        ! made installcheck DESTDIR="$PWD/root" prefix=/usr || wrong "it does not miss $file"
        mv kept "root/usr/$file"
    done
    made installcheck DESTDIR="$PWD/root" prefix=/usr
}

@test "uninstall leaves nothing, and nothing of others goes" {
    mkdir -p root/usr/bin root/usr/share/man/man1
    touch root/usr/bin/other root/usr/share/man/man1/other.1
    made install DESTDIR="$PWD/root" prefix=/usr
    (($(installed | wc -l) > 30))
    made uninstall DESTDIR="$PWD/root" prefix=/usr
    [[ $(installed) == root/usr/bin/other$'\n'root/usr/share/man/man1/other.1 ]] || wrong "$(installed)"
    [[ -z $(find root -name 'mpiwc*') ]] || wrong "$(find root -name 'mpiwc*')"
    made uninstall DESTDIR="$PWD/root" prefix=/usr # where nothing is
}

@test "the scripts are those of the hostfiles, by their installed names" {
    made install DESTDIR="$PWD/root" prefix=/usr
    for name in run discover deploy clean; do
        [[ $("root/usr/bin/mpiwc-$name" --help | head -n 1) == "usage: mpiwc-$name "* ]]
        [[ $("$top/hostfiles/$name" --help | head -n 1) == "usage: $name "* ]]
        "root/usr/bin/mpiwc-$name" --help >help
        ! { cat help && "$top/hostfiles/$name" --help; } | grep -E '.{81}' || wrong "$name: expected 80 columns"
        sed '1,/^Examples:$/d' help >examples
        grep -q "^    mpiwc-$name " examples && ! grep -v "^    mpiwc-$name " examples || wrong "$name: expected examples"
        ! grep -F ./wc examples || wrong "$name: expected the installed program"
        sed '1,/^\.SH EXAMPLES/d' "root/usr/share/man/man1/mpiwc-$name.1" | grep -qF ".B mpiwc\\-$name " || wrong "$name: expected them in its page"
        root/usr/bin/mpiwc-$name 2>said && wrong 'expected misuse'
        [[ $(head -n 1 said) == "mpiwc-$name: "* ]] || wrong "$(<said)"
    done
}

@test "an installed script knows the program and the other scripts by their installed names" {
    made install DESTDIR="$PWD/root" prefix=/usr
    export PATH=$PWD/root/usr/bin:$PATH MPIWC_SSH=$PWD/ssh
    printf '#!/bin/bash\nwhile [[ $1 == -* ]]; do shift; done\nexec bash -c "${*:2}"\n' >ssh
    chmod +x ssh
    echo 'other slots=1' >hosts
    [[ $(mpiwc-deploy hosts) == 'other: has it' ]]
    [[ $WC_LAUNCHER == openmpi* ]] || skip 'no Open MPI'
    printf '#!/bin/bash\necho "mpiwc: none"\nexit 255\n' >ssh
    mpiwc-run hosts mpiwc --version >said 2>&1 </dev/null && wrong 'expected that it fails'
    grep -q '^mpiwc-run: ' said && ! grep -q hostfiles/ said || wrong "$(<said)"
}

@test "a tarball is the same again, also from its own tree, and says its version" {
    git -C "$top" rev-parse HEAD >/dev/null 2>&1 || skip 'no clone'
    command -v xz >/dev/null || skip 'no xz'
    "$top/.packaging/dist" a >"$out" 2>"$err"
    "$top/.packaging/dist" b >"$out" 2>"$err"
    cmp a/*.tar.xz b/*.tar.xz
    mkdir c
    tar -C c -xf a/*.tar.xz
    cd c/mpiwc-*
    [[ ! -e .git && $(.packaging/version) == "$("$top/.packaging/version")" && $(basename "$PWD") == "mpiwc-$(<.version)" ]]
    mkdir build && touch wc build/x
    .packaging/dist ../../d >"$out" 2>"$err"
    cmp ../../a/*.tar.xz ../../d/*.tar.xz
}

@test "the version is that of the tag" {
    git init -q tree 2>/dev/null || skip 'no git'
    mkdir tree/.packaging tree/src
    cp "$top/.packaging/version" tree/.packaging
    printf '# Changes\n\n## 0.1.0 (2026-01-01)\n' >tree/src/CHANGES.md
    [[ $(tree/.packaging/version) == 0.1.0 ]]
    git=(git -C tree -c user.name=a -c user.email=a@b)
    "${git[@]}" add . && "${git[@]}" commit -qm one && "${git[@]}" tag v1.2.3
    [[ $(tree/.packaging/version) == 1.2.3 ]]
    "${git[@]}" commit -qm two --allow-empty
    [[ $(tree/.packaging/version) =~ ^1\.2\.3\+1\.[0-9a-f]+$ ]]
    echo 9.9 >tree/.version
    [[ $(tree/.packaging/version) == 9.9 ]]
}
