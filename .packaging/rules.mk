# SPDX-License-Identifier: BSD-3-Clause
# Included by the Makefile: what packagers need. The names are those of the GNU coding standards.

prefix         = $(PREFIX)
exec_prefix    = $(prefix)
bindir         = $(exec_prefix)/bin
libdir         = $(exec_prefix)/lib
includedir     = $(prefix)/include
datarootdir    = $(prefix)/share
datadir        = $(datarootdir)
mandir         = $(datarootdir)/man
docdir         = $(datarootdir)/doc/mpiwc
pkgconfigdir   = $(libdir)/pkgconfig
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir  = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
pkgdatadir     = $(datadir)/mpiwc
exampledir     = $(docdir)/examples

INSTALL         = install
INSTALL_PROGRAM = $(INSTALL) -m 755
INSTALL_SCRIPT  = $(INSTALL) -m 755
INSTALL_DATA    = $(INSTALL) -m 644
# A compiler whose programs run here, where CC is one for another processor.
BUILD_CC        = cc

# Scripts, jobs and what they read lie in pkgdatadir as they do here; mpiwc-run and so on are links to them.
SCRIPTS      := run discover deploy clean
SCRIPT_PARTS := hosts.bash launcher.bash look.bash
JOBS         := $(notdir $(wildcard jobs/*.*))
COURSE       := $(notdir $(wildcard jobs/course/*))
MANUALS_1    := $(notdir $(wildcard src/*.1))
MANUALS_5    := $(notdir $(wildcard src/*.5))
RECORD       := build/man/mpiwc-record.5
TEMPLATES    := $(notdir $(wildcard src/task/template/*))
HOSTFILES    := one-machine lab.example mixed.example
COMPLETIONS  := build/completions/mpiwc build/completions/_mpiwc build/completions/mpiwc.fish

.PHONY: install install-strip uninstall installcheck dist distcheck deb test build-unit build-spmd check-packages

all: $(SCRIPTS:%=build/man/mpiwc-%.1) $(RECORD) $(COMPLETIONS)

# The manual of a script is the comment at its beginning.
build/man/mpiwc-%.1: hostfiles/% .packaging/man src/CHANGES.md
	@mkdir -p $(@D)
	$(call say,MAN,$@).packaging/man $< >$@.new && mv $@.new $@

# The record of a run has a page of its own, of the words that the manual has for it.
$(RECORD): src/mpiwc.1 .packaging/rules.mk
	@mkdir -p $(@D)
	$(call say,MAN,$@){ sed -n '1,2p; s/^\.TH MPIWC 1 \(.*\) mpiwc .*/.TH MPIWC-RECORD 5 \1 mpiwc "File Formats"/p' $<; \
	    printf '%s\n' .SH\ NAME 'mpiwc-record \- the record of a run of mpiwc, a JSON object' .SH\ DESCRIPTION; \
	    sed -n '/^\.SH THE RECORD OF A RUN/,/^\.SH /{/^\.SH/!p}' $<; printf '%s\n' .SH\ SEE\ ALSO '.BR mpiwc (1)'; } >$@.new && mv $@.new $@

# From the table of options.
build/options_table.h: src/cli/options.c
	@mkdir -p $(@D)
	$(call say,SED,$@)sed -n '/^const struct options_row options_rows/,/^};/p' $< >$@
build/complete: .packaging/complete.c build/options_table.h src/cli/options_row.h
	$(call say,CC,$<)$(BUILD_CC) -std=gnu11 -Wall -Wextra -Isrc -Iinclude -Ibuild -o $@ $<
$(COMPLETIONS): build/complete
	@mkdir -p $(@D)
	$(call say,GEN,$@)build/complete $(@F) >$@.new && mv $@.new $@

# What a packager runs: with what there is, nothing is installed, root and a network are not needed. A few minutes.
TESTS = unit spmd $(patsubst %,tests/cli/%.bats,usage any-number-of-ranks-gives-the-same-bytes bad-input-is-exit-3 \
        lines-and-fields-are-counted-right formats-and-columns the-order-of-the-result top-and-min-count-say-what-they-leave-out \
        escape-shows-control-bytes json-lines csv compressed-files-are-read count-files-are-asked words-as-people-mean-them \
        memory-budget-does-not-change-the-result results-are-combined symbolic-links install)
make_tests = $(MAKE)# by another name, so that make -n runs nothing
test: all build/corpus build/make_counts
	@MAKE='$(make_tests)' COMPILE="$(COMPILE) $(ALL_CPPFLAGS)" .packaging/test $(TESTS)
build-unit: $(UNIT)
build-spmd: $(SPMD)

# The packages, each built and used, as root and with a mirror of Debian: half an hour.
check-packages: needs-packages all
	tests/run packages
needs-packages: NEEDS = $(CHECK_NEEDS) $(DEBIAN_NEEDS) dh:debhelper lintian:lintian dpkg-buildpackage:dpkg-dev man:man-db \
                        pkg-config:pkg-config python3:python3 modulecmd:environment-modules

to = $(DESTDIR)$(1)
install: all
	$(INSTALL) -d $(call to,$(bindir)) $(call to,$(libdir)) $(call to,$(pkgconfigdir)) $(call to,$(includedir))/mpiwc \
	    $(call to,$(mandir))/man1 $(call to,$(mandir))/man5 $(call to,$(docdir)) $(call to,$(exampledir)) \
	    $(call to,$(pkgdatadir))/hostfiles $(call to,$(pkgdatadir))/jobs/course \
	    $(call to,$(bashcompletiondir)) $(call to,$(zshcompletiondir)) $(call to,$(fishcompletiondir))
	$(INSTALL_PROGRAM) wc $(call to,$(bindir))/mpiwc
	$(INSTALL_SCRIPT) $(SCRIPTS:%=hostfiles/%) $(call to,$(pkgdatadir))/hostfiles
	$(INSTALL_DATA) $(SCRIPT_PARTS:%=hostfiles/%) $(call to,$(pkgdatadir))/hostfiles
	for script in $(SCRIPTS); do \
	    ln -srf $(call to,$(pkgdatadir))/hostfiles/$$script $(call to,$(bindir))/mpiwc-$$script || exit; done
	$(INSTALL_SCRIPT) $(addprefix jobs/,$(filter %.sbatch,$(JOBS))) $(call to,$(pkgdatadir))/jobs
	$(INSTALL_DATA) jobs/job.bash $(call to,$(pkgdatadir))/jobs
	$(INSTALL_SCRIPT) jobs/course/check $(call to,$(pkgdatadir))/jobs/course
	$(INSTALL_DATA) jobs/course/README.md jobs/course/jube.yaml $(call to,$(pkgdatadir))/jobs/course
	$(INSTALL_DATA) $(MANUALS_1:%=src/%) $(SCRIPTS:%=build/man/mpiwc-%.1) $(call to,$(mandir))/man1
	$(INSTALL_DATA) $(MANUALS_5:%=src/%) $(RECORD) $(call to,$(mandir))/man5
	$(INSTALL_DATA) include/task.h include/mpiwc/counts.h $(call to,$(includedir))/mpiwc
	$(INSTALL_DATA) build/libmpiwc-counts.a $(call to,$(libdir))
	printf '%s\n' 'Name: mpiwc' 'Description: tasks of your own for mpiwc: task.h' 'Version: $(VERSION)' \
	    'Cflags: -I$(includedir)/mpiwc' >$(call to,$(pkgconfigdir))/mpiwc.pc
	printf '%s\n' 'Name: mpiwc-counts' 'Description: reads count files of mpiwc' 'Version: $(VERSION)' \
	    'Cflags: -I$(includedir)' 'Libs: -L$(libdir) -lmpiwc-counts -lxxhash' >$(call to,$(pkgconfigdir))/mpiwc-counts.pc
	$(INSTALL_DATA) build/completions/mpiwc $(call to,$(bashcompletiondir))
	$(INSTALL_DATA) build/completions/_mpiwc $(call to,$(zshcompletiondir))
	$(INSTALL_DATA) build/completions/mpiwc.fish $(call to,$(fishcompletiondir))
	$(INSTALL_DATA) README.md src/CHANGES.md $(call to,$(docdir))
	sed -n '/^## Licence/,$$s/^    //p' README.md >$(call to,$(docdir))/LICENSE
	$(INSTALL_DATA) $(HOSTFILES:%=hostfiles/%) $(TEMPLATES:%=src/task/template/%) tests/tool/print_counts.c $(call to,$(exampledir))

install-strip:
	$(MAKE) INSTALL_PROGRAM='$(INSTALL_PROGRAM) -s' install

# Folders that are only ours go when they are empty, those that all share stay.
remove = rm -f $(addprefix $(call to,$(1))/,$(2))
uninstall:
	$(call remove,$(bindir),mpiwc $(SCRIPTS:%=mpiwc-%))
	$(call remove,$(pkgdatadir),$(SCRIPTS:%=hostfiles/%) $(SCRIPT_PARTS:%=hostfiles/%) $(JOBS:%=jobs/%) $(COURSE:%=jobs/course/%))
	$(call remove,$(mandir),$(MANUALS_1:%=man1/%) $(SCRIPTS:%=man1/mpiwc-%.1) $(MANUALS_5:%=man5/%) man5/$(notdir $(RECORD)))
	$(call remove,$(includedir)/mpiwc,task.h counts.h)
	$(call remove,$(libdir),libmpiwc-counts.a)
	$(call remove,$(pkgconfigdir),mpiwc.pc mpiwc-counts.pc)
	$(call remove,$(bashcompletiondir),mpiwc)
	$(call remove,$(zshcompletiondir),_mpiwc)
	$(call remove,$(fishcompletiondir),mpiwc.fish)
	$(call remove,$(exampledir),$(HOSTFILES) $(TEMPLATES) print_counts.c)
	$(call remove,$(docdir),README.md CHANGES.md LICENSE)
	-rmdir 2>/dev/null $(call to,$(exampledir)) $(call to,$(docdir)) $(call to,$(includedir))/mpiwc \
	    $(call to,$(pkgdatadir))/hostfiles $(call to,$(pkgdatadir))/jobs/course $(call to,$(pkgdatadir))/jobs $(call to,$(pkgdatadir))

# What is installed works by itself; with DESTDIR too.
installcheck:
	bindir='$(call to,$(bindir))' libdir='$(call to,$(libdir))' includedir='$(call to,$(includedir))' mandir='$(call to,$(mandir))' \
	    exampledir='$(call to,$(exampledir))' docdir='$(call to,$(docdir))' pkgdatadir='$(call to,$(pkgdatadir))' \
	    pkgconfigdir='$(call to,$(pkgconfigdir))' datadir='$(call to,$(datadir))' CC='$(CC)' version='$(VERSION)' .packaging/installcheck

dist:
	.packaging/dist build

distcheck: dist
	.packaging/distcheck build/mpiwc-$(VERSION).tar.xz

# As root builds it, and as anyone: what it needs has to be installed.
deb:
	.packaging/build-deb build/deb
