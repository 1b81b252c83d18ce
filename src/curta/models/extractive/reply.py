"""A task carried out: from texts and a wish to quotations."""

from typing import NamedTuple, Protocol

from curta.models.extractive.question import Pick, answer, authors_named, names_a_topic
from curta.models.extractive.quotation import Place, Quotation
from curta.models.extractive.reading import Reading, Sentence, read
from curta.models.extractive.wish import Task

BETTER_QUESTION = "The question names nothing to look for. Ask with a word that the text may hold."

# An author's name is a part of the question that is found: less of the rest will do.
OF_AUTHORS = 0.7


class HowMany(Protocol):
    """The options of `Extractive`."""

    @property
    def quotes(self) -> int: ...
    @property
    def need(self) -> float: ...
    @property
    def window(self) -> int: ...
    @property
    def stretches(self) -> int: ...


class Reply(NamedTuple):
    """coverage: how much of the question was found in one place; 1 for a summary.

    advice: what to do about an empty reply, when that is known.
    """

    quotations: list[Quotation]
    coverage: float
    advice: str = ""


def reply(task: Task, options: HowMany) -> Reply:
    """Carry out `task`. A question that names an author is first put to what that author wrote."""
    wish = task.wish
    asked = wish.question or wish.topic
    reading = read(task.documents, asked)
    if asked and (authors := authors_named(reading, asked)):
        found = _of_authors(reading, authors, asked, options)
        if found.quotations:
            return found
    if asked:
        found = _answer(reading, asked, options)
        if found.quotations or wish.question:
            return found
    return _summary(reading, wish.sentences or options.stretches)


def _answer(reading: Reading, question: str, options: HowMany, share: float = 1.0) -> Reply:
    """share: of `options.need`, what will do."""
    found = answer(reading, question, quotes=options.quotes, need=share * options.need, window=options.window)
    advice = "" if found.asked or not reading.sentences else BETTER_QUESTION
    return Reply(_quotations(reading, found.picks), found.coverage, advice)


def _summary(reading: Reading, count: int) -> Reply:
    from curta.models.extractive.summary import summary

    picks = summary(reading, count)
    return Reply(_quotations(reading, picks), 1.0 if picks else 0.0)


def _of_authors(reading: Reading, authors: dict[str, str], question: str, options: HowMany) -> Reply:
    """What the named authors say of the rest of the question; of everything, when the question has no rest."""
    theirs = [s for s in reading.sentences if s.span and s.span.author in authors]
    rest = question
    for name in authors.values():
        rest = rest.replace(name, " ")
    only = reading._replace(sentences=theirs)
    if not names_a_topic(rest):
        return _summary(only, options.quotes)
    return _answer(only, rest, options, OF_AUTHORS)


def _quotations(reading: Reading, picks: list[Pick]) -> list[Quotation]:
    """Each pick with the other sources that hold the very same sentence."""
    return [
        Quotation((_place(reading, pick.sentence), *_elsewhere(reading, pick.sentence)), pick.score) for pick in picks
    ]


def _place(reading: Reading, sentence: Sentence) -> Place:
    return Place(reading.documents[sentence.source], sentence.start, sentence.end, sentence.span)


def _elsewhere(reading: Reading, sentence: Sentence) -> list[Place]:
    """The first place in every other source with the very same sentence, white space apart."""
    if len(reading.documents) < 2:
        return []
    said = reading.text(sentence).split()
    found: dict[int, Place] = {}
    for other in reading.sentences:
        fresh = other.source != sentence.source and other.source not in found
        if fresh and other.terms == sentence.terms and reading.text(other).split() == said:
            found[other.source] = _place(reading, other)
    return list(found.values())
