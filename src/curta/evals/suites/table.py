"""What is known of a suite as lines for a person, and as a table in Markdown."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from curta.evals.suites.sizes import Sized

if TYPE_CHECKING:
    from curta.evals.suites.known import Known, Mark, Standing

_LONGEST = 72


def sentence(standing: "Standing", known: "Known") -> str:
    """`extract: small is the smallest within 5 points of the best (34 instances)`."""
    said = f"{standing.family}: {verdict(standing, known)}"
    return "; ".join(filter(None, (said, use(standing), *standing.chosen_late)))


def verdict(standing: "Standing", known: "Known") -> str:
    """Which is the smallest that will do, as far as it is known."""
    count = f"{standing.instances:,} {_plural('instance', standing.instances)}"
    if not standing.marks:
        return "nothing is known yet"
    if len(standing.marks) == 1:
        return count
    within = f"the smallest within {100 * known.margin:g} points of the best"
    if standing.smallest:
        return f"{standing.smallest} is {within} ({count})"
    further = f"; {str(standing.further).removesuffix(' more inputs')} more" if standing.further else ""
    return f"undecided, {within} is {_either(standing.among)} ({count}{further})"


def use(standing: "Standing") -> str:
    """What has to be said where no model is shown to be of use."""
    if standing.useful or not standing.marks:
        return ""
    if not standing.floor:
        return "no model is shown to do it"
    return f"no model is shown to be better than a guess ({_points(standing.floor)})"


def lines(standing: "Standing", known: "Known") -> Iterator[str]:
    """A line for each model: its score in points, where that lies, how long an answer takes, and what else to say."""
    width = max(len(each.model) for each in standing.marks) if standing.marks else 0
    for each in standing.marks:
        told = f"{_points(each.score):>3} [{_points(each.low)}, {_points(each.high)}]"
        yield "  ".join(filter(None, (f"  {each.model:<{width}}", f"{told:<13}", ", ".join(_notes(each))))).rstrip()


def head(model: Sized, known: "Known") -> str:
    """`small (85 MB)`."""
    size = known.axis.of(model)
    return model.name if size is None else f"{model.name} ({known.axis.told(size)})"


def markdown(known: "Known") -> str:
    """A table to paste: a row for each family, a column for each model."""
    several = len(known.models) > 1
    heads = ["family", *(head(each, known) for each in known.models)]
    heads += [f"smallest within {100 * known.margin:g} points of the best"] if several else []
    rows = [heads, ["---"] * len(heads), *(_row(each, known, several=several) for each in known.families)]
    return "\n".join("| " + " | ".join(map(_cell, row)) + " |" for row in rows) + "\n"


def _row(standing: "Standing", known: "Known", *, several: bool) -> list[str]:
    marks = [f"{_points(each.score)} [{_points(each.low)}, {_points(each.high)}]" for each in standing.marks]
    marks = [
        f"{told}, {seconds(each.seconds)}" if each.seconds is not None else told
        for told, each in zip(marks, standing.marks, strict=True)
    ]
    name = f"{standing.family} ({standing.instances:,})"
    row = [name, *(marks or ["" for _ in known.models])]
    if several:
        row.append(_brief(standing))
    return row


def _brief(standing: "Standing") -> str:
    if not standing.marks:
        return ""
    if not standing.useful:
        return use(standing)
    if standing.smallest:
        return standing.smallest
    further = f", {str(standing.further).removesuffix(' more inputs')} more" if standing.further else ""
    return f"{_either(standing.among)}{further}"


def _notes(mark: "Mark") -> Iterator[str]:
    if mark.seconds is not None:
        yield f"{seconds(mark.seconds)} an answer"
    yield from (f"{name} {_points(value)}" for name, value in mark.beside)
    if mark.dominated:
        yield "a smaller one is better"
    if mark.failed:
        why = mark.why if len(mark.why) <= _LONGEST else f"{mark.why[: _LONGEST - 1]}…"
        yield f"{mark.failed:,} of {mark.answers:,} failed: {why}"


def seconds(value: float) -> str:
    return f"{value:.2g} s" if value < 10 else f"{value:,.0f} s"


def _points(share: float) -> str:
    return f"{100 * share:.0f}"


def _either(names: "tuple[str, ...]") -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _cell(text: str) -> str:
    """Text as a cell of a table in Markdown, whatever is in it."""
    from curta.text.terminal import clean

    return clean(" ".join(text.split())).replace("\\", "\\\\").replace("|", "\\|")


def _plural(noun: str, number: int) -> str:
    return noun if number == 1 else noun + "s"
