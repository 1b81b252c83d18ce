"""Accounts of invented houses: sentences with one fact each, and the question that no other sentence answers."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import NamedTuple

from curta.evals.suites.words.material import (
    COLOURS,
    HOUSES,
    MATERIALS,
    NUMBERS,
    WEEKDAYS,
    capital,
    person,
    place,
)


class Fact(NamedTuple):
    """A sentence that says something, a question that it answers, and the answer, which stands in it."""

    sentence: str
    question: str
    answer: str


class Note(NamedTuple):
    """An account. facts: what can be asked of it, in the order of the text; sentences: all of it."""

    title: str
    sentences: tuple[str, ...]
    facts: tuple[Fact, ...]

    def without(self, fact: Fact) -> str:
        """The text, without the sentence that answers."""
        return self._text([each for each in self.sentences if each != fact.sentence])

    @property
    def text(self) -> str:
        return self._text(self.sentences)

    def _text(self, sentences: Sequence[str]) -> str:
        half = (len(sentences) + 1) // 2
        return f"{self.title}\n\n{' '.join(sentences[:half])}\n\n{' '.join(sentences[half:])}"


_FACTS: "Mapping[str, tuple[Sequence[str], Sequence[str], Callable[[Random], str]]]" = {
    "founded": (
        ("The {house} was founded in {x}.", "Its first stone was laid in {x}.", "People have come here since {x}."),
        ("In which year was the {house} founded?", "In what year did the {house} begin?"),
        lambda chance: str(chance.randrange(1701, 1990)),
    ),
    "founder": (
        (
            "{x} founded it with money from the sale of a farm.",
            "It owes its beginning to {x}, who had sold a farm for it.",
            "The money came from a farm that {x} had sold to found it.",
        ),
        ("Who founded the {house}?", "Whose farm was sold to found the {house}?"),
        person,
    ),
    "head": (
        (
            "Today {x} runs the place.",
            "Since last spring {x} has been in charge.",
            "Letters are answered by {x}, who is in charge today.",
        ),
        ("Who is in charge of the {house} today?", "Who runs the {house} now?"),
        person,
    ),
    "price": (
        (
            "A ticket costs {x} crowns, whatever your age.",
            "Visitors pay {x} crowns at the door for a ticket.",
            "The price of a ticket is {x} crowns.",
        ),
        ("How many crowns does a ticket cost?", "What does a ticket cost, in crowns?"),
        lambda chance: str(chance.randrange(3, 98)),
    ),
    "closed": (
        (
            "Every {x} it is closed.",
            "Nobody is let in on a {x}, when everything is cleaned.",
            "The doors stay shut each {x}.",
        ),
        ("On which day of the week is the {house} closed?", "On what weekday can nobody get in?"),
        lambda chance: chance.choice(WEEKDAYS),
    ),
    "walls": (
        ("The walls are made of {x}.", "Its walls are of {x} from the hills.", "They built the walls of {x}."),
        ("What are the walls of the {house} made of?", "Of what material are the walls?"),
        lambda chance: chance.choice(MATERIALS),
    ),
    "door": (
        ("The door has been painted {x}.", "You will know it by the {x} door.", "A {x} door leads inside."),
        ("What colour is the door of the {house}?", "In which colour is the door painted?"),
        lambda chance: chance.choice(COLOURS),
    ),
    "steps": (
        (
            "{x} steps lead down to the cellar.",
            "There are {x} steps to the cellar.",
            "To reach the cellar one takes {x} steps.",
        ),
        ("How many steps lead to the cellar?", "How many steps does the way to the cellar have?"),
        lambda chance: str(chance.randrange(13, 80)),
    ),
    "staff": (
        (
            "{n} people are employed in winter.",
            "In winter it employs {x} people.",
            "The winter staff is {x} people.",
        ),
        ("How many people work at the {house} in winter?", "How many employees are there in winter?"),
        lambda chance: NUMBERS[chance.randrange(2, 13)],
    ),
    "distance": (
        (
            "The station is {x} metres away.",
            "From the station it is a walk of {x} metres.",
            "It lies {x} metres from the station.",
        ),
        ("How many metres is it to the station?", "How far is the station, in metres?"),
        lambda chance: str(chance.randrange(11, 99) * 10),
    ),
    "flood": (
        (
            "A flood in {x} carried off the roof.",
            "In {x} the roof was lost to a flood.",
            "The roof was swept away by the flood of {x}.",
        ),
        ("In which year did a flood take the roof?", "When was the roof lost to a flood?"),
        lambda chance: str(chance.randrange(1991, 2019)),
    ),
    "dog": (
        (
            "The dog that sleeps by the stove is called {x}.",
            "By the stove sleeps a dog called {x}.",
            "A dog by the name of {x} sleeps by the stove.",
        ),
        ("What is the dog called?", "What is the name of the dog by the stove?"),
        lambda chance: chance.choice(
            "Biscuit Pepper Admiral Thistle Bramble Comma Hazel Domino Marble Sprocket".split()
        ),
    ),
    "prize": (
        (
            "For its garden it won the prize of the {x} Society.",
            "The {x} Society gave it a prize for the garden.",
            "Its garden holds a prize of the {x} Society.",
        ),
        ("Which society gave a prize for the garden?", "Whose prize did the garden win?"),
        lambda chance: chance.choice("Heron Juniper Meridian Lapwing Foxglove Granite Halcyon Verdant".split()),
    ),
    "language": (
        (
            "Guided tours are given in English and {x}.",
            "Besides English, tours are held in {x}.",
            "Tours may be had in {x} as well as in English.",
        ),
        ("In which language besides English are tours given?", "What is the other language of the tours?"),
        lambda chance: chance.choice("Danish Polish Welsh Finnish Catalan Basque Turkish Maltese".split()),
    ),
}

_FILLERS = (
    "Nobody remembers a summer without visitors.",
    "The view over the water is what most people come for.",
    "There is a bench under the lime tree, and somebody is usually asleep on it.",
    "Those who arrive late are given tea all the same.",
    "A neighbour keeps the key when everybody is away.",
    "The bell is rung by hand.",
    "Photographs may be taken, and are taken often.",
    "It smells of wood and of rain.",
    "In bad weather the windows rattle, which the children like.",
    "What is left over at the end of the year goes to the village.",
    "A map hangs in the corridor, and is wrong.",
    "The old clock goes, but not with the time.",
    "Swallows nest above the entrance.",
    "More than one wedding has been held in the yard.",
    "There was talk of a second building, and it stayed talk.",
    "Everything else is done by volunteers.",
)


def note(chance: Random, facts: int = 6, fillers: int = 4) -> Note:
    """An account of a house, with as many facts that can be asked and sentences that say nothing."""
    house, where = chance.choice(HOUSES), place(chance)
    told = [_fact(chance, kind, house) for kind in chance.sample(sorted(_FACTS), facts)]
    if len({each.answer for each in told}) < facts:
        return note(chance, facts, fillers)
    sentences = [each.sentence for each in told] + chance.sample(_FILLERS, fillers)
    chance.shuffle(sentences)
    told.sort(key=lambda each: sentences.index(each.sentence))
    return Note(f"The {house} of {where}", tuple(sentences), tuple(told))


def _fact(chance: Random, kind: str, house: str) -> Fact:
    sentences, questions, draw = _FACTS[kind]
    answer = draw(chance)
    said = capital(chance.choice(sentences).format(house=house, x=answer, n=capital(answer)))
    return Fact(said, chance.choice(questions).format(house=house), answer)
