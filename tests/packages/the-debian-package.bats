#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# The Debian packages: the same bytes wherever they are built, nothing for lintian to say, and from a Debian of their own
# they are removed without a trace. As root, and with a mirror.
load ../helpers
load unbatted

# build FOLDER OPTIONS: with DEB_BUILD_OPTIONS, and without what a test of bats has in its environment.
build() {
    unbatted DEB_BUILD_OPTIONS="$2" TZ="${TZ-}" LC_ALL="${LC_ALL-C.UTF-8}" "$top/.packaging/build-deb" "$1" >"$BATS_FILE_TMPDIR/log" 2>&1 || {
        grep -E 'FAILED|^[0-9]+ passed' "$BATS_FILE_TMPDIR/log" || true # what fails may be no test
        tail -n 10 "$BATS_FILE_TMPDIR/log"
        return 1
    }
}

setup_file() {
    export packages=$BATS_FILE_TMPDIR/packages
    build "$packages" nocheck
}

@test "two builds in two folders are the same bytes" {
    (umask 077 && export TZ=Asia/Kolkata LC_ALL=C LANG=C && build "$BATS_TEST_TMPDIR/elsewhere/again" nocheck)
    local name n=0
    for name in "$packages"/*.deb "$packages"/*.orig.tar.xz "$packages"/*.debian.tar.xz; do
        cmp "$name" "$BATS_TEST_TMPDIR/elsewhere/again/${name##*/}"
        ((++n))
    done
    ((n == 5)) || wrong "$n files"
}

@test "lintian has nothing to say" {
    lintian --allow-root --fail-on error,warning "$packages"/*.changes >"$out" 2>&1 || wrong "$(<"$out")"
    ! grep -E '^[EW]:' "$out" || wrong "$(<"$out")"
}

@test "the tests pass while it is built" {
    build "$BATS_TEST_TMPDIR/tested" ''
    grep -qE '^[0-9]+ passed, 0 failed' "$BATS_FILE_TMPDIR/log" || wrong "$(tail -n 20 "$BATS_FILE_TMPDIR/log")"
}

# in_debian SUITE FOLDER: a new Debian in $root, with what is in FOLDER as /packages.
in_debian() {
    root=$top/build/debian/$1
    "$top/tests/bed/debian" --fresh "$1" true >"$out" 2>&1
    rm -rf "$root/packages"
    cp -r "$2" "$root/packages"
    "$top/.packaging/version" >"$root/packages/version"
    cat >"$root/packages/install" <<'END'
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -q update
needs=$(for package in /packages/mpiwc_*.deb /packages/mpiwc-dev_*.deb; do dpkg-deb -f $package Depends; done | tr , '\n' | sed 's/[(|].*//')
apt-get -qy install --no-install-recommends openmpi-bin gcc libc6-dev pkg-config $needs
files() { find / -xdev \( -path /proc -o -path /src -o -path /tmp -o -path /var/cache -o -path /var/log -o -path /var/lib/apt -o \
    -path /var/lib/dpkg -o -path /packages -o -path /home \) -prune -o -print | sort; }
useradd -m reader
files >/packages/before
apt-get -qy install --no-install-recommends /packages/mpiwc_*.deb /packages/mpiwc-dev_*.deb
files >/packages/with
su reader -c 'sh -eu /packages/use'
apt-get -qy purge mpiwc mpiwc-dev
files >/packages/after
END
    cat >"$root/packages/use" <<'END'
cd; printf 'to be or not to be\n' >text
test "$(mpiwc --version | head -n 1)" = "mpiwc $(cat /packages/version)"
case $(mpirun --version) in
*') 4.'*) alone='--mca btl self,vader --mca plm isolated' ;;
*) alone='--mca btl self,sm' ;;
esac
mpirun --oversubscribe $alone -n 2 mpiwc -q -o counts.tsv text
test "$(head -n 1 counts.tsv)" = "$(printf 'be\t2')"
echo 'localhost slots=2' >hosts
mpiwc-run --dry-run hosts mpiwc text | grep -q mpiwc
cp /usr/share/doc/mpiwc-dev/examples/longest.c /usr/share/doc/mpiwc-dev/examples/print_counts.c .
cc -shared -fPIC -o longest.so longest.c $(pkg-config --cflags mpiwc)
mpiwc -q --task ./longest.so text | grep -q longest
mpiwc -q -o text.mwc text
cc -o print_counts print_counts.c $(pkg-config --cflags --libs mpiwc-counts)
./print_counts text.mwc be | grep -q 'be.2'
END
}

# expect_removed SUITE: what is installed is of use to an ordinary user, and nothing of it stays.
expect_removed() {
    "$top/tests/bed/debian" "$1" 'sh -eu /packages/install' >"$out" 2>&1 || wrong "$(tail -n 20 "$out")"
    grep -qx /usr/bin/mpiwc-run "$root/packages/with"
    diff "$root/packages/before" "$root/packages/after" >left || wrong "left behind, or gone: $(<left)"
}

@test "installed, used by an ordinary user, and removed without a trace" {
    in_debian bookworm "$packages"
    expect_removed bookworm
}

@test "made of the source package in the next Debian, used there and removed" {
    in_debian trixie "$packages"
    rm "$root/packages"/*.deb
    cat >"$root/packages/make" <<'END'
set -eu
export DEBIAN_FRONTEND=noninteractive DEB_BUILD_OPTIONS=nocheck DEB_BUILD_PROFILES=nocheck
apt-get -q update
apt-get -qy install --no-install-recommends dpkg-dev lintian
apt-get -qy build-dep --no-install-recommends /packages/mpiwc_*.dsc
cd /packages
dpkg-source -x mpiwc_*.dsc source
(cd source && dpkg-buildpackage -us -uc)
rm -r source
lintian --allow-root --fail-on error,warning *.changes
END
    "$top/tests/bed/debian" trixie 'sh -eu /packages/make' >"$out" 2>&1 || wrong "$(tail -n 20 "$out")"
    cp -r "$root/packages" made
    in_debian trixie made # without what building it needs
    expect_removed trixie
}
