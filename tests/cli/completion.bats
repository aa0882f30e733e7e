#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-3-Clause
# What shells complete behind mpiwc is what its table of options says.
# bats file_tags=own
load ../helpers

completions=$top/build/completions

# The names of all options that the help has.
names() {
    "$program" --help | grep -oE -- '(^  (-., |    )|, )--[a-z-]+' | grep -oE -- '--[a-z-]+' | LC_ALL=C sort -u
}

# in_bash WORD...: what bash offers for the last of them, as it cuts words.
in_bash() {
    bash -c '. "$1"; COMP_WORDS=("${@:2}"); COMP_CWORD=$(($# - 2)); _mpiwc; printf "%s\n" "${COMPREPLY[@]}"' - "$completions/mpiwc" mpiwc "$@"
}

@test "bash: all options, values, files and folders" {
    mkdir folder && touch file
    expect_same <(names) <(in_bash -- | LC_ALL=C sort -u)
    [[ $(in_bash --so) == --sort && $(in_bash --sort k) == key && $(in_bash --sort = k) == key ]]
    [[ $(in_bash --sort = | tr '\n' ' ') == 'count key ' ]]
    [[ $(in_bash -o f | tr '\n' ' ') == 'file folder ' || $(in_bash -o f | tr '\n' ' ') == 'folder file ' ]]
    [[ $(in_bash --results f) == folder && $(in_bash fi) == file && ! $(in_bash --top '') ]]
    [[ $(in_bash --escape = a) == all && $(in_bash --escape fi) == file ]]
}

@test "fish: all options and values" {
    command -v fish >/dev/null || skip 'no fish'
    export HOME=$PWD XDG_DATA_HOME=$PWD XDG_CONFIG_HOME=$PWD
    in_fish() { fish --no-config -c "source $completions/mpiwc.fish; complete -C '$1'" | cut -f 1; }
    expect_same <(names) <(in_fish 'mpiwc --' | LC_ALL=C sort -u)
    [[ $(in_fish 'mpiwc --sort k') == key ]]
}

@test "zsh: all options and values" {
    command -v zsh >/dev/null || skip 'no zsh'
    export HOME=$PWD
    # A zsh within zsh is asked as a terminal would.
    cat >ask <<'END'
zmodload zsh/zpty
zpty asked zsh -f
zpty -w asked "PS1=; stty -echo; fpath=($1 \$fpath); autoload -U compinit; compinit -u -d $PWD/dump; zstyle ':completion:*' list-packed no; LISTMAX=1000; unsetopt menu_complete auto_menu; COLUMNS=200 LINES=500; echo READY"
while zpty -r asked line && [[ $line != READY* ]]; do :; done
zpty -w -n asked "mpiwc $2"$'\t\t'
sleep ${3:-2}
while zpty -rt asked line; do print -r -- $line; done
zpty -d asked
END
    in_zsh() { timeout $((30 * slow)) zsh -f ask "$completions" "$1" "$((2 * slow))" | tr -d '\r'; }
    in_zsh -- >said
    for name in $(names); do
        grep -qa -- "$name\b" said || wrong "zsh does not offer $name: $(cat -v said | head -n 20)"
    done
    in_zsh '--sort=k' >said
    grep -qa 'key' said || wrong "$(cat -v said)"
}
