"""Answer from a text, and quote the sentence that says so; say so when it is not there."""

from random import Random

from curta.evals.suites.family import Family, Row, generated
from curta.evals.suites.words.notes import note

_QUOTING = (
    "Answer from the document, in a few words. On the next line copy the sentence that says so, word for word, in"
    " quotation marks.",
    "You are given a document and a question. Reply with the answer, and then quote, in quotation marks and without a"
    " change, the one sentence of the document that it rests on.",
    "Answer questions about the document briefly. Under each answer put the sentence of the document in which it"
    " stands, exactly as it stands there, in quotation marks.",
)
_DECLINING = (
    "Answer from the document only, in a few words. If it does not say, answer: Not in the text.",
    "You answer questions about a document. Where it has no answer, you write: Not in the text.",
    "Use nothing but the document. Keep the answer short, and if the document has none, say: Not in the text.",
)
NOT_THERE = "Not in the text."


def _answer(chance: Random) -> Row:
    told = note(chance)
    fact = chance.choice(told.facts)
    return {
        "how": chance.choice(_QUOTING),
        "ask": fact.question,
        "text": told.text,
        "answer": fact.answer,
        "reference": f'{fact.answer}\n"{fact.sentence}"',
    }


def _pair(chance: Random) -> list[Row]:
    """The same question twice: with the sentence that answers it, and without."""
    told = note(chance)
    fact = chance.choice(told.facts)
    asked = {"how": chance.choice(_DECLINING), "ask": fact.question}
    says_it = [{"product": [{"refusal": False}, {"coverage": [fact.answer]}]}]
    with_it = {"text": told.text, "answer": fact.answer, "expect": says_it, "reference": fact.answer}
    without = {"text": told.without(fact), "answer": "", "expect": [{"refusal": True}], "reference": NOT_THERE}
    return [{**asked, **with_it}, {**asked, **without}]


ANSWER = Family(
    "answer",
    "Answers a question from a text and quotes the sentence that says so, word for word.",
    {
        "system": "$how",
        "prompt": "$ask",
        "documents": ["text"],
        "score": {"product": [{"length": {"max_words": 60}}, {"quoted": "$answer"}, {"quotes": {"least": 0}}]},
    },
    generated("answer", _answer),
)

REFUSE = Family(
    "refuse",
    "Answers when the text says it, and says that it is not there when the one sentence is gone.",
    {
        "system": "$how",
        "prompt": "$ask",
        "documents": ["text"],
        "unit": "unit",
        "score": {"expect": "$expect"},
    },
    generated("refuse", _pair),
    floor=0.5,
    each=2,
)
