# What discover, deploy, run and clean share: help and misuse, the hosts of a hostfile, asking hosts over ssh.
#
# A host is asked by a script for its sh, sent to its standard input, so the user's login shell there does not matter.
# Answers are lines that begin with `mpiwc: `: login scripts may print lines of their own. All hosts are asked at the
# same time, none may take longer than $seconds.

# shellcheck shell=bash disable=SC2034 # some are for the scripts only

me=${0##*/}
seconds=10 # that a host may take to answer
dry_run=   # not empty: only say what would be done
hosts=()
read -ra ssh <<<"${MPIWC_SSH:-ssh}"

# The comment at the top of the script is its help.
help() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"
    exit
}

misuse() {
    printf '%s: %s\ntry: %s --help\n' "$me" "$*" "$0" >&2
    exit 2
}

say() {
    echo "$me: $*" >&2
}

# Letters, digits, dots, hyphens and underscores: nothing that ssh, a shell or a hostfile takes for something else.
is_host_name() {
    [[ $1 =~ ^[A-Za-z0-9._][A-Za-z0-9._-]*$ ]]
}

# first_words: of the lines of standard input, without comments.
first_words() {
    sed 's/#.*//' | awk 'NF { print $1 }'
}

# read_hostfile FILE: its hosts into $hosts, each once.
read_hostfile() {
    local host
    [[ -f $1 && -r $1 ]] || misuse "$1: no hostfile that can be read"
    for host in $(first_words <"$1" | awk '!seen[$0]++'); do
        is_host_name "$host" || misuse "$1: not the name of a host: $(printf '%q' "$host")"
        hosts+=("$host")
    done
    ((${#hosts[@]})) || misuse "$1: no hosts in it"
}

# ask HOST SCRIPT [PATH]: PATH becomes $1 of SCRIPT.
ask() {
    timeout -k 2 "$seconds" "${ssh[@]}" -T -oBatchMode=yes -oConnectTimeout=5 -oLogLevel=ERROR -- "$1" \
        "sh -s -- '${3-}'" <<<"$2"
}

# ask_all SCRIPT [PATH]: all $hosts; then heard, why and the files $answers/HOST.* tell what came of it.
ask_all() {
    local host
    [[ ${answers-} ]] || {
        answers=$(mktemp -d) || exit
        trap 'rm -rf "$answers"' EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
    }
    for host in "${hosts[@]}"; do
        {
            status=0
            ask "$host" "$@" >"$answers/$host.out" 2>"$answers/$host.err" || status=$?
            echo "$status" >"$answers/$host.status"
        } &
    done
    wait
}

# heard HOST: the answer.
heard() {
    sed -n 's/^mpiwc: //p' "$answers/$1.out"
}

# why HOST: the reason that it did not answer, in one line.
why() {
    local status error
    status=$(<"$answers/$1.status")
    error=$(tr -d '\r' <"$answers/$1.err" | LC_ALL=C tr -c '[:print:]\n' '?' | grep . | tail -n 1)
    case $status:$error in
    124:* | 137:*) echo "time-out: no answer within $seconds s" ;;
    *'Host key verification failed'*) echo "its host key is not known or has changed; log in once: ${ssh[*]} $1" ;;
    *'Permission denied'*) echo "permission denied: needs ssh with a key, without a password (ssh-copy-id $1)" ;;
    *'Could not resolve'*) echo 'unreachable: nobody knows this name' ;;
    *'timed out'*) echo 'unreachable: time-out' ;;
    255:*) echo "unreachable: ${error##*: }" ;;
    *) echo "${error:-no answer, exit $status}" ;;
    esac
}
