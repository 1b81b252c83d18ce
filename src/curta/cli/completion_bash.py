"""The completion script for bash, 3.2 and later. It runs builtins only.

`compgen -W` is avoided: it expands what is in the names. A colon ends a word for readline, so what stands before the
last one is taken off again.
"""

from collections.abc import Sequence

from curta.cli.completion_words import Level, Value

SCRIPT = """\
# Completion of curta for bash. Keep it where bash looks for it:
#   mkdir -p ~/.local/share/bash-completion/completions
#   curta completion bash > ~/.local/share/bash-completion/completions/curta
# Without the bash-completion package: curta completion bash > ~/.curta-completion.bash, and in ~/.bashrc
#   source ~/.curta-completion.bash

_curta_known() {
  case $1 in
@KNOWN@
    *) return 1 ;;
  esac
}

_curta_commands() {
  case $1 in
@COMMANDS@
  esac
}

_curta_options() {
  case $1 in
@OPTIONS@
  esac
}

_curta_value() {
  case $1 in
@VALUES@
    *) return 1 ;;
  esac
}

_curta_argument() {
  case $1 in
@ARGUMENTS@
  esac
}

_curta_home() {
  if [[ -n ${CURTA_HOME-} ]]; then
    home=${CURTA_HOME/#\\~/$HOME}
  elif [[ $OSTYPE == darwin* ]]; then
    home="$HOME/Library/Application Support/curta"
  else
    home=${XDG_DATA_HOME:-$HOME/.local/share}/curta
  fi
}

_curta_offer() {
  local word
  for word; do
    [[ -n $word && $word == "$cur"* ]] && COMPREPLY+=("${word#"$typed"}")
  done
}

_curta_fill() {
  local home kind name
  case $1 in
    "") ;;
    files) compopt -o filenames -o default 2>/dev/null ;;
    =*) read -ra found <<< "${1#=}"; _curta_offer "${found[@]}" ;;
    *)
      _curta_home
      [[ -r $home/completion.txt ]] || return
      while IFS=$'\\t' read -r kind name; do
        [[ $kind == "$1" ]] && _curta_offer "$name"
      done < "$home/completion.txt" ;;
  esac
}

_curta() {
  local words found cur prev typed value at path="" line=${COMP_LINE:0:COMP_POINT} IFS=$' \\t\\n'
  read -r -d '' -a words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  local count=${#words[@]}
  cur=${words[count-1]} prev=${words[count-2]} COMPREPLY=()
  for ((at = 1; at < count - 1; at++)); do
    _curta_known "${path:+$path }${words[at]}" || break
    path="${path:+$path }${words[at]}"
  done
  if [[ $cur == --*=* ]]; then
    typed="" value=""
    _curta_value "$path:${cur%%=*}" && { cur=${cur#*=}; typed=${cur%"${cur##*[:]}"}; _curta_fill "$value"; return; }
  fi
  typed=${cur%"${cur##*[:=]}"}
  [[ $COMP_WORDBREAKS == *:* ]] || typed=""
  if _curta_value "$path:$prev"; then
    _curta_fill "$value"
  elif [[ $cur == -* ]]; then
    _curta_options "$path"
    _curta_offer "${found[@]-}"
  else
    found=()
    ((at == count - 1)) && _curta_commands "$path"
    _curta_offer "${found[@]-}"
    value=""
    _curta_argument "$path"
    _curta_fill "$value"
  fi
}

complete -F _curta curta
"""


def script(levels: Sequence[Level]) -> str:
    """The script for these levels of the command line."""
    values = [
        (f"{level.path}:{name}", f"value={_quoted(option.value)}")
        for level in levels
        for option in level.options
        if option.value is not None
        for name in option.names
    ]
    arguments = [(level.path, f"value={_quoted(level.argument)}") for level in levels if level.argument]
    commands = [(level.path, f"found=({' '.join(level.commands)})") for level in levels if level.commands]
    options = [(level.path, f"found=({_names(level)})") for level in levels]
    known = [(level.path, "") for level in levels if level.path]
    filled = SCRIPT
    for mark, cases in (
        ("@KNOWN@", known),
        ("@COMMANDS@", commands),
        ("@OPTIONS@", options),
        ("@VALUES@", values),
        ("@ARGUMENTS@", arguments),
    ):
        filled = filled.replace(mark, _cases(cases))
    return filled


def _names(level: Level) -> str:
    return " ".join(name for option in level.options for name in option.names)


def _quoted(value: Value) -> str:
    """A value as `_curta_fill` takes it: a kind, `files`, or `=` and the choices."""
    return f"'={' '.join(value)}'" if isinstance(value, tuple) else f"'{value or ''}'"


def _cases(pairs: Sequence[tuple[str, str]]) -> str:
    """The arms of a `case`; those that do the same share one."""
    arms: dict[str, list[str]] = {}
    for pattern, action in pairs:
        arms.setdefault(action, []).append(f'"{pattern}"')
    return "\n".join(f"    {'|'.join(patterns)}) {action} ;;" for action, patterns in arms.items())
