# SPDX-License-Identifier: BSD-3-Clause
# What the command-line tests share; tests/run takes the settings of mpirun from here too.
#
# A test works in a folder of its own. run_wc leaves the program's streams in the files $out and $err,
# because bash variables cannot hold NULs, and its exit code in $status.

top=$(cd "${BASH_SOURCE[0]%/*}/.." && pwd)
program=$top/wc
debug=$top/build/debug/wc # has fault points
if [[ ${WC_BUILD-} ]]; then
    program=$top/build/$WC_BUILD/wc
    debug=$program
fi
# What goes before a library that is preloaded: that of the sanitizers wants to be the first.
preload=''
[[ ${WC_BUILD-} != asan ]] || preload=$(cc -print-file-name=libasan.so):
# How much longer than on a quiet machine things may take here: tests/run sets it, by the load.
slow=${WC_TEST_SLOW:-1}
[[ $slow =~ ^[1-9][0-9]?$ ]] || slow=1
limit=$((60 * slow)) # seconds for a run; a hang is a failure

# shellcheck source=hostfiles/launcher.bash
. "$top/hostfiles/launcher.bash"
export WC_LAUNCHER=${WC_LAUNCHER:-$(launcher_kind)}

# Without the network and its daemon mpirun starts in half the time. More ranks than cores must not
# be bound, and must yield. A run that fails is not kept for another second to end by itself.
case $WC_LAUNCHER in
openmpi4) mpirun=(mpirun -q --oversubscribe --mca pml ob1 --mca btl 'self,vader' --mca plm isolated) ;;
openmpi5) mpirun=(mpirun --oversubscribe --mca pml ob1 --mca btl 'self,sm') ;;
*) mpirun=(mpirun) ;;
esac
export OMPI_MCA_hwloc_base_binding_policy=none PRTE_MCA_hwloc_default_binding_policy=none
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_odls_base_sigkill_timeout=${OMPI_MCA_odls_base_sigkill_timeout:-0}
if ((EUID == 0)); then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

begin() {
    cd "$BATS_TEST_TMPDIR" || return
    out=$BATS_TEST_TMPDIR/out
    err=$BATS_TEST_TMPDIR/err
    exec </dev/null # mpirun would read what the tests are fed
}

# Files that need more have a setup of their own, which calls begin.
setup() {
    begin
}

corpus() {
    "$top/build/corpus" "$@"
}

oracle() {
    "$top/tests/oracle" "$@"
}

# oracle_of LIST [OPTION]...: of the files named in LIST, each name ended by NUL.
oracle_of() {
    local files
    mapfile -d '' files <"$1"
    oracle "${@:2}" "${files[@]}"
}

# through_a_pipe ARG...: into $arguments, those with standard input as a named pipe: the mpirun of Open MPI 5 does not pass
# it on as it is, and the program refuses it there.
through_a_pipe() {
    local i pipe=$BATS_TEST_TMPDIR/input.pipe
    rm -f "$pipe"
    arguments=("$@")
    for i in "${!arguments[@]}"; do
        case ${arguments[i]} in
        - | --files-from=-)
            [[ -p $pipe ]] || mkfifo "$pipe"
            arguments[i]=${arguments[i]%-}$pipe
            ;;
        esac
    done
    [[ -p $pipe ]] || return 0
    exec 5<&0
    # shellcheck disable=SC2016 # for that shell
    timeout "$limit" sh -c 'cat >"$0"; rm -f "$0"' "$pipe" <&5 3>&- 4>&- &
    exec 5<&- </dev/null # mpirun itself would read what is behind it
}

# start_wc RANKS ARG...: becomes the program; RANKS is `plain` for one without mpirun. By itself for
# what runs in the background: signals go to `timeout`, which hands them on to mpirun or the program.
start_wc() {
    local ranks=$1 launcher=() arguments
    shift
    arguments=("$@")
    if [[ $ranks != plain ]]; then
        launcher=("${mpirun[@]}" ${WC_FAULT:+-x WC_FAULT} ${WC_ROUND_BYTES:+-x WC_ROUND_BYTES}
            -n "$ranks")
        [[ $WC_LAUNCHER != openmpi5 ]] || through_a_pipe "$@"
    fi
    # What does not fit the memory would go to that of the one who runs the tests. An empty one mpirun takes for /.
    unset TMPDIR
    [[ ! ${temporary-} ]] || export TMPDIR=$temporary
    exec timeout --foreground -k 5 "$limit" "${launcher[@]}" "$program" "${arguments[@]}" 3>&- 4>&-
}

run_wc() {
    status=0
    (start_wc "$@") >"$out" 2>"$err" || status=$?
}

