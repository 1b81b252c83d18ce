"""Questions that are computed, not remembered: what counts is what the model's program prints."""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import NamedTuple

from curta.evals.suites.family import Family, Row, generated
from curta.evals.suites.words.material import THINGS, WEEKDAYS, capital, day, listed, person, place, spelt
from curta.evals.suites.words.passages import passage


class _Problem(NamedTuple):
    """A text, a question about it, and a program that leaves the answer in `result`. tolerance: of the answer."""

    text: str
    question: str
    program: str
    tolerance: float = 0.0


def _bill(chance: Random) -> _Problem:
    bought = [
        (chance.randrange(2, 30), thing, chance.randrange(199, 9_900) / 100) for thing in chance.sample(THINGS, 4)
    ]
    discount, tax = chance.randrange(3, 19), chance.randrange(5, 24)
    told = listed([f"{count} {thing} at {price:.2f} crowns each" for count, thing, price in bought])
    return _Problem(
        f"{person(chance)} bought {told}. There was a discount of {discount} % on everything, and after that a tax of"
        f" {tax} % was added.",
        "How many crowns were paid in all?",
        f"items = {[(count, price) for count, _, price in bought]}\n"
        f"result = sum(n * price for n, price in items) * (1 - {discount} / 100) * (1 + {tax} / 100)",
        0.02,
    )


def _savings(chance: Random) -> _Problem:
    begun, rate, years = chance.randrange(800, 9_000), chance.randrange(11, 79) / 10, chance.randrange(6, 22)
    saved = chance.randrange(60, 900)
    return _Problem(
        f"{person(chance)} put {begun} crowns into an account. At the end of each year the bank adds {rate} % of what"
        f" is there, and then {saved} crowns more are paid in. This went on for {years} years.",
        "How many crowns are in the account at the end?",
        f"result = {begun}\nfor year in range({years}):\n    result = result * (1 + {rate} / 100) + {saved}",
        0.05,
    )


def _days(chance: Random) -> _Problem:
    first = day(chance)
    last = first + timedelta(days=chance.randrange(120, 2_500))
    weekday = chance.randrange(7)
    return _Problem(
        f"The bakery of {place(chance)} opened on {spelt(first)}, and closed for good after {spelt(last)}.",
        f"How many {WEEKDAYS[weekday]}s are there from the first day to the last, both of them counted?",
        f"from datetime import date, timedelta\nday, result = date({first.year}, {first.month}, {first.day}), 0\n"
        f"while day <= date({last.year}, {last.month}, {last.day}):\n"
        f"    result += day.weekday() == {weekday}\n    day += timedelta(days=1)",
    )


def _readings(chance: Random) -> _Problem:
    values = [chance.randrange(200, 9_800) / 10 for _ in range(chance.randrange(14, 25))]
    limit = chance.randrange(250, 700)
    return _Problem(
        f"The readings of the gauge at {place(chance)}, in litres: {', '.join(map(str, values))}.",
        f"What is the sum of all readings above {limit} litres?",
        f"values = {values}\nresult = sum(v for v in values if v > {limit})",
        0.01,
    )


def _spread(chance: Random) -> _Problem:
    values = [chance.randrange(12, 99) for _ in range(chance.randrange(9, 16))]
    what, name = chance.choice((("median", "median"), ("population standard deviation", "pstdev"), ("mean", "fmean")))
    return _Problem(
        f"The guests at the table of {person(chance)} are aged {listed([str(each) for each in values])}.",
        f"What is the {what} of their ages, to at least two decimals?",
        f"import statistics\nresult = statistics.{name}({values})",
        0.01,
    )


def _letters(chance: Random) -> _Problem:
    text, letter = passage(chance), chance.choice("aeinorst")
    return _Problem(
        text,
        f"How often does the letter {letter} occur in the document, small or capital?",
        f"text = {text!r}\nresult = text.lower().count({letter!r})",
    )


def _long_words(chance: Random) -> _Problem:
    text, least = passage(chance), chance.randrange(5, 8)
    return _Problem(
        text,
        f"How many words of at least {least} letters has the document? A word is a run of the letters a to z; every"
        " occurrence counts, and hyphens, apostrophes and points part words.",
        f"import re\ntext = {text!r}\nresult = sum(len(w) >= {least} for w in re.findall('[A-Za-z]+', text))",
    )


def _units(chance: Random) -> _Problem:
    ells, reels, carts = (chance.randrange(3, 24) for _ in range(3))
    given = [chance.randrange(2, 60) for _ in range(3)]
    town = place(chance)
    return _Problem(
        f"In the old days rope was measured at {town} in ells, reels and carts. One reel was {ells} ells, one cart was"
        f" {reels} reels, and an ell was {carts} hands. {person(chance)} sold {given[0]} carts, {given[1]} reels and"
        f" {given[2]} ells.",
        "How many hands of rope is that?",
        f"ells = ({given[0]} * {reels} + {given[1]}) * {ells} + {given[2]}\nresult = ells * {carts}",
    )


def _primes(chance: Random) -> _Problem:
    low = chance.randrange(200, 4_000)
    high = low + chance.randrange(150, 900)
    return _Problem(
        f"At the fair of {place(chance)} the tickets had the numbers {low} to {high}. Whoever had a prime number won a"
        " lantern.",
        "How many lanterns were there to win?",
        f"result = sum(all(n % d for d in range(2, int(n ** 0.5) + 1)) for n in range({low}, {high + 1}))",
    )


def _journey(chance: Random) -> _Problem:
    legs = [(chance.randrange(12, 180), chance.randrange(11, 75)) for _ in range(chance.randrange(3, 6))]
    told = listed([f"{far} km at {fast} km/h" for far, fast in legs])
    rest = chance.randrange(12, 55)
    return _Problem(
        f"{person(chance)} travelled {told}, and between two stretches rested for {rest} minutes each time.",
        "How many minutes did the journey take?",
        f"legs = {legs}\nresult = sum(far / fast * 60 for far, fast in legs) + {rest} * (len(legs) - 1)",
        0.5,
    )


_PROBLEMS: tuple[Callable[[Random], _Problem], ...] = (
    _bill,
    _savings,
    _days,
    _readings,
    _spread,
    _letters,
    _long_words,
    _units,
    _primes,
    _journey,
)
_ASKS = (
    "{question} Compute it with a Python program that prints the number. If you can call the tool `python`, call it"
    " with the program; if not, answer with the program in one fenced block.",
    "Write a Python program that prints the answer, and nothing else, to this question about the document: {question}"
    " Call the tool `python` with it where you can; otherwise put it into a fenced block.",
    "{question}\n\nDo not work it out in your head: give a Python program that prints it, by a call of the tool"
    " `python` or, without tools, in a fenced block. It has to hold whatever it needs of the document.",
)


def _computed(chance: Random) -> Row:
    problem = chance.choice(_PROBLEMS)(chance)
    names: dict[str, float] = {}
    exec(problem.program, names)  # it is our own, from a few lines above
    return {
        "ask": chance.choice(_ASKS).format(question=capital(problem.question)),
        "text": problem.text,
        "value": names["result"],
        "tolerance": problem.tolerance,
        "reference": f"```python\n{problem.program}\nprint(result)\n```",
    }


COMPUTE = Family(
    "compute",
    "Computes the answer to a question with a program, which runs in the sandbox.",
    {
        "prompt": "$ask",
        "documents": ["text"],
        "tools": ["python"],
        "score": {"computed": {"value": "$value", "tolerance": "$tolerance"}},
    },
    generated("compute", _computed),
)
