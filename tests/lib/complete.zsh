# SPDX-License-Identifier: Apache-2.0
# What zsh completes at the end of a line, one a line. A shell of its own gets the line and a tab; its widget lets compadd
# print what it is given.
#
# usage: zsh -f tests/lib/complete.zsh FOLDER LINE     FOLDER has _varve
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "PROMPT= PS2=; stty -echo; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D"
# With -O, -A and -D compadd only fills arrays.
zpty -w shell '
compadd() {
  if [[ ${@[1,(i)(-|--)]} != *-(O|A|D)\ * ]]; then
    local -a found
    builtin compadd -O found "$@"
    print -rl -- ${found/#/@@}
  fi
  builtin compadd "$@"
}
print_completions() { print; _main_complete; print -r @@end; compstate[insert]= compstate[list]= }
zle -C print-completions complete-word print_completions
bindkey "^I" print-completions; print @@"ready"'
zpty -r shell line '*@@ready*'
zpty -w -n shell "$2"$'\t'
while zpty -r shell line; do
  line=${line%%[$'\r\n']*}
  [[ $line == *@@end* ]] && break
  [[ $line == @@* ]] && print -r -- ${line#@@}
done
zpty -d shell
