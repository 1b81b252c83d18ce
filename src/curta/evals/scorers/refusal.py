"""Whether an answer says that what was asked for is not there, and whether it should."""

import re
from collections.abc import Mapping
from functools import cache

from curta.evals.scorers.kinds import Kind
from curta.evals.scorers.scorer import Rated, Sample
from curta.text.normalise import normalise
from curta.text.sentences import sentences

_AMONG_FIRST = 2  # sentences
_WAYS = (
    ("not nowhere never cannot", "say said state mention specif provid contain includ giv tell indicat address"),
    ("not nowhere never cannot unable", "found find known know available answer determin conclu in present possible"),
    ("no", "information mention answer indication detail evidence reference"),
    (
        "nicht nirgends kein keine keinen",
        "erwähnt genannt angegeben enthalten hervor angabe information antwort bekannt",
    ),
    ("weiß wissen", "nicht"),
    ("ne pas aucun aucune", "mention précis indiqu contient dit sais information réponse"),
    ("no", "menciona indica especifica contiene dice sé hay aparece información respuesta"),
    ("non nessuna", "menzionat indicat specificat dice contiene so informazion rispost"),
    ("não nenhuma", "menciona indica especifica contém diz sei há informaç"),
    ("niet geen", "vermeld genoemd informatie antwoord gegeven bekend"),
)
"""What says no, and how one of the next words begins, in seven languages."""
_ALONE = "unknown unanswerable insufficient unbekannt inconnu desconocido"


def refusal(sample: Sample, expected: bool = True, says: str = "") -> Rated:
    """Whether the answer declines exactly when it should (`expected`: the answer is not in what was given).

    says: the very words it was told to decline with; else it is told by how seven languages say so. Take the mean over
    pairs of inputs that differ only in whether the answer is there: who always declines scores one half.
    """
    declined = _folded(says) in _folded(sample.output) if says else declines(sample.output)
    return float(declined == expected), {"declined": declined}


def declines(text: str) -> bool:
    """Whether a text says at its beginning that it has no answer; an empty one does."""
    first = sentences(text)[:_AMONG_FIRST]
    if not first:
        return True
    words = _folded(text[first[0][0] : first[-1][1]])
    return _patterns().search(re.sub(r"\bn'", "ne ", words.replace("n't", " not"))) is not None


def _folded(text: str) -> str:
    return normalise(text).text.strip(" .!\"'*")


@cache
def _patterns() -> re.Pattern[str]:
    """Words are apart by one space: a pattern that might part a word anywhere could take forever."""
    ways = ((negations.replace(" ", "|"), words.replace(" ", "|")) for negations, words in _WAYS)
    said = (rf"\b(?:{negations})(?: \w+){{0,4}} (?:{words})" for negations, words in ways)
    return re.compile("|".join((*said, rf"\b(?:{_ALONE.replace(' ', '|')})\b")))


KINDS: Mapping[str, Kind] = {"refusal": Kind(refusal)}
