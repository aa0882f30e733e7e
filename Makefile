# SPDX-License-Identifier: BSD-3-Clause
# mpiwc. On a bare Debian `make run` and `make check` do all the set-up; `make help` lists the rest.

comma   := ,
VERSION := $(shell .packaging/version)
PREFIX  ?= /usr/local

# For the user, as make variables or in the environment: CC, CFLAGS, CPPFLAGS, LDFLAGS, LDLIBS, and MPICC, MPI's compiler, which
# is told to use CC. An MPI compiler as CC is used as it is. With MPI_CFLAGS and MPI_LIBS, as to compile for another processor,
# CC needs no MPI compiler.
MPICC   ?= mpicc
CFLAGS  ?= -O3 -g
PKG_CONFIG ?= pkg-config
ifeq ($(origin AR),default)
AR      := $(or $(shell $(CC) -print-prog-name=ar 2>/dev/null),ar)
endif
# Where PKG_CONFIG is that of another processor, as debhelper names it, it knows MPI as well.
ifeq ($(MPI_LIBS)$(filter pkg-config,$(PKG_CONFIG)),)
MPI_PACKAGE := $(firstword $(foreach package,mpi-c ompi-c mpich,$(shell $(PKG_CONFIG) --exists $(package) && echo $(package))))
ifneq ($(MPI_PACKAGE),)
MPI_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(MPI_PACKAGE))
MPI_LIBS   := $(shell $(PKG_CONFIG) --libs $(MPI_PACKAGE))
endif
endif
ifneq ($(MPI_LIBS),)
MPICC   := $(CC)
COMPILE := $(CC)
else ifeq ($(origin CC),default)
COMPILE := $(MPICC)
else ifeq ($(shell $(CC) -show >/dev/null 2>&1 && echo mpi),mpi)
MPICC   := $(CC)
COMPILE := $(CC)
else
COMPILE := OMPI_CC='$(CC)' MPICH_CC='$(CC)' $(MPICC)
endif

# What the project needs itself.
PACKAGES    := hwloc libxxhash jansson sqlite3 libisal libzstd liblzma liblz4 libpcre2-8
STRICT      := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wcast-qual
# GCC 12 would put every product of 128 bits, each hash, on the stack: 4 % of the map phase.
SPLIT       := $(shell $(COMPILE) -Werror -fno-split-wide-types -E -x c /dev/null >/dev/null 2>&1 && echo -fno-split-wide-types)
WC_CPPFLAGS := -D_GNU_SOURCE -Iinclude -Isrc -Ibuild $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
# Debian's libbz2 and libunistring are not known to pkg-config.
WC_LIBS     := $(or $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null),-lhwloc -lxxhash -ljansson -lsqlite3 -lisal -lzstd -llzma -llz4 -lpcre2-8) \
               -lbz2 -lunistring -ldl -lpthread -lm
ALL_CPPFLAGS = $(WC_CPPFLAGS) $(MPI_CFLAGS) $(CPPFLAGS)
ALL_LIBS     = $(WC_LIBS) $(MPI_LIBS) $(LDLIBS)

# The tests write gzip data by another library than reads it.
TEST_LIBS   := -lcmocka -lz

# A short line for each file that is made; whole commands with V=1.
say = @$(if $(findstring s,$(firstword -$(MAKEFLAGS))),,printf '%-4s%s\n' $(1) $(2);)
ifeq ($(V),1)
say =
endif
MAKEFLAGS += --no-print-directory

