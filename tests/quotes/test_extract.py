"""What an answer quotes, and whom it says it quotes."""

import json

import pytest

from curta.events import Citation
from curta.messages import Document, Span
from curta.quotes import check, fix
from curta.quotes.extract import extract

AUTHORS = {"ann", "bob", "ann lee"}


def texts(answer: str) -> list[str]:
    return [quotation.text for quotation in extract(answer)]


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('He said "the wheel turned" twice.', ["the wheel turned"]),
        ("Er sagte „das Rad dreht“ und “es geht”.", ["das Rad dreht", "es geht"]),
        ("Il dit « la roue tourne » enfin.", ["la roue tourne"]),
        ("Er sagte »das Rad dreht« heute.", ["das Rad dreht"]),
        ("他说「水轮又转起来了」。", ["水轮又转起来了"]),
        ("> the wheel turned", ["the wheel turned"]),
        ("> the wheel turned\n> once more\n\n> A new line.", ["the wheel turned\nonce more", "A new line."]),
        ("> One sentence here.\n> Another sentence there.", ["One sentence here.", "Another sentence there."]),
        ("> the wheel turned\n> — ann", ["the wheel turned"]),
        ("> the wheel turned — ann", ["the wheel turned"]),
        ('> "the wheel turned" — ann', ["the wheel turned"]),
        (
            '> the "big wheel" turned and the miller was glad of it',
            ['the "big wheel" turned and the miller was glad of it'],
        ),
        ('"wraps over\none line"', ["wraps over\none line"]),
        ('“opened so, closed otherwise"', ["opened so, closed otherwise"]),
        ('"opened so, closed otherwise”', ["opened so, closed otherwise"]),
        ('"not over a\n\nblank line"', []),
        ('A 5" pipe and a 6" pipe.', []),
        ("“he said “go home” to her”", ["he said “go home” to her"]),
        ('```\nprint("hello big world")\n```\n', []),
        ('Use `print("hello big world")` here.', []),
        ('`"the wheel turned"`', ["the wheel turned"]),
        ('~~"the wheel turned"~~ [unverified: not found]', []),
        ('Here:\n\n```json\n[{"quote": "the wheel \\"turned\\""}]\n```\n', ['the wheel "turned"']),
        ('```json\n{"a": 1}\n```\n\n"the wheel turned"', ["the wheel turned"]),
        (
            "Er sagte »[...] das Rad« und »... dreht sich« und »*es* geht«.",
            ["[...] das Rad", "... dreht sich", "*es* geht"],
        ),
        ("Er sagte »$5 sind es« und »(es) geht so«.", ["$5 sind es", "(es) geht so"]),
        ('_"the wheel turned"_ and 他说"水轮又转起来了"。', ["the wheel turned", "水轮又转起来了"]),
        ('So "every "smart" engine I use" fails.', ['every "smart" engine I use']),
        ('So "every \\"smart\\" engine I use" fails.', ['every "smart" engine I use']),
        ('So \\"the wheel turned\\" it is.', ["the wheel turned"]),
        (
            '"the first part," he said, "the second part" and "a third one"',
            ["the first part,", "the second part", "a third one"],
        ),
        ("He said ‘the users’ wheel didn’t turn’ twice.", ["the users’ wheel didn’t turn"]),
        ("The ‘agile way’ of the ‘90s, the users’ own.", []),
        (
            "- > the wheel turned\n1. > the mill stood.\n      > it rained",
            ["the wheel turned", "the mill stood.", "it rained"],
        ),
    ],
)
def test_quotations_are_found(answer: str, found: list[str]) -> None:
    assert texts(answer) == found


@pytest.mark.parametrize(
    ("answer", "author"),
    [
        ('"the wheel turned" — ann', "ann"),
        ('"the wheel turned" -- Ann Lee, in May', "Ann Lee"),
        ('"the wheel turned" – @bob', "bob"),
        ('"the wheel turned"\n— zoe', "zoe"),
        ('"the wheel turned" — Zoe Brown', "Zoe Brown"),
        ('"the wheel turned" — which nobody had expected', None),
        ('"the wheel turned" (ann)', "ann"),
        ('"the wheel turned" (see below)', None),
        ('"the wheel turned" - bob', "bob"),
        ('"the wheel turned" - and so on', None),
        ('ann: "the wheel turned"', "ann"),
        ('**Ann Lee**: "the wheel turned"', "Ann Lee"),
        ('Example: "the wheel turned"', None),
        ('@zoe: "the wheel turned"', "zoe"),
        ('As bob wrote, "the wheel turned"', "bob"),
        ('"the wheel turned," said ann.', "ann"),
        ('- ann: "one wheel turned"\n- bob: "the wheel turned"', "bob"),
    ],
)
def test_the_claimed_author_is_found(answer: str, author: str | None) -> None:
    assert extract(answer, AUTHORS)[-1].claimed == author