# For the debug build with its fault points and its round size.
use_debug() {
    [[ -x $debug ]] || skip 'no debug build'
    program=$debug
}

# mounts_or_skip: for tests that mount a file system of their own; elsewhere the reason is that of the system.
mounts_or_skip() {
    local reason
    reason=$(unshare --mount mount -t tmpfs tmpfs "$BATS_TEST_TMPDIR" 2>&1) || skip "a tmpfs cannot be mounted: ${reason##*$'\n'}"
}

# run_unprivileged ARG...: one process, of a user who may not do everything.
run_unprivileged() {
    local user=()
    ((EUID != 0)) || user=(setpriv --reuid nobody --clear-groups)
    "${user[@]}" "$program" --help >/dev/null 2>&1 || skip 'nobody cannot start the program'
    status=0
    timeout "$limit" "${user[@]}" "$program" "$@" >"$out" 2>"$err" || status=$?
}

wrong() {
    echo "$*"
    echo "exit ${status-none}; standard error:"
    head -c 2000 "$err" | cat -v
    return 1
}

# What the program said on standard error, but for warnings: one, of ranks that share a core, depends on
# the machine. mpirun now and then has a word on a socket that it closed before the last rank ended.
messages() {
    without_banner <"$err" | grep -av '^wc: warning: ' || true
}

# without_banner: standard input without what mpirun says of itself while it ends a run: now and then a warning of its
# event loop, and from version 5 on something about the rank that failed, which nothing can switch off. A block between
# two rules that does not have exactly one of its forms stays. Now and then it also says that it cannot reach a rank,
# which has ended.
without_banner() {
    LC_ALL=C sed -E '/^\[warn\] Epoll (ADD|MOD|DEL)\([0-9]+\) on fd [0-9]+ failed\./d' | without_banner_of_5
}

without_banner_of_5() {
    [[ $WC_LAUNCHER == openmpi5 ]] || { cat; return; }
    # It ends a block of its own with a NUL, now and then.
    LC_ALL=C sed -E 's/^\x00//; /^\[[^]]+\] PMIX ERROR: PMIX_ERR_UNREACH in file [^ ]*\/pmix_server\.c at line [0-9]+$/d' | LC_ALL=C awk '
        function is_banner(text) {
            return text ~ "^" rule "\nprterun detected that one or more processes exited with non-zero status,\n" \
                "thus causing the job to be terminated. The first process to do so was:\n\n" \
                "   Process name: \\[[^\n]*\\]\n   Exit code:    [0-9]+\n" rule "\n$" ||
                text ~ "^" rule "\nprterun noticed that process rank [0-9]+ with PID [0-9]+ on node [^\n ]+ exited on\n" \
                "signal [0-9]+ \\([^\n]*\\)\\.\n" rule "\n$" ||
                text ~ "^" rule "\nprterun has exited due to process rank [0-9]+ with PID [0-9]+ on node [^\n ]+ calling\n" \
                "\"abort\"\\. This may have caused other processes in the application to be\n" \
                "terminated by signals sent by prterun \\(as reported here\\)\\.\n" rule "\n$"
        }
        BEGIN { rule = sprintf("%74s", ""); gsub(" ", "-", rule) }
        $0 == rule && !inside { inside = 1; block = $0 "\n"; next }
        inside { block = block $0 "\n" }
        inside && $0 == rule { if (!is_banner(block)) printf "%s", block; inside = 0; next }
        !inside
        END { if (inside) printf "%s", block }'
}

# The closing line is the only thing that a good run says on standard error.
expect_success() {
    ((status == 0)) || wrong "expected exit 0"
    [[ $(messages) =~ ^[^$'\n']*verified[^$'\n']*$ ]] || wrong "expected only the closing line"
}

# expect_failure CODE TEXT: one line, from the program, that contains TEXT; nothing on standard
# output, no temporary file.
expect_failure() {
    ((status == $1)) || wrong "expected exit $1"
    [[ $(messages) =~ ^wc:\ [^$'\n']+$ ]] || wrong "expected one line from wc"
    grep -qF -- "$2" "$err" || wrong "expected: $2"
    [[ ! -s $out ]] || wrong "expected nothing on standard output"
    expect_no_temporary .
}

# folder_on_disk: into $disk, a new folder that does not lie in memory; rm_disk removes it.
folder_on_disk() {
    disk=$(mktemp -d "$PWD/disk-XXXXXX")
    [[ $(stat -f -c %T "$disk") != tmpfs ]] || disk=$(mktemp -d /var/tmp/wc-test-XXXXXX)
}

rm_disk() {
    rm -rf "${disk:?}"
}

