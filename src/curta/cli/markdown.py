"""The Markdown of a model on a terminal, while it arrives.

Words are shown as they come. What waits is what cannot be told yet: the mark at the beginning of a line, emphasis until
it closes, a line of code until its end, a table until its last row. Nothing that was written is ever overwritten and no
line is broken by us, so scrolling back, resizing and copying work as with any text. The same text gives the same bytes,
however it is cut into pieces.

Everything is made terminal-safe before it is looked at; the only escape sequences are colours written here. Where no
colour is wanted the marks stay as the model wrote them, since they are all that shows emphasis there.
"""

import re
import sys
from collections.abc import Callable

from curta.cli import output
from curta.cli.markdown_code import Code
from curta.cli.markdown_inline import ACCENT, BOLD, FAINT, UNDERLINED, Run, spans
from curta.cli.markdown_table import is_rule, set_table
from curta.text.terminal import clean

_LONGEST = 1000  # of a line that is held back until its end
_DEEPEST = 8  # of quotes and lists within each other
_MOST_ROWS = 400
_HEADINGS = {1: f"{BOLD};{UNDERLINED};{ACCENT}", 2: f"{BOLD};{ACCENT}"}

_UNDECIDED = re.compile(
    r"[ \t]*(?:#{0,6}|>|([-*_])(?:[ \t]*\1)*[ \t]*|\+[ \t]*|\d{1,9}(?:[.)][ \t]*)?"
    r"|`{1,2}|~{1,2}|`{3,}[^`]*|~{3,}.*|\|.*)"
)
_FENCE = re.compile(r"[ \t]*(?P<marks>`{3,}(?=[^`]*$)|~{3,})[ \t]*(?P<language>[\w+#.-]*).*")
_RULE = re.compile(r" {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]")
_QUOTE = re.compile(r"[ \t]{0,80}> ?")
_ITEM = re.compile(r"([ \t]{0,80})(?:[-*+]|(\d{1,9}[.)]))([ \t]{1,8})(?=\S)")


