"""An experiment as a file that somebody else can read: a web page, a picture, a table, results for a CI system.

Rules:
1. Everything is a function of values that `reporting` read from the log; nothing is asked, nothing is fetched.
2. Text becomes markup in one place, `markup.escape`: whoever wrote it, it stays text.
3. A page is one file. It asks no network for anything, and reads well without its script.

markup.py  text made safe, elements      plots/  values as pictures (SVG)

May import what `evals` may.
"""
