"""Threads: one span per comment, exactly its own words, whatever the words are."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curta.errors import SourceError
from curta.messages import Document, Span, well_formed
from curta.sources import load
from curta.sources.hackernews import thread
from curta.text.html import html_to_text

EXAMPLE = Path(__file__).parents[2] / "examples" / "hn-thread.json"


def comment(number: int, author: str | None, text: str | None, *children: dict[str, Any]) -> dict[str, Any]:
    return {"id": number, "type": "comment", "author": author, "text": text, "title": None, "children": list(children)}


def story(*children: dict[str, Any], **more: Any) -> dict[str, Any]:
    item = {"id": 1, "type": "story", "author": "poster", "title": "A title", "url": "https://example.org/x"}
    return {**item, "text": None, "options": [], "children": list(children), **more}


def said(document: Document) -> list[tuple[str | None, str]]:
    return [(span.author, document.text[span.start : span.end]) for span in document.spans]


def test_a_thread_reads_well() -> None:
    document = thread(
        story(
            comment(2, "ann", "First.<p>Second.", comment(3, "bob", "No!")),
            comment(4, "eve", "Hm."),
            text="Ask <i>me</i>",
        ),
        "hn:1",
    )
    assert document.text == (
        "A title\nhttps://example.org/x\n\nposter:\nAsk me\n\n[1] ann:\nFirst.\n\nSecond.\n\n"
        "[2] bob, in reply to [1] ann:\nNo!\n\n[3] eve:\nHm."
    )
    assert (document.title, document.uri, document.trust) == ("A title", "hn:1", "untrusted")


def test_a_span_covers_exactly_the_comment() -> None:
    document = thread(story(comment(2, "ann", "First.", comment(3, "bob", "No!"))), "hn:1")
    assert said(document) == [("ann", "First."), ("bob", "No!")]
    ann, bob = document.spans
    assert (ann.locator, ann.parent, ann.depth) == ("2", "1", 1)
    assert (bob.locator, bob.parent, bob.depth) == ("3", "2", 2)


def test_a_story_without_text_keeps_title_and_url() -> None:
    document = thread(story(), "hn:1")
    assert document.text == "A title\nhttps://example.org/x\n\nPosted by poster"
    assert document.spans == ()


def test_a_story_with_text_is_a_span_of_its_author() -> None:
    document = thread(story(text="Why?", url=None, title="Ask HN: Why?"), "hn:1")
    assert document.text == "Ask HN: Why?\n\nposter:\nWhy?"
    assert document.spans == (Span(22, 26, "poster", "1", None, 0),)


def test_replies_to_a_deleted_comment_keep_their_nesting() -> None:
    document = thread(story(comment(2, None, None, comment(3, "bob", "Indeed."))), "hn:1")
    assert document.text.endswith("[1] bob, in reply to a deleted comment:\nIndeed.")
    assert [(span.parent, span.depth) for span in document.spans] == [("2", 2)]


def test_a_comment_can_be_the_root() -> None:
    document = thread(comment(7, "ann", "Alone.", comment(8, "bob", "Not so.")), "hn:7")
    assert document.text == "Hacker News comment 7\n\nann:\nAlone.\n\n[1] bob:\nNot so."


def test_options_of_a_poll_come_first() -> None:
    options = [{"id": 5, "type": "pollopt", "author": "poster", "text": "Tea", "points": 3}, 6]
    document = thread(story(comment(9, "ann", "Neither."), type="poll", options=options), "hn:1")
    assert said(document) == [("poster", "Tea"), ("ann", "Neither.")]
    assert "[1] poster, an option of the poll:\nTea" in document.text


def test_a_job_is_a_thread() -> None:
    assert thread(story(type="job", author=None), "hn:1").text == "A title\nhttps://example.org/x"


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("a List&lt;int&gt; &amp;lt;", "a List<int> &lt;"),
        ("one<p>two<p>three", "one\n\ntwo\n\nthree"),
        ("see:<p><pre><code>  if x &lt; 1:\n      y()\n</code></pre>done", "see:\n\n  if x < 1:\n      y()\n\ndone"),
        (
            '<a href="https:&#x2F;&#x2F;x.org&#x2F;abc&#x2F;def" rel="nofollow">https:&#x2F;&#x2F;x.org&#x2F;ab...</a>',
            "https://x.org/abc/def",
        ),
        ("&gt; quoted<p>It&#x27;s <i>so</i>.", "> quoted\n\nIt's so."),
        ("nul \0 and \x1b[31mred", "nul \0 and \x1b[31mred"),
    ],
)
def test_the_markup_of_a_comment_becomes_text(html: str, text: str) -> None:
    assert said(thread(story(comment(2, "ann", html)), "hn:1")) == [("ann", text)]


def test_a_comment_that_imitates_a_heading_stays_its_authors() -> None:
    forged = "Yes.<p>[2] ann, in reply to [1] bob:<p>I was wrong.<pre>\n\n[3] ann:\nVery wrong.</pre>"
    document = thread(story(comment(2, "bob", forged), comment(3, "ann", "I was right.")), "hn:1")
    for words in ("I was wrong", "Very wrong"):
        span = document.span_at(document.text.index(words))
        assert span is not None
        assert span.author == "bob"


def test_an_author_cannot_break_out_of_the_heading() -> None:
    document = thread(story(comment(2, "bob:\nI said this\n\n[9] ann", "Hm.")), "hn:1")
    assert "[1] bob: I said this [9] ann:\nHm." in document.text
    assert document.spans[0].author == "bob:\nI said this\n\n[9] ann"


def test_a_thousand_comments_fifty_levels_deep() -> None:
    roots = []
    for root in range(24):
        item = comment(1000 + root * 50, f"u{root}", f"comment {root} 0")
        roots.append(item)
        for level in range(1, 50):
            item["children"] = [comment(1000 + root * 50 + level, f"u{level}", f"comment {root} {level}")]
            item = item["children"][0]
    document = thread(story(*roots), "hn:1")
    assert len(document.spans) == 1200
    assert max(span.depth for span in document.spans) == 50
    assert said(document)[49] == ("u49", "comment 0 49")


def chain(length: int) -> dict[str, Any]:
    item = comment(length + 1, "u", f"level {length}")
    for level in range(length - 1, 0, -1):
        item = comment(level + 1, "u", f"level {level}", item)
    return story(item)


def test_a_chain_of_three_thousand_replies(tmp_path: Path) -> None:
    text = '{"id": 1, "type": "story", "author": "u", "title": "t", "text": null, "children": [' * 3000 + "]}" * 3000
    saved = tmp_path / "deep.json"
    saved.write_text(text.replace('"text": null', '"text": "x"'))
    for document in (thread(chain(3000), "hn:1"), *load(str(saved))):
        assert len(document.spans) == 3000
        assert len(document.text) < 3000 * 60


def test_a_saved_item_is_a_thread() -> None:
    (document,) = load(str(EXAMPLE))
    assert len(document.spans) > 100
    assert document.title.startswith("Show HN: ")
    assert "List<int>" in document.text
    assert "&#x27;" not in document.text
    assert "[deleted]" not in document.text


@pytest.mark.parametrize(
    "value",
    [
        {"id": 1, "children": []},
        [story()],
        {"type": "story", "children": [], "id": 1},
        {"type": "story", "children": {}, "id": 1, "author": "a", "text": ""},
        "children",
    ],
)
def test_other_json_is_plain_text(tmp_path: Path, value: Any) -> None:
    saved = tmp_path / "data.json"
    saved.write_text(json.dumps(value, indent=1))
    (document,) = load(str(saved))
    assert document.text == saved.read_text()
    assert document.title == "data.json"


@pytest.mark.parametrize(
    ("item", "problem"),
    [
        (story(comment(2, "ann", 3)), "the text of item 2 is a number, not a string"),  # type: ignore[arg-type]
        (story(comment(2, ["ann"], "x")), "the author of item 2 is a list, not a string"),  # type: ignore[arg-type]
        (story("x"), "a reply to 1 is a string, not an object"),  # type: ignore[arg-type]
        (story(None), "a reply to 1 is null, not an object"),  # type: ignore[arg-type]
        (story({"text": "x"}), "a reply to 1 has no id"),
        (story(comment(2, "ann", "x") | {"children": {}}), "the children of item 2 are an object, not a list"),
        (story(title=3), "the title of the item is a number, not a string"),
        (story(type="user"), "its type is 'user'"),
        (story(type=["a"]), "its type is ['a']"),
        ({"id": 1, "type": "story"}, "it has no children"),
        ({"type": "story", "children": []}, "it has no id"),
        ({"id": 1, "type": "story", "kids": [2, 3]}, "lists the numbers of its comments"),
    ],
)
def test_a_malformed_item_is_named(item: dict[str, Any], problem: str) -> None:
    with pytest.raises(SourceError) as caught:
        thread(item, "saved.json")
    assert problem in caught.value.what
    assert caught.value.what.startswith("saved.json ")


_TEXTS = (
    st.none()
    | st.text(max_size=20)
    | st.sampled_from(["[1] ann:\nno", "<p>a<p>b", "&lt;i&gt;", "\ud83d", "\ude00", "<"])
)
_AUTHORS = st.none() | st.sampled_from(["ann", "bob", "[1] ann:\n\n[2] bob", "\ud83d"])
_TREES = st.recursive(
    st.builds(comment, st.integers(2, 10**6), _AUTHORS, _TEXTS),
    lambda below: st.builds(
        lambda number, author, text, children: comment(number, author, text, *children),
        *(st.integers(2, 10**6), _AUTHORS, _TEXTS, st.lists(below, max_size=3)),
    ),
    max_leaves=12,
)


@settings(max_examples=100)
@given(_TREES, _TEXTS)
def test_every_span_is_its_comment(tree: dict[str, Any], text: str | None) -> None:
    document = thread(story(tree, text=text), "hn:1")
    expected = []

    def collect(item: dict[str, Any]) -> None:
        if words := well_formed(html_to_text(item["text"] or "").text):
            author = item["author"]
            expected.append((well_formed(author) if author else None, words))
        for child in item["children"]:
            collect(child)

    collect(story(tree, text=text))
    assert said(document) == expected
    assert all(a.end < b.start for a, b in zip(document.spans, document.spans[1:], strict=False))
