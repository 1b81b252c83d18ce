"""`curta logs diff A B`: what two calls asked differently, and how their answers differ, word by word."""

import json
import sys
from typing import TYPE_CHECKING

import click

from curta.cli import output

if TYPE_CHECKING:
    from curta.store.comparing import Difference
    from curta.text.differences import Piece

_AROUND = 200


@click.command("diff", help="How two calls differ: what was asked, and what was answered, word by word.")
@click.argument("a")
@click.argument("b")
@click.option("--whole", is_flag=True, help="Show the long stretches too that are the same.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def diff(a: str, b: str, whole: bool, as_json: bool) -> None:
    from curta.api import prompting

    old, new = prompting.logs().call(a), prompting.logs().call(b)
    found = prompting.compare(old, new)
    if as_json:
        described = {"old": old.id, "new": new.id, **found.to_dict()}
        output.line(json.dumps(described, indent=2, ensure_ascii=False))
        return
    for each in found.request:
        show(each, whole)
    if found.answer:
        show(found.answer, whole)
    else:
        output.note("The answers are the same.", force=True)


def show(difference: "Difference", whole: bool = False) -> None:
    """A difference under its name; short ones on one line."""
    from curta.text.differences import Piece

    pieces = difference.pieces
    short = all("\n" not in piece.old + piece.new for piece in pieces) and sum(len(p.old + p.new) for p in pieces) < 90
    output.line((f"{difference.name}:", "accent"), "" if not short else " ", *(_shown_all(pieces) if short else ()))
    if not short:
        cut = pieces if whole else [_cut(piece, n == 0, n == len(pieces) - 1) for n, piece in enumerate(pieces)]
        output.line(*_shown_all([Piece(*each) for each in cut]))
        output.line()


def _shown_all(pieces: "list[Piece]") -> list[output.Piece]:
    return [shown for piece in pieces for shown in _shown(piece)]


def _shown(piece: "Piece") -> list[output.Piece]:
    """What is gone and what is new: in colour where there is colour, else between `[-` `-]` and `{+` `+}`."""
    if piece.same:
        return [piece.old]
    coloured = output.coloured(sys.stdout)
    gone, new = (piece.old, piece.new) if coloured else (f"[-{piece.old}-]", f"{{+{piece.new}+}}")
    return [each for each, there in (((gone, "bad"), piece.old), ((new, "good"), piece.new)) if there]


def _cut(piece: "Piece", first: bool, last: bool) -> "Piece":
    """A long stretch that is the same, shortened to what is next to a difference."""
    from curta.text.differences import Piece

    text = piece.old
    if not piece.same or len(text) <= 2 * _AROUND + 40:
        return piece
    before = "" if first else text[:_AROUND].rsplit(" ", 1)[0]
    after = "" if last else text[-_AROUND:].split(" ", 1)[-1]
    left_out = len(text) - len(before) - len(after)
    shown = f"{before}{' ' * bool(before)}(… {left_out:,} characters …){' ' * bool(after)}{after}"
    return Piece(shown, shown)
