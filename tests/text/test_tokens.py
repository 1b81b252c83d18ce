"""The estimate of tokens: never more than bytes, more for more, near the truth for known texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.text.tokens import estimate


@given(st.text())
def test_there_are_never_more_tokens_than_bytes(text: str) -> None:
    assert 0 <= estimate(text) <= len(text.encode("utf-8", "replace"))


@given(st.text(max_size=50))
def test_a_text_twice_has_about_twice_as_many(text: str) -> None:
    assert abs(estimate(f"{text}\n{text}") - 2 * estimate(text)) <= 2 + len(text)


TRUE = {
    "The quick brown fox jumps over the lazy dog.": 10,
    "def main(argv: list[str]) -> int:\n    return run(argv[1:])\n": 17,
    "人人生而自由,在尊严和权利上一律平等。": 22,
    "Все люди рождаются свободными и равными": 21,
    "3.14159265358979": 7,
    "👋🏽🎉": 9,
}
"""Texts, and their tokens by OpenAI's cl100k."""


@pytest.mark.parametrize("text", TRUE)
def test_the_estimate_is_near_and_rather_above(text: str) -> None:
    assert TRUE[text] * 0.9 <= estimate(text) <= TRUE[text] * 1.7
