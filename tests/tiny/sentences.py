"""The whole world of the tiny model: people who have coloured things in towns, and questions about them.

Standard library only: the script that trains the model, the tests and the benchmarks draw from it.
"""

from dataclasses import dataclass
from random import Random

NAMES = "Ada Ben Cal Dan Eva Fay Gus Hal Ida Jon Kim Lea Max Nia Oli Pam Ray Sue Tom Una".split()
COLOURS = "red blue green pink grey gold".split()
THINGS = "kite drum bike hat lamp book boat ball cup map bell coat".split()
TOWNS = "Oslo Lima Rome Bonn Cork Kyiv Bern Nice York Lyon Riga Graz".split()
VERBS = "has a|lost a|sold a|found a".split("|")


@dataclass(frozen=True, slots=True)
class Fact:
    """What one sentence says."""

    name: str
    verb: str
    colour: str
    thing: str
    town: str

    @property
    def sentence(self) -> str:
        return f"{self.name} {self.verb} {self.colour} {self.thing} in {self.town}."

    @property
    def record(self) -> str:
        return f'{{"name": "{self.name}", "colour": "{self.colour}", "place": "{self.town}"}}'


def facts(random: Random, count: int) -> list[Fact]:
    """`count` facts about people, things and towns that are all different."""
    people, things, towns = random.sample(NAMES, count), random.sample(THINGS, count), random.sample(TOWNS, count)
    return [
        Fact(name, random.choice(VERBS), random.choice(COLOURS), thing, town)
        for name, thing, town in zip(people, things, towns, strict=True)
    ]


def questions(fact: Fact) -> list[tuple[str, str]]:
    """What can be asked about a fact, and the right answers."""
    return [
        (f"Where is {fact.name}?", fact.town),
        (f"Who is in {fact.town}?", fact.name),
        (f"What colour is the {fact.thing}?", fact.colour),
        (f"Quote {fact.name}.", fact.sentence),
        (f"Give {fact.name} as JSON.", fact.record),
    ]


def text(told: list[Fact]) -> str:
    """The facts as running text."""
    return " ".join(fact.sentence for fact in told)


def conversation(random: Random, turns: int = 3) -> list[tuple[str, str]]:
    """A text of one to four facts and `turns` questions about them; the text stands before the first."""
    told = facts(random, random.randint(1, 4))
    asked = [random.choice(questions(random.choice(told))) for _ in range(turns)]
    (first, answer), *others = asked
    return [(f"{text(told)} {first}", answer), *others]
