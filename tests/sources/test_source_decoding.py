"""Bytes to text: marks, declarations, UTF-8, and what is done with the rest."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.errors import SourceNotText
from curta.sources.decode import decode, is_text


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_and_is_left_out(encoding: str) -> None:
    assert decode("naïve\r\n日本".encode(encoding), "x", charset="koi8-r") == "naïve\r\n日本"
    assert is_text("naïve\r\n日本".encode(encoding))


def test_windows_1252_is_read_when_it_is_text() -> None:
    assert decode("“Señor” — 5 €, déjà vu".encode("cp1252"), "x") == "“Señor” — 5 €, déjà vu"


def test_utf8_cut_inside_a_character_stays_utf8() -> None:
    assert decode("Несколько слов".encode()[:-1], "x") == "Несколько сло\ufffd"


def test_one_bad_byte_does_not_turn_a_text_into_another_encoding() -> None:
    assert decode("déjà ".encode() + b"\xe9 " + "vu çà".encode(), "x") == "déjà \ufffd vu çà"


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("KOI8-R", "koi8-r"), ("windows-1251", "cp1251"), ("cp1251", "cp1251"), ("gb18030", "gb18030")],
)
def test_a_declared_encoding_is_used(charset: str, encoding: str) -> None:
    assert decode("Несколько слов".encode(encoding), "x", charset) == "Несколько слов"


@pytest.mark.parametrize(
    "charset", ["utf-8", "utf-16", "punycode", "zip", "idna", "../../x", "no\0such", "windows-9", "é"]
)
def test_a_declaration_that_is_no_charset_of_the_web_is_passed_over(charset: str) -> None:
    assert decode("Señor".encode(), "x", charset) == "Señor"


def test_latin_1_means_windows_1252() -> None:
    assert decode(b"\x93x\x94 \x81", "x", "ISO-8859-1") == "“x” \ufffd"


def test_a_stray_nul_in_a_long_text_passes() -> None:
    assert decode(b"word " * 100 + b"\0", "x").endswith("\0")


def test_letters_that_begin_binary_formats_may_begin_a_text() -> None:
    for text in ("MZ is a mark", "BZh, bless you", "ID3 tags", "RIFF: a story", "GIF89a and GIF87a differ", "PAR1"):
        assert decode(text.encode(), "x") == text


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_every_utf8_text_comes_back(text: str) -> None:
    assert decode(b"." + text.encode(), "x") == "." + text


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_are_text_or_refused(data: bytes) -> None:
    with suppress(SourceNotText):
        assert len(decode(data, "x")) <= len(data)
