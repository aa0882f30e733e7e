# SPDX-License-Identifier: BSD-3-Clause
# Which launcher `mpirun` is, and what that one must be told: read by run, by the jobs for Slurm and by the tests.
# shellcheck shell=bash disable=SC2034 # what is set here, they use

# launcher_kind: openmpi4 (Open MPI up to 4, ORTE), openmpi5 (from 5 on, PRRTE), other (MPICH, ...), or none.
launcher_kind() {
    local version
    command -v mpirun >/dev/null || { echo none; return; }
    version=$(mpirun --version 2>/dev/null | sed -nE '1,5s/^mpirun \(Open MPI\) v?([0-9]{1,3})[.].*/\1/p')
    case $version in
    '') echo other ;;
    [1-4]) echo openmpi4 ;;
    *) echo openmpi5 ;;
    esac
}

# launcher_options KIND: into $launcher_options, what makes the loss of a host end a run in seconds.
#
# TCP alone would wait minutes for a host that is lost. A connection between mpirun and its daemons that is silent for 2 s
# is probed once a second and given up after 7 probes without an answer: all 7 fail only where the link was gone for more
# than 6 s, and a link that stays cut is noticed after 7 to 9 s.
#
# In version 4, -q leaves it to the program to say what went wrong, in one line, and when a rank ends with an error the
# others are killed at once, not after seconds: the program needs no time to clean up. Version 5 has neither setting.
launcher_options() {
    local option=--mca
    launcher_options=()
    case $1 in
    openmpi4) launcher_options=(-q --mca odls_base_sigkill_timeout 0) ;;
    openmpi5) option=--prtemca ;;
    *) return ;;
    esac
    launcher_options+=("$option" oob_tcp_keepalive_time 2 "$option" oob_tcp_keepalive_intvl 1
        "$option" oob_tcp_keepalive_probes 7)
    # Open MPI refuses to run as root, as in containers, unless told.
    ((EUID)) || launcher_options+=(--allow-run-as-root)
}

# listen KIND: before mpirun; its standard error belongs to the descriptor $messages, which passes all on. Version 5.0 ends
# with exit 0 when it has lost a host: only what it says tells.
messages=2
listen() {
    [[ $1 == openmpi5 ]] || return 0
    lost=$(mktemp) || exit
    exec {messages}> >(trap '' INT TERM HUP
        exec sed -u "s/\x00//g; /^PRTE has lost communication with a remote daemon/w $lost" >&2)
    listener=$!
}

# stop_listening: for a process beside mpirun, so that the end of the messages comes with that of mpirun.
stop_listening() {
    ((messages == 2)) || exec {messages}>&-
}

# lost_a_host: when mpirun has ended; did it say so? Waits until all that it said is passed on, but not for what it left
# running.
lost_a_host() {
    local tries said=1
    ((messages != 2)) || return 1
    exec {messages}>&-
    for ((tries = 50; tries > 0; tries--)); do
        kill -0 "$listener" 2>/dev/null || break
        sleep 0.1
    done
    [[ ! -s $lost ]] || said=0
    rm -f "$lost"
    return "$said"
}
