"""The completion script for zsh. It runs builtins and functions of zsh only."""

from collections.abc import Sequence

from curta.cli.completion_words import Level, Value, one_line

SCRIPT = """\
#compdef curta
# Completion of curta for zsh. Keep it in a folder of $fpath, such as
#   mkdir -p ~/.zfunc && curta completion zsh > ~/.zfunc/_curta
# and in ~/.zshrc, before compinit: fpath+=~/.zfunc

_curta_level() {
  case $1 in
@LEVELS@
    *) return 1 ;;
  esac
}

_curta_value() {
  case $1 in
@VALUES@
    *) return 1 ;;
  esac
}

_curta_fill() {
  local home kind name
  local -a names
  case $1 in
    '') _message 'a value' ;;
    files) _files ;;
    '='*) names=(${=1#=}); compadd -a names ;;
    *)
      if [[ -n $CURTA_HOME ]]; then
        home=${CURTA_HOME/#\\~/$HOME}
      elif [[ $OSTYPE == darwin* ]]; then
        home="$HOME/Library/Application Support/curta"
      else
        home=${XDG_DATA_HOME:-$HOME/.local/share}/curta
      fi
      [[ -r $home/completion.txt ]] || return
      while IFS=$'\\t' read -r kind name; do
        [[ $kind == $1 ]] && names+=($name)
      done < $home/completion.txt
      compadd -a names ;;
  esac
}

_curta() {
  local at path_ value argument cur=${words[CURRENT]} prev=${words[CURRENT-1]}
  local -a commands options
  for ((at = 2; at < CURRENT; at++)); do
    _curta_level "${path_:+$path_ }${words[at]}" || break
    path_="${path_:+$path_ }${words[at]}"
  done
  commands=() options=() argument=''
  _curta_level "$path_"
  if [[ $cur == --*=* ]] && _curta_value "${path_}:${cur%%=*}"; then
    compset -P '*='
    _curta_fill "$value"
  elif _curta_value "${path_}:$prev"; then
    _curta_fill "$value"
  elif [[ $cur == -* ]]; then
    _describe -o option options
  else
    ((at == CURRENT && $#commands)) && _describe command commands
    [[ -n $argument ]] && _curta_fill "$argument"
  fi
}

if [[ $funcstack[1] == _curta ]]; then
  _curta "$@"
else
  compdef _curta curta
fi
"""


def script(levels: Sequence[Level]) -> str:
    """The script for these levels of the command line."""
    values = [
        f"    '{level.path}:{name}') value={_quoted(option.value)} ;;"
        for level in levels
        for option in level.options
        if option.value is not None
        for name in option.names
    ]
    return SCRIPT.replace("@LEVELS@", "\n".join(map(_level, levels))).replace("@VALUES@", "\n".join(values))


def _level(level: Level) -> str:
    commands = " ".join(_described(name, text) for name, text in level.commands.items())
    options = " ".join(_described(name, option.help) for option in level.options for name in option.names)
    argument = f" argument={_quoted(level.argument)}" if level.argument else ""
    return f"    '{level.path}') commands=({commands}) options=({options}){argument} ;;"


def _described(name: str, text: str) -> str:
    return f"'{name}:{one_line(text)}'"


def _quoted(value: Value) -> str:
    """A value as `_curta_fill` takes it: a kind, `files`, or `=` and the choices."""
    return f"'={' '.join(value)}'" if isinstance(value, tuple) else f"'{value or ''}'"
