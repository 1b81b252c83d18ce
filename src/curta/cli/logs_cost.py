"""`curta logs cost`: what calls cost, by day, month, model, caller or conversation."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from curta.cli import output
from curta.errors import LogError, UsageError
from curta.store import Filter, open_log
from curta.text.money import dollars

if TYPE_CHECKING:
    from curta.store.spending import Spending

_AGO = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1), "m": timedelta(days=30)}
_FEW = 20


@click.command("cost", help="What calls cost. Calls whose cost is unknown are counted, never taken for free.")
@click.option(
    "--by",
    type=click.Choice(("day", "month", "model", "caller", "conversation")),
    default="day",
    show_default=True,
    help="What to sum by.",
)
@click.option("--since", metavar="WHEN", help="Only calls since a day (2026-11-01) or for so long (24h, 7d, 4w, 3m).")
@click.option("-m", "--model", metavar="NAME", help="Only calls of this model.")
@click.option(
    "-n", "--count", type=click.IntRange(min=0), metavar="N", help=f"How many lines; 0 for all. Default {_FEW}."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def cost(by: Any, since: str | None, model: str | None, count: int | None, as_json: bool) -> None:
    log = open_log()
    with suppress(LogError):
        log.settle()
    groups = log.spending(by, Filter(model=model, since=_since(since) if since else None))
    shown = groups if count == 0 else _cut(groups, by, count or _FEW)
    if as_json:
        described = {"by": by, "groups": [_described(each, by) for each in shown], "total": _described(_total(groups))}
        output.line(json.dumps(described, indent=2, ensure_ascii=False))
    elif groups:
        _table(shown, _total(groups), hidden=len(groups) - len(shown))
    else:
        output.note("No logged call matches." if log.status().calls else "The log is empty.")


def _cut(groups: "Sequence[Spending]", by: str, count: int) -> "Sequence[Spending]":
    """The latest days, or the dearest of anything else."""
    return groups[-count:] if by in ("day", "month") else groups[:count]


def _since(text: str) -> datetime:
    if ago := re.fullmatch(r"(\d{1,5})([hdwm])", text):
        return datetime.now().astimezone() - int(ago[1]) * _AGO[ago[2]]
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise UsageError(
            f"{text!r} is neither a day nor a time span.", then="--since 2026-11-01 or --since 7d"
        ) from None


def _total(groups: "Sequence[Spending]") -> "Spending":
    from curta.store.spending import Spending

    total = Spending("total", 0, 0.0, 0, 0, 0, 0)
    for each in groups:
        total = total.plus(*each[1:])
    return total


def _described(each: "Spending", by: str | None = None) -> dict[str, Any]:
    """JSON; `cost` is null where not a single cost is known."""
    known = each._asdict()
    what = known.pop("what")
    cost = each.cost if _is_known(each) else None
    return {**({by: what} if by else {}), **known, "cost": cost}


def _is_known(each: "Spending") -> bool:
    """Whether the cost of any call that was sent is known. What the log answered says nothing about the others."""
    return each.unknown < each.calls - each.repeated or not each.unknown


def _table(groups: "Sequence[Spending]", total: "Spending", hidden: int) -> None:
    rows = [_cells(each) for each in (*groups, total)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        what, *figures, unknown = row
        aligned = "  ".join(figure.rjust(width) for figure, width in zip(figures, widths[1:-1], strict=True))
        whole = row is rows[-1]
        output.line(
            (what.ljust(widths[0]), "bold" if whole else ""), f"  {aligned}", (unknown and f"  {unknown}", "faint")
        )
    if hidden:
        output.note(f"{hidden:,} more: -n 0 shows all.")


def _cells(each: "Spending") -> tuple[str, ...]:
    """`2026-11-22`, `12 calls`, `$0.12`, and what is not in that sum."""
    calls = f"{each.calls:,} call{'s' * (each.calls != 1)}"
    cost = dollars(each.cost) if _is_known(each) else "unknown"
    rest = []
    if each.unknown and _is_known(each):
        rest.append(f"and {each.unknown:,} of unknown cost")
    if each.repeated:
        rest.append(f"{each.repeated:,} from the log")
    return (each.what, calls, cost, ", ".join(rest))
