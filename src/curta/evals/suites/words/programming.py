"""Write a small function from its description: steps put together by chance, so that none is known by heart."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any, NamedTuple

from curta.evals.suites.family import Family, Row, generated


class _Step(NamedTuple):
    """A step of a function: what it does, in words, and in Python on the variable `it`."""

    words: str
    code: str


class _Kind(NamedTuple):
    """Functions of one kind of argument. steps: made by chance; ends: what is returned; draw: an argument."""

    takes: str
    begins: str
    steps: "Callable[[Random], Sequence[_Step]]"
    ends: Sequence[_Step]
    draw: "Callable[[Random], Any]"
    nothing: Any


def _number_steps(chance: Random) -> Sequence[_Step]:
    small, other, big = chance.randrange(2, 8), chance.randrange(2, 5), chance.randrange(5, 25)
    return (
        _Step(f"drop every number that is divisible by {small}", f"it = [n for n in it if n % {small}]"),
        _Step(f"keep only the numbers that are greater than {-big}", f"it = [n for n in it if n > {-big}]"),
        _Step(f"multiply each number by {small} and add {big}", f"it = [n * {small} + {big} for n in it]"),
        _Step("replace each number by its square", "it = [n * n for n in it]"),
        _Step("replace each number by its absolute value", "it = [abs(n) for n in it]"),
        _Step("sort the numbers, the largest first", "it = sorted(it, reverse=True)"),
        _Step("remove repeated numbers, keeping the first of each", "it = list(dict.fromkeys(it))"),
        _Step(f"keep the first {big - 3} numbers only, or all if there are fewer", f"it = it[:{big - 3}]"),
        _Step(f"keep every {_ORDINALS[other]} number, beginning with the first", f"it = it[::{other}]"),
        _Step(
            "replace each number by the sum of all numbers up to and including it",
            "it = [sum(it[: i + 1]) for i in range(len(it))]",
        ),
        _Step(
            "replace the list by the differences of neighbours (each number minus the one before it)",
            "it = [b - a for a, b in zip(it, it[1:])]",
        ),
        _Step(
            f"move the first {other} numbers to the end, if there are more than {other}",
            f"it = it[{other}:] + it[:{other}] if len(it) > {other} else it",
        ),
    )


def _word_steps(chance: Random) -> Sequence[_Step]:
    few, other, letter = chance.randrange(3, 6), chance.randrange(2, 5), chance.choice("aeinost")
    return (
        _Step(f"drop every word shorter than {few} letters", f"it = [w for w in it if len(w) >= {few}]"),
        _Step(f"drop every word that contains the letter {letter}", f"it = [w for w in it if {letter!r} not in w]"),
        _Step("write each word backwards", "it = [w[::-1] for w in it]"),
        _Step(f"remove the letter {letter} from each word", f"it = [w.replace({letter!r}, '') for w in it]"),
        _Step(
            "write the first letter of each word as a capital, and leave the others as they are",
            "it = [w[:1].upper() + w[1:] for w in it]",
        ),
        _Step(
            "sort the words by length, the shortest first, words of the same length in the order they came in",
            "it = sorted(it, key=len)",
        ),
        _Step("remove repeated words, keeping the first of each", "it = list(dict.fromkeys(it))"),
        _Step(f"keep every {_ORDINALS[other]} word, beginning with the first", f"it = it[::{other}]"),
        _Step("write after each word, without a space, how many letters it has", "it = [w + str(len(w)) for w in it]"),
        _Step("reverse the order of the words", "it = it[::-1]"),
    )


_ORDINALS = ("", "", "second", "third", "fourth")
_VOCABULARY = (
    "lantern sea stone apple river night tea oar salt window note ant tin island rain letter sun a net otter east so"
    " toast linen on iron seat moss hat ten lion pine"
).split()

_NUMBERS = _Kind(
    "a list of integers",
    "it = list(values)",
    _number_steps,
    (
        _Step("return the list", "return it"),
        _Step("return the sum of the numbers, 0 if there are none", "return sum(it)"),
        _Step("return the largest number, or None if there is none", "return max(it) if it else None"),
        _Step("return how many numbers are left", "return len(it)"),
    ),
    lambda chance: [chance.randrange(-40, 60) for _ in range(chance.randrange(1, 13))],
    [],
)
_WORDS = _Kind(
    "a string of words in lower case with a space between two of them, which may be empty",
    "it = values.split()",
    _word_steps,
    (
        _Step("return the words as one string, with a hyphen between two of them", "return '-'.join(it)"),
        _Step("return the words as a list", "return it"),
        _Step("return the number of letters and digits in all words together", "return sum(len(w) for w in it)"),
    ),
    lambda chance: " ".join(chance.choices(_VOCABULARY, k=chance.randrange(1, 12))),
    "",
)
_NAMES = "sift blend prune settle shuffle_out tally ripple fold_up trim gather weave distil".split()
_ASKS = (
    "Write a Python function `{name}(values)`. It takes {takes}, and does this, one after the other:\n{steps}\nAnswer"
    " with the function in one fenced block.",
    "I need a function in Python, called `{name}`, with one argument, `values`: {takes}. In this order it shall:\n"
    "{steps}\nGive me the code only, in a fenced block.",
    "Implement `def {name}(values)` in Python. `values` is {takes}.\n{steps}\nWrite one fenced block with the function,"
    " and no examples.",
)


def _program(chance: Random) -> Row:
    kind = chance.choice((_NUMBERS, _WORDS))
    steps = [*chance.sample(list(kind.steps(chance)), 3), chance.choice(kind.ends)]
    name = chance.choice(_NAMES)
    body = "\n".join(f"    {line}" for line in (kind.begins, *(each.code for each in steps)))
    source = f"def {name}(values):\n{body}"
    names: dict[str, Any] = {}
    exec(source, names)  # it is put together of our own steps
    arguments = [kind.nothing, *(kind.draw(chance) for _ in range(8))]
    checks = [f"assert program.{name}({each!r}) == {names[name](each)!r}" for each in arguments]
    told = "\n".join(f"{number}. {each.words}" for number, each in enumerate(steps, 1))
    return {
        "ask": chance.choice(_ASKS).format(name=name, takes=kind.takes, steps=told),
        "tests": "\n".join(["import program", *checks]),
        "reference": f"```python\n{source}\n```",
    }


PROGRAM = Family(
    "program",
    "Writes a small function from its description; it passes its tests in a fresh sandbox.",
    {"prompt": "$ask", "score": {"program": {"tests": "$tests"}}},
    generated("program", _program),
)
