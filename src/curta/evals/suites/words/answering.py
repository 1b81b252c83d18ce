"""Answer from a text, and quote the sentence that says so; say so when it is not there."""

from random import Random

from curta.evals.suites.family import Family, Row, generated
from curta.evals.suites.words.notes import note

_ASKS = (
    "{question} Answer from the document, with the sentence that says so in quotation marks, word for word.",
    "Read the document and answer: {question} Then quote, in quotation marks and without a change, the sentence in"
    " which it stands.",
    "{question}\n\nGive the answer in a few words. On the next line copy, in quotation marks, the one sentence of the"
    " document that it rests on.",
)
_ASKS_OR_DECLINES = (
    "{question} Answer from the document only. If it does not say, answer: Not in the text.",
    "Does the document say this? {question} If so, answer in a few words; if not, write: Not in the text.",
    "{question}\n\nUse nothing but the document. Where it has no answer, say: Not in the text.",
)
NOT_THERE = "Not in the text."


def _answer(chance: Random) -> Row:
    told = note(chance)
    fact = chance.choice(told.facts)
    return {
        "ask": chance.choice(_ASKS).format(question=fact.question),
        "text": told.text,
        "answer": fact.answer,
        "reference": f'{fact.answer}\n"{fact.sentence}"',
    }


def _pair(chance: Random) -> list[Row]:
    """The same question twice: with the sentence that answers it, and without."""
    told = note(chance)
    fact = chance.choice(told.facts)
    ask = chance.choice(_ASKS_OR_DECLINES).format(question=fact.question)
    with_it = {"text": told.text, "absent": False, "answer": fact.answer, "reference": fact.answer}
    without = {"text": told.without(fact), "absent": True, "answer": "", "reference": NOT_THERE}
    return [{"ask": ask, **with_it}, {"ask": ask, **without}]


ANSWER = Family(
    "answer",
    "Answers a question from a text and quotes the sentence that says so, word for word.",
    {
        "prompt": "$ask",
        "documents": ["text"],
        "score": {"product": [{"quoted": "$answer"}, {"quotes": {"least": 0}}, {"length": {"max_words": 60}}]},
    },
    generated("answer", _answer),
)

REFUSE = Family(
    "refuse",
    "Answers when the text says it, and says that it is not there when the one sentence is gone.",
    {
        "prompt": "$ask",
        "documents": ["text"],
        "unit": "unit",
        "score": {"product": [{"refusal": "$absent"}, {"icontains": "$answer"}]},
    },
    generated("refuse", _pair),
    floor=0.5,
    each=2,
)