SOURCES := $(wildcard src/*.c src/*/*.c)
HEADERS := $(wildcard include/*.h include/*/*.h src/*.h src/*/*.h)
# What knows neither MPI nor hwloc.
CORE    := $(filter-out src/data/spill%.c src/data/bins%.c,$(wildcard src/data/*.c)) $(wildcard src/extract/*.c src/format/*.c src/mapper/*.c src/text/*.c) src/host/fail.c src/host/mem.c src/input/peek.c src/kind.c
# What talks to no other rank: its archive needs no MPI, and what tests it is linked without.
LOCAL   := $(addsuffix /%,counts data extract format host input mapper output rules spool status store task text) budget env kind
ENGINE  := $(patsubst tests/spmd/%.c,build/engine/%,$(wildcard tests/spmd/test_*.c))
UNIT    := $(patsubst tests/%.c,build/tests/%,$(wildcard tests/unit/test_*.c))
SPMD    := $(patsubst tests/%.c,build/tests/%,$(wildcard tests/spmd/test_*.c))

# What a newcomer's machine may lack, and the Debian package that brings it: a program, a header, a table, a module of Python, or a
# file of the ARM compiler.
BUILD_NEEDS   := $(firstword $(MPICC)):libopenmpi-dev $(firstword $(CC)):gcc mpi.h:libopenmpi-dev \
                 hwloc.h:libhwloc-dev xxhash.h:libxxhash-dev jansson.h:libjansson-dev sqlite3.h:libsqlite3-dev isa-l/igzip_lib.h:libisal-dev \
                 zstd.h:libzstd-dev lzma.h:liblzma-dev bzlib.h:libbz2-dev lz4frame.h:liblz4-dev pcre2posix.h:libpcre2-dev \
                 unistr.h:libunistring-dev
RUN_NEEDS     := $(BUILD_NEEDS) mpirun:openmpi-bin
CHECK_NEEDS   := $(RUN_NEEDS) bats:bats c++:g++ cmocka.h:libcmocka-dev zlib.h:zlib1g-dev mawk:mawk jq:jq sqlite3:sqlite3 bible:bible-kjv \
                 smpicc:libsimgrid-dev unshare:util-linux setpriv:util-linux ps:procps /usr/bin/time:time nm:binutils \
                 gnuplot:gnuplot-nox cmark-gfm:cmark-gfm jube:jube zstd:zstd xz:xz-utils bzip2:bzip2 lz4:lz4 \
                 /usr/share/unicode/UnicodeData.txt:unicode-data python3/regex:python3-regex python3/xxhash:python3-xxhash spm_train:sentencepiece
LINT_NEEDS    := $(BUILD_NEEDS) clang-format:clang-format clang-tidy:clang-tidy shellcheck:shellcheck codespell:codespell nm:binutils
# For hosts that are namespaces of this machine.
CLUSTER_NEEDS := $(CHECK_NEEDS) sshd:openssh-server ssh:openssh-client ip:iproute2 tc:iproute2 slurmctld:slurm-wlm munged:munge
DEBIAN_NEEDS  := debootstrap:debootstrap git:git unshare:util-linux
BENCH_NEEDS   := $(RUN_NEEDS) gnuplot:gnuplot-nox cmark-gfm:cmark-gfm jq:jq mawk:mawk /usr/bin/time:time bible:bible-kjv python3:python3 gzip:gzip \
                 zstd:zstd xz:xz-utils bzip2:bzip2 lz4:lz4 bgzip:tabix mlr:miller parallel:parallel python3/icu:python3-icu mtbl.h:libmtbl-dev sqlite3:sqlite3
# For the kernels of another processor: a cross compiler, and an emulator to run what it makes.
ARM_CC        := aarch64-linux-gnu-gcc
ARM_NEEDS     := $(ARM_CC):gcc-aarch64-linux-gnu qemu-aarch64-static:qemu-user-static \
                 arm/libc.so:libc6-dev-arm64-cross arm/libcmocka.so:libcmocka-dev:arm64

# A text that every Debian has, for `make run`.
RUN_INPUT = $(or $(INPUT),/usr/share/common-licenses)
RUN_RANKS = $(or $(RANKS),2)
export INPUT RANKS REPEATS

# Open MPI refuses to run as root, as in containers, unless told twice.
ifeq ($(shell id -u),0)
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
endif

# Open MPI 5 and its mpicc end without a home, even one that is not there; a service may have none.
HOME ?= /
export HOME

NEEDS_TARGETS := needs-build needs-run needs-check needs-lint needs-cluster needs-debian needs-bench needs-arm needs-packages
.PHONY: all run check check-long check-arm check-cluster check-debian12 check-debian13 asan coverage mutate lint format bench bench-goals bench-limits bench-kernel \
        scaling help clean tests always $(NEEDS_TARGETS)
all: wc build/libmpiwc-counts.a

# The commands that everything was built by: others build it anew, but for `make install`, which takes what is there.
quoted = '$(subst ','\'',$(1))'
flags := $(call quoted,$(COMPILE) $(ALL_CPPFLAGS) $(SPLIT) $(CFLAGS) $(LDFLAGS) $(ALL_LIBS))
build/flags: $(if $(filter install,$(MAKECMDGOALS)),,always)
	@echo '#include <mpi.h>' | $(COMPILE) $(ALL_CPPFLAGS) -E -x c - >/dev/null 2>&1 || $(MAKE) -s needs-build
	@mkdir -p build
	@echo $(flags) | cmp -s - $@ || echo $(flags) >$@

# One rule for every kind of build: release, debug (asserts, fault points) and asan.
define build
$(1)_OBJECTS := $$(SOURCES:src/%.c=build/$(1)/%.o)
$(1)_FLAGS := -std=gnu11 $$(STRICT) -fvisibility=hidden $(2)
build/$(1)/%.o: src/%.c Makefile build/flags | build/version.h
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(COMPILE) $$(ALL_CPPFLAGS) $$($(1)_FLAGS) -MMD -MP -c -o $$@ $$<
$(1)_LOCAL := $$(filter $$(LOCAL:%=build/$(1)/%.o),$$($(1)_OBJECTS))
build/$(1)/liblocal.a: $$($(1)_LOCAL)
build/$(1)/libmpiwc.a: $$(filter-out $$($(1)_LOCAL) build/$(1)/main.o,$$($(1)_OBJECTS))
build/$(1)/liblocal.a build/$(1)/libmpiwc.a:
	$$(call say,AR,$$@)rm -f $$@ && $$(AR) rcs $$@ $$^
build/$(1)/wc: $$($(1)_OBJECTS)
	$$(call say,LD,$$@)$$(COMPILE) $$($(1)_FLAGS) $$(LDFLAGS) -o $$@ $$^ $$(ALL_LIBS)
-include $$($(1)_OBJECTS:.o=.d)
endef
$(eval $(call build,release,$$(SPLIT) $$(CFLAGS) -DNDEBUG))
$(eval $(call build,debug,-O1 -g -DFAULT_POINTS))
$(eval $(call build,asan,-O1 -g -DFAULT_POINTS -fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer))
$(eval $(call build,coverage,-O0 -g -DFAULT_POINTS --coverage -fprofile-update=atomic -Wno-format-truncation))

# In a file of its own, so that a new one compiles only what says it.
build/version.h: $(if $(filter install,$(MAKECMDGOALS)),,always)
	@mkdir -p $(@D)
	@echo '#define VERSION "$(VERSION)"' | cmp -s - $@ || echo '#define VERSION "$(VERSION)"' >$@

# The style sheet of pages and plots, as a string.
build/page_css.h: src/status/page.css Makefile
	@mkdir -p $(@D)
	$(call say,SED,$@){ echo '#define PAGE_CSS \'; sed -E '/SPDX/d; s/^ +//; s/["\\]/\\&/g; s/.*/"&\\n" \\/' $<; echo; } >$@
build/release/status/svg.o build/debug/status/svg.o build/asan/status/svg.o build/coverage/status/svg.o build/smpi/wc: build/page_css.h
build/smpi/wc: build/version.h

wc: build/release/wc
	$(call say,CP,$@)cp $< $@

# What others read count files with: one object, in which only the names of its header are seen.
COUNTS_LIBRARY := $(addprefix build/release/,$(addsuffix .o,$(addprefix counts/,mpiwc_counts counts_reader counts_path counts_block counts_ends \
                  counts_meta) host/buffer host/fail host/mem text/escape text/key text/plain))
OBJCOPY ?= $(or $(shell $(CC) -print-prog-name=objcopy 2>/dev/null),objcopy)
build/libmpiwc-counts.a: $(COUNTS_LIBRARY)
	$(call say,AR,$@)$(CC) -r -nostdlib -o build/mpiwc-counts.o $^ && $(OBJCOPY) --localize-hidden build/mpiwc-counts.o && rm -f $@ && $(AR) rcs $@ build/mpiwc-counts.o

# Tests of the local rooms are made by a plain compiler, the others with all but main.
MPI_UNIT := $(patsubst tests/%.c,build/tests/%,$(shell grep -lE '^.include "((cli|comm|stage)/|(job|pipeline)\.h)' $(wildcard tests/unit/test_*.c) /dev/null))
define test_build
$(patsubst build/tests/%,build/$(2)/%,$(filter-out $(MPI_UNIT),$(UNIT))): build/$(2)/%: tests/%.c build/$(1)/liblocal.a
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(CC) $$(WC_CPPFLAGS) $$(CPPFLAGS) $$($(1)_FLAGS) $$(LDFLAGS) -MMD -MP -o $$@ $$(filter %.c %.a,$$^) $$(WC_LIBS) $$(LDLIBS) $(TEST_LIBS)
build/$(2)/%: tests/%.c build/$(1)/libmpiwc.a build/$(1)/liblocal.a
	@mkdir -p $$(@D)
	$$(call say,CC,$$<)$$(COMPILE) $$(ALL_CPPFLAGS) $$($(1)_FLAGS) $$(LDFLAGS) -MMD -MP -o $$@ $$(filter %.c %.a,$$^) $$(ALL_LIBS) $(TEST_LIBS)
endef
$(eval $(call test_build,debug,tests))
$(eval $(call test_build,asan,asan-tests))
$(eval $(call test_build,coverage,coverage-tests))
-include $(foreach test,$(UNIT) $(SPMD),$(test).d $(test:build/tests/%=build/asan-tests/%).d $(test:build/tests/%=build/coverage-tests/%).d)
build/asan/wc: build/asan/keep_libraries.o
build/asan/keep_libraries.o: tests/keep_libraries.c build/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) $(asan_FLAGS) -c -o $@ $<
build/coverage/wc: build/coverage/keep_counts.o
build/coverage/keep_counts.o: tests/keep_counts.c build/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) $(ALL_CPPFLAGS) -O1 -c -o $@ $<
build/corpus: tests/corpus.c build/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) -O2 -Wall -Wextra -o $@ $< -lm
build/make_counts: tests/make_counts.c build/release/liblocal.a
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(WC_CPPFLAGS) $(CPPFLAGS) -std=gnu11 $(STRICT) -O2 $(LDFLAGS) -o $@ $^ $(WC_LIBS) $(LDLIBS)
build/counts_peers: tests/bench/counts_peers.c build/release/liblocal.a
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(WC_CPPFLAGS) $(CPPFLAGS) -std=gnu11 -Wall -Wextra -O2 $(LDFLAGS) -o $@ $^ -lmtbl $(WC_LIBS) $(LDLIBS)
build/limits: tests/bench/limits.c build/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) $(MPI_CFLAGS) -O2 -Wall -Wextra -o $@ $< $(MPI_LIBS)
build/tokens: tests/bench/tokens.c build/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) -O2 -Wall -Wextra -o $@ $< -lunistring
build/kernel: tests/bench/kernel.c $(CORE) $(HEADERS) build/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(ALL_CPPFLAGS) $(release_FLAGS) -o $@ $(filter %.c,$^)
# A layer between the program and MPI that does harm.
FAULT := $(addprefix tests/fault/,harm.c messages.c collectives.c)
build/fault_mpi.so: $(FAULT) tests/fault/harm.h build/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(COMPILE) $(MPI_CFLAGS) -std=gnu11 $(STRICT) -O1 -g -shared -fPIC -o $@ $(FAULT) $(MPI_LIBS)
# The same sources, and SPMD tests, for an MPI whose ranks share one process.
ENGINE_FLAGS := -std=gnu11 $(STRICT) -fPIC -O1 -g
build/engine/%.o: src/%.c tests/engine/mpi.h Makefile build/flags | build/version.h build/page_css.h
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) -Itests/engine $(WC_CPPFLAGS) $(CPPFLAGS) $(ENGINE_FLAGS) -fvisibility=hidden -DFAULT_POINTS -MMD -MP -c -o $@ $<
build/engine/libmpiwc.a: $(patsubst src/%.c,build/engine/%.o,$(filter-out src/main.c,$(SOURCES)))
	$(call say,AR,$@)rm -f $@ && $(AR) rcs $@ $^
