"""Schemas: what an answer in JSON has to look like; written in short, kept by name, and checked.

Rules:
1. A schema is a plain mapping, in the order its author wrote it: models fill fields in in that order.
2. What nobody would enforce is refused by its name: a provider that ignores a keyword does not make it true, so every
   keyword is checked here, when the answer has arrived. Nothing a model says has to be believed.
3. Names nothing but its own files; the log and templates are asked by whoever knows them.

shorthand.py  `name, age int` made into a schema     keywords.py   which keywords there are, and their form
following.py  whether a value follows a schema       saved.py      schemas kept under a name
summary.py    a schema on one line, its id

May import `messages`, `errors`, `config`, `text`.
"""

from curta.schemas.following import follow, problems
from curta.schemas.keywords import checked
from curta.schemas.shorthand import items_of, shorthand
from curta.schemas.summary import id_of, summary

__all__ = ["checked", "follow", "id_of", "items_of", "problems", "shorthand", "summary"]
