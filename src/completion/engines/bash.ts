/** The part of the bash script that is the same whatever the commands are. Runs in bash 3.2, which knows no `compopt`. */
export const bashEngine = `if type compopt > /dev/null 2>&1; then
  _invite_set() { compopt "$@"; }
else
  _invite_set() { :; }
fi

# What only the program knows. It prints data, a line each: nothing of it is ever evaluated.
_invite_ask() {
  command invite completion candidates "$1" --typed="\${typed#"$lead"}" -- "\${words[@]}" 2> /dev/null < /dev/null
}

# Offers a candidate if it goes on with what is typed.
_invite_offer() {
  local quoted
  case $typed in
    # Between quotes only what needs none.
    [\\'\\"]*) case $1 in *[!A-Za-z0-9@%+=:,./_-]*) return ;; esac; quoted=$1 ;;
    *) printf -v quoted '%q' "$1" ;;
  esac
  [[ $lead$quoted == "$typed"* ]] || return
  quoted=$lead$quoted
  COMPREPLY[\${#COMPREPLY[@]}]=\${quoted#"$cut"}
  abouts[\${#abouts[@]}]=$2
}

# Offers what stands on stdin: a candidate a line, its meaning after a tab.
_invite_offer_all() {
  local value about
  while IFS=$'\\t' read -r value about; do
    [[ -z $value ]] || _invite_offer "$value" "$about"
  done
}

# Offers what may stand in a place that takes candidates from "$1", such as \`word status\` or \`asked get\`.
_invite_offer_from() {
  local name=\${1#* } value=\${typed#"$lead"} scope
  case $1 in
    word\\ *) _invite_offer_all < <(_invite_words "$name" "$path") ;;
    asked\\ *) _invite_offer_all < <(_invite_ask "$name") ;;
    list\\ *)
      [[ $value != *,* ]] || lead=$lead\${value%,*},
      _invite_set -o nospace
      _invite_offer_all < <(_invite_words "$name" "$path")
      ;;
    role\\ *)
      _invite_set -o nospace
      if [[ $value == *@* ]]; then
        lead=$lead\${value%%@*}@
        for scope in $_invite_scopes; do _invite_offer "$scope" ''; done
      else
        _invite_offer_all < <(_invite_words "$name" "$path")
      fi
      ;;
    # Nothing is offered, and so readline does what it does for other commands.
    files) _invite_set -o default -o bashdefault ;;
  esac
}

# The words of the line: readline also cuts at @, = and :, which may be inside of ours.
_invite_split() {
  local i rest=\${COMP_LINE:0:COMP_POINT} count=0 word
  words=('')
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if [[ $rest == [[:space:]]* ]]; then
      rest=\${rest#"\${rest%%[![:space:]]*}"}
      count=$((count + 1))
      words[count]=''
    fi
    word=\${COMP_WORDS[i]}
    [[ $i -lt $COMP_CWORD ]] || word=$rest
    words[count]=\${words[count]}$word
    rest=\${rest#"$word"}
  done
  typed=\${words[count]}
  unset "words[$count]" 'words[0]'
  words=("\${words[@]}")
}

# Follows the words to the command they lead to: its path, how many arguments stand there, an option that wants a value.
_invite_follow() {
  local word
  for word in "\${words[@]}"; do
    if [[ -n $option ]]; then
      option=''
    elif [[ -n $ended || $word != -* ]]; then
      if [[ $count -eq 0 ]] && _invite_command "$path" "$word"; then path=$found; else count=$((count + 1)); fi
    elif [[ $word == -- ]]; then
      ended=yes
    elif [[ $word != *=* ]] && _invite_option "$path" "$word"; then
      option=$word
    fi
  done
}

# What readline will leave in its place, for it replaces only what stands behind the last of its breaks.
_invite_cut() {
  local i
  [[ $typed != [\\'\\"]* ]] || { cut=\${typed:0:1}; return; }
  for ((i = \${#typed} - 1; i >= 0; i--)); do
    [[ $COMP_WORDBREAKS == *"\${typed:i:1}"* ]] || continue
    [[ $i -eq 0 || \${typed:i-1:1} != \\\\ ]] || continue
    # It begins with an @, for such a word may be the name of a host.
    [[ \${typed:i:1} == @ ]] && cut=\${typed:0:i} || cut=\${typed:0:i+1}
    return
  done
}

# Meanings, where readline only lists and inserts nothing.
_invite_explain() {
  local i width=0 half=$((\${COLUMNS:-80} / 2 + 1)) line
  [[ \${#COMPREPLY[@]} -gt 1 && \${COMP_TYPE-} == 63 ]] || return 0
  for ((i = 0; i < \${#COMPREPLY[@]}; i++)); do
    [[ \${#COMPREPLY[i]} -le $width ]] || width=\${#COMPREPLY[i]}
  done
  for ((i = 0; i < \${#COMPREPLY[@]}; i++)); do
    [[ -n \${abouts[i]} ]] || continue
    printf -v line '%-*s  %s' "$width" "\${COMPREPLY[i]}" "\${abouts[i]}"
    # As wide as that, each gets a line of its own.
    printf -v line '%-*s' "$half" "\${line:0:\${COLUMNS:-80}-2}"
    COMPREPLY[i]=$line
  done
}

_invite() {
  local path='' count=0 option='' ended='' found='' lead='' cut='' typed='' IFS=$' \\t\\n'
  local -a words abouts
  COMPREPLY=()
  _invite_split
  _invite_follow
  _invite_cut
  _invite_set +o default +o bashdefault
  [[ $typed != [\\'\\"]* ]] || lead=\${typed:0:1}
  if [[ -n $option ]]; then
    _invite_option "$path" "$option" && _invite_offer_from "$found"
  elif [[ -z $ended && $typed == --*=* ]]; then
    lead=\${typed%%=*}=
    _invite_option "$path" "\${typed%%=*}" && _invite_offer_from "$found"
  elif [[ -z $ended && $typed == -* ]]; then
    _invite_offer_all < <(_invite_options "$path"; [[ -z $path ]] || _invite_options '')
  else
    [[ $count -gt 0 ]] || _invite_offer_all < <(_invite_commands "$path")
    found=''
    if _invite_argument "$path" "$count"; then _invite_offer_from "$found"; fi
    # A command that takes nothing else still has options.
    [[ \${#COMPREPLY[@]} -gt 0 || -n $found || -n $ended || -z $path ]] || _invite_offer_all < <(_invite_options "$path")
  fi
  _invite_explain
}

complete -o bashdefault -o default -F _invite invite
`;
