"""Say the same otherwise: under constraints that a program can verify, with every name and number kept."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from curta.evals.suites.family import Family, Row, generated
from curta.evals.suites.words.material import MATERIALS, THINGS, WEEKDAYS, people, place


class _Plain(NamedTuple):
    """What a notice says, at length and in short. keep: the names and numbers in it."""

    text: str
    short: tuple[str, ...]
    keep: list[list[str]]


class _Constraint(NamedTuple):
    """asks: how it is asked for; follow: what the scorer checks; obey: makes the short sentences follow it."""

    asks: str
    follow: dict[str, Any]
    obey: "Callable[[list[str]], str]"


def _delivery(chance: Random) -> _Plain:
    (sender, receiver), where, things = people(chance, 2), place(chance), chance.choice(THINGS)
    count, hour, weekday = chance.randrange(14, 96), chance.randrange(6, 12), chance.choice(WEEKDAYS)
    return _Plain(
        f"As you will be aware, and as we have had occasion to mention before, it is {sender} who, in the course of the"
        f" coming week, and more precisely on {weekday}, at the hour of {hour}, will be bringing to {where}, provided,"
        f" of course, that the road is open, a number of {things}, namely {count} of them, which, all in all, and after"
        f" some discussion, are meant for nobody other than {receiver}.",
        (
            f"{sender} brings {count} {things} to {where}",
            f"They come at {hour} on {weekday}",
            f"They are for {receiver}",
        ),
        [[each] for each in (sender, receiver, where, str(count), str(hour), weekday)],
    )


def _works(chance: Random) -> _Plain:
    (engineer, owner), where = people(chance, 2), place(chance)
    metres, days, material = chance.randrange(21, 480), chance.randrange(13, 90), chance.choice(MATERIALS)
    return _Plain(
        f"With regard to the wall at {where}, which, as anybody who has passed there in recent months will have"
        f" noticed, is not what it was, it has now, at long last, been settled, after letters had gone to and fro, that"
        f" {engineer} will see to it that it is built anew, in {material}, over a length of {metres} metres, that this,"
        f" weather permitting, is to take {days} days, and that the cost, to the last penny, is borne by {owner}.",
        (
            f"{engineer} rebuilds the wall at {where} in {material}",
            f"It is {metres} metres long and takes {days} days",
            f"The money comes from {owner}",
        ),
        [[each] for each in (engineer, owner, where, material, str(metres), str(days))],
    )


def _race(chance: Random) -> _Plain:
    (winner, second), where = people(chance, 2), place(chance)
    minutes, seconds, boats = chance.randrange(31, 58), chance.randrange(2, 29), chance.randrange(11, 30)
    return _Plain(
        f"It was, there can be no doubt about it, and nobody who stood on the shore at {where} will say otherwise, a"
        f" race of the kind that one sees, if one is lucky, once in ten years: {boats} boats, large and small, had"
        f" set out, and it was, to the surprise of many, {winner} who, after {minutes} minutes, was the first to come"
        f" home, with {second}, whom most, for reasons of their own, had thought the likelier, only {seconds} seconds"
        f" behind.",
        (
            f"{boats} boats raced at {where}",
            f"{winner} won in {minutes} minutes",
            f"{second} came {seconds} seconds later",
        ),
        [[each] for each in (winner, second, where, str(boats), str(minutes), str(seconds))],
    )


_NOTICES = (_delivery, _works, _race)
_CLOSINGS = ("Thank you for reading.", "More next week.", "Pass it on.", "So much for today.")
_TITLES = ("In short", "Notice", "To be known", "News")


def _sentences(several: list[str]) -> str:
    return " ".join(f"{each}." for each in several)


def _forms(chance: Random) -> list[_Constraint]:
    """Ways to lay a text out; one of them at a time."""
    closing, title = chance.choice(_CLOSINGS), chance.choice(_TITLES)
    return [
        _Constraint(
            "as a list of exactly 3 items, each on a line that begins with `- `",
            {"items": 3},
            lambda several: "\n".join(f"- {each}." for each in several),
        ),
        _Constraint(
            "in exactly 3 paragraphs with an empty line between them",
            {"paragraphs": 3},
            lambda several: "\n\n".join(f"{each}." for each in several),
        ),
        _Constraint(
            f'so that the last words are "{closing}"',
            {"ends_with": closing},
            lambda several: f"{_sentences(several)} {closing}",
        ),
        _Constraint(
            f'so that it begins with "{title}:"',
            {"starts_with": f"{title}:"},
            lambda several: f"{title}: {_sentences(several)}",
        ),
        _Constraint("in lower case only", {"lowercase": True}, lambda several: _sentences(several).lower()),
        _Constraint("in CAPITALS only", {"uppercase": True}, lambda several: _sentences(several).upper()),
        _Constraint(
            "with a title in double angle brackets, such as <<Title>>",
            {"title": True},
            lambda several: f"<<{title}>>\n{_sentences(several)}",
        ),
    ]


_ASKS = (
    "Rewrite the document in at most {words} words, without any comma, {form}. Keep every name and every number, as"
    " they are written.",
    "Say what the document says {form}. No more than {words} words, no commas, and all its names and numbers kept as"
    " they are.",
    "Shorten the document to {words} words or fewer. Use no comma. Write it {form}. Leave out no name and no number.",
)


def _rewrite(chance: Random) -> Row:
    notice = chance.choice(_NOTICES)(chance)
    form = chance.choice(_forms(chance))
    most = chance.randrange(40, 60)
    return {
        "ask": chance.choice(_ASKS).format(words=most, form=form.asks),
        "text": notice.text,
        "follow": {"max_words": most, "no_commas": True, **form.follow},
        "keep": notice.keep,
        "reference": form.obey(list(notice.short)),
    }


REWRITE = Family(
    "rewrite",
    "Rewrites a notice under constraints that can be verified, and keeps every name and number.",
    {
        "prompt": "$ask",
        "documents": ["text"],
        "score": {"product": [{"constraints": {"follow": "$follow"}}, {"coverage": "$keep"}]},
    },
    generated("rewrite", _rewrite),
)
