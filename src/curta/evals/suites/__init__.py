"""Suites: how small can a model be, and still be useful? Families of tasks, each an experiment on models.

Rules:
1. A family is scored by programs, and its references prove that its scorers work (`checking`).
2. Families are never averaged into one number: a model that writes programs and misquotes is not "as good as" another.
3. Nothing is kept here: a family's calls, plan and scores are those of an experiment, so that a suite goes on where it
   was, and is read again, by the same command.

family.py   the nouns: a family of tasks, a suite of families   words/       the suite that comes along
reading.py  suites of one's own, in YAML                        checking.py  do the references score 1, the wrong not?
sizes.py    how large models are, the smallest first            ranking.py   scores become the smallest that will do
running.py  a suite that runs                                   known.py     what is known of it, as values
table.py    as text and Markdown                                page.py      as one HTML file

May import what `evals` may.
"""
