"""HTML to text: structure kept, references resolved once, anything survived."""

from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.text.html import declared_charset, html_to_text


def text_of(html: str) -> str:
    return html_to_text(html).text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>one<p>two", "one\n\ntwo"),
        ("a\n  b\tc", "a b c"),
        ("a <b>b</b>c<i>d</i>", "a bcd"),
        ("one<br>two<br><br>three", "one\ntwo\n\nthree"),
        ("<div>one</div><div>two</div>", "one\ntwo"),
        ("<h1>Top</h1>words<h3>Deeper</h3>more", "# Top\n\nwords\n\n### Deeper\n\nmore"),
        ("<ul><li>one<li><p>two</p></ul>end", "- one\n- two\n\nend"),
        ("<ol><li>one</li><li>two</li></ol>", "1. one\n2. two"),
        ("<ul><li>one<ul><li>inner</ul><li>two</ul>", "- one\n  - inner\n- two"),
        ("<table><tr><th>a<th>b<tr><td><p>1</p><td>2</table>", "a | b\n1 | 2"),
        ("<table><tr><td><td>b<td>c</table>", "| b | c"),
        ("<table><tr><td>a<td><td>c<td></tr></table>z", "a |  | c\n\nz"),
        ("x<pre>\n  if a:\n    b &lt; c\n</pre>y", "x\n\n  if a:\n    b < c\n\ny"),
        ("<p>a</p><p></p><p> </p><p>b</p>", "a\n\nb"),
        ("a&nbsp;b", "a\N{NO-BREAK SPACE}b"),
    ],
)
def test_structure_is_kept(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("List&lt;int&gt;", "List<int>"),
        ("&amp;lt;", "&lt;"),
        ("&am<b></b>p;", "&amp;"),
        ("&lt;script&gt;x&lt;/script&gt;", "<script>x</script>"),
        ("it&#x27;s &quot;so&quot; &mdash; &#8364;", 'it\'s "so" — €'),
        ("AT&T &unknown; &", "AT&T &unknown; &"),
        ("&#" + "9" * 10_000 + ";|&#" + "0" * 10_000 + "65;|&#x" + "f" * 10_000 + ";", "\ufffd|A|\ufffd"),
    ],
)
def test_tags_are_told_apart_before_references_are_resolved(html: str, text: str) -> None:
    assert text_of(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "seen<script>if (a < b) document.write('</p>hidden')</script>",
        "seen<style>p > a { content: 'hidden' }</style>",
        "seen<noscript><p>hidden</noscript>",
        "seen<template><template>hidden</template>hidden</template>",
        "seen<svg><title>hidden</title><text>hidden</svg>",
        "seen<!-- hidden <p> -- > -->",
        "seen<SCRIPT>hidden</Script >",
        "<!doctype html><?php hidden ?>seen</>",
        "seen<script>hidden",
        "seen<a href='hidden",
    ],
)
def test_what_no_reader_sees_is_dropped(html: str) -> None:
    assert text_of(html) == "seen"


def test_a_sign_that_begins_no_tag_is_text() -> None:
    assert text_of("1 < 2 && 3 > 2 <- see <3") == "1 < 2 && 3 > 2 <- see <3"


def test_an_attribute_may_hold_a_closing_bracket() -> None:
    assert text_of("<img alt='a > b' title=\"c > d\">text") == "text"


def test_an_attribute_without_its_closing_quote_ends_with_its_tag() -> None:
    assert text_of('<a title="x>one</a> two') == "one two"


def test_the_title_is_apart_from_the_text() -> None:
    page = html_to_text("<head><title>\n The &lt;b&gt; &amp; more </title></head><body>text<title>other</title>")
    assert page == ("text", "The <b> & more")


def test_a_title_that_is_never_closed_does_not_swallow_the_page() -> None:
    assert html_to_text("<title>Oops<p>text") == ("Oops\n\ntext", "")


@pytest.mark.parametrize(
    ("shown", "kept"),
    [
        ("https://example.org/a/very/lo...", "https://example.org/a/very/long/path?a=1&b=2"),
        ("https://example.com/a/very/lo...", "https://example.com/a/very/lo..."),
        ("read more...", "read more..."),
        ("...", "..."),
    ],
)
def test_a_link_cut_short_is_shown_whole(shown: str, kept: str) -> None:
    href = "https:&#x2F;&#x2F;example.org/a/very/long/path?a=1&amp;b=2"
    assert text_of(f'see <a href="{href}" rel="nofollow">{shown}</a> there') == f"see {kept} there"


def test_a_parameter_of_a_link_is_no_character_reference() -> None:
    assert text_of("<a href='http://x.org/?a=1&copy=2'>http://x.org/...</a>") == "http://x.org/?a=1&copy=2"


@pytest.mark.parametrize(
    ("head", "charset"),
    [
        (b"<html><head><meta charset=koi8-r>", "koi8-r"),
        (b'<META http-equiv=Content-Type content="text/html; charset=Shift_JIS">', "Shift_JIS"),
        (b"<?xml version='1.0' encoding='ISO-8859-2'?><html>", "ISO-8859-2"),
        (b"<p>charset=koi8-r", ""),
        (b"<meta " * 10_000, ""),
    ],
)
def test_the_charset_a_page_declares(head: bytes, charset: str) -> None:
    assert declared_charset(head) == charset


@given(st.text())
def test_escaped_text_comes_back(text: str) -> None:
    words = " ".join(text.replace("\xa0", " ").split(" "))
    kept = text_of(f"<pre>.{escape(words)}.</pre>")
    assert kept == "." + words.replace("\r\n", "\n").replace("\r", "\n") + "."


_TAGS = [f"<{slash}{name}>" for slash in ("", "/") for name in ("p", "li", "ul", "ol", "table", "tr", "td", "pre", "a")]
_ODD = ["<br>", "<h2>", "<script>", "</script>", "<title>", "</title>", "<template>", "<svg/>", "<a href='x...'>"]
_PIECES = [
    "<!--",
    "-->",
    "<!",
    "</",
    "<",
    ">",
    "&",
    "&#x3c;",
    "&lt",
    "&amp;",
    "'",
    '"',
    "=",
    "x...",
    "\0",
    "\n",
    "\r",
    "é",
]
_FRAGMENTS = st.sampled_from([*_TAGS, *_ODD, *_PIECES, "word", " ", "\ud800"])


@settings(max_examples=200)
@given(st.lists(_FRAGMENTS, max_size=40).map("".join))
def test_no_page_is_too_broken(html: str) -> None:
    page = html_to_text(html)
    assert page.text == page.text.rstrip(" \n")
    assert len(page.text) <= len(html) * 8 + 8


@pytest.mark.parametrize(
    "unit",
    [
        "<!--",
        "<![",
        "<a ",
        '<a x="',
        "<a x='>\"",
        "</a ",
        "<div>",
        "&",
        "&#",
        "<script>",
        "<title>",
        "<ul><li>",
        "<td>",
    ],
)
def test_five_megabytes_of_broken_markup_are_read(unit: str) -> None:
    """Anything that is not linear would take hours here."""
    size = 5_000_000 if len(unit) < 4 else 500_000
    html_to_text(unit * (size // len(unit)))
