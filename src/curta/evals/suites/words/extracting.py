"""Extract facts from letters to a schema; what a letter does not say is null."""

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, NamedTuple

from curta.evals.suites.family import Family, Row, generated
from curta.evals.suites.words.material import COLOURS, THINGS, capital, day, person, place, spelt
from curta.messages import JSON


class _Field(NamedTuple):
    """A field of a letter. about: what it is told to be; draw: its value, and how the letter says it."""

    about: str
    type: str
    draw: "Callable[[Random], tuple[JSON, str]]"


class _Letter(NamedTuple):
    """A kind of letter. sentences: how each field is said, `{x}` is its value."""

    opening: tuple[str, ...]
    sentences: Mapping[str, tuple[str, ...]]
    fields: Mapping[str, _Field]


def _words(draw: "Callable[[Random], str]") -> "Callable[[Random], tuple[JSON, str]]":
    def drawn(chance: Random) -> tuple[JSON, str]:
        value = draw(chance)
        return value, value

    return drawn


def _number(low: int, high: int) -> "Callable[[Random], tuple[JSON, str]]":
    def drawn(chance: Random) -> tuple[JSON, str]:
        value = chance.randrange(low, high)
        return value, f"{value:,}"

    return drawn


def _amount(chance: Random) -> tuple[JSON, str]:
    cents = chance.randrange(1250, 480_000)
    return cents / 100, f"{cents / 100:,.2f}"


def _date(chance: Random) -> tuple[JSON, str]:
    when = day(chance)
    return when.isoformat(), spelt(when)


_NAME = _Field("full name", "string", _words(person))
_TOWN = _Field("town", "string", _words(place))
_WHEN = _Field("date as YYYY-MM-DD", "string", _date)

_LETTERS = (
    _Letter(
        ("I should like to book a room for our society.", "We are looking for a room for a meeting."),
        {
            "name": ("My name is {x}.", "Please put it down for {x}.", "Ask for {x} when you ring."),
            "date": ("The day would be {x}.", "We thought of {x}.", "It has to be {x}, and no other day."),
            "guests": ("There will be {x} of us.", "Please set chairs for {x} people.", "We expect {x} guests."),
            "town": ("Most of us come from {x}.", "We are from {x}."),
            "colour": ("A {x} table cloth would please our president.", "Could the curtains be the {x} ones?"),
        },
        {
            "name": _NAME,
            "date": _WHEN,
            "guests": _Field("number of guests", "integer", _number(8, 240)),
            "town": _TOWN,
            "colour": _Field("colour asked for", "string", _words(lambda chance: chance.choice(COLOURS))),
        },
    ),
    _Letter(
        ("Please find the invoice for last month below.", "Herewith our bill, with thanks for your custom."),
        {
            "customer": ("It is addressed to {x}.", "The goods were ordered by {x}.", "For the attention of {x}."),
            "number": ("The number of the invoice is {x}.", "When you pay, quote invoice {x}."),
            "total": ("The total comes to {x} crowns.", "All in all you owe {x} crowns.", "{x} crowns are to be paid."),
            "due": ("It is due on {x}.", "We ask for payment by {x}.", "Kindly pay before the end of {x}."),
            "item": ("Delivered were {x}, as always.", "It is for the {x} that you sent for."),
        },
        {
            "customer": _NAME,
            "number": _Field(
                "number of the invoice",
                "string",
                _words(lambda chance: f"{chance.choice('ABCKRT')}-{chance.randrange(1000, 9999)}"),
            ),
            "total": _Field("total in crowns", "number", _amount),
            "due": _Field("date it is due as YYYY-MM-DD", "string", _date),
            "item": _Field("what was delivered", "string", _words(lambda chance: chance.choice(THINGS))),
        },
    ),
    _Letter(
        ("I have lost something in your train.", "Something of mine must still be on board."),
        {
            "item": (
                "It is one of my {x}.",
                "What I miss is one of the {x} from my shop.",
                "I deal in {x}: it is one.",
            ),
            "colour": ("You will know it by its colour, which is {x}.", "It is {x} all over."),
            "date": ("I travelled on {x}.", "It was on {x}, in the evening.", "The day was {x}."),
            "carriage": ("I sat in carriage {x}.", "The carriage had the number {x}."),
            "owner": ("I am {x}.", "Inside you will find my name, {x}.", "Yours in hope, {x}."),
            "town": ("I got off at {x}.", "My station is {x}."),
        },
        {
            "item": _Field("kind of thing, in the plural", "string", _words(lambda chance: chance.choice(THINGS))),
            "colour": _Field("its colour", "string", _words(lambda chance: chance.choice(COLOURS))),
            "date": _WHEN,
            "carriage": _Field("number of the carriage", "integer", _number(1, 19)),
            "owner": _NAME,
            "town": _TOWN,
        },
    ),
    _Letter(
        ("A short notice for your calendar.", "Would you print this for us?"),
        {
            "speaker": ("The lecture is given by {x}.", "We have won {x} as the speaker.", "{x} will speak."),
            "place": ("It takes place in {x}.", "Come to {x}."),
            "date": ("The evening is that of {x}.", "Mark {x} in red.", "It begins on {x}, at eight."),
            "price": ("Tickets are {x} crowns.", "Entrance is {x} crowns, children free."),
            "seats": ("There are {x} seats.", "The hall holds {x} people."),
        },
        {
            "speaker": _NAME,
            "place": _TOWN,
            "date": _WHEN,
            "price": _Field("price in crowns", "number", _amount),
            "seats": _Field("number of seats", "integer", _number(40, 2400)),
        },
    ),
)
_PADDING = (
    "The weather has been dreadful.",
    "My sister sends her regards to your wife.",
    "We were very content last time.",
    "I write in a hurry, as the post leaves soon.",
    "Do not trouble to ring back before noon.",
    "The cat has had kittens again.",
    "I hope this finds you well.",
)
_ASKS = (
    "Extract these fields from the document as JSON, and write nothing else: {fields}. Use null for what it does not"
    " say.",
    "Answer with one JSON object that has exactly these keys: {fields}. The values come from the document; a value that"
    " is not there is null.",
    "Fill in from the document, as JSON only: {fields}. Where the document says nothing, put null.",
)


