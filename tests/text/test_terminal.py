"""No character that could command a terminal survives, wherever a stream is split."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.text.terminal import clean, clean_line, shorten, width

ATTACKS = {
    "clipboard write, ended by BEL": "\x1b]52;c;ZXZpbA==\x07",
    "clipboard write, ended by ST": "\x1b]52;c;ZXZpbA==\x1b\\",
    "hidden link": "\x1b]8;;https://evil.example\x1b\\text\x1b]8;;\x1b\\",
    "clear screen": "\x1b[2J\x1b[H",
    "raw C1 introducer": "\x9b31m",
    "overwrite the line": "harmless\rrm -rf /",
    "backspaces": "safe\x08\x08\x08\x08evil",
    "right-to-left override": "invoice\u202efdp.exe",
    "isolates": "\u2066abc\u2069",
    "zero width": "pass\u200bword",
    "tag characters": "hi\U000e0041\U000e0042",
    "title": "\x1b]0;owned\x07",
    "joiner between letters": "a\u200db",
}


def commands(text: str) -> list[str]:
    return [c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c not in "\n\t\u200d"]


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_an_attack_becomes_visible(attack: str) -> None:
    shown = clean(attack)
    assert not commands(shown)
    assert shown != attack


BIDI = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_no_control_or_bidi_character_survives(text: str) -> None:
    left = commands(clean(text))
    assert not any(unicodedata.bidirectional(c) in BIDI for c in left)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in left)


@given(st.text(st.sampled_from("\x1b\x07\\]52;cab\x9b\u202e\n\t ")), st.integers(0, 50))
def test_a_split_of_the_stream_changes_nothing(text: str, at: int) -> None:
    assert clean(text[:at]) + clean(text[at:]) == clean(text)


def test_ordinary_text_is_untouched() -> None:
    text = "naïve “quotes” – 日本語 عربي\n\tindented 👩‍👩‍👧 done"
    assert clean(text) == text


def test_a_line_has_no_line_breaks() -> None:
    assert clean_line("two\nlines\x1b") == "two lines␛"


@given(st.text(max_size=60), st.integers(1, 20))
def test_shortened_text_fits(text: str, columns: int) -> None:
    assert width(shorten(text, columns)) <= columns or width(text) <= columns