class Markdown:
    """Takes Markdown in pieces of any size and writes it for a terminal.

    write: takes what is shown. colour: whether styles are wanted. columns: the width of the terminal.
    """

    def __init__(self, write: Callable[[str], object], *, colour: bool, columns: int) -> None:
        self._write = write
        self._colour = colour
        self._columns = columns
        self._clean = _Cleaner()
        self._line = ""  # of the line that is arriving, what has not been shown
        self._begun = False  # whether it is known what that line is
        self._before = ""  # the character before it
        self._base = ""  # the style of the line
        self._depth = 0  # how many quotes and lists the line has opened
        self._rows: list[str] = []  # of a table
        self._fence = ""  # the marks that close the code we are in
        self._code = Code("")
        self._cut = False  # whether the beginning of the line of code has been shown
        self._style = ""  # of the terminal now
        self._open = False  # whether the terminal is within a line

    def feed(self, piece: str) -> None:
        """Show as much of `piece`, and of what was waiting, as is decided by now."""
        self._take(self._clean(piece))

    def finish(self) -> None:
        """Show what is still waiting, and end the line: the text ends here, or was interrupted."""
        self._take(self._clean.rest())
        if self._line:
            self._advance(ended=True)
        self._end_table()
        self._put("\n" if self._open else "", "")

    def _take(self, text: str) -> None:
        for line in re.findall(r"[^\n]*\n|[^\n]+", text):
            ended = line.endswith("\n")
            self._line += line.removesuffix("\n")
            if not self._advance(ended) and ended:
                self._end_line()

    def _advance(self, ended: bool) -> bool:
        """Show what is decided of the line; whether its end has been dealt with."""
        if self._fence:
            return self._advance_code(ended)
        if not self._begun and self._begin(ended):
            return True
        if self._begun:
            found = self._spans(ended)
            self._before = self._line[found - 1 : found] or self._before
            self._line = self._line[found:]
        return False

    def _end_line(self) -> None:
        self._put("\n", "")
        self._line, self._begun, self._before, self._base, self._depth = "", False, "", "", 0

    def _spans(self, ended: bool) -> int:
        if not self._colour:
            self._put(self._line, "")
            return len(self._line)
        found = spans(self._line, self._base, before=self._before, ended=ended)
        self._put_all(found.runs)
        return found.end

    # The beginning of a line

    def _begin(self, ended: bool) -> bool:
        """Find out what the line is. True when it was a line of its own kind and is done with."""
        while not self._begun:
            whole = ended and len(self._line) <= _LONGEST
            if not whole and len(self._line) <= _LONGEST and _UNDECIDED.fullmatch(self._line):
                return False
            if whole and self._whole_line():
                return True
            self._end_table()
            self._begun = not self._colour or not self._prefix()
        return False

    def _whole_line(self) -> bool:
        """A row, a fence or a rule: what is one only as a whole line."""
        line = self._line
        if self._depth == 0 and line.lstrip(" \t").startswith("|") and len(self._rows) < _MOST_ROWS:
            self._rows.append(line)
            self._line = ""
            if len(self._rows) == 2 and not is_rule(line):
                self._end_table()
            return True
        if fence := _FENCE.fullmatch(line):
            self._end_table()
            self._fence, self._code = fence["marks"], Code(fence["language"].lower() if self._colour else "")
            self._put(line, FAINT)
        elif self._colour and self._depth == 0 and _RULE.fullmatch(line):
            self._end_table()
            self._put("─" * min(self._columns, 40), FAINT)
        else:
            return False
        self._end_line()
        return True

    def _prefix(self) -> bool:
        """Show the mark of a heading, a quote or an item; whether another may follow it."""
        line = self._line
        if heading := _HEADING.match(line):
            self._base = _HEADINGS.get(len(heading[1]), BOLD)
            self._line = line[heading.end() :]
            return False
        if self._depth == _DEEPEST:
            return False
        if quote := _QUOTE.match(line):
            self._put("▏ ", FAINT)
            end = quote.end()
        elif item := _ITEM.match(line):
            indent, number, space = item.groups()
            self._put_all([Run(indent, ""), Run(f"{number or '•'}{space}", ACCENT)])
            end = item.end()
        else:
            return False
        self._depth += 1
        self._line = line[end:]
        return True

    # Blocks

    def _advance_code(self, ended: bool) -> bool:
        """A line of code is shown when it ends; one without end, in lengths, without colours."""
        while len(self._line) > _LONGEST:
            self._put(self._line[:_LONGEST], "")
            self._line, self._cut = self._line[_LONGEST:], True
        if not ended:
            return False
        if self._cut:
            self._put(self._line, "")
        elif self._closes(self._line):
            self._fence = ""
            self._put(self._line, FAINT)
        else:
            self._put_all(self._code.line(self._line))
        self._cut = False
        self._line = ""
        return False

    def _closes(self, line: str) -> bool:
        """Whether `line` is the fence's end; one within a quote is closed within it."""
        marks = line.strip(" \t>")
        return len(marks) >= len(self._fence) and not marks.strip(self._fence[0])

    def _end_table(self) -> None:
        rows, self._rows = self._rows, []
        if not rows:
            return
        table = None
        if len(rows) > 1 and is_rule(rows[1]):
            table = set_table(rows, columns=self._columns, colour=self._colour)
        if table is not None:
            self._put("", "")
            self._write(table)
            self._open = False
            return
        for row in rows:
            self._put_all(spans(row).runs if self._colour else [Run(row, "")])
            self._put("\n", "")

    # Writing

    def _put_all(self, runs: list[Run]) -> None:
        for text, style in runs:
            self._put(text, style)

    def _put(self, text: str, style: str) -> None:
        """Write `text`; an escape sequence only where the style changes, so that pieces leave no trace."""
        if self._colour and style != self._style and (text or not style):
            self._write(("\x1b[0m" if self._style else "") + (f"\x1b[{style}m" if style else ""))
            self._style = style
        if text:
            self._write(text)
            self._open = not text.endswith("\n")


class _Cleaner:
    """`clean` for pieces: the joiner of emoji is judged by both its neighbours, wherever a piece ends."""

    def __init__(self) -> None:
        self._before = ""
        self._held = ""

    def __call__(self, piece: str) -> str:
        text = self._held + piece
        body = text.rstrip("\u200d")
        self._held = text[len(body) :]
        return self._cleaned(body)

    def rest(self) -> str:
        held, self._held = self._held, ""
        return self._cleaned(held)

    def _cleaned(self, body: str) -> str:
        cleaned = clean(self._before + body)[len(clean(self._before)) :]
        self._before = body[-1:] or self._before
        return cleaned


def show(text: str) -> None:
    """Show the whole of `text` on the terminal that stdout is."""
    shown = on_stdout()
    shown.feed(text)
    shown.finish()


def on_stdout() -> Markdown:
    """Markdown for the terminal that stdout is."""
    return Markdown(_write, colour=output.coloured(sys.stdout), columns=output.columns())


def _write(text: str) -> None:
    sys.stdout.write(text)
