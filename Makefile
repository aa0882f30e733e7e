# mpiwc. On a bare Debian `make run` and `make check` do all the set-up; `make help` lists the rest.

comma   := ,
VERSION := 0.1.0
PREFIX  ?= /usr/local
# GCC 12 would put every product of 128 bits, each hash, on the stack: 4 % of the map phase.
SPLIT   := $(shell mpicc -Werror -fno-split-wide-types -E -x c /dev/null >/dev/null 2>&1 && echo -fno-split-wide-types)
CFLAGS  ?= -O3 -g $(SPLIT)
CC      := mpicc
STRICT  := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wcast-qual
CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -Iinclude
LDLIBS  += -lhwloc -lxxhash -ljansson -lsqlite3 -ldl -lpthread

SOURCES := $(wildcard src/*.c src/*/*.c)
# What knows neither MPI nor hwloc.
CORE    := $(wildcard src/data/*.c src/mapper/*.c src/text/*.c) src/host/fail.c src/host/mem.c
UNIT    := $(patsubst tests/%.c,build/tests/%,$(wildcard tests/unit/test_*.c))
SPMD    := $(patsubst tests/%.c,build/tests/%,$(wildcard tests/spmd/test_*.c))

# What a newcomer's machine may lack: a program or file, and the Debian package that brings it.
RUN_NEEDS   := /usr/bin/mpicc:libopenmpi-dev /usr/bin/mpirun:openmpi-bin /usr/include/hwloc.h:libhwloc-dev \
               /usr/include/xxhash.h:libxxhash-dev /usr/include/jansson.h:libjansson-dev /usr/include/sqlite3.h:libsqlite3-dev \
               /usr/bin/gcc:gcc
CHECK_NEEDS := $(RUN_NEEDS) /usr/bin/bats:bats /usr/bin/c++:g++ /usr/include/cmocka.h:libcmocka-dev /usr/bin/mawk:mawk \
               /usr/bin/jq:jq /usr/bin/sqlite3:sqlite3 /usr/bin/bible:bible-kjv /usr/bin/smpicc:libsimgrid-dev /usr/bin/clang-format:clang-format \
               /usr/bin/unshare:util-linux /usr/bin/setpriv:util-linux /bin/ps:procps /usr/bin/time:time /usr/bin/nm:binutils
# For hosts that are namespaces of this machine.
CLUSTER_NEEDS := $(CHECK_NEEDS) /usr/sbin/sshd:openssh-server /usr/bin/ssh:openssh-client /bin/ip:iproute2 /sbin/tc:iproute2 \
                 /usr/sbin/slurmctld:slurm-wlm /usr/sbin/munged:munge
BENCH_NEEDS := $(RUN_NEEDS) /usr/bin/gnuplot:gnuplot-nox /usr/bin/jq:jq /usr/bin/mawk:mawk /usr/bin/time:time \
               /usr/bin/bible:bible-kjv

# For the kernels of another processor: a cross compiler, and an emulator to run what it makes.
ARM_NEEDS   := /usr/bin/aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu /usr/bin/qemu-aarch64-static:qemu-user-static \
               /usr/aarch64-linux-gnu/include/stdio.h:libc6-dev-arm64-cross \
               /usr/lib/aarch64-linux-gnu/libcmocka.so:libcmocka-dev:arm64

# A text that every Debian has, for `make run`.
RUN_INPUT = $(or $(INPUT),/usr/share/common-licenses)
RUN_RANKS = $(or $(RANKS),2)
export INPUT RANKS REPEATS

# Open MPI refuses to run as root, as in containers, unless told twice.
ifeq ($(shell id -u),0)
export OMPI_ALLOW_RUN_AS_ROOT := 1
export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM := 1
endif

.PHONY: all run check check-arm check-cluster asan lint format bench bench-goals bench-limits bench-kernel scaling help install uninstall clean \
        tests needs-run needs-check needs-bench needs-arm needs-cluster
all: wc

# One rule for every kind of build: release, debug (asserts, fault points) and asan.
define build
$(1)_OBJECTS := $$(SOURCES:src/%.c=build/$(1)/%.o)
$(1)_FLAGS := -std=gnu11 $$(STRICT) -fvisibility=hidden $(2)
build/$(1)/%.o: src/%.c Makefile
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS) $$($(1)_FLAGS) -MMD -MP -c -o $$@ $$<
build/$(1)/wc: $$($(1)_OBJECTS)
	$$(CC) $$($(1)_FLAGS) $$(LDFLAGS) -o $$@ $$^ $$(LDLIBS)
-include $$($(1)_OBJECTS:.o=.d)
endef
$(eval $(call build,release,$$(CFLAGS) -DNDEBUG))
$(eval $(call build,debug,-O1 -g -DFAULT_POINTS))
$(eval $(call build,asan,-O1 -g -DFAULT_POINTS -fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer))

wc: build/release/wc
	cp $< $@

# Tests link everything but main, whose chain of stages the pipeline test runs under another name.
define test_build
build/$(1)/chain.o: src/main.c Makefile
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS) $$($(1)_FLAGS) -Dmain=wc_main -Wno-missing-prototypes -MMD -MP -c -o $$@ $$<
build/$(2)/%: tests/%.c $$(filter-out build/$(1)/main.o,$$($(1)_OBJECTS)) build/$(1)/chain.o
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS) $$($(1)_FLAGS) -MMD -MP -o $$@ $$(filter %.c %.o,$$^) $$(LDLIBS) -lcmocka
endef
$(eval $(call test_build,debug,tests))
$(eval $(call test_build,asan,asan-tests))
-include $(UNIT:=.d) $(SPMD:=.d) build/debug/chain.d build/asan/chain.d
build/asan/wc: build/asan/keep_libraries.o
build/asan/keep_libraries.o: tests/keep_libraries.c
	@mkdir -p $(@D)
	$(CC) $(asan_FLAGS) -c -o $@ $<
build/corpus: tests/corpus.c
	@mkdir -p $(@D)
	cc -O2 -Wall -Wextra -o $@ $< -lm
build/limits: tests/limits.c
	@mkdir -p $(@D)
	$(CC) -O2 -Wall -Wextra -o $@ $<
build/kernel: tests/kernel.c $(CORE) $(wildcard include/*.h)
	@mkdir -p $(@D)
	gcc $(CPPFLAGS) $(release_FLAGS) -o $@ $(filter %.c,$^)
# The same sources for the simulator of clusters, SimGrid.
build/smpi/wc: $(SOURCES) tests/simulator.h $(wildcard include/*.h)
	@mkdir -p $(@D)
	smpicc -include tests/simulator.h $(CPPFLAGS) $(release_FLAGS) -o $@ $(SOURCES) $(LDLIBS)

tests: wc build/debug/wc build/corpus build/smpi/wc $(UNIT) $(SPMD)

needs-run: NEEDS = $(RUN_NEEDS)
needs-check: NEEDS = $(CHECK_NEEDS)
needs-bench: NEEDS = $(BENCH_NEEDS)
needs-arm: NEEDS = $(ARM_NEEDS)
needs-cluster: NEEDS = $(CLUSTER_NEEDS)
needs-run needs-check needs-bench needs-arm needs-cluster:
	@missing=; \
	for need in $(NEEDS); do \
	    test -e $${need%%:*} || missing="$$missing $${need#*:}"; done; \
	test -z "$$missing" || { echo "missing packages:$$missing"; \
	    if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	        $(if $(filter needs-arm,$@),dpkg --add-architecture arm64 && )apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $$missing; \
	    else echo "install them: sudo apt-get install$$missing"; exit 1; fi; }

run: needs-run
	$(MAKE) wc
	mpirun -q --oversubscribe -n $(RUN_RANKS) ./wc -r -o build/counts.tsv $(RUN_INPUT)
	@head -n 20 build/counts.tsv | cat -v
	@echo 'These are the 20 most frequent words; all of them are in build/counts.tsv.'

check: needs-check
	$(MAKE) wc lint tests
	tests/run

# What does not need MPI, compiled for 64-bit ARM and run by an emulator: the NEON kernel foremost.
ARM_UNITS   := arena box combiner field find hash key line lines parcel radix ranking scan table words
build/arm-tests/%: tests/unit/%.c $(CORE) $(wildcard include/*.h tests/unit/*.h)
	@mkdir -p $(@D)
	aarch64-linux-gnu-gcc $(CPPFLAGS) -std=gnu11 $(STRICT) -O2 -g -o $@ $(filter %.c,$^) -lcmocka

check-arm: needs-arm
	$(MAKE) $(ARM_UNITS:%=build/arm-tests/test_%)
	tests/run arm

# Hosts of their own network, files and processes: finding them, counting on them, losing them; and Slurm. As root.
check-cluster: needs-cluster
	$(MAKE) wc build/debug/wc build/corpus
	tests/run cluster

lint: build/release/wc
	tests/lint

format:
	clang-format -i src/*.c src/*/*.c src/task/template/* include/*.h tests/*.c tests/*/*.c

# The tests with the address and undefined behaviour sanitizers; only leaks of our own are reported.
asan: export ASAN_OPTIONS := fast_unwind_on_malloc=0:allocator_may_return_null=1
asan: export LSAN_OPTIONS := suppressions=$(CURDIR)/tests/lsan.supp:print_suppressions=0
asan: export UBSAN_OPTIONS := print_stacktrace=1
asan: needs-check build/asan/wc build/corpus build/smpi/wc $(UNIT:build/tests/%=build/asan-tests/%) $(SPMD:build/tests/%=build/asan-tests/%)
	WC_BUILD=asan tests/run

# Both build what they measure.
bench: needs-bench
	tests/bench
	tests/bench-lines
	tests/bench-tasks

bench-goals: needs-bench
	tests/bench goals

bench-limits: needs-bench
	tests/bench-limits

# INPUT, RANKS, REPEATS and more are read from the environment.
scaling: needs-bench
	tests/scaling

bench-kernel: needs-check wc build/corpus build/kernel
	tests/bench-kernel

install: wc
	install -D -m 755 wc $(DESTDIR)$(PREFIX)/bin/mpiwc
	install -D -m 644 src/mpiwc.1 $(DESTDIR)$(PREFIX)/share/man/man1/mpiwc.1
	install -D -m 644 include/task.h $(DESTDIR)$(PREFIX)/include/mpiwc/task.h

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/mpiwc $(DESTDIR)$(PREFIX)/share/man/man1/mpiwc.1
	rm -f $(DESTDIR)$(PREFIX)/include/mpiwc/task.h
	-rmdir $(DESTDIR)$(PREFIX)/include/mpiwc

clean:
	rm -rf build wc

help:
	@echo 'make            build ./wc'
	@echo 'make run        install what is missing, build, count a text (INPUT=FILE RANKS=N)'
	@echo 'make check      install what is missing, run all tests'
	@echo 'make check-arm  the kernels for 64-bit ARM, in an emulator'
	@echo 'make check-cluster  hosts that are found, used and lost, and Slurm, on this machine'
	@echo 'make asan       the tests under the address and undefined behaviour sanitizers'
	@echo 'make lint       the rules of the source; make format mends the layout'
	@echo 'make bench      measure against other commands, into results/; make bench-goals against the goals'
	@echo 'make bench-limits  sizes from 10 KB to 10 GB, slow words, the cost of verification, cold files'
	@echo 'make bench-kernel  the parts of the hot path one by one, and instructions by function'
	@echo 'make scaling    how the time falls with the number of ranks (INPUT=FILE RANKS="1 2 4" REPEATS=5 MPIRUN="mpirun ...")'
	@echo 'make install    PREFIX=$(PREFIX) DESTDIR=; the program is installed as mpiwc'
	@echo 'make clean'
