"""Documents whose spans are pages: they say where, not who."""

from curta.messages import Document, Span
from curta.quotes import check

PAGES = Document(
    "The committee met in spring. It decided to build\n\nthe bridge over the river.",
    "minutes.pdf",
    spans=(Span(0, 48, locator="page 1"), Span(50, 76, locator="page 2")),
)


def test_a_quotation_is_placed_on_its_page() -> None:
    (quote,) = check('He says "the bridge over the river".', [PAGES]).quotes
    assert [(place.locator, PAGES.text[place.start : place.end]) for place in quote.places] == [
        ("page 2", "the bridge over the river")
    ]


def test_a_sentence_may_run_on_from_one_page_to_the_next() -> None:
    (quote,) = check('It says "It decided to build the bridge over the river".', [PAGES]).quotes
    assert quote.ok
    assert quote.places[0].locator == "page 1"


def test_pages_are_nobodys_words_so_no_author_is_wrong() -> None:
    (quote,) = check('As Ann wrote: "The committee met in spring."', [PAGES]).quotes
    assert quote.ok
    assert quote.author_ok is not False
