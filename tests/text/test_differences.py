"""How two texts differ: whole, readable, and quick whatever they are."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.text.differences import Piece, differences

words = st.lists(st.sampled_from(["a", "b", "the ", "cat\n", ". ", "é"]), max_size=40).map("".join)


@given(words | st.text(), words | st.text())
def test_the_pieces_are_both_texts(old: str, new: str) -> None:
    pieces = differences(old, new)
    assert "".join(piece.old for piece in pieces) == old
    assert "".join(piece.new for piece in pieces) == new
    assert all(a.same is not b.same for a, b in pairwise(pieces))


@given(words)
def test_the_same_text_is_one_piece(text: str) -> None:
    assert differences(text, text) == ([Piece(text, text)] if text else [])


def test_single_words_are_found_in_a_long_text() -> None:
    line = "The committee met on the second Tuesday of the month."
    old = "\n".join(f"{n} {line}" for n in range(500))
    changed = [piece for piece in differences(old, old.replace("300 The", "300 Our")) if not piece.same]
    assert changed == [Piece("The", "Our")]


def test_marks_between_changed_words_do_not_break_a_change_up() -> None:
    assert [p for p in differences("It was red, blue.", "It was tall, wide.") if not p.same] == [
        Piece("red, blue", "tall, wide")
    ]


def hostile(kind: str) -> tuple[str, str]:
    chance = random.Random(1)
    lines = [f"line {number}\n" for number in range(20_000)]
    match kind:
        case "reversed":
            return "".join(lines), "".join(reversed(lines))
        case "two words":
            a, b = (" ".join(chance.choice("ab") for _ in range(40_000)) for _ in range(2))
            return a, b
        case "one word":
            return "x" * 500_000, "x" * 499_999 + "y"
        case _:
            return "!?" * 100_000, "?!" * 100_000


@pytest.mark.parametrize("kind", ["reversed", "two words", "one word", "marks"])
def test_no_text_takes_for_ever(kind: str) -> None:
    old, new = hostile(kind)
    pieces = differences(old, new)
    assert "".join(piece.old for piece in pieces) == old
    assert "".join(piece.new for piece in pieces) == new
