"""What all plots share: scales, ticks, labels with their boxes, marks for outcomes, and the style."""

import hashlib
import math
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from curta.evals.report.markup import Child, Markup, join, tag, visible
from curta.text.terminal import width as columns

LIGHT = (
    "--ink:#1c2127;--faint:#59636e;--line:#d3d9de;--band:#e6ebef;--paper:#fff;"
    "--better:#0063a8;--worse:#b8400a;--same:#1c2127;--open:#59636e;--amount:#7440a8"
)
DARK = (
    "--ink:#e8ebee;--faint:#a3adb7;--line:#3a434c;--band:#2a3239;--paper:#14181c;"
    "--better:#63b4ff;--worse:#ff9a62;--same:#e8ebee;--open:#a3adb7;--amount:#c69bf5"
)
# Blue and vermilion are told apart by all common kinds of colour blindness: Okabe and Ito, "Color universal design".
STYLE = Markup(
    f".plot{{{LIGHT}}}"
    f"@media screen and (prefers-color-scheme:dark){{.plot{{{DARK}}}}}"
    ".plot{font:12px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;display:block;max-width:100%;"
    "height:auto}"
    ".plot text{fill:var(--ink)}.plot .faint{fill:var(--faint)}.plot .name{font-weight:600}"
    ".plot .grid{stroke:var(--line);stroke-width:1}.plot .axis{stroke:var(--faint);stroke-width:1}"
    ".plot .limit{stroke:var(--ink);stroke-width:1;stroke-dasharray:5 3}"
    ".plot .band{fill:var(--band)}.plot .path{fill:none;stroke:var(--ink);stroke-width:1.75;stroke-linejoin:round}"
    ".plot .second{stroke-dasharray:2 3}.plot .step{fill:none;stroke:var(--faint);stroke-width:1.5}"
    ".plot .leader{stroke:var(--faint);stroke-width:.75}.plot .whisker{stroke-width:2.5;stroke-linecap:round}"
    + "".join(
        f".plot .{kind}{{color:var(--{kind})}}.plot text.{kind}{{fill:var(--{kind})}}"
        for kind in ("better", "worse", "same", "open", "amount")
    )
    + ".plot .whisker,.plot .line{stroke:currentColor}.plot .area{fill:currentColor;fill-opacity:.16}"
    ".plot .mark{fill:currentColor;stroke:currentColor;stroke-width:1.75}.plot .hollow{fill:var(--paper)}"
)

KINDS = {
    "better": "better",
    "worse": "worse",
    "more": "amount",
    "less": "amount",
    "no practical difference": "same",
    "undecided": "open",
}
"""The class of each outcome in STYLE."""

SIZE = 12
"""The height of text, in pixels."""
LINE = 16


class Box(NamedTuple):
    """A rectangle that something takes."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: "Box") -> bool:
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)

    def within(self, other: "Box") -> bool:
        wide = other.left <= self.left and self.right <= other.right
        return wide and other.top <= self.top and self.bottom <= other.bottom


class Label(NamedTuple):
    """A line of text. x, y: where its baseline is anchored; anchor: by its start, middle or end."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    kind: str = ""

    @property
    def box(self) -> Box:
        wide = text_width(self.text, bold="name" in self.kind)
        left = self.x - {"start": 0.0, "middle": wide / 2, "end": wide}[self.anchor]
        return Box(left, self.y - SIZE + 1, left + wide, self.y + 4)

    def svg(self) -> Markup:
        anchor = None if self.anchor == "start" else self.anchor
        return tag("text", self.text, x=self.x, y=self.y, text_anchor=anchor, class_=self.kind or None)


