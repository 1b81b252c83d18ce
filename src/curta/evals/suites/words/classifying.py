"""Put a message under one of several labels."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import NamedTuple

from curta.evals.suites.family import Family, Row, generated
from curta.evals.suites.words.material import THINGS, WEEKDAYS, person, place


class _Labels(NamedTuple):
    """A set of labels. sentences: what makes a message fall under each; around: what says nothing of it."""

    what: str
    sentences: Mapping[str, Sequence[str]]
    around: Sequence[str]


_MAIL = _Labels(
    "what the message wants",
    {
        "complaint": (
            "Two of the {things} arrived broken, and nobody has answered my letters.",
            "I have waited three weeks for the {things} that you promised for {weekday}.",
            "The colour came off on the first day; that is not what I paid for.",
            "Your driver left the parcel in the rain, and everything in it is spoilt.",
            "I was charged twice for the same {things}, and I want this put right.",
            "The man at your counter laughed at me when I showed him the crack.",
        ),
        "order": (
            "Please send me twelve {things} to the address in {place}.",
            "I should like to have four more of the {things}, the large ones.",
            "Put me down for a set of {things}, payment on delivery.",
            "We will take all the {things} that you have left.",
            "My shop in {place} needs thirty {things} by {weekday}.",
            "Kindly deliver another dozen {things}, as in spring.",
        ),
        "cancellation": (
            "I no longer need the {things}; do not send them.",
            "Strike my name off the list for {weekday}, as I shall be away.",
            "We have changed our minds about the {things}, so please stop everything.",
            "Consider our agreement at an end from {weekday} on.",
            "Take back the reservation that I made in {place}.",
            "Nothing is to be delivered after all: the shop in {place} is closing.",
        ),
        "question": (
            "Do the {things} also come in a smaller size?",
            "Until what time is your office in {place} open on a {weekday}?",
            "Can one pay for the {things} by instalments?",
            "Which of the {things} would you choose for a house by the sea?",
            "How long does delivery to {place} take at this time of the year?",
            "Is there somebody in {place} who mends {things}?",
        ),
        "praise": (
            "The {things} are the best that I have had in forty years.",
            "Everybody in {place} asks me where I found such {things}.",
            "Your people were kindness itself when I came on {weekday}.",
            "I have rarely seen anything packed with so much care.",
            "The {things} came a day early and shine like new coins.",
            "My mother, who likes nothing, likes your {things}.",
        ),
    },
    (
        "I have been a customer of yours since I moved to {place}.",
        "My name is {person}.",
        "I was in {place} last {weekday}.",
        "It has rained here for a week.",
        "I read about your shop in the paper.",
        "I do not write letters often.",
        "You may remember me: I am the one with the hat.",
    ),
)
_REVIEW = _Labels(
    "what the guest thought of the hotel",
    {
        "positive": (
            "We slept well, ate well, and shall be back before the year is out.",
            "I would not change a thing about the house.",
            "They found us a room when nobody else would, and a lovely one.",
            "The breakfast alone is worth the journey to {place}.",
            "I cried a little when we had to leave.",
        ),
        "negative": (
            "The bed was damp, and the window did not close.",
            "I would rather sleep at the station of {place} than there again.",
            "We asked for quiet and were given the room above the kitchen.",
            "The soup was cold on {weekday} and colder on the day after.",
            "Nobody at the desk could be troubled to look up.",
        ),
        "mixed": (
            "The food was splendid, and the bed a torment.",
            "A lovely view, though the walls are of paper.",
            "Friendly people; it is only that nothing in the room works.",
            "Half of it I would praise to anybody, of the other half I will not speak.",
            "The room was perfect, and the bill a scandal.",
        ),
    },
    (
        "We stayed for three nights.",
        "We came from {place} by train.",
        "It was our first time in {place}.",
        "We arrived on a {weekday}.",
        "{person} had told us about it.",
        "There were six of us.",
    ),
)
_NEWS = _Labels(
    "the section of the newspaper it belongs to",
    {
        "weather": (
            "Fog will lie over {place} until noon, and lift for an hour at most.",
            "From {weekday} on there will be frost down to the valleys.",
            "A storm off {place} is moving inland.",
        ),
        "sport": (
            "{place} lost by two goals in the last minute of extra time.",
            "{person} won the hundred metres, barefoot.",
            "The rowing club of {place} has a new captain.",
        ),
        "business": (
            "The brewery in {place} is to be sold for nine million crowns.",
            "Shares of the cable works fell by a tenth on {weekday}.",
            "Wages at the mill go up by three in a hundred.",
        ),
        "culture": (
            "The choir sings the great mass again, with {person} at the organ.",
            "{person} reads from a new novel on {weekday}.",
            "The gallery in {place} shows etchings that were thought lost.",
        ),
        "traffic": (
            "The bridge at {place} is closed to lorries until {weekday}.",
            "Trains to {place} run every two hours while the points are mended.",
            "Two carts collided at the crossing, and nobody was hurt.",
        ),
    },
    (
        "Our correspondent in {place} reports.",
        "So we hear from {person}.",
        "It was the talk of {place} yesterday.",
        "We shall return to the matter on {weekday}.",
        "A photograph is on the last page.",
    ),
)
_ASKS = (
    "Classify the document by {what}. Answer with one label and nothing else: {labels}.",
    "Which of these labels fits the document, judged by {what}? {labels}. Write the label only.",
    "Labels: {labels}.\nWrite the one that says {what}; a single word.",
)


def _message(chance: Random) -> Row:
    labels = chance.choice((_MAIL, _REVIEW, _NEWS))
    names = list(labels.sentences)
    label = chance.choice(names)
    sentences = [chance.choice(labels.sentences[label]), *chance.sample(labels.around, 2)]
    chance.shuffle(sentences)
    filled = {
        "things": chance.choice(THINGS),
        "weekday": chance.choice(WEEKDAYS),
        "place": place(chance),
        "person": person(chance),
    }
    chance.shuffle(names)
    return {
        "ask": chance.choice(_ASKS).format(what=labels.what, labels=", ".join(names)),
        "text": " ".join(sentences).format(**filled),
        "label": label,
        "labels": names,
        "reference": label,
    }


CLASSIFY = Family(
    "classify",
    "Puts a message under the right one of three or five labels.",
    {
        "prompt": "$ask",
        "documents": ["text"],
        "score": [{"choice": {"label": "$label", "of": "$labels"}}, {"chosen": {"of": "$labels"}}],
    },
    generated("classify", _message),
    floor=round((1 / 5 + 1 / 3 + 1 / 5) / 3, 2),
)
