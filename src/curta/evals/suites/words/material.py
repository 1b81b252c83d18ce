"""Invented people, places and dates: what the texts of the tasks are about, so that no model knows it before."""

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

FIRST = (
    "Ada Bruno Celia Dario Edith Felix Greta Henrik Ines Jonas Karla Leo Mira Nils Olga Pavel Rosa Silas Tessa Ulla"
    " Victor Wanda Yusuf Zoe Anselm Bettina Cosmo Delia Emil Freya Gideon Hanna Ivo Judith Kaspar Lotte Milo Nora"
).split()
LAST = (
    "Abelson Bright Cordell Dunmore Eastlake Farrow Gilling Hartwig Ibsley Jarrow Kettle Lindqvist Marsden Nettle"
    " Oakham Pryor Quist Rowntree Sandal Tolliver Umber Vantongeren Whitlock Yarrow Zeller Ashby Birkett Crane Dalloway"
    " Elmhurst Fenwick Grice Holloway Inkpen Joyner Kilburn Larkin Mosse"
).split()
PLACES = (
    "Harle Ostby Quillan Merrow Tansley Drumfield Velby Castor-on-Lune Ponteland Ravensby Skarholm Little-Orme Thurne"
    " Ulverby Wexcombe Yarnham Aldmoor Brightsea Cinder-Hill Dovecote Ebbsworth Fallow-End Glimmer-Bay Hawkstone"
    " Ilverton Jessamine Kirkwell Lantern-Quay Mossdale Northwater"
).split()
HOUSES = (
    "ferry",
    "library",
    "observatory",
    "lighthouse",
    "bakery",
    "theatre",
    "printing house",
    "botanical garden",
    "swimming bath",
    "school of music",
    "railway museum",
    "weather station",
    "boatyard",
    "cheese dairy",
)
THINGS = (
    "lanterns umbrellas kettles ladders baskets blankets candles buckets notebooks compasses chairs teapots bicycles"
    " ropes mirrors brushes"
).split()
COLOURS = "green blue red yellow white black orange purple".split()
MATERIALS = "oak granite copper slate brick iron cedar limestone bronze larch".split()
MONTHS = "January February March April May June July August September October November December".split()
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()


def person(chance: Random) -> str:
    return f"{chance.choice(FIRST)} {chance.choice(LAST)}"


def people(chance: Random, count: int) -> list[str]:
    """People none of whose names are alike."""
    return [" ".join(each) for each in zip(chance.sample(FIRST, count), chance.sample(LAST, count), strict=True)]


def place(chance: Random) -> str:
    return chance.choice(PLACES).replace("-", " ")


def day(chance: Random, first: int = 2019, last: int = 2029) -> date:
    return date(first, 1, 1) + timedelta(days=chance.randrange(365 * (last - first)))


def spelt(when: date) -> str:
    """`3 May 2024`."""
    return f"{when.day} {MONTHS[when.month - 1]} {when.year}"


def listed(several: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(several[:-1]), several[-1])))


def article(noun: str) -> str:
    """`an observatory`."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
