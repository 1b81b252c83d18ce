"""The disagreements of a page: what both arms said, side by side, with the words in which they differ."""

from collections.abc import Sequence

from curta.evals.report.items import Excerpt, Item, Said
from curta.evals.report.markup import Markup, join, tag
from curta.evals.report.plots.drawing import points
from curta.text.differences import Piece, differences

_ALIKE = 0.3
"""The share of two texts that has to be the same before their differences are marked."""


def card(item: Item, *, relative: bool) -> Markup:
    """An input on which the arms differ."""
    said = [each for pair in item.pairs for each in pair if each]
    kinds = ["variant-lower" if item.difference < 0 else "variant-higher"]
    kinds += ["failed"] if any(each.value is None for each in said) else []
    lower, higher = ("shorter", "longer") if relative else ("worse", "better")
    how = lower if item.difference < 0 else higher
    more = f" {item.more:,} more pairs of answers are not shown." if item.more else ""
    return tag(
        "article",
        tag("h4", f"Input {item.unit}", tag("span", f"{points(item.difference)} points, {how}", class_="faint")),
        *(_pair(*pair) for pair in item.pairs),
        tag("p", more, class_="faint small") if more else None,
        _asked(item.pairs),
        class_="item",
        data_kind=" ".join(kinds),
    )


def _pair(base: Said | None, variant: Said | None) -> Markup:
    marked = _marked(base and base.text, variant and variant.text)
    low, high = ((each.value or 0.0) if each else 0.0 for each in (base, variant))
    return tag(
        "div",
        _side(base, marked[0], won=low > high),
        _side(variant, marked[1], won=high > low),
        class_="sides",
    )


def _side(said: Said | None, text: Markup | None, *, won: bool) -> Markup:
    if said is None:
        return tag("div", class_="side")
    shown = tag("div", text, class_="text", dir="auto") if text is not None else _gone(said)
    left = said.text.left_out if said.text else 0
    return tag(
        "div",
        tag("div", f"{said.cell} · {said.score}", class_="label"),
        shown,
        tag("div", f"{left:,} more characters: curta logs show {said.call}", class_="label") if left else None,
        class_="side won" if won else "side",
    )


def _gone(said: Said) -> Markup:
    why = "This call is no longer in the log." if said.call else "Nothing could be asked."
    return tag("div", why, class_="gone")


def _asked(pairs: Sequence[tuple[Said | None, Said | None]]) -> Markup | None:
    """What was asked, folded: the words of the first pair, and the texts that went with them."""
    first = [each for each in pairs[0] if each and each.asked]
    if not first:
        return None
    words = [tag("div", tag("div", each.cell, class_="label"), _excerpt(each.asked), class_="side") for each in first]
    documents = dict(first[0].documents)
    return tag(
        "details",
        tag("summary", "What was asked"),
        tag("div", *words, class_="sides"),
        *(join(tag("div", name, class_="faint small"), _excerpt(text)) for name, text in documents.items()),
    )


def _excerpt(excerpt: Excerpt | None) -> Markup | None:
    if excerpt is None:
        return None
    left = f"\n[{excerpt.left_out:,} more characters]" if excerpt.left_out else ""
    return tag("div", excerpt.text, left, class_="text", dir="auto")


def _marked(base: Excerpt | None, variant: Excerpt | None) -> tuple[Markup | None, Markup | None]:
    """Both texts, with the words in which they differ marked where they have enough in common."""
    if base is None or variant is None:
        return base and _whole(base.text), variant and _whole(variant.text)
    pieces = differences(base.text, variant.text)
    same = sum(len(each.old) for each in pieces if each.same)
    if 2 * same < _ALIKE * (len(base.text) + len(variant.text)) or len(pieces) < 2:
        return _whole(base.text), _whole(variant.text)
    return _pieces(pieces, 0), _pieces(pieces, 1)


def _pieces(pieces: Sequence[Piece], side: int) -> Markup:
    shown = (piece[side] if piece.same else tag("mark", piece[side]) for piece in pieces if piece[side])
    return join(*shown) or _whole("")


def _whole(text: str) -> Markup:
    return join(text) if text.strip() else tag("span", "(nothing)", class_="gone")
