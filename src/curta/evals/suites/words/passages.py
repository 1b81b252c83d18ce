"""Sentences of The Diary of a Nobody, by George and Weedon Grossmith (1892, out of copyright), for tasks that count."""

from random import Random

_SENTENCES = (
    "I cannot tell what induced me to do it, but I seized her round the waist, and we were silly enough to be executing"
    " a wild kind of polka when Sarah entered, grinning.",
    "Spent the evening in answering, and tearing up again, the reply to the Mansion House.",
    "I felt the reply was too simple; but of course Mr. Perkupp knows best.",
    "Sent my dress-coat and trousers to the little tailor's round the corner, to have the creases taken out.",
    "When a vulgar man like Spotch is asked, I feel my invitation is considerably discounted.",
    "In the evening, while I was out, the little tailor brought round my coat and trousers, and because Sarah had not a"
    " shilling to pay for the pressing, he took them away again.",
    "I was too angry to say anything.",
    "Bought a pair of lavender kid-gloves for next Monday, and two white ties, in case one got spoiled in the tying.",
    "I had to get dressed at half-past six, as Carrie wanted the room to herself.",
    "I indignantly threw them on the ground, and felt so annoyed that I so far forgot myself as to box the boy's ears.",
    "He went away crying, and said he should summons me, a thing I would not have happen for the world.",
    "In the dark, I stepped on a piece of the cabbage, which brought me down on the flags all of a heap.",
    "There was an immense crowd in the supper-room, and, my stars! it was a splendid supper.",
    "Carrie made a most hearty supper, for which I was pleased; for I sometimes think she is not strong.",
    "There was scarcely a dish she did not taste.",
    "I wish I could have thought of something better to say.",
    "For full five minutes they stood roaring with laughter, and stood digging each other in the ribs.",
    "They kept telling each other they didn't look a day older.",
    "The Sheriff handed me a glass of champagne.",
    "I had got on a new pair of boots.",
    "I need hardly say that Carrie fell with me with equal violence, breaking the comb in her hair and grazing her"
    " elbow.",
    "There was a roar of laughter, which was immediately checked when people found that we had really hurt ourselves.",
)


def passage(chance: Random) -> str:
    """Some of the sentences, in some order."""
    return " ".join(chance.sample(_SENTENCES, chance.randrange(4, 8)))
