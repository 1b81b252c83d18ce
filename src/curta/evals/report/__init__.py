"""An experiment as a file that somebody else can read: a web page, a picture, a table, results for a CI system.

Rules:
1. Everything is a function of values that `reporting` read from the log; nothing is asked, nothing is fetched.
2. Text becomes markup in one place, `markup.escape`: whoever wrote it, it stays text.
3. A page is one file. It asks no network for anything, and reads well without its script.

study.py      its answers by unit, what they took  arms.py        means of ways of asking, with intervals
items.py      where two arms differ, with texts    values.py      what pictures show
plots/        values as pictures (SVG)             characters.py  intervals drawn in a terminal
page.py       the page                             sections.py, cards.py, figures.py, plan.py   what stands on it
style.py      how it looks                         markup.py      text made safe, elements
spec_file.py  the spec as a file                   words.py       scores as people read them
junit.py      JUnit XML                            table.py       rows, CSV

May import what `evals` may.
"""
