"""Summarise what several people said, with their own words as evidence."""

from random import Random

from curta.evals.suites.family import Family, Row, generated
from curta.evals.suites.words.material import HOUSES, day, people, place, spelt

_MOST_WORDS = 110

_POINTS = (
    ("insurance", "We cannot go on without insurance, and the premium doubles if we wait."),
    ("parking", "Half of the complaints I read last year were about parking."),
    ("roof", "The roof will not last another winter like the last one."),
    ("volunteers", "It is the volunteers who keep this place open, and there are fewer of them each year."),
    ("loan", "A loan would cost us more than it brings, and I will vote against it."),
    ("tickets", "People would pay more for tickets if they knew what they were paying for."),
    ("school", "The school would come every week if somebody fetched the children."),
    ("winter", "Nobody has ever shown me that opening in winter pays for the heating."),
    ("archive", "The archive is damp, and what is lost there nobody can print again."),
    ("noise", "I live next door, and the noise stops at ten only on paper."),
    ("website", "Our website still gives the opening hours of three years ago."),
    ("lift", "Without a lift a third of our own members cannot come upstairs."),
    ("grant", "The grant has to be asked for by Friday or not at all."),
    ("trees", "Before anybody cuts down the trees I want to see the report with my own eyes."),
    ("cash", "Two evenings in five the cash does not agree with the book."),
    ("bus", "The last bus leaves before the second half begins."),
    ("kitchen", "The kitchen has not passed an inspection since the pipes burst."),
    ("contract", "Our contract with the brewery ends in June, and nobody has read it."),
    ("signs", "Strangers walk past us because the signs are on the wrong road."),
    ("fire", "In a fire there would be one way out, and it is locked from outside."),
)
_REST = (
    "I have said so before.",
    "That is all I have to say about it.",
    "Some of you will not like to hear it.",
    "I can show the figures to anybody who wants them.",
    "We should have spoken of it a year ago.",
    "My predecessor said the same, and was not heard.",
    "I do not ask for thanks.",
    "Ask anybody who was there on Sunday.",
    "Perhaps I am wrong, and then I should like to know why.",
    "It would take one afternoon to put right.",
)
_ASKS = (
    "Summarise what was said, in at most {n} words. Name every point that was made. Quote at least two people word for"
    " word, in quotation marks, each followed by a dash and the speaker's name.",
    "Write a summary of at most {n} words which leaves out no speaker's point. At least two of the points are to be"
    ' quotations in this form: "words" — Name.',
    "In no more than {n} words: what did each of them say? Give at least two of them in their own words, in quotation"
    " marks, with a dash and the name after it.",
)


def _summary(chance: Random) -> Row:
    speakers = people(chance, 4)
    points = chance.sample(_POINTS, 4)
    said = [
        {"author": speaker, "text": f"{chance.choice(_REST)} {sentence} {' '.join(chance.sample(_REST, 2))}"}
        for speaker, (_, sentence) in zip(speakers, points, strict=True)
    ]
    title = f"Minutes of the {chance.choice(HOUSES)} of {place(chance)}, {spelt(day(chance))}"
    quotations = [f'"{point[1]}" — {speaker}' for speaker, point in zip(speakers, points, strict=True)]
    return {
        "ask": chance.choice(_ASKS).format(n=_MOST_WORDS),
        "text": "\n\n".join([title, *(f"{each['author']}: {each['text']}" for each in said)]),
        "said": said,
        "points": [[key, key.removesuffix("s")] for key, _ in points],
        "reference": "\n\n".join(quotations),
    }


SUMMARISE = Family(
    "summarise",
    "Summarises what several people said: true quotations, the right names, every point, short enough.",
    {
        "prompt": "$ask",
        "documents": ["text"],
        "score": {
            "product": [
                {"length": {"max_words": _MOST_WORDS}},
                {"coverage": "$points"},
                {"quotes": {"against": "$said", "least": 2}},
                {"attribution": {"against": "$said", "least": 2}},
            ]
        },
    },
    generated("summarise", _summary),
)
