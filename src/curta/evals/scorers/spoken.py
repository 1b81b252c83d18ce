"""What an answer says to its reader, as patterns read it: folded, contractions written out, one space between words."""

import re

from curta.text.normalise import normalise

LONGEST = 50_000
"""Characters that are read. What is said to somebody is said sooner."""

_CONTRACTIONS = (
    (re.compile(r"\bcan't\b|\bcannot\b"), "can not"),
    (re.compile(r"\bwon't\b"), "will not"),
    (re.compile(r"n't\b"), " not"),
    (re.compile(r"\bi'm\b"), "i am"),
    (re.compile(r"'re\b"), " are"),
    (re.compile(r"'ll\b"), " will"),
    (re.compile(r"'ve\b"), " have"),
    (re.compile(r"\blet's\b"), "let us"),
)
_QUOTED = re.compile(r'"[^"]{0,2000}"')


def spoken(text: str, *, quoted: bool = True) -> str:
    """`text` as words, each apart by one space. quoted: also those in quotation marks, which are somebody else's."""
    folded = normalise(text[:LONGEST]).text
    if not quoted:
        folded = _QUOTED.sub(" ", folded)
    for pattern, written_out in _CONTRACTIONS:
        folded = pattern.sub(written_out, folded)
    return " ".join(re.findall(r"\w+", folded))


def any_of(*several: str) -> str:
    """A pattern for any of these words and phrases, which are apart by `,`."""
    return f"(?:{'|'.join(each.strip() for words in several for each in words.split(','))})"
