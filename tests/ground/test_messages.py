"""The nouns: equal content has an equal hash, everything survives JSON, offsets mean what they say."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curta.messages import (
    Attachment,
    Document,
    Message,
    Part,
    Reasoning,
    Request,
    Span,
    Text,
    Tool,
    ToolCall,
    ToolResult,
    assistant,
    canonical,
    chain,
    system,
    user,
    well_formed,
)

words = st.text(max_size=40)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | words, lambda x: st.lists(x, max_size=3), max_leaves=5
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(st.text(max_size=200))
    text = well_formed(text)
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=6)))
    spans = [
        Span(a, b, draw(st.none() | words.map(well_formed)), str(a))
        for a, b in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    return Document(text, draw(words), draw(words), tuple(spans))


simple_parts = st.one_of(
    words.map(Text),
    documents(),
    st.builds(Attachment, st.just("image/png"), st.binary(max_size=20), words.map(well_formed)),
    st.builds(Reasoning, words.map(well_formed), values),
    st.builds(ToolCall, st.just("id"), st.just("name"), st.dictionaries(st.just("x"), values)),
)
parts: st.SearchStrategy[Part] = simple_parts | st.builds(
    ToolResult, st.just("id"), st.lists(simple_parts, max_size=2).map(tuple), st.booleans()
)
messages = st.builds(
    Message, st.sampled_from(["system", "user", "assistant", "tool"]), st.lists(parts, max_size=3).map(tuple)
)


@given(messages)
def test_a_message_survives_json(message: Message) -> None:
    again = Message.from_dict(json.loads(json.dumps(message.to_dict())))
    assert again == message
    assert again.sha256 == message.sha256


@given(st.lists(messages, min_size=1, max_size=4).map(tuple))
def test_a_request_survives_json(said: tuple[Message, ...]) -> None:
    request = Request("m", said, {"temperature": 0.5}, {"type": "object"}, (Tool("t", "does", {}),), "auto")
    again = Request.from_dict(json.loads(json.dumps(request.to_dict())))
    assert again == request
    assert again.sha256() == request.sha256()


@given(st.lists(messages, max_size=6), st.integers(0, 6))
def test_a_chain_can_be_continued_from_anywhere(said: list[Message], at: int) -> None:
    assert chain(said[at:], chain(said[:at])) == chain(said)


def test_the_order_and_the_role_enter_the_chain() -> None:
    one, two = user("a"), assistant("b")
    assert chain([one, two]) != chain([two, one])
    assert user("a").sha256 != system("a").sha256


@pytest.mark.parametrize(
    "change",
    [
        {"model": "other"},
        {"options": {"seed": 1}},
        {"schema": {"type": "object"}},
        {"messages": (user("hello"),)},
        {"choice": "none"},
    ],
)
def test_whatever_determines_the_answer_enters_the_hash(change: dict[str, object]) -> None:
    plain = {"model": "m", "messages": (user("hi"),), "options": {}, "schema": None, "choice": None}
    assert Request(**plain).sha256() != Request(**{**plain, **change}).sha256()  # type: ignore[arg-type]


@given(documents(), st.integers(0, 200))
def test_span_at_finds_the_span_that_holds_an_offset(document: Document, offset: int) -> None:
    holding = [span for span in document.spans if span.start <= offset < span.end]
    assert document.span_at(offset) == (holding[0] if holding else None)


@pytest.mark.parametrize("spans", [[Span(0, 9)], [Span(2, 3), Span(0, 1)], [Span(0, 2), Span(1, 3)], [Span(2, 1)]])
def test_spans_that_cannot_be_are_refused(spans: list[Span]) -> None:
    with pytest.raises(ValueError, match="ordered, disjoint"):
        Document("abcd", spans=tuple(spans))


def test_lines_are_counted_from_one() -> None:
    document = Document("one\ntwo\nthree")
    assert [document.line_at(document.text.index(word)) for word in ("one", "two", "three")] == [1, 2, 3]


@given(st.text(st.characters(), max_size=50) | st.text(st.characters(categories=["Cs"]), max_size=5))
def test_texts_are_well_formed(text: str) -> None:
    made = Text(text).text
    made.encode()
    assert made == text or any(0xD800 <= ord(c) < 0xE000 for c in text)


def test_canonical_json_has_one_form() -> None:
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
    with pytest.raises(ValueError, match=r"[Oo]ut of range|JSON compliant"):
        canonical(float("nan"))


def test_each_document_of_a_request_counts_once() -> None:
    document = Document("text", "a.txt")
    request = Request("m", (user(document, "one"), assistant("two"), user(document, Document("other"), "three")))
    assert [each.text for each in request.documents] == ["text", "other"]
