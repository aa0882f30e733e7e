#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# Harm to any message between ranks: the exact result all the same, or one line, no result, and the old one. How much of
# all that may happen is tried here follows from the time that it takes; `make check-long` tries all of it.
load ../helpers

setup() {
    begin
    [[ $WC_LAUNCHER == openmpi4 ]] || skip 'other launchers have words of their own when a run fails'
}

sweep() {
    WC_TEST_SLOW=$slow WC_PRELOAD=$preload "$top/tests/fault/sweep" --program "$program" "$@"
}

# noticed EXIT TEXT RUN MODE:CALL:N:RANK:SEED: that harm ends the run so, with a line that contains TEXT.
noticed() {
    sweep --show --only "^$3 $4\$" "$3" >"$out" || wrong "$(<"$out")"
    grep -qE "^$3 $4: exit $1 .*$2" "$out" || wrong "expected $2: $(<"$out")"
}

@test "a window of the result that rank 0 collects" {
    noticed 6 'in gather what was gathered of rank 2 \(.*\) arrived damaged \(rank 0, ' gather3 flip:MPI_Igatherv:2:2:2
}

@test "the size of a block of the shuffle" {
    noticed 6 'in shuffle the size of a block of rank 0 \(.*\) arrived damaged \(rank 1, ' static2 flip:MPI_Ialltoall:1:0:2
}

@test "tasks that go to a rank, and its question" {
    noticed 6 'in map (work|an answer) of rank 0 \(.*\) arrived damaged \(rank 1, ' tasks2 flip:MPI_Isend:2:0:1
    noticed 6 'in map (a question|a report) of rank 1 \(.*\) arrived damaged \(rank 0, ' tasks2 flip:MPI_Isend:2:1:1
}

@test "a size that all are told, and a decision of all" {
    noticed 6 'what was told to all of rank 0' static2 flip:MPI_Ibcast:6:0:1
    noticed 6 'what all ranks put together' static2 flip:MPI_Iallreduce:30:1:1
}

@test "a call that fails" {
    noticed 7 'MPI: .* \(rank 1, ' static2 error:MPI_Iallreduce:3:1:1
}

@test "a message that never comes" {
    noticed 8 'nothing has moved' static2 lose:MPI_Ialltoallv:1:1:1
}

@test "a drawn part of all harm to all calls" {
    sweep --sample 80 --seconds $((30 * slow)) --jobs "$(nproc)" >"$out" || wrong "$(<"$out")"
    grep -qE '^[0-9]{2,} runs of [0-9]{5}' "$out" || wrong "expected more runs: $(tail -n 1 "$out")"
}
