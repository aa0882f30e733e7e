# SPDX-License-Identifier: BSD-3-Clause
# What discover, deploy, run and clean share: help and misuse, the hosts of a hostfile, asking hosts over ssh.
#
# A host is asked by a script for its sh, sent to its standard input, so the user's login shell there does not matter.
# Answers are lines that begin with `mpiwc: `: login scripts may print lines of their own. All hosts are asked at the
# same time, none may take longer than $seconds.
#
# A host is not trusted: of what it says only the beginning is kept, without control characters, and a script uses an
# answer only after it has matched the exact form that it must have. In arithmetic bash runs what it finds in an index.

# shellcheck shell=bash disable=SC2034 # some are for the scripts only

me=${0##*/}
# How the scripts and the program are called: here, or where they are installed.
family=hostfiles/ usual_program=./wc
if [[ $me == mpiwc-* ]]; then
    family=mpiwc-
    usual_program=$(command -v mpiwc || echo mpiwc)
fi
seconds=10 # that a host may take to answer
connect_seconds=5 # of them, to be reached
answer_bytes=1000000 # the most that is kept of an answer, and of the errors beside it
line_bytes=300       # the most that is shown of a line
dry_run=   # not empty: only say what would be done
hosts=()
slots=     # of all hosts of a hostfile, where each line says how many
declare -A slots_of=() # of each host, empty where that is not said
read -ra ssh <<<"${MPIWC_SSH:-ssh}"

# The comment at the top of the script is its help. Where it is installed, the examples have the installed names.
help() {
    sed -n '3,/^[^#]/s/^# \{0,1\}//p' "$0" |
        sed -E "s/^(usage:|      |   ) ${me#mpiwc-}( |$)/\1 $me\2/; /^    mpiwc-/s,\./wc,mpiwc,"
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
    [[ $1 =~ ^[A-Za-z0-9._][A-Za-z0-9._-]{0,252}$ ]]
}

# shown: standard input as it may be shown on a terminal.
shown() {
    LC_ALL=C tr -c '[:print:]\n' '?' | LC_ALL=C cut -c "-$line_bytes"
}

# plain_lines: standard input as text of this system: without a byte order mark, carriage returns and comments.
plain_lines() {
    LC_ALL=C sed $'1s/^\xef\xbb\xbf//; s/\r$//; s,[[:blank:]]*\\(#\\|//\\).*,,; s/[[:blank:]]*=[[:blank:]]*/=/g'
}

# first_words: of the lines of standard input, without comments.
first_words() {
    plain_lines | awk 'NF { print $1 }'
}

# read_hostfile FILE: its hosts into $hosts, each once, and $slots. What mpirun would refuse, or take for something else,
# without a word of where and why is named with its line.
read_hostfile() {
    local text words number=0 host of_host
    local -A first_line=()
    slots_of=()
    [[ -f $1 && -r $1 ]] || misuse "$1: no hostfile that can be read"
    slots=0
    while IFS= read -r text || [[ $text ]]; do
        ((++number))
        read -ra words <<<"$text"
        ((${#words[@]})) || continue
        host=${words[0]} of_host=
        is_host_name "$host" || misuse "$1: line $number: not the name of a host: $(printf '%q' "$host" | shown)"
        read_settings "$1: line $number" "${words[@]:1}"
        if [[ ! ${first_line[$host]-} ]]; then
            hosts+=("$host")
            first_line[$host]=$number slots_of[$host]=$of_host
        elif [[ $of_host || ${slots_of[$host]} ]]; then
            misuse "$1: line $number: $host is in line ${first_line[$host]} already: one line says its slots="
        fi
        slots=${slots:+${of_host:+$((slots + of_host))}}
    done < <(plain_lines <"$1")
    ((${#hosts[@]})) || misuse "$1: no hosts in it"
}

# read_settings PLACE WORD...: what stands behind the name of a host; $of_host are its slots.
read_settings() {
    local place=$1 word most=
    shift
    for word; do
        [[ $word =~ ^(slots|cpu|count|max[-_]slots|slots[-_]max)=[1-9][0-9]{0,5}$ ]] ||
            misuse "$place: behind a name may stand slots=N and max_slots=N, not $(printf '%q' "$word" | shown)"
        [[ $word == *max* ]] && most=${word#*=} || of_host=${word#*=}
    done
    ((${most:-999999} >= ${of_host:-1})) || misuse "$place: slots=$of_host are more than max_slots=$most"
}

# ask HOST SCRIPT [PATH]: PATH becomes $1 of SCRIPT.
ask() {
    timeout -k 2 "$seconds" "${ssh[@]}" -T -oBatchMode=yes -oConnectTimeout="$connect_seconds" -oLogLevel=ERROR -- "$1" \
        "sh -s -- '${3-}'" <<<"$2"
}

# For the sh of a host: ends the script with a line where mpirun cannot keep the files of a run, which takes less than 4 MB
# below $MPIWC_TMPDIR or the folder for temporary files. folder_form is such a line.
folder_form='^/[^ ]* takes no files: [A-Za-z -]+$'
# shellcheck disable=SC2016
keeps_files="folder='${MPIWC_TMPDIR-}'"'
LC_ALL=C
export LC_ALL
folder=${folder:-${TMPDIR:-${TEMP:-${TMP:-/tmp}}}}
error=$({
    new=$(mktemp -d "$folder/mpiwc-XXXXXX") && head -c 4000000 /dev/zero >"$new/file"
    status=$?
    rm -rf "$new"
    exit "$status"
} 2>&1) || {
    echo "mpiwc: $folder takes no files: ${error##*: }"
    exit
}
'
[[ ${MPIWC_TMPDIR-} =~ ^(/[A-Za-z0-9/._+@%:,=-]*)?$ ]] || misuse "MPIWC_TMPDIR: not the full path of a folder: $MPIWC_TMPDIR"

# make_answers: the folder $answers, which goes when the script ends.
make_answers() {
    [[ ! ${answers-} ]] || return 0
    answers=$(mktemp -d -p "${MPIWC_TMPDIR:-${TMPDIR:-/tmp}}") || exit 1
    trap 'rm -rf "$answers"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# ask_all SCRIPT [PATH]: all $hosts; then heard, why and the files $answers/HOST.* tell what came of it.
ask_all() {
    local host
    make_answers
    for host in "${hosts[@]}"; do
        {
            {
                status=0
                ask "$host" "$@" 2>&1 >&3 || status=$?
                echo "$status" >"$answers/$host.status"
            } | head -c "$answer_bytes" >"$answers/$host.err"
        } 3>&1 | head -c "$answer_bytes" >"$answers/$host.out" &
    done
    wait
}

# heard HOST: the lines of its answer; nothing when there was more than anyone has to say.
heard() {
    is_too_long "$1" || sed -n 's/^mpiwc: //p' "$answers/$1.out" | shown
}

is_too_long() {
    (($(stat -c %s "$answers/$1.out") >= answer_bytes || $(stat -c %s "$answers/$1.err") >= answer_bytes))
}

# why HOST: the reason that its answer is none, in one line.
why() {
    local status error
    status=$(<"$answers/$1.status")
    error=$(tr -d '\r' <"$answers/$1.err" | shown | grep . | tail -n 1)
    is_too_long "$1" && status=long
    case $status:$error in
    long:*) echo "answers what is no answer: $answer_bytes bytes and more" ;;
    124:* | 137:*) echo "time-out: no answer within $seconds s" ;;
    *'Host key verification failed'*) echo "its host key is not known or has changed; log in once: ${ssh[*]} $1" ;;
    *'Permission denied'*) echo "permission denied: needs ssh with a key, without a password (ssh-copy-id $1)" ;;
    *'Could not resolve'*) echo 'unreachable: nobody knows this name' ;;
    *'timed out'*) echo 'unreachable: time-out' ;;
    255:*) echo "unreachable: ${error##*: }" ;;
    *)
        if [[ $(heard "$1") ]]; then
            echo "answers what is no answer: $(heard "$1" | head -n 1)"
        else
            echo "${error:-no answer, exit $status}"
        fi
        ;;
    esac
}