build/engine/test_%: tests/spmd/test_%.c build/engine/libmpiwc.a
	$(call say,CC,$@)$(CC) -Itests/engine $(WC_CPPFLAGS) $(CPPFLAGS) $(ENGINE_FLAGS) -Wno-missing-prototypes -DFAULT_POINTS -Dmain=engine_main \
	    -shared -Wl,-Bsymbolic $(LDFLAGS) -MMD -MP -o $@ $(filter %.c %.a,$^) $(WC_LIBS) $(LDLIBS) $(TEST_LIBS)
build/engine/run: $(wildcard tests/engine/*.c) $(wildcard tests/engine/*.h) build/flags
	@mkdir -p $(@D)
	$(call say,CC,$@)$(CC) -D_GNU_SOURCE $(CPPFLAGS) $(ENGINE_FLAGS) -O2 -rdynamic $(LDFLAGS) -o $@ $(filter %.c,$^) -ldl $(LDLIBS)
-include $(SOURCES:src/%.c=build/engine/%.d) $(SPMD:build/tests/spmd/%=build/engine/%.d)
# A layer between the program and the system that refuses calls.
REFUSE := $(addprefix tests/fault/,refuse.c refuse_files.c refuse_memory.c refuse_processes.c)
build/fault_calls.so: $(REFUSE) tests/fault/refuse.h build/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) -D_GNU_SOURCE -std=gnu11 $(STRICT) -fno-builtin -O1 -g -shared -fPIC -o $@ $(REFUSE) -ldl
# The same sources for the simulator of clusters, SimGrid.
build/smpi/wc: $(SOURCES) tests/bed/simulator.h $(HEADERS) build/flags
	@mkdir -p $(@D)
	$(call say,CC,$@)smpicc -include tests/bed/simulator.h $(WC_CPPFLAGS) $(CPPFLAGS) $(release_FLAGS) -o $@ $(SOURCES) $(WC_LIBS) $(LDLIBS)

tests: all build/debug/wc build/corpus build/make_counts build/fault_mpi.so build/fault_calls.so build/smpi/wc build/engine/run $(ENGINE) $(UNIT) $(SPMD)

needs-build: NEEDS = $(BUILD_NEEDS)
needs-run: NEEDS = $(RUN_NEEDS)
needs-check: NEEDS = $(CHECK_NEEDS)
needs-lint: NEEDS = $(LINT_NEEDS)
needs-cluster: NEEDS = $(CLUSTER_NEEDS)
needs-debian: NEEDS = $(DEBIAN_NEEDS)
needs-bench: NEEDS = $(BENCH_NEEDS)
needs-arm: NEEDS = $(ARM_NEEDS)
# Installs what is missing where that is possible, and else says what to install.
APT_INSTALL := DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -qy install --no-install-recommends
$(NEEDS_TARGETS):
	@PATH=$$PATH:/usr/sbin:/sbin; missing=; packages=; \
	for need in $(NEEDS); do thing=$${need%%:*}; package=$${need#*:}; \
	    case $$thing in \
	    arm/*) $(ARM_CC) -print-file-name=$${thing#*/} 2>/dev/null | grep -q / ;; \
	    *.h) echo "#include <$$thing>" | $(COMPILE) $(ALL_CPPFLAGS) -E -x c - >/dev/null 2>&1 || \
	         echo "#include <$$thing>" | $(CC) $(ALL_CPPFLAGS) -E -x c - >/dev/null 2>&1 ;; \
	    /usr/share/*) test -e $$thing ;; \
	    python3/*) python3 -c "import $${thing#*/}" 2>/dev/null ;; \
	    *) command -v $$thing >/dev/null ;; \
	    esac && continue; \
	    missing="$$missing $$thing"; \
	    case "$$packages " in *" $$package "*) ;; *) packages="$$packages $$package" ;; esac; \
	done; \
	test -n "$$missing" || exit 0; \
	case "$$missing " in \
	    *" $(firstword $(MPICC)) "* | *" $(firstword $(CC)) "*) ;; \
	    *" mpi.h "*) $(COMPILE) -E -x c /dev/null >/dev/null 2>&1 || \
	        { echo "$(MPICC) is here, but compiles nothing; it says:"; $(COMPILE) -E -x c /dev/null 2>&1 | head -n 3; exit 1; } ;; \
	esac; \
	echo "missing:$$missing"; \
	command -v apt-get >/dev/null || { echo "install what brings them; Debian's packages are:$$packages"; exit 1; }; \
	test $$(id -u) = 0 && test $@ != needs-build || \
	    { echo "install them: sudo apt-get update && sudo apt-get install --no-install-recommends$$packages"; exit 1; }; \
	mkdir -p build; log=build/install.log; \
	{ $(if $(filter needs-arm,$@),dpkg --add-architecture arm64 && )apt-get -q update; } >$$log 2>&1 && \
	{ $(APT_INSTALL) --print-uris $$packages 2>&1 | grep -E ' newly installed|^Need to get|^After this'; \
	    echo "installing:$$packages"; $(APT_INSTALL) $$packages >>$$log 2>&1; } || { tail -n 20 $$log; exit 1; }

