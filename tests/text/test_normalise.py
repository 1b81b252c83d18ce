"""One normal form for every way of typing a text, and the way back to the raw characters."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.text.normalise import is_mark, normalise

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
TRICKY = st.text("aB1 -—–*_`'’\"“…½²ﬁßİée\u0301\u00ad\u200d\u3000ー가ᄀ\u1161각ｶﾞำ\t\n.,%$\x00", max_size=40)


@pytest.mark.parametrize(
    ("raw", "folded"),
    [
        ("“It’s fine”", '"it\'s fine"'),
        ("one\n\t two\u00a0three  four", "one two three four"),
        ("this—that -- and - more", "this-that-and-more"),
        ("wait… what", "wait... what"),
        ("so**ft**\u00ad hy\u00adphen\ufeff `code`", "soft hyphen code"),
        ("_word_ in snake_case and __init__", "word in snake_case and init"),
        ("Straße ﬁne Ｆｕｌｌ", "strasse fine full"),
    ],
)
def test_typography_is_folded(raw: str, folded: str) -> None:
    assert normalise(raw).text == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10² people", "102 people"),
        ("1½ cups", "11/2 cups"),
        ("2*3 boxes", "23 boxes"),
        ("was -5 degrees", "was 5 degrees"),
        ("10 -- 20 people", "10-20 people"),
        ("cost -- 5", "cost -5"),
        ("a—-5", "a—5"),
    ],
)
def test_what_changes_a_value_is_not_folded(one: str, other: str) -> None:
    assert normalise(one).text != normalise(other).text


@pytest.mark.parametrize("word", ["café", "Việt Nam", "한국어", "ガギグ", "किताब", "Ελλάδα", "Ёлка", "கொடி"])
def test_composed_and_decomposed_text_are_the_same(word: str) -> None:
    assert normalise(unicodedata.normalize("NFD", word)).text == normalise(unicodedata.normalize("NFC", word)).text


@settings(max_examples=200)
@given(TEXT | TRICKY)
def test_every_character_has_its_place(raw: str) -> None:
    folded = normalise(raw)
    assert len(folded.offsets) == len(folded.text)
    assert list(folded.offsets) == sorted(folded.offsets)
    assert all(offset < len(raw) for offset in folded.offsets)
    assert "\x00" not in folded.text


@settings(max_examples=200)
@given(TEXT | TRICKY, st.integers(0, 59), st.integers(0, 59))
def test_a_raw_span_never_parts_a_letter_from_its_marks(raw: str, a: int, b: int) -> None:
    folded = normalise(raw)
    start, end = min(a, b), max(a, b) + 1
    if end > len(folded.text):
        return
    span = folded.raw_span(start, end)
    assert 0 <= span.start < span.end <= len(raw)
    assert span.end == len(raw) or not is_mark(raw[span.end])


@pytest.mark.parametrize(
    "raw", ["Die größte Straße", "ﬁne ﬂow", "½ cup and  more", "น้ำใจ", "e\u0301te\u0301  a\u0300 Rome"]
)
def test_the_raw_span_of_words_folds_to_those_words(raw: str) -> None:
    folded = normalise(raw)
    start, stop = folded.text.index(" ") if " " in folded.text else 0, len(folded.text)
    for begin in (0, start):
        span = folded.raw_span(begin, stop)
        assert normalise(raw[span.start : span.end]).text.strip() == folded.text[begin:stop].strip()


def test_long_and_short_texts_fold_alike() -> None:
    line = "Ganz “schön” groß — ﬁn, ½ e\u0301 Ｆ…  *ja*\n"
    once = normalise(line).text
    assert normalise(line * 50).text.replace(" ", "") == once.replace(" ", "") * 50
