# SPDX-License-Identifier: BSD-3-Clause
# The recipe for Spack: package.py of a folder packages/mpiwc of a repository of recipes (README.md beside this).
from spack.package import *


class Mpiwc(MakefilePackage):
    """Exact counts of the words, lines or fields of texts of any size, on one core or by MPI; and tasks on their lines."""

    # Of a release: its tarball, with a checksum for each version.
    url = "file:///path/to/mpiwc-0.2.0.tar.xz"

    license("BSD-3-Clause")

    version("0.2.0")

    depends_on("c", type="build")
    depends_on("gmake", type="build")
    depends_on("pkgconfig", type="build")
    depends_on("mpi")
    depends_on("bzip2")
    depends_on("hwloc")
    depends_on("isa-l")
    depends_on("jansson")
    depends_on("libunistring")
    depends_on("lz4")
    depends_on("pcre2")
    depends_on("sqlite")
    depends_on("xxhash")
    depends_on("xz")
    depends_on("zstd")

    @property
    def build_targets(self):
        return [f"MPICC={self.spec['mpi'].mpicc}"]

    @property
    def install_targets(self):
        return self.build_targets + ["install", f"prefix={self.prefix}"]

    def check(self):
        make("test", *self.build_targets)

    @run_after("install")
    @on_package_attributes(run_tests=True)
    def installcheck(self):
        make("installcheck", f"prefix={self.prefix}", *self.build_targets)
