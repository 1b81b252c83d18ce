"""Instruments for text that know nothing of models: all of them keep exact offsets into the text they are given.

What lives here: `normalise` (typography folded away, with an offset map), `sentences` (sentence spans), `terms` and
`stopwords` (words to match by), `html` (HTML to text), `fenced` (code blocks of Markdown), `chunks` (passages to
search), `terminal` (text that cannot command a terminal).

Rules:
1. Offsets are code points of the text that was passed in.
2. Functions are pure, deterministic and linear in the length of the text.

May import the standard library only.
"""
