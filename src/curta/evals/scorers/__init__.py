"""Scorers: how good an answer is, in [0, 1], and why.

Rules:
1. A score is a number in [0, 1] with its detail, or a failure with its reason. What a scorer raises, and a number
   outside of [0, 1], are failures: never a crash, and never silently a zero.
2. A scorer has a version, which changes with what it would say of the same answer.
3. Answers are untrusted: no pattern, program or number in them can hold a scorer up for longer than its limit.
4. What a program can decide no model is asked about. A model's judgement is called unvalidated until people's labels
   stand beside it (`statistics.judges`).

scorer.py    the nouns: Sample, Score, Scorer    reading.py      `{contains: $answer}` made into a Scorer
kinds.py     which kinds there are, and where    settings.py     what a scorer is told, made to fit
filling.py   `$column` in it                     plugged.py      scorers of plugins

matching.py  equals, contains and its kin        patterns.py     regex, in a process that can be ended: regex_process.py
structure.py json-schema, field-f1               overlap.py      token-f1
numeric.py   numeric                             choice.py       choice
length.py    length                              constraints.py  instructions that can be verified, written by us
quoting.py   quotes, attribution                 refusal.py      whether it says that the answer is not there
program.py   a program passes its tests          judge.py        a model's judgement, asked in both orders
expected.py  what an input expects of its own answer   guests.py     so many programs at once

May import `quotes`, `sandbox`, `conversations`, `models`, `schemas`, `text`, `plugins` and the nouns.
"""

from curta.evals.scorers.reading import scorer_of
from curta.evals.scorers.scorer import Sample, Score, Scorer

__all__ = ["Sample", "Score", "Scorer", "scorer_of"]
