"""The law of offsets: whatever a model writes, what is shown as verified stands at its place in a whole document."""

import re
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from curta.answering import passages
from curta.answering.claims import Claim
from curta.answering.form import Draft, read
from curta.answering.passages import Passage
from curta.answering.verifying import Verifier
from curta.index.search import Hit
from curta.messages import Document, Span
from curta.quotes.tokens import core
from curta.text.normalise import normalise

WORDS = st.sampled_from(
    "the mill was not built in 1794 ﬁne ½ cafe\u0301 Straße don’t “so” (never) 3,500 £5 – … *all* naïve co\u00adoperate"
    " 水車 は 建 てた مطحنة мельница non-toxic İstanbul \u200bword e.g. [a] 10 % don't".split(" ")
)
GAPS = st.sampled_from([" ", " ", " ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "  ", ". ", ", ", "—"])
TEXTS = st.lists(st.tuples(WORDS, GAPS), min_size=12, max_size=80).map(lambda pairs: "".join(map("".join, pairs)))
CHANGES = st.sampled_from(
    [
        lambda text: text,
        lambda text: " ".join(text.split()),
        lambda text: text.replace("’", "'").replace("“", '"').replace("”", '"'),
        str.upper,
        lambda text: " ".join(text.split()[1:-1]),
        lambda text: text[1:-1],
        lambda text: text.replace(" not ", " "),
        lambda text: text.replace("1794", "1749"),
        lambda text: " … ".join((" ".join(text.split()[:3]), " ".join(text.split()[-3:]))),
        lambda text: f"“{text}”",
        lambda text: text[::-1],
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document, whole, of two authors, or in pages."""
    text = draw(TEXTS)
    cut = draw(st.integers(0, len(text)))
    authors = draw(st.sampled_from([(), (None, None), ("ann", "bob")]))
    ends = ((0, cut), (cut, len(text)))
    spans = tuple(Span(*each, author, f"page {n}") for n, (each, author) in enumerate(zip(ends, authors, strict=False)))
    return Document(text, draw(st.sampled_from(["a.txt", "b.txt", ""])), spans=spans)


@st.composite
def given_passages(draw: st.DrawFn) -> tuple[Passage, ...]:
    """Stretches of a few documents, also ones that overlap or follow each other."""
    hits = []
    for rank in range(draw(st.integers(1, 5))):
        source = draw(documents())
        start = draw(st.integers(0, len(source.text) // 2))
        end = draw(st.integers(min(start + 40, len(source.text)), len(source.text)))
        hits.append((Hit(rank, 1.0, 1.0, None, source.uri, "", start, end, source.text[start:end]), source))
    return passages.found(hits)


@st.composite
def drafts(draw: st.DrawFn, known: tuple[Passage, ...]) -> list[Draft]:
    """What a model may write: words of a passage, changed or not, under whatever number."""
    made = []
    for _ in range(draw(st.integers(1, 4))):
        text = draw(st.sampled_from(known)).document.text
        words = [match.span() for match in re.finditer(r"\S+", text)] or [(0, len(text))]
        first = draw(st.integers(0, len(words) - 1))
        last = min(first + draw(st.integers(3, 20)), len(words) - 1)
        quote = draw(CHANGES)(text[words[first][0] : words[last][1]])
        made.append(Draft("It is so.", quote, draw(st.sampled_from([None, -1, 0, 1, 2, 3, 99]))))
    return made


@settings(max_examples=120)
@given(st.data())
def test_what_is_verified_stands_at_its_offsets(data: st.DataObject) -> None:
    known = data.draw(given_passages())
    written = data.draw(drafts(known))
    judged = Verifier("Was it built?", known).claims(written, "")
    sources = {each.source.sha256: each.source for each in known}
    for claim in judged.claims:
        assert claim.ok == (claim.problem == "")
        for place in claim.note.places if claim.note else ():
            whole = sources[place.document.sha256]
            assert whole.text[place.start : place.end] == place.text != ""
            assert any(each.start <= place.start < place.end <= each.end for each in known if each.source == whole)
        assert says_the_same(claim)


def says_the_same(claim: Claim) -> bool:
    """Whether the words at the place of a claim are those that the model wrote, typography and case aside."""
    if claim.note is None or claim.status == "elided":
        return True
    letters = (normalise(text).text for text in (claim.note.quotation, claim.quote))
    shown, wrote = ("".join(filter(str.isalnum, core(text.strip()))) for text in letters)
    return shown == wrote


@settings(max_examples=40)
@given(st.data())
def test_passages_are_the_text_of_their_documents(data: st.DataObject) -> None:
    known = data.draw(given_passages())
    assert [each.number for each in known] == list(range(1, len(known) + 1))
    assert len({each.document.sha256 for each in known}) == len(known)
    for each in known:
        assert each.source.text[each.start : each.end] == each.document.text
        for span in each.document.spans:
            whole = each.source.span_at(each.start + span.start)
            assert span.start == span.end or (whole and (whole.author, whole.locator) == (span.author, span.locator))


@settings(max_examples=120)
@given(st.text(alphabet=string.printable + '{}[]",:\\“水' * 4, max_size=200))
def test_any_answer_can_be_read(answer: str) -> None:
    found = read(answer)
    assert found is None or all(draft.claim for draft in found)