# Open MPI until version 4 can be told not to add its own explanation to an error. No other MPI has --oversubscribe.
MPIRUN_OPTIONS = $(shell mpirun --version 2>/dev/null | sed -nE 's/.*\(Open MPI\) [1-4]\..*/-q --oversubscribe/p; s/.*\(Open MPI\).*/--oversubscribe/p')

# Ranks of one machine need no network between them.
run: export OMPI_MCA_btl ?= ^tcp
run: needs-run
	@$(MAKE) wc
	@{ mkdir -p "$${TMPDIR:-/tmp}" 2>/dev/null && test -w "$${TMPDIR:-/tmp}"; } || \
	    { echo "TMPDIR is $$TMPDIR, where nothing can be written: unset it, or name another folder"; exit 1; }
	mpirun $(MPIRUN_OPTIONS) -n $(RUN_RANKS) ./wc -r -o build/counts.tsv $(RUN_INPUT)
	@head -n 20 build/counts.tsv | cat -v
	@echo 'These are the 20 most frequent words; all of them are in build/counts.tsv.'

check:
	@echo 'make check: all tests; they take about 15 minutes on 2 cores.'
	@$(MAKE) needs-check
	@$(MAKE) wc tests
	tests/run $(JUNIT:%=--junit %)

# What takes hours: the largest inputs, harm to every message and call of MPI, a failure of every call, all short strings, and each test
# that depends on a clock, a signal or a kill 200 times by itself, half of them beside 16 busy processes.
CLOCK_TESTS := $(addprefix tests/cli/,$(addsuffix .bats,a-cleaner-comes-before-its-file a-journal-survives-kills a-run-is-watched dynamic-schedule \
               input-that-changes-is-noticed nothing-moves-is-exit-8 plug-ins-run-as-the-readme-says results-in-files \
               second-writer-is-refused signals-leave-nothing-behind standard-streams stats-progress-and-record \
               tasks-come-back-in-order tasks-that-fail)) \
               $(addprefix build/tests/unit/test_,command journal journal_opened journal_survives outdir output \
               output_named status_folder task_queue task_queue_again timing worker)
