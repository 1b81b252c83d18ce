"""Instruments that decide what can be decided about an answer: quotations, authors, numbers, counts, names.

"Verified" means: these words, by this author, at this place. It does not mean true, nor that a summary is fair.

Rules:
1. Nothing is accepted on a score. A quotation passes when its words stand in one author's text, whole at every end.
2. When in doubt a claim fails or is listed as unchecked; it is never passed.
3. Offsets refer to the stored text of a Document. Everything is compared in one normal form (`curta.text.normalise`).
4. No model is asked, nothing is logged and nothing is printed here.

What to open: `checking` (the whole answer), `extract`, `structured`, `fences` and `attribution` (what an answer quotes,
and whom; `mentions` and `surroundings` read the names), `source` (Documents made searchable), `tokens` (what may not be
cut), `verify` (the tiers), `elision` and `alignment` (the second and third of them), `languages` (what negates),
`numbers` with `numerals`, `units` and `expression`, `counts`, `names`, `unchecked`, `report` (the values), `summary`
(the report for people), `differences`, `repair` (messages and mending).

May import `curta.text`, `schemas`, `messages`, `events`, `errors`.
"""

from curta.quotes.checking import check
from curta.quotes.repair import fix
from curta.quotes.report import Count, Number, Passage, Quote, Report
from curta.quotes.source import Place, Sources
from curta.quotes.summary import Line, lines

__all__ = ["Count", "Line", "Number", "Passage", "Place", "Quote", "Report", "Sources", "check", "fix", "lines"]
