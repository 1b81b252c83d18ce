"""Pages as a browser builds them, and as the tokeniser reads them."""

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.text.html import html_to_text
from curta.text.html_tree import page_to_text


def _element(inside: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def wrapped(name: str, attributes: str = "") -> st.SearchStrategy[str]:
        return inside.map(lambda content: f"<{name}{attributes}>{content}</{name}>")

    blocks = st.sampled_from("div section article blockquote".split()).flatmap(wrapped)
    lists = st.lists(inside, min_size=1, max_size=3).map(lambda each: f"<ul><li>{'</li><li>'.join(each)}</li></ul>")
    hidden = wrapped("div", " hidden") | wrapped("section", ' style="color: red; display: none"')
    return blocks | lists | hidden | st.lists(inside, max_size=3).map("".join)


_WORDS = st.text('ab &<>"é\n', max_size=8).map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;"))
_PARAGRAPH = _WORDS.map(lambda words: f"<p>{words} <b>{words}</b><br>{words}</p>")
_HEADING = _WORDS.map(lambda words: f"<h2>{words}</h2>")
_PRE = _WORDS.map(lambda words: f"<pre>{words}</pre>")
_TABLE = _WORDS.map(lambda words: f"<table><tbody><tr><td>{words}</td><td>b</td></tr></tbody></table>")
_PAGES = st.recursive(_PARAGRAPH | _HEADING | _PRE | _TABLE, _element, max_leaves=8)


@settings(max_examples=150)
@given(_PAGES)
def test_a_well_formed_page_reads_the_same_with_and_without_the_extra(body: str) -> None:
    page = f"<!DOCTYPE html><html><head><title>T &amp; t</title></head><body>{body}</body></html>"
    assert page_to_text(page) == html_to_text(page)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ul><li hidden>a<li>b</ul>c", "- a\n- b\n\nc"),
        ("<table><tr><td>a</td></tr>stray</table>", "stray\n\na"),
        ("<p>a<table><tr><td>b", "a\n\nb"),
        ("<div hidden><p>not seen</div>seen", "seen"),
        ("<div style='x:y;display:none'>not seen</div>seen", "seen"),
        ("<div class='hidden' title='hidden'>seen</div>", "seen"),
        ("<pre>\na &lt; b\r\nc</pre>", "a < b\nc"),
        ("<a href='http://x.org/?a=1&amp;b=2'>http://x.org/...</a>", "http://x.org/?a=1&b=2"),
        ("<script>no</script><style>no</style><svg><text>no</text></svg><template>no</template>yes", "yes"),
        ("", ""),
        ("\ud800<p>a\0b", "\ud800\n\na\0b"),
    ],
)
def test_the_tree_decides(html: str, text: str) -> None:
    assert page_to_text(html).text == text


@pytest.mark.parametrize("html", ["<div>" * 200_000 + "x", "<p><b class=1><i class=2>" * 50_000 + "x"])
def test_a_page_that_is_dear_to_build_is_left_to_the_tokeniser(html: str) -> None:
    assert page_to_text(html) == html_to_text(html)


@settings(max_examples=100)
@given(
    st.lists(st.sampled_from(["<p>", "</p>", "<table>", "<td>", "<a>", "</b>", "<b>", "<!--", "<li>", "x", "&", "\0"]))
)
def test_any_page_is_read(pieces: list[str]) -> None:
    page_to_text("".join(pieces))


def test_without_selectolax_pages_are_read_by_the_tokeniser() -> None:
    program = (
        "import sys; sys.modules['selectolax'] = None; sys.modules['selectolax.lexbor'] = None\n"
        "from curta.text.html_tree import page_to_text; print(page_to_text('<h1>a</h1><p>b').text)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "# a\n\nb\n"