def _letter(chance: Random) -> Row:
    letter = chance.choice(_LETTERS)
    wanted = chance.sample(sorted(letter.fields), 4)
    missing = wanted[0] if chance.random() < 0.5 else None
    facts: dict[str, JSON] = {}
    sentences = chance.sample(_PADDING, 3)
    for name in sorted(letter.fields):
        value, said = letter.fields[name].draw(chance)
        if name == missing:
            value = None
        elif name in wanted or chance.random() < 0.5:
            sentences.append(capital(chance.choice(letter.sentences[name]).format(x=said)))
        if name in wanted:
            facts[name] = value
    chance.shuffle(sentences)
    facts = {name: facts[name] for name in wanted}
    fields = ", ".join(f"{name} ({letter.fields[name].about}, {letter.fields[name].type})" for name in wanted)
    return {
        "ask": chance.choice(_ASKS).format(fields=fields),
        "text": f"Dear Sir or Madam,\n\n{chance.choice(letter.opening)} {' '.join(sentences)}",
        "facts": facts,
        "schema": _schema({name: letter.fields[name].type for name in wanted}),
        "reference": json.dumps(facts),
    }


def _schema(types: Mapping[str, str]) -> dict[str, Any]:
    properties = {name: {"type": [type, "null"]} for name, type in types.items()}
    return {"type": "object", "properties": properties, "required": list(types), "additionalProperties": False}


EXTRACT = Family(
    "extract",
    "Extracts facts from a letter as JSON: the schema is followed, the values are right, what is missing is null.",
    {
        "prompt": "$ask",
        "documents": ["text"],
        "score": {"product": [{"json-schema": {"schema": "$schema"}}, {"field-f1": {"expected": "$facts"}}]},
    },
    generated("extract", _letter),
)
