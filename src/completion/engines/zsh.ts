/** The part of the zsh script that is the same whatever the commands are. */
export const zshEngine = `# What only the program knows. It prints data, a line each: nothing of it is ever evaluated.
_invite_asked() {
  local value about
  local -a found
  while IFS=$'\\t' read -r value about; do
    [[ -z $value ]] || found+=("\${\${value//\\\\/\\\\\\\\}//:/\\\\:}:$about")
  done < <(command invite completion candidates "$1" --typed="\${PREFIX}" -- "\${invite_words[@]}" 2> /dev/null < /dev/null)
  _describe -V -t "$1" "\${1//profiles/profile}" found
}

_invite_word() {
  local -a choices
  local -a meanings
  _invite_words "$1"
  if (( $#meanings )); then _describe -V -t "$1" "$1" meanings; else compadd -V "$1" -a choices; fi
}

# Several, with commas between them.
_invite_list() {
  local -a choices
  _invite_words "$1"
  compset -P '*,'
  compset -S ',*'
  compadd -V "$1" -q -S , -a choices
}

# A role, which an @ and a scope may follow.
_invite_role() {
  local -a choices
  _invite_words "$1"
  if compset -P '*@'; then compadd -S '' -a invite_scopes; else compadd -V "$1" -S ' ' -r ' @' -a choices; fi
}

_invite() {
  local curcontext=$curcontext context state state_descr line invite_path=''
  typeset -A opt_args
  # What stands before the cursor: below a command zsh takes the words before it away.
  local -a invite_words=("\${(@)words[2,CURRENT-1]}")
  _invite_at_
}

if [[ $funcstack[1] == _invite ]]; then _invite "$@"; else compdef _invite invite; fi
`;