class Scale(NamedTuple):
    """Values from low to high, drawn from start to end; a logarithmic one takes the logarithms of values."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / (self.high - self.low) * (self.end - self.start)


def picture(width: float, height: float, title: str, description: str, *inside: Child) -> Markup:
    """The SVG of what is `inside`. title, description: what a screen reader says."""
    id = "p" + hashlib.sha256(f"{title}\n{description}\n{width}".encode("utf-8", "replace")).hexdigest()[:10]
    return tag(
        "svg",
        tag("title", title, id=f"{id}t"),
        tag("desc", description, id=f"{id}d"),
        tag("style", STYLE),
        *inside,
        xmlns="http://www.w3.org/2000/svg",
        class_="plot",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
        role="img",
        aria_labelledby=f"{id}t {id}d",
    )


def text_width(text: str, *, bold: bool = False) -> float:
    """How wide a line of text may get, in pixels: in the widest of the usual fonts, since nobody knows which it is."""
    return SIZE * sum(_wide(each) for each in text) * (1.1 if bold else 1)


def fitted(text: str, room: float, *, bold: bool = False) -> str:
    """`text` on one line, cut to `room` pixels with an ellipsis when it is wider."""
    text = " ".join(visible(text).split())
    if text_width(text, bold=bold) <= room:
        return text
    kept, used, scale = "", text_width("…", bold=bold), SIZE * (1.1 if bold else 1)
    for each in text:
        used += _wide(each) * scale
        if used > room:
            break
        kept += each
    return kept.rstrip() + "…"


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round values from low to high, at most `most` and at least two."""
    rough = (high - low) / max(most - 1, 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * each for each in (1, 2, 2.5, 5, 10) if power * each >= rough * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [each * step for each in range(first, last + 1)]


def spread(wanted: Sequence[float], low: float, high: float, apart: float = LINE) -> list[float]:
    """Positions as near to those wanted as can be when each has `apart` for itself, between low and high."""
    order = sorted(range(len(wanted)), key=lambda place: wanted[place])
    placed: list[float] = []
    for place in order:
        placed.append(max(wanted[place], placed[-1] + apart if placed else low))
    limit = high
    for number in reversed(range(len(placed))):
        placed[number] = min(placed[number], limit)
        limit = placed[number] - apart
    found = [0.0] * len(wanted)
    for place, position in zip(order, placed, strict=True):
        found[place] = position
    return found


def x_axis(scale: Scale, top: float, bottom: float, values: Iterable[float], told: Callable[[float], str]) -> Markup:
    """Grid lines at `values` from top to bottom, and beneath those that have room what they say."""
    lines, labels, taken = [], [], scale.start - 6  # up to where the labels of the other axis may reach
    for value in values:
        x = scale(value)
        lines.append(tag("line", class_="grid", x1=x, x2=x, y1=top, y2=bottom))
        label = Label(x, bottom + LINE, told(value), "middle", "faint")
        if taken <= label.box.left and label.box.right <= scale.end + 10:
            labels.append(label.svg())
            taken = label.box.right + 4
    return join(*lines, *labels)


def y_axis(scale: Scale, left: float, right: float, values: Iterable[float], told: Callable[[float], str]) -> Markup:
    """Grid lines at `values` from left to right, and beside them what they say."""
    return join(
        *(tag("line", class_="grid", x1=left, x2=right, y1=scale(each), y2=scale(each)) for each in values),
        *(Label(left - 6, scale(each) + 4, told(each), "end", "faint").svg() for each in values),
    )


def mark(x: float, y: float, outcome: str) -> Markup:
    """The sign of an outcome: up, down, a square for no difference, a ring for what nobody knows yet."""
    if outcome in ("better", "more"):
        return tag("path", class_="mark", d=f"M{x:.1f} {y - 6:.1f}l6 10.5h-12z")
    if outcome in ("worse", "less"):
        return tag("path", class_="mark", d=f"M{x:.1f} {y + 6:.1f}l6 -10.5h-12z")
    if outcome == "undecided":
        return tag("circle", class_="mark hollow", cx=x, cy=y, r=5)
    return tag("rect", class_="mark", x=x - 4.5, y=y - 4.5, width=9, height=9)


def points(share: float, *, signed: bool = True) -> str:
    """A share in points of a hundred: `+14`, `-2.5`, `0`."""
    text = f"{100 * share:+.1f}" if signed else f"{100 * share:.1f}"
    text = text.removesuffix(".0").replace("-", "−")
    return "0" if text.lstrip("+−") == "0" else text


def _wide(character: str) -> float:
    if character in "iIjlt.,:;|!'()[] ·f/-r":
        return 0.42
    if character in "mwMW%@—…∞":
        return 1.0
    if columns(character) == 2:
        return 1.05
    return 0.8 if character.isupper() or character in "+−±=<>~" else 0.65
