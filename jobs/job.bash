# SPDX-License-Identifier: BSD-3-Clause
# What the jobs in this folder share: where the program is, how its ranks are started, how much memory they may take. No job
# itself: Slurm runs a copy of a job in a folder of its own, so a job asks Slurm where its original is and reads this file
# from beside it, or from the folder $MPIWC_JOBS (for a job that was changed and lies elsewhere).
# shellcheck shell=bash disable=SC2034 # what is set here, the jobs use

stop() {
    echo "$SLURM_JOB_NAME: $*" >&2
    exit 2
}

# $MPIWC, or mpiwc in the path, or wc where it is built.
tree=$(cd -- "${BASH_SOURCE[0]%/*}/.." && pwd)
program=${MPIWC:-$(command -v mpiwc || echo "$tree/wc")}
command -v -- "$program" >/dev/null || stop "$program: no program; build it, or say with MPIWC where it is"

# --mpi=pmix connects the ranks (others leave N processes that each count everything; the program refuses that).
# --kill-on-bad-exit ends the job when a rank dies; --cpu-bind gives every rank its cores, as many as the job says: srun
# by itself would give it one.
launcher=(srun --mpi=pmix --kill-on-bad-exit=1 --cpu-bind=cores --cpus-per-task="${SLURM_CPUS_PER_TASK:-1}")
# How the nodes wait for each other while MPI starts: one behind the other. With the other ways of Slurm 22.05 a rank goes on
# before the last has come, now and then, and its first message crashes that one in MPI_Init: 10 of 141 starts of 8 ranks on
# 4 busy nodes, none of 84 with this.
export SLURM_PMIX_FENCE=${SLURM_PMIX_FENCE-ring}

# number NAME [DEFAULT]: the variable's number. Anything else ends the job: bash would run what it finds in an index.
number() {
    local value=${!1:-${2-}}
    [[ $value =~ ^(0|[1-9][0-9]{0,8})$ ]] || stop "$1 is no number: ${value@Q}"
    echo "$value"
}

# The most ranks on a node, of 2(x3),1.
ranks_of_node() {
    local ranks most=1
    [[ ${SLURM_TASKS_PER_NODE-} =~ ^([1-9][0-9]{0,6}(\(x[0-9]{1,7}\))?(,|$))*$ ]] ||
        stop "SLURM_TASKS_PER_NODE is no list of numbers: ${SLURM_TASKS_PER_NODE@Q}"
    for ranks in ${SLURM_TASKS_PER_NODE//,/ }; do
        ranks=${ranks%(*}
        most=$((ranks > most ? ranks : most))
    done
    echo "$most"
}

# MB of the job's memory that belong to a rank; 0: the job has no limit.
share_of_rank() {
    local of_core of_node cores ranks
    of_core=$(number SLURM_MEM_PER_CPU 0) && of_node=$(number SLURM_MEM_PER_NODE 0) &&
        cores=$(number SLURM_CPUS_PER_TASK 1) && ranks=$(ranks_of_node) || exit
    echo $((of_core ? of_core * cores : of_node / ranks))
}

# MPI and the program itself come on top of --memory, some 15 MB for each rank and more on large networks: an eighth of the
# share is left for them, at least 32 MB, but never more than half. Without a limit the program looks at the host.
memory=()
share=$(share_of_rank) || exit
if ((share)); then
    room=$((share / 8 > 32 ? share / 8 : 32))
    memory=(--memory="$((share - (room < share / 2 ? room : share / 2)))M")
fi

# Slurm ends a job by SIGTERM to the job and its ranks; the job has the time to clear up that KillWait gives.
told='' # the signal that came
trap 'told=TERM again=1' TERM

# run ARG...: the program's exit status, or that of the launcher. In the background, because bash sees a signal only after the
# command in front of it.
step=''
run() {
    local status
    "${launcher[@]}" "$program" "${memory[@]}" "$@" </dev/null 2>&"${messages:-2}" &
    step=$!
    [[ ! $told ]] || kill -TERM "$step"
    while
        again=
        wait "$step"
        status=$?
        [[ $again ]]
    do :; done
    step=
    return "$status"
}

# count RESULT ARG...: the same, for a count. When the ranks of a step are gone, Slurm kills what else belongs to it, also the process
# that would remove the temporary file of the result; so those are removed here, unless somebody has a lock on them. The rank
# that had it may outlive srun by a moment.
count() {
    local result=$1 status=0 left
    run -o "$@" || status=$?
    for left in "$(dirname -- "$result")/.$(basename -- "$result")".wc-??????; do
        [[ ! -f $left ]] || flock -w 5 "$left" rm -f -- "$left"
    done
    return "$status"
}