check-long: needs-check
	@$(MAKE) wc tests
	WC_TEST_LONG=1 tests/run
	$(MAKE) check-packages
	tests/fault/sweep
	tests/engine/sweep
	tests/fault/sweep-calls
	tests/repeat -n 100 $(CLOCK_TESTS)
	tests/repeat -n 100 -l 16 $(CLOCK_TESTS)

# What does not need MPI, compiled for 64-bit ARM and run by an emulator: the NEON kernel foremost.
ARM_UNITS   := arena box combiner csv_column field find hash json_lines json_string key lines parcel quoted radix ranking scan table tsv words
ARM_FLAGS   := -std=gnu11 $(STRICT) -O2 -g
build/arm/%.o: src/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(ARM_CC) $(WC_CPPFLAGS) $(ARM_FLAGS) -c -o $@ $<
build/arm-tests/%: tests/unit/%.c $(CORE:src/%.c=build/arm/%.o) $(wildcard tests/unit/*.h)
	@mkdir -p $(@D)
	$(call say,CC,$@)$(ARM_CC) $(WC_CPPFLAGS) $(ARM_FLAGS) -o $@ $(filter %.c %.o,$^) -lcmocka

check-arm: needs-arm
	@$(MAKE) $(ARM_UNITS:%=build/arm-tests/test_%)
	tests/run arm

# Hosts of their own network, files and processes: finding them, counting on them, losing them; and Slurm. As root.
check-cluster: needs-cluster
	@$(MAKE) wc build/debug/wc build/corpus
	tests/run cluster

# A new Debian with nothing but git and make: `make run` and `make check` must do the rest there. As root.
check-debian12: needs-debian
	tests/bed/debian bookworm
check-debian13: needs-debian
	tests/bed/debian trixie

lint: needs-lint
	@$(MAKE) build/release/wc
	tests/lint

format:
	clang-format -i src/*.[ch] src/*/*.[ch] src/task/template/* include/*.h include/*/*.h tests/*.[ch] tests/*/*.[ch] .packaging/*.c

# The tests with the address and undefined behaviour sanitizers; only leaks of our own are reported.
asan: export ASAN_OPTIONS := fast_unwind_on_malloc=0:allocator_may_return_null=1
asan: export LSAN_OPTIONS := suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0
asan: export UBSAN_OPTIONS := print_stacktrace=1
asan: needs-check all build/asan/wc build/corpus build/make_counts build/fault_mpi.so build/smpi/wc $(UNIT:build/tests/%=build/asan-tests/%) $(SPMD:build/tests/%=build/asan-tests/%)
	WC_BUILD=asan tests/run

# Which branches the tests take, by room: gcov counts them. Beside the tests of modules these are command-line tests of what only the
# program does, and drawn parts of all failures of calls and all harm to messages. A test that fails is shown, and counts as well; a
# rank that fails has the time to write what it has counted.
COVERAGE_CLI := $(patsubst %,tests/cli/%.bats,a-count-becomes-a-count-file a-count-goes-on a-journal-goes-on a-lost-rank-costs-its-tasks \
                a-plan-is-true a-service-runs-submissions bad-input-is-exit-3 compressed-files-are-read count-files-are-added-up \
                count-files-are-counted-on counts-as-text-are-counted csv dynamic-schedule every-way-to-end fault-in-every-stage \
                formats-and-columns hostile-files input-that-changes-is-noticed json-lines nothing-moves-is-exit-8 pre \
                results-are-combined results-as-they-come results-in-files several-hosts signals-ask-how-far-it-is \
                stats-progress-and-record streams-are-inputs-too tasks-come-as-a-stream tasks-come-back-in-order tasks-that-fail \
                the-order-of-the-result tiny-exchange-rounds too-little-memory-is-exit-5 usage warc words-as-people-mean-them)
coverage: export GCOV_ERROR_FILE := /dev/null
coverage: export OMPI_MCA_odls_base_sigkill_timeout := 1
coverage: needs-check build/coverage/wc build/corpus build/make_counts build/fault_calls.so build/fault_mpi.so \
          $(UNIT:build/tests/%=build/coverage-tests/%) $(SPMD:build/tests/%=build/coverage-tests/%)
	find build/coverage -name '*.gcda' -delete
	-WC_BUILD=coverage tests/run unit spmd $(COVERAGE_CLI)
	-tests/fault/sweep-calls --sample 2000 --program build/coverage/wc
	-tests/fault/sweep --sample 300 --program build/coverage/wc
	tests/tool/coverage

# Changes the sources in N places, one at a time, and says which of them no test notices: `make mutate N=20 WHERE='data text'`.
mutate: needs-check
	@$(MAKE) -s wc tests
	tests/tool/mutate $(N:%=-n %) $(SEED:%=--seed %) $(WHERE)

# They build what they measure.
bench: needs-bench
	tests/bench/words
	tests/bench/peers
	tests/bench/lines
	tests/bench/files
	tests/bench/rules
	tests/bench/tasks
	tests/bench/counts
	tests/bench/memory

bench-goals: needs-bench
	tests/bench/words goals

bench-limits: needs-bench
	tests/bench/limits

# INPUT, RANKS, REPEATS and more are read from the environment.
scaling: needs-bench
	tests/scaling/study

bench-kernel: needs-check wc build/corpus build/kernel
	tests/bench/kernel

include .packaging/rules.mk

clean:
	rm -rf --one-file-system build wc

help:
	@echo 'make            build ./wc and build/libmpiwc-counts.a (CC= MPICC= CFLAGS= CPPFLAGS= LDFLAGS= LDLIBS=; V=1 shows the commands)'
	@echo 'make run        install what is missing, build, count a text (INPUT=FILE RANKS=N)'
	@echo 'make check      install what is missing, run all tests: about 15 minutes on 2 cores'
	@echo 'make check-long the largest inputs, harm to every message, tests of the clock again and again: hours'
	@echo 'make check-arm  the kernels for 64-bit ARM, in an emulator'
	@echo 'make check-cluster  hosts that are found, used and lost, and Slurm, on this machine'
	@echo 'make check-debian13  make run and make check in a new Debian 13 with nothing installed; make check-debian12'
	@echo 'make check-packages  the Debian package, the recipes of Spack, EasyBuild, Apptainer, a module, and make distcheck'
	@echo 'make asan       the tests under the address and undefined behaviour sanitizers'
	@echo 'make coverage   which branches the tests take, by room; make mutate N=20 changes the sources, and tests the tests'
	@echo 'make lint       the rules of the source; make format mends the layout'
	@echo 'make bench      measure against other commands, into results/; make bench-goals against the goals'
	@echo 'make bench-limits  sizes from 10 KB to 10 GB, slow words, the cost of verification, cold files'
	@echo 'make bench-kernel  the parts of the hot path one by one, and instructions by function'
	@echo 'make scaling    how the time falls with the number of ranks (INPUT=FILE RANKS="1 2 4" REPEATS=5 MPIRUN="mpirun ...")'
	@echo 'make test       what a packager runs: a part of the tests, with what there is; nothing is installed'
	@echo 'make install    prefix=$(prefix) DESTDIR= and the other names of GNU; make uninstall, make installcheck'
	@echo 'make dist       build/mpiwc-$(VERSION).tar.xz; make distcheck tries it; make deb makes a package of Debian'
	@echo 'make clean'
