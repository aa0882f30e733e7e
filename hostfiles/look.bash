# SPDX-License-Identifier: BSD-3-Clause
# What run asks all hosts before it starts mpirun, which says badly or not at all why a host will not do, or waits for ever.
# Read by run after hosts.bash.
# shellcheck shell=bash disable=SC2154 # what run and hosts.bash set

# What a host says: why it will not do, or who it is, its addresses, and whether it lacks the program $1.
# shellcheck disable=SC2016 # for the shell of the host
look="$keeps_files"'
echo "mpiwc: $(uname -n)/$(cat /proc/sys/kernel/random/boot_id)" \
    $(ip -o -4 address show up 2>/dev/null | awk "\$4 ~ /\// { print \$4 }") $(command -v "$1" >/dev/null || echo lacks)
'
look_form='^([A-Za-z0-9._-]{1,64}/[0-9a-f-]{36})(( [0-9.]{7,15}/[0-9]{1,2})*)( lacks)?$'
other_folder='; MPIWC_TMPDIR names another folder for the files of mpirun, such as /dev/shm'

# is_here HOST: whether this is it: one of its addresses is in $own, the answer of this host. mpirun needs no ssh for it.
is_here() {
    local address
    while read -r address _; do
        [[ $address != 127.* && $own != *" $address/"* ]] || return 0
    done < <(getent ahostsv4 "$1")
    return 1
}

# take_answer NAME ANSWER: notes who it is, adds to $shared the addresses that another host has, too, and to $lacking the
# hosts that lack the program.
declare -A name_of=() owner_of=()
shared=() lacking=()
take_answer() {
    local address id
    [[ $2 =~ $look_form ]] || return 0
    id=${BASH_REMATCH[1]}
    [[ ! ${name_of[$id]-} ]] || misuse "$hostfile: $1 and ${name_of[$id]} are the same host, which mpirun takes for two"
    name_of[$id]=$1
    [[ ! ${BASH_REMATCH[4]} ]] || lacking+=("$1")
    for address in ${BASH_REMATCH[2]}; do
        address=${address%/*}
        [[ $address != 127.* ]] || continue
        [[ ! ${owner_of[$address]-} || ${owner_of[$address]} == "$id" ]] || shared+=("$address")
        owner_of[$address]=$id
    done
}

# ask_hosts: the hosts of the hostfile, and this one. Returns 1 or 255, as mpirun would end, when one will not do and that
# was said. What else a host answers is left to mpirun.
ask_hosts() {
    local i host answer own us='this host' result=0 all=("${hosts[@]}") checks=()
    own=$(sh -s -- sh <<<"$look" | sed -n 's/^mpiwc: //p' | shown)
    [[ ! $own =~ $folder_form ]] || {
        say "this host: $own$other_folder"
        return 1
    }
    hosts=()
    for i in "${!all[@]}"; do
        is_here "${all[i]}" & # side by side: a name that nobody knows may take seconds
        checks[i]=$!
    done
    for i in "${!all[@]}"; do
        wait "${checks[i]}" && us=${all[i]} || hosts+=("${all[i]}")
    done
    take_answer "$us" "$own"
    [[ $us != 'this host' ]] || name_of=()
    ((${#hosts[@]})) || return 0
    seconds=20 connect_seconds=10
    ask_all "$look" "$(asked_for "$program")"
    for host in "${hosts[@]}"; do
        answer=$(heard "$host")
        if [[ $answer =~ $folder_form ]]; then
            say "$host: $answer$other_folder"
            result=1
        elif [[ $(<"$answers/$host.status") == 255 ]]; then
            say "$host: $(why "$host")"
            result=255
        else
            take_answer "$host" "$answer"
        fi
    done
    return "$result"
}

# asked_for PROGRAM: what a host is asked for: mpirun alone knows where one lies that is no full path.
asked_for() {
    [[ $1 =~ ^/[A-Za-z0-9/._+@%:,=-]+$ ]] && echo "$1" || echo sh
}

# find_silent: after a run that failed; into $silent those of $hosts that do not answer any more, which leave it.
find_silent() {
    local host left=()
    silent=()
    ((${#hosts[@]})) || return 0
    seconds=10 connect_seconds=5
    ask_all "$look"
    for host in "${hosts[@]}"; do
        [[ $(heard "$host") =~ $look_form ]] && left+=("$host") || silent+=("$host")
    done
    hosts=("${left[@]}")
}

# leave_out: into $left_out what of the networks mpirun must not use: addresses that several hosts have, as that of docker0
# is on all, by which a rank would reach itself in place of another, and wait. Each as a network of two addresses, since
# Open MPI takes one of a single address for all networks.
leave_out() {
    left_out=
    ((${#shared[@]})) && [[ ! ${MPIWC_INTERFACE-} ]] || return 0
    # Who says in a setting of his own what to use is obeyed: Open MPI refuses both together.
    ! ompi_info --parsable --level 9 --param btl tcp 2>/dev/null | grep -qE ':btl_tcp_if_(in|ex)clude:source:[^d]' || return 0
    left_out=$(printf '%s/31\n' "${shared[@]}" | sort -u | paste -sd,)
}
