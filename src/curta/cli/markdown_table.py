"""A table of Markdown, set in columns by rich once its last row is there."""

import re
from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING, Literal

from curta.cli.markdown_inline import Run, spans

if TYPE_CHECKING:
    from rich.text import Text

_RULE = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_BAR = re.compile(r"(?<!\\)\|")
_STYLES = {"1": "bold", "2": "dim", "3": "italic", "4": "underline", "9": "strike", "36": "cyan"}
_NARROWEST = 6


def is_rule(row: str) -> bool:
    """Whether `row` is the line of dashes under the head of a table."""
    return "|" in row and _RULE.fullmatch(row) is not None


def set_table(rows: Sequence[str], *, columns: int, colour: bool) -> str | None:
    """The table of `rows` (head, rule, body) in `columns` of a terminal; None where they cannot hold it."""
    head, rule, *body = map(_cells, rows)
    if len(head) * _NARROWEST > columns:
        return None
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for number, cell in enumerate(head):
        table.add_column(_text(cell, colour), justify=_side(rule[number : number + 1]), overflow="fold")
    for row in body:
        # a row that is too long keeps what does not fit in its last cell, so that nothing is hidden
        cells = [*row[: len(head) - 1], " | ".join(row[len(head) - 1 :])]
        table.add_row(*(_text(cell, colour) for cell in cells))
    file = StringIO()
    console = Console(
        file=file,
        width=columns,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        markup=False,
        emoji=False,
        highlight=False,
    )
    console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def _cells(row: str) -> list[str]:
    inner = row.strip().removeprefix("|")
    cells = _BAR.split(inner)
    if len(cells) > 1 and not cells[-1].strip():
        cells.pop()
    return [cell.strip() for cell in cells]


def _side(rule: Sequence[str]) -> Literal["left", "center", "right"]:
    dashes = rule[0] if rule else ""
    if dashes.endswith(":"):
        return "center" if dashes.startswith(":") else "right"
    return "left"


def _text(cell: str, colour: bool) -> "Text":
    from rich.text import Text

    return Text.assemble(*(map(_rich, spans(cell).runs) if colour else [cell.replace("\\|", "|")]))


def _rich(run: Run) -> tuple[str, str]:
    return run.text, " ".join(_STYLES[code] for code in run.style.split(";") if code)
