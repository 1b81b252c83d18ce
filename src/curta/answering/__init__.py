"""Answers that prove themselves: ask, check against the sources, have it mended, and strike out what stays unproven.

What lives here: `quoted.py`, the loop behind `--quotes` and `--check`.

Rules:
1. A model's word that it quoted correctly counts for nothing; `quotes` decides.
2. Every round is a call of its own in the log, with its verdict.
3. What is struck out is shown as struck out, never dropped silently.

May import instruments and everything below; no face.
"""
