#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# bats file_tags=own
# Any call of the system fails: the exact result all the same, or one line, no result, and the old one. How much of all that
# may happen is tried here follows from the time that it takes; `make check-long` tries all of it.
load ../helpers

setup() {
    begin
    [[ $WC_LAUNCHER == openmpi4 ]] || skip 'other launchers have words of their own when a run fails'
    [[ ${WC_BUILD-} != asan ]] || skip 'the sanitizers give the memory'
}

sweep() {
    WC_TEST_SLOW=$slow "$top/tests/fault/sweep-calls" --program "$program" "$@"
}

# ends END RUN CALL:N:HOW:RANK[:stay]: runs in which such a call fails end well, and one of them so, as the sweep says it.
ends() {
    sweep --show --only "^$2 $3\$" "$2" >"$out" || wrong "$(<"$out")"
    grep -qE "^$2 $3: $1" "$out" || wrong "expected $1: $(<"$out")"
}

@test "the input cannot be read, read whole, or is read in small parts" {
    ends 'exit 3 .*wc: text: Input/output error' words1 pread:1:EIO:0:stay
    ends 'exact' words1 pread:1:short:0
    ends 'exact' words1 preadv2:1:EINTR:0
    ends 'exit 3 .*wc: text: --pre: Input/output error' pre1 read:1:EIO:0:stay
}

@test "a list of names cannot be read on" {
    ends 'exit 5 .*wc: list: Cannot allocate memory' list1 getdelim:2:ENOMEM:0
    ends 'exit 3 .*wc: list: Input/output error' list1 getdelim:2:EIO:0
}

@test "the result cannot be written, put on the disk, or given its name" {
    ends 'exit 4 .*wc: counts: No space left on device' words1 'pwrite:[23]:ENOSPC:0'
    ends 'exit 4 .*wc: counts: Input/output error' words1 fsync:1:EIO:0
    ends 'exit 4 .*wc: counts: Permission denied' words1 rename:1:EACCES:0
    ends 'exact' words1 pwrite:3:short:0
}

@test "there is no memory, on one rank of two" {
    ends 'exit 5 .*\(rank 1, ' words2 'memory:1[0-9]:ENOMEM:1:stay'
    ends 'exit 5 .*\(rank 1, ' squares2 'memory:(1[6-9]|2[0-6]|31):ENOMEM:1:stay'
}

@test "what helps to spawn a process has no memory" {
    ends 'exact' words1 posix_spawn_file_actions_init:1:ENOMEM:0
    ends '(exact|exit)' journal2 'posix_spawn_file_actions_init:[12]:ENOMEM:1'
}

@test "temporary files that the rank cannot remove are removed all the same" {
    ends 'exit 4 .*Too many open files' results1 openat:4:EMFILE:0:stay
    ends 'exact' results1 unlinkat:2:EIO:0
}

@test "a submission that fails is told its client, and the service goes on" {
    ends 'exact' serve1 stat:2:EIO:0
    ends 'exit 4 .*Stale file handle' submit1 fstat:3:ESTALE:0
    ends 'exit 3 .*wc: spool: Input/output error' submit1 'readdir:1[0-9]:EIO:0'
}

@test "a drawn part of all calls" {
    sweep --sample 150 --seconds $((30 * slow)) --jobs "$(nproc)" >"$out" || wrong "$(<"$out")"
    grep -qE '^[0-9]{2,} runs of [0-9]{5}' "$out" || wrong "expected more runs: $(tail -n 1 "$out")"
}