def test_quotations_of_a_json_answer_have_their_authors() -> None:
    answer = json.dumps(
        {
            "themes": [
                {"author": "ann", "quote": 'he said "go"', "claim": "It says “the wheel turned” too"},
                {"quotes": ["the first one", "the second one"], "by": "bob"},
                {"quote": {"text": "the third one", "author": "zoe"}},
            ]
        },
        indent=1,
    )
    found = {quotation.text: quotation.claimed for quotation in extract(answer, AUTHORS)}
    assert found == {
        'he said "go"': "ann",
        "the wheel turned": None,
        "the first one": "bob",
        "the second one": "bob",
        "the third one": "zoe",
    }


def test_positions_point_into_the_answer() -> None:
    answer = 'Well, "the wheel turned", he said; > no\n> the mill is old here\n“it is so”'
    for quotation in extract(answer):
        assert answer[quotation.start : quotation.end] == quotation.text


TEXT = "The wheel turned again. Nobody had hoped for it."
SOURCE = Document(TEXT, uri="a.txt", spans=(Span(0, len(TEXT), "ann"),))


def cited(answer: str, words: str, start: int, end: int, document: Document = SOURCE) -> Citation:
    at = answer.index(words)
    return Citation(at, at + len(words), document.sha256, start, end)


def test_a_citation_is_verified_at_its_place() -> None:
    answer = "The wheel turned again. (So it says.)"
    (quote,) = check(answer, [SOURCE], citations=[cited(answer, "The wheel turned again.", 0, 23)]).quotes
    assert (quote.status, quote.ok, quote.places[0].text) == ("verbatim", True, "The wheel turned again.")


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [("The wheel turned again.", 1, 24), ("The wheel stood still.", 0, 22), ("The wheel turned again.", 24, 48)],
)
def test_a_citation_is_never_trusted(words: str, start: int, end: int) -> None:
    report = check(words, [SOURCE], citations=[cited(words, words, start, end)])
    assert report.ok is False


def test_a_citation_of_an_unknown_document_fails() -> None:
    words = "The wheel turned again."
    report = check(words, [SOURCE], citations=[cited(words, words, 0, 23, Document("other"))])
    assert report.quotes[0].flags == ("cites an unknown document",)


def test_a_cited_quotation_counts_once_and_keeps_its_claimed_author() -> None:
    answer = "“The wheel turned again.” — bob"
    report = check(answer, [SOURCE], citations=[cited(answer, "The wheel turned again.", 0, 23)])
    assert [(quote.status, quote.author_ok) for quote in report.quotes] == [("verbatim", False)]


def test_marks_inside_cited_words_open_nothing() -> None:
    source = Document('"Well, I never," she said. "It is late," he said, "and I am going home."')
    words = '"Well, I never," she said. "It is late,"'
    answer = words + " and that was all."
    report = check(answer, [source], citations=[cited(answer, words, 0, len(words), source)])
    assert [quote.ok for quote in report.quotes] == [True]


def test_citations_out_of_bounds_fail() -> None:
    citation = Citation(5, 4000, SOURCE.sha256, 7, 90_000)
    assert check("The wheel turned again.", [SOURCE], citations=[citation]).ok is False


def test_words_of_the_question_are_labelled_not_judged() -> None:
    report = check('You ask "what do they think of pickles".', [SOURCE], prompt="So what do they think of pickles?")
    assert [(quote.status, quote.ok) for quote in report.quotes] == [("prompt", None)]
    report = check('"what do they think of pickles" — ann', [SOURCE], prompt="So what do they think of pickles?")
    assert report.ok is False


def test_without_authors_in_the_sources_an_attribution_is_unchecked() -> None:
    (quote,) = check('"the wheel turned again" — Plato', [Document(TEXT)]).quotes
    assert (quote.ok, quote.author_ok, quote.quotation.claimed) == (True, None, "Plato")


@pytest.mark.parametrize(
    "answer",
    [
        {"supporting_quote": "the wheel turned"},
        {"a": {"Source Text": "the wheel turned", "n": 1}},
        {"citations": ["the wheel turned"]},
        [{"text": "the wheel turned", "author": "ann"}],
    ],
)
def test_the_usual_names_of_quote_fields_are_known(answer: object) -> None:
    assert texts(json.dumps(answer)) == ["the wheel turned"]


def test_an_answer_in_which_nothing_is_quoted_says_so() -> None:
    assert check("It turned.", [SOURCE]).summary().startswith("no quotations to verify")


def test_json_in_a_fence_after_prose_is_mended_as_json() -> None:
    answer = 'Here:\n\n```json\n{"quote": "The wheel \\"turned\\" twice again."}\n```\n'
    mended = fix(answer, check(answer, [SOURCE]))
    assert json.loads(mended.split("```json\n")[1].split("```")[0])


@pytest.mark.parametrize("marks", ['""', "“”", "«»"])
def test_a_very_long_quotation_hides_neither_itself_nor_the_next(marks: str) -> None:
    answer = f"He said {marks[0]}{'invented words ' * 400}{marks[1]} and {marks[0]}Fabricated words here now.{marks[1]}"
    found = [quotation.text.strip() for quotation in extract(answer, set())]
    assert [len(text) > 5000 for text in found] == [True, False]
    assert found[1] == "Fabricated words here now."
