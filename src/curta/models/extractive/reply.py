"""A task carried out: from texts and a wish to quotations."""

from typing import NamedTuple, Protocol

from curta.models.extractive.question import Pick, answer
from curta.models.extractive.quotation import Place, Quotation
from curta.models.extractive.reading import Reading, Sentence, read
from curta.models.extractive.wish import Task
from curta.text.terms import words

BETTER_QUESTION = "The question names nothing to look for. Ask with a word that the text may hold."


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
    wish = task.wish
    reading = read(task.documents, wish.question or wish.topic)
    if asked := wish.question or wish.topic:
        found = answer(reading, asked, quotes=options.quotes, need=options.need, window=options.window)
        if found.picks or wish.question:
            advice = "" if found.asked or not reading.sentences else BETTER_QUESTION
            return Reply(_quotations(reading, found.picks), found.coverage, advice)
    from curta.models.extractive.summary import summary

    picks = summary(reading, wish.sentences or options.stretches)
    return Reply(_quotations(reading, picks), 1.0 if picks else 0.0)


def _quotations(reading: Reading, picks: list[Pick]) -> list[Quotation]:
    """Each pick with the other sources that hold the very same sentence."""
    return [
        Quotation((_place(reading, pick.sentence), *_elsewhere(reading, pick.sentence)), pick.score) for pick in picks
    ]


def _place(reading: Reading, sentence: Sentence) -> Place:
    return Place(reading.documents[sentence.source], sentence.start, sentence.end, sentence.span)


def _elsewhere(reading: Reading, sentence: Sentence) -> list[Place]:
    """The first place in every other source with the same words."""
    if len(reading.documents) < 2:
        return []
    said = words(reading.text(sentence))
    found: dict[int, Place] = {}
    for other in reading.sentences:
        fresh = other.source != sentence.source and other.source not in found
        if fresh and other.terms == sentence.terms and words(reading.text(other)) == said:
            found[other.source] = _place(reading, other)
    return list(found.values())
