"""`curta run -i`: a session at the terminal. Cells are typed, and what one leaves is there for the next."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from curta.cli import files_out, output
from curta.cli.chat_loop import GOODBYES, Lines
from curta.cli.run import Shown, exit_code, say_effects, say_ending
from curta.errors import CurtaError

if TYPE_CHECKING:
    from curta.sandbox import Result
    from curta.sandbox.cells import Cells
    from curta.store import Log

CALLER = "session"

IsWhole = Callable[[str], bool]


def converse(cells: "Cells", given: Mapping[str, Any], first: str | None) -> int:
    """Run cells until the end; of a pipe the first exit code that is not 0. first: a cell that nobody typed."""
    language = cells.setting.language
    lines, last, code = _lines(cells, language), None, 0
    if lines.interactive:
        output.note(f"A session in {language}, in the sandbox. Ctrl-C ends a cell, Ctrl-D the session.")
    for source in _typed(lines, is_whole(language), first):
        try:
            last = _ran(cells, source, given)
            code = code or exit_code(last)
        except KeyboardInterrupt:
            if not lines.interactive:
                raise
            output.note("Stopped. The next cell finds the session rebuilt, or a new one.", force=True)
        except CurtaError as error:
            output.error(error)
            code = code or error.exit_code
    copied = 0 if last is None else _finish(last, given)
    return copied or (0 if lines.interactive else code)


def _lines(cells: "Cells", language: str) -> Lines:
    from curta.cli.chat_lines import best

    def editor() -> Lines:
        from curta.cli.chat_editor import MOST, Editor, Past

        def ran(log: "Log") -> Iterator[str]:
            """Cells of earlier sessions in this language."""
            yield from (run.program for run in log.runs(MOST) if (run.caller, run.language) == (CALLER, language))

        return Editor(Past(cells.log, ran), suffix=_suffix(language), is_whole=is_whole(language))

    return best(editor)


def _suffix(language: str) -> str:
    from curta.sandbox.judging import suffix_of

    return suffix_of(language)


def _typed(lines: Lines, whole: IsWhole, first: str | None) -> Iterator[str]:
    """The cells, as they are typed. A Ctrl-C forgets what was begun; a second one, or Ctrl-D, ends it all."""
    if first is not None:
        yield first
    impatient = False
    while True:
        try:
            source = _cell(lines, whole)
        except EOFError:
            return
        except KeyboardInterrupt:
            if impatient or not lines.interactive:
                return
            impatient = True
            output.note("Ctrl-C again, Ctrl-D or `exit` leaves.")
            continue
        impatient = False
        if source.strip() in GOODBYES:
            return
        if source.strip():
            yield source


def _cell(lines: Lines, whole: IsWhole) -> str:
    """Lines up to where a cell is whole, or to the end. Raises EOFError when nothing comes any more."""
    source = lines.read()
    try:
        while not whole(source):
            source += "\n" + lines.read(more=True)
    except EOFError:
        if not source.strip():
            raise
    return source


def _ran(cells: "Cells", source: str, given: Mapping[str, Any]) -> "Result":
    """What came of a cell, shown."""
    result = cells.run(source, on_output=None if given["as_json"] else Shown())
    if given["as_json"]:
        output.line(json.dumps(result.to_dict(), ensure_ascii=False))
        return result
    if result.value:
        output.line(result.value)
    say_ending(result)
    for warning in result.warnings:
        output.note((warning, "bold"), force=True)
    return result


def _finish(last: "Result", given: Mapping[str, Any]) -> int:
    """What was made is told, and copied out, at the end."""
    if not given["as_json"]:
        say_effects(last, given)
    return files_out.copy_out(last, given["out"], given["yes"]) if given["out"] else 0


# When a cell is whole


def is_whole(language: str) -> IsWhole:
    """What says whether a text is a whole cell, so that Enter runs it."""
    return _JUDGES.get(language, _is_balanced)


def _is_whole_python(source: str) -> bool:
    """As Python's own prompt has it: an empty line ends a block, but no bracket and no quotation."""
    from codeop import compile_command

    try:
        return compile_command(source.rstrip(" \t"), "<cell>", "single") is not None
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError):
        return True  # the guest says what is wrong with it, in the words of its own version


def _is_whole_sql(source: str) -> bool:
    text = source.strip()
    is_command = text.rpartition("\n")[2].startswith(".")
    return _ends_empty(source) or not text or text.endswith(";") or is_command


def _is_balanced(source: str) -> bool:
    """Whether as many brackets are closed as are opened: good enough to tell when Enter does not mean the end."""
    opened = sum(map(source.count, "([{"))
    return _ends_empty(source) or opened <= sum(map(source.count, ")]}"))


def _ends_empty(source: str) -> bool:
    """Whether an empty line was typed, which ends whatever was begun."""
    return "\n" in source and not source.rpartition("\n")[2].strip()


_JUDGES: dict[str, IsWhole] = {"python": _is_whole_python, "data": _is_whole_python, "sql": _is_whole_sql}