# expect_texts TEXTS RANKS ARG...: the result of a run is what is in the file TEXTS, as $kind says.
expect_texts() {
    oracle --count="${kind-words}" "$1" >expected
    run_wc "$2" --count="${kind-words}" "${@:3}"
    expect_success
    expect_same expected "$out"
}

# expect_refused TEXT RANKS ARG...: a run ends with exit 3 and a line that contains TEXT; the old result stays.
expect_refused() {
    echo old >result
    run_wc "$2" -o result "${@:3}"
    expect_failure 3 "$1"
    [[ $(<result) == old ]] || wrong 'the old result is gone'
}

# expect_misuse TEXT: two lines, the second says where help is.
expect_misuse() {
    local lines
    mapfile -t lines < <(messages)
    ((status == 2)) || wrong "expected exit 2"
    ((${#lines[@]} == 2)) || wrong "expected two lines"
    [[ ${lines[0]} == 'wc: '*"$1"* ]] || wrong "expected: $1"
    [[ ${lines[1]} == 'try: wc --help' ]] || wrong "expected where to find help"
    [[ ! -s $out ]] || wrong "expected nothing on standard output"
}

# Ranks that are killed leave their shared memory behind: what nobody uses any more is removed.
clear_segments() {
    local segment
    for segment in /dev/shm/vader_segment.* /dev/shm/sm_segment.*; do
        [[ ! -O $segment ]] || grep -qsF "$segment" /proc/[0-9]*/maps || rm -f "$segment"
    done
}

expect_no_temporary() {
    local left
    left=$(find "$1" -name '.*.wc-*')
    [[ -z $left ]] || wrong "left behind: $left"
}

wait_until() {
    local i
    for ((i = 0; i < 100 * slow; i++)); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.05
    done
    wrong "never: $*"
}

# processes_of_test [STATE]: the processes of the program that were started in the folder of the test; those in this state,
# as in /proc/PID/status.
processes_of_test() (
    trap - DEBUG # bats looks at each command: without it this takes a tenth of the time
    for process in /proc/[0-9]*; do
        [[ $process/cwd -ef . && $process/exe -ef $program ]] || continue
        [[ ! ${1-} ]] || grep -qs "^State:.$1" "$process/status" || continue
        echo "${process#/proc/}"
    done
)

# No rank outlives its run. All are started in the folder of their test.
expect_no_process() {
    local left
    left=$(processes_of_test)
    [[ -z $left ]] || wrong "still running:" $left
}

# stopped_process: one of this test that is stopped, if there is any.
stopped_process() {
    processes_of_test T | grep -m 1 .
}

# expect_same EXPECTED ACTUAL
expect_same() {
    cmp "$1" "$2" || {
        diff -a "$1" "$2" | head -n 8 | cut -c -200 | cat -v
        wrong "the result is not the expected one"
    }
}

# expect_counts FILE...: $out holds the counts of these files.
expect_counts() {
    oracle "$@" >"$BATS_TEST_TMPDIR/expected"
    expect_same "$BATS_TEST_TMPDIR/expected" "$out"
}

# make_hostile FOLDER: small files with all that a counter of words may trip over.
make_hostile() {
    local i
    mkdir "$1"
    cd "$1" || return
    : >empty
    printf ' \t\n\v\f\r \n' >blanks
    printf '\n' >newline
    printf 'x' >letter
    printf 'no final newline' >unfinished
    printf 'one line\r\nand another\r\n\r\nlast\r' >crlf
    printf '\xef\xbb\xbfmark and \xef\xbb\xbf mark' >bom
    printf '\0' >nul
    printf '\0 \0\0 a\0 a\0b a a\0 \0' >nuls
    printf 'na\xc3\xafve \xc3 \xa9 \xc3\xa9 \xff\xfe \x80 \xf0\x9f\x98\x80 \xed\xa0\x80 \x85 \xa0 \xc2\xa0' \
        >utf8
    printf '\x1b[31mred\x1b[0m \x07 tab\\t' >escapes
    printf 'equal\n%.0s' {1..20000} >equal
    printf 'a %.0s' {1..20000} >letters
    corpus uniq 100000 1 >distinct
    corpus zipf 300000 5000 2 >frequent
    corpus one 70000 >long
    # Words that differ only where a short key ends, in length or in a NUL.
    for i in 7 8 14 15 16 17; do
        printf "%0${i}d %0${i}d\\0 %0${i}d\\1 " 0 0 0
    done >borders
    (
        trap - DEBUG # as above
        for i in {1..130} 255 256 257 1023 1024 1025; do
            printf "%0${i}d " 1 2
        done
    ) >lengths
    for ((i = 1; i <= 12; i++)); do
        corpus words $((i * i * i * 60)) "$i" >"words-$i"
    done
    cd - >/dev/null || return
}
