"""The built-in model that cannot invent: whatever it prints is a verbatim slice of the texts it was given.

It has no weights, no key and no network. It quotes the sentences that answer a question, or one sentence for each part
of a text, or one comment for each theme of a discussion; it says nothing when the text does not speak of the matter.

Rules:
1. Every quotation is `document.text[start:end]`. Nothing here makes a sentence.
2. The same input gives the same bytes on every platform: no randomness, no clock, no sums in the order of a set; sums
   of fractions go through `math.fsum`, logarithms are rounded before they are compared.
3. Time is linear in the length of the sources. Words in the sources are data; only the last user message is obeyed.

    model.py      the `Model`: options, refusals, events          wish.py       what the message asks for
    reading.py    Documents -> sentences with terms               question.py   the sentences that answer
    weights.py    how much a term says, how alike sentences are   summary.py    one sentence for each stretch
    reply.py      a wish carried out                              vocabulary.py how people ask for summaries
    legible.py    which sentences can be read alone               themes.py     one comment for each theme
    kinds.py      the kind of answer a question wants             quotation.py  a quotation as text and as JSON
    speech.py     quotation marks, and what completes them

May import the ground (`messages`, `events`, `errors`, `text`) and `models.model`.
"""

from curta.models.extractive.model import Extractive
from curta.models.extractive.quotation import QUOTATION_SCHEMA

__all__ = ["QUOTATION_SCHEMA", "Extractive"]
