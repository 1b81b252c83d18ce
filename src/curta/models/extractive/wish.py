"""What the last user message asks for: a summary, or an answer to a question; and of which text."""

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from curta.messages import Document, Request
from curta.models.extractive import vocabulary
from curta.models.extractive.legible import is_question
from curta.text.sentences import sentences
from curta.text.terms import language, terms

LONG_MESSAGE = 25  # words; beyond that a message is an instruction with details, not a topic


class Wish(NamedTuple):
    """question: what to look for; "" asks for a summary.

    topic: what a summary should keep to, "" for all of the text.
    sentences: how many were asked for ("in three sentences"), None where nothing was said.
    """

    question: str
    topic: str = ""
    sentences: int | None = None


class Task(NamedTuple):
    """A wish and the texts it is about."""

    wish: Wish
    documents: Sequence[Document]


def task(request: Request) -> Task | None:
    """What `request` wants of which texts; None when it holds no text to quote from.

    All Documents of all turns are sources. The question is the last user message; earlier turns are not input. System
    text counts only when that message has no words.
    """
    asked = next((message.text.strip() for message in reversed(request.messages) if message.role == "user"), "")
    if documents := request.documents:
        return Task(wish(asked or _verbs_of(request.system)), documents)
    return _within(asked)


def wish(message: str) -> Wish:
    """Whether `message` asks for a summary, and of what; any other message is a question."""
    if not message.strip():
        return Wish("")
    if not (request := _request_for_summary(message)):
        return Wish(message)
    return Wish("", _topic(request) if len(message.split()) <= LONG_MESSAGE else "", _number_of_sentences(request))


def _verbs_of(instructions: str) -> str:
    """Instructions that ask for a summary; others are not for this model."""
    return instructions if _request_for_summary(instructions) else ""


# A request for a summary


def _request_for_summary(message: str) -> str:
    """The first sentence of `message` that asks for a summary, "" when none does.

    Words of summarising inside a question of fact ("Who wrote the summary?") do not ask for one.
    """
    folded = message.casefold()
    if not any(sign in folded for sign in vocabulary.SIGNS.split()):
        return ""
    patterns = _patterns()
    for start, end in sentences(message):
        sentence = message[start:end]
        named = patterns.name.search(sentence)
        if patterns.fact.match(sentence):
            if named and not _named(sentence):
                return sentence
        elif patterns.order.search(sentence) or (named and patterns.begin.match(sentence)):
            return sentence
    return ""


def _named(sentence: str) -> list[str]:
    """The words of a sentence that name something besides the text and its summary."""
    bare = _patterns().name.sub(" ", sentence)
    code = language(sentence)
    return [term for term in terms(bare, code) if term not in _texts(code)]


def _topic(sentence: str) -> str:
    """What a summary should keep to: "summarize what is said about the harbour"."""
    found = _patterns().topic.search(sentence)
    if not found or found["text"]:
        return ""
    topic = _patterns().number.sub("", found["topic"]).strip()
    return topic if _named(topic) else ""


def _number_of_sentences(sentence: str) -> int | None:
    found = _patterns().number.search(sentence)
    if not found:
        return None
    written = found["number"].casefold()
    return int(written) if written.isdecimal() else _numbers().get(written)


# Text in the prompt itself


def _within(message: str) -> Task | None:
    """Question and text in one message: the last paragraph that asks is the question, the rest is the text.

    Where none asks, the shorter of the first and the last is taken for the question.
    """
    paragraphs = _paragraphs(message)
    if len(paragraphs) < 2:
        return None
    asking = [span for span in paragraphs if _asks(message[slice(*span)])]
    start, end = asking[-1] if asking else min(paragraphs[-1], paragraphs[0], key=lambda span: span[1] - span[0])
    rest = message[:start].rstrip() + ("\n\n" if start else "") + message[end:].lstrip()
    return Task(wish(message[start:end]), (Document(rest, "prompt", trust="user"),))


def _paragraphs(message: str) -> list[tuple[int, int]]:
    """Stretches between blank lines; the lines, when there is no blank one."""
    parts = [match.span() for match in re.finditer(r"\S(?:[^\n]|\n(?!\s*\n))*", message)]
    return parts if len(parts) > 1 else [match.span() for match in re.finditer(r"\S[^\n]*", message)]


def _asks(paragraph: str) -> bool:
    return (
        is_question(paragraph) or bool(_patterns().imperative.match(paragraph)) or bool(_request_for_summary(paragraph))
    )


# Words


class _Patterns(NamedTuple):
    order: re.Pattern[str]
    name: re.Pattern[str]
    fact: re.Pattern[str]
    imperative: re.Pattern[str]
    begin: re.Pattern[str]
    topic: re.Pattern[str]
    number: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    """Compiled on first use: most questions need none of them."""
    spoken = {name: "|".join(words.values()) for name, words in _SPOKEN.items()}
    number = rf"\b(?P<number>\d{{1,3}}|{'|'.join(_numbers())})\s+(?:[\w-]+\s+){{0,2}}?(?:{vocabulary.COUNTED})\b"
    return _Patterns(
        order=_compiled(
            rf"\b(?:{spoken['orders']})\b|{vocabulary.ORDERS_UNSPACED}"
            rf"|\A\W*{vocabulary.ORDER_FIRST}\b(?! (?:the|a|my)\b)"
        ),
        name=_compiled(rf"\b(?:{spoken['names']})\b"),
        fact=_compiled(rf"\W*(?:{spoken['facts']})\b"),
        imperative=_compiled(rf"\W*(?:{spoken['imperatives']})\b"),
        begin=_compiled(
            rf"\W*(?:{spoken['imperatives']}|{vocabulary.WITHOUT_VERB}|{spoken['names']}|\d+|{'|'.join(_numbers())})\b"
        ),
        topic=_compiled(
            rf"(?P<text>\b(?:{vocabulary.THIS})\s+(?:\w+\s+)?(?:{vocabulary.TEXTS})\s+)?"
            rf"\b(?:{vocabulary.ABOUT})\s+(?P<topic>[^.!?;:]+)"
        ),
        number=_compiled(number),
    )


_SPOKEN = {
    "orders": vocabulary.ORDERS,
    "names": vocabulary.NAMES,
    "facts": vocabulary.FACTS,
    "imperatives": vocabulary.IMPERATIVES,
}


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@cache
def _numbers() -> dict[str, int]:
    return {word: value for row in reversed(vocabulary.NUMBERS) for value, word in enumerate(row.split(), 1)}


@cache
def _texts(code: str | None) -> frozenset[str]:
    """Terms that name a text or its parts."""
    listed = vocabulary.TEXTS.replace("|", " ").replace("?", "") + " " + vocabulary.AROUND_TEXTS
    return frozenset(terms(listed, code))
