"""The completion script for fish. It runs builtins only."""

from collections.abc import Iterator, Sequence

from curta.cli.completion_words import FILES, Level, Option, Value, one_line

SCRIPT = """\
# Completion of curta for fish. Keep it where fish looks for it:
#   curta completion fish > ~/.config/fish/completions/curta.fish

function __curta_path
    set -l known @KNOWN@
    set -l path
    for word in (commandline -opc)[2..-1]
        set -l longer (string trim -- "$path $word")
        contains -- $longer $known; or break
        set path $longer
    end
    echo -- $path
end

function __curta_at
    set -l path (__curta_path)
    test "$path" = "$argv[1]"
end

function __curta_after
    __curta_at $argv[1]; and test (count (commandline -opc)) -eq $argv[2]
end

function __curta_names
    set -l home
    if set -q CURTA_HOME; and test -n "$CURTA_HOME"
        set home (string replace -r '^~' -- $HOME $CURTA_HOME)
    else if test -d "$HOME/Library/Application Support"
        set home "$HOME/Library/Application Support/curta"
    else if set -q XDG_DATA_HOME; and test -n "$XDG_DATA_HOME"
        set home $XDG_DATA_HOME/curta
    else
        set home $HOME/.local/share/curta
    end
    test -r $home/completion.txt; or return
    while read -l -d \\t kind name
        test "$kind" = "$argv[1]"; and echo -- $name
    end < $home/completion.txt
end

complete -c curta -f
"""


def script(levels: Sequence[Level]) -> str:
    """The script for these levels of the command line."""
    known = " ".join(f"'{level.path}'" for level in levels if level.path)
    lines = [line for level in levels for line in _level(level)]
    return SCRIPT.replace("@KNOWN@", known) + "\n".join(lines) + "\n"


def _level(level: Level) -> Iterator[str]:
    words = len(level.path.split()) + 1
    for name, text in level.commands.items():
        yield f"complete -c curta -n '__curta_after \"{level.path}\" {words}' -a {name} -d '{one_line(text)}'"
    for option in level.options:
        yield f"complete -c curta -n '__curta_at \"{level.path}\"' {_option(option)}"
    if level.argument:
        yield f"complete -c curta -n '__curta_at \"{level.path}\"'{_values(level.argument)}"


def _option(option: Option) -> str:
    pieces = [_name(name) for name in option.names]
    takes = "" if option.value is None else (" -r" if option.value == FILES else " -x") + _values(option.value)
    return f"{' '.join(pieces)}{takes} -d '{one_line(option.help)}'"


def _name(name: str) -> str:
    if "=" in name:
        name, _, value = name.partition("=")
        return f"-l {name[2:]} -x -a {value}"
    return f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" if len(name) == 2 else f"-o {name[1:]}"


def _values(value: Value) -> str:
    if value == FILES:
        return " -F"
    if isinstance(value, tuple):
        return f" -a '{' '.join(value)}'"
    return f" -a '(__curta_names {value})'" if value else ""
