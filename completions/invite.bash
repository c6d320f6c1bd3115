# Completion of invite for bash 3.2 and newer, written by: invite completion bash
# It asks the program for candidates. What that prints is data: nothing of it is evaluated.

# Sets the words before the cursor and the one at it: readline also cuts at @, = and :, which may be inside of ours.
_invite_split() {
  local i rest=${COMP_LINE:0:COMP_POINT} count=0 word
  words=('')
  for ((i = 0; i <= COMP_CWORD; i++)); do
    if [[ $rest == [[:space:]]* ]]; then
      rest=${rest#"${rest%%[![:space:]]*}"}
      count=$((count + 1))
      words[count]=''
    fi
    word=${COMP_WORDS[i]}
    [[ $i -lt $COMP_CWORD ]] || word=$rest
    words[count]=${words[count]}$word
    rest=${rest#"$word"}
  done
  typed=${words[count]}
  unset "words[$count]" 'words[0]'
  words=("${words[@]}")
}

# Sets what readline leaves in place, for it replaces only what stands behind the last of its breaks.
_invite_cut() {
  local i
  [[ -z $quote ]] || { cut=$quote; return; }
  for ((i = ${#typed} - 1; i >= 0; i--)); do
    [[ $COMP_WORDBREAKS == *"${typed:i:1}"* ]] || continue
    [[ $i -eq 0 || ${typed:i-1:1} != \\ ]] || continue
    # A word that begins with an @ may be the name of a host.
    [[ ${typed:i:1} == @ ]] && cut=${typed:0:i} || cut=${typed:0:i+1}
    return
  done
}

_invite() {
  local IFS=$' \t\n' typed='' quote='' cut='' directive='' value about shown width=$((${COLUMNS:-80} - 2))
  local -a words
  COMPREPLY=()
  _invite_split
  [[ $typed != [\'\"]* ]] || quote=${typed:0:1}
  _invite_cut
  while IFS=$'\t' read -r value about; do
    [[ -n $directive ]] || { directive=$value; continue; }
    if [[ -n $quote ]]; then
      # Between quotes only what needs none.
      case $value in *[!A-Za-z0-9@%+=:,./_-]*) continue ;; esac
      value=$quote$value
    elif [[ $typed != *[!A-Za-z0-9@%+=:,./_-]* && $value == "$typed"?* ]]; then
      printf -v value '%q' "${value#"$typed"}"
      value=$typed$value
    else
      printf -v value '%q' "$value"
    fi
    [[ $value == "$typed"* ]] || continue
    value=${value#"$cut"}
    # Meanings only where readline lists and inserts nothing; as wide as that, each gets a line of its own.
    if [[ ${COMP_TYPE-} == 63 && -n $about ]]; then
      printf -v shown '%-30s  %s' "$value" "$about"
      printf -v value '%-*s' $((width / 2 + 2)) "${shown:0:width}"
    fi
    COMPREPLY[${#COMPREPLY[@]}]=$value
  done < <(command invite completion complete -- "${words[@]}" "=${typed#"$quote"}" 2> /dev/null < /dev/null)
  type compopt > /dev/null 2>&1 || return 0
  compopt +o default +o bashdefault
  [[ $directive != files ]] || compopt -o default -o bashdefault
  [[ $directive != nospace ]] || compopt -o nospace
}

complete -o bashdefault -o default -F _invite invite
